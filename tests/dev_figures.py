"""make figures: what they are drawn with, what they ask, and when they are no longer fresh."""
import contextlib
import io
import json
import os
import tempfile
import unittest
import xml.etree.ElementTree as xml

from dev_small import run

import draw
import figures
from draw import Picture, place, two
from figures import Error, Facts, Node, nested, same

CHAPTER = """# Boxes
```cpp
print(box);
```
```text
(2, 3), strides 3 and 1
[1 2 3], [0 -1]
[[0.5000 0.2500]
 [1.0000 0.0000]]
```
    h' = 0.7 + 0.2 = 0.9
```cpp
Tensor q({1, 2}, {2, -1});
print(q, " -> ", other);
```
```text
[[2 -1]] -> [[0.5]]
```
"""


def facts(outputs=None, **files):
    """A program whose commands say what `outputs` has for their first word."""
    made = Facts("babelgrad", lambda path: files.get(path.split("/")[0], CHAPTER))
    made.run = lambda *words, given="": outputs[words[0]](words, given)
    return made


class Drawing(unittest.TestCase):
    def test_numbers_have_two_digits_places_one_and_nothing_is_minus_zero(self):
        self.assertEqual([two(x) for x in (.125, -1, -.001)], ["0.12", "−1.00", "0.00"])
        self.assertEqual([place(x) for x in (1.25, 3., -.01, 10.06)], ["1.2", "3", "0", "10.1"])

    def test_a_picture_says_what_it_shows_scales_and_is_well_formed(self):
        pic = Picture("a < b", "c & d", 100, notes="a -> b")
        pic.text(1, 2, "<bos>")
        pic.box(1, 2, 30, 20, ("one", "two"), "b")
        root = xml.fromstring(pic.svg())
        name = "{http://www.w3.org/2000/svg}"
        self.assertEqual(root.get("viewBox"), "0 0 560 100")
        self.assertEqual([root.find(name + tag).text for tag in ("title", "desc", "metadata")],
                         ["a < b", "c & d", "a -> b"])
        self.assertEqual([it.text for it in root.findall(name + "text")], ["<bos>", "one", "two"])
        self.assertEqual(figures.notes(pic.svg()), "a -> b")
        self.assertEqual(pic.svg(), pic.svg())

    def test_words_that_would_leave_the_paper_are_an_error(self):
        pic = Picture("", "", 10)
        pic.text(0, 5, "x" * 80)
        for x, y, kind in ((20, 5, "ink"), (540, 5, "ink end"), (250, 5, "ink middle"),
                           (0, 20, "ink"), (0, 5, "ink code")):
            with self.assertRaises(ValueError):
                pic.text(x, y, "x" * 80, kind)

    def test_every_colour_has_a_light_and_a_dark_form(self):
        light, dark = draw.style().split("@media (prefers-color-scheme: dark)")
        for name, colours in draw.COLOURS.items():
            self.assertIn(f".{name} {{ fill: {colours[0]}; }}", light)
            self.assertIn(f".{name} {{ fill: {colours[1]}; }}", dark)

    def test_an_arrow_ends_at_its_last_point_with_a_head_of_its_colour(self):
        pic = Picture("", "", 10)
        pic.arrow([(0, 0), (0, 50)], "b thick")
        self.assertEqual(pic.parts, ['<path class="line b thick" d="M0,0L0,44"/>',
                                     '<path class="b" d="M0,50L-4,42L4,42Z"/>'])

    def test_a_cell_is_as_full_as_its_share_and_leaves_words_legible(self):
        pic = Picture("", "", 10)
        pic.grid(0, 0, (20, 10), [["x", ""]], [[1, .5]])
        self.assertEqual([".72" in part for part in pic.parts], [True, False, False])
        self.assertIn('fill-opacity="0.36"', pic.parts[2])
        self.assertEqual(len(pic.parts), 3)                      # no words where there are none


class Answers(unittest.TestCase):
    def test_what_chapters_print_is_read_from_their_examples(self):
        f = facts()
        self.assertEqual(f.shape_and_strides("print(box)"), ((2, 3), (3, 1)))
        self.assertEqual(f.shapes("x", "print(box)"), ["(2, 3)"])
        self.assertEqual(f.lists("x", "print(box)")[0], [1, 2, 3])
        self.assertEqual(f.said("x", "print(box)", 4), "1")
        self.assertEqual(f.matrix("x", "print(box)", 2), [[.5, .25], [1, 0]])
        self.assertEqual(f.rows("x", "Tensor q("), [[2, -1], [.5]])
        self.assertEqual(f.tensors("x", ("Tensor q(",)), [[2, -1]])
        self.assertEqual(f.equation("x", "h' ="), .9)
        self.assertEqual(facts(tensor="int k = 256;").constant("tensor/x.h", "k = "), 256)

    def test_what_is_gone_from_a_chapter_or_a_source_is_named(self):
        for ask, said in ((lambda f: f.said("x.md", "no such", 0), "x.md: no example has no such"),
                          (lambda f: f.equation("x.md", "y ="), "x.md: no line begins with y ="),
                          (lambda f: f.tensors("x.md", ("Tensor z(",)), "x.md: there is no Tensor"),
                          (lambda f: f.constant("x.h", "depth = "), "x.h: it does not say depth"),
                          (lambda f: f.gold("x.tsv", "a b"), "x.tsv: a b is not there")):
            with self.assertRaises(Error) as caught:
                ask(facts())
            self.assertIn(said, str(caught.exception))

    def test_tables_keep_their_order_and_skip_remarks(self):
        f = facts(t="# a command\nseries\tx\ty\nplain\t3.5\t91\nother\t1\t2\nplain\t5\t40\n")
        self.assertEqual(f.table("t"), {"plain": [(3.5, 91), (5, 40)], "other": [(1, 2)]})

    def test_gold_links_are_sure_or_possible(self):
        gold = facts(g="# c\na b\tc d\t0-1 1?0\n").gold("g", "a b")
        self.assertEqual((gold["sure"], gold["possible"]), ({(0, 1)}, {(1, 0)}))

    def test_a_step_is_nested_by_its_shape_and_heads_are_averaged(self):
        self.assertEqual(nested([1, 2, 3, 4, 5, 6], [3, 1, 2]), [[[1, 2]], [[3, 4]], [[5, 6]]])
        step = {"name": "w", "side": "encoder", "time": 0, "shape": [2, 1, 2],
                "values": [1, 0, 0, 1]}
        f = facts({"explain": lambda words, given: json.dumps({"steps": [step]})})
        self.assertEqual(f.mean_of_heads("m", "s", "encoder", "w"), [[.5, .5]])
        with self.assertRaises(Error):
            f.of_step("m", "s", "decoder", "w")


class Beams(unittest.TestCase):
    NEXT = {"": {"a": .5, "b": .4}, "a": {"<eos>": .3, "c": .2}, "b": {"c": .9, "d": .1},
            "b c": {"<eos>": .9, "d": .1}}

    def program(self, ends):
        def explain(words, given):
            before = words[words.index("--target") + 1] if "--target" in words else ""
            best = [{"word": w, "probability": p} for w, p in self.NEXT[before].items()]
            return json.dumps({"words": [{"best": []}] * len(before.split()) + [{"best": best}]})
        lines = [json.dumps({"translation": words, "score": score}) for words, score in ends]
        return facts({"explain": explain, "translate": lambda words, given: "\n".join(lines)})

    def test_the_tree_keeps_the_best_and_ends_as_translate_does(self):
        columns, ended = self.program([("b c", -.5), ("a", -1.9)]).beam("m", "s", 2)
        self.assertEqual([[(node.word, node.kept) for node in column] for column in columns],
                         [[("a", True), ("b", True)],
                          [("<eos>", True), ("c", False), ("c", True), ("d", False)],
                          [("<eos>", True), ("d", False)]])
        self.assertEqual([node.words for node in ended], [["b", "c"], ["a"]])
        self.assertEqual([node.slot for node in columns[0]], [0, 2])
        self.assertEqual([node.slot for node in columns[2]], [2, 3])     # it stays in its lane

    def test_other_ends_than_translate_finds_are_an_error(self):
        with self.assertRaises(Error):
            self.program([("b c", -.5)]).beam("m", "s", 2)

    def test_a_node_knows_its_words(self):
        node = Node(Node(None, "a", 0), "<eos>", 0)
        self.assertEqual((node.words, len(node.path)), (["a"], 2))


class Fresh(unittest.TestCase):
    def test_only_the_last_digit_of_a_number_may_differ(self):
        self.assertTrue(same("w 0.50 x 1.2", "w 0.51 x 1.1"))
        self.assertTrue(same("12", "12") and same("x 12", "x 12.1"))
        for new in ("w 0.52 x 1.2", "v 0.50 x 1.2", "w 0.50 x 1.4", "w 0.50 x 1.2 0.1"):
            self.assertFalse(same("w 0.50 x 1.2", new), new)
        self.assertFalse(same("12", "13"))

    def test_check_names_what_is_not_fresh_and_what_no_chapter_shows(self):
        def drawn(_):
            return Picture("a", "b", 10)

        with tempfile.TemporaryDirectory() as root:
            path, chapter = os.path.join(root, "figures", "a.svg"), os.path.join(root, "README.md")
            os.mkdir(os.path.join(root, "figures"))
            figures.FIGURES, before = {path: drawn}, figures.FIGURES
            try:
                for words, text, more, bad in (
                        (["--check"], "", "is not what would be drawn", True),
                        ([], "(figures/a.svg)", "1, 0 complaints", False),
                        (["--check"], "(figures/a.svg)", "1, 0 complaints", False),
                        (["--check"], "(figures/b.svg)", f"{chapter} does not show it", True)):
                    with open(chapter, "w", encoding="utf-8") as file:
                        file.write(text)
                    said = io.StringIO()
                    with contextlib.redirect_stdout(said):
                        self.assertEqual(figures.main(["babelgrad", *words]), bad, text)
                    self.assertIn(more, said.getvalue())
            finally:
                figures.FIGURES = before


if __name__ == "__main__":
    run()
