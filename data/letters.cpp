#include "data/letters.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "data/unicode_tables.h"
#include "data/utf8.h"

namespace babelgrad {
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

// Letters that are mapped one to one, in runs: every step-th from first to last, by a shift.
struct Case { char32_t first, last; int step, shift; };

std::vector<Case> unpack_cases(std::string_view table) {
  const std::vector<int> numbers = unpack(table, 4);
  std::vector<Case> runs;
  for (auto at = numbers.begin(); at != numbers.end(); at += 4)
    runs.push_back({char32_t(at[0]), char32_t(at[1]), at[2], at[3]});
  return runs;
}

char32_t mapped(char32_t c, const std::vector<Case>& runs) {
  const auto next = std::ranges::upper_bound(runs, c, {}, &Case::first);
  if (next == runs.begin()) return c;
  const auto [first, last, step, shift] = *std::prev(next);
  return c <= last && (c - first) % step == 0 ? c + shift : c;
}

}  // namespace

bool is_blank(char32_t c) {
  static const std::vector<int> blanks = unpack(unicode::blank);
  return within(int(c), blanks);
}

bool is_punctuation(char32_t c) {
  static const std::vector<int> punctuation = unpack(unicode::punctuation);
  return within(int(c), punctuation) && !is_symbol(c) && !is_hyphen(c) &&
         !is_among(narrow(c), apostrophes);
}

bool is_symbol(char32_t c) {
  static const std::vector<int> symbols = unpack(unicode::symbols);
  return within(int(c), symbols) || is_among(narrow(c), marks);
}

bool is_hyphen(char32_t c) { return is_among(narrow(c), hyphens); }

bool is_invisible(char32_t c) {
  static const std::vector<int> invisible = unpack(unicode::invisible);
  return within(int(c), invisible);
}

bool is_joiner(char32_t c) { return c == 0x200C || c == 0x200D; }

bool is_opening(char32_t c) {
  static const std::vector<int> opening = unpack(unicode::opening);
  return within(int(c), opening);
}

bool is_letter(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return c >= 0xA0 && !is_blank(c) && !is_punctuation(c) && !is_symbol(c) && !is_invisible(c) &&
         !is_among(c, apostrophes);
}

char32_t lower(char32_t c) {
  static const std::vector<Case> small = unpack_cases(unicode::small);
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  return mapped(c, small);
}

char32_t upper(char32_t c) {
  static const std::vector<Case> capital = unpack_cases(unicode::capital);
  return mapped(c, capital);
}

std::u32string small_letters(std::u32string_view s) {
  std::u32string out = composed(s);
  for (char32_t& c : out) c = lower(c);
  return composed(out);
}

}  // namespace babelgrad
