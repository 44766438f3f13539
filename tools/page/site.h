// The whole as a static site: no script, no network, opens from file://.
#pragma once

#include <map>

#include "tools/page/house.h"

namespace babelgrad::page {

using Files = std::map<std::string, std::string>;       // path in the site -> what it holds

struct Site {
  Files files;
  std::vector<std::string> problems;            // links that point nowhere: `README.md:12: ...`
};

// explorer: a page of attention weights that stands for itself; "" for none.
Site build_site(const House& house, const std::string& explorer = "");

// Error naming page and address for the first link within the site that does not arrive.
void check_links(const Files& files);

// All or nothing: the site is written beside the folder and then takes its name. What others have
// put into the folder stays. Error if the folder holds files and no site of ours.
void write_site(const std::string& folder, const Files& files);

extern const char* const site_style;            // the style sheet

}  // namespace babelgrad::page
