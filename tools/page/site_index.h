// Lists of what there is: the whole site, the files of a chapter, the definitions by name.
#pragma once

#include "tools/page/frame.h"

namespace babelgrad::page {

std::string site_contents(const std::vector<Page>& pages, const Linker& linker);
std::string room_contents(const std::vector<Page>& pages, const std::string& room,
                          const Linker& linker);
std::string definitions_html(const Linker& linker);

}  // namespace babelgrad::page
