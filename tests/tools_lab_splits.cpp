// Groups of pairs: who is in which, that they are apart, and that nobody is left out.
#include "tools/app/run/splits.h"

#include <numeric>

#include "data/grammar.h"
#include "data/tasks.h"
#include "tests/tools_lab_analysis.h"
#include "tools/app/corpus.h"

using namespace babelgrad;
using namespace babelgrad::analysis;

namespace {

std::vector<Scored> scored_corpus(const CorpusOptions& options) {
  std::vector<Scored> out;
  for (const Pair& pair : built_in_corpus(options)) out.push_back({pair});
  return out;
}

// Every pair in one group and no more; no group is empty.
void check_parted(const Grouping& grouping, std::size_t pairs) {
  INFO(grouping.key);
  std::vector<int> all;
  for (const Group& group : grouping.groups) {
    CHECK(!group.members.empty());
    all.insert(all.end(), group.members.begin(), group.members.end());
  }
  std::ranges::sort(all);
  std::vector<int> expected(pairs);
  std::iota(expected.begin(), expected.end(), 0);
  CHECK(all == expected);
}

std::string names(const Grouping& grouping) {
  std::string out;
  for (const Group& g : grouping.groups) out += join(g.name, " ", g.members.size(), "; ");
  return out;
}

}  // namespace

TEST_CASE("splits: disjoint and complete, on the grammar and on every task") {
  for (const std::string& task : task_names()) {
    auto [low, high] = lengths_of(task);
    auto pairs = scored_corpus({.task = task, .pairs = 600, .seed = 4, .min_length = low,
                                .max_length = std::min(high, 60)});
    Grouping length = by_length(pairs), order = by_order(pairs);
    for (const Grouping& g :
         {length, order, crossed(length, order), split_by_length(pairs, 12),
          split_by_combination(pairs), split_by_depth(pairs)})
      check_parted(g, pairs.size());
  }
}

TEST_CASE("splits: a group of a phenomenon has just the pairs with its tag") {
  auto pairs = scored_corpus({.pairs = 500});
  Grouping tags = by_tag(pairs);
  CHECK(tags.missing.empty());
  std::size_t tagged = 0;
  for (const Group& group : tags.groups) {
    for (int i : group.members) {
      const auto& own = pairs[i].pair.tags;
      bool has = group.name == "none of them" ? own.empty()
                                              : std::ranges::count(own, group.name) == 1;
      if (!has) FAIL_CHECK(group.name, " ", join(pairs[i].pair.src));
    }
    tagged += group.name == "none of them" ? 0 : group.members.size();
  }
  std::size_t expected = 0;
  for (const Scored& s : pairs) expected += s.pair.tags.size();
  CHECK(tagged == expected);
}

TEST_CASE("splits: reordered is what the grammar and the tasks tag so") {
  for (const char* task : {"grammar", "sort", "swap", "numbers"}) {
    auto pairs = scored_corpus({.task = task, .pairs = 500, .max_length = 14});
    for (const Scored& s : pairs) {
      bool tagged = std::ranges::count(s.pair.tags, "reordering") > 0;
      if (is_reordered(s.pair) != tagged) FAIL_CHECK(task, ": ", join(s.pair.src));
    }
  }
}

TEST_CASE("splits: reordered by hand; possible links and words of several do not cross") {
  auto reordered = [](const char* gold) {
    return is_reordered({split("a b c d"), split("w x y z"), parse_pharaoh(gold, 4, 4), {}});
  };
  CHECK(!reordered("0-0 1-1 2-2 3-3"));
  CHECK(reordered("0-1 1-0"));
  CHECK(!reordered("0-0 0-1 1-1 1-2"));
  CHECK(!reordered("0-3 1?0 2?1"));
  CHECK(reordered("0-0 0-3 1-1"));                         // 1 goes between what 0 became
  CHECK(!reordered("0-2 1-2"));
  CHECK(!reordered(""));
}

TEST_CASE("splits: lengths stand in their bands, the ends included") {
  std::vector<Scored> pairs;
  for (int n : {1, 5, 6, 20, 21, 40, 41, 300}) pairs.push_back({{Tokens(n, "a"), {"b"}}});
  CHECK(names(by_length(pairs)) ==
        "1-5 2; 6-10 1; 16-20 1; 21-30 1; 31-40 1; over 40 2; ");
  CHECK(names(split_by_length(pairs, 20)) == "up to 20 4; over 20 4; ");
  CHECK(split_by_length(pairs, 20).missing.empty());
  CHECK(split_by_length(pairs, 300).missing ==
        "no sources on both sides of 300 tokens: --trained-length, --max-length");
}

TEST_CASE("splits: combinations and nesting by the words of the source") {
  std::vector<Scored> pairs{scored("the dog sleeps .", "le chien dort .", ""),
                            scored("the old dog sleeps .", "le vieux chien dort .", ""),
                            scored("the king 's friend 's house .", "x", ""),
                            scored("the king 's house .", "x", "")};
  CHECK(names(split_by_depth(pairs)) == "depth 0 2; depth 1 1; depth 2 1; ");
  CHECK(!unseen_combination(pairs[1].pair));
  CHECK(names(split_by_combination(pairs)) == "none 3; combination 1; ");
  CHECK(split_by_combination(pairs).missing ==
        "no adjective stands with a noun that counts as unseen");
  auto drawn = scored_corpus({.pairs = 800});
  for (const Group& group : split_by_combination(drawn).groups)
    for (int i : group.members)
      CHECK(unseen_combination(drawn[i].pair) == (group.name == "unseen combination"));
}

TEST_CASE("splits: a note says which training has not seen what, if there is such a pair") {
  std::vector<Scored> pairs = scored_corpus({.pairs = 800});
  CHECK(split_by_length(pairs, 20).note ==
        "over 20: unseen only by a training up to there; --trained-length");
  CHECK(split_by_combination(pairs).note ==
        "unseen only by a training with --keep-out combinations");
  CHECK(split_by_depth(pairs).note ==
        "from depth 2: unseen only by a training with --keep-out depth");
  std::erase_if(pairs, [](const Scored& s) { return genitive_depth(s.pair) > 1; });
  CHECK(split_by_depth(pairs).note == "");
}

TEST_CASE("splits: after train --keep-out, what is unseen is in no training pair") {
  std::vector<Pair> trained = built_in_corpus({.pairs = 800});
  keep_out("combinations,depth", trained);
  std::vector<Scored> pairs;
  for (const Pair& pair : trained) pairs.push_back({pair});
  CHECK(split_by_combination(pairs).missing ==
        "no adjective stands with a noun that counts as unseen");
  CHECK(split_by_depth(pairs).groups.back().name == "depth 1");
}

TEST_CASE("splits: pairs of a file say what is missing") {
  std::vector<Scored> pairs{scored("go", "va", "va"), scored("run", "cours", "va")};
  CHECK(by_tag(pairs).groups.empty());
  CHECK(by_tag(pairs).missing.find("only pairs of the built-in corpus have tags") !=
        std::string::npos);
  CHECK(by_order(pairs).missing.find("no gold links") == 0);
  CHECK(split_by_depth(pairs).missing == "no genitive: no depth of nesting");
}
