// For people at work on the code: a definition's lines, the book's and ours.
#pragma once

#include <string>
#include <vector>

#include "tools/checks/book_match.h"

namespace babelgrad::checks {

// The definitions of that name ("all": every one): "=" a line with a twin, "~" one with a twin in
// the tests' form only, "-" one of the book's without, "+" one of ours without, "*" one of the
// form's. The book's words are there if its facts came from a checkout, else their hashes. Error if
// there is none of the name.
std::string lines_text(const std::vector<Match>& matches, const std::string& name);

}  // namespace babelgrad::checks
