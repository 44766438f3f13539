#include "tools/app/cli/args.h"

#include <doctest/doctest.h>

#include <sstream>

#include "tests/close.h"
#include "tools/app/cli/terminal.h"

using namespace babelgrad;

namespace {

using Words = std::vector<std::string>;

struct Train {                                  // a command as the program writes it
  std::string model = "transformer", data, run, corpus = "none";
  Words more;
  int epochs = 30;
  std::int64_t pairs = 0;
  std::uint64_t seed = 1;
  double lr = 0.001;
  bool resume = false;
  Args args{"train", "babelgrad train --model rnn run/"};

  explicit Train(bool open_ended = false) {
    args.choice("model", &model, {"rnn", "attention", "transformer"}, "which of the three");
    args.string("data", &data, "FILE", "the pairs");
    args.integer("epochs", &epochs, 1, 1000000, "passes over the training pairs");
    args.integer("pairs", &pairs, std::int64_t(0), std::int64_t(1) << 40, "at most so many");
    args.integer("seed", &seed, 0, UINT64_MAX, "where random numbers begin");
    args.number("lr", &lr, 0, 10, "learning rate");
    args.flag("resume", &resume, "go on");
    args.positional("run", &run, "the folder");
    args.optional("corpus", &corpus, "another corpus");
    if (open_ended) args.rest("more", &more, "sentences");
  }
};

std::string complaint_on(const Words& words) {
  Train train;
  try {
    train.args.parse(words);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("Args: values reach their variables, with = and without") {
  Train t;
  const char* argv[] = {"train", "--model=rnn", "--data", "a.tsv", "run/", "--epochs", "7",
                        "--pairs=1099511627776", "--seed", "18446744073709551615", "--lr=2e-4",
                        "--resume"};
  t.args.parse(12, argv);
  CHECK(t.model == "rnn");
  CHECK(t.data == "a.tsv");
  CHECK(t.run == "run/");
  CHECK(t.epochs == 7);
  CHECK(t.pairs == std::int64_t(1) << 40);
  CHECK(t.seed == UINT64_MAX);
  CHECK(t.lr == 2e-4);
  CHECK(t.resume);
  CHECK(t.corpus == "none");
}

TEST_CASE("Args: a value may be empty, hold = or be a dash") {
  Train a, b, c;
  a.args.parse(Words{"--data=", "run"});
  CHECK(a.data.empty());
  CHECK(a.args.given("data"));
  b.args.parse(Words{"--data=x=y", "-"});
  CHECK(b.data == "x=y");
  CHECK(b.run == "-");
  c.args.parse(Words{"--data", "-", "run"});
  CHECK(c.data == "-");
}

TEST_CASE("Args: -- ends the options, the rest takes what is left") {
  Train t(true);
  t.args.parse(Words{"run", "--resume", "--", "--epochs", "-h", "--", ""});
  CHECK(t.run == "run");
  CHECK(t.corpus == "--epochs");
  CHECK(t.more == Words{"-h", "--", ""});
  CHECK(t.resume);
}

TEST_CASE("Args: a complaint stays short whatever was typed") {
  for (const std::string& word : {std::string(200000, 'x'), std::string(5000, '\1')}) {
    for (const Words& words : {Words{"--" + word}, {"--epochs", word}, {"a", "b", word}}) {
      const std::string line = complaint_on(words);
      CHECK(line.size() > 20);
      CHECK(line.size() <= 300);
    }
  }
}

TEST_CASE("Args: what was given is remembered, and effective values are listed in order") {
  Train t;
  t.args.parse(Words{"run", "--lr", "0.5", "--resume"});
  CHECK(t.args.given("lr"));
  CHECK(!t.args.given("epochs"));
  CHECK_THROWS_WITH_AS(t.args.given("lrr"), "train: unknown flag --lrr (did you mean --lr?)",
                       UsageError);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"model", "transformer"}, {"data", ""}, {"epochs", "30"}, {"pairs", "0"},
      {"seed", "1"},            {"lr", "0.5"}, {"resume", "true"}};
  CHECK(t.args.values() == expected);
}

TEST_CASE("Args: the listed values, preset elsewhere, give the same values") {
  Train a, b;
  a.args.parse(Words{"run", "--lr", "0.1", "--model", "rnn", "--seed=18446744073709551615"});
  b.args.parse(Words{"run"});
  for (const auto& [name, value] : a.args.values()) b.args.preset(name, value);
  CHECK(b.args.values() == a.args.values());
}

TEST_CASE("Args: a preset is checked and never overrides the user") {
  Train t;
  t.args.parse(Words{"run", "--epochs", "5"});
  t.args.preset("epochs", "9");
  t.args.preset("lr", "0.25");
  CHECK(t.epochs == 5);
  CHECK(t.lr == 0.25);
  CHECK(!t.args.given("lr"));
  CHECK_THROWS_WITH_AS(t.args.preset("lr", "fast"),
                       "train: --lr must be a number from 0 to 10, not \"fast\"", UsageError);
  CHECK_THROWS_WITH_AS(t.args.preset("resume", "1"),
                       "train: --resume must be true or false, not \"1\"", UsageError);
}

TEST_CASE("Args: two options of one name are the program's mistake") {
  Train t;
  bool again = false;
  CHECK_THROWS_WITH_AS(t.args.flag("lr", &again, ""), "train: two options are called --lr", Error);
}

TEST_CASE("Args: help says what it is for, shows examples, and options in groups") {
  std::string data;
  double share = 0.5;
  int beam = 1, merges = 10, heads = 0;
  bool all = false;
  Args args("try", "babelgrad try run/\nbabelgrad try run/ -b 5");
  args.about("Tries things, so that a test has something to read, in more words than fit a line.");
  args.positional("run", &data, "the folder");
  args.flag("all", &all, "everything");
  args.group("Search");
  args.integer("beam", &beam, 1, 100, "how many");
  args.integer("merges", &merges, 2, 1000000, "how many more");
  args.number("share", &share, 0, 1, "of them");
  args.counted("head", &heads, 64, {{"mean", 0}}, "which one");
  CHECK(args.usage() ==
        "Usage: babelgrad try RUN [--flags]\n"
        "\n"
        "Tries things, so that a test has something to read, in more words than fit a\n"
        "line.\n"
        "\n"
        "Example: babelgrad try run/\n"
        "         babelgrad try run/ -b 5\n"
        "\n"
        "  RUN                   the folder\n"
        "\n"
        "  --all                 everything\n"
        "\n"
        "Search\n"
        "  -b, --beam N          how many (1 to 100, default 1)\n"
        "  --merges N            how many more (at least 2, default 10)\n"
        "  --share X             of them (0 to 1, default 0.5)\n"
        "  --head N|mean         which one (default mean)\n"
        "\n"
        "  -h, --help            print this");
  std::istringstream lines(args.usage(40));
  for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(display_width(line) <= 40, line);
  CHECK(says(args.usage(40), "\n  --share X\n    of them (0 to 1, default 0.5)\n"));
  for (const char* word : {"-h", "--help"}) {
    Train t(true);
    CHECK_THROWS_AS(t.args.parse(Words{"--resume", word, "--nonsense"}), HelpWanted);
  }
}

TEST_CASE("Args: five options have a letter, in commands that have the option") {
  Train t;
  t.args.parse(Words{"run", "-m", "rnn", "-d=x.tsv"});
  CHECK(t.model == "rnn");
  CHECK(t.data == "x.tsv");
  CHECK(complaint_on({"run", "-m"}) ==
        "train: --model needs a value: --model rnn|attention|transformer");
  CHECK(complaint_on({"run", "-b", "5"}) ==
        "train: unknown flag -b (a dash may begin an argument after --)");
}

TEST_CASE("Args: what is counted begins with 1, and a word stands for the rest") {
  for (const auto& [word, meant] : {std::pair{"3", 3}, {"mean", 0}, {"64", 64}}) {
    int head = 7;
    Args args("try", "");
    args.counted("head", &head, 64, {{"mean", 0}}, "");
    args.parse(Words{"--head", word});
    CHECK(head == meant);
    CHECK(args.values()[0].second == word);
  }
  for (const char* word : {"0", "65", "-1", "last", "", "2x"}) {
    int head = 7;
    Args args("try", "");
    args.counted("head", &head, 64, {{"mean", 0}}, "");
    CHECK_THROWS_WITH_AS(args.parse(Words{join("--head=", word)}),
                         join("try: --head must be a whole number from 1 to 64 or mean, not \"",
                              word, "\"").c_str(), UsageError);
    CHECK(head == 7);
  }
}

TEST_CASE("nearest: a few slips are forgiven, another word is not") {
  const Words commands = {"train", "translate", "evaluate", "attend", "explain", "lab"};
  CHECK(nearest("trian", commands) == "train");
  CHECK(nearest("tain", commands) == "train");
  CHECK(nearest("translte", commands) == "translate");
  CHECK(nearest("eval", commands) == "");
  CHECK(nearest("la", commands) == "lab");
  CHECK(nearest("xyz", commands) == "");
  CHECK(nearest("", commands) == "");
  CHECK(nearest("train", {}) == "");
  CHECK(nearest("aa", {"ab", "ac"}) == "ab");   // a tie: the first
  CHECK(did_you_mean("trian", commands) == " (did you mean train?)");
  CHECK(did_you_mean("xyz", commands).empty());
  CHECK(did_you_mean("eval", commands) == " (did you mean evaluate?)");
}
