#include "data/tasks.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <unordered_set>
#include <utility>

#include "data/grammar.h"
#include "data/rules.h"
#include "data/text.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

// --- number words

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

// Numbers whose millions, thousands and rest have a given number of words each.
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

// --- symbols

struct SymbolTask {
  const char* name;
  Pair (*pair)(const Tokens& src);
};
constexpr SymbolTask symbol_tasks[] = {
    {"copy", copy_pair}, {"reverse", reverse_pair}, {"sort", sort_pair}, {"swap", swap_pair}};

const SymbolTask* find_task(const std::string& name) {
  for (const SymbolTask& task : symbol_tasks)
    if (name == task.name) return &task;
  return nullptr;
}

std::vector<int> in_order(const Tokens& src) {
  std::vector<int> places(src.size());
  std::iota(places.begin(), places.end(), 0);
  return places;
}

// The target takes source symbol from[j] to its place j.
Pair moved(const Tokens& src, const std::vector<int>& from) {
  Pair pair{src, {}};
  for (int j = 0; j < int(from.size()); j++) {
    pair.tgt.push_back(src[from[j]]);
    pair.gold.push_back({from[j], j});
  }
  std::ranges::sort(pair.gold);
  if (std::set(src.begin(), src.end()).size() < src.size()) pair.tags.push_back("duplicates");
  if (!std::ranges::is_sorted(from)) pair.tags.push_back("reordering");
  return pair;
}

// a to z; in a larger alphabet aa, ab, ..., zz: the order of bytes is the order of symbols.
std::string symbol_named(int i, int alphabet) {
  std::string last(1, char('a' + i % 26));
  return alphabet <= 26 ? last : std::string(1, char('a' + i / 26)) + last;
}

// --- the corpus of a task

// How many sources of a length there are; a billion stands for more.
std::int64_t count_sources(const CorpusOptions& o, int length) {
  if (!has_alphabet(o.task)) return count_numbers(length);
  std::int64_t ways = 1, plenty = 1000000000;
  for (int i = 0; i < length; i++) ways = std::min(ways * o.alphabet, plenty);
  return ways;
}

Pair draw_pair(const CorpusOptions& o, int length, Random& random) {
  const SymbolTask* task = find_task(o.task);
  if (!task) return number_pair(number_of(length, random.below(count_numbers(length))));
  Tokens src;
  for (int i = 0; i < length; i++)
    src.push_back(symbol_named(random.below(o.alphabet), o.alphabet));
  return task->pair(src);
}

struct Left { int length; std::int64_t sources; };         // not drawn yet

std::vector<Left> all_left(const CorpusOptions& o) {
  std::vector<Left> left;
  std::int64_t total = 0;
  for (int length = o.min_length; length <= o.max_length; length++) {
    left.push_back({length, count_sources(o, length)});
    total += left.back().sources;
  }
  check(o.pairs <= total, o.task, ": asked for ", o.pairs, " distinct sources of ", o.min_length,
        " to ", o.max_length, " tokens",
        has_alphabet(o.task) ? join(" over ", o.alphabet, " symbols") : "", "; there are only ",
        total);
  return left;
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

Pair copy_pair(const Tokens& src) { return moved(src, in_order(src)); }

Pair reverse_pair(const Tokens& src) {
  std::vector<int> from = in_order(src);
  std::ranges::reverse(from);
  return moved(src, from);
}

Pair sort_pair(const Tokens& src) {
  std::vector<int> from = in_order(src);
  std::ranges::stable_sort(from, [&](int a, int b) { return src[a] < src[b]; });
  Pair pair = moved(src, from);
  for (int j = 0; j < int(from.size()); j++)
    for (int i = 0; i < int(src.size()); i++)
      if (i != from[j] && src[i] == pair.tgt[j]) pair.gold.push_back({i, j, false});
  std::ranges::sort(pair.gold);
  return pair;
}

Pair swap_pair(const Tokens& src) {
  std::vector<int> from = in_order(src);
  auto half = std::ptrdiff_t(src.size() / 2);
  std::swap_ranges(from.begin(), from.begin() + half, from.end() - half);
  return moved(src, from);
}

std::vector<std::string> task_names() {
  return {"grammar", "copy", "reverse", "sort", "swap", "numbers"};
}

bool has_alphabet(const std::string& task) { return find_task(task) != nullptr; }

Lengths lengths_of(const std::string& task) {
  if (task == "grammar") return {3, 40};
  if (task == "numbers") return {1, longest_number};
  check(has_alphabet(task), "no task \"", printable(task, 40), "\"; there are grammar, copy, ",
        "reverse, sort, swap and numbers");
  return {1, 400};                              // twice as much still has positions: D2L's 1000
}

std::vector<Pair> built_in_corpus(const CorpusOptions& o) {
  auto [low, high] = lengths_of(o.task);
  check(low <= o.min_length && o.min_length <= o.max_length && o.max_length <= high, o.task,
        ": lengths ", o.min_length, " to ", o.max_length, "; they must increase, from ", low,
        " at least to ", high, " at most");
  check(o.pairs >= 0, o.task, ": ", o.pairs, " pairs; their number cannot be negative");
  if (o.task == "grammar")
    return make_corpus(o.pairs, o.seed, {o.min_length, o.max_length, o.ambiguous});
  check(!has_alphabet(o.task) || (2 <= o.alphabet && o.alphabet <= 676), o.task,
        ": an alphabet of ", o.alphabet, "; it must have 2 to 676 symbols");
  std::vector<Left> left = all_left(o);
  std::vector<Pair> corpus;
  std::unordered_set<std::string> seen;
  Random random(o.seed);
  while (int(corpus.size()) < o.pairs) {
    Left& chosen = left[random.below(int(left.size()))];
    Pair pair = draw_pair(o, chosen.length, random);
    while (!seen.insert(join(pair.src)).second) pair = draw_pair(o, chosen.length, random);
    corpus.push_back(std::move(pair));
    if (--chosen.sources == 0) left.erase(left.begin() + (&chosen - left.data()));
  }
  return corpus;
}

}  // namespace babelgrad
