// T2, P2, P3: the chapter's three models beside one another, of like size, on the same pairs and
// with the same number of updates: what attention adds, where it looks, and what word order has
// to do with it.
#include <cmath>

#include "tools/app/run/analysis.h"
#include "tools/lab/experiments/three_models.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

using analysis::by_length, analysis::by_order, analysis::by_tag, analysis::few_pairs;
using analysis::Group, analysis::Grouping, analysis::Row, analysis::Study;

struct Entrant {                                // one of the three
  std::string name;
  Index parameters;
  std::vector<Study> studies = {};              // by seed

  Entrant(const Contender& contender, const Corpus& corpus)
      : name(contender.name), parameters(contender.runs[0].parameters) {
    for (const Trained& run : contender.runs)
      studies.push_back(
          analysis::study_of(*run.model, corpus.test, corpus.validation, corpus.train));
  }
  template <class Number>
  std::vector<double> each(const Number& number) const {
    std::vector<double> all;
    for (const Study& study : studies) all.push_back(number(study));
    return all;
  }
  std::vector<double> each(const Group& group, double Row::*measure, double scale = 1) const {
    return each([&](const Study& study) { return scale * (row_of(study, group).*measure); });
  }
};

Row whole_row(const Study& study) { return row_of(study, everything(study.pairs)); }

// What reordering costs: BLEU of pairs in which no link crosses minus that of pairs in which some
// do, in each band of lengths that has enough of both, weighed by the smaller of the two groups.
double cost_of_order(const Study& study) {
  double sum = 0, weight = 0;
  for (const Group& band : by_length(study.pairs).groups) {
    const Grouping parts = crossed({"", "", {band}}, by_order(study.pairs));
    const std::vector<Row> rows = rows_of(study, parts.groups);
    if (rows.size() < 2 || rows[0].few() || rows[1].few()) continue;
    const double pairs = std::min(rows[0].pairs, rows[1].pairs);
    sum += pairs * (rows[0].bleu - rows[1].bleu), weight += pairs;
  }
  return weight > 0 ? sum / weight : 0;
}

PageTable ladder_table(const std::vector<Entrant>& all) {
  PageTable table{"Of unseen pairs; floors: word by word with the gold lexicon, and the diagonal",
                  {{"model", "parameters", "BLEU", "exact %", "AER", "BLEU lost by order"}}, "lr"};
  const Group every = everything(all[0].studies[0].pairs);
  for (const Entrant& it : all)
    table.rows.push_back(
        {it.name, text(it.parameters), with_spread(it.each(every, &Row::bleu)),
         with_spread(it.each(every, &Row::exact, 100)),
         it.studies[0].views.empty() ? "-" : with_spread(it.each(every, &Row::aer)),
         with_spread(it.each(cost_of_order))});
  const Row row = whole_row(all[0].studies[0]);
  table.rows.push_back({"floor", "", digits(row.floor_bleu), digits(100 * row.floor_exact),
                        digits(row.floor_aer), ""});
  return table;
}

// A row for each group, with the same measure of each model; groups too small to say much are left
// out, as are those of which some model has no number.
PageTable by_group(const std::vector<Entrant>& all, const Grouping& grouping,
                   const std::string& caption, double Row::*measure, double scale) {
  PageTable table{caption, {{grouping.title, "pairs"}}, "lr"};
  for (const Entrant& it : all) table.rows[0].push_back(it.name);
  for (const Group& group : grouping.groups) {
    if (int(group.members.size()) < few_pairs) continue;
    table.rows.push_back({group.name, text(group.members.size())});
    for (const Entrant& it : all)
      table.rows.back().push_back(with_spread(it.each(group, measure, scale)));
  }
  return table;
}

// Lines for monotone and for reordered pairs of each model; x: the mean length in a band.
Chart bleu_by_length(const std::vector<Entrant>& all) {
  Chart chart{.title = "BLEU by length and word order", .x = {"source length", "tokens"},
              .y = {"BLEU"}, .note = "Means over the seeds; bands: one deviation to each side."};
  const Study& first = all[0].studies[0];
  for (const Entrant& it : all) {
    for (const Group& order : by_order(first.pairs).groups) {
      Series& line = chart.series.emplace_back(Series{it.name + ", " + order.name});
      for (const Group& group : crossed({"", "", {order}}, by_length(first.pairs)).groups) {
        const std::vector<double> bleu = it.each(group, &Row::bleu);
        if (int(group.members.size()) >= few_pairs && std::isfinite(bleu[0]))
          add_point(line, row_of(first, group).length, bleu, 0);
      }
    }
  }
  return chart;
}

Chart by_phenomenon(const std::vector<Entrant>& all, bool quick) {
  Chart chart{.title = "Exact match by phenomenon", .x = {"phenomenon"}, .y = {"exact match", "%"},
              .kind = ChartKind::bars, .note = "Means over the seeds; lines: one deviation."};
  for (const Entrant& it : all) chart.series.push_back({it.name});
  for (const Group& group : by_tag(all[0].studies[0].pairs).groups) {
    if (int(group.members.size()) < few_pairs && !quick) continue;
    chart.names.push_back(group.name);
    for (std::size_t i = 0; i < all.size(); i++)
      add_bar(chart.series[i], all[i].each(group, &Row::exact, 100), 0);
  }
  return chart;
}

// AER of each view, on test pairs; of the two ways to read a row the better on validation pairs.
PageTable heads_table(const Entrant& it) {
  PageTable table{join(it.name, ": AER by layer and head; floor: the diagonal"),
                  {{"layer", "head", "AER"}}, "llr"};
  for (const AttentionView& view : it.studies[0].views) {
    if (view.shift != 0) continue;
    auto aer = [&](const Study& study) {
      return heads_of(study, {everything(study.pairs)})
          .at(0).aer.at(study.chosen(view.layer, view.head));
    };
    table.rows.push_back({text(view.layer + 1), view.head < 0 ? "mean" : text(view.head + 1),
                          with_spread(it.each(aer))});
  }
  return table;
}

std::vector<Finding> ladder_findings(const std::vector<Entrant>& all) {
  auto number = [&](int model, const auto& of) { return mean_of(all[model].each(of)); };
  auto bleu = [](const Study& study) { return whole_row(study).bleu; };
  auto share = [](const Study& it) { return whole_row(it).aer / whole_row(it).floor_aer; };
  return {{"T2", "BLEU, attention minus plain", number(1, bleu) - number(0, bleu), above, 10},
          {"T2", "BLEU, Transformer minus plain", number(2, bleu) - number(0, bleu), above, 10},
          {"P2", "AER of attention, as a share of the diagonal's", number(1, share), below, 0.5},
          {"P2", "AER of the Transformer, as a share of it", number(2, share), below, 0.5},
          {"P3", "plain: BLEU lost by reordering, at equal length", number(0, cost_of_order), above,
           5},
          {"P3", "attention: the same", number(1, cost_of_order), below, 5}};
}

}  // namespace

Outcome ladder(const LabOptions& options) {
  const ThreeSizes sizes{96, 64, 1000, 64, {0.004, 0.008, 0.016}};
  const Corpus corpus = corpus_of(options, {.pairs = 30000, .max_length = 16}, 600);
  Trials trials(options, trainings_of_three(options, sizes));
  const std::vector<Contender> contenders = contend_three(trials, sizes, corpus);
  std::vector<Entrant> all;
  for (const Contender& it : contenders) all.emplace_back(it, corpus);
  const std::vector<analysis::Scored>& pairs = all[0].studies[0].pairs;
  return {{ladder_table(all),
           by_group(all, crossed(by_length(pairs), by_order(pairs)),
                    "BLEU by length and word order", &Row::bleu, 1),
           by_group(all, by_tag(pairs), "Exact match by phenomenon, %", &Row::exact, 100),
           heads_table(all[2]), table_of(contenders)},
          {by_phenomenon(all, options.brief()), bleu_by_length(all)},
          ladder_findings(all),
          {join("Grammar corpus, sources of 3 to 16 tokens, ", corpus.train.size(),
                " training pairs, ", corpus.test.size(), " to test on; ", sizes.steps,
                " updates of ", sizes.batch_size, " pairs; ", options.seeds().size(),
                " seeds. BLEU lost by order: of monotone pairs minus that of reordered ones, in "
                "bands of like length that have ", few_pairs,
                " of both, weighed by the smaller.")}};
}

}  // namespace babelgrad::lab
