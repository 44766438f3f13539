// Characters to lines of code and comment: the first of the two passes of read_source().
#pragma once

#include <string>
#include <vector>

#include "tools/checks/source.h"

namespace babelgrad::checks {

bool is_name(char c);                           // part of a name or a number, also beyond ASCII
std::string right_trimmed(const std::string& s);
std::string trimmed(const std::string& s);      // of blanks and carriage returns at both ends
std::vector<SourceLine> read_lines(const std::string& text);

}  // namespace babelgrad::checks
