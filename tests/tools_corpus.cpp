// The options that choose a built-in corpus: defaults by task, and what does not go together.
#include "tools/corpus.h"

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
  CHECK(refused({"--task", "reversed"}).find("reverse") != std::string::npos);
  CHECK(refused({"--alphabet", "1"}).find("2") != std::string::npos);
  CHECK(refused({"--pairs", "9"}).find("10") != std::string::npos);
}

TEST_CASE("corpus options: beside a file they are left alone, but for a task, which is refused") {
  CHECK(settled({"--min-length", "2"}, "pairs.tsv").min_length == 2);
  CHECK(error_of([] { settled({"--task", "copy"}, "pairs.tsv"); }) ==
        "train: --task is a built-in corpus and --data a file; give one of them");
}
