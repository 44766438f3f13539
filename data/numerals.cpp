#include "data/numerals.h"

#include <algorithm>
#include <array>

#include "data/phrase.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

constexpr const char* english_ones[] = {
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr const char* french_ones[] = {
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
    "douze", "treize", "quatorze", "quinze", "seize", "dix sept", "dix huit", "dix neuf"};
constexpr const char* english_tens[] = {"", "", "twenty", "thirty", "forty", "fifty", "sixty",
                                        "seventy", "eighty", "ninety"};
constexpr const char* french_tens[] = {"", "", "vingt", "trente", "quarante", "cinquante",
                                       "soixante", "soixante dix", "quatre vingt",
                                       "quatre vingt dix"};

// What follows decides whether cent and vingt, multiplied, take an s: at the end and before
// millions, which is a noun; never before another numeral, and mille is one.
enum class Next { noun_or_end, numeral };

Pair tens(int ten, Next next) {
  Pair pair = word(english_tens[ten], french_tens[ten], ten >= 7 ? "vigesimal" : "");
  if (ten != 8 || next == Next::numeral) return pair;
  pair.tgt.back() += 's';
  pair.tags.push_back("plural");
  return pair;
}

// vingt et un, vingt deux; soixante et onze, soixante douze, soixante dix sept; quatre vingt onze
Pair tens_and_ones(int ten, int one) {
  bool vigesimal = ten == 7 || ten == 9, fused = vigesimal && one < 7, et = one == 1 && ten < 8;
  Pair t = word(english_tens[ten], french_tens[fused ? ten - 1 : ten],
                ten >= 7 ? "vigesimal" : "");
  Pair o = word(english_ones[one], french_ones[fused ? 10 + one : one], fused ? "fused" : "");
  std::string french = et ? "T et?T?O O" : "T O";
  return rule("T O", french + (fused ? "=T" : ""), {{'T', t}, {'O', o}}, et ? "et" : "");
}

Pair below_hundred(int n, Next next) {
  if (n < 20) return word(english_ones[n], french_ones[n]);
  return n % 10 == 0 ? tens(n / 10, next) : tens_and_ones(n / 10, n % 10);
}

Pair below_thousand(int n, Next next) {
  if (n < 100) return below_hundred(n, next);
  Pair rest = n % 100 == 0 ? Pair{} : below_hundred(n % 100, next);
  if (n < 200) return rule("one hundred R", "cent=hundred?one R", {{'R', rest}}, "implied-one");
  Pair hundreds = word(english_ones[n / 100], french_ones[n / 100]);
  if (n % 100 == 0 && next == Next::noun_or_end)
    return rule("H hundred", "H cents=hundred", {{'H', hundreds}}, "plural");
  return rule("H hundred R", "H cent=hundred R", {{'H', hundreds}, {'R', rest}});
}

Pair thousands(int n) {
  if (n == 0) return {};
  if (n == 1) return rule("one thousand", "mille=thousand?one", {}, "implied-one");
  return rule("N thousand", "N mille=thousand", {{'N', below_thousand(n, Next::numeral)}});
}

Pair millions(int n) {
  if (n == 0) return {};
  return rule("N million", n > 1 ? "N millions=million" : "N million=million",
              {{'N', below_thousand(n, Next::noun_or_end)}}, n > 1 ? "plural" : "");
}

int words_below_thousand(int n) {               // in English, where 0 is not said
  int rest = n % 100, words = rest == 0 ? 0 : rest < 20 || rest % 10 == 0 ? 1 : 2;
  return words + (n >= 100 ? 2 : 0);
}

// The numbers below 1000 by how many English words they have.
const std::array<std::vector<int>, 5>& by_words() {
  static const auto all = [] {
    std::array<std::vector<int>, 5> groups;
    for (int n = 0; n < 1000; n++) groups[words_below_thousand(n)].push_back(n);
    return groups;
  }();
  return all;
}

// Numbers whose millions, thousands and rest have so many words each.
struct Cell {
  const std::vector<int>&millions, &thousands, &rest;
  int size() const { return int(millions.size() * thousands.size() * rest.size()); }
  int at(int rank) const {
    int t = int(thousands.size()), r = int(rest.size());
    return (millions[rank / r / t] * 1000 + thousands[rank / r % t]) * 1000 + rest[rank % r];
  }
};

std::vector<Cell> cells(int length) {
  check(1 <= length && length <= longest_number, "number words: a length of ", length,
        "; numbers have 1 to ", longest_number, " English words");
  std::vector<Cell> result;
  for (int m = 0; m <= 4; m++)
    for (int t = 0; t <= 4; t++)
      for (int r = 0; r <= 4; r++)
        if (std::max(m + (m > 0) + t + (t > 0) + r, 1) == length)        // zero is said when alone
          result.push_back({by_words()[m], by_words()[t], by_words()[r]});
  return result;
}

}  // namespace

Pair number_pair(int number) {
  check(0 <= number && number <= largest_number, "number_pair: ", number, " is not in 0 to ",
        largest_number);
  if (number == 0) return word("zero", "zéro");
  int rest = number % 1000;
  Pair pair = rule("M T R", "M T R",
                   {{'M', millions(number / 1000000)},
                    {'T', thousands(number / 1000 % 1000)},
                    {'R', rest == 0 ? Pair{} : below_thousand(rest, Next::noun_or_end)}});
  sort_once(pair.gold);
  sort_once(pair.tags);
  return pair;
}

int count_numbers(int length) {
  int count = 0;
  for (const Cell& cell : cells(length)) count += cell.size();
  return count;
}

int number_of(int length, int rank) {
  check(0 <= rank && rank < count_numbers(length), "number_of: rank ", rank, "; there are ",
        count_numbers(length), " numbers of ", length, " words");
  for (const Cell& cell : cells(length)) {
    if (rank < cell.size()) return cell.at(rank);
    rank -= cell.size();
  }
  return 0;
}

}  // namespace babelgrad
