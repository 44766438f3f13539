// From a checkout of the book's sources to facts.
#pragma once

#include <string>
#include <vector>

#include "tools/checks/book_facts.h"

namespace babelgrad::checks {

// A section in scope: its file, and how many headings, equations, definitions and lines of code of
// these it has in release 1.0.3. A checkout that differs is another edition, or not whole.
struct ScopeEntry {
  const char *number, *chapter, *file;          // 11.7, folder, transformer.md
  int sections, equations, definitions, lines;
};
const std::vector<ScopeEntry>& book_scope();

// What one file says.
Facts facts_of_page(const std::string& path, const std::string& markdown,
                    const std::string& number);

// All of the scope's. Error naming the file and what is missing.
Facts facts_of_checkout(const std::string& folder,
                        const std::vector<ScopeEntry>& scope = book_scope());

}  // namespace babelgrad::checks
