#include "tools/app/analyse_report.h"

#include <algorithm>

#include "tensor/check.h"

namespace babelgrad::analysis {
namespace {

void note(AnalysisReport& report, const std::string& missing) {
  bool known = std::ranges::find(report.missing, missing) != report.missing.end();
  if (!missing.empty() && !known) report.missing.push_back(missing);
}

void add(AnalysisReport& report, const Study& study, const Grouping& grouping) {
  note(report, grouping.missing);
  if (!grouping.missing.empty()) return;
  std::vector<Row> rows = rows_of(study, grouping.groups);
  rows.insert(rows.begin(), report.all);
  report.tables.push_back({grouping, rows});
}

void add_heads(AnalysisReport& report, const Study& study) {
  Grouping tags = by_tag(study.pairs);
  tags.groups.insert(tags.groups.begin(), everything(study.pairs));
  if (report.all.with_gold > 0) report.heads = heads_of(study, tags.groups);
}

void note_unknown(AnalysisReport& report, const Study& study) {
  if (study.views.empty()) note(report, "no attention: the plain encoder-decoder aligns nothing");
  if (!study.lexicon) note(report, "no floor for words: no training pairs to make a lexicon of");
  if (report.all.with_gold == 0) note(report, by_order(study.pairs).missing);
}

// JSON has no NaN: what is not known becomes null.
Json row_json(const Row& row) {
  return Json::object({{"name", row.name}, {"pairs", row.pairs}, {"with_gold", row.with_gold},
                       {"few", row.few()}, {"length", row.length}, {"exact", row.exact},
                       {"bleu_tokens", row.bleu}, {"aer", row.aer},
                       {"floor_exact", row.floor_exact}, {"floor_bleu_tokens", row.floor_bleu},
                       {"floor_aer", row.floor_aer}});
}

Json row_json(const PositionRow& row, bool target, bool lexicon) {
  Json json = Json::object({{"name", row.name}, {"pairs", row.pairs}, {"few", row.few()},
                            {"words", row.words}, {"wrong", row.wrong}});
  if (lexicon) json["floor_wrong"] = row.floor_wrong;
  if (target) json["reached"] = row.reached, json["first"] = row.first;
  return json;
}

Json positions_json(const Positions& positions, bool lexicon) {
  auto list = [&](const std::vector<PositionRow>& rows, bool target) {
    Json out = Json::array();
    for (const PositionRow& row : rows) out.push_back(row_json(row, target, lexicon));
    return out;
  };
  return Json::object({{"wrong_pairs", positions.wrong_pairs},
                       {"extra_words", positions.extra},
                       {"target", list(positions.target, true)},
                       {"target_fifths", list(positions.target_fifths, true)},
                       {"source", list(positions.source, false)},
                       {"source_fifths", list(positions.source_fifths, false)}});
}

Json views_json(const Study& study) {
  Json out = Json::array();
  for (std::size_t i = 0; i < study.views.size(); i++) {
    const AttentionView& view = study.views[i];
    Json json = Json::object({{"name", view.name()}, {"layer", view.layer + 1}});
    if (view.head >= 0) json["head"] = view.head + 1;
    json["shift"] = view.shift;
    json["choosing_aer"] = study.choosing[i];
    json["chosen"] = int(i) == study.chosen();
    out.push_back(std::move(json));
  }
  return out;
}

}  // namespace

AnalysisReport report_on(const Study& study, const std::string& by, int trained) {
  check(!study.pairs.empty(), "analyse: no pairs");
  const std::vector<Scored>& pairs = study.pairs;
  auto wanted = [&](const char* part) { return by == "all" || by == part; };
  AnalysisReport report{row_of(study, everything(pairs)), {}, {}, {}, {}};
  if (wanted("tag")) add(report, study, by_tag(pairs));
  if (wanted("length")) add(report, study, by_length(pairs));
  if (wanted("order")) {
    add(report, study, by_order(pairs));
    add(report, study, crossed(by_length(pairs), by_order(pairs)));
  }
  if (wanted("split")) {
    const Grouping longer = split_by_length(pairs, trained);
    add(report, study, longer);
    for (const Grouping& split : {split_by_combination(pairs), split_by_depth(pairs)}) {
      add(report, study, split);
      if (longer.missing.empty()) add(report, study, crossed(longer, split));
    }
  }
  if (wanted("position")) report.positions = positions_of(study);
  if (wanted("head")) add_heads(report, study);
  note_unknown(report, study);
  return report;
}

Json to_json(const AnalysisReport& report, const Study& study) {
  Json json = Json::object({{"all", row_json(report.all)},
                            {"views", views_json(study)},
                            {"views_chosen_on", study.validated ? "validation" : "test"},
                            {"tables", Json::object()}});
  for (const Table& table : report.tables) {
    Json& rows = json["tables"][table.grouping.key];
    for (const Row& row : table.rows) rows.push_back(row_json(row));
  }
  if (report.positions) json["positions"] = positions_json(*report.positions, study.lexicon);
  for (const HeadRow& row : report.heads)
    json["heads"].push_back(Json::object(
        {{"name", row.name}, {"pairs", row.pairs}, {"few", row.few()}, {"aer", Json(row.aer)}}));
  json["missing"] = Json(report.missing);
  return json;
}

}  // namespace babelgrad::analysis
