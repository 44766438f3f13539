// From a model to the tables of the error analysis.
#include "tools/app/analyse.h"

#include <cmath>

#include "data/alignment.h"
#include "data/bleu.h"
#include "data/tasks.h"
#include "data/text.h"
#include "tests/tools_small_run.h"
#include "tools/app/corpus.h"

using namespace babelgrad;
using namespace babelgrad::analysis;

namespace {

struct Corpus { std::vector<Pair> test, validation, train; };

Corpus corpus_of_three() {
  std::vector<Pair> all = make_corpus(60, 3, {3, 12});
  return {{all.begin(), all.begin() + 15}, {all.begin() + 15, all.begin() + 25},
          {all.begin() + 25, all.end()}};
}

// Not trained: it looks here and there, which is enough to be counted.
std::unique_ptr<Translator> looking_model(const std::string& kind, int heads = 2) {
  auto model = untrained({.model = kind, .embed = 8, .hidden = 8, .layers = 2, .heads = heads,
                          .ffn = 8, .dropout = 0}, make_corpus(60, 3, {3, 12}), 1);
  eval(model->module());
  return model;
}

Study study_with(Translator& model, const Corpus& c) {
  return study_of(model, c.test, c.validation, c.train);
}

}  // namespace

TEST_CASE("study: the error of every view is alignment_error's, to the last bit") {
  Corpus corpus = corpus_of_three();
  for (const char* kind : {"attention", "transformer"}) {
    CAPTURE(kind);
    auto model = looking_model(kind);
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
  Corpus corpus = corpus_of_three();
  auto model = looking_model("transformer");
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
  Corpus corpus = corpus_of_three();
  auto model = looking_model("transformer", 1);
  Study study = study_with(*model, corpus);
  CHECK(study.views.size() == 4);
  CHECK(study.chosen(0, -1) == -1);
}

TEST_CASE("report: a model without attention says so, and has all but alignments") {
  auto model = looking_model("rnn");
  Study study = study_with(*model, corpus_of_three());
  AnalysisReport report = report_on(study, "all", 8);
  CHECK(std::isnan(report.all.aer));
  CHECK(!std::isnan(report.all.floor_aer));
  CHECK(report.heads.empty());
  CHECK(!report.positions->source.empty());
  std::string shown = as_text(report, study);
  CHECK(says(shown, "not known: no attention"));
  CHECK(!says(shown, "AER, layer"));
}

TEST_CASE("report: pairs with neither tags nor links have lengths and positions, and say so") {
  Corpus corpus = corpus_of_three();
  for (Pair& pair : corpus.test) pair.gold.clear(), pair.tags.clear();
  auto model = looking_model("transformer");
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
    CHECK(says(shown, join("not known: ", what)));
}

TEST_CASE("report: in brief, the worst, the first fault and five that are wrong") {
  auto model = looking_model("transformer");
  Study study = study_with(*model, corpus_of_three());
  for (int i = 0; i < 3; i++) study.pairs[i].said = study.pairs[i].pair.tgt;
  AnalysisReport report = report_on(study, "all", 8);
  report.of = "run/ on t.tsv, ";
  const std::string brief = brief_text(report, study, model->config);
  CHECK(brief.starts_with("run/ on t.tsv, 15 pairs: 20.0 % are exactly right; BLEU "));
  CHECK(says(brief, "Most often, in "));
  CHECK(says(brief, "\n12 of 15 are wrong, for instance:\n"));
  std::size_t shown = 0;
  for (std::size_t at = 0; (at = brief.find("\n  reference    ", at)) != brief.npos; at++) shown++;
  CHECK(shown == 5);
  CHECK(!says(brief, "Worst are"));             // no group is large enough
  CHECK(brief.ends_with("or all."));
  CHECK(std::ranges::count(brief, '\n') < 40);
  for (Scored& it : study.pairs) it.said = it.pair.tgt;
  CHECK(says(brief_text(report_on(study, "all", 8), study, model->config), "\nAll are right.\n"));
}

TEST_CASE("report: JSON that parses, with every table, and the same bytes a second time") {
  Corpus corpus = corpus_of_three();
  auto write = [&] {
    auto model = looking_model("transformer");
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
