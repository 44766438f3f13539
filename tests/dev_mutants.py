"""make mutants: what faults are planted, and where none is."""
import unittest

from dev_small import run

import mutants

CODE = """// 1 + 1
#include <a>
int sum(const int* x, int n) {
  check(n > 0, "sum: ", n + 1, " < 2");         // n < 0
  int y = 0;
  for (int i = 0; i < n; i++) {
    y += x[i];
  }
  add(y,
      n);
  return y && true;
}
"""


def planted(kind):
    return [(fault.line, mutants.words(fault.becomes)) for fault in
            mutants.faults("tensor/sum.cpp", CODE) if fault.kind == kind]


class Faults(unittest.TestCase):
    def test_operators(self):
        self.assertEqual(planted("operator"), [(7, "y -= x[i];"), (11, "return y || true;")])

    def test_comparisons(self):
        self.assertEqual([line for line, _ in planted("comparison")], [4, 6])
        self.assertIn((6, "for (int i = 0; i <= n; i++) {"), planted("comparison"))

    def test_constants(self):
        self.assertEqual([line for line, _ in planted("constant")], [4, 5, 6, 11])
        self.assertIn((5, "int y = 1;"), planted("constant"))

    def test_bounds(self):
        self.assertEqual(planted("bound"), [(6, "for (int i = 0 + 1; i < n; i++) {"),
                                            (6, "for (int i = 0; i < n - 1; i++) {")])

    def test_statements(self):
        self.assertEqual(planted("statement"), [(4, ";"), (7, ";"), (9, ";")])

    def test_a_statement_of_two_lines_leaves_as_many(self):
        self.assertEqual([fault.becomes for fault in mutants.faults("tensor/sum.cpp", CODE)
                          if fault.line == 9], [";\n"])


if __name__ == "__main__":
    run()
