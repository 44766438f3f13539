// What all pages have around them: head, the chapters above, the neighbours below.
#pragma once

#include "tools/page/links.h"

namespace babelgrad::page {

struct Page {
  std::string from;                             // the file it shows
  std::string path;                             // in the site
  std::string title;
  std::string room;                             // "" for those of the root
};

struct FrameLinks {
  const std::vector<Page>& pages;               // in the order of reading
  std::size_t at;                               // which of them this is
  std::string explorer;                         // its page; "": there is none
};

inline const char* const definitions_page = "definitions.html";

std::string framed(const Page& page, const std::string& content, const FrameLinks& links,
                   const Linker& linker);

// Addresses of href and src on a page, as paths within the site, with their #id; none of elsewhere.
std::vector<std::string> targets_of(const std::string& path, const std::string& html);

}  // namespace babelgrad::page
