#include "data/tasks.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "data/alignment.h"
#include "data/file.h"
#include "data/grammar.h"
#include "data/text.h"
#include "tensor/random.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

const char* const symbol_tasks[] = {"copy", "reverse", "sort", "swap"};

std::vector<Pair> drawn(const std::string& task, int pairs = 2000, std::uint64_t seed = 1,
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

// The number that French words mean, by adding and multiplying; plurals may or may not have an s.
int value_of(const Tokens& french) {
  const std::map<std::string, int> values = {
      {"zéro", 0},      {"un", 1},         {"deux", 2},      {"trois", 3},   {"quatre", 4},
      {"cinq", 5},      {"six", 6},        {"sept", 7},      {"huit", 8},    {"neuf", 9},
      {"dix", 10},      {"onze", 11},      {"douze", 12},    {"treize", 13}, {"quatorze", 14},
      {"quinze", 15},   {"seize", 16},     {"vingt", 20},    {"vingts", 20}, {"trente", 30},
      {"quarante", 40}, {"cinquante", 50}, {"soixante", 60}, {"et", 0}};
  int total = 0, group = 0;
  for (const std::string& w : french) {
    if (w == "mille") group = std::max(group, 1);
    if (w == "cent" || w == "cents") group = std::max(group, 1) * 100;
    else if (w == "mille") total += std::exchange(group, 0) * 1000;
    else if (w.starts_with("million")) total += std::exchange(group, 0) * 1000000;
    else if (w.starts_with("vingt") && group % 100 == 4) group += 76;      // quatre-vingt
    else group += values.at(w);
  }
  return total + group;
}

// All small numbers, and some of every length.
const std::vector<int>& numbers() {
  static const auto all = [] {
    std::vector<int> result(20000);
    for (int i = 0; i < 20000; i++) result[i] = i;
    Random random(1);
    for (int length = 1; length <= longest_number; length++)
      for (int i = 0; i < 1000; i++)
        result.push_back(number_of(length, random.below(count_numbers(length))));
    return result;
  }();
  return all;
}

std::string sides(int number) { return sides(number_pair(number)); }

}  // namespace

TEST_CASE("copy_pair: the target is the source, and its links are the diagonal") {
  for (const Pair& p : drawn("copy")) {
    int n = int(p.src.size());
    if (p.tgt != p.src || p.gold != diagonal(n, n)) FAIL_CHECK(sides(p));
  }
}

TEST_CASE("reverse_pair: its links are the anti-diagonal, and twice is not at all") {
  CHECK(sides(reverse_pair(split("a b c d"))) == "a b c d = d c b a");
  for (const Pair& p : drawn("reverse")) {
    int n = int(p.src.size());
    if (reverse_pair(p.tgt).tgt != p.src) FAIL_CHECK(sides(p));
    if (p.gold != mirrored(diagonal(n, n), n)) FAIL_CHECK(sides(p));
  }
}

TEST_CASE("sort_pair: sorted, of the same symbols, equal ones in their order") {
  CHECK(sides(sort_pair(split("c a b a"))) == "c a b a = a a b c");
  CHECK(pharaoh(sort_pair(split("c a b a")).gold) == "0-3 1-0 1?1 2-2 3?0 3-1");
  for (const Pair& p : drawn("sort", 2000, 1, 5)) {
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
  for (const Pair& p : drawn("sort", 500, 1, 3)) {
    std::size_t equal = 0;
    for (const std::string& a : p.src) equal += std::size_t(std::ranges::count(p.tgt, a));
    if (p.gold.size() != equal) FAIL_CHECK(sides(p));
  }
  for (const char* task : {"copy", "reverse", "swap"})
    for (const Pair& p : drawn(task, 500, 1, 3))
      if (sure_links(p) != p.gold) FAIL_CHECK(sides(p));
}

TEST_CASE("swap_pair: halves change places, a middle symbol stays, and twice is not at all") {
  CHECK(sides(swap_pair(split("a b c d"))) == "a b c d = c d a b");
  CHECK(sides(swap_pair(split("a b c d e"))) == "a b c d e = d e c a b");
  CHECK(pharaoh(swap_pair(split("a b c d e")).gold) == "0-3 1-4 2-2 3-0 4-1");
  CHECK(sides(swap_pair(split("a b c"))) == "a b c = c b a");
  CHECK(sides(swap_pair({"a"})) == "a = a");
  for (const Pair& p : drawn("swap"))
    if (swap_pair(p.tgt).tgt != p.src) FAIL_CHECK(sides(p));
}

TEST_CASE("tasks: a sure link for every symbol on both sides, to an equal one") {
  for (const char* task : symbol_tasks)
    for (const Pair& p : drawn(task)) {
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
  CHECK(drawn("copy", 0).empty());
}

TEST_CASE("built_in_corpus: what is out of range is refused, with the range") {
  auto refused = [](const CorpusOptions& o) { return error_of([&] { built_in_corpus(o); }); };
  CHECK(refused({.task = "copy", .min_length = 0}) ==
        "copy: lengths 0 to 40; they must increase, from 1 at least to 400 at most");
  CHECK(refused({.task = "copy", .max_length = 401}).ends_with("from 1 at least to 400 at most"));
  CHECK(refused({.task = "numbers", .max_length = 15}).ends_with("from 1 at least to 14 at most"));
  CHECK(refused({.task = "grammar", .min_length = 2}).ends_with("from 3 at least to 40 at most"));
  CHECK(refused({.task = "sort", .min_length = 9, .max_length = 8}).find("must increase") !=
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
    for (const Pair& p : drawn(task, 20000)) count[split_of(p.src)]++;
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

TEST_CASE("number_pair: as written by hand, every irregular word among them") {
  int count = 0;
  std::istringstream lines(read_file("tests/golden/numbers.txt"));
  for (std::string line; std::getline(lines, line); count++) {
    const std::size_t blank = line.find(' ');
    std::string expected = line.substr(blank + 1);           // the corpus leaves the hyphens out
    std::ranges::replace(expected, '-', ' ');
    CHECK(sides(std::stoi(line.substr(0, blank))) == expected);
  }
  CHECK(count == 89);
}

TEST_CASE("number_pair: the French words mean the number") {
  for (int n : numbers())
    if (value_of(number_pair(n).tgt) != n) FAIL_CHECK(n << ": " << sides(n));
  CHECK(value_of(split("quatre vingt dix mille quatre cent vingt et un")) == 90421);
}

TEST_CASE("number_pair: no two numbers share their English or their French words") {
  std::set<Tokens> english, french;
  std::set<int> distinct(numbers().begin(), numbers().end());
  for (int n : distinct) {
    Pair pair = number_pair(n);
    english.insert(pair.src);
    french.insert(pair.tgt);
  }
  CHECK(english.size() == distinct.size());
  CHECK(french.size() == distinct.size());
}

TEST_CASE("number_pair: cent and vingt have an s when multiplied and no numeral follows") {
  for (int n : numbers()) {
    Tokens french = number_pair(n).tgt;
    french.push_back("");
    for (std::size_t i = 0; i + 1 < french.size(); i++) {
      const std::string &w = french[i], before = i == 0 ? "" : french[i - 1];
      bool last = french[i + 1].empty() || french[i + 1].starts_with("million");
      bool multiplied = i > 0 && before != "mille" && !before.starts_with("million");
      bool twenty = w.starts_with("vingt") && before == "quatre", hundred = w.starts_with("cent");
      bool has_s = w == "vingts" || w == "cents";
      if (has_s != (last && multiplied && (twenty || hundred))) FAIL_CHECK(sides(n));
    }
  }
}

TEST_CASE("number_pair: links by hand") {
  auto links = [](int n) { return pharaoh(number_pair(n).gold); };
  CHECK(links(17) == "0-0 0-1");
  CHECK(links(21) == "0-0 0?1 1?1 1-2");
  CHECK(links(71) == "0-0 0?1 0-2 1?1 1-2");
  CHECK(links(75) == "0-0 0-1 1-1");
  CHECK(links(77) == "0-0 0-1 1-2");
  CHECK(links(95) == "0-0 0-1 0-2 1-2");
  CHECK(links(102) == "0?0 1-0 2-1");
  CHECK(links(1000) == "0?0 1-0");
  CHECK(links(3000080) == "0-0 1-1 2-2 2-3");
}

TEST_CASE("number_pair: links are sorted, each once, sure ones never cross, no word is without") {
  for (int n : numbers()) {
    Pair pair = number_pair(n);
    std::set<int> english, french;
    int furthest = 0;
    for (const Link& link : pair.gold) {
      english.insert(link.src);
      french.insert(link.tgt);
      if (!link.sure) continue;
      if (link.tgt < furthest) FAIL_CHECK(sides(n));
      furthest = link.tgt;
    }
    if (english.size() != pair.src.size() || french.size() != pair.tgt.size())
      FAIL_CHECK(sides(n));
    if (parse_pharaoh(pharaoh(pair.gold), int(pair.src.size()), int(pair.tgt.size())) != pair.gold)
      FAIL_CHECK(sides(n));
  }
}

TEST_CASE("number_pair: tags by hand") {
  auto tags = [](int n) { return join(number_pair(n).tags); };
  CHECK(tags(45) == "");
  CHECK(tags(41) == "et");
  CHECK(tags(71) == "et fused vigesimal");
  CHECK(tags(78) == "vigesimal");
  CHECK(tags(80) == "plural vigesimal");
  CHECK(tags(1100) == "implied-one");
  CHECK(tags(1000000) == "");
  CHECK(tags(2000000) == "plural");
}

TEST_CASE("number_of: every number of a length once, and of all lengths together every number") {
  int all = 0;
  for (int length = 1; length <= longest_number; length++) all += count_numbers(length);
  CHECK(all == largest_number + 1);
  for (int length : {1, 2, 3, 4}) {
    std::set<int> found;
    for (int rank = 0; rank < count_numbers(length); rank++) {
      int n = number_of(length, rank);
      found.insert(n);
      if (int(number_pair(n).src.size()) != length) FAIL_CHECK(sides(n));
    }
    CHECK(int(found.size()) == count_numbers(length));
  }
  for (std::size_t i = 20000; i < numbers().size(); i++)
    if (number_pair(numbers()[i]).src.size() != 1 + (i - 20000) / 1000)
      FAIL_CHECK(sides(numbers()[i]));
}

TEST_CASE("number words: what cannot be is refused, with what can") {
  CHECK_THROWS_WITH(number_pair(-1), "number_pair: -1 is not in 0 to 999999999");
  CHECK_THROWS_WITH(number_pair(1000000000), "number_pair: 1000000000 is not in 0 to 999999999");
  CHECK_THROWS_WITH(count_numbers(15),
                    "number words: a length of 15; numbers have 1 to 14 English words");
  CHECK_THROWS_WITH(number_of(1, 28), "number_of: rank 28; there are 28 numbers of 1 words");
  CHECK_THROWS_AS(number_of(1, -1), Error);
}
