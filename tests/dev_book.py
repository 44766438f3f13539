"""make book's rules and maps: each rule fails where it must."""
import contextlib
import io
import os
import tempfile
import unittest
from unittest import mock

from dev_small import (FORM, FORM_FILE, LEAST, PLAIN, PLAIN_FILE, ROOF, SIZE_FIRST, STATEMENTS,
                       TOWER, hash_of, house, run, small_files)

import book
import maps
import ran
from facts import Error
from house import House, RUNS, read_house


@mock.patch.object(book, "LEAST", LEAST)
class Rules(unittest.TestCase):
    def breaks(self, path, old, new, *expected, files=None):
        found = book.breaches(house({path: [(old, new)]}, files))
        self.assertEqual([line for line in found if not line.startswith(ran.RAN)], list(expected))

    def test_a_house_in_order(self):
        self.assertEqual(book.breaches(house()), [])
        self.assertEqual(house().totals(), (3, {RUNS: 5}, 10, 8))

    def test_tags(self):
        def not_title(section, right):
            return f"nn/roof.cpp:3: this is not the title of {section}; would be D2L {right}"

        roof = "nn/roof.cpp"
        self.breaks(roof, "11.7.2 Roofs", "11.7.1 Roofs", not_title("11.7.1", "11.7.2 Roofs"),
                    "nn/roof.cpp:4: roof stands under no tag of its section; would be "
                    "// D2L 11.7.2 Roofs")
        self.breaks(roof, "Roofs", "Walls", not_title("11.7.2", "11.7.2 Roofs"))
        self.breaks(roof, "Roofs", "Roofs of tiles", not_title("11.7.2", "11.7.2 Roofs"))
        self.breaks(roof, "Roofs", "Roofs: of tiles")
        self.breaks(roof, "#include", "// D2L 12.1 Far\n#include", "nn/roof.cpp:1: there is no "
                    "section 12.1; tools/dev/book.tsv has those in scope")
        self.breaks("models/tower.h", "#pragma once\n", "#pragma once\n\n// D2L 11.8 Bridges\nint "
                    "y;\n", "models/tower.h:7: D2L 11.7.1 comes after 11.8; a header of models/ is "
                    "in the book's order")

    def test_equations(self):
        tower, here = "models/tower.h", "models/tower.h:9: Eq. "
        self.breaks(tower, "(11.7.1)", "(11.7.2)", here + "(11.7.2) does not exist; 11.7 has 1 in "
                                                          "scope")
        self.breaks(tower, "(11.7.1)", "(11.8.1)", here + "(11.8.1) stands under D2L 11.7.1; would "
                                                          "be under a tag of 11.8")
        self.breaks("data/traps.h", "int x;", "int x;  // Eq. (11.7.1)", "data/traps.h:1: Eq. "
                    "(11.7.1) stands under no tag; would be under one of 11.7")
        found = book.breaches(house({tower: [
            ("(11.7.1)", "(11.8.1)"),
            ("// D2L 11.7.1 Stone", "// D2L 11.7.1 Stone upon Stone\n// D2L 11.8 Bridges\n//")]}))
        self.assertEqual(found, ["models/tower.h:14: D2L 11.7.2 comes after 11.8; a header of "
                                 "models/ is in the book's order"])

    def test_what_the_book_defines_is_here_or_left_out(self):
        left_out, rivers = "tools/dev/left_out.tsv", "11.8\tBridge\tno river\n"
        self.breaks(left_out, rivers, "", "tools/dev/book.tsv:10: we have no Bridge; would be "
                    "under // D2L 11.8 Bridges, or in tools/dev/left_out.tsv with a reason")
        self.breaks("nn/roof.cpp", "// D2L 11.7.2 Roofs\n", "", "nn/roof.cpp:3: roof stands under "
                    "no tag of its section; would be // D2L 11.7.2 Roofs")
        self.breaks(left_out, rivers, rivers + "11.7.2\troof\tno rain\n", f"{left_out}:2: "
                    "roof is listed as left out, but is at nn/roof.cpp:4; one of the two goes")
        self.breaks(left_out, rivers, rivers + "11.7.2\tdoor\topen\n",
                    "tools/dev/left_out.tsv:2: the book has no 11.7.2 door")
        self.breaks(left_out, "\tno river", "", f"{left_out}:1: 11.8 Bridge has no reason")
        self.breaks(left_out, rivers, rivers * 2, f"{left_out}:2: 11.8 Bridge a second time")
        with self.assertRaisesRegex(Error, f"{left_out}:1: would be: section, name, reason"):
            house(files={left_out: "9.4 A no tabs\n"})

    def test_a_line_has_a_twin_or_a_departure(self):
        share = ("tools/dev/book.tsv:1: 4 of 5 lines of the book have a twin, 80.0 %; would be "
                 "95 % or more")
        line = hash_of("height = self.stones * size")
        self.breaks("models/tower.h", "stones * size", "size * stones",
                    f"models/tower.h:5: the book's line {line} of Tower.forward has no twin; would "
                    "have one, or a departure says why (book.py --lines Tower)", share)
        self.assertIn(share, book.breaches(house(SIZE_FIRST)))    # but not one in twenty
        more = f"line\t11.7.2\troof\t{hash_of('return tiles * rows')}\n"
        found = book.breaches(house({"tools/dev/book.tsv": [(more, more * 2)]}))
        self.assertRegex(found[0], "^nn/roof.cpp:4: the book's line .* has no twin")

    def test_twins_are_in_base_types_and_in_methods_elsewhere(self):
        without = {"models/tower.h": [("struct Tower {", "struct Tower : Base {"),
                                      ("    return height;\n", "")]}
        self.assertEqual(len(book.breaches(house(without))), 3)
        base = TOWER.replace("struct Tower {", "struct Tower : Base {").replace(
            "    return height;\n", "") + "struct Base {\n  int f() { return height; }\n};\n"
        self.assertEqual(book.breaches(house(files={"models/tower.h": base})), [])
        roof = ROOF + "int Tower::height(int height) { return height; }\n"
        self.assertEqual(book.breaches(house(without, {"nn/roof.cpp": roof})), [])

    def test_an_argument_that_a_note_names(self):
        edits = {"models/tower.h": [("stones * size", "stones * size + scale")]}
        self.assertEqual(len(book.breaches(house(edits))), 3)
        edits["models/tower.h"].append(("  int stones;", "  // Departs from D2L: `+` a `scale`.\n"
                                                         "  int stones;"))
        self.assertEqual(book.breaches(house(edits)), [])

    def test_traps(self):
        self.breaks("data/traps.h", "D2L (D7)", "D2L", "models/TRAPS.md:7: trap D7 has no note; "
                    "would be // Departs from D2L (D7): ..")
        self.breaks("tests/models_tower.cpp", "(D14)", "D14", "models/TRAPS.md:14: trap D14 has no "
                    "test; would be a TEST_CASE with (D14) in its name")
        self.breaks("data/traps.h", "int x;", "int x;  // Departs from D2L (D15): no.",
                    "data/traps.h:1: there is no trap D15")

    def test_a_table_that_is_missing(self):
        for path in ("tools/dev/book.tsv", "tools/dev/left_out.tsv", "models/TRAPS.md"):
            with self.assertRaisesRegex(Error, f"^{path}: missing$"):
                House({key: text for key, text in small_files().items() if key != path})

    def test_maps_that_were_not_written_again(self):
        for path in ("models/BOOK.md", "tools/app/view/places.cpp"):
            files = house().files
            for files in (files | {path: files[path] + "\n"},
                          {key: text for key, text in files.items() if key != path}):
                self.assertEqual(book.breaches(House(files)), [f"{path}:1: stale: run make maps"])

    def anchors(self, table, *expected, edits=None):
        found = house(edits, {"tools/dev/anchors.tsv": table})
        self.assertEqual(book.breaches(found),
                         ["tools/dev/anchors.tsv:" + line for line in expected])
        return found

    def test_anchors(self):
        row = "\tmodels/tower.h\tint height =\n"
        self.anchors("a\tmodels/tower.h\tint depth\n", '1: models/tower.h has no line with "int '
                     'depth"; would be a piece of its code')
        self.anchors("a\tmodels/tower.h\tEq. (11.7.1)\n", '1: models/tower.h has no line with "Eq. '
                     '(11.7.1)"; would be a piece of its code')
        self.anchors("a\tmodels/tower.h\tTower\n", '1: models/tower.h has "Tower" in lines 5 and '
                     "7; would be in one, or in one of a definition, the fourth cell")
        self.anchors("a\tmodels/tower.h\tint height =\tBarn\n", "1: models/tower.h, Barn, has no "
                     'line with "int height ="; would be a piece of its code')
        self.anchors("a" + row + "a" + row, "2: a a second time; would be there once")
        self.anchors("b" + row + "a" + row, "2: a after b; would be in the order of the alphabet")
        for taken in ("Tower", "11.7.1"):
            self.anchors(taken + row, f"1: {taken} is the book's; would be a name of our own")
        self.anchors("a\tmodels/barn.h\tint x\n",
                     "1: there is no models/barn.h; would be a file of the house")
        for text in ("a\tmodels/tower.h", "a\tmodels/tower.h\t", "a", "\tb\tc", "a\tb\tc\t",
                     "a\tb\tc\td\te"):
            with self.assertRaisesRegex(Error, "anchors.tsv:1: would be: key, file, text"):
                house(files={"tools/dev/anchors.tsv": text})

    def test_an_anchor_is_found_again_and_has_its_section(self):
        hut = "struct Hut {\n  int f() { int height = 1; return height; }\n};\n"
        found = self.anchors("a\tmodels/tower.h\tint height =\tTower\n"
                             "b\tmodels/tower.h\tint height =\tHut::f\n",
                             edits={"models/tower.h": [(TOWER, "\n\n" + TOWER + hut)]})
        self.assertEqual([(anchor.line, anchor.section) for anchor in found.anchors],
                         [(11, "11.7.1"), (18, "")])
        self.assertIn('{"a", {"models/tower.h", 11, "11.7.1", "Stone upon Stone"}},',
                      found.files["tools/app/view/places.cpp"])


class Ran(unittest.TestCase):
    @mock.patch.object(book, "LEAST", LEAST)
    def test_a_statement_that_ran_and_is_gone(self):
        found = book.breaches(house(SIZE_FIRST, {FORM_FILE: FORM}))
        line = hash_of("height = self.stones * size")
        self.assertEqual(found, [f"{ran.RAN}:1: the book's line {line} of 11.7.1 Tower.forward "
                                 "has no twin that could run any more; would have one, or make ran "
                                 "strikes it off"])

    @mock.patch.object(book, "LEAST", LEAST)
    def test_a_statement_of_which_nothing_is_known(self):
        row = f"11.7.2\troof\t{hash_of('return tiles * rows')}\tyes\n"
        found = book.breaches(house({ran.RAN: [(row, "")]}))
        self.assertEqual(found, [
            f"nn/roof.cpp:4: whether the book's line {row.split()[2]} of roof runs is not in "
            f"{ran.RAN}: run make ran"])
        for wrong in ("a\tb\tc\n", "a\tb\tc\tperhaps\n"):
            with self.assertRaisesRegex(Error, "ran.tsv:1: would be: section, method, hash"):
                house(files={ran.RAN: wrong})

    def test_fewer_than_must_run(self):
        with mock.patch.object(book, "LEAST", {RUNS: 5}):
            self.assertEqual(book.breaches(house()), [])
            self.assertEqual(book.breaches(house({ran.RAN: [("yes", "no")]})), [
                f"{ran.RAN}:1: 4 statements of the book stand in models/, nn/ or data/ and run; "
                "would be 5 or more"])

    def test_what_gcov_counted(self):
        small = house()
        program = {"models/tower.h": {7: 1, 9: 2, 10: 0, 13: 0}}     # and no word of line 4 of roof
        chapters = {"models/tower.h": {7: 0, 9: 0, 10: 1}}
        yes = {key[1:]: answer for key, answer in ran.answers(small, program, chapters)}
        self.assertEqual([yes[method, hash_of(code)] for _, method, code in STATEMENTS],
                         [True, True, False, False, False])
        with mock.patch.object(ran, "OF_THE_PROGRAM", ()):
            self.assertEqual(sum(yes for _, yes in ran.answers(small, program, chapters)), 1)

    def test_a_declaration_runs_with_what_is_around_it(self):
        rows = {"tools/dev/book.tsv": small_files()["tools/dev/book.tsv"] +
                f"line\t11.7.1\tTower.__init__\t{hash_of('self.stones')}\n"}
        small = house(files=rows)
        for counts, runs in (({7: 1}, True), ({7: 0}, False), ({}, False)):
            answers = dict(ran.answers(small, {"models/tower.h": counts}, {}))
            self.assertEqual(answers["11.7.1", "Tower.__init__", hash_of("self.stones")], runs)

    def test_a_statement_that_stopped_running(self):
        small = house({ran.RAN: [("11.7.2\troof", "11.7.2\tcave"), ("yes", "no")]})
        now = [(key, "flag" not in key[1]) for key, _ in ran.rows_of(small)]
        self.assertEqual([line.split(": the book's line ")[0] + line.split(" of ")[-1]
                          for line in ran.differences(small, small.ran, now)],
                         ["models/tower.h:7Tower.__init__ did not run, and does: run make ran",
                          f"nn/roof.cpp:4roof is not in {ran.RAN}: run make ran",
                          "models/tower.h:13Tower.flag ran, and no longer does"])
        self.assertEqual(list(ran.differences(house(), house().ran, [
            (key, True) for key, _ in ran.rows_of(house())])), [])


class Maps(unittest.TestCase):
    def test_the_book_s_map(self):
        text = house(files={"tests/models_tower.cpp": small_files()["tests/models_tower.cpp"] +
                            'TEST_CASE("D2L 11.7.2 flag: "\n          "a|b") {}\n'}
                     ).files["models/BOOK.md"]
        for part in ("\n## 11 Attention Mechanisms and Transformers\n",
                     "| 11.7.1 Stone upon Stone | [`Tower`](tower.h#L5) | 6 | 6 | 3 |  |  | "
                     "3 | [Tower: stands](../tests/models_tower.cpp#L1) |\n",
                     "| 11.7.2 Roofs | [`Tower.flag`](tower.h#L13) | 2 | 1 | 1 |  |  | 1 | "
                     "[D2L 11.7.2 flag: a\\|b](../tests/models_tower.cpp#L16) |\n",
                     "| 11.7.2 Roofs | [`roof`](../nn/roof.cpp#L4) | 2 | 1 | 1 |  |  | 1 |  |\n",
                     "3 of the book's 4 definitions. Lines of code: the book's 10, ours 8, 0.80 "
                     "times as many; in models/ 8 and 7, 0.88 times. Of the book's 5 statements 5 ",
                     "| (11.7.1) | 11.7.1 Stone upon Stone | [models/tower.h:9](tower.h#L9) "
                     "|\n", "| 11.8 Bridges | `Bridge` | no river |\n"):
            self.assertIn(part, text)
        self.assertNotIn("\n## 10 ", text)

    def test_what_does_not_run_and_why(self):
        form = house(SIZE_FIRST, {FORM_FILE: FORM}).files
        self.assertIn("| 6 | 6 | 2 |  | [1](../tests/models_book_tower.h#L2) | 3 |",
                      form["models/BOOK.md"])
        self.assertIn("| `Tower` | 1 in tests | [models/tower.h:6](tower.h#L6) |\n",
                      form["models/BOOK.md"])
        self.assertIn("5 statements 4 stand in models/, nn/ or data/ and run (80.0 %), 0 stand "
                      "beside their fast path, and 1 in tests only.\n", form["models/BOOK.md"])
        self.assertEqual(form[maps.PLACES_MAP], house(SIZE_FIRST).files[maps.PLACES_MAP])
        plain = house(SIZE_FIRST, {PLAIN_FILE: PLAIN, FORM_FILE: FORM}).files["models/BOOK.md"]
        self.assertIn("| 6 | 6 | 2 | [1](../autograd/height.cpp#L2) |  | 3 |", plain)
        self.assertIn("run (80.0 %), 1 stand beside their fast path, and 0 in", plain)
        still = house({ran.RAN: [("yes", "no")]}).files["models/BOOK.md"]
        self.assertIn("| `Tower` | 1 not run | neither training nor translation comes to it |\n",
                      still)
        self.assertIn("5 statements 4 stand", still)

    def test_a_kernel_that_is_a_composition_stands_beside(self):
        files = small_files()
        moved = house(files={"nn/roof.cpp": "", "autograd/roof.cpp": ROOF,
                             "tools/dev/anchors.tsv": ""})
        self.assertEqual(moved.totals()[1], {RUNS: 4, "beside": 1})
        self.assertEqual(moved.gone, [("11.7.2", "roof", hash_of("return tiles * rows"))])
        self.assertIn("[1](../autograd/roof.cpp#L4)", moved.files["models/BOOK.md"])
        self.assertIn("nn/roof.cpp", files)

    def test_a_form_excuses_nothing_and_is_no_home_but_a_plain_definition_does(self):
        alone = {"tools/dev/left_out.tsv": "",
                 FORM_FILE: FORM + "// D2L 11.8 Bridges\nstruct Bridge {};\n"}
        self.assertIn("tools/dev/book.tsv:10: we have no Bridge",
                      book.breaches(house(files=alone))[0])
        wrong = {FORM_FILE: FORM.replace("Stone upon Stone", "Roofs")}
        self.assertEqual(book.breaches(house(files=wrong))[0],
                         "tests/models_book_tower.h:1: this is not the title of 11.7.1; would be "
                         "D2L 11.7.2 Roofs")
        edits = {"models/tower.h": SIZE_FIRST["models/tower.h"][:1]}
        missing = "models/tower.h:5: the book's line .* has no twin"
        self.assertRegex(book.breaches(house(edits, {FORM_FILE: FORM}))[0], missing)
        self.assertNotRegex("\n".join(book.breaches(house(edits, {PLAIN_FILE: PLAIN}))), missing)
        other = {"tests/tower.h": FORM, "tests/models_book_tower.cpp": FORM}
        self.assertEqual(house(files=other).forms, [])

    def test_departures_in_the_book_s_order(self):
        text = house({"models/tower.h": [("    return height;", "    // Departs from D2L: a "
                                          "<script>, *not* `a*b`.\n    return height;")],
                      "nn/roof.cpp": [("int roof", "// Departs from D2L (D4): flat.\nint roof")]}
                     ).files["models/BOOK.md"]
        places = [text.index(part) for part in (
            "\n## Where we depart from the book\n",
            "\n- 11.7.1 Stone upon Stone, [`Tower::operator()`](tower.h#L10): a "
            "\\<script>, \\*not\\* `a*b`.\n",
            "\n- 11.7.2 Roofs, [`roof`](../nn/roof.cpp#L4): (D4) flat.\n",
            "\n- No one section, [`data/traps.h`]")]
        self.assertEqual(places, sorted(places))

    def test_places_and_words(self):
        text = house().files["tools/app/view/places.cpp"]
        self.assertIn('std::array<Entry, 6> entries = {{\n    {"Tower", {"models/tower.h", 5, '
                      '"11.7.1", "Stone upon Stone"}},\n', text)
        self.assertIn('    {"tower.height", {"models/tower.h", 9, ', text)
        for words, right in (("a_b [c](d) <e> *f* g|h", "a_b \\[c\\](d) \\<e> \\*f\\* g\\|h"),
                             ("`a*b|c` d*e", "`a*b\\|c` d\\*e"), ("a ` b", "a \\` b")):
            self.assertEqual(maps.escaped(words), right)


@mock.patch.object(book, "LEAST", LEAST)
class Command(unittest.TestCase):
    def run_book(self, root, *words):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            status = book.main(["--root", root, *words])
        return status, out.getvalue()

    def test_stale_until_written_and_again_after_an_edit(self):
        with tempfile.TemporaryDirectory() as root:
            def put(path, text):
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)

            for path, text in small_files().items():
                put(path, text)
            stale = ":1: stale: run make maps\n"
            summary = ("book: 3 of 4 definitions, 1 left out; of 5 statements 5 run, 0 beside, "
                       "0 in tests; 1 equations, 14 departures, ")
            self.assertEqual(self.run_book(root), (
                1, f"models/BOOK.md{stale}tools/app/view/places.cpp{stale}{summary}2 "
                   "breaches\n"))
            self.assertEqual(self.run_book(root, "--write"),
                             (0, "models/BOOK.md\ntools/app/view/places.cpp\n"))
            self.assertEqual(self.run_book(root), (0, summary + "0 breaches\n"))
            put("nn/roof.cpp", "\n" + ROOF)
            self.assertEqual(self.run_book(root), (
                1, f"models/BOOK.md{stale}tools/app/view/places.cpp{stale}{summary}2 breaches\n"))
            status, lines = self.run_book(root, "--lines", "roof")
            self.assertTrue(lines.startswith("11.7.2 roof: nn/roof.cpp:5\n  = roof "))
            with self.assertRaisesRegex(Error, "there is no definition Castle"):
                self.run_book(root, "--lines", "Castle")
            with self.assertRaisesRegex(Error, "rnn.md: missing; it is section 9.4"):
                self.run_book(root, "--facts", root)             # and the facts are as they were
            self.assertEqual(read_house(root).files["tools/dev/book.tsv"],
                             small_files()["tools/dev/book.tsv"])

    def test_lines_beside_ours(self):
        text = book.lines_text(house(SIZE_FIRST, {FORM_FILE: FORM}), "all")
        self.assertIn("  ~ Tower.forward  " + hash_of("height = self.stones * size"), text)
        self.assertIn("  + height size * stones  models/tower.h:9", text)
        self.assertIn("11.8 Bridge: not found", text)
        self.assertIn("  : ", book.lines_text(house({ran.RAN: [("yes", "no")]}), "Tower"))


if __name__ == "__main__":
    run()
