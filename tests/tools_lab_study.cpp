// From a model to the tables of the error analysis.
#include "tools/app/run/study.h"

#include <cmath>

#include "data/bleu.h"
#include "data/grammar.h"
#include "tests/tools_lab_analysis.h"
#include "tools/app/analyse_report.h"

using namespace babelgrad;
using namespace babelgrad::analysis;

namespace {

struct Corpus { std::vector<Pair> test, validation, train; };

Corpus small_corpus() {
  std::vector<Pair> all = make_corpus(60, 3, {3, 12});
  return {{all.begin(), all.begin() + 15}, {all.begin() + 15, all.begin() + 25},
          {all.begin() + 25, all.end()}};
}

// Not trained: it looks here and there, which is enough to be counted.
std::unique_ptr<Translator> untrained(const std::string& kind, int heads = 2) {
  manual_seed(1);
  std::vector<Tokens> src, tgt;
  for (const Pair& pair : make_corpus(60, 3, {3, 12})) {
    src.push_back(pair.src);
    tgt.push_back(pair.tgt);
  }
  ModelConfig config{.model = kind, .embed = 8, .hidden = 8, .layers = 2, .heads = heads,
                     .ffn = 8, .dropout = 0};
  auto model = make_translator(config, Vocab(src), Vocab(tgt));
  eval(model->module());
  return model;
}

Study study_with(Translator& model, const Corpus& c) {
  return study_of(model, c.test, c.validation, c.train);
}

}  // namespace

TEST_CASE("study: the error of every view is alignment_error's, to the last bit") {
  Corpus corpus = small_corpus();
  for (const char* kind : {"attention", "transformer"}) {
    CAPTURE(kind);
    auto model = untrained(kind);
    Study study = study_with(*model, corpus);
    CHECK(study.views.size() == (kind == std::string("attention") ? 1 : 2 * 3 * 2));
    std::vector<HeadRow> rows = heads_of(study, {everything(study.pairs)});
    for (std::size_t v = 0; v < study.views.size(); v++) {
      CHECK(rows[0].aer[v] == alignment_error(*model, corpus.test, study.views[v]));
      CHECK(study.choosing[v] == alignment_error(*model, corpus.validation, study.views[v]));
    }
    AttentionView best = best_view(*model, corpus.validation), chosen = study.views[study.chosen()];
    CHECK(chosen.name() == best.name());
    CHECK(chosen.shift == best.shift);
    CHECK(row_of(study, everything(study.pairs)).aer == alignment_error(*model, corpus.test, best));
  }
}

TEST_CASE("study: the translations are the model's, the floor the lexicon's of training pairs") {
  Corpus corpus = small_corpus();
  auto model = untrained("transformer");
  Study study = study_with(*model, corpus);
  LexiconFloor lexicon;
  for (const Pair& pair : corpus.train) lexicon.learn(pair);
  std::vector<std::string> floors, refs;
  std::vector<Tokens> sources;
  for (const Pair& pair : corpus.test) sources.push_back(pair.src);
  std::vector<Tokens> said = model->translate(sources);
  for (std::size_t i = 0; i < corpus.test.size(); i++) {
    CHECK(study.pairs[i].said == said[i]);
    CHECK(study.pairs[i].word_by_word == lexicon.translate(corpus.test[i].src));
    floors.push_back(join(study.pairs[i].word_by_word));
    refs.push_back(join(corpus.test[i].tgt));
  }
  Row alone = floors_of(corpus.train, corpus.test), all = row_of(study, everything(study.pairs));
  CHECK(alone.floor_bleu == corpus_bleu(floors, refs, BleuTokens::none).score);
  CHECK(alone.floor_exact == exact_match(floors, refs));
  CHECK(alone.floor_bleu == all.floor_bleu);
  CHECK(alone.floor_aer == all.floor_aer);
}

TEST_CASE("study: a Transformer of one head has both shifts") {
  Corpus corpus = small_corpus();
  auto model = untrained("transformer", 1);
  Study study = study_with(*model, corpus);
  CHECK(study.views.size() == 4);
  CHECK(study.chosen(0, -1) == -1);
}

TEST_CASE("report: a model without attention says so, and has all but alignments") {
  auto model = untrained("rnn");
  Study study = study_with(*model, small_corpus());
  AnalysisReport report = report_on(study, "all", 8);
  CHECK(std::isnan(report.all.aer));
  CHECK(!std::isnan(report.all.floor_aer));
  CHECK(report.heads.empty());
  CHECK(!report.positions->source.empty());
  std::string shown = as_text(report, study);
  CHECK(shown.find("not known: no attention") != std::string::npos);
  CHECK(shown.find("AER, layer") == std::string::npos);
}

TEST_CASE("report: pairs with neither tags nor links have lengths and positions, and say so") {
  Corpus corpus = small_corpus();
  for (Pair& pair : corpus.test) pair.gold.clear(), pair.tags.clear();
  auto model = untrained("transformer");
  Study study = study_of(*model, corpus.test, {}, {});
  AnalysisReport report = report_on(study, "all", 8);
  Json json = parse_json(write_json(to_json(report, study)), "report");
  CHECK(json.at("tables").find("tag") == nullptr);
  CHECK(json.at("tables").find("order") == nullptr);
  CHECK(json.at("tables").at("length").as_array().size() > 1);
  CHECK(json.at("positions").at("source").as_array().empty());
  CHECK(json.find("heads") == nullptr);
  CHECK(json.at("all").at("aer").is_null());
  std::string shown = as_text(report, study);
  for (const char* what : {"no phenomena", "no gold links", "no floor for words"})
    CHECK(shown.find(join("not known: ", what)) != std::string::npos);
}

TEST_CASE("report: JSON that parses, with every table, and the same bytes a second time") {
  Corpus corpus = small_corpus();
  auto write = [&] {
    auto model = untrained("transformer");
    Study study = study_with(*model, corpus);
    AnalysisReport report = report_on(study, "all", 8);
    return write_json(to_json(report, study)) + as_text(report, study);
  };
  std::string first = write();
  CHECK(first == write());
  Json json = parse_json(first.substr(0, first.rfind('}') + 1), "report");
  CHECK(json.at("all").get_int("pairs") == 15);
  CHECK(json.at("all").get_bool("few"));
  CHECK(json.at("views").as_array().size() == 12);
  CHECK(json.get_string("views_chosen_on") == "validation");
  for (const char* key : {"tag", "length", "order", "length_order", "longer"}) {
    CAPTURE(key);
    CHECK(json.at("tables").at(key).as_array()[0].get_int("pairs") == 15);
  }
  CHECK(json.at("heads").as_array()[0].get_array("aer").size() == 12);
}

TEST_CASE("report: only what was asked for; few pairs are marked; odd tags are made printable") {
  Study study = four_pairs();
  study.pairs[0].pair.tags = {"\x1b[31m<b>"};
  AnalysisReport report = report_on(study, "tag", 20);
  CHECK(report.tables.size() == 1);
  CHECK(!report.positions);
  CHECK(report.heads.empty());
  std::string shown = as_text(report, study);
  CHECK(shown.find("4*") != std::string::npos);
  CHECK(shown.find("* fewer than 20 pairs") != std::string::npos);
  CHECK(shown.find('\x1b') == std::string::npos);
  CHECK(report_on(study, "order", 20).tables.size() == 2);
  CHECK(report_on(study, "position", 20).tables.empty());
  CHECK(report_on(study, "head", 20).heads.size() == 5);      // all, the odd one, two, none
  study.pairs.clear();
  CHECK(error_of([&] { report_on(study, "all", 20); }) == "analyse: no pairs");
}
