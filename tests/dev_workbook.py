"""The workbook: what is blanked, what stays, and that every task fits the sources."""
import unittest

from dev_small import run

import workbook

CODE = """namespace a {

// X (n) -> (n): y = 2 x
template <class T>
Tensor twice(const Tensor& x,
             T) {
  check(x, "{");
  // Eq. (1.2)
  return 2 * x;                                 // dx = 2 dy
}
struct Layer {
  Tensor operator()(const Tensor& X) const { return X + 1; }
  Tensor operator()(int i) const { return {i}; }
};

}  // namespace a
"""


def task(**cells):
    known = dict(name="twice", level="1", minutes="5", file="a.cpp", definition="twice",
                 tests=["a"], is_="2 * x", wrong="x", says="Twice x.")
    return workbook.Task(**{**known, **cells})


class Texts(unittest.TestCase):
    def test_a_blank_keeps_head_and_comments(self):
        blank = workbook.blank_text(task(), CODE)
        self.assertIn("""Tensor twice(const Tensor& x,
             T) {
  // Twice x.
  // Eq. (1.2)
  // dx = 2 dy
  fail("twice: yours to write");
}
struct Layer""", blank)
        self.assertIn("// X (n) -> (n): y = 2 x", blank)
        self.assertNotIn("return 2 * x", blank)

    def test_a_body_on_one_line(self):
        blank = workbook.blank_text(task(definition="Layer::operator() | const Tensor& X"), CODE)
        self.assertIn("""  Tensor operator()(const Tensor& X) const {
    // Twice x.
    fail("twice: yours to write");
  }
  Tensor operator()(int i)""", blank)

    def test_a_wrong_answer_changes_one_place(self):
        self.assertEqual(workbook.wrong_text(task(), CODE),
                         CODE.replace("return 2 * x;", "return x;"))

    def test_what_fits_no_more_is_named(self):
        for other in (dict(definition="thrice"), dict(definition="Layer::operator()"),
                      dict(is_="3 * x"), dict(definition="Layer::operator() | int", is_="i")):
            with self.assertRaisesRegex(workbook.Rotten, "^twice: "):
                workbook.wrong_text(task(**other), CODE.replace("{i}", "{i, i}"))

    def test_rows_need_all_cells_and_a_name_of_their_own(self):
        row = "\t".join(str(i) for i in range(len(workbook.Task._fields)))
        for text in (row + "\tmore", row + "\n" + row):
            with self.assertRaises(workbook.Rotten):
                workbook.read_tasks("head\n" + text)


class Tasks(unittest.TestCase):
    def test_every_task_fits_the_sources(self):
        tasks = workbook.read_tasks(workbook.read(workbook.TASKS))
        self.assertGreaterEqual(len(tasks), 40)
        for one in tasks.values():
            with self.subTest(task=one.name):
                text = workbook.read(one.file)
                self.assertNotEqual(workbook.wrong_text(one, text), text)
                self.assertIn(f'fail("{one.name}: yours to write")',
                              workbook.blank_text(one, text))
                for name in one.tests:
                    self.assertTrue(name.startswith(one.file.split("/")[0]))
                    workbook.read(f"tests/{name}.cpp")


if __name__ == "__main__":
    run()
