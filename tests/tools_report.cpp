// The page of a run: made of tiny trained models, and of runs whose files are missing or damaged.
#include "tools/app/report/report.h"

#include "data/file.h"
#include "data/grammar.h"
#include "tests/close.h"
#include "tests/folder.h"
#include "tests/xml.h"
#include "tools/app/cli/commands.h"
#include "tools/app/run/train.h"
#include "tools/app/view/scale.h"
#include "tools/app/view/sha256.h"

using namespace babelgrad;

namespace {

// What is wrong with a page that should be whole, load nothing and run nothing; "" if nothing.
std::string page_problem(std::string html) {
  const std::size_t at = html.find("<style>") + 7, end = html.find("</style>");
  if (at > end || !html.starts_with("<!DOCTYPE html>\n<html")) return "no page";
  const std::string style = html.substr(at, end - at);
  if (count(html, "style-src " + csp_hash(style) + "; base-uri 'none'") != 1) return "policy";
  for (const char* what : {"<script", " src=\"", " style=\""})
    if (count(html, what) > 0) return what;
  html.erase(at, end - at);
  return xml_problem(html.substr(html.find("<html")));
}

struct Trained {
  Folder folder;
  TrainingCorpus corpus;
  std::unique_ptr<Translator> model;
  ReportedRun run;

  explicit Trained(const std::string& kind) {
    corpus.train = make_corpus(40, 3, {4, 8});
    corpus.validation = {corpus.train.begin(), corpus.train.begin() + 12};
    TrainSettings s;
    s.model = {.model = kind, .embed = 8, .hidden = 8, .layers = 2, .heads = 2, .ffn = 16};
    s.batch_size = 2, s.epochs = 5, s.seed = 7;
    s.schedule = {Schedule::constant, 0.02, 0, 0};
    Progress silent({.fd = -1});
    model = run_training(s, corpus, folder.path, false, silent).model;
    run = {folder.path + "/", corpus.validation, "val.tsv"};
  }
  std::string page() const { return report_page(*model, run); }
  std::string log() const { return folder.path + "/log.jsonl"; }
};

// A run that was only begun: nothing of it is learned.
struct Begun {
  Folder folder;
  std::unique_ptr<Translator> model;
  ReportedRun run;

  explicit Begun(const std::vector<Pair>& pairs) : run{folder.path, pairs} {
    std::vector<Tokens> words;
    for (const Pair& pair : pairs) words.push_back(pair.src), words.push_back(pair.tgt);
    ModelConfig config{.model = "attention", .embed = 4, .hidden = 4, .layers = 1};
    model = make_translator(config, Vocab(words), Vocab(words));
    eval(model->module());
    save_model(*model, folder.path + "/model.safetensors");
  }
  std::string page() const { return report_page(*model, run); }
  std::string log() const { return folder.path + "/log.jsonl"; }
};

std::string row(const std::string& name, const std::string& value) {
  return "<td class=\"left\">" + name + "</td><td class=\"left\">" + value;
}

int run_report(std::vector<const char*> words) {
  words.insert(words.begin(), "report");
  return report_command(int(words.size()), words.data());
}

}  // namespace

TEST_CASE("run report: the page of each kind of model is whole, and its numbers are the log's") {
  for (const char* kind : {"rnn", "attention", "transformer"}) {
    const Trained it(kind);
    const std::string html = it.page();
    CHECK_MESSAGE(page_problem(html) == "", kind);
    CHECK(it.page() == html);
    const bool looks = kind != std::string("rnn");
    CHECK(count(html, "Where it looked</h2>") == looks);
    CHECK(count(html, "class=\"map\"") == 3 * looks);
    for (const char* part : {"How it learned</h2>", "What it says</h2>", "Short and long",
                             "Every 2nd pair, from the first</h3>", "12 pairs of val.tsv"})
      CHECK_MESSAGE(count(html, part) >= 1, part);

    const report::RunLog log = report::read_log(read_file(it.log()));
    REQUIRE((log.epochs.size() == 5 && log.steps.size() == 1));
    CHECK(count(html, row("updates", "100<")) == 1);
    CHECK(count(html, row("epochs", "5</td></tr>")) == 1);
    CHECK(count(html, row("model", join(kind, "</td></tr>"))) == 1);
    CHECK(count(html, row("parameters", readable(double(parameter_count(it.model->module()))))) ==
          1);
    CHECK(count(html, row("best validation loss", readable(log.best_by_loss()->valid_loss))) == 1);
    CHECK(count(html, row("weight-decay", "0<")) == 1);
    CHECK(count(html, row("hidden", "8") + "</td><td class=\"left\">trainer.safetensors") == 1);
    CHECK(count(html, row("lr", "0.02<")) == 1);
    for (const auto& line : log.epochs) {       // in the tips of the figure
      CHECK(count(html, readable(line.valid_loss)) >= 1);
      CHECK(count(html, readable(line.train_loss)) >= 1);
    }
  }
}

TEST_CASE("run report: options and machine that train logged are on the page") {
  Begun it(make_corpus(6, 1, {4, 6}));
  log_settings(it.folder.path, {{"data", "<b>.tsv"}, {"lr", "0.5"}, {"hidden", "4"}});
  const std::string html = it.page();
  CHECK(page_problem(html) == "");
  CHECK(count(html, row("data", "&lt;b&gt;.tsv</td><td class=\"left\">log.jsonl")) == 1);
  const std::string from = "</td><td class=\"left\">";
  CHECK(count(html, row("hidden", "4" + from + "log.jsonl")) == 1);
  CHECK(count(html, row("layers", "1" + from + "model.safetensors")) == 1);
  CHECK(count(html, "<th scope=\"row\">compiler</th>") == 1);
  CHECK(count(html, "<th scope=\"row\">system</th>") == 1);
  CHECK(count(html, "<th scope=\"row\">last started</th>") == 1);
  CHECK(count(html, ", of this page") == 0);                   // it is the same machine
}

TEST_CASE("run report: a log that is missing, empty, cut off or resumed is a page that says so") {
  Begun it(make_corpus(6, 1, {4, 6}));
  CHECK(count(it.page(), "There is no log.jsonl") == 1);
  CHECK(count(it.page(), "There is no trainer.safetensors") == 1);
  CHECK(count(it.page(), row("time", "not known")) == 1);
  CHECK(count(it.page(), "compiler, of this page") == 1);
  const std::string line = "{\"step\":100,\"loss\":5,\"tok_per_s\":10,\"elapsed\":60}\n";
  struct { std::string log, says; } table[] = {
      {"", "The log is empty: there are no curves."},
      {line + "{\"step\":200,\"lo", "no lines of a log: 1 of 2, the first of them line 2."},
      {line + line, "1 line before them not."},
      {line + line, "<td class=\"left\">2:00</td>"},           // sixty seconds twice
      {line, row("target tokens per second", "10<")},
      {line, row("epochs", "none logged")},
      {"<script>\n", "The log has no line of an update or an epoch"},
  };
  for (const auto& row : table) {
    write_file_atomically(it.log(), row.log);
    const std::string html = it.page();
    CHECK_MESSAGE(count(html, row.says) == 1, row.says);
    CHECK(page_problem(html) == "");
  }
}

TEST_CASE("run report: a damaged checkpoint is said, not believed") {
  Begun it(make_corpus(6, 1, {4, 6}));
  write_file_atomically(it.folder.path + "/trainer.safetensors", "<b>no checkpoint");
  CHECK(page_problem(it.page()) == "");
  CHECK(count(it.page(), "The trainer&#39;s settings cannot be read.") == 1);
}

TEST_CASE("run report: without pairs there are curves and settings, and no scores") {
  Begun it(make_corpus(6, 1, {4, 6}));
  it.run.pairs.clear();
  const std::string html = it.page();
  CHECK(page_problem(html) == "");
  CHECK(count(html, "There were no pairs to translate") == 1);
  CHECK(count(html, "What it says</h2>") == 0);
  CHECK(count(html, "BLEU of the tokens") == 0);
}

TEST_CASE("run report: hostile words, names and remarks stay words") {
  for (const char* word : {"</script><img/src=x/onerror=alert(1)>", "\"'/onload='x", "\u202E\u2067",
                           "\33]0;x\7", "</style>", "<!--"}) {
    std::vector<Pair> pairs;
    for (int i = 0; i < 5; i++) pairs.push_back({{word, "a", "b", "c"}, {"d", word, word, "e"}});
    Begun it(pairs);
    it.run.pairs_from = word, it.run.remarks = {word};
    log_settings(it.folder.path, {{"data", word}});
    const std::string html = it.page();
    CHECK_MESSAGE(page_problem(html) == "", printable(word));
    CHECK(count(html, "<img") + count(html, "\u202E") + count(html, "\u2067") + count(html, "\33") +
              count(html, "<!--") == 0);
  }
}

TEST_CASE("report command, a page beside the run, of its own pairs or of a file's") {
  const Begun it(make_corpus(12, 1, {4, 6}));
  const std::string page = it.folder.path + "/report.html", other = it.folder.path + "/other.html";
  CHECK(run_report({it.folder.path.c_str(), "--pairs", "60", "--max-length", "6"}) == 0);
  CHECK(page_problem(read_file(page)) == "");
  CHECK(count(read_file(page), "pairs of the built-in corpus") >= 1);

  const std::string data = it.folder.path + "/val.tsv";
  write_file_atomically(data, "le chat\tthe cat\nle chien\tthe dog\n");
  const std::string before = read_file(page);
  CHECK(run_report({it.folder.path.c_str(), "--data", data.c_str(), "--swap", "--out",
                other.c_str()}) == 0);
  CHECK(count(read_file(other), "<span class=\"side\">source</span><bdi>the cat</bdi>") == 1);
  CHECK(count(read_file(other), "2 pairs of " + data + ", columns swapped") >= 1);
  CHECK(read_file(page) == before);
}

TEST_CASE("report command, what is missing is named in one line, and nothing is written") {
  const Begun it(make_corpus(6, 1, {4, 6}));
  const std::string model = it.folder.path + "/model.safetensors";
  const std::string none = ": is not a folder that train wrote";
  CHECK(error_of([&] { run_report({"/nowhere"}); }) == "/nowhere" + none);
  CHECK(error_of([&] { run_report({model.c_str()}); }) == model + none);
  CHECK(error_of([&] { run_report({it.folder.path.c_str(), "--data", "missing.tsv"}); })
            .starts_with("missing.tsv: "));
  remove_file(model);
  const std::string message = error_of([&] { run_report({it.folder.path.c_str()}); });
  CHECK(message.starts_with(model + ": "));
  CHECK(count(message, "\n") == 0);
  CHECK(!exists(it.folder.path + "/report.html"));
}
