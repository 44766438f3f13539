#include <doctest/doctest.h>

#include "tools/page/markdown.h"

using namespace babelgrad;
using namespace babelgrad::page;

namespace {

int count(const std::string& text, const std::string& what) {
  int n = 0;
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) n++;
  return n;
}

std::string html(const std::string& text) { return read_markdown(text).html; }

}  // namespace

TEST_CASE("markdown: paragraphs, headings and rules") {
  CHECK(html("one\ntwo\n\nthree") == "<p>one\ntwo</p>\n<p>three</p>\n");
  CHECK(html("one  \ntwo\\\nthree") == "<p>one<br>\ntwo<br>\nthree</p>\n");
  CHECK(html("# A box\n") == "<h1 id=\"a-box\">A box</h1>\n");
  CHECK(html("text\n***\ntext") == "<p>text</p>\n<hr>\n<p>text</p>\n");
  CHECK(html("#no heading, 1. no list") == "<p>#no heading, 1. no list</p>\n");
}

TEST_CASE("markdown: a heading's id is GitHub's, and no two are the same") {
  const auto headings =
      read_markdown("# Eq. (11.3.6): `softmax`, again\n## Twice\n### Twice\n## Été – _x_y\n")
          .headings;
  REQUIRE(headings.size() == 4);
  CHECK(headings[0].id == "eq-1136-softmax-again");
  CHECK(headings[1].id == "twice");
  CHECK(headings[2].id == "twice-1");
  CHECK(headings[2].level == 3);
  CHECK(headings[3].id == "Été--_x_y");
  CHECK(headings[0].html == "Eq. (11.3.6): <code>softmax</code>, again");
}

TEST_CASE("markdown: code keeps its blanks and is never read") {
  CHECK(html("```cpp\n  a *b* <i>\n\n  c\n```\n") == "<pre>  a *b* &lt;i&gt;\n\n  c\n</pre>\n");
  CHECK(html("    a\n\n      b\n\nc") == "<pre>a\n\n  b\n</pre>\n<p>c</p>\n");
  CHECK(html("~~~\n```\n~~~\n") == "<pre>```\n</pre>\n");
  CHECK(html("```\nno end") == "<pre>no end\n</pre>\n");
  CHECK(html("`a *b*`, ``a ` b`` and `no partner") ==
        "<p><code>a *b*</code>, <code>a ` b</code> and `no partner</p>\n");
}

TEST_CASE("markdown: emphasis, and what only looks like it") {
  CHECK(
      html("*a* **b *c* d** _e_ ***f***") ==
      "<p><em>a</em> <strong>b <em>c</em> d</strong> <em>e</em> <strong><em>f</em></strong></p>\n");
  CHECK(html("2 * 3 * 4, a_b_c, *open, \\*no\\*") == "<p>2 * 3 * 4, a_b_c, *open, *no*</p>\n");
}

TEST_CASE("markdown: tables have aligned columns and as many cells as their head") {
  CHECK(html("| a | b | c |\n|---|--:|:-:|\n| 1 | `x` \\| y |\n| 2 | 3 | 4 | 5 |\n\nend") ==
        "<div class=\"table\"><table>\n"
        "<thead><tr><th>a</th><th class=\"right\">b</th><th class=\"center\">c</th></tr>\n"
        "</thead>\n<tbody>\n"
        "<tr><td>1</td><td class=\"right\"><code>x</code> | y</td><td class=\"center\"></td></tr>\n"
        "<tr><td>2</td><td class=\"right\">3</td><td class=\"center\">4</td></tr>\n"
        "</tbody></table></div>\n<p>end</p>\n");
}

TEST_CASE("markdown: lists nest, number and hold blocks") {
  CHECK(html("* a\n  b\n  - c\n  - d\n* e\n") ==
        "<ul>\n<li>a\nb\n<ul>\n<li>c\n</li>\n<li>d\n</li>\n</ul>\n</li>\n<li>e\n</li>\n</ul>\n");
  CHECK(html("3. a\n4. b\n") == "<ol start=\"3\">\n<li>a\n</li>\n<li>b\n</li>\n</ol>\n");
  CHECK(html("1. a\n\n   ```\n   x\n   ```\n\n2. b\n") ==
        "<ol>\n<li><p>a</p>\n<pre>x\n</pre>\n</li>\n<li><p>b</p>\n</li>\n</ol>\n");
  CHECK(html("> a\n> - b\n") ==
        "<blockquote>\n<p>a</p>\n<ul>\n<li>b\n</li>\n</ul>\n</blockquote>\n");
}

TEST_CASE("markdown: links and images go through the page, with the line they stand in") {
  std::vector<std::string> seen;
  MarkdownHooks hooks;
  hooks.link = [&](const std::string& target, int line) {
    seen.push_back(target + "@" + std::to_string(line));
    return target == "gone" ? "" : "to/" + target;
  };
  CHECK(read_markdown(
            "# h\n\none\ntwo [a `b`](x.h#L3 \"title\") [c](gone)\n- ![d \"e\"](f(1).png)\n", hooks)
            .html ==
        "<h1 id=\"h\">h</h1>\n<p>one\ntwo <a href=\"to/x.h#L3\">a <code>b</code></a> c</p>\n"
        "<ul>\n<li><img src=\"to/f(1).png\" alt=\"d &quot;e&quot;\">\n</li>\n</ul>\n");
  CHECK(seen == std::vector<std::string>{"x.h#L3@4", "gone@4", "f(1).png@5"});
  CHECK(html("<https://d2l.ai/?a=1&b>") ==
        "<p><a href=\"https://d2l.ai/?a=1&amp;b\">https://d2l.ai/?a=1&amp;b</a></p>\n");
}

TEST_CASE("markdown: HTML is text, whatever it stands in") {
  const std::string hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&\xFF\33";
  for (const std::string around :
       {"@", "# @", "*@*", "`@`", "- @", "> @", "    @", "```\n@\n```", "```@\nx\n```",
        "|@|@|\n|--|--|\n|@|@|", "[@](x)", "[x](@)", "![@](x)"}) {
    std::string text = around;
    for (std::size_t at = 0; (at = text.find('@', at)) != text.npos; at += hostile.size())
      text.replace(at, 1, hostile);
    CAPTURE(around);
    const std::string out = html(text);
    CHECK(count(out, "<script") == 0);
    CHECK(count(out, "<img src=x") == 0);
    CHECK(count(out, "\33") + count(out, "\xFF") == 0);
  }
  CHECK(html("<!-- a note\nfor us -->\ntext") == "<p>text</p>\n");
}

TEST_CASE("markdown: no file is too deep or too tangled") {
  for (const std::string piece :
       {"> ", "- ", "*a ", "[", "![", "`", "_a", "**", "[](", "| ", "<", "\\", "#"}) {
    std::string text;
    for (int i = 0; i < 2000; i++) text += piece;
    CAPTURE(piece);
    CHECK(html(text).size() < 100 * text.size());
    CHECK(html("x\n" + text + "\n\n" + text).size() < 100 * text.size());
  }
}
