// babelgrad analyse: where a model goes wrong, by phenomenon, length, position, word order, head
// and held-out split.
#include "tools/app/analyse.h"

#include <algorithm>
#include <climits>
#include <cmath>

#include "data/text.h"
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

// Columns of which nothing is known in any row are left out.
std::string known_columns(Cells cells, const Screen& screen) {
  for (std::size_t j = cells[0].size(); j-- > 1;) {
    const auto unknown = [j](const auto& row) { return row[j] == "-"; };
    if (cells.size() > 1 && std::all_of(cells.begin() + 1, cells.end(), unknown))
      for (auto& row : cells) row.erase(row.begin() + std::ptrdiff_t(j));
  }
  return table(cells, "lr", screen);
}

std::string rows_text(const Table& shown, const Screen& screen) {
  Cells cells{{shown.grouping.title, "pairs ", "tokens", "exact %", "BLEU", "AER",
               "floor: exact %", "BLEU", "AER"}};
  for (const Row& row : shown.rows)
    cells.push_back({printable(row.name), pairs_cell(row), number(row.length, 1),
                     number(100 * row.exact, 1), number(row.bleu, 1), number(row.aer, 3),
                     number(100 * row.floor_exact, 1), number(row.floor_bleu, 1),
                     number(row.floor_aer, 3)});
  const std::string& note = shown.grouping.note;
  return known_columns(cells, screen) + (note.empty() ? "" : "(" + note + ")\n");
}

// Words that are wrong; of the target also translations right so far, and those of them that go
// wrong here.
std::string places_text(const char* title, const std::vector<PositionRow>& rows, bool target,
                        bool lexicon, const Screen& screen) {
  Cells cells{{title, "pairs ", "words", "wrong %"}};
  if (target)
    cells[0].insert(cells[0].end(), {"right before", "first wrong", "% of those right"});
  cells[0].push_back("floor: wrong %");
  for (const PositionRow& row : rows) {
    auto& line = cells.emplace_back();
    line = {row.name, pairs_cell(row), text(row.words), share(row.wrong, row.words)};
    if (target)
      line.insert(line.end(),
                  {text(row.reached), text(row.first), share(row.first, row.reached)});
    line.push_back(lexicon ? share(row.floor_wrong, row.words) : "-");
  }
  return known_columns(cells, screen);
}

std::string positions_text(const Positions& p, const Study& study, const Screen& screen) {
  const auto places = [&](const char* title, const std::vector<PositionRow>& rows, bool target) {
    return "\n" + places_text(title, rows, target, study.lexicon, screen);
  };
  std::string out = join("\n", p.wrong_pairs, " of ", study.pairs.size(),
                         " translations are wrong; ", p.extra, " words of them are extra\n");
  out += places("target position", p.target, true) + places("of its length", p.target_fifths, true);
  if (p.source.empty()) return out;
  return out + places("source position", p.source, false) +
         places("of its length", p.source_fifths, false);
}

// A layer has a table: the phenomena down, its heads and, of several, their mean across.
std::string layer_text(const std::vector<HeadRow>& rows, const Study& study, int layer,
                       const Screen& screen) {
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
  return table(cells, "lr", screen);
}

std::string heads_text(const AnalysisReport& report, const Study& study, const Screen& screen) {
  std::string out;
  bool shifted = false;
  for (int layer = 0; !report.heads.empty() && layer <= study.views.back().layer; layer++)
    out += "\n" + layer_text(report.heads, study, layer, screen);
  for (const AttentionView& view : study.views) shifted |= view.shift > 0;
  if (shifted && !out.empty())
    out += "+ by the weights when a word is read, which are better there than those when it is "
           "written\n";
  return out;
}

std::string head_line(const AnalysisReport& report, const Study& study, const Screen& screen) {
  const Row& all = report.all;
  std::string out = paragraph(join(report.of, all.pairs, " pairs: ", fixed(100 * all.exact, 1),
                                   " % are exactly right; BLEU ", number(all.bleu, 1), "."),
                              screen.width);
  if (report.all.with_gold == 0) return out;
  if (study.chosen() >= 0)
    out += paragraph(join("AER ", number(report.all.aer, 3), ": ",
                          shown(study.views[study.chosen()]), ", the best on ",
                          study.validated ? "validation pairs" : "these pairs",
                          ", as it reads the reference."), screen.width);
  return out + paragraph("Floors: a lexicon, word by word; the diagonal.", screen.width);
}

// A model's worst groups of some size, the worst first: of phenomena, or else of lengths.
std::string worst_text(const AnalysisReport& report, const Screen& screen) {
  const auto found = std::ranges::find_if(report.tables, [](const Table& table) {
    return table.grouping.key == "tag" || table.grouping.key == "length";
  });
  if (found == report.tables.end()) return "";
  Table worst{found->grouping, {found->rows.begin() + 1, found->rows.end()}};
  std::erase_if(worst.rows, &Row::few);
  std::ranges::stable_sort(worst.rows, {}, &Row::exact);
  if (worst.rows.size() > 5) worst.rows.resize(5);
  worst.grouping.note.clear();
  return worst.rows.empty() ? "" : "\nWorst are:\n" + rows_text(worst, screen);
}

std::string first_wrong_text(const Positions& p, const Screen& screen) {
  if (p.wrong_pairs == 0 || p.target_fifths.empty()) return "";
  const auto most = std::ranges::max_element(p.target_fifths, {}, &PositionRow::first);
  const std::string part = most->name + (most->words == 0 || most->name.ends_with("fifth")
                                             ? "" : " fifth");
  return "\n" + paragraph(join("Most often, in ", most->first, " of ", p.wrong_pairs,
                               ", a translation first goes wrong in this part of the reference: ",
                               part, "."), screen.width);
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

std::string as_text(const AnalysisReport& report, const Study& study, const Screen& screen) {
  std::string out = head_line(report, study, screen);
  bool few = report.all.few();
  for (const Table& table : report.tables) {
    out += "\n" + rows_text(table, screen);
    for (const Row& row : table.rows) few |= row.few();
  }
  if (report.positions) out += positions_text(*report.positions, study, screen);
  out += heads_text(report, study, screen);
  if (few || report.positions || !report.heads.empty())
    out += join("\n* fewer than ", few_pairs, " pairs: little can be said\n");
  for (const std::string& missing : report.missing)
    out += paragraph("not known: " + missing, screen.width);
  out.pop_back();                               // print() ends the last line
  return out;
}

std::string brief_text(const AnalysisReport& report, const Study& study, const ModelConfig& model,
                       const Screen& screen) {
  std::vector<Pair> pairs;
  std::vector<Tokens> said;
  std::vector<std::size_t> wrong;
  for (const Scored& it : study.pairs) {
    if (it.said != it.pair.tgt) wrong.push_back(pairs.size());
    pairs.push_back(it.pair), said.push_back(it.said);
  }
  std::string out = head_line(report, study, screen) + worst_text(report, screen) +
         (report.positions ? first_wrong_text(*report.positions, screen) : "") +
         wrong_samples(pairs, said, wrong, 5, model.source_language, model.language, screen) +
         "\n" + paragraph("More: --by tag, length, order, position, head or split; or all.",
                          screen.width);
  out.pop_back();
  return out;
}

}  // namespace analysis

std::string wrong_samples(const std::vector<Pair>& pairs, const std::vector<Tokens>& said,
                          const std::vector<std::size_t>& wrong, std::size_t most, Language source,
                          Language target, const Screen& screen) {
  if (wrong.empty()) return "\nAll are right.\n";
  const auto line = [&](const char* name, const std::string& sentence) {
    std::string out, before = padded(name, 15);
    const int room = screen.live ? std::max(screen.width - 15, 10) : INT_MAX;
    for (const std::string& part : wrapped(sentence, room))
      out += before + part + "\n", before = std::string(15, ' ');
    return out.empty() ? join(name, "\n") : out;        // a translation without words
  };
  const std::size_t count = std::min(most, wrong.size());
  std::string out = join("\n", wrong.size(), " of ", pairs.size(),
                         wrong.size() == 1 ? " is wrong" : " are wrong",
                         count < wrong.size() ? ", for instance:\n" : ":\n");
  for (std::size_t k = 0; k < count; k++) {
    const std::size_t i = wrong[count == 1 ? 0 : k * (wrong.size() - 1) / (count - 1)];
    out += "\n" + line("  source", detokenize(pairs[i].src, source)) +
           line("  reference", detokenize(pairs[i].tgt, target)) +
           line("  translation", detokenize(said[i], target));
  }
  return out;
}

namespace {

using namespace analysis;

struct AnalyseOptions {
  std::string run, like, data, by = "brief";
  CorpusOptions built_in;
  int trained = 0, limit = 0;
  bool swap = false, json = false;
};

void declare_analyse(Args& args, AnalyseOptions& o) {
  args.about("Where a model goes wrong, in brief: its worst phenomena, where in a sentence it "
             "first errs, five wrong translations. With --by, tables of all of it. 1,000 short "
             "sentences take seconds.");
  declare_run(args, o.run, o.like);
  args.group("Which pairs");
  args.string("data", &o.data, "FILE",
              "pairs, source TAB target, and gold links TAB if known; none: those that the run was "
              "validated on, or of the built-in corpus its test pairs, whose phenomena are known");
  args.flag("swap", &o.swap, "the second column of --data is the source");
  args.integer("limit", &o.limit, 0, 1000000000, "only this many pairs; 0: all");
  declare_corpus(args, o.built_in, 1);
  args.integer("seed", &o.built_in.seed, 0, UINT64_MAX, "of the built-in pairs");
  args.group("What is said");
  args.choice("by", &o.by,
              {"brief", "tag", "length", "order", "position", "head", "split", "all"},
              "subject of the tables; order: monotone or reordered; split: what training lacked");
  args.integer("trained-length", &o.trained, 0, 1000,
               "the longest source in training, for --by split; 0: as the run says, or else 15");
  args.flag("json", &o.json, "one JSON object; all of it, unless --by names a part");
  args.threads();
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
  Args args("analyse", "babelgrad analyse run/ --data test.tsv\nbabelgrad analyse run/ --by tag");
  declare_analyse(args, o);
  args.parse(argc, argv);
  settle_corpus("analyse", args, o.built_in, o.data);
  args.refuse({{{"swap"}, o.data.empty(), "exchanges the columns of --data, which is missing"}});
  Idle built_in = built_in_beside(o.data);
  built_in.names.push_back("seed");
  const bool split = o.by == "split" || o.by == "all" || o.json;
  note(args.note_on({{{"trained-length"}, !split, "no effect without --by split"}, built_in}));
  auto model = load_model(o.run, o.like);
  std::string from = o.data + (o.swap ? ", columns swapped" : "");
  Splits parts = o.data.empty() ? own_parts(o, args, model->tokenizer(), from)
                                : file_parts(o, *model);
  note(note_on_known(*model, parts.test, from));
  if (o.trained == 0) o.trained = 15;           // of the built-in corpus, unless told otherwise
  Study study = study_of(*model, parts.test, parts.validation, parts.train);
  const bool brief = o.by == "brief";
  AnalysisReport report = report_on(study, brief ? "all" : o.by, o.trained);
  report.of = join(printable(o.run), " on ", printable(from), ", ");
  const Screen out = screen(1);
  print(o.json  ? write_json(to_json(report, study))
        : brief ? brief_text(report, study, model->config, out)
                : as_text(report, study, out));
  return 0;
}

}  // namespace babelgrad
