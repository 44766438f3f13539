#include "data/tasks.h"

#include <algorithm>
#include <map>
#include <set>

#include "data/alignment.h"
#include "data/grammar.h"
#include "data/text.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

const char* const symbol_tasks[] = {"copy", "reverse", "sort", "swap"};

std::vector<Pair> corpus(const std::string& task, int pairs = 2000, std::uint64_t seed = 1,
                         int alphabet = 26) {
  return built_in_corpus(
      {.task = task, .pairs = pairs, .seed = seed, .min_length = 1, .max_length = 12,
       .alphabet = alphabet});
}

std::string sides(const Pair& pair) { return join(pair.src) + " = " + join(pair.tgt); }

std::vector<Link> sure_links(const Pair& pair) {
  std::vector<Link> sure;
  for (const Link& link : pair.gold)
    if (link.sure) sure.push_back(link);
  return sure;
}

// The same links with n - 1 - j for j.
std::vector<Link> mirrored(std::vector<Link> links, int n) {
  for (Link& link : links) link.tgt = n - 1 - link.tgt;
  return links;
}

}  // namespace

TEST_CASE("copy_pair: the target is the source, and its links are the diagonal") {
  for (const Pair& p : corpus("copy")) {
    int n = int(p.src.size());
    if (p.tgt != p.src || p.gold != diagonal(n, n)) FAIL_CHECK(sides(p));
  }
}

TEST_CASE("reverse_pair: its links are the anti-diagonal, and twice is not at all") {
  CHECK(sides(reverse_pair(split("a b c d"))) == "a b c d = d c b a");
  for (const Pair& p : corpus("reverse")) {
    int n = int(p.src.size());
    if (reverse_pair(p.tgt).tgt != p.src) FAIL_CHECK(sides(p));
    if (p.gold != mirrored(diagonal(n, n), n)) FAIL_CHECK(sides(p));
  }
}

TEST_CASE("sort_pair: sorted, of the same symbols, equal ones in their order") {
  CHECK(sides(sort_pair(split("c a b a"))) == "c a b a = a a b c");
  CHECK(pharaoh(sort_pair(split("c a b a")).gold) == "0-3 1-0 1?1 2-2 3?0 3-1");
  for (const Pair& p : corpus("sort", 2000, 1, 5)) {
    if (!std::ranges::is_sorted(p.tgt) || !std::ranges::is_permutation(p.src, p.tgt))
      FAIL_CHECK(sides(p));
    std::map<std::string, int> last;            // where the symbol before, if equal, has gone
    for (const Link& link : sure_links(p)) {
      auto [before, first] = last.emplace(p.src[link.src], link.tgt);
      if (!first && link.tgt <= before->second) FAIL_CHECK(sides(p));
      before->second = link.tgt;
    }
  }
}

TEST_CASE("sort_pair: possible links join all equal symbols, and none are possible elsewhere") {
  for (const Pair& p : corpus("sort", 500, 1, 3)) {
    std::size_t equal = 0;
    for (const std::string& a : p.src) equal += std::size_t(std::ranges::count(p.tgt, a));
    if (p.gold.size() != equal) FAIL_CHECK(sides(p));
  }
  for (const char* task : {"copy", "reverse", "swap"})
    for (const Pair& p : corpus(task, 500, 1, 3))
      if (sure_links(p) != p.gold) FAIL_CHECK(sides(p));
}

TEST_CASE("swap_pair: halves change places, a middle symbol stays, and twice is not at all") {
  CHECK(sides(swap_pair(split("a b c d"))) == "a b c d = c d a b");
  CHECK(sides(swap_pair(split("a b c d e"))) == "a b c d e = d e c a b");
  CHECK(pharaoh(swap_pair(split("a b c d e")).gold) == "0-3 1-4 2-2 3-0 4-1");
  CHECK(sides(swap_pair(split("a b c"))) == "a b c = c b a");
  CHECK(sides(swap_pair({"a"})) == "a = a");
  for (const Pair& p : corpus("swap"))
    if (swap_pair(p.tgt).tgt != p.src) FAIL_CHECK(sides(p));
}

TEST_CASE("tasks: a sure link for every symbol on both sides, to an equal one") {
  for (const char* task : symbol_tasks)
    for (const Pair& p : corpus(task)) {
      std::set<int> sources, targets;
      for (const Link& link : sure_links(p)) {
        sources.insert(link.src);
        targets.insert(link.tgt);
      }
      if (sources.size() != p.src.size() || targets.size() != p.tgt.size()) FAIL_CHECK(sides(p));
      for (const Link& link : p.gold)
        if (p.src[link.src] != p.tgt[link.tgt]) FAIL_CHECK(sides(p));
      if (!std::ranges::is_sorted(p.gold)) FAIL_CHECK(sides(p));
    }
}

TEST_CASE("tasks: tags say whether symbols repeat and whether links cross") {
  CHECK(join(copy_pair(split("a b c")).tags) == "");
  CHECK(join(copy_pair(split("a b a")).tags) == "duplicates");
  CHECK(join(reverse_pair(split("a a")).tags) == "duplicates reordering");
  CHECK(join(reverse_pair(split("a")).tags) == "");
  CHECK(join(sort_pair(split("a b c")).tags) == "");
  CHECK(join(sort_pair(split("b a")).tags) == "reordering");
  CHECK(join(swap_pair(split("a b c")).tags) == "reordering");
}

TEST_CASE("built_in_corpus: the same bytes for the same seed, on every machine") {
  std::map<std::string, std::uint64_t> known = {
      {"grammar", 8097400950651201888u},  {"copy", 14750654679519752857u},
      {"reverse", 12830890391600187659u}, {"sort", 7396436806401812738u},
      {"swap", 1475467652871578238u},     {"numbers", 15212291247820347970u}};
  for (const std::string& task : task_names()) {
    int low = lengths_of(task).low;
    std::string all;
    CorpusOptions options{.task = task, .pairs = 500, .seed = 3, .min_length = low,
                          .max_length = 12};
    for (const Pair& p : built_in_corpus(options))
      all += sides(p) + pharaoh(p.gold) + join(p.tags);
    CHECK_MESSAGE(hash_of({all}) == known.at(task), task);
    std::vector<Pair> few, other;
    options.pairs = 20;
    few = built_in_corpus(options);
    options.seed = 4;
    other = built_in_corpus(options);
    CHECK(sides(few[0]) == all.substr(0, sides(few[0]).size()));         // more begin like few
    CHECK(sides(few[19]) != sides(other[19]));
  }
}

TEST_CASE("built_in_corpus: the grammar's pairs are make_corpus's") {
  std::vector<Pair> a = built_in_corpus({.pairs = 50, .seed = 3, .max_length = 9}),
                    b = make_corpus(50, 3, {3, 9});
  for (int i = 0; i < 50; i++) CHECK(sides(a[i]) == sides(b[i]));
}

TEST_CASE("built_in_corpus: sources are distinct, and of every length in like numbers") {
  for (const char* task : {"copy", "reverse", "sort", "swap", "numbers"}) {
    std::set<Tokens> sources;
    std::map<int, int> by_length;
    for (const Pair& p : built_in_corpus({.task = task, .pairs = 5000, .seed = 2, .min_length = 3,
                                          .max_length = 12})) {
      sources.insert(p.src);
      by_length[int(p.src.size())]++;
    }
    CHECK(sources.size() == 5000);
    CHECK(by_length.size() == 10);
    for (const auto& bin : by_length)
      CHECK_MESSAGE(std::abs(bin.second - 500) < 100, task, bin.first);
  }
}

TEST_CASE("built_in_corpus: all there are, and an error that names the limits for one more") {
  CorpusOptions tiny{.task = "sort", .pairs = 39, .min_length = 1, .max_length = 3, .alphabet = 3};
  std::set<Tokens> sources;
  for (const Pair& p : built_in_corpus(tiny)) sources.insert(p.src);
  CHECK(sources.size() == 39);                  // 3 + 9 + 27
  tiny.pairs = 40;
  CHECK_THROWS_WITH(built_in_corpus(tiny),
                    "sort: asked for 40 distinct sources of 1 to 3 tokens over 3 symbols; there are"
                    " only 39");
  CorpusOptions short_numbers{.task = "numbers", .pairs = 28, .min_length = 1, .max_length = 1};
  CHECK(built_in_corpus(short_numbers).size() == 28);
  short_numbers.pairs = 29;
  CHECK_THROWS_WITH(built_in_corpus(short_numbers),
                    "numbers: asked for 29 distinct sources of 1 to 1 tokens; there are only 28");
  CHECK(corpus("copy", 0).empty());
}

TEST_CASE("built_in_corpus: what is out of range is refused, with the range") {
  auto refused = [](const CorpusOptions& o) { return error_of([&] { built_in_corpus(o); }); };
  CHECK(refused({.task = "copy", .min_length = 0}) ==
        "copy: lengths 0 to 40; they must rise and lie in 1 to 400");
  CHECK(refused({.task = "copy", .max_length = 401}).ends_with("lie in 1 to 400"));
  CHECK(refused({.task = "numbers", .max_length = 15}).ends_with("lie in 1 to 14"));
  CHECK(refused({.task = "grammar", .min_length = 2}).ends_with("lie in 3 to 40"));
  CHECK(refused({.task = "sort", .min_length = 9, .max_length = 8}).find("must rise") !=
        std::string::npos);
  for (int alphabet : {1, 677})
    CHECK(refused({.task = "swap", .alphabet = alphabet}).ends_with("must have 2 to 676 symbols"));
  CHECK(refused({.task = "copy", .pairs = -1}).find("cannot be negative") != std::string::npos);
  CHECK(refused({.task = "<b>\n"}) ==
        "no task \"<b>\\x0A\"; there are grammar, copy, reverse, sort, swap and numbers");
}

TEST_CASE("built_in_corpus: an alphabet of any size is in the order of its bytes") {
  for (int alphabet : {2, 26, 27, 676}) {
    std::set<std::string> symbols;
    for (const Pair& p : built_in_corpus({.task = "copy", .pairs = alphabet, .min_length = 1,
                                          .max_length = 1, .alphabet = alphabet}))
      symbols.insert(p.src[0]);
    CHECK(int(symbols.size()) == alphabet);
    CHECK(*symbols.begin() == (alphabet > 26 ? "aa" : "a"));
    for (const std::string& s : symbols) CHECK(s.size() == (alphabet > 26 ? 2 : 1));
  }
  CHECK(built_in_corpus({.task = "copy", .pairs = 3, .min_length = 400, .max_length = 400,
                         .alphabet = 676})[2].src.size() == 400);
}

TEST_CASE("(D8) split_of: the tasks' sources too are 90, 5 and 5 per cent") {
  for (const char* task : {"copy", "numbers"}) {
    std::map<Split, int> count;
    for (const Pair& p : corpus(task, 20000)) count[split_of(p.src)]++;
    CHECK(std::abs(count[Split::train] - 18000) < 200);
    CHECK(std::abs(count[Split::validation] - 1000) < 150);
    CHECK(std::abs(count[Split::test] - 1000) < 150);
  }
}

TEST_CASE("built_in_corpus: written as text and read again, the words are the same") {
  for (const std::string& task : task_names())
    for (const Pair& p : built_in_corpus({.task = task, .pairs = 300, .max_length = 12}))
      for (const Tokens& side : {p.src, p.tgt})
        if (tokenize(join(side), Tokenizer::standard) != side) FAIL_CHECK(join(side));
}
