#include "tools/app/view/figure_page.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "tensor/check.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/view/explorer.h"
#include "tools/app/view/heatmap.h"
#include "tools/app/view/sha256.h"

namespace babelgrad {
namespace {

// On top of the explorer's typography.
constexpr std::string_view page_style = R"css(
main { max-width: 54rem; }
.translation { margin-top: .3rem; }
.exhibits { margin-top: 1.6rem; width: 100%; font-size: .92rem; }
.exhibits a { color: inherit; text-decoration-color: var(--line); text-underline-offset: 3px; }
.exhibits tr { border-bottom: 1px solid var(--line); }
.exhibits td { padding: .3rem 1rem .3rem 0; vertical-align: baseline; }
.exhibits td:last-child { padding-right: 0; white-space: nowrap; }
section { border-top: 1px solid var(--line); padding-top: 1.6rem; margin-top: 3rem; }
section > * + * { margin-top: .8rem; }
h2 small { font-style: normal; font-size: .68em; letter-spacing: .06em; color: var(--soft); }
.claim { max-width: 38rem; font-style: italic; color: var(--soft); }
.verdict { padding-left: .8rem; border-left: 3px solid var(--soft); }
.holds { border-color: #009e73; } .fails { border-color: #d55e00; }
.verdict b { font-weight: 600; }
.figures { margin: 1.4rem 0 1.4rem -12px; }
.chart { max-width: 100%; height: auto; }
.data { margin: 1rem 0; font-size: .88rem; }
.data caption { text-align: left; font-style: italic; color: var(--soft); padding-bottom: .3rem; }
.data th { font-weight: 400; font-size: .78rem; color: var(--soft); }
.data th, .data td { padding: .22rem 0 .22rem 1.4rem; vertical-align: baseline; }
.data th, .data td { text-align: right; }
.data :first-child { padding-left: 0; }
.data .left { text-align: left; }
.data td { font-variant-numeric: tabular-nums; }
.data thead tr { border-bottom: 1px solid var(--ink); }
.data tbody tr { border-bottom: 1px solid var(--line); }
section pre { margin: 1.1rem 0 0; padding: .5rem .8rem; background: var(--lit); }
pre { font-size: .8rem; border-radius: 3px; white-space: pre-wrap; overflow-wrap: anywhere; }
.environment th { font-size: inherit; text-align: left; white-space: nowrap; }
@media screen and (max-width: 40rem) { .chart { max-width: none; } }
@media print { .figures, .data tr { break-inside: avoid; } }
)css";

std::string element(const std::string& name, const std::string& kind, const std::string& words) {
  if (words.empty()) return "";
  return join("<", name, " class=\"", kind, "\">", escape_markup(words), "</", name, ">\n");
}

const char* word_of(Verdict verdict) {
  static const char* const words[] = {"no verdict", "holds", "does not hold"};
  return words[int(verdict)];
}
const char* class_of(Verdict verdict) {
  static const char* const kinds[] = {"verdict", "verdict holds", "verdict fails"};
  return kinds[int(verdict)];
}

std::string verdict_html(const Exhibit& exhibit) {
  if (exhibit.verdict == Verdict::none && exhibit.reason.empty()) return "";
  const char* mark[] = {"", "✓ ", "✗ "};
  return join("<p class=\"", class_of(exhibit.verdict), "\"><b>", mark[int(exhibit.verdict)],
              word_of(exhibit.verdict), "</b>", exhibit.reason.empty() ? "" : ": ",
              escape_markup(exhibit.reason), "</p>\n");
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

std::string exhibit_html(const Exhibit& exhibit) {
  std::string out = join("<section id=\"", exhibit.name, "\">\n<h2><small>", exhibit.name,
                         "</small> ", escape_markup(exhibit.heading), "</h2>\n");
  out += element("p", "claim", exhibit.claim) + verdict_html(exhibit);
  for (const Chart& chart : exhibit.charts)
    out += "<figure class=\"figures scroll\">\n" + figure_element(chart) + "</figure>\n";
  for (const PageTable& table : exhibit.tables) out += table_html(table);
  out += exhibit.markup;
  for (const std::string& words : exhibit.remarks) out += element("p", "remarks", words);
  return out + element("pre", "command", exhibit.command) + "</section>\n";
}

std::string contents(const FigurePage& page) {
  if (page.exhibits.size() < 2) return "";
  std::string out = "<nav aria-label=\"Contents\">\n<table class=\"exhibits\">\n";
  for (const Exhibit& exhibit : page.exhibits) {
    out += join("<tr><td>", exhibit.name, "</td><td><a href=\"#", exhibit.name, "\">",
                escape_markup(exhibit.heading), "</a></td><td>",
                exhibit.verdict == Verdict::none && exhibit.reason.empty()
                    ? "" : word_of(exhibit.verdict), "</td></tr>\n");
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

std::string head(const FigurePage& page, const std::string& style) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src " +
         csp_hash(style) + "; base-uri 'none'; form-action 'none'\"/>\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
         "<meta name=\"color-scheme\" content=\"light dark\"/>\n<title>" +
         escape_markup(page.title) + "</title>\n<style>" + style + "</style>\n</head>\n";
}

bool is_place(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) || c == '-' || c == '_');
  });
}

}  // namespace

std::string figure_page(const FigurePage& page) {
  std::set<std::string> names{"environment"};
  for (const Exhibit& exhibit : page.exhibits) {
    check(is_place(exhibit.name), "figure page: ", in_quotes(exhibit.name),
          " names an exhibit; letters, digits, - and _ do");
    check(names.insert(exhibit.name).second, "figure page: two exhibits have the name ",
          in_quotes(exhibit.name));
  }
  std::string out = head(page, join(explorer_style(), figure_style(), page_style, page.style));
  out += "<body>\n<main>\n<header>\n" + element("p", "kicker", page.kicker) + "<h1>" +
         escape_markup(page.title) + "</h1>\n" + element("p", "lead", page.lead) + "</header>\n" +
         contents(page);
  for (const Exhibit& exhibit : page.exhibits) out += exhibit_html(exhibit);
  return out + environment_html(page) + "</main>\n</body>\n</html>\n";
}

}  // namespace babelgrad
