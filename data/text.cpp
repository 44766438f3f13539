#include "data/text.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "tensor/check.h"

namespace babelgrad {
namespace {

constexpr char32_t malformed = 0xFFFFFFFF;

struct Glyph {                                  // a code point and its bytes, or one malformed byte
  char32_t code;
  std::string_view bytes;
};

bool is_surrogate(char32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

// The glyph at the head of s, which is not empty. RFC 3629: no overlong forms, no surrogates.
Glyph first_glyph(std::string_view s) {
  constexpr char32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
  const Glyph bad = {malformed, s.substr(0, 1)};
  std::size_t ones = std::countl_one((unsigned char)s[0]), length = ones == 0 ? 1 : ones;
  if (ones == 1 || length > 4 || length > s.size()) return bad;
  char32_t code = length == 1 ? s[0] : (unsigned char)s[0] & (0x7F >> length);
  for (std::size_t i = 1; i < length; i++) {
    if ((s[i] & 0xC0) != 0x80) return bad;
    code = code << 6 | (s[i] & 0x3F);
  }
  if (code < smallest[length] || is_surrogate(code) || code > 0x10FFFF) return bad;
  return {code, s.substr(0, length)};
}

template <class Visit>
void each_glyph(std::string_view s, Visit visit) {
  while (!s.empty()) {
    Glyph glyph = first_glyph(s);
    s.remove_prefix(glyph.bytes.size());
    visit(glyph);
  }
}

struct Range { char32_t first, last; };

template <std::size_t n>
bool within(char32_t c, const Range (&ranges)[n]) {
  return std::any_of(ranges, ranges + n, [&](Range r) { return r.first <= c && c <= r.last; });
}

constexpr Range blanks[] = {{0x09, 0x0D}, {0x1C, 0x20}, {0x85, 0x85}, {0xA0, 0xA0},
  {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F},
  {0x3000, 0x3000}};
constexpr Range controls[] = {{0, 0x1F}, {0x7F, 0x9F}, {0x2028, 0x2029}};
constexpr Range bidi_controls[] = {{0x61C, 0x61C}, {0x200E, 0x200F}, {0x202A, 0x202E},
  {0x2066, 0x2069}};
constexpr Range marks[] = {{0x300, 0x36F}, {0x483, 0x489}, {0x591, 0x5BD}, {0x610, 0x61A},
  {0x64B, 0x65F}, {0x670, 0x670}, {0x6D6, 0x6DC}, {0x93C, 0x93C}, {0x941, 0x948}, {0x94D, 0x94D},
  {0xE31, 0xE31}, {0xE34, 0xE3A}, {0xE47, 0xE4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
  {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x206F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F},
  {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF}};
constexpr Range wide[] = {{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0x4DBF}, {0x4E00, 0xA4CF},
  {0xA960, 0xA97C}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60},
  {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
  {0x20000, 0x3FFFD}};
constexpr Range punctuation[] = {{'!', '"'}, {'(', ')'}, {',', ','}, {'.', '.'}, {':', ';'},
  {'?', '?'}, {'[', '['}, {']', ']'}, {'{', '{'}, {'}', '}'}, {0xA1, 0xA1}, {0xAB, 0xAB},
  {0xBB, 0xBB}, {0xBF, 0xBF}, {0x2012, 0x2018}, {0x201A, 0x2027}, {0x2039, 0x203A},
  {0x3001, 0x3002}, {0x3008, 0x3011}, {0xFF01, 0xFF01}, {0xFF0C, 0xFF0C}, {0xFF1F, 0xFF1F}};

struct Capitals { char32_t first, last; int step, shift; };  // every step-th; small is + shift
constexpr Capitals capitals[] = {
  {'A', 'Z', 1, 32}, {0xC0, 0xD6, 1, 32}, {0xD8, 0xDE, 1, 32}, {0x100, 0x12E, 2, 1},
  {0x130, 0x130, 1, -199}, {0x132, 0x136, 2, 1}, {0x139, 0x147, 2, 1}, {0x14A, 0x176, 2, 1},
  {0x178, 0x178, 1, -121}, {0x179, 0x17D, 2, 1}, {0x218, 0x21A, 2, 1},  // Latin
  {0x370, 0x372, 2, 1}, {0x376, 0x376, 1, 1}, {0x37F, 0x37F, 1, 116}, {0x386, 0x386, 1, 38},
  {0x388, 0x38A, 1, 37}, {0x38C, 0x38C, 1, 64}, {0x38E, 0x38F, 1, 63}, {0x391, 0x3A1, 1, 32},
  {0x3A3, 0x3AB, 1, 32}, {0x3CF, 0x3CF, 1, 8}, {0x3D8, 0x3EE, 2, 1}, {0x3F4, 0x3F4, 1, -60},
  {0x3F7, 0x3F7, 1, 1}, {0x3F9, 0x3F9, 1, -7}, {0x3FA, 0x3FA, 1, 1}, {0x3FD, 0x3FF, 1, -130},
  {0x400, 0x40F, 1, 80}, {0x410, 0x42F, 1, 32}, {0x460, 0x480, 2, 1}, {0x48A, 0x4BE, 2, 1},
  {0x4C0, 0x4C0, 1, 15}, {0x4C1, 0x4CD, 2, 1}, {0x4D0, 0x52E, 2, 1}};   // Cyrillic

void append_utf8(std::string& out, char32_t c) {
  check(!is_surrogate(c) && c <= 0x10FFFF, "encode_utf8: ", std::uint32_t(c), " is no code point");
  if (c < 0x80) { out += char(c); return; }
  int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  out += char(0xFF00 >> (more + 1) | c >> 6 * more);
  while (more-- > 0) out += char(0x80 | (c >> 6 * more & 0x3F));
}

bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool in_word(char32_t c) { return !within(c, punctuation) && c != '\''; }

bool elides(std::u32string_view stem) {         // the words whose last vowel falls: l', qu', jusqu'
  constexpr std::u32string_view stems[] = {U"c", U"d", U"j", U"l", U"m", U"n", U"s", U"t", U"qu",
    U"jusqu", U"lorsqu", U"puisqu", U"quoiqu", U"quelqu"};
  return std::ranges::count(stems, stem) > 0;
}

bool leans_left(std::u32string_view tail) {     // what English hangs on a word: 's, 't, 'll
  constexpr std::u32string_view tails[] = {U"'s", U"'t", U"'m", U"'d", U"'re", U"'ve", U"'ll"};
  return std::ranges::count(tails, tail) > 0;
}

bool ends_at(std::u32string_view word, std::size_t i) {  // or the next apostrophe follows
  return i >= word.size() || word[i] == '\'';
}

std::size_t tail_at(std::u32string_view word, std::size_t at) {  // its length, 0: none
  for (std::size_t length : {2, 3})
    if (leans_left(word.substr(at, length)) && ends_at(word, at + length)) return length;
  return 0;
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
// whose full stop stands free (so it is tokenised already), every dot that is not in a row: mr.
bool belongs(std::u32string_view s, std::size_t i, std::size_t start, bool free_stop) {
  char32_t before = i > start ? s[i - 1] : U'.', after = i + 1 < s.size() ? s[i + 1] : U'.';
  if (s[i] == ',') return is_digit(before) && is_digit(after);
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
    if (!within(s[i], punctuation) || belongs(s, i, start, free_stop)) { i++; continue; }
    split_apostrophes(s.substr(start, i - start), out);
    start = i++;
    while (s[start] == '.' && i < s.size() && s[i] == '.') i++;  // an ellipsis is one token
    out.push_back(encode_utf8(s.substr(start, i - start)));
    start = i;
  }
  split_apostrophes(s.substr(start), out);
}

Tokens book_tokens(std::string_view sentence) {
  std::string spaced;
  for (char c : lower(sentence)) {
    if (std::string_view(",.!?").find(c) != std::string_view::npos) spaced += ' ';
    spaced += c;
  }
  return split(spaced);
}

Tokens standard_tokens(std::string_view sentence) {
  Tokens chunks = split(lower(sentence)), out;
  bool free_stop = std::ranges::count(chunks, ".") > 0;
  for (const std::string& chunk : chunks) {
    std::u32string s = decode_utf8(chunk);
    std::ranges::replace(s, U'\u2019', U'\'');
    split_punctuation(s, free_stop, out);
  }
  return out;
}

}  // namespace

Index invalid_utf8(std::string_view s) {
  for (std::size_t i = 0; i < s.size();) {
    Glyph glyph = first_glyph(s.substr(i));
    if (glyph.code == malformed) return Index(i);
    i += glyph.bytes.size();
  }
  return -1;
}

std::u32string decode_utf8(std::string_view s) {
  Index bad = invalid_utf8(s);
  check(bad < 0, "decode_utf8: byte ", bad + 1, " is not UTF-8: ", printable(s));
  std::u32string out;
  each_glyph(s, [&](Glyph g) { out += g.code; });
  return out;
}

std::string encode_utf8(std::u32string_view s) {
  std::string out;
  for (char32_t c : s) append_utf8(out, c);
  return out;
}

bool is_blank(char32_t c) { return within(c, blanks); }

char32_t lower(char32_t c) {
  for (auto [first, last, step, shift] : capitals)
    if (first <= c && c <= last && (c - first) % step == 0) return c + shift;
  return c;
}

std::string lower(std::string_view s) {
  std::string out;
  each_glyph(s, [&](Glyph g) {
    if (char32_t small = lower(g.code); small != g.code) append_utf8(out, small);
    else out += g.bytes;
  });
  return out;
}

std::string plain_blanks(std::string_view s) {
  std::string out;
  each_glyph(s, [&](Glyph g) { out += is_blank(g.code) ? " " : g.bytes; });
  return out;
}

int display_width(std::string_view s) {
  int columns = 0;
  each_glyph(s, [&](Glyph g) {
    bool hidden = within(g.code, controls) || within(g.code, marks);
    columns += hidden ? 0 : within(g.code, wide) ? 2 : 1;
  });
  return columns;
}

std::string printable(std::string_view s, int limit) {
  constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (int count = 0; !s.empty(); count++) {
    if (count == limit) return out + "…";
    Glyph g = first_glyph(s);
    s.remove_prefix(g.bytes.size());
    bool hostile = g.code == malformed || within(g.code, controls) || within(g.code, bidi_controls);
    if (!hostile) out += g.bytes;
    else for (unsigned char b : g.bytes) out += {'\\', 'x', hex[b >> 4], hex[b & 15]};
  }
  return out;
}

Tokens split(std::string_view s) {
  Tokens out;
  bool inside = false;
  each_glyph(s, [&](Glyph g) {
    bool was_inside = std::exchange(inside, !is_blank(g.code));
    if (inside && !was_inside) out.emplace_back();
    if (inside) out.back() += g.bytes;
  });
  return out;
}

std::string join(const Tokens& tokens) {
  std::string out;
  for (const std::string& token : tokens) out += (&token == &tokens[0] ? "" : " ") + token;
  return out;
}

Tokens tokenize(std::string_view sentence, Tokenizer tokenizer) {
  Index bad = invalid_utf8(sentence);
  check(bad < 0, "tokenize: byte ", bad + 1, " is not UTF-8: ", printable(sentence));
  return tokenizer == Tokenizer::book ? book_tokens(sentence) : standard_tokens(sentence);
}

std::string detokenize(const Tokens& tokens) {
  constexpr std::string_view closing[] = {",", ".", ")", "]", "…", "..."}, opening[] = {"(", "["};
  std::string out;
  bool glued = true;                            // the next token follows without a space
  for (const std::string& token : tokens) {
    auto wide_token = invalid_utf8(token) < 0 ? decode_utf8(token) : U"";
    bool left = std::ranges::count(closing, token) || leans_left(wide_token);
    out += (glued || left ? "" : " ") + token;
    glued = std::ranges::count(opening, token) ||
            (token.ends_with('\'') && elides(wide_token.substr(0, wide_token.size() - 1)));
  }
  return out;
}

}  // namespace babelgrad
