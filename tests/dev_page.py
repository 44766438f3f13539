"""make page: what a page shows and leads to, and links that must not pass. Run from the root."""
import contextlib
import io
import os
import tempfile
import unittest

from dev_small import run

import page

ATTENTION = """// Where to look. See `take` and tensor/box.h.
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
"""
BOOK = """# The map

<!-- Written by make maps -->

| section | name | where | test |
|---|---|--:|---|
| 11.7.3 Residual Connection | [`AddNorm`](attention.h#L12) | 1 | \
[t](../tests/models_attention.cpp#L2) |

| equation | section | at |
|---|---|---|
| (11.7.1) | 11.7.3 Residual | [here](attention.h#L13) |

## Where we depart from the book

- 11.7.3, [x](attention.h#L9): more
"""
HOUSE = {
    "README.md": "# Home\n\nRead `tensor/`, `box.h`, [the map](models/BOOK.md), [make](Makefile), "
                 "[numbers](data.tsv).\n",
    "Makefile": "all:\n\ttrue\n", "data.tsv": "1\t2\n", "models/BOOK.md": BOOK,
    "tensor/README.md": "# Boxes\n\nFirst `take.cpp`, then [box](box.h#L3), "
                        "[back](../README.md#home).\n",
    "tensor/a.h": "// The first by name. And more.\n",
    "tensor/box.h": "// A box.\n#pragma once\nstruct Box {};\nBox take(Box, int);\n",
    "tensor/take.cpp": '#include "tensor/box.h"\n\nBox take(Box b, int) { return b; }\n',
    "models/attention.h": ATTENTION,
    "models/other.h": "// Other.\nstruct Other { Box take; Box f() { return take(1); } };\n",
    "tests/models_attention.cpp":
        '// Facts.\nTEST_CASE("<i>AddNorm</i> adds") {\n  AddNorm a;\n}\n'}


SAID = """a model

ENCODER
  two lines

input X  (3 words)
  X = E + P
  models/other.h:2, D2L 11.7.3

values (3)  models/other.h
  1.0
THE END; of it
"""


def site(files=None, explorer=None, live=None, explain=None):
    files = {path: text.encode() if isinstance(text, str) else text
             for path, text in (HOUSE | (files or {})).items()}
    built = page.Site(files, explorer, live, explain)
    built.pages[page.STYLE] = built.pages[page.SCRIPT] = ""
    return built


class Pages(unittest.TestCase):
    def has(self, path, *parts, of=None):
        for part in parts:
            self.assertIn(part, (of or site()).pages[path])

    def test_comments_stand_left_code_right_and_every_line_has_its_address(self):
        lines = (f' id="L{line}"' for line in range(1, 15))
        self.has("models/attention.h.html", *lines,
                 '<div class="lead"><p><span class="cl" id="L1">Where to look.',
                 '<h2><span class="cl" id="L7">scores\n</span></h2>',
                 '<pre><span class="cl" id="L11">  take  first  &lt;b&gt;\n</span></pre>',
                 '<span class="k">struct</span>', '&lt;script&gt;a', '<span class="m">2</span>')

    def test_tag_equation_and_departure_lead_to_the_maps_and_these_lead_back(self):
        self.has("models/attention.h.html",
                 '<a href="../models/BOOK.html#s11.7.3">D2L 11.7.3</a> Residual',
                 '<a href="../models/BOOK.html#e11.7.1">Eq. (11.7.1)</a>',
                 '<a href="../models/BOOK.html#where-we-depart-from-the-book">Departs from D2L</a>')
        self.has("models/BOOK.html", '<tr id="s11.7.3">', '<tr id="e11.7.1">',
                 '<td class="right">1</td>',
                 '<a href="../models/attention.h.html#L12"><code>AddNorm</code></a>')
        self.assertNotIn("Written by", site().pages["models/BOOK.html"])

    def test_names_includes_and_files_lead_to_where_they_are(self):
        self.has("models/attention.h.html",
                 '<a href="../tensor/box.h.html">&quot;tensor/box.h&quot;</a>',
                 '<a class="d" href="../tensor/take.cpp.html#L3">take</a>(',
                 '<a class="d" href="../tensor/box.h.html#L3">Box</a>')
        self.assertNotIn(">take</a>", site().pages["models/other.h.html"])       # a member
        self.has("index.html", '<a href="tensor/index.html">tensor/</a>',
                 '<a href="tensor/box.h.html">box.h</a>', '<a href="Makefile.html">make</a>')
        self.has("tests/models_attention.cpp.html", "&lt;i&gt;AddNorm&lt;/i&gt; adds")
        self.assertEqual(site().pages["data.tsv"], b"1\t2\n")

    def test_a_room_is_read_in_its_chapter_s_order_a_source_after_its_header(self):
        self.assertEqual(site().in_room("tensor"),
                         ["tensor/take.cpp", "tensor/box.h", "tensor/a.h"])
        other = site({"tensor/README.md": "# Boxes\n", "tensor/box.cpp": ""})
        self.assertEqual(other.in_room("tensor"), ["tensor/a.h", "tensor/box.h", "tensor/box.cpp",
                                                   "tensor/take.cpp"])
        self.has("tensor/index.html", "<dd>The first by name.</dd>")
        self.has("tensor/box.h.html",
                 '<a class="prev" rel="prev" href="../tensor/take.cpp.html">',
                 '<a class="next" rel="next" href="../tensor/a.h.html">')
        self.has("models/index.html", "<h1>models</h1>")         # a room without a chapter

    def test_headings_are_named_as_GitHub_names_them(self):
        self.has("x.html", '<h1 id="eq-1136-softmax-again">', '<h2 id="twice">',
                 '<h3 id="twice-1">', '<h2 id="twice-2">',
                 of=site({"x.md": "# Eq. (11.3.6): `softmax`, again\n## Twice\n### Twice\n"
                                  "## Twice\n"}))

    def test_a_link_to_what_is_not_there_is_named_with_its_file_and_line(self):
        self.assertEqual((site().problems, list(page.dead_links(site().pages))), ([], []))
        wrong = site({"tensor/README.md":
                      "# Boxes\n\n[a](gone.h) [b](box.h#L5) [c](box.h#L4) [d](#boxes)\n"
                      "[e](#circles)\n[f](../../etc/passwd) [h](box.h#x)\n![i](none.png)\n"
                      "[j](../models) [k](..) [l](https://d2l.ai)\n\n| a |\n|---|\n"
                      "| [m](m.md) |\n"})
        at = "tensor/README.md:"
        self.assertEqual(wrong.problems, [
            at + "3: link to gone.h: there is no such file",
            at + "3: link to box.h#L5: tensor/box.h has lines #L1 to #L4",
            at + "4: link to #circles: tensor/README.md has no heading #circles",
            at + "5: link to ../../etc/passwd: there is no such file",
            at + "5: link to box.h#x: tensor/box.h has lines #L1 to #L4",
            at + "6: link to none.png: there is no such file",
            at + "11: link to m.md: there is no such file"])

    def test_dead_links_of_the_pages_themselves(self):
        def dead(**pages):
            return list(page.dead_links({f"{name}.html": html for name, html in pages.items()}))

        self.assertEqual(dead(a='<a href="b.html#x">', b='<p id="x"><a href="https://d2l.ai">'),
                         [])
        self.assertEqual(dead(a='<a href="c.html">'),
                         ["page: a.html leads to c.html, which is not there"])
        self.assertEqual(dead(a='<a href="#x">'),
                         ["page: a.html leads to a.html#x, and there is no such place"])
        self.assertIn("page: a.html: two elements with id x", dead(a='<p id="x"><p id="x">'))

    def test_the_explorer_is_taken_in_and_every_page_leads_to_it(self):
        with_one = site(explorer=b"<p>heads</p>")
        self.assertEqual(with_one.pages["figures/attention.html"], b"<p>heads</p>")
        self.has("tensor/box.h.html", '<a href="../figures/attention.html">Attention</a>',
                 of=with_one)
        self.assertNotIn("figures", site().pages["index.html"])

    def test_the_live_page_is_taken_in_beside_it(self):
        with_one = site(live=b"<p>three</p>")
        self.assertEqual(with_one.pages["figures/live.html"], b"<p>three</p>")
        self.has("tensor/box.h.html",
                 '<a href="../figures/live.html">Three translators, live</a>', of=with_one)

    def test_the_tour_shows_what_the_program_prints_and_alone_runs_a_script(self):
        tour = "# Tour\n\nto\n\n## One\n\n```explain --step 2\nENCODER / {}\n```\n\n## Two\n"
        asked = []
        built = site({page.TOUR: tour.format("input X\nENCODER / values")},
                     explain=lambda *options: asked.append(options) or SAID)
        self.assertEqual((asked, built.problems, list(page.dead_links(built.pages))),
                         ([("--step", "2")], [], []))
        self.has("models/TOUR.html", "<p>to</p>\n<section class=\"stop\">\n<h2 id=\"one\">One</h2>",
                 '<pre><code>input X  (3 words)\n  X = E + P\n  '
                 '<a href="../models/other.h.html#L2">models/other.h:2</a>, '
                 '<a href="../models/BOOK.html#s11.7.3">D2L 11.7.3</a>\n\nvalues (3)',
                 "  1.0\n</code></pre>\n</section>\n<section class=\"stop\">\n<h2 id=\"two\">Two",
                 "script-src 'self'", '<script src="../tour.js"></script>', of=built)
        self.assertNotIn("<script", built.pages["models/BOOK.html"])
        wrong = site({page.TOUR: tour.format("input Y")}, explain=lambda *options: SAID)
        self.assertEqual(wrong.problems,
                         ["models/TOUR.md:8: explain prints no ENCODER / input Y"])
        self.has("models/TOUR.html", "<pre><code>ENCODER / input X\n</code></pre>",
                 of=site({page.TOUR: tour.format("input X")}))

    def test_a_piece_of_explain_is_a_section_or_a_block_of_it(self):
        self.assertEqual(page.piece_of(SAID, "ENCODER"), "ENCODER\n  two lines")
        self.assertEqual(page.piece_of(SAID, "ENCODER / values"),
                         "values (3)  models/other.h\n  1.0")
        for none in ("DECODER", "ENCODER / input", "THE END"):
            self.assertEqual(page.piece_of(SAID, none), "", none)

    def test_nothing_a_source_or_a_text_says_becomes_markup(self):
        bad = '<script>alert(1)</script>" onload="x <img src=x>\x1b'
        hostile = site({
            "README.md": f"# {bad}\n\n{bad}\n\n[{bad}](Makefile) `{bad}` "
                         "[g](javascript:alert(1))\n",
            "tensor/x.h": f'// {bad}\n\nint a;  // `{bad}`\nchar b[] = "{bad}\n#include <{bad}>\n'
                          f"/* {bad}\n*/\n{bad}",
            "tensor/y.cpp": b"\xff\xfe\x00 {{{ R\"(", "tensor/z.py": f'"""{bad}"""\n',
            "tests/tensor_x.cpp": 'TEST_CASE("<script>Box") {\n  Box b;\n}\n'})
        for path, html in hostile.pages.items():
            if path.endswith(".html"):
                for word in ("<script", "<img src=x", ' onload="', 'href="javascript'):
                    self.assertNotIn(word, html)
                self.assertIn("content=\"default-src 'none'; style-src", html)

    def test_the_house_s_own_site_has_every_line_and_the_book_in_three_clicks(self):
        files = page.read_files(".")
        built = page.Site(files)
        for path, source in built.sources.items():
            self.assertEqual(built.pages[path + ".html"].count(' id="L'), source.length, path)
        if page.BOOK in files:
            self.assertIn(("models/BOOK.html", ""), list(page.targets("index.html",
                                                               built.pages["index.html"])))
            rows = [path for path, line in page.targets(
                "models/BOOK.html", built.pages["models/BOOK.html"])
                    if line.startswith("L") and not path.startswith("tests/")]
            self.assertGreater(len(rows), 40)


class Written(unittest.TestCase):
    def test_a_site_is_replaced_as_a_whole_and_what_others_put_there_stays(self):
        def read(path):
            with open(path, encoding="utf-8") as file:
                return file.read()

        with tempfile.TemporaryDirectory() as root:
            folder = root + "/page"
            page.write(folder, {"index.html": "1", "old/a.html": "1"})
            for mine in ("mine.txt", "old/mine.svg"):
                with open(f"{folder}/{mine}", "w", encoding="utf-8") as file:
                    file.write("mine")
            page.write(folder + "/", {"index.html": "2", "new/a.html": b"2"})
            self.assertEqual("".join(read(f"{folder}/{it}") for it in (
                "index.html", "new/a.html", "mine.txt", "old/mine.svg")), "22minemine")
            self.assertFalse(os.path.exists(folder + "/old/a.html"))
            with self.assertRaisesRegex(SystemExit, "holds other files and no site"):
                page.write(root, {})
            with self.assertRaisesRegex(SystemExit, "is a file where a folder is needed"):
                page.write(folder + "/mine.txt", {})

    def test_a_dead_link_writes_nothing(self):
        with tempfile.TemporaryDirectory() as root:
            for text, status in (("[a](gone.h)\n", 1), ("# Home\n", 0)):
                with open(root + "/README.md", "w", encoding="utf-8") as file:
                    file.write(text)
                with contextlib.redirect_stdout(io.StringIO()):
                    self.assertEqual(page.main([root + "/site", "--root", root]), status)
                self.assertEqual(os.path.exists(root + "/site/index.html"), not status)


if __name__ == "__main__":
    run()
