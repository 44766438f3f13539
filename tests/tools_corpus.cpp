// The options that choose a built-in corpus: defaults by task, what does not go together, and what
// training keeps out.
#include "tools/app/corpus.h"

#include "data/grammar.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

CorpusOptions settled(const std::vector<std::string>& words, const std::string& data = "") {
  CorpusOptions options{.max_length = 15};
  Args args("train", "babelgrad train");
  declare_corpus(args, options, 10);
  args.parse(words);
  settle_corpus("train", args, options, data);
  return options;
}

}  // namespace

TEST_CASE("corpus options: lengths are those of the task, unless given") {
  struct { std::vector<std::string> words; int low, high; } table[] = {
      {{}, 3, 15},
      {{"--task", "numbers"}, 1, 14},
      {{"--task", "copy"}, 1, 15},
      {{"--task", "copy", "--min-length", "7", "--max-length", "400"}, 7, 400},
      {{"--task", "numbers", "--max-length", "5"}, 1, 5},
      {{"--max-length", "40"}, 3, 40},
  };
  for (const auto& row : table) {
    CorpusOptions options = settled(row.words);
    CHECK(options.min_length == row.low);
    CHECK(options.max_length == row.high);
  }
}

TEST_CASE("corpus options: beside a file they are left alone, but for a task, which is refused") {
  CHECK(settled({"--min-length", "2"}, "pairs.tsv").min_length == 2);
  CHECK(error_of([] { settled({"--task", "copy"}, "pairs.tsv"); }) ==
        "train: --task is a built-in corpus and --data a file; give one of them");
}

TEST_CASE("keep out: what is named is left out, in its order, and counted") {
  const std::vector<Pair> all = built_in_corpus({.pairs = 2000});
  struct { const char* kinds; bool combinations, depth; } table[] = {
      {"combinations", true, false}, {"depth", false, true}, {"depth, combinations", true, true},
      {"depth,depth", false, true}};
  for (const auto& row : table) {
    std::vector<Pair> kept = all, expected;
    int combinations = 0, depth = 0;
    for (const Pair& pair : all) {
      const bool new_words = row.combinations && unseen_combination(pair);
      const bool deep = row.depth && genitive_depth(pair) > 1;
      combinations += new_words, depth += deep;
      if (!new_words && !deep) expected.push_back(pair);
    }
    const std::string line = keep_out(row.kinds, kept);
    CHECK(line.starts_with(join("kept out ", 2000 - expected.size(), " of 2000 pairs: ")));
    CHECK(says(line, join("combinations ", combinations)) == row.combinations);
    CHECK(says(line, join("depth ", depth)) == row.depth);
    CHECK(std::ranges::equal(kept, expected, {}, &Pair::src, &Pair::src));
    CHECK(combinations + depth > 50);
  }
}
