// babelgrad analyse: where a model goes wrong, by phenomenon, length, position, word order, head
// and held-out split.
#include "tools/app/analyse.h"

#include <algorithm>
#include <cmath>

#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/corpus.h"
#include "tools/app/run/record.h"
#include "tools/app/run/unknown.h"

namespace babelgrad {
namespace analysis {
namespace {

// --- what is asked for

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

// --- as JSON

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

// --- as tables for people

using Cells = std::vector<std::vector<std::string>>;

std::string number(double x, int digits) { return std::isnan(x) ? "-" : fixed(x, digits); }

std::string share(Index part, Index whole) {
  return whole == 0 ? "-" : fixed(100 * double(part) / double(whole), 1);
}

template <class Counted>
std::string pairs_cell(const Counted& row) {
  return join(row.pairs, row.few() ? "*" : " ");
}

std::string shown(const AttentionView& view) {
  return view.name() + (view.shift ? ", as the word is read" : "");
}

std::string rows_text(const Table& shown) {
  Cells cells{{shown.grouping.title, "pairs ", "tokens", "exact %", "BLEU", "AER",
               "|", "exact %", "BLEU", "AER"}};
  for (const Row& row : shown.rows)
    cells.push_back({printable(row.name), pairs_cell(row), number(row.length, 1),
                     number(100 * row.exact, 1), number(row.bleu, 1), number(row.aer, 3),
                     "|", number(100 * row.floor_exact, 1), number(row.floor_bleu, 1),
                     number(row.floor_aer, 3)});
  const std::string& note = shown.grouping.note;
  return table(cells, "lr") + (note.empty() ? "" : "(" + note + ")\n");
}

// Words that are wrong; of the target also translations right so far, and those of them that go
// wrong here.
std::string places_text(const char* title, const std::vector<PositionRow>& rows, bool target,
                        bool lexicon) {
  Cells cells{{title, "pairs ", "words", "wrong %"}};
  if (target) cells[0].insert(cells[0].end(), {"right till here", "first wrong", "of these %"});
  cells[0].insert(cells[0].end(), {"|", "wrong %"});
  for (const PositionRow& row : rows) {
    auto& line = cells.emplace_back();
    line = {row.name, pairs_cell(row), text(row.words), share(row.wrong, row.words)};
    if (target)
      line.insert(line.end(),
                  {text(row.reached), text(row.first), share(row.first, row.reached)});
    line.insert(line.end(), {"|", lexicon ? share(row.floor_wrong, row.words) : "-"});
  }
  return table(cells, "lr");
}

std::string positions_text(const Positions& p, const Study& study) {
  std::string out = join("\n", p.wrong_pairs, " of ", study.pairs.size(),
                         " translations are wrong; ", p.extra, " words of them are extra\n\n");
  out += places_text("target position", p.target, true, study.lexicon) + "\n";
  out += places_text("of its length", p.target_fifths, true, study.lexicon);
  if (p.source.empty()) return out;
  out += "\n" + places_text("source position", p.source, false, study.lexicon) + "\n";
  return out + places_text("of its length", p.source_fifths, false, study.lexicon);
}

// A layer has a table: the phenomena down, its heads and, of several, their mean across.
std::string layer_text(const std::vector<HeadRow>& rows, const Study& study, int layer) {
  std::vector<int> columns;
  for (int head = 0; study.chosen(layer, head) >= 0; head++)
    columns.push_back(study.chosen(layer, head));
  if (study.chosen(layer, -1) >= 0) columns.push_back(study.chosen(layer, -1));
  Cells cells{{join("AER, layer ", layer + 1), "pairs "}};
  for (int view : columns) {
    const AttentionView& v = study.views[view];
    cells[0].push_back((v.head < 0 ? "mean" : join("head ", v.head + 1)) + (v.shift ? "+" : " "));
  }
  for (const HeadRow& row : rows) {
    auto& line = cells.emplace_back();
    line = {printable(row.name), pairs_cell(row)};
    for (int view : columns) line.push_back(number(row.aer[view], 3) + " ");
  }
  return table(cells, "lr");
}

std::string heads_text(const AnalysisReport& report, const Study& study) {
  std::string out;
  bool shifted = false;
  for (int layer = 0; !report.heads.empty() && layer <= study.views.back().layer; layer++)
    out += "\n" + layer_text(report.heads, study, layer);
  for (const AttentionView& view : study.views) shifted |= view.shift > 0;
  if (shifted && !out.empty())
    out += "+ by the weights when a word is read, which are better there than those when it is "
           "written\n";
  return out;
}

std::string head_line(const AnalysisReport& report, const Study& study) {
  std::string out = join(report.all.pairs, " pairs, exact match ",
                         fixed(100 * report.all.exact, 1), " %, BLEU of tokens ",
                         fixed(report.all.bleu, 1), "\n");
  if (report.all.with_gold == 0) return out;
  if (study.chosen() >= 0)
    out += join("AER, as it reads the reference, of ", shown(study.views[study.chosen()]),
                ", the best on ", study.validated ? "validation pairs" : "these pairs", "\n");
  return out + "floors after the bar: the lexicon word by word, the diagonal\n";
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

std::string as_text(const AnalysisReport& report, const Study& study) {
  std::string out = head_line(report, study);
  bool few = report.all.few();
  for (const Table& table : report.tables) {
    out += "\n" + rows_text(table);
    for (const Row& row : table.rows) few |= row.few();
  }
  if (report.positions) out += positions_text(*report.positions, study);
  out += heads_text(report, study);
  if (few || report.positions || !report.heads.empty())
    out += join("\n* fewer than ", few_pairs, " pairs: little can be said\n");
  for (const std::string& missing : report.missing) out += "not known: " + missing + "\n";
  out.pop_back();                               // print() ends the last line
  return out;
}

}  // namespace analysis

namespace {

using namespace analysis;

struct AnalyseOptions {
  std::string run, data, by = "all";
  CorpusOptions built_in;
  int trained = 0, limit = 0;
  bool swap = false, json = false;
};

void declare_analyse(Args& args, AnalyseOptions& o) {
  args.positional("run", &o.run, "the folder train wrote, or a model file");
  args.string("data", &o.data, "FILE",
              "pairs, source TAB target, and gold links TAB if known; none: those that the run was "
              "validated on, or of the built-in corpus its test pairs, whose phenomena are known");
  args.choice("by", &o.by, {"tag", "length", "order", "position", "head", "split", "all"},
              "one kind of table; order: monotone or reordered; split: what training lacked");
  args.integer("trained-length", &o.trained, 0, 1000,
               "the longest source in training, for --by split; 0: as the run says, or else 15");
  args.integer("limit", &o.limit, 0, 1000000000, "only so many pairs; 0: all");
  args.flag("swap", &o.swap, "the second column of --data is the source");
  args.flag("json", &o.json, "one JSON object");
  args.threads();
  args.integer("seed", &o.built_in.seed, 0, UINT64_MAX, "of the built-in pairs");
  declare_corpus(args, o.built_in, 1);
}

// Those of the run. Sentences of a built-in corpus have phenomena and gold links to show.
Splits own_parts(AnalyseOptions& o, const Args& args, Tokenizer tokenizer, std::string& from) {
  constexpr std::size_t enough = 400;           // validation pairs, to choose a view
  RunPairs own = scored_pairs_of_run(o.run, tokenizer, args,
                                     args.given("seed") ? &o.built_in.seed : nullptr);
  from = own.scored_on();
  if (o.trained == 0) o.trained = own.longest_source();
  Splits parts{{}, {}, own.scored()};
  if (o.limit > 0 && int(parts.test.size()) > o.limit) parts.test.resize(o.limit);
  if (!own.built_in()) return parts;
  parts.train = std::move(own.corpus.train), parts.validation = std::move(own.corpus.validation);
  if (parts.validation.size() > enough) parts.validation.resize(enough);
  return parts;
}

// A longer sentence than a Transformer has positions for could not be read.
Splits file_parts(const AnalyseOptions& o, const Translator& model) {
  constexpr int longest = 400;
  TsvCorpus read = read_tsv(o.data, {o.limit, model.tokenizer(), longest, o.swap});
  const std::string lost = left_out(read, longest);
  if (!lost.empty()) say("note: " + lost);
  return {{}, {}, std::move(read.pairs)};
}

}  // namespace

int analyse_command(int argc, const char* const* argv) {
  AnalyseOptions o;
  Args args("analyse", "babelgrad analyse run/ --by tag");
  declare_analyse(args, o);
  args.parse(argc, argv);
  settle_corpus("analyse", args, o.built_in, o.data);
  args.refuse({{{"swap"}, o.data.empty(), "is of the columns of --data; give that, too"}});
  Idle built_in = built_in_beside(o.data);
  built_in.names.push_back("seed");
  const bool split = o.by == "split" || o.by == "all";
  note(args.note_on({{{"trained-length"}, !split, "no effect; it is of --by split"}, built_in}));
  auto model = load_model(o.run);
  std::string from = o.data + (o.swap ? ", columns swapped" : "");
  Splits parts = o.data.empty() ? own_parts(o, args, model->tokenizer(), from)
                                : file_parts(o, *model);
  note(note_on_known(*model, parts.test, from));
  if (o.trained == 0) o.trained = 15;           // of the built-in corpus, unless told otherwise
  Study study = study_of(*model, parts.test, parts.validation, parts.train);
  AnalysisReport report = report_on(study, o.by, o.trained);
  if (o.json) print(write_json(to_json(report, study)));
  else print(join(parts.test.size(), " pairs of ", printable(from), "\n", as_text(report, study)));
  return 0;
}

}  // namespace babelgrad
