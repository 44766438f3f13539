// A run's report: its page, made of tiny trained models and of runs whose files are missing or
// damaged; which translations it shows and what it marks of them; the command as a user has it.
#include "tools/app/report/report.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "data/text.h"
#include "tests/program.h"
#include "tests/tools_small_run.h"
#include "tests/xml.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/guarded.h"

using namespace babelgrad;
using analysis::Scored;
using report::sample_html;

namespace {

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
    model = quiet_run(s, corpus, folder.path).model;
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
    ModelConfig config{.model = "attention", .embed = 4, .hidden = 4, .layers = 1};
    model = untrained(config, pairs);
    eval(model->module());
    save_model(*model, folder.path + "/model.safetensors");
  }
  std::string page() const { return report_page(*model, run); }
  std::string log() const { return folder.path + "/log.jsonl"; }
};

std::string row(const std::string& name, const std::string& value) {
  return "<td class=\"left\">" + name + "</td><td class=\"left\">" + value;
}

int run_report(const std::vector<std::string>& words) {
  return called(report_command, "report", words);
}

// A run on two files, English in their second column, with the log that train would write.
struct OnFiles {
  Folder folder;
  std::string run = folder.path + "/run", data = folder.path + "/train.tsv";
  std::string val = folder.path + "/val.tsv", page = run + "/report.html";
  NamedValues options = {{"data", data}, {"val", val}, {"swap", "true"}, {"limit", "3"},
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
    make_folder(run);
    log_settings(run, options);
    quiet_run(s, corpus, run);
  }
  std::string html() const { return read_file(page); }
  void log(const NamedValues& named) const {
    write_file_atomically(run + "/log.jsonl", "");
    log_settings(run, named);
  }
};

const char* const no_pairs = "There were no pairs to translate";

Scored said_of(const std::string& src, const std::string& tgt, const std::string& said) {
  return {.pair = {split(src), split(tgt)}, .said = split(said)};
}

std::vector<Scored> twenty() {
  std::vector<Scored> pairs;
  for (int i = 0; i < 20; i++) pairs.push_back(said_of("a b", "c d", i % 5 ? "c" : "c d"));
  pairs[13].pair.src = {"a", "b", "c"};
  return pairs;
}

}  // namespace

TEST_CASE("run report: the page of each kind of model is whole, and its numbers are the log's") {
  OneThread guard;
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
    REQUIRE((log.epochs.size() == 5 && log.steps.size() == 20));
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
  for (const std::string& word : hostile_words) {
    if (!error_of([&] { Vocab({{word}}); }).empty()) continue;   // no word of a model
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

  const std::string before = it.html(), other = it.folder.path + "/other.html";
  REQUIRE(run_report({it.run, "--data", it.data, "--limit", "2", "--out", other}) == 0);
  CHECK(count(read_file(other), "<span class=\"side\">source</span><bdi>un chat</bdi>") == 1);
  CHECK(count(read_file(other), "2 pairs of " + it.data) >= 1);
  CHECK(it.html() == before);
}

TEST_CASE("report command: pairs that cannot be had are no scores, never other pairs") {
  const OnFiles it;
  remove_file(it.val);
  REQUIRE(run_report({it.run}) == 0);
  CHECK(count(it.html(), no_pairs) == 1);
  CHECK(count(it.html(), "are not available (" + it.val + ": ") == 1);
  struct { NamedValues options; std::string says; } table[] = {
      {{{"data", it.data}}, "are not available (the training had none"},
      {{{"data", ""}, {"pairs", "many"}}, "are not available (log.jsonl: --pairs must be"},
      {{{"lr", "1"}, {"task", "flying"}}, "are not available (log.jsonl: --task must be"}};
  for (const auto& row : table) {
    it.log(row.options);
    REQUIRE(run_report({it.run}) == 0);
    CHECK_MESSAGE(count(it.html(), row.says) == 1, row.says);
    CHECK(count(it.html(), no_pairs) == 1);
  }
  remove_file(it.run + "/log.jsonl");
  REQUIRE(run_report({it.run}) == 0);
  CHECK(count(it.html(), "are not available (log.jsonl does not say which they were") == 1);
  REQUIRE(run_report({it.run, "--pairs", "60", "--max-length", "6"}) == 0);
  CHECK(count(it.html(), "but the run was trained on other pairs") == 1);
  CHECK(count(it.html(), no_pairs) == 0);
}

TEST_CASE("report: pairs of the built-in corpus are those of the logged options") {
  Folder folder;
  ReportedRun run{folder.path};
  report::RunLog log;
  log.options = {{"data", ""}, {"task", "copy"}, {"pairs", "200"}, {"min-length", "3"},
                 {"max-length", "5"}, {"alphabet", "4"}, {"seed", "9"}};
  log_settings(run.folder, log.options);
  report::take_own_pairs(run, Tokenizer::standard);
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
  report::take_own_pairs(run, Tokenizer::standard);
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

TEST_CASE("report command, what is missing is named in one line, and nothing is written") {
  const Begun it(make_corpus(6, 1, {4, 6}));
  const std::string model = it.folder.path + "/model.safetensors";
  const std::string none = ": is no run: not a folder that train wrote";
  CHECK(error_of([&] { run_report({"/nowhere"}); }) == "/nowhere" + none);
  CHECK(error_of([&] { run_report({model}); }) == model + none);
  CHECK(error_of([&] { run_report({it.folder.path, "--data", "missing.tsv"}); })
            .starts_with("missing.tsv: "));
  remove_file(model);
  const std::string message = error_of([&] { run_report({it.folder.path}); });
  CHECK(message.starts_with(it.folder.path + ": is no run"));
  CHECK(count(message, "\n") == 0);
  CHECK(!exists(it.folder.path + "/report.html"));
}

TEST_CASE("sample_html: what is lost is struck out, what is said instead underlined") {
  const std::string html = sample_html(said_of("un chat dort", "a cat sleeps .", "a dog runs . ."),
                                       1234);
  CHECK(html ==
        "<div class=\"sample\">\n"
        "<p class=\"side\">pair 1,234: ✗ 2 replaced, 1 too many</p>\n"
        "<div class=\"line\"><span class=\"side\">source</span><bdi>un chat dort</bdi></div>\n"
        "<div class=\"line\"><span class=\"side\">reference</span><bdi>a <del>cat sleeps</del> ."
        "</bdi></div>\n"
        "<div class=\"line\"><span class=\"side\">translation</span><bdi>a <ins>dog runs</ins> . "
        "<ins>.</ins></bdi></div>\n"
        "</div>\n");
  CHECK(count(sample_html(said_of("a", "b", "b"), 1), "pair 1: ✓ right") == 1);
  CHECK(count(sample_html(said_of("a", "b c", ""), 1), "✗ 2 missing") == 1);
  CHECK(count(sample_html(said_of("a", "b c", ""), 1), "<bdi><em>no words</em></bdi>") == 1);
}

TEST_CASE("sample_html: a word is shown as it is, and safe") {
  const Scored it = said_of("la dame 's", "woman 's r & b", "woman <b> &lt; r");
  const std::string html = sample_html(it, 1);
  CHECK(count(html, "<bdi>la dame &#39;s</bdi>") == 1);        // ' is &#39; in HTML
  CHECK(count(html, "<bdi>woman <del>&#39;s</del> r <del>&amp; b</del></bdi>") == 1);
  CHECK(count(html, "<ins>&lt;b&gt; &amp;lt;</ins>") == 1);
  CHECK(xml_problem(html) == "");
  CHECK(count(sample_html(said_of("\xFF", "b", "\xFF"), 1), "\xFF") == 0);
}

TEST_CASE("chosen_samples: by rule, each pair once") {
  const auto all = report::chosen_samples(twenty());
  REQUIRE(all.size() == 4);
  CHECK(all[0].rule == "Every 3rd pair, from the first");
  CHECK(all[0].pairs == std::vector<std::size_t>{0, 3, 6, 9, 12, 15, 18});
  CHECK(all[1].pairs == std::vector<std::size_t>{5, 10});      // right; 0 and 15 are above
  CHECK(all[2].pairs == std::vector<std::size_t>{1, 2, 4});
  CHECK(all[3].pairs == std::vector<std::size_t>{13, 7, 8});   // the longest, then the first ones
  CHECK(report::chosen_samples({}).empty());
  const auto few = report::chosen_samples({said_of("a", "b", "b"), said_of("a", "b", "c")});
  REQUIRE(few.size() == 1);
  CHECK(few[0].rule == "All pairs");
  CHECK(few[0].pairs == std::vector<std::size_t>{0, 1});
}

TEST_CASE("lengths: bars and table of the bands that have pairs, by hand") {
  const std::string ten = "a b c d e f g h i j";
  const Exhibit e = report::lengths({{said_of("a b", "v w x y", "v w x y"), said_of("c", "v", "w"),
                              said_of(ten, "v w x y", "v w x y")}});
  REQUIRE((e.charts.size() == 1 && e.charts[0].series.size() == 2));
  CHECK(e.charts[0].names == std::vector<std::string>{"1-5", "6-10"});
  CHECK(e.charts[0].series[1].y == std::vector<double>{50, 100});
  // Of the short ones 4 of 5 words, 3 of 3 pairs, 2 of 2 triples, 1 of 1 fours are right.
  CHECK(e.charts[0].series[0].y[0] == doctest::Approx(100 * std::pow(0.8, 0.25)));
  CHECK(e.tables.at(0).rows.at(1) == Tokens{"1-5 *", "2", "94.57", "50.0"});
  CHECK(e.tables[0].rows.at(2) == Tokens{"6-10 *", "1", "100.00", "100.0"});
  CHECK(e.remarks == Tokens{"* fewer than 20 pairs, which say little"});
}
