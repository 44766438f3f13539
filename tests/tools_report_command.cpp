// babelgrad report as a user has it: which pairs it scores, what it prints, what it may overwrite.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "data/file.h"
#include "data/grammar.h"
#include "data/text.h"
#include "tests/close.h"
#include "tests/folder.h"
#include "tests/xml.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/guarded.h"
#include "tools/app/report/pairs.h"
#include "tools/app/run/train.h"

using namespace babelgrad;

namespace {

int run_report(std::vector<std::string> words) {
  words.insert(words.begin(), "report");
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());
  return report_command(int(pointers.size()), pointers.data());
}

// A run on two files, English in their second column, with the log that train would write.
struct OnFiles {
  Folder folder;
  std::string run = folder.path + "/run", data = folder.path + "/train.tsv";
  std::string val = folder.path + "/val.tsv", page = run + "/report.html";
  report::NamedValues options = {{"data", data}, {"val", val}, {"swap", "true"}, {"limit", "3"},
                                 {"num-train", "0"}, {"max-tokens", "0"}};

  OnFiles() {
    write_file_atomically(data, "un chat\ta cat\nun chien\ta dog\nun lit\ta bed\nun rat\ta rat\n");
    write_file_atomically(val, "le chat\tthe cat\nle chien\tthe dog\n");
    TrainSettings s;
    s.model = {.model = "attention", .embed = 4, .hidden = 4, .layers = 1};
    s.epochs = 1;
    TrainingCorpus corpus;
    for (const char* pair : {"cat chat", "dog chien", "bed lit"}) {
      const Tokens words = split(pair);
      corpus.train.push_back({{"a", words[0]}, {"un", words[1]}});
    }
    corpus.validation = {{split("the cat"), split("le chat")}, {split("the dog"),
                                                                split("le chien")}};
    Progress silent({.fd = -1});
    make_folder(run);
    log_settings(run, options);
    run_training(s, corpus, run, false, silent);
  }
  std::string html() const { return read_file(page); }
  void log(const report::NamedValues& named) const {
    write_file_atomically(run + "/log.jsonl", "");
    log_settings(run, named);
  }
};

const char* const no_pairs = "There were no pairs to translate";

}  // namespace

TEST_CASE("report command: alone it scores the pairs that the run was validated on") {
  const OnFiles it;
  REQUIRE(run_report({it.run}) == 0);
  CHECK(count(it.html(), "2 pairs of " + it.val + ", columns swapped") >= 1);
  CHECK(count(it.html(), "<span class=\"side\">source</span><bdi>the cat</bdi>") == 1);
  CHECK(count(it.html(), "no longer those") == 0);             // the checkpoint's checksum fits
  CHECK(count(it.html(), "built-in corpus") == 0);
  CHECK(count(it.html(), "<td class=\"left\">chrF2</td>") == 1);

  write_file_atomically(it.val, "le chat\tthe bat\n");
  REQUIRE(run_report({it.run}) == 0);
  CHECK(count(it.html(), "no longer those of the training") == 1);
  it.log({{"data", it.data}, {"swap", "true"}, {"num-train", "3"}});
  REQUIRE(run_report({it.run}) == 0);
  CHECK(count(it.html(), "1 pair of " + it.data + ", columns swapped, after the first 3") >= 1);
  CHECK(count(it.html(), "<bdi>a rat</bdi>") == 1);
}

TEST_CASE("report command: pairs that cannot be had are no scores, never other pairs") {
  const OnFiles it;
  remove_file(it.val);
  REQUIRE(run_report({it.run}) == 0);
  CHECK(count(it.html(), no_pairs) == 1);
  CHECK(count(it.html(), "cannot be had (" + it.val + ": ") == 1);
  struct { report::NamedValues options; std::string says; } table[] = {
      {{{"data", it.data}}, "cannot be had (the training had none"},
      {{{"data", ""}, {"pairs", "many"}}, "cannot be had (log.jsonl: --pairs must be"},
      {{{"lr", "1"}, {"task", "flying"}}, "cannot be had (log.jsonl: --task must be"}};
  for (const auto& row : table) {
    it.log(row.options);
    REQUIRE(run_report({it.run}) == 0);
    CHECK_MESSAGE(count(it.html(), row.says) == 1, row.says);
    CHECK(count(it.html(), no_pairs) == 1);
  }
  remove_file(it.run + "/log.jsonl");
  REQUIRE(run_report({it.run}) == 0);
  CHECK(count(it.html(), "cannot be had (log.jsonl does not say which they were") == 1);
  REQUIRE(run_report({it.run, "--pairs", "60", "--max-length", "6"}) == 0);
  CHECK(count(it.html(), "but the run was trained on other pairs") == 1);
  CHECK(count(it.html(), no_pairs) == 0);
}

TEST_CASE("report: pairs of the built-in corpus are those of the logged options") {
  ReportedRun run{"/nowhere"};
  report::RunLog log;
  log.options = {{"data", ""}, {"task", "copy"}, {"pairs", "200"}, {"min-length", "3"},
                 {"max-length", "5"}, {"alphabet", "4"}, {"seed", "9"}};
  report::take_own_pairs(run, log, Tokenizer::standard);
  CHECK((run.pairs_from == "the built-in corpus" && run.remarks.empty()));
  REQUIRE(!run.pairs.empty());
  for (const Pair& pair : run.pairs) {
    CHECK(split_of(pair.src) == Split::validation);
    CHECK((pair.src == pair.tgt && pair.src.size() >= 3 && pair.src.size() <= 5));
  }
  CHECK(report::files_read(log).empty());
}

// Of a demo that Ctrl-C ends in its first run, as soon as that is logged.
TEST_CASE("report: of a demo's run the pairs are the four hundred that it was validated on") {
  Folder folder;
  const std::string out = folder.path + "/demo";
  const std::vector<const char*> words = {"demo", "--pairs", "9000", "--threads", "1",
                                          "--out", out.c_str()};
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(::open("/dev/null", O_WRONLY), 2);
    ::_exit(guarded([&] { return demo_command(int(words.size()), words.data()); }));
  }
  while (!exists(out + "/rnn/log.jsonl") && ::waitpid(child, nullptr, WNOHANG) == 0) ::usleep(1000);
  ::kill(child, SIGINT);
  ::waitpid(child, nullptr, 0);
  ReportedRun run{out + "/rnn"};
  REQUIRE(exists(run.folder + "/trainer.safetensors"));
  report::take_own_pairs(run, report::log_of(run.folder), Tokenizer::standard);
  CHECK(run.remarks == std::vector<std::string>{});            // as the checkpoint's sum has it
  CHECK(run.pairs.size() == 400);
  CHECK(run.pairs_from == "the built-in corpus");
}

TEST_CASE("report command: the page takes the place of nothing that is read") {
  const OnFiles it;
  for (const std::string& file : {it.run + "/model.safetensors", it.run + "/trainer.safetensors",
                                  it.run + "/log.jsonl", it.data, it.val}) {
    const std::string before = read_file(file);
    CHECK_THROWS_AS(run_report({it.run, "--out", file}), UsageError);
    CHECK(read_file(file) == before);
  }
  const std::string other = it.folder.path + "/other.tsv";
  write_file_atomically(other, "un\ta\n");
  CHECK_THROWS_AS(run_report({it.run, "--data", other, "--out", other}), UsageError);
  CHECK(read_file(other) == "un\ta\n");
  CHECK(error_of([&] { run_report({it.run, "--out", "/nowhere/x.html"}); })
            .starts_with("/nowhere/x.html: "));
  CHECK_THROWS_AS(run_report({it.run, "--swap"}), UsageError);
  CHECK_THROWS_AS(run_report({it.run, "--settings", "--out", other}), UsageError);
  CHECK(!exists(it.page));
}

TEST_CASE("report: settings are those of the log, and whatever another file of the run says else") {
  const OnFiles it;
  auto model = load_model(it.run);
  model->training = R"({"lr":5e-1,"epochs":7,"options":{"threads":3,"data":"x\u001b.tsv"}})";
  report::RunLog log;
  log.options = {{"lr", "0.5"}, {"epochs", "6"}};
  const auto rows = report::settings_table(*model, {{}, {}, "none"}, log).rows;
  auto has = [&](const Tokens& row) { return std::ranges::count(rows, row) == 1; };
  CHECK(has({"lr", "0.5", "log.jsonl"}));
  CHECK(has({"epochs", "6", "log.jsonl"}));
  CHECK(has({"epochs", "7", "model.safetensors"}));            // it says otherwise
  CHECK(has({"threads", "3", "model.safetensors"}));
  CHECK(has({"hidden", "4", "model.safetensors"}));
  CHECK(std::ranges::count_if(rows, [](const auto& row) { return row[0] == "lr"; }) == 1);
  for (const char* training : {"", "no JSON", "[3]", "\xFF"}) {
    model->training = training;
    CHECK(report::settings_table(*model, {{}, {}, "none"}, log).rows.size() > 3);
  }
  model->training = "{\"x\":\"a\\u001bb\"}";
  const std::string shown = report::settings_text(*model, it.run);
  CHECK(count(shown, "\33") == 0);
  CHECK(count(shown, "a\\x1Bb") == 1);
  CHECK(count(shown, it.val) == 1);
  CHECK(count(shown, "compiler") == 1);
}
