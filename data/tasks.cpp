#include "data/tasks.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>
#include <unordered_set>
#include <utility>

#include "data/grammar.h"
#include "data/numerals.h"
#include "data/text.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

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

// How many sources of a length there are (a billion stands for more), and the pair of one of them.
struct Sources {
  std::function<std::int64_t(int length)> count;
  std::function<Pair(int length, Random& random)> draw;
};

Sources symbol_sources(const SymbolTask& task, int alphabet) {
  check(2 <= alphabet && alphabet <= 676, task.name, ": an alphabet of ", alphabet,
        "; it must have 2 to 676 symbols");
  auto count = [alphabet](int length) {
    std::int64_t ways = 1, plenty = 1000000000;
    for (int i = 0; i < length; i++) ways = std::min(ways * alphabet, plenty);
    return ways;
  };
  auto draw = [alphabet, &task](int length, Random& random) {
    Tokens src;
    for (int i = 0; i < length; i++) src.push_back(symbol_named(random.below(alphabet), alphabet));
    return task.pair(src);
  };
  return {count, draw};
}

Sources number_sources() {
  auto draw = [](int length, Random& random) {
    return number_pair(number_of(length, random.below(count_numbers(length))));
  };
  return {count_numbers, draw};
}

struct Left { int length; std::int64_t sources; };         // not drawn yet

std::vector<Left> all_left(const CorpusOptions& o, const Sources& sources) {
  std::vector<Left> left;
  std::int64_t total = 0;
  for (int length = o.min_length; length <= o.max_length; length++) {
    left.push_back({length, sources.count(length)});
    total += left.back().sources;
  }
  check(o.pairs <= total, o.task, ": asked for ", o.pairs, " distinct sources of ", o.min_length,
        " to ", o.max_length, " tokens",
        has_alphabet(o.task) ? join(" over ", o.alphabet, " symbols") : "", "; there are only ",
        total);
  return left;
}

std::vector<Pair> draw_corpus(const CorpusOptions& o, const Sources& sources) {
  std::vector<Left> left = all_left(o, sources);
  std::vector<Pair> corpus;
  std::unordered_set<std::string> seen;
  Random random(o.seed);
  while (int(corpus.size()) < o.pairs) {
    int chosen = random.below(int(left.size()));
    Pair pair = sources.draw(left[chosen].length, random);
    while (!seen.insert(join(pair.src)).second) pair = sources.draw(left[chosen].length, random);
    corpus.push_back(std::move(pair));
    if (--left[chosen].sources == 0) left.erase(left.begin() + chosen);
  }
  return corpus;
}

}  // namespace

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
        ": lengths ", o.min_length, " to ", o.max_length, "; they must rise and lie in ", low,
        " to ", high);
  check(o.pairs >= 0, o.task, ": ", o.pairs, " pairs; their number cannot be negative");
  if (o.task == "grammar")
    return make_corpus(o.pairs, o.seed, {o.min_length, o.max_length, o.ambiguous});
  const SymbolTask* task = find_task(o.task);
  return draw_corpus(o, task ? symbol_sources(*task, o.alphabet) : number_sources());
}

}  // namespace babelgrad
