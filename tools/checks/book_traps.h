// What the book's code does that a port must not: each is a departure of ours, with a test.
#pragma once

#include <string>
#include <vector>

namespace babelgrad::checks {

struct Trap { std::string id, what; };          // D4; what the book's code does
const std::vector<Trap>& book_traps();

}  // namespace babelgrad::checks
