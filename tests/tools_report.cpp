// A run's report: its page, made of tiny trained models and of runs whose files are missing or
// damaged; which translations it shows and what it marks of them. The command is in
// tests/cli/report.txt.
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

TEST_CASE("run report: whatever a run's files hold, and without pairs, the page is whole") {
  Begun it(make_corpus(6, 1, {4, 6}));
  CHECK(page_problem(it.page()) == "");
  for (const char* log : {"", "{\"step\":200,\"lo", "{\"step\":1,\"loss\":5}\n<script>\n"}) {
    write_file_atomically(it.log(), log);
    CHECK(page_problem(it.page()) == "");
  }
  write_file_atomically(it.folder.path + "/trainer.safetensors", "<b>no checkpoint");
  it.run.pairs.clear();
  CHECK(page_problem(it.page()) == "");
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

TEST_CASE("report: settings are those of the log, and whatever another file of the run says else") {
  const Begun it(make_corpus(6, 1, {4, 6}));
  log_settings(it.folder.path, {{"val", "own.tsv"}});
  auto model = load_model(it.folder.path);
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
  const std::string shown = report::settings_text(*model, it.folder.path);
  CHECK(count(shown, "\33") == 0);
  CHECK(count(shown, "a\\x1Bb") == 1);
  CHECK(count(shown, "own.tsv") == 1);
  CHECK(count(shown, "compiler") == 1);
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
