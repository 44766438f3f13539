// Canonical composition, as Unicode's chapter 3.11 has it: letters are taken apart, their marks put
// in order, and what can be one character becomes one.
#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "data/letters.h"
#include "data/unicode_tables.h"
#include "data/utf8.h"

namespace babelgrad {
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
std::u32string put_together(std::u32string_view s) {
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
  return put_together(apart);
}

}  // namespace babelgrad
