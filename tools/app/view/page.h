// Pages that need nothing else, each one file: the style sheets and scripts of this folder, their
// head, and many figures on one page, with their claims, verdicts, tables and commands.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/app/view/chart.h"

namespace babelgrad {

// A file of this folder, which the Makefile embeds, and by what a policy names it: "sha256-...".
struct PageFile { std::string_view text, hash; };
extern const PageFile page_css, chart_css, figures_css, explorer_js;

// From the doctype to </head>. The Content-Security-Policy admits these styles and, if there is
// one, this script by their hashes, and nothing else.
std::string page_head(const std::string& title, const std::vector<PageFile>& styles,
                      const PageFile* script = nullptr);

struct PageTable {
  std::string caption = {};
  std::vector<std::vector<std::string>> rows = {};             // the first is the header
  std::string align = "lr";                     // as of table(): the last holds for the rest
};

enum class Verdict { none, holds, fails };

struct Exhibit {
  std::string name;                             // "P1": the place on the page, #P1
  std::string heading;
  std::string claim = {};
  Verdict verdict = Verdict::none;
  std::string reason = {};                      // "BLEU 71.2 at length 20, at least 60 asked"
  std::string command = {};                     // what a reader types to see it
  std::vector<PageTable> tables = {};
  std::vector<Chart> charts = {};
  std::vector<std::string> remarks = {};        // paragraphs
  std::string markup = {};                      // above them; well-formed, its words escaped
};

struct FigurePage {
  std::string title, lead = {};
  std::vector<Exhibit> exhibits = {};
  std::vector<std::pair<std::string, std::string>> environment = {};   // "compiler", "g++ 12.2"
  std::string kicker = "babelgrad, the lab";
  std::string kind = "lab";                     // the class by which figures.css knows the page
};

// No scripts; all words are escaped. Error if two exhibits have the same name, a name is not of
// letters, digits, - and _, or a chart is refused (see figure_svg).
std::string figure_page(const FigurePage& page);

}  // namespace babelgrad
