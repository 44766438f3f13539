// The report's sections, in the order of a reader's questions.
#include <algorithm>
#include <cmath>

#include "data/file.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/report/report.h"
#include "tools/app/run/evaluate.h"
#include "tools/app/view/scale.h"

namespace babelgrad {
namespace report {
namespace {

// All that the page is made from.
struct Facts {
  Translator& model;
  const ReportedRun& run;
  Stored stored = stored_of(run.folder);
  bool has_log = exists(run.folder + "/log.jsonl");
  RunLog log = {};
  Evaluation scores = {};
  analysis::Study study = {};
};

Facts facts_of(Translator& model, const ReportedRun& run) {
  Facts f{model, run};
  f.log = log_of(run.folder);
  if (!run.pairs.empty()) f.scores = evaluate(model, run.pairs);
  for (std::size_t i = 0; i < run.pairs.size(); i++)
    f.study.pairs.push_back({run.pairs[i], f.scores.translations[i]});
  return f;
}

std::string whole(double x) { return std::isfinite(x) ? readable(std::round(x)) : "not known"; }

std::int64_t updates(const Facts& f) {
  std::int64_t most = f.log.steps.empty() ? 0 : f.log.steps.back().step;
  if (!f.log.epochs.empty()) most = std::max(most, f.log.epochs.back().step);
  if (!f.stored.problem.empty()) return most;
  return std::max(most, f.stored.place.get_int("step"));
}

std::string best_loss(const RunLog& log) {
  const EpochLine* best = log.best_by_loss();
  if (!best) return "not measured";
  return join(readable(best->valid_loss), " (perplexity ", readable(std::exp(best->valid_loss)),
              "), epoch ", whole(best->epoch));
}

std::string best_bleu(const RunLog& log) {
  const EpochLine* best = log.best_by_bleu();
  return best ? join(readable(best->valid_bleu), ", epoch ", whole(best->epoch)) : "not measured";
}

std::string mean_scores(const MeanLine& mean) {
  std::string out = "not measured";
  if (std::isfinite(mean.valid_loss))
    out = join("loss ", readable(mean.valid_loss), " (perplexity ",
               readable(std::exp(mean.valid_loss)), ")");
  if (std::isfinite(mean.valid_bleu)) out += join(", BLEU ", readable(mean.valid_bleu));
  return join(out, ", after update ", whole(double(mean.step)));
}

// The last of them is the run's model.
void add_mean(PageTable& table, const RunLog& log) {
  if (log.means.empty()) return;
  const MeanLine& mean = log.means.back();
  table.rows.push_back({join("mean of ", mean.epochs, mean.epochs == 1 ? " epoch" : " epochs"),
                        mean_scores(mean)});
}

PageTable summary(const Facts& f) {
  const Translator& m = f.model;
  const std::string entries = m.config.merges > 0
                                  ? join(" pieces, by ", readable(double(m.config.merges)),
                                         m.config.joint ? " merges for both" : " merges each")
                                  : " words";
  return {"The run",
          {{"quantity", "value"},
           {"model", m.config.model.word()},
           {"parameters", whole(double(parameter_count(f.model.module())))},
           {"vocabulary", join(whole(m.src_vocab.size()), " to ", whole(m.tgt_vocab.size()),
                               entries)},
           {"updates", whole(double(updates(f)))},
           {"epochs", f.log.epochs.empty() ? "none logged" : whole(f.log.epochs.back().epoch)},
           {"time", f.log.calls > 0 ? duration(f.log.seconds) : "not known"},
           {"target tokens per second", whole(f.log.speed())},
           {"best validation loss", best_loss(f.log)},
           {"best validation BLEU", best_bleu(f.log)}},
          "l"};
}

std::string pairs_name(const ReportedRun& run) {
  return join(whole(double(run.pairs.size())), run.pairs.size() == 1 ? " pair" : " pairs",
              run.pairs_from.empty() ? "" : " of " + run.pairs_from);
}

// Of the 95 % interval.
std::string half(const SentenceCounts& counts, int digits, double scale = 1) {
  return fixed(scale * bootstrap_interval(counts).half_width, digits);
}

PageTable scores_table(const Facts& f) {
  if (f.run.pairs.empty()) return {};
  const Evaluation& e = f.scores;
  return {join("This model on ", pairs_name(f.run), ", greedy"),
          {{"score", "value", "±", "how"},
           {"BLEU", fixed(e.bleu.score, 2), half(e.bleu.sentences, 2), e.bleu.signature()},
           {"BLEU of the tokens", fixed(e.bleu_tokens.score, 2), half(e.bleu_tokens.sentences, 2),
            e.bleu_tokens.signature()},
           {"chrF2", fixed(e.chrf.score, 2), half(e.chrf.sentences, 2), e.chrf.signature()},
           {"exactly right", fixed(100 * e.exact, 1) + " %", half(e.exact_sentences, 1, 100), ""},
           {"loss", fixed(e.loss, 4), "", join("perplexity ", fixed(std::exp(e.loss), 3))}},
          "l"};
}

Exhibit brief(const Facts& f) {
  Exhibit e{"", "In brief"};
  e.tables = {summary(f), scores_table(f)};
  add_mean(e.tables[0], f.log);
  e.remarks = f.run.remarks;
  if (f.run.pairs.empty())
    e.remarks.push_back("There were no pairs to translate: no scores, no samples.");
  else
    e.remarks.push_back(join("±: half of a 95 % interval, by ", readable(Resampling().samples),
                             " bootstrap resamples of the pairs."));
  return e;
}

Exhibit training(const Facts& f) {
  Exhibit e{"", "How it learned"};
  e.charts = curves(f.log);
  e.remarks = f.has_log ? log_remarks(f.log)
                        : std::vector<std::string>{"There is no log.jsonl: there are no curves."};
  return e;
}

std::vector<analysis::Scored> as_written(const Facts& f) {
  std::vector<analysis::Scored> pairs = f.study.pairs;
  for (analysis::Scored& it : pairs)
    for (Tokens* side : {&it.pair.src, &it.pair.tgt, &it.said}) *side = f.model.as_written(*side);
  return pairs;
}

Exhibit samples(const Facts& f) {
  Exhibit e{"", "What it says"};
  e.claim = "Words of the reference that the translation lacks are struck out, words that it has "
            "instead or besides are underlined. The headings are the rules by which the pairs "
            "were chosen.";
  e.markup = samples_html(as_written(f));
  return e;
}

Exhibit attention(const Facts& f) {
  Exhibit e{"", "Where it looked"};
  e.claim = join("Rows: the words it wrote. Columns: the words of the source. The first ",
                 most_maps, " pairs with sources of ", shortest, " to ", longest, " words; ",
                 AttentionView{attention_layers(f.model) - 1}.name(), ".");
  e.markup = attention_html(f.model, f.study.pairs);
  if (e.markup.empty()) e.remarks = {"No pair is of that length."};
  return e;
}

Exhibit settings(const Facts& f) {
  Exhibit e{"", "What it was made of"};
  e.tables = {settings_table(f.model, f.stored, f.log)};
  if (!f.stored.problem.empty()) e.remarks = {f.stored.problem};
  return e;
}

// What trained it, if it said so; what made the page, where that is another.
NamedValues machines(const RunLog& log) {
  NamedValues all = log.environment;
  for (const auto& here : this_machine())
    if (std::ranges::find(log.environment, here) == log.environment.end())
      all.push_back({here.first + ", of this page", here.second});
  return all;
}

std::string name_of(std::string folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder.substr(folder.find_last_of('/') + 1);
}

}  // namespace
}  // namespace report

std::string report_page(Translator& model, const ReportedRun& run) {
  const report::Facts f = report::facts_of(model, run);
  FigurePage page{"Run " + report::name_of(run.folder),
                  join(model.config.model, ", ",
                       report::whole(double(parameter_count(model.module()))), " parameters")};
  if (!run.pairs.empty())
    page.lead += join(": BLEU ", fixed(f.scores.bleu_tokens.score, 2), " and ",
                      fixed(100 * f.scores.exact, 1), " % exactly right on ",
                      report::pairs_name(run));
  page.exhibits = {report::brief(f), report::training(f)};
  if (!run.pairs.empty()) {
    page.exhibits.push_back(report::samples(f));
    page.exhibits.push_back(report::lengths(f.study));
    if (attention_layers(model) > 0) page.exhibits.push_back(report::attention(f));
  }
  page.exhibits.push_back(report::settings(f));
  for (Exhibit& exhibit : page.exhibits)
    exhibit.name = text(&exhibit - page.exhibits.data() + 1);
  page.environment = report::machines(f.log);
  page.kicker = "babelgrad, a training run";
  page.style = report::report_style();
  return figure_page(page);
}

void write_report(Translator& model, const ReportedRun& run, const std::string& path) {
  write_file_atomically(path.empty() ? run.folder + "/report.html" : path, report_page(model, run));
}

}  // namespace babelgrad
