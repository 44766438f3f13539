#include <doctest/doctest.h>

#include "tensor/check.h"
#include "tools/checks/book_checkout.h"
#include "tools/checks/book_definitions.h"
#include "tools/checks/book_lines.h"
#include "tools/checks/book_markdown.h"

using namespace babelgrad;
using namespace babelgrad::checks;

namespace {

using Lines = std::vector<std::string>;

const char* const page =
    "```{.python .input}\n"
    "%load_ext d2lbook.tab\n"
    "```\n"
    "# [**Towers**]\n"
    ":label:`sec_towers`\n"
    "$$a = b$$\n"
    "## Stone--Upon ~~Stone~~ ###\n"
    ":begin_tab:`mxnet`\n"
    "## Not here\n"
    "$$c = d$$\n"
    ":end_tab:\n"
    "It holds: (**$$\n"
    "e = f\n"
    "$$**)\n"
    "```{.python .input  n=5}\n"
    "%%tab pytorch, mxnet\n"
    "class Tower(d2l.Module):  #@save\n"
    "    \"\"\"A tower.\n"
    "\n"
    "    Of stones.\"\"\"\n"
    "    def __init__(self, stones):\n"
    "        super().__init__()\n"
    "        if tab.selected('mxnet'):\n"
    "            self.stones = np.stones\n"
    "        if tab.selected('pytorch', 'jax'):\n"
    "            self.stones = stones\n"
    "```\n"
    "### [**Height**] and Flag\n"
    "```\n"
    "# Not a heading\n"
    "$$ neither $$\n"
    "```\n"
    "```{.python .input}\n"
    "%%tab all\n"
    "@d2l.add_to_class(Tower)  #@save\n"
    "def forward(self, size,\n"
    "            more):\n"
    "    # Blocks\n"
    "    return self.stones * size\n"
    "\n"
    "def helper(x): return x\n"
    "helper(3)\n"
    "```\n"
    "```{.python .input}\n"
    "%%tab jax\n"
    "class Other:\n"
    "    pass\n"
    "```\n"
    "## Roofs\n"
    "```{.python .input}\n"
    "%%tab pytorch\n"
    "@d2l.add_to_class(d2l.Tower)\n"
    "def flag(self, colour):\n"
    "    return colour\n"
    "```\n";

std::string message(const std::string& markdown) {
  try {
    facts_of_page("towers.md", markdown, "11.7");
  } catch (const Error& error) { return error.what(); }
  return "";
}

std::string hash(const std::string& python) { return line_hash(python_lines(python).at(0).text); }

}  // namespace

TEST_CASE("book facts: what a reader of the PyTorch edition sees of a page") {
  const Facts facts = facts_of_page("towers.md", page, "11.7");
  CHECK(facts_text(facts) ==
        "section\t11.7\tTowers\n"
        "section\t11.7.1\tStone–Upon Stone\n"
        "section\t11.7.1.1\tHeight and Flag\n"
        "section\t11.7.2\tRoofs\n"
        "equation\t11.7.1\t11.7\n"
        "equation\t11.7.2\t11.7.1\n"
        "definition\t11.7.1\tTower\tclass\t7\n"
        "definition\t11.7.1.1\thelper\tfunction\t1\n"
        "definition\t11.7.2\tTower.flag\tfunction\t2\n"
        "line\t11.7.1\tTower.__init__\t" + hash("self.stones = stones") + "\n"
        "line\t11.7.1.1\tTower.forward\t" + hash("return self.stones * size") + "\n"
        "line\t11.7.2\tTower.flag\t" + hash("return colour") + "\n");
}

TEST_CASE("book facts: written and read they are the same") {
  const std::string text = facts_text(facts_of_page("towers.md", page, "11.7"));
  CHECK(facts_text(read_facts("book.tsv", text)) == text);
}

TEST_CASE("book facts: pages that make no sense are named by their line") {
  CHECK(message("# A\n```{.python .input}\n%%tab all\nx = 1\n") ==
        "towers.md:5: a ``` is never closed");
  CHECK(message("# A\n$$a\n") == "towers.md:3: a $$ is never closed");
  CHECK(message("words\n") == "towers.md:2: there is no heading");
  CHECK(message("# A\n### B\n") == "towers.md:2: a heading of level 3 cannot stand here");
  CHECK(message("# A\n# B\n") == "towers.md:2: a heading of level 1 cannot stand here");
  CHECK(message("# A\n```{.python .input}\ndef f(x):\n    return x\n```\n") ==
        "towers.md:3: a definition in a cell without %%tab");
  CHECK(message("# A\n```{.python .input}\n%%tab all\nx = tab.selected('jax')\n```\n") ==
        "towers.md:4: a condition on tabs that is not understood");
  CHECK(message("# A\n```{.python .input}\n%%tab all\nif tab.selected('jax'):\n```\n") ==
        "towers.md:4: a branch without lines");
}

TEST_CASE("book facts: branches within branches, elif and else") {
  const Lines cell = {"%%tab all",
                      "def f(x):",
                      "    if x:",
                      "        if tab.selected('jax'):",
                      "            y = 1",
                      "        elif tab.selected('pytorch'):",
                      "            if x > 1:",
                      "",
                      "                y = 2",
                      "        else:",
                      "            y = 3",
                      "    else:",
                      "        y = 4",
                      "    return y"};
  CHECK(pytorch_code("towers.md", 1, cell) ==
        "\ndef f(x):\n    if x:\n        if x > 1:\n\n            y = 2\n    else:\n"
        "        y = 4\n    return y\n");
  CHECK(pytorch_code("towers.md", 1, {"%%tab mxnet", "x"}) == "");
  CHECK(pytorch_code("towers.md", 1, {"#@tab mxnet, pytorch", "x"}) == "\nx\n");
}

TEST_CASE("book facts: a class ends where its statements do") {
  const auto found = python_definitions(
      "import x\n"
      "class A:\n"
      "    @property\n"
      "    def f(self):\n"
      "        s = '''\n"
      "not the end\n"
      "'''\n"
      "        return (s,\n"
      "1)  # neither\n"
      "# a comment\n"
      "    def g(self):\n"
      "        def inner(): return 1\n"
      "        return inner\n"
      "y = 1\n"
      "def h(): return '#'\n");
  REQUIRE(found.size() == 2);
  CHECK(found[0].name == "A");
  CHECK(found[0].is_class);
  CHECK(found[0].count == 11);
  REQUIRE(found[0].functions.size() == 2);
  CHECK(found[0].functions[1].name == "g");
  CHECK(found[0].functions[1].code ==
        "    def g(self):\n        def inner(): return 1\n        return inner\n");
  CHECK(found[1].name == "h");
  CHECK(found[1].count == 1);
}

TEST_CASE("book facts: rows that are none of ours are refused") {
  const std::string section = "section\t9.4\tA\n";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"prose\tof the book\n", "t:1: \"prose\" is no section, equation, definition or line"},
      {"section\t9.4\n", "t:1: too few or too many cells"},
      {"section\tnine\tA\n", "t:1: \"nine\" is no number as 11.7.3"},
      {section + section, "t:2: section 9.4 a second time"},
      {section + "equation\t9.4.1\t9.5\n", "t:2: there is no section 9.5"},
      {section + "definition\t9.4\tA\tclass\tmany\n", "t:2: \"many\" is no number of lines"},
      {section + "definition\t9.4\tA\tstruct\t1\n",
       "t:2: would be: definition, section, name, class or function, lines"},
      {section + "line\t9.4\tA.f\tself.x = x\n", "t:2: \"self.x = x\" is no hash of 8 digits"},
      {section + "line\t9.4\tA.f\t01234567\n", "t:2: there is no definition 9.4 A.f"}};
  for (const auto& [text, error] : cases)
    CHECK_THROWS_WITH_AS(read_facts("t", text), error.c_str(), Error);
  CHECK_THROWS_WITH_AS(read_left_out("l", "9.4 A no tabs\n"),
                       "l:1: would be: section, name, reason, parted by tabs", Error);
}

TEST_CASE("book facts: numbers are compared as numbers") {
  CHECK(before("9.5.2", "10.1"));
  CHECK(before("11.7", "11.7.1"));
  CHECK_FALSE(before("10.10", "10.9"));
  CHECK(within("11.7.1", "11.7"));
  CHECK_FALSE(within("11.70", "11.7"));
  CHECK(cut("11.7.3.1", 2) == "11.7");
  CHECK(cut("11.7", 3) == "11.7");
  CHECK(is_number("11.7"));
  for (const char* word : {"", "11", "11.", ".7", "11.x", "1.2345", "-1.2"})
    CHECK_FALSE(is_number(word));
}
