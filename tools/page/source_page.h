// A source as a page of a book: what its comments say on the left, the code they stand above on the
// right. Every line has an address of its own, #L42, wherever it went.
#pragma once

#include "tools/page/links.h"

namespace babelgrad::page {

std::string source_html(const Source& source, const Linker& linker);
std::string listing_html(const std::string& text);      // any other file: numbered lines
std::string first_sentence(const Source& source);       // of the comment it opens with; "" for none

}  // namespace babelgrad::page
