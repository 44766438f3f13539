// P6: an alignment of models that need no attention for it. Each source word is hidden in turn, and
// the target word that then loses most of its log-probability is linked to it.
#include "tools/app/run/analysis.h"
#include "tools/lab/experiments/ablation.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

struct Hidden {                                 // of one kind of model, seed by seed
  std::string name;
  TrainSettings settings;                       // the demo's sizes, rates and numbers of updates
  std::vector<double> occluded = {}, attended = {}, exact = {};        // AER, AER, %
};

void measure(Hidden& of, Translator& model, const Corpus& corpus) {
  of.occluded.push_back(occlusion_error(model, corpus.test));
  of.exact.push_back(100 * evaluate(model, corpus.test).exact);
  if (attention_layers(model) == 0) return;
  of.attended.push_back(alignment_error(model, corpus.test, best_view(model, corpus.validation)));
}

double share_of(const std::vector<double>& errors, double diagonal) {
  return mean_of(errors) / diagonal;
}

}  // namespace

Outcome hidden_words(const LabOptions& options) {
  LabOptions of_demo = options;
  of_demo.seed = 1;                             // the demo's sentences, whatever the models' seed
  const Corpus corpus = corpus_of(of_demo, {.pairs = 24000, .max_length = 12}, 1212);
  std::vector<Hidden> models{{"plain", small_training("rnn", 128, 1, 1690, 0.004)},
                             {"attention", small_training("attention", 128, 1, 2028, 0.004)},
                             {"Transformer", small_training("transformer", 128, 2, 1352, 0.002)}};
  Trials trials(options, int(models.size() * options.seeds().size()));
  for (Hidden& it : models)
    for (const Trained& run : trials.train_each(it.name, it.settings, corpus.train))
      measure(it, *run.model, corpus);

  const double diagonal = analysis::floors_of({}, corpus.test).floor_aer;
  PageTable table{"Alignment error on test pairs, their translations given",
                  {{"model", "exact match (%)", "AER by occlusion", "by attention, best view",
                    "the diagonal's"}}, "lr"};
  Chart bars{.title = "Alignment error, word by word", .y = {"AER"},
             .series = {{"by occlusion"}}, .kind = ChartKind::bars,
             .levels = {{"diagonal", diagonal}},
             .note = "Means over the seeds; lines: one standard deviation."};
  Outcome out;
  for (const Hidden& it : models) {
    table.rows.push_back({it.name, with_spread(it.exact), with_spread(it.occluded),
                          it.attended.empty() ? "none" : with_spread(it.attended),
                          digits(diagonal)});
    bars.names.push_back(it.name);
    add_bar(bars.series[0], it.occluded);
    out.findings.push_back({"P6", join(it.name, ": AER by occlusion, as a share of the diagonal's"),
                            share_of(it.occluded, diagonal), below, 0.5});
  }
  out.tables = {table}, out.charts = {bars};
  out.remarks = {
      "The demo's sentences and sizes. Hidden: <unk> stands in the place of a source word. A "
      "target word is linked to the source word without which its log-probability falls most.",
      "One vector has no place for an alignment, and P2 says rightly that nothing in it maps words "
      "to words. But what the model does with the vector depends on the right source words: the "
      "alignment is in its behaviour, not in its parts."};
  return out;
}

}  // namespace babelgrad::lab
