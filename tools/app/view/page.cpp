#include "tools/app/view/page.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>

#include "tensor/check.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/view/heatmap.h"

namespace babelgrad {
namespace {

std::string element(const std::string& name, const std::string& kind, const std::string& words) {
  if (words.empty()) return "";
  return join("<", name, " class=\"", kind, "\">", escape_markup(words), "</", name, ">\n");
}

// "holds"; "" of an exhibit that is not about a claim.
std::string verdict_words(const Exhibit& exhibit) {
  static const char* const words[] = {"no verdict", "holds", "does not hold"};
  const bool about = exhibit.verdict != Verdict::none || !exhibit.reason.empty();
  return about ? words[int(exhibit.verdict)] : "";
}

std::string verdict_html(const Exhibit& exhibit) {
  const std::string words = verdict_words(exhibit);
  if (words.empty()) return "";
  const char* const kinds[] = {"", " holds", " fails"};
  const char* const marks[] = {"", "✓ ", "✗ "};
  const int i = int(exhibit.verdict);
  return join("<p class=\"verdict", kinds[i], "\"><b>", marks[i], words, "</b>",
              exhibit.reason.empty() ? "" : ": ", escape_markup(exhibit.reason), "</p>\n");
}

std::string row_html(const std::vector<std::string>& row, const char* cell,
                     const std::string& align) {
  std::string out = "<tr>";
  for (std::size_t j = 0; j < row.size(); j++) {
    const bool left = align.empty() || align[std::min(j, align.size() - 1)] == 'l';
    out += join("<", cell, left ? " class=\"left\"" : "", ">", escape_markup(row[j]), "</", cell,
                ">");
  }
  return out + "</tr>\n";
}

std::string table_html(const PageTable& table) {
  if (table.rows.empty()) return "";
  std::string out = "<div class=\"scroll\">\n<table class=\"data\">\n";
  out += element("caption", "title", table.caption);
  out += "<thead>" + row_html(table.rows[0], "th", table.align) + "</thead>\n<tbody>\n";
  for (std::size_t i = 1; i < table.rows.size(); i++)
    out += row_html(table.rows[i], "td", table.align);
  return out + "</tbody>\n</table>\n</div>\n";
}

// A command and what follows it, in lines.
std::string command_html(const std::string& command) {
  std::istringstream lines(command);
  std::string words;
  for (std::string line; std::getline(lines, line);)
    words += (words.empty() ? "" : "\n") + escape_markup(line);
  return words.empty() ? "" : "<pre class=\"command\">" + words + "</pre>\n";
}

std::string exhibit_html(const Exhibit& exhibit) {
  std::string out = join("<section id=\"", exhibit.name, "\">\n<h2><small>", exhibit.name,
                         "</small> ", escape_markup(exhibit.heading), "</h2>\n");
  out += element("p", "claim", exhibit.claim) + verdict_html(exhibit);
  for (const Chart& chart : exhibit.charts)
    out += "<figure class=\"figures scroll\">\n" + figure_element(chart) + "</figure>\n";
  for (const PageTable& table : exhibit.tables) out += table_html(table);
  out += exhibit.markup;
  for (const std::string& words : exhibit.remarks) out += element("p", "remarks", words);
  return out + command_html(exhibit.command) + "</section>\n";
}

std::string list_of_exhibits(const FigurePage& page) {
  if (page.exhibits.size() < 2) return "";
  std::string out = "<nav aria-label=\"Contents\">\n<table class=\"exhibits\">\n";
  for (const Exhibit& exhibit : page.exhibits) {
    out += join("<tr><td>", exhibit.name, "</td><td><a href=\"#", exhibit.name, "\">",
                escape_markup(exhibit.heading), "</a></td><td>", verdict_words(exhibit),
                "</td></tr>\n");
  }
  return out + "</table>\n</nav>\n";
}

std::string environment_html(const FigurePage& page) {
  if (page.environment.empty()) return "";
  std::string rows;
  for (const auto& [name, value] : page.environment)
    rows += join("<tr><th scope=\"row\">", escape_markup(name), "</th><td class=\"left\">",
                 escape_markup(value), "</td></tr>\n");
  return "<section id=\"environment\">\n<h2>Where these numbers come from</h2>\n"
         "<table class=\"data environment\">\n<tbody>\n" + rows +
         "</tbody>\n</table>\n</section>\n";
}

bool is_place(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) || c == '-' || c == '_');
  });
}

}  // namespace

const PageFile page_css =
#include "tools/app/view/page.css.h"
    ;
const PageFile chart_css =
#include "tools/app/view/chart.css.h"
    ;
const PageFile figures_css =
#include "tools/app/view/figures.css.h"
    ;
const PageFile explorer_js =
#include "tools/app/view/explorer.js.h"
    ;

std::string page_head(const std::string& title, const std::vector<PageFile>& styles,
                      const PageFile* script) {
  std::string admitted = "default-src 'none'; style-src", sheets;
  for (const PageFile& style : styles) {
    admitted += join(" '", style.hash, "'");
    sheets += join("<style>", style.text, "</style>\n");
  }
  if (script) admitted += join("; script-src '", script->hash, "'");
  return join("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
              "<meta http-equiv=\"Content-Security-Policy\" content=\"", admitted,
              "; base-uri 'none'; form-action 'none'\"/>\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
              "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
              "<meta name=\"generator\" content=\"babelgrad\"/>\n<title>",
              escape_markup(title), "</title>\n", sheets, "</head>\n");
}

std::string figure_page(const FigurePage& page) {
  std::set<std::string> names{"environment"};
  for (const Exhibit& exhibit : page.exhibits) {
    check(is_place(exhibit.name), "figure page: ", in_quotes(exhibit.name),
          " names an exhibit; letters, digits, - and _ do");
    check(names.insert(exhibit.name).second, "figure page: two exhibits have the name ",
          in_quotes(exhibit.name));
  }
  std::string out = page_head(page.title, {page_css, chart_css, figures_css});
  out += "<body>\n<main class=\"" + page.kind + "\">\n<header>\n" +
         element("p", "kicker", page.kicker) + "<h1>" +
         escape_markup(page.title) + "</h1>\n" + element("p", "lead", page.lead) + "</header>\n" +
         list_of_exhibits(page);
  for (const Exhibit& exhibit : page.exhibits) out += exhibit_html(exhibit);
  return out + environment_html(page) + "</main>\n</body>\n</html>\n";
}

}  // namespace babelgrad
