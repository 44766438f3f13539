#include <doctest/doctest.h>

#include <algorithm>

#include "data/file.h"
#include "tests/folder.h"
#include "tools/page/frame.h"
#include "tools/page/markdown_lines.h"
#include "tools/page/site.h"

using namespace babelgrad;
using namespace babelgrad::page;

namespace {

bool has(const std::string& text, const std::string& what) { return text.find(what) != text.npos; }

const char* const attention_h = R"(// Where to look. See `take` and tensor/box.h.
#pragma once

#include <vector>
#include "tensor/box.h"

// --- scores ---------

// D2L 11.7.3 Residual Connection. Departs from D2L: nothing
// is dropped.
//   take  first  <b>
struct AddNorm {
  Box operator()(const Box& x) { return take(x, 2) + "<script>a"; }   // Eq. (11.7.1)
};
)";

const char* const book_md =
    "# The map\n\n| section | name | where | test |\n|---|---|---|---|\n"
    "| 11.7.3 Residual Connection | [`AddNorm`](models/attention.h#L12) | 1 | "
    "[t](tests/models_attention.cpp#L2) |\n"
    "\n| equation | section | at |\n|---|---|---|\n"
    "| (11.7.1) | 11.7.3 Residual | [here](models/attention.h#L13) |\n";

// A house of two rooms, a test, both maps and a chapter.
struct SmallHouse : Folder {
  SmallHouse() {
    write("README.md",
          "# Home\n\nRead `tensor/`, `box.h`, [the map](BOOK.md), [make](Makefile).\n");
    write("Makefile", "all:\n\ttrue\n");
    write("BOOK.md", book_md);
    write("DEPARTURES.md",
          "- no link\n\n## 11.7.3 Residual\n\n- [x](models/attention.h#L9): more\n");
    write("tensor/README.md",
          "# Boxes\n\nFirst `take.cpp`, then [box](box.h#L3), [back](../README.md#home).\n");
    write("tensor/a.h", "// The first by name.\n");
    write("tensor/box.h", "// A box.\n#pragma once\nstruct Box {};\nBox take(Box, int);\n");
    write("tensor/take.cpp", "#include \"tensor/box.h\"\n\nBox take(Box b, int) { return b; }\n");
    write("models/attention.h", attention_h);
    write("tests/tensor_box.cpp", "TEST_CASE(\"it holds\") {\n  Box b;\n}\n");
    write("tests/models_attention.cpp",
          "// Facts.\nTEST_CASE(\"<i>AddNorm</i> adds\") {\n  AddNorm a;\n}\n");
  }
  void write(const std::string& name, const std::string& text) const {
    make_folder(path + "/" +
                name.substr(0, name.find_last_of('/') == name.npos ? 0 : name.find_last_of('/')));
    write_file_atomically(path + "/" + name, text);
  }
  Site site() const { return build_site(read_house(path)); }
};

}  // namespace

TEST_CASE("page: comments stand left, code right, and every line has its address") {
  SmallHouse house;
  const std::string page = house.site().files.at("models/attention.h.html");
  for (int i = 1; i <= 14; i++) CHECK(has(page, join(" id=\"L", i, "\"")));
  CHECK(has(page, "<div class=\"lead\"><p><span class=\"cl\" id=\"L1\">Where to look."));
  CHECK(has(page, "<h2><span class=\"cl\" id=\"L7\">scores\n</span></h2>"));
  CHECK(has(page, "<pre><span class=\"cl\" id=\"L11\">  take  first  &lt;b&gt;\n</span></pre>"));
  CHECK(has(page, "<span class=\"k\">struct</span>"));
  CHECK(has(page, "<span class=\"s\">&quot;&lt;script&gt;a&quot;</span>"));
  CHECK(has(page, "<span class=\"m\">2</span>"));
}

TEST_CASE("page: tag, equation and departure lead to the maps, and the maps lead back") {
  SmallHouse house;
  const Site site = house.site();
  const std::string& page = site.files.at("models/attention.h.html");
  CHECK(has(page, "<a href=\"../BOOK.html#s11.7.3\">D2L 11.7.3</a> Residual"));
  CHECK(has(page, "<a href=\"../BOOK.html#row\">Eq. (11.7.1)</a>"));
  CHECK(has(page, "<a href=\"../DEPARTURES.html#s11.7.3\">Departs from D2L</a>"));
  CHECK(has(site.files.at("BOOK.html"), "<tr id=\"s11.7.3\">"));
  CHECK(has(site.files.at("BOOK.html"), "<a href=\"models/attention.h.html#L12\"><code>"));
  CHECK(has(site.files.at("DEPARTURES.html"),
            "<li id=\"s11.7.3\"><a href=\"models/attention.h.html#L9\">x</a>"));
}

TEST_CASE("page: names, includes and files lead to where they are, a definition to its test") {
  SmallHouse house;
  const Site site = house.site();
  const std::string& page = site.files.at("models/attention.h.html");
  CHECK(has(
      page,
      "<a href=\"../tensor/box.h.html\"><span class=\"s\">&quot;tensor/box.h&quot;</span></a>"));
  CHECK(has(page, "<a class=\"d\" href=\"../tensor/take.cpp.html#L3\">take</a>("));
  CHECK(has(page, "<a class=\"d\" href=\"../tensor/box.h.html#L3\">Box</a>"));
  CHECK(has(page,
            "Test: <a href=\"../tests/models_attention.cpp.html#L2\">&lt;i&gt;AddNorm&lt;/i&gt; "
            "adds</a>"));
  CHECK(has(site.files.at("tensor/box.h.html"),
            "Used in: <a href=\"../tests/tensor_box.cpp.html#L1\">it holds</a>"));
  CHECK(has(site.files.at("index.html"), "<a href=\"tensor/index.html\">tensor/</a>"));
  CHECK(has(site.files.at("index.html"), "<a href=\"tensor/box.h.html\">box.h</a>"));
  CHECK(has(site.files.at("definitions.html"),
            "<a class=\"at\" href=\"models/attention.h.html#L12\">"));
  CHECK(site.files.at("Makefile") == "all:\n\ttrue\n");
}

TEST_CASE("page: a room is read in its chapter's order, a source after its header") {
  SmallHouse house;
  CHECK(reading_order(read_house(house.path), "tensor") ==
        std::vector<std::string>{"tensor/take.cpp", "tensor/box.h", "tensor/a.h"});
  house.write("tensor/README.md", "# Boxes\n\nNot take.cpp\n\n## Their order\n\na.h\n\n## box.h\n");
  CHECK(reading_order(read_house(house.path), "tensor") ==
        std::vector<std::string>{"tensor/a.h", "tensor/take.cpp", "tensor/box.h"});
  house.write("tensor/README.md", "# Boxes\n");
  house.write("tensor/a.cpp", "");
  CHECK(reading_order(read_house(house.path), "tensor") ==
        std::vector<std::string>{"tensor/box.h", "tensor/a.h", "tensor/a.cpp", "tensor/take.cpp"});
}

TEST_CASE("page: a link to what is not there is named with its file and line") {
  SmallHouse house;
  CHECK(house.site().problems.empty());
  house.write("tensor/README.md",
              "# Boxes\n\n[a](gone.h) [b](box.h#L5) [c](box.h#L4) [d](#boxes)\n[e](#circles)\n"
              "[f](../../etc/passwd) [g](javascript:alert(1)) [h](box.h#x)\n![i](none.png)\n");
  const std::string at = "tensor/README.md:";
  CHECK(
      house.site().problems ==
      std::vector<std::string>{at + "3: link to gone.h: there is no such file",
                               at + "3: link to box.h#L5: it has 4 lines",
                               at + "4: link to #circles: tensor/README.md has no heading #circles",
                               at + "5: link to ../../etc/passwd: there is no such file",
                               at + "5: link to javascript:alert(1): there is no such file",
                               at + "5: link to box.h#x: a line of code is #L and a number",
                               at + "6: link to none.png: there is no such file"});
}

TEST_CASE("page: the explorer is taken in as it is, and every page leads to it") {
  SmallHouse house;
  const Site site = build_site(read_house(house.path), "<p>heads</p>");
  CHECK(site.files.at("figures/attention.html") == "<p>heads</p>");
  CHECK(has(site.files.at("index.html"), "<a href=\"figures/attention.html\">Attention</a>"));
  CHECK(has(site.files.at("tensor/box.h.html"), "<a href=\"../figures/attention.html\">"));
  CHECK(!has(house.site().files.at("index.html"), "figures"));
}

TEST_CASE("page: check_links finds a target or a place that no page has") {
  check_links(
      {{"a.html", "<a href=\"b.html#x\">"}, {"b.html", "<p id=\"x\"><a href=\"https://d2l.ai\">"}});
  CHECK_THROWS_WITH_AS(check_links({{"d/a.html", "<a href=\"../b.html\">"}}),
                       "page: d/a.html leads to b.html, which is not there", Error);
  CHECK_THROWS_WITH_AS(check_links({{"a.html", "<a href=\"#x\">"}}),
                       "page: a.html leads to a.html#x, and there is no such place on that page",
                       Error);
}

TEST_CASE("page: nothing a source or a text says becomes markup") {
  SmallHouse house;
  const std::string hostile = "<script>alert(1)</script>\" onload=\"x <img src=x>\xFF\33";
  house.write("README.md", "# " + hostile + "\n\n" + hostile + "\n\n[" + hostile + "](Makefile)\n");
  house.write("tensor/x.h", "// " + hostile + "\n\nint a;  // `" + hostile + "`\nchar b[] = \"" +
                                hostile + "\n#include <" + hostile + ">\n/* " + hostile + "\n*/\n" +
                                hostile);
  house.write("tests/tensor_x.cpp", "TEST_CASE(\"<script>Box\") {\n  Box b;\n}\n");
  for (const auto& file : house.site().files) {
    const std::string &path = file.first, &page = file.second;
    CAPTURE(path);
    CHECK(!(has(page, "<script") || has(page, "<img src=x") || has(page, " onload=\"")));
    if (path.ends_with(".html")) CHECK(has(page, "content=\"default-src 'none'; style-src"));
  }
}

TEST_CASE("page: the house's own site has every link, every line, and is the same each time") {
  const House house = read_house(".");
  const Site site = build_site(house);
  for (const auto& problem : site.problems) FAIL_CHECK(problem);
  check_links(site.files);
  CHECK(site.files == build_site(house).files);
  for (const Source& source : house.sources) {
    const std::string& page = site.files.at(source.path + ".html");
    std::size_t lines = 0;
    for (std::size_t at = 0; (at = page.find(" id=\"L", at)) != page.npos; at++) lines++;
    CHECK_MESSAGE(lines == source.lines.size(), source.path);
  }
  Folder folder;
  write_site(folder.path + "/page", site.files);
  for (const auto& [path, bytes] : site.files)
    CHECK(read_file(folder.path + "/page/" + path) == bytes);
}

TEST_CASE("page: from README to the line of every definition of the book in three clicks") {
  const Site site = build_site(read_house("."));
  if (!site.files.count("BOOK.html")) return;
  auto leads = [&](const std::string& from, const std::string& to) {
    const auto targets = targets_of(from, site.files.at(from));
    return std::count(targets.begin(), targets.end(), to) > 0;
  };
  CHECK(leads("index.html", "BOOK.html"));
  const MapRows book(read_file("BOOK.md"));
  int definitions = 0;
  for (const MapRow& row : book.rows())
    for (const Place& place : row.places) {
      definitions++;
      CHECK(leads("BOOK.html", join(place.path, ".html#L", place.line)));
    }
  CHECK(definitions >= 40);
}

TEST_CASE("page: a site is replaced as a whole, and what others put there stays") {
  Folder folder;
  const std::string page = folder.path + "/page";
  write_site(page, {{"index.html", "1"}, {"old/a.html", "1"}});
  write_file_atomically(page + "/mine.txt", "mine");
  make_folder(page + "/figures");
  write_file_atomically(page + "/figures/mine.svg", "mine");
  write_site(page + "/", {{"index.html", "2"}, {"new/a.html", "2"}});
  CHECK(read_file(page + "/index.html") == "2");
  CHECK(read_file(page + "/new/a.html") == "2");
  CHECK(read_file(page + "/mine.txt") == "mine");
  CHECK(read_file(page + "/figures/mine.svg") == "mine");
  CHECK(!exists(page + "/old/a.html"));
  CHECK_THROWS_AS(write_site(page, {{"index.html", "3"}, {"index.html/b", "3"}}), Error);
  CHECK(read_file(page + "/index.html") == "2");
  write_file_atomically(folder.path + "/file", "");
  CHECK_THROWS_AS(write_site(folder.path + "/file", {}), Error);
  CHECK_THROWS_WITH_AS(write_site(folder.path, {}),
                       join("page: ", folder.path,
                            " holds other files and no site; a new or empty folder would be right")
                           .c_str(),
                       Error);
}
