// A line of code, a comment, a piece of code in a text, as HTML: coloured, and with links.
#pragma once

#include "tools/page/links.h"

namespace babelgrad::page {

// Classes: k keyword, s string, m number, c comment, p directive.
std::string painted_line(const SourceLine& line, int number, const Linker& linker);
std::string painted_code(const std::string& code, const Linker& linker);   // lines, for a document
std::string comment_html(const std::string& text, int line, const Linker& linker);
std::string code_span_html(const std::string& code, const Linker& linker);

std::string link_html(const std::string& address, const std::string& html,
                      const std::string& kind = "");

}  // namespace babelgrad::page
