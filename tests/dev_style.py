"""make style's rules: each fails where it must, and is silent where all is well."""
import contextlib
import io
import os
import re
import tempfile
import unittest

from dev_small import run

import style

REST = " is missing in fields(), or its comment says it is not a parameter"
NO_TEST = " is in no gradient test, add it to tests/autograd_gradients.cpp"
ONE = 'TEST_CASE("a: one") {\n}\n'
OPS = """struct Attended { Tensor output, weights; };
Tensor operator+(const Tensor& a, const Tensor& b);
Tensor operator-(const Tensor& x);
Tensor max(const Tensor& x, const Axes& axes = {},
           bool keepdim = false);
Attended attention(const Tensor& Q);
Tensor max(const Tensor& x);
void backward(const Tensor& y);
"""
HALF = """struct Half : Module {
  struct State { Tensor H; };
  struct Gate {
    Tensor w; Tensor b;
  };
  Tensor weight, bias;
  std::vector<Tensor> seen;                     // not a parameter
  mutable Tensor table; std::vector<Gate> gates;
  std::function<Tensor(int)> act;
  Real p = Real(1);
  Linear linear;

  explicit Half(int n) : linear(n) {}
  Tensor operator()(const Tensor& X) const;
  void fields(Visitor& f) override { f("weight", weight); }
};
struct Linear : Module {
  Tensor weight = Tensor({1});
  void fields(Visitor& f) override;
};
struct Plain { Tensor a; };
"""
MENDED = HALF.replace('f("weight", weight);', 'f("weight", weight); f("bias", bias); f("linear", '
                      'linear); f("table", table); for (Gate& it : gates) f("w", it.w);')
LINEAR = 'void Linear::fields(Visitor& f) { f("weight", weight); }\n'
TEMPLATE = """template <class First, class Second>
struct Both : Module {
  First first;
  Second second;
  int size;
  std::shared_ptr<Deep> deep;
  void fields(Visitor& f) override { f("first", first); }
};
struct Deep : Middle {
};
struct Middle : Module {
};
"""
MODELS = "struct Coder : Module {\n};\nstruct Deep : Coder {\n};\nstruct Plain {};\n"


def include(*paths):
    return "".join(f"#include {path if path[0] == '<' else chr(34) + path + chr(34)}\n"
                   for path in paths)


def checked(code):
    return include("tests/autograd_gradients.h") + code + "\n"


class Style(unittest.TestCase):
    def told(self, rule, texts):
        """`path:line: what would be right` of that rule's complaints."""
        files = [style.File(path, text) for path, text in sorted(texts.items())]
        return [line.replace(f": {rule}, ", ": ", 1) for line in style.complaints(files)
                if f": {rule}, " in line]

    def rule(self, name, bad, complaints, good):
        self.assertEqual(self.told(name, bad), complaints)
        self.assertEqual(self.told(name, good), [])

    def test_lines_are_short_and_count_letters(self):
        self.rule("columns", {"nn/a.h": "\n" + "x" * 101 + "\n", "Makefile": "é" * 102},
                  ["Makefile:1: longer than 100", "nn/a.h:2: longer than 100"],
                  {"nn/a.h": "é" * 100, "a.md": "x" * 101, "Makefile": "x" * 100})

    def test_blanks(self):
        end = ": blanks at the end, the line ends with its text"
        self.rule("blanks", {"nn/a.h": "int x; \n\tint y;\n", "a.md": "x  \ny", "nn/b.h": "",
                             "nn/c.h": "int x;  // one \r\n\n"},
                  [f"a.md:1{end}", f"nn/a.h:1{end}", f"nn/c.h:1{end}",
                   "nn/a.h:2: a tab, indent by spaces", "a.md:2: a file ends with one newline",
                   "nn/b.h:1: a file ends with one newline",
                   "nn/c.h:2: a file ends with one newline"],
                  {"nn/a.h": "int x;\n  int y;\n", "a.md": "x\ny\n", "Makefile": "x:\n\ty\n"})

    def test_how_a_file_opens(self):
        says = ":1: open with a comment saying what this is"
        self.rule("opening comment",
                  {"nn/a.h": "#pragma once\n", "nn/b.cpp": "#include <map>\n",
                   "tests/a.cpp": "int x;\n", "tests/b.h": "#pragma once\n"},
                  [f"{path}{says}" for path in ("nn/a.h", "nn/b.cpp", "tests/a.cpp", "tests/b.h")],
                  {"nn/a.h": "// What.\n", "nn/b.cpp": "// What.\n#include <map>\n",
                   "tests/nn_a.cpp": "#include <map>\n", "nn/a.cpp": include("nn/a.h")})
        once = ": #pragma once comes before any code"
        self.rule("pragma once", {"nn/a.h": "// What.\n#include <map>\n#pragma once\n",
                                  "nn/b.h": "//\n"}, [f"nn/a.h:2{once}", f"nn/b.h:1{once}"],
                  {"nn/a.h": "// What.\n\n# pragma once\n#include <map>\n", "nn/b.cpp": "int x;\n"})
        self.rule("macros", {"nn/a.h": "int x;\n  # define X 1\n"},
                  ["nn/a.h:2: write a function or a constant"],
                  {"nn/a.h": "#ifdef BABELGRAD_X\n#endif  // no #define\n",
                   "nn/b.h": 'auto x = R"(\n#define X\n)";\n',
                   "tests/main.cpp": "#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n"})

    def test_words_of_unfinished_work_but_not_what_is_quoted(self):
        do, hash_ = ": do it, or say how it is", chr(35)
        self.rule("unfinished work", {"nn/a.h": "int x;  // TODO: y\nint FIXME;\n",
                                      "Makefile": f"{hash_} XXX\n", "a.py": f"{hash_} HACK\n"},
                  [f"Makefile:1{do}", f"a.py:1{do}", f"nn/a.h:1{do}", f"nn/a.h:2{do}"],
                  {"nn/a.h": 'auto x = "TODO";  // TODOS\n', "a.md": "no TODO\n",
                   "a.py": "# hack\n"})

    def test_names_paths_numbers_chance_and_flags_that_are_not_ours(self):
        self.rule("using namespace", {"nn/a.h": "\nusing namespace std;\n"},
                  ["nn/a.h:2: in a header, name what is used"],
                  {"nn/a.h": "using std::map;\n", "nn/a.cpp": "using namespace std;\n"})
        path = ": a path comes from the user or the system"
        self.rule("machine paths", {"nn/a.h": 'auto x = "/home/me";\n', "Makefile": "x: # /tmp/x"},
                  [f"Makefile:1{path}", f"nn/a.h:1{path}"],
                  {"nn/a.h": "auto x = home;\n", "tests/a.cpp": 'auto x = "/work/a";\n'})
        real = ": write Real(..) or float(..)"
        self.rule("float suffix", {"nn/a.h": "int x;\nReal y = 1.5f;\nReal z = x ? .1F : 2;\n",
                                   "nn/b.h": "a = 1e-3f;\nb = 0x1p-24f;\nc = 1'000f;\n"},
                  [f"nn/{at}{real}" for at in ("a.h:2", "a.h:3", "b.h:1", "b.h:2", "b.h:3")],
                  {"nn/a.h": "Real y = 1.5 + 0xFf + y1f + 1e-3 + Real(2);  // 2.5f\n",
                   "nn/b.h": 'auto z = "1.5f";\nint y = 0x1f;\n'})
        again = ": a number nobody can have again, draw it from Random"
        self.rule("chance and time", {"nn/a.h": "int x = std::rand();\nlong y = time(nullptr);\n"
                                                "std::random_device z;\nsrand(1);\n"},
                  [f"nn/a.h:{line}{again}" for line in (1, 2, 3, 4)],
                  {"nn/a.h": "int x = grand();  // rand()\nlong y = step_time(nullptr);\n"})
        flag = ": it makes isnan() false and reorders sums"
        self.rule("compiler flags", {"Makefile": "FLAGS := -O3 -ffast-math\nX := -Ofast\n"},
                  [f"Makefile:1{flag}", f"Makefile:2{flag}"],
                  {"Makefile": "# No -ffast-math\nFLAGS := -O3\n"})

    def test_includes_point_downwards(self):
        self.rule("layers", {
            "tensor/a.h": "// A.\n" + include("data/b.h", "tensor/c.h"),
            "data/a.h": include("nn/weights.h"), "nn/a.h": include("tests/b.h"),
            "autograd/a.h": include("data/b.h"), "tools/app/run/a.h": include("tools/lab/lab.h"),
            "tests/autograd_x.cpp": include("data/b.h")}, [
                "autograd/a.h:1: data/b.h is above autograd",
                "data/a.h:1: nn/weights.h is above data",
                "nn/a.h:1: tests/b.h, nothing but tests may know the tests",
                "tensor/a.h:2: data/b.h is above tensor",
                "tests/autograd_x.cpp:1: data/b.h is above autograd",
                "tools/app/run/a.h:1: tools/lab/lab.h is above tools/app"],
                  {"data/b.h": include("tensor/a.h", "<data/b.h>", "c.h"),
                   "models/a.h": include("data/b.h"), "tests/nn_x.cpp": include("data/b.h"),
                   "tools/lab/a.h": include("tools/app/cli/args.h", "data/b.h"),
                   "tests/tools_x.cpp": include("tests/b.h", "tools/lab/lab.h")})
        self.rule("includes", {"nn/a.h": include("b.h", "<map>"), "nn/b.h": ""},
                  ["nn/a.h:1: b.h is not there, write it from the root"],
                  {"nn/a.h": include("nn/b.h", "nn/c.css.h") + '// #include "x.h"\n', "nn/b.h": "",
                   "nn/c.css": ""})

    def test_what_headers_may_bring_along_and_who_may_know_the_machine(self):
        self.rule("heavy headers", {"nn/a.h": include("<iostream>", "<map>")},
                  ["nn/a.h:1: <iostream>, include it in the .cpp"],
                  {"nn/a.cpp": include("<iostream>"), "tools/app/a.h": include("<regex>")})
        simd = ": use the vectors of tensor/simd.h"
        self.rule("intrinsics", {"tensor/a.h": include("<immintrin.h>"),
                                 "tensor/b.cpp": "\n" + include("<arm_neon.h>")},
                  [f"tensor/a.h:1{simd}", f"tensor/b.cpp:2{simd}"],
                  {"tensor/simd.h": include("<immintrin.h>")})
        self.rule("packages", {"nn/a.cpp": include("<boost/any.hpp>", "<doctest/doctest.h>",
                                                   "<zlib.h>")},
                  [f"nn/a.cpp:{line}: <{path}> is not of the standard library" for line, path in
                   ((1, "boost/any.hpp"), (2, "doctest/doctest.h"), (3, "zlib.h"))],
                  {"tests/a.cpp": include("<doctest/doctest.h>", "<map>", "<sys/wait.h>")})
        raw = ": raw:: records nothing, use the operation of ops.h"
        self.rule("raw verbs", {"models/a.h": "int x;\nx = raw::add(y, z);\n",
                                "nn/b.h": "raw::add();\n"},
                  [f"models/a.h:2{raw}", f"nn/b.h:1{raw}"],
                  {"models/a.h": "x = y + straw::z;  // raw::add\n",
                   "nn/optim.cpp": "raw::add();\n", "nn/init.h": "raw::add();\n",
                   "autograd/a.cpp": "raw::add();\n"})

    def test_a_field_has_its_own_name(self):
        wrong = 'void fields(Visitor& f) {\n  f("a", *b);\n  f("c", d.c);\n}\n'
        self.rule("field names", {"models/a.h": wrong},
                  ['models/a.h:1: f("a", *b), write f("a", a)',
                   'models/a.h:1: f("c", d.c), write f("c", c)'],
                  {"nn/a.h": 'void fields(Visitor& f) { f("a", *a); f("b", b); }\n',
                   "nn/b.h": 'void fields(Visitor& f) { f("w_" + w.name, w); }\n',
                   "nn/c.h": 'void other() { f("a", b); }\n'})

    def test_every_parameter_and_every_child_is_in_fields(self):
        self.rule("members", {"nn/a.h": HALF, "nn/a.cpp": LINEAR}, [
            f"nn/a.h:6: Half::bias{REST}", f"nn/a.h:8: Half::table{REST}",
            f"nn/a.h:8: Half::gates{REST}", f"nn/a.h:11: Half::linear{REST}"],
                  {"nn/a.h": MENDED, "nn/a.cpp": LINEAR})
        self.assertEqual(self.told("members", {"nn/a.h": MENDED}),
                         [f"nn/a.h:18: Linear::weight{REST}"])
        self.assertEqual(self.told("members", {"models/a.h": TEMPLATE}), [
            f"models/a.h:4: Both::second{REST}", f"models/a.h:6: Both::deep{REST}"])

    def test_every_operation_has_a_gradient_test(self):
        files = {"autograd/ops.h": OPS,
                 "tests/autograd_gradients.h": include("autograd/gradcheck.h"),
                 "tests/autograd_gradients.cpp": checked("x[0] + x[1]; -x[0]; max(x[0], 1);"),
                 "tests/autograd_others.cpp": "attention(x[0]);\n"}
        mended = files | {"tests/autograd_others.cpp": checked("attention(x[0]);")}
        self.rule("gradient tests", files, [f"autograd/ops.h:6: attention{NO_TEST}"], mended)
        mended["tests/autograd_gradients.cpp"] = checked("a + i; - 1; std::max(x[0], 1); // max(")
        self.assertEqual(self.told("gradient tests", mended), [
            f"autograd/ops.h:{at}{NO_TEST}" for at in ("2: operator+", "3: operator-", "4: max")])

    def test_every_model_is_named_in_a_test(self):
        self.rule("model tests", {"models/a.h": MODELS, "tests/models_a.cpp": "Coder x;  // Deep\n",
                                  "tests/nn_a.cpp": "Deep x;\n"},
                  ["models/a.h:3: Deep is in no test of models/"],
                  {"models/a.h": MODELS, "tests/models_a.cpp": "Coder x;\n",
                   "tests/models_b.cpp": "std::vector<Deep> x;\n"})

    def test_where_tests_are_and_what_they_are_called(self):
        where = ": a test is in tests/ROOM_subject.cpp"
        self.rule("test files", {"tests/lore_a.cpp": "\n" + ONE, "tests/nn.cpp": ONE,
                                 "nn/nn_a.cpp": ONE},
                  [f"nn/nn_a.cpp:1{where}", f"tests/lore_a.cpp:2{where}", f"tests/nn.cpp:1{where}"],
                  {"tests/nn_a.cpp": ONE, "tests/tools_b.cpp": ONE, "tests/main.cpp": "int x;\n"})
        two = ONE.replace("a: one", 'a: "\n  "one')
        self.rule("test names", {"tests/nn_a.cpp": ONE, "tests/nn_b.cpp": "\n" + two},
                  ['tests/nn_b.cpp:2: "a: one" is the test of tests/nn_a.cpp:1, another fact has '
                   "another name"],
                  {"tests/nn_a.cpp": ONE,
                   "tests/nn_b.cpp": 'TEST_CASE("a: two") { f("a: one"); }\n'})

    def test_no_number_in_a_chapter_without_its_command(self):
        self.rule("numbers", {"README.md": "# A\n\nmake bench\n\n## B\n\nfast: 1.71 x\n74 ms\n",
                              "nn/README.md": "85 to 89 GFLOP/s\n"},
                  ["README.md:7: a measured number has its command under the same heading",
                   "nn/README.md:1: a measured number has its command under the same heading"],
                  {"README.md": "# A\n\n## B\n\n`babelgrad bench`\nfast: 1.71 x\n74 ms\n",
                   "nn/README.md": "Of 9 steps, 20 words\n", "BOOK.md": "74 ms\n"})

    def test_every_rule_has_a_fixture(self):
        texts = []
        for path in (style.__file__, __file__):
            with open(path, encoding="utf-8") as file:
                texts.append(file.read())
        named, fixtures = re.findall(r'yield[^"]*"([a-z ]+)"', texts[0]), texts[1]
        self.assertGreater(len(named), 12)
        for name in named + [name for name, *_ in style.LINES]:
            self.assertIn(f'self.rule("{name}"', fixtures)

    def test_hostile_files_do_not_stop_it(self):
        for text in ("", "\n", '"', "#", "#include", '#include "', "TEST_CASE(", 'f("', "\ufeff",
                     "struct A : Module { Tensor", "1e", "0x", "x[", "\t", "}}}", "{{{"):
            for path in ("autograd/ops.h", "models/a.h", "tests/nn_a.cpp", "Makefile", "README.md"):
                files = [style.File(path, text)]
                self.assertLess(len(list(style.complaints(files))), 10)


class Command(unittest.TestCase):
    def test_a_folder_in_and_complaints_out(self):
        with tempfile.TemporaryDirectory() as root:
            def put(path, text):
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)

            def called():
                with contextlib.redirect_stdout(io.StringIO()) as out:
                    return style.main(root), out.getvalue()

            put("data/a.h", "// What it is.\n#pragma once\nint x;\n")
            for hidden in ("build/b.h", ".git/c.h", "data/d.tsv"):
                put(hidden, "#define X \n")
            self.assertEqual(called(), (False, "style: 1 files, 0 complaints\n"))
            put("data/b.h", "// What it is.\n#pragma once\n#define X\n")
            self.assertEqual(called(), (True, "data/b.h:3: macros, write a function or a constant\n"
                                              "style: 2 files, 1 complaints\n"))
            with self.assertRaisesRegex(SystemExit, "style: .*/nowhere is no folder"):
                style.main(root + "/nowhere")


if __name__ == "__main__":
    run()
