// Comments as prose: their lines flow together into paragraphs; what was set by hand in columns
// stays so, and a line of dashes around a title is a heading.
#pragma once

#include "tools/page/links.h"

namespace babelgrad::page {

// Lines [begin, end) of the source, each within an element of its own with its address.
std::string prose_html(const Source& source, int begin, int end, const Linker& linker);

}  // namespace babelgrad::page
