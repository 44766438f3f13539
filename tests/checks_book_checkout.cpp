#include <doctest/doctest.h>

#include "nn/file.h"
#include "tests/folder.h"
#include "tools/checks/book_checkout.h"

using namespace babelgrad;
using namespace babelgrad::checks;

namespace {

const char* const page =
    "# Towers\n"
    "$$a = b$$\n"
    "```{.python .input}\n"
    "%%tab pytorch\n"
    "def roof(tiles):\n"
    "    return tiles\n"
    "```\n";

const std::vector<ScopeEntry> scope = {{"11.7", "tall", "towers.md", 1, 1, 1, 2},
                                       {"11.8", "long", "bridges.md", 1, 0, 0, 0}};

// "" or what is said of a checkout with this page and another.
std::string message(const std::string& towers) {
  Folder folder;
  make_folder(folder.path + "/tall");
  make_folder(folder.path + "/long");
  write_file_atomically(folder.path + "/tall/towers.md", towers);
  write_file_atomically(folder.path + "/long/bridges.md", "# Bridges\n");
  try {
    facts_of_checkout(folder.path, scope);
  } catch (const Error& error) { return error.what(); }
  return "";
}

std::string without(std::string text, const std::string& part) {
  return text.erase(text.find(part), part.size());
}

}  // namespace

TEST_CASE("book checkout: a whole one gives the facts of all its files") {
  CHECK(message(page) == "");
}

TEST_CASE("book checkout: one that is not whole is refused, and what is missing is named") {
  const std::string end = ": another edition, or not all of the file";
  CHECK(message(std::string(page) + "## More\n") ==
        "towers.md: 2 headings, release 1.0.3 has 1" + end);
  CHECK(message(without(page, "$$a = b$$\n")) ==
        "towers.md: 0 equations, release 1.0.3 has 1" + end);
  CHECK(message(without(page, "    return tiles\n")) ==
        "towers.md: 1 lines of definitions, release 1.0.3 has 2" + end);
  CHECK(message("# Towers\n$$a$$\n") ==
        "towers.md: 0 definitions, release 1.0.3 has 1" + end);
}

TEST_CASE("book checkout: a missing file or folder is named") {
  Folder folder;
  const std::string missing = folder.path + "/tall/towers.md: missing; it is section 11.7";
  CHECK_THROWS_WITH_AS(facts_of_checkout(folder.path, scope), missing.c_str(), Error);
  CHECK_THROWS_WITH_AS(
      facts_of_checkout("nowhere", scope),
      "nowhere: no folder; would be a checkout of github.com/d2l-ai/d2l-en", Error);
}

TEST_CASE("book checkout: the scope is 9.4 to 11.7, with the book's 55 definitions") {
  int definitions = 0;
  std::string last = "9.3";
  for (const ScopeEntry& entry : book_scope()) {
    CHECK(before(last, entry.number));
    last = entry.number;
    definitions += entry.definitions;
  }
  CHECK(last == "11.7");
  CHECK(definitions == 55);
}
