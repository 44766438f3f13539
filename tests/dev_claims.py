"""make claims: a ledger that is in order, and ledgers that are not."""
import unittest

from dev_small import run

import claims
from cpp import Source

NN_A = Source("tests/nn_a.cpp", """TEST_CASE("tower: stands") {
}
TEST_CASE("tower: leans, "
          "a little") {
}
TEST_CASE("roof: one") {
}
TEST_CASE("roof: two") {
}
TEST_CASE("S7: the roof is on top") {
}
""")
LAB = Source("tools/lab/all.cpp", '''    {"tilt", "S5 P4 S7", "?", tilt},
    {"fall",
     "S1", "?", fall}};
''')
STANDS = 'test:tests/nn_a.cpp: "tower: stands"'
ON_TOP = 'test:tests/nn_a.cpp: "S7: the roof is on top"'
ELSEWHERE = {"S5": "lab:tilt", "P4": "lab:tilt", "S1": "lab:fall", "S7": ON_TOP + " + lab:tilt"}
AT = "tools/lab/claims.tsv:"
TILT = ": the experiment tilt claims S5, which is not lab:tilt"


def row(name, where):
    return f"{name}\tIt is so.\t{where}\n"


def ledger(name="", lines=""):
    """In order, but for that claim, whose row is `lines`."""
    return "".join(lines if it == name else row(it, ELSEWHERE.get(it, STANDS)) for it in claims.IDS)


class Claims(unittest.TestCase):
    def told(self, text, *lines, tests=(NN_A,)):
        self.assertEqual(list(claims.complaints(text, [*tests, LAB])), list(lines))

    def of_Q1(self, where, *problems):
        self.told(ledger("Q1", row("Q1", where)), *(f"{AT}9: Q1: {it}" for it in problems))

    def test_thirty_one_ids_each_once(self):
        self.assertEqual((len(claims.IDS), claims.IDS[0], claims.IDS[-1]), (32, "L1", "T3"))
        self.told(ledger())
        self.told(ledger("Q1"), AT + "0: Q1 is missing")
        self.told(ledger("Q1", 2 * row("Q1", STANDS)), AT + "10: Q1 is in line 9 already")
        self.told(ledger("Q1", row("Q9", STANDS)), AT + "9: Q9 is no claim",
                  AT + "0: Q1 is missing")

    def test_a_row_has_an_id_a_statement_and_a_place(self):
        for line in ("Q1\tlab:fall\n", "Q1\t\tlab:fall\n", "\n", "Q1\tA\tlab:fall\tmore\n", "\t\n"):
            self.told(ledger("Q1", line), AT + "9: would be: id, statement, where, with tabs "
                      "between", AT + "0: Q1 is missing")
        for where in ("", "closed", "Open", "tests/nn_a.cpp", "open ", "open + lab:fall"):
            self.of_Q1(where, claims.FORMS)

    def test_an_open_one_is_a_complaint(self):
        self.of_Q1("open", "is shown nowhere")
        self.told(ledger("S5", row("S5", "open")), AT + "23: S5: is shown nowhere",
                  AT + "23" + TILT)

    def test_a_test_case_that_is_pointed_at_is_there_and_only_once(self):
        self.of_Q1('test:tests/nn_a.cpp: "roof: one"')
        self.of_Q1('test:tests/nn_a.cpp: "tower: leans..."')
        self.of_Q1('test:tests/nn_b.cpp: "roof: one"', "tests/nn_b.cpp is not there")
        for name in ("roof", "..."):
            self.of_Q1(f'test:tests/nn_a.cpp: "{name}"',
                       f'tests/nn_a.cpp has no test case "{name}"')
        self.of_Q1('test:tests/nn_a.cpp: "roof..."',
                   'tests/nn_a.cpp has 2 test cases "roof..."')
        for place in ("", "tests/nn_a.cpp", 'tests/nn_a.cpp: "', "tests/nn_a.cpp: roof"):
            self.of_Q1("test:" + place, 'a test is tests/FILE.cpp: "its name"')

    def test_the_lab_and_the_ledger_say_the_same_of_each_other(self):
        only = "the experiment fall claims only S1"
        self.of_Q1("lab:rise", "there is no experiment rise")
        self.of_Q1("lab:", "there is no experiment ")
        self.of_Q1("lab:fall", only)
        self.told(ledger("S5", row("S5", STANDS)), AT + "23" + TILT)
        self.told(ledger("S5", row("S5", "lab:fall")), f"{AT}23: S5: {only}", AT + "23" + TILT)
        self.told(ledger("S5"), AT + "0: S5 is missing", AT + "0" + TILT)

    def test_a_row_names_one_test_one_experiment_or_one_of_each_the_test_first(self):
        self.told(ledger("S5", row("S5", STANDS + " + lab:tilt")))
        self.of_Q1(STANDS + " + lab:fall", "the experiment fall claims only S1")
        self.of_Q1('test:tests/nn_b.cpp: "roof: one" + lab:rise', "tests/nn_b.cpp is not there",
                   "there is no experiment rise")
        for where in (f"{STANDS} + {STANDS}", STANDS + " + ", STANDS + " + open",
                      STANDS + "lab:fall", "lab:fall + " + STANDS, STANDS + " + lab:fall lab:tilt",
                      f"{STANDS} + {STANDS} + lab:fall", "lab:fall + lab:tilt", " + lab:fall"):
            self.of_Q1(where, claims.FORMS)

    def test_a_test_case_that_has_a_claim_s_name_is_that_claim_s(self):
        wrong = ('tests/nn_a.cpp:10: "S7: the roof is on top" is not the test of S7 in '
                 "tools/lab/claims.tsv")
        for where in ("lab:tilt", STANDS + " + lab:tilt"):
            self.told(ledger("S7", row("S7", where)), wrong)
        self.told(ledger("S7", row("S7", 'test:tests/nn_a.cpp: "S7: the ..." + lab:tilt')))

        def named(path, name, *lines):
            self.told(ledger(), *lines, tests=(NN_A, Source(path, f'TEST_CASE("{name}") {{\n}}\n')))

        for name in ("S7: the roof is on top", "L1: x"):
            named("tests/nn_b.cpp", name, f'tests/nn_b.cpp:1: "{name}" is not the test of '
                  f"{name[:2]} in tools/lab/claims.tsv")
        for name in ("L9: x", "L1 x", "L1:x", "of L1: x", "S10: x", "L1"):
            named("tests/nn_b.cpp", name)
        named("tools/nn_b.cpp", "L1: x")


if __name__ == "__main__":
    run()
