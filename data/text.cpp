#include "data/text.h"

#include <algorithm>
#include <utility>

#include "data/utf8.h"
#include "tensor/check.h"

namespace babelgrad {

std::string lower(std::string_view s) {
  std::string out;
  each_code_point(s, [&](int c, std::string_view bytes) {
    if (c < 0) out += bytes;
    else out += encode_utf8(int(lower(char32_t(c))));
  });
  return out;
}

std::string plain_blanks(std::string_view s) {
  std::string out;
  each_code_point(s, [&](int c, std::string_view bytes) { out += is_blank(c) ? " " : bytes; });
  return out;
}

Tokens split(std::string_view s) {
  Tokens out;
  bool inside = false;
  each_code_point(s, [&](int c, std::string_view bytes) {
    bool was_inside = std::exchange(inside, !is_blank(c));
    if (inside && !was_inside) out.emplace_back();
    if (inside) out.back() += bytes;
  });
  return out;
}

Tokens split_at_spaces(std::string_view s) {
  Tokens out;
  for (std::size_t from = 0, to; from < s.size(); from = to + 1) {
    to = std::min(s.find(' ', from), s.size());
    if (to > from) out.emplace_back(s.substr(from, to - from));
  }
  return out;
}

std::string join(const Tokens& tokens) {
  std::string out;
  for (const std::string& token : tokens) out += (&token == &tokens[0] ? "" : " ") + token;
  return out;
}

std::string capitalized(std::string_view sentence) {
  std::string out;
  bool waiting = true;                          // for the first letter or digit
  each_code_point(sentence, [&](int c, std::string_view bytes) {
    out += waiting && c >= 0 ? encode_utf8(int(upper(char32_t(c)))) : std::string(bytes);
    if (c < 0 || !(is_blank(c) || is_punctuation(c) || c == '\'' || c == '-')) waiting = false;
  });
  return out;
}

namespace {

struct Script {
  const char* name;
  std::vector<int> ranges;                      // where its blocks begin and end, in turn
  double most;                                  // mean letters of a word; sentences have more
};

// Is most of this text in a script without blanks between words? Then the name of the script. Words
// of Chinese and Japanese have one to three letters; words of an alphabet are longer, the more so
// as its vowels and tones count.
std::string unspaced_script(const std::vector<Tokens>& sentences) {
  static const std::vector<Script> all = {
      {"Chinese or Japanese", {0x3005, 0x3008, 0x3040, 0x3100, 0x31F0, 0x3200, 0x3400, 0x4DC0,
                               0x4E00, 0xA000, 0xF900, 0xFB00, 0xFF66, 0xFFA0, 0x20000, 0x32400},
       3},
      {"Thai", {0xE00, 0xE80}, 7.5},
      {"Lao", {0xE80, 0xF00}, 7.5},
      {"Myanmar", {0x1000, 0x10A0, 0xA9E0, 0xAA00, 0xAA60, 0xAA80}, 7.5},
      {"Khmer", {0x1780, 0x1800, 0x19E0, 0x1A00}, 7.5}};
  std::vector<Index> letters(all.size()), words(all.size());
  Index others = 0;
  for (const Tokens& sentence : sentences) {
    for (const std::string& word : sentence) {
      std::vector<bool> has(all.size());
      each_code_point(word, [&](int c, std::string_view) {
        if (c < 0 || is_punctuation(char32_t(c))) return;
        const auto of = std::ranges::find_if(all, [c](auto& s) { return within(c, s.ranges); });
        if (of == all.end()) others += is_letter(char32_t(c));
        else letters[of - all.begin()]++, has[of - all.begin()] = true;
      });
      for (std::size_t i = 0; i < has.size(); i++) words[i] += has[i];
    }
  }
  const auto most = std::size_t(std::ranges::max_element(letters) - letters.begin());
  const bool one_word = double(letters[most]) > all[most].most * double(words[most]);
  return letters[most] > others && one_word ? all[most].name : "";
}

}  // namespace

std::string unspaced_note(const std::string& side, const std::vector<Tokens>& sentences) {
  const std::string script = unspaced_script(sentences);
  if (script.empty()) return "";
  return join("note: ", side, " is ", script, " without blanks between words, so that a sentence ",
              "is one word; part it into words first");
}

}  // namespace babelgrad
