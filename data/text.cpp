#include "data/text.h"

#include <algorithm>
#include <utility>

#include "data/apostrophes.h"
#include "data/moses.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

bool in_word(char32_t c) { return !is_punctuation(c) && c != '\''; }
bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

bool ends_at(std::u32string_view word, std::size_t i) {  // or the next apostrophe follows
  return i >= word.size() || word[i] == '\'';
}

// How much of a word without punctuation is its first token: l'oiseau 2, he's 2, 'tis 1, o'clock 7.
std::size_t first_token(std::u32string_view word) {
  if (word[0] == '\'') return std::max<std::size_t>(1, tail_at(word, 0));
  for (auto at = word.find('\''); at != word.npos; at = word.find('\'', at + 1)) {
    if (tail_at(word, at)) return at;
    if (elides(word.substr(0, at))) return at + 1;
    if (ends_at(word, at + 1)) return at;       // a closing quote
  }
  return word.size();
}

void split_apostrophes(std::u32string_view word, Tokens& out) {
  while (!word.empty()) {
    std::size_t length = first_token(word);
    out.push_back(encode_utf8(word.substr(0, length)));
    word.remove_prefix(length);
  }
}

std::size_t entity_length(std::u32string_view s) {  // &apos; and its like
  std::size_t end = s[0] == '&' ? s.substr(0, 10).find(';') : s.npos;
  if (end == s.npos || end == 1) return 0;
  auto name = [](char32_t c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '#'; };
  return std::all_of(s.begin() + 1, s.begin() + end, name) ? end + 1 : 0;
}

// Does the punctuation at s[i] belong to the word around it? 3.14, 1,000, u.s., and, in a sentence
// whose full stop stands free (so it is tokenised already), every dot that is not in a row: mr. The
// marks of some scripts stand in a word as an apostrophe does: col·lecció, ինչո՞ւ, צה״ל, ٣٫١٤.
bool belongs(std::u32string_view s, std::size_t i, std::size_t start, bool free_stop) {
  char32_t before = i > start ? s[i - 1] : U'.', after = i + 1 < s.size() ? s[i + 1] : U'.';
  constexpr std::u32string_view inner = U"\u00B7\u055B\u055C\u055E\u055F\u05F3\u05F4\u066B\u066C"
                                        U"\u2027";
  if (s[i] == ',') return is_digit(before) && is_digit(after);
  if (inner.find(s[i]) != inner.npos) return in_word(before) && in_word(after);
  if (s[i] != '.') return false;
  bool in_row = (i > 0 && s[i - 1] == '.') || (i + 1 < s.size() && after == '.');
  if (free_stop) return !in_row;
  bool initials = i >= start + 2 && s[i - 2] == '.' && in_word(before) && !in_row;
  return initials || (in_word(before) && in_word(after));
}

void split_punctuation(std::u32string_view s, bool free_stop, Tokens& out) {
  std::size_t start = 0, i = 0;                 // s[start..i) is the word so far
  while (i < s.size()) {
    if (auto entity = entity_length(s.substr(i))) { i += entity; continue; }
    if (!is_punctuation(s[i]) || belongs(s, i, start, free_stop)) { i++; continue; }
    split_apostrophes(s.substr(start, i - start), out);
    start = i++;
    while (s[start] == '.' && i < s.size() && s[i] == '.') i++;  // an ellipsis is one token
    out.push_back(encode_utf8(s.substr(start, i - start)));
    start = i;
  }
  split_apostrophes(s.substr(start), out);
}

// "(https://a.b/c?d=1)." -> {1, 17}, where the address begins and how long it is; {0, 0}: there is
// none. It ends before a quote, a bracket < >, a dash, and before punctuation at its end.
std::pair<std::size_t, std::size_t> address_in(std::u32string_view s) {
  const std::size_t colon = s.find(U"://");
  std::size_t begin = colon;
  if (colon == s.npos) return {0, 0};
  while (begin > 0 && s[begin - 1] >= 'a' && s[begin - 1] <= 'z') begin--;
  if (begin == colon) return {0, 0};
  s = s.substr(0, std::min(s.find_first_of(U"\"<>«»‹›“”„—", colon), s.find(U"&quot;", colon)));
  while (is_punctuation(s.back()) || s.back() == '\'') s.remove_suffix(1);
  return {begin, s.size() - begin};
}

// Without what nobody sees, but for the joiners between two characters of a word.
std::u32string visible(std::u32string_view s) {
  std::u32string out;
  char32_t joiner = 0;                          // that waits for what comes next
  for (char32_t c : s) {
    const bool word = in_word(c) && !is_blank(c);
    if (is_joiner(c)) { joiner = c; continue; }
    if (is_invisible(c)) continue;
    if (joiner && word && !out.empty() && in_word(out.back()) && !is_blank(out.back()))
      out += joiner;
    out += c, joiner = 0;
  }
  return out;
}

Tokens book_tokens(std::string_view sentence) {
  std::string spaced;
  for (char c : sentence) {
    if (std::string_view(",.!?").find(c) != std::string_view::npos) spaced += ' ';
    spaced += c;
  }
  return split(spaced);
}

Tokens standard_tokens(std::string_view sentence) {
  Tokens chunks = split(sentence), out;
  bool free_stop = std::ranges::count(chunks, ".") > 0;
  for (const std::string& chunk : chunks) {
    std::u32string s = decode_utf8(chunk);
    std::ranges::replace(s, U'\u2019', U'\'');
    const auto [begin, length] = address_in(s);
    const auto rest = std::u32string_view(s).substr(begin + length);
    split_punctuation(s.substr(0, begin), free_stop, out);
    if (length > 0) out.push_back(encode_utf8(s.substr(begin, length)));
    split_punctuation(rest, free_stop, out);
  }
  return out;
}

}  // namespace

std::u32string decode_utf8(std::string_view s) {
  Index bad = invalid_utf8(s);
  check(bad < 0, "decode_utf8: byte ", bad + 1, " is not UTF-8: ", printable(s, 200));
  std::u32string out;
  each_code_point(s, [&](int c, std::string_view) { out += char32_t(c); });
  return out;
}

std::string encode_utf8(std::u32string_view s) {
  std::string out;
  for (char32_t c : s) out += encode_utf8(int(c));
  return out;
}

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

Tokens tokenize(std::string_view sentence, Tokenizer tokenizer) {
  Index bad = invalid_utf8(sentence);
  check(bad < 0, "tokenize: byte ", bad + 1, " is not UTF-8: ", printable(sentence, 200));
  std::u32string text = decode_utf8(sentence);
  std::ranges::replace_if(text, is_control, U' ');
  if (tokenizer == Tokenizer::moses) {
    std::erase_if(text, is_invisible);
    return moses_tokens(encode_utf8(composed(text)));
  }
  const std::string small = encode_utf8(small_letters(visible(text)));
  return tokenizer == Tokenizer::book ? book_tokens(small) : standard_tokens(small);
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

}  // namespace babelgrad
