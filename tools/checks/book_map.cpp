// BOOK.md: from the book to the code.
#include <algorithm>

#include "tensor/check.h"
#include "tools/checks/book_maps.h"

namespace babelgrad::checks {
namespace {

const char* const introduction =
    R"(# The book beside the code

<!-- Written by make maps; make book fails if it is stale. -->

Every class and function that *Dive into Deep Learning* (release 1.0.3, PyTorch) defines in its
sections 9.4 to 11.7, and where ours is. Sections and titles are the book's; above the definition
the source carries the same tag, so the way back is in the code.

- *book*, *ours*: lines of code of the definition, without comments, docstrings and blank lines, and
  in C++ without lines that hold brackets only.
- *same*: how many of the statements in the book's methods have a twin in ours. Two statements are
  twins if they are equal once each language's own words are gone: `self`, types, brackets,
  semicolons; `X.f(a)` is `f(X, a)`; and a few names are translated (below). Where one has none, the
  definition says why: [DEPARTURES.md](DEPARTURES.md). In `10 + 12 of 22` the 12 have no twin in the
  code that runs: they stand in the book's own form, kept in the tests as an oracle, where ours must
  give the same but for what its notes say. The check asks for 95 % of the sum of both.
- *test*: the first that names the definition.
)";

struct Chapter { const char *number, *title; };
const Chapter chapters[] = {{"9", "Recurrent Neural Networks"},
                            {"10", "Modern Recurrent Neural Networks"},
                            {"11", "Attention Mechanisms and Transformers"}};

std::string percent(int part, int whole) {
  return whole ? fixed(100.0 * part / whole, 1) + " %" : "none";
}
std::string ratio(const Totals& sum) {
  return sum.book_count ? fixed(double(sum.our_count) / sum.book_count, 2) : "0";
}

std::string definition_row(const House& house, const Match& match) {
  const BookDefinition& book = *match.book;
  const TestCase* test = test_of(house, match);
  std::string same = book.lines.empty() ? "" : join(match.matched(), " of ", book.lines.size());
  if (match.matched_in_form() > 0)
    same = join(match.matched(), " + ", linked(join(match.matched_in_form()),
                                               match.form_source->path, match.form->begin),
                " of ", book.lines.size());
  return join("| ", escaped(house.facts.titled(match.section)), " | ",
              linked("`" + book.name + "`", match.source->path, match.ours->begin), " | ",
              book.count, " | ", match.our_count, " | ", same, " | ",
              test ? linked(escaped(test->name), test->file, test->line) : "", " |\n");
}

std::string chapter_text(const House& house, const Chapter& chapter) {
  std::string rows;
  for (const Match& match : house.matches)
    if (match.ours && within(match.book->section, chapter.number))
      rows += definition_row(house, match);
  if (rows.empty()) return "";
  return join("\n## ", chapter.number, " ", chapter.title, "\n\n",
              "| section | definition | book | ours | same | test |\n",
              "|---|---|--:|--:|--:|---|\n", rows);
}

std::string totals_text(const House& house) {
  const Totals all = totals(house), models = totals(house, "models/");
  std::string forms;
  if (all.in_forms > 0)
    forms = join(", and ", all.in_forms, " more in the tests' forms (together ",
                 percent(all.matched + all.in_forms, all.lines), ")");
  return join("\n## In all\n\n", all.definitions, " of the book's ", house.matches.size(),
              " definitions, with ", all.matched, " of their ", all.lines, " statements (",
              percent(all.matched, all.lines), ")", forms, ". Lines of code: the book's ",
              all.book_count, ", ours ", all.our_count, ", ", ratio(all),
              " times as many; in models/ ", models.book_count, " and ", models.our_count, ", ",
              ratio(models), " times.\n");
}

std::string left_out_text(const House& house) {
  std::string out = "\n## Left out\n\n| section | definition | why |\n|---|---|---|\n";
  for (const LeftOut& entry : house.left_out)
    out += join("| ", escaped(house.facts.titled(entry.section)), " | `", entry.name, "` | ",
                escaped(entry.reason), " |\n");
  return out;
}

std::string equations_text(const House& house) {
  std::string out = "\n## Equations\n\n| equation | section | computed at |\n|---|---|---|\n";
  for (const Equation& equation : house.facts.equations) {
    std::string where;
    for (const EquationMark& mark : house.marks.equations)
      if (mark.number == equation.number)
        where += (where.empty() ? "" : ", ") +
                 linked(join(mark.file, ":", mark.line), mark.file, mark.line);
    if (!where.empty())
      out += join("| (", equation.number, ") | ", escaped(house.facts.titled(equation.section)),
                  " | ", where, " |\n");
  }
  return out;
}

std::string names_text() {
  std::string out = "\n## Translated names\n\n| the book's | ours |\n|---|---|\n";
  for (const auto& [theirs, ours] : translated_names())
    out += join("| `", escaped(theirs), "` | ", ours.empty() ? "" : "`" + escaped(ours) + "`",
                " |\n");
  return out;
}

}  // namespace

std::string book_text(const House& house) {
  std::string out = introduction;
  for (const Chapter& chapter : chapters) out += chapter_text(house, chapter);
  return out + totals_text(house) + equations_text(house) + left_out_text(house) + names_text();
}

std::string linked(const std::string& words, const std::string& file, int line) {
  return join("[", words, "](", file, "#L", line, ")");
}

std::string escaped(const std::string& words) {
  std::string out;
  bool code = false;                            // within ` `
  for (std::size_t i = 0; i < words.size(); i++) {
    if (words[i] == '`' && (code || words.find('`', i + 1) != std::string::npos)) code = !code;
    else if (words[i] == '|' || (!code && std::string("*[]<`\\").find(words[i]) < 6)) out += '\\';
    out += words[i];
  }
  return out;
}

std::map<std::string, std::string> maps_of(const House& house) {
  return {{book_map, book_text(house)},
          {departures_map, departures_text(house)},
          {places_map, places_text(house)}};
}

}  // namespace babelgrad::checks
