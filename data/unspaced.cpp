#include "data/unspaced.h"

#include <algorithm>

#include "data/letters.h"
#include "data/utf8.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

struct Script {
  const char* name;
  std::vector<int> ranges;                      // where its blocks begin and end, in turn
  double most;                                  // mean letters of a word; sentences have more
};

// Words of Chinese and Japanese are of a letter or two or three; an alphabet's are longer, the more
// so as its vowels and tones count.
const std::vector<Script>& scripts() {
  static const std::vector<Script> all = {
      {"Chinese or Japanese", {0x3005, 0x3008, 0x3040, 0x3100, 0x31F0, 0x3200, 0x3400, 0x4DC0,
                               0x4E00, 0xA000, 0xF900, 0xFB00, 0xFF66, 0xFFA0, 0x20000, 0x32400},
       3},
      {"Thai", {0xE00, 0xE80}, 7.5},
      {"Lao", {0xE80, 0xF00}, 7.5},
      {"Myanmar", {0x1000, 0x10A0, 0xA9E0, 0xAA00, 0xAA60, 0xAA80}, 7.5},
      {"Khmer", {0x1780, 0x1800, 0x19E0, 0x1A00}, 7.5}};
  return all;
}

}  // namespace

std::string unspaced_script(const std::vector<Tokens>& sentences) {
  const std::vector<Script>& all = scripts();
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

std::string unspaced_note(const std::string& side, const std::vector<Tokens>& sentences) {
  const std::string script = unspaced_script(sentences);
  if (script.empty()) return "";
  return join("note: ", side, " is ", script, " without blanks between words, so that a sentence ",
              "is one word; part it into words first");
}

}  // namespace babelgrad
