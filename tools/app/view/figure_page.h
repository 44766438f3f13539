// Many figures on one page that needs nothing else: with their claims, verdicts, tables and
// commands, and the machine they come from. No scripts; the Content-Security-Policy admits the one
// style by its hash and nothing else.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tools/app/view/figure.h"

namespace babelgrad {

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
  std::string kicker = "babelgrad, the lab", style = {};       // style: what the markup asks for
};

// Error if two exhibits have the same name, a name is not of letters, digits, - and _, or a chart
// is refused (see figure_svg).
std::string figure_page(const FigurePage& page);

}  // namespace babelgrad
