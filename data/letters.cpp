#include "data/letters.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <unordered_map>
#include <utility>
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

// --- canonical composition, as Unicode's chapter 3.11 has it: letters are taken apart, their marks
// put in order, and what can be one character becomes one.

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

// Marks between two letters stand by their order; those of the same one stay as they came.
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

std::u32string small_letters(std::u32string_view s) {
  std::u32string out = composed(s);
  for (char32_t& c : out) c = lower(c);
  return composed(out);
}

std::u32string composed(std::u32string_view s) {
  if (std::ranges::none_of(s, [](char32_t c) { return tables().moves[c]; }))
    return std::u32string(s);
  std::u32string apart;
  for (char32_t c : s) take_apart(c, apart);
  put_in_order(apart);
  return compose_apart(apart);
}

}  // namespace babelgrad
