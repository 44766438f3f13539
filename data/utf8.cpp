#include "data/utf8.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "data/unicode_tables.h"
#include "tensor/check.h"

namespace babelgrad {

// --- reading and writing

namespace {

// Nothing of these ranges may reach a terminal: C0, DEL and C1, what turns the direction of
// writing, line separators, byte order marks and U+FFFF.
constexpr int hostile[] = {0, 0x20, 0x7F, 0xA0, 0x61C, 0x61D, 0x200E, 0x2010, 0x2028, 0x202F,
                           0x2066, 0x206A, 0xFEFF, 0xFF00, 0xFFFE, 0x10000};

bool is_scalar(int code) {                      // a code point that text may hold: no surrogate
  return code >= 0 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

std::string byte_escapes(std::string_view bytes) {
  constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (unsigned char byte : bytes) out += {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
  return out;
}

}  // namespace

bool within(int code_point, std::span<const int> ranges) {
  return (std::ranges::upper_bound(ranges, code_point) - ranges.begin()) % 2 == 1;
}

// Each number is stored as twice its difference from the one above, minus 1 if that is negative.
std::vector<int> unpack(std::string_view table, int width) {
  std::vector<int> numbers(width);
  int number = 0, unit = 1;
  for (char c : table) {
    if (c < '@') continue;                      // a line end
    number += (c - '@') % 31 * unit, unit *= 31;
    if (c >= '_') continue;
    const int difference = number % 2 == 0 ? number / 2 : -(number + 1) / 2;
    numbers.push_back(numbers[numbers.size() - width] + difference);
    number = 0, unit = 1;
  }
  return {numbers.begin() + width, numbers.end()};
}

// RFC 3629. The first byte begins with as many ones as the sequence has bytes, none if it is alone.
CodePoint first_code_point(std::string_view s) {
  constexpr CodePoint malformed = {-1, 1};
  constexpr int least[] = {0, 0, 0x80, 0x800, 0x10000};   // a longer form of less is no UTF-8
  if (s.empty()) return {-1, 0};
  const unsigned char lead = s[0];
  const int ones = std::countl_one(lead), bytes = std::max(ones, 1);
  if (ones == 1 || ones > 4 || s.size() < std::size_t(bytes)) return malformed;
  int value = lead & (0xFF >> ones);
  for (int i = 1; i < bytes; i++) {
    if ((s[i] & 0xC0) != 0x80) return malformed;
    value = value << 6 | (s[i] & 0x3F);
  }
  return value < least[bytes] || !is_scalar(value) ? malformed : CodePoint{value, bytes};
}

Index invalid_utf8(std::string_view s) {
  Index at = 0;
  for (CodePoint c; at < Index(s.size()); at += c.bytes) {
    c = first_code_point(s.substr(at));
    if (c.value < 0) return at;
  }
  return -1;
}

std::string encode_utf8(int code_point) {
  check(is_scalar(code_point), "encode_utf8: ", code_point, " is no code point");
  if (code_point < 0x80) return std::string(1, char(code_point));
  int more = code_point < 0x800 ? 1 : code_point < 0x10000 ? 2 : 3;
  std::string out(1, char(0xFF00 >> (more + 1) | code_point >> 6 * more));
  while (more-- > 0) out += char(0x80 | (code_point >> 6 * more & 0x3F));
  return out;
}

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

int display_width(std::string_view s) {
  static const auto none = unpack(unicode::zero_width), two = unpack(unicode::wide);
  int columns = 0;
  each_code_point(s, [&](int value, std::string_view) {
    columns += within(value, none) ? 0 : within(value, two) ? 2 : 1;
  });
  return columns;
}

std::string printable(std::string_view s, std::size_t limit) {
  std::string out;
  for (CodePoint c; !s.empty(); s.remove_prefix(c.bytes)) {
    c = first_code_point(s);
    std::string piece(s.substr(0, c.bytes));
    if (c.value < 0 || within(c.value, hostile)) piece = byte_escapes(piece);
    if (out.size() + piece.size() > limit) return out + "...";
    out += piece;
  }
  return out;
}

// --- kinds of characters, by Unicode's own tables

namespace {

// Punctuation by Unicode's category, symbols to everyone else: they stay with their word, as in
// 100%, and/or, a_b.
constexpr std::u32string_view marks = U"#%&*/@\\_§¶‰‱′″‴‵‶‷‸※‾‿⁀⁔٪؉؊";
constexpr std::u32string_view hyphens = U"-\u058A\u05BE\u1400\u1806\u2010\u2011\u2E17\u2E1A\u2E40"
                                        U"\u2E5D\u30A0\U00010EAD";
constexpr std::u32string_view apostrophes = U"'\u2019\u055A";

bool is_among(char32_t c, std::u32string_view set) { return set.find(c) != set.npos; }

// East Asian and small variants of ASCII: what they stand for.
char32_t narrow(char32_t c) {
  constexpr std::u32string_view small = U"﹟﹠﹡﹣﹨﹪﹫", plain = U"#&*-\\%@";
  if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFEE0;
  const auto at = small.find(c);
  return at == small.npos ? c : plain[at];
}

// Is it in a set of data/unicode_tables.h?
template <const std::string_view& table>
bool is_in(char32_t c) {
  static const std::vector<int> ranges = unpack(table);
  return within(int(c), ranges);
}

// Letters that are mapped one to one, in runs: every step-th from first to last, by a shift.
struct Case { char32_t first, last; int step, shift; };

std::vector<Case> unpack_cases(std::string_view table) {
  const std::vector<int> numbers = unpack(table, 4);
  std::vector<Case> runs;
  for (auto at = numbers.begin(); at != numbers.end(); at += 4)
    runs.push_back({char32_t(at[0]), char32_t(at[1]), at[2], at[3]});
  return runs;
}

template <const std::string_view& table>
char32_t mapped(char32_t c) {
  static const std::vector<Case> runs = unpack_cases(table);
  const auto next = std::ranges::upper_bound(runs, c, {}, &Case::first);
  if (next == runs.begin()) return c;
  const auto [first, last, step, shift] = *std::prev(next);
  return c <= last && (c - first) % step == 0 ? c + shift : c;
}

}  // namespace

bool is_blank(char32_t c) { return is_in<unicode::blank>(c); }

bool is_punctuation(char32_t c) {
  return is_in<unicode::punctuation>(c) && !is_symbol(c) && !is_hyphen(c) &&
         !is_among(narrow(c), apostrophes);
}

bool is_symbol(char32_t c) { return is_in<unicode::symbols>(c) || is_among(narrow(c), marks); }
bool is_hyphen(char32_t c) { return is_among(narrow(c), hyphens); }
bool is_invisible(char32_t c) { return is_in<unicode::invisible>(c); }
bool is_joiner(char32_t c) { return c == 0x200C || c == 0x200D; }
bool is_opening(char32_t c) { return is_in<unicode::opening>(c); }

bool is_letter(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return c >= 0xA0 && !is_blank(c) && !is_punctuation(c) && !is_symbol(c) && !is_invisible(c) &&
         !is_among(c, apostrophes);
}

char32_t lower(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  return mapped<unicode::small>(c);
}

char32_t upper(char32_t c) { return mapped<unicode::capital>(c); }

// --- canonical composition, as Unicode's chapter 3.11 has it: letters are taken apart, their marks
// put in order, and what can be one character becomes one.

namespace {

// Hangul by arithmetic (3.12): a syllable is a leading consonant, a vowel and perhaps a tail.
constexpr char32_t syllables = 0xAC00, leads = 0x1100, vowels = 0x1161, tails = 0x11A7;
constexpr char32_t lead_count = 19, vowel_count = 21, tail_count = 28;
constexpr char32_t syllable_count = lead_count * vowel_count * tail_count;

using Two = std::pair<char32_t, char32_t>;      // the second is 0 where one is replaced by one

struct Tables {
  std::unordered_map<char32_t, Two> parts;
  std::map<Two, char32_t> whole;
  std::unordered_map<char32_t, int> order;      // of marks; a letter is 0
  std::vector<bool> moves = std::vector<bool>(0x110000);   // may not be left as it stands

  Tables() {
    each(unicode::composed, [&](char32_t c, char32_t a, char32_t b) {
      parts[c] = {a, b}, whole[{a, b}] = c, moves[b] = true;
    });
    each(unicode::apart, [&](char32_t c, char32_t a, char32_t b) {
      parts[c] = {a, b}, moves[c] = true;
    });
    each(unicode::order, [&](char32_t first, char32_t last, char32_t its) {
      for (char32_t c = first; c <= last; c++) order[c] = int(its), moves[c] = true;
    });
    for (char32_t c = vowels; c < tails + tail_count; c++) moves[c] = true;
  }

  template <class Use>
  static void each(std::string_view table, Use use) {
    const std::vector<int> rows = unpack(table, 3);
    for (auto at = rows.begin(); at != rows.end(); at += 3) use(at[0], at[1], at[2]);
  }
};

const Tables& tables() {
  static const Tables made;
  return made;
}

int order_of(char32_t c) {
  const auto found = tables().order.find(c);
  return found == tables().order.end() ? 0 : found->second;
}

void take_apart(char32_t c, std::u32string& out) {
  const char32_t syllable = c - syllables;
  if (c >= syllables && syllable < syllable_count) {
    const char32_t tail = syllable % tail_count, rest = syllable / tail_count;
    out += {char32_t(leads + rest / vowel_count), char32_t(vowels + rest % vowel_count)};
    if (tail > 0) out += tails + tail;
    return;
  }
  const auto found = tables().parts.find(c);
  if (found == tables().parts.end()) { out += c; return; }
  take_apart(found->second.first, out);
  if (found->second.second) take_apart(found->second.second, out);
}

char32_t whole_of(char32_t a, char32_t b) {     // 0: they stay two
  const char32_t lead = a - leads, vowel = b - vowels, tail = b - tails, syllable = a - syllables;
  if (a >= leads && lead < lead_count && b >= vowels && vowel < vowel_count)
    return syllables + (lead * vowel_count + vowel) * tail_count;
  if (a >= syllables && syllable < syllable_count && syllable % tail_count == 0 && b > tails &&
      tail < tail_count)
    return a + tail;
  const auto found = tables().whole.find({a, b});
  return found == tables().whole.end() ? 0 : found->second;
}

// Marks between two letters are sorted by their order; marks of equal order keep theirs.
void put_in_order(std::u32string& s) {
  for (auto from = s.begin(); from != s.end();) {
    from = std::find_if(from, s.end(), order_of);
    const auto to = std::find_if_not(from, s.end(), order_of);
    std::stable_sort(from, to, [](char32_t a, char32_t b) { return order_of(a) < order_of(b); });
    from = to;
  }
}

// A mark joins the last letter unless one of its own order, or a letter, stands between.
std::u32string compose_apart(std::u32string_view s) {
  std::u32string out;
  std::size_t letter = s.npos;                  // its place in `out`
  int between = -1;                             // the order of what follows it; -1: nothing does
  for (char32_t c : s) {
    const int order = order_of(c);
    const char32_t whole = letter != s.npos && between < order ? whole_of(out[letter], c) : 0;
    if (whole) { out[letter] = whole; continue; }
    out += c, between = order;
    if (order == 0) letter = out.size() - 1, between = -1;
  }
  return out;
}

}  // namespace

std::u32string composed(std::u32string_view s) {
  if (std::ranges::none_of(s, [](char32_t c) { return tables().moves[c]; }))
    return std::u32string(s);
  std::u32string apart;
  for (char32_t c : s) take_apart(c, apart);
  put_in_order(apart);
  return compose_apart(apart);
}

std::u32string small_letters(std::u32string_view s) {
  std::u32string out = composed(s);
  for (char32_t& c : out) c = lower(c);
  return composed(out);
}

}  // namespace babelgrad
