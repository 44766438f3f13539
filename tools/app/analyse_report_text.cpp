// The report as tables for people.
#include <cmath>

#include "tools/app/analyse_report.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad::analysis {
namespace {

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

}  // namespace babelgrad::analysis
