// The options that choose a built-in corpus: defaults by task, what does not go together, and what
// training keeps out.
#include "tools/app/corpus.h"

#include "data/grammar.h"
#include "tests/close.h"
#include "tests/program.h"

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

std::string refused_kinds(const std::string& kinds, const std::string& task = "grammar",
                          const std::string& data = "") {
  try {
    settle_keep_out("train", kinds, task, data);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

// What `babelgrad train` says of a small run in the folder.
std::string train_says(const Folder& folder, const std::string& arguments) {
  const Said said = said_by(folder, "train --model rnn --pairs 300 --max-length 12 --hidden 8 "
                                    "--embed 8 --layers 1 --threads 1 --out run " + arguments);
  return said.out + said.err;
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

TEST_CASE("corpus options: what the task does not have is wrong use, and the error says so") {
  auto refused = [](const std::vector<std::string>& words) {
    CHECK_THROWS_AS(settled(words), UsageError);
    return error_of([&] { settled(words); });
  };
  CHECK(refused({"--min-length", "9", "--max-length", "8"}) ==
        "train: --min-length 9 is above --max-length 8");
  CHECK(refused({"--max-length", "41"}) ==
        "train: --task grammar has lengths from 3 to 40, not 3 to 41");
  CHECK(refused({"--min-length", "2"}) ==
        "train: --task grammar has lengths from 3 to 40, not 2 to 15");
  CHECK(refused({"--task", "numbers", "--max-length", "15"}) ==
        "train: --task numbers has lengths from 1 to 14, not 1 to 15");
  CHECK(refused({"--task", "numbers", "--alphabet", "5"}) ==
        "train: --alphabet is for copy, reverse, sort and swap; --task is numbers");
  CHECK(says(refused({"--task", "reversed"}), "reverse"));
  CHECK(says(refused({"--alphabet", "1"}), "2"));
  CHECK(says(refused({"--pairs", "9"}), "10"));
}

TEST_CASE("corpus options: beside a file they are left alone, but for a task, which is refused") {
  CHECK(settled({"--min-length", "2"}, "pairs.tsv").min_length == 2);
  CHECK(error_of([] { settled({"--task", "copy"}, "pairs.tsv"); }) ==
        "train: --task names a built-in corpus and --data a file; choose one of them");
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

TEST_CASE("keep out: what is no kind, or not the grammar's, is wrong use, and the error says so") {
  for (const char* kinds : {"", "combinations", "depth", "depth,combinations", "depth, depth"})
    CHECK(refused_kinds(kinds) == "");
  CHECK(refused_kinds("depth,combination") ==
        "train: --keep-out must name combinations or depth, not \"combination\" (did you mean "
        "combinations?)");
  CHECK(refused_kinds("length") ==
        "train: --keep-out must name combinations or depth, not \"length\"");
  CHECK(refused_kinds("depth", "copy") == "train: --keep-out is for the grammar; --task is copy");
  CHECK(refused_kinds("depth", "grammar", "pairs.tsv") ==
        "train: --keep-out is for the grammar, and --data names a file; choose one of them");
  CHECK(refused_kinds("", "grammar", "pairs.tsv") == "");
}

TEST_CASE("keep out: train says how much, shows the option and keeps the choice") {
  Folder folder;
  std::vector<Pair> seen = built_in_corpus({.pairs = 300, .max_length = 12});
  std::erase_if(seen, [](const Pair& pair) { return split_of(pair.src) == Split::test; });
  const std::string line = keep_out("combinations,depth", seen) + "\n";
  const std::string both = "--keep-out combinations,depth ";
  CHECK(says(train_says(folder, both + "--dump-config"), "\nkeep-out = combinations,depth\n"));
  CHECK(train_says(folder, "--keep-out depht") ==
        "error: train: --keep-out must name combinations or depth, not \"depht\" (did you mean "
        "depth?)\n");
  CHECK(says(train_says(folder, "--keep-out depth --task sort"), "--task is sort"));

  const std::string stopped = train_says(folder, both + "--max-steps 1");
  CHECK(stopped.starts_with(line));
  CHECK(says(stopped, "train --resume --out run\n"));
  for (const char* other : {"depth", "combinations", "depth,combinations"})
    CHECK(says(train_says(folder, join("--keep-out ", other, " --resume")),
               "was trained with --keep-out \"combinations,depth\", not "));
  CHECK(says(train_says(folder, "--epochs 40 --resume"), "trained "));
}
