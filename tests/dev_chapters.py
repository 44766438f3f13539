"""tests/chapters.cpp: chapters that must pass, and chapters that must not. Run from the root."""
import os
import subprocess
import tempfile
import unittest

from dev_small import run

CXX = [*os.environ.get("CXX", "c++").split(), "-std=c++20", "-I."]
NOTEBOOK = """# A chapter

```cpp global
int twice(int x) { return 2 * x; }
```
```cpp
int a = twice(3);
print(a, " and ", 0.25);
print("end");
```

```text
6 and 0.2500
end
```
It goes on:
```cpp
a += 1;
print("[", a, "]");                          // [7]
```
```
a drawing is not run
```
"""
PRINTED = "\f6\n6 and 0.2500\nend\n\f17\n[7]\n"
OWN_MAIN = """```cpp
#include "tensor/check.h"
int main() {
  print(1);       // [[1 2]
}                 //  [3 4]]  \x20
```
"""


class Chapters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.tool = os.path.join(cls.folder.name, "chapters")
        subprocess.run([*CXX, "-O0", "tests/chapters.cpp", "-o", cls.tool], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def put(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def call(self, *words):
        """Exit status, and what was said on stderr, by README:line."""
        done = subprocess.run(words, capture_output=True, text=True, errors="replace")
        self.out = done.stdout
        return done.returncode, done.stderr.replace(self.folder.name + "/", "")

    def write(self, text):
        return self.call(self.tool, "write", self.put("README.md", text),
                         os.path.join(self.folder.name, "x.cpp"))

    def build(self, text):
        """As write; then compiled, and run if that went well."""
        self.assertEqual(self.write(text), (0, ""))
        program = os.path.join(self.folder.name, "x")
        found = self.call(*CXX, program + ".cpp", "-o", program)
        return found if found[0] else self.call(program)

    def compare(self, text, printed, babelgrad="/bin/echo"):
        return self.call(self.tool, "compare", self.put("README.md", text),
                         self.put("printed", printed), babelgrad)

    def differs(self, text, printed, *lines, **more):
        found = self.compare(text, printed, **more)
        self.assertEqual(found, (bool(lines), "".join(line + "\n" for line in lines)))

    def test_a_chapter_is_one_program_and_prints_what_it_says(self):
        self.assertEqual(self.build(NOTEBOOK), (0, ""))
        self.assertEqual(self.out, PRINTED)
        self.differs(NOTEBOOK, PRINTED)
        self.assertIn("README.md: 3 examples\n", self.out)

    def test_a_chapter_s_own_names_come_before_those_of_the_rooms(self):
        self.assertEqual(self.build("""```cpp global
#include <numbers>
std::string text(int) { return "mine "; }
```
```cpp
print(text(1), std::numbers::pi);
```
"""), (0, ""))
        self.assertEqual(self.out, "\f5\nmine 3.1416\n")

    def test_what_does_not_compile_is_reported_with_its_line(self):
        status, said = self.build(NOTEBOOK.replace("a += 1", "b += 1"))
        self.assertNotEqual(status, 0)
        self.assertIn("README.md:18:1: error: ", said)

    def test_an_exception_ends_the_program(self):
        text = '```cpp\nfail("no: luck");\n```\n```cpp\nprint(1);  // [1]\n```\n'
        self.assertEqual(self.build(text), (1, "README.md:1: no: luck\n"))
        self.differs(text, "\f1\n", "README.md:4: this example did not run")

    def test_wrong_missing_and_surplus_output(self):
        self.differs(NOTEBOOK, PRINTED.replace("0.2500", "0.2501"),
                     'README.md:13: expected "6 and 0.2500", printed "6 and 0.2501"')
        self.differs(NOTEBOOK, "\f6\n6 and 0.2500\n\f17\n[8]\n",
                     'README.md:14: expected "end", printed nothing more',
                     'README.md:19: expected "[7]", printed "[8]"')
        self.differs(NOTEBOOK, PRINTED.replace("end\n", "end\nand\n"),
                     'README.md:14: expected nothing more, printed "and"')
        self.differs(NOTEBOOK, "", "README.md:6: this example did not run",
                     "README.md:17: this example did not run")
        self.differs("```cpp\nprint(1);\n```\n", "\f1\n1\n",
                     'README.md:1: expected nothing more, printed "1"')
        self.differs("```cpp\nprint(1);\n```\n", "\f1\n\x1b[2J\n",
                     'README.md:1: expected nothing more, printed "?[2J"')

    def test_blanks_at_the_end_do_not_count_those_before_and_between_do(self):
        text = "```cpp\nf();\n```\n```text\n a  b  \n\n```\n"
        self.differs(text, "\f1\n a  b\n\n\n")
        for wrong in (" a b", "a  b"):
            self.assertEqual(self.compare(text, f"\f1\n{wrong}\n")[0], 1)

    def test_a_program_of_its_own_stands_alone_with_its_output_in_the_margin(self):
        self.assertEqual(self.write(OWN_MAIN), (0, ""))
        with open(os.path.join(self.folder.name, "x.cpp"), encoding="utf-8") as file:
            self.assertEqual(file.readline(), f'#line 2 "{self.folder.name}/README.md"\n')
        self.differs(OWN_MAIN, "[[1 2]\n [3 4]]\n")
        self.differs(OWN_MAIN, "[[1 2]\n[3 4]]\n",
                     'README.md:5: expected " [3 4]]", printed "[3 4]]"')
        self.assertEqual(self.write(OWN_MAIN + "```cpp\nf();\n```\n"), (
            1, "README.md:7: a program with its own main() is the only C++ of its chapter\n"))

    def test_fences_that_are_open_misplaced_or_empty_are_refused(self):
        for text, said in (
                ("\n```cpp\nf();\n", "2: a fence without an end"),
                ("```cpp\nf();\n```cpp\n```\n", "3: the fence of line 1 is still open"),
                ("  ```cpp\nf();\n```\n", "1: a fence begins in the first column"),
                ("```cpp globl\nf();\n```\n", "1: a fence is cpp or cpp global"),
                ("```cpp\n```\n", "1: an example without a line"),
                ("```text\n1\n```\n", "1: a ```text fence stands right after"),
                ("```cpp\nf();\n```\nprints\n```text\n1\n```\n", "5: a ```text fence"),
                ("```cpp global\nint x;\n```\n```text\n1\n```\n", "4: a ```text fence"),
                ("```console\nbabelgrad demo\n```\n", "1: a console begins with"),
                ("```console\n$ rm -r x\n```\n", "2: a command is `$ babelgrad ...`"),
                (b"```cpp\n\xff<script>\x1b\n", "1: a fence without an end")):
            status, found = self.write(text)
            self.assertEqual((status, found[:len("README.md:" + said)]), (1, "README.md:" + said))
        self.assertEqual(self.write(""), (0, ""))

    def test_a_console_is_run_and_held_against_what_it_writes(self):
        def console(text, *lines, **more):
            self.differs(f"```console\n{text}```\n", "", *lines, **more)

        console("$ make all\nanything\n$ babelgrad go on\ngo on\n")
        console('$ babelgrad a  "b  c" > f\n$ babelgrad; cat f\n\na b  c\n')
        console("$ babelgrad go\ngone\n", 'README.md:3: expected "gone", printed "go"')
        console("$ babelgrad x\n", "README.md:2: exit status 1: ", babelgrad="/bin/false")
        self.assertIn("README.md:2: exit status 127: ", self.compare(
            "```console\n$ babelgrad x\n```\n", "", "/no/such/program")[1])

    def test_how_it_is_called(self):
        for words in ((), ("write",), ("write", "a.md"), ("compare", "a.md", "b"), ("x", "y", "z")):
            self.assertEqual(self.call(self.tool, *words)[0], 2)
        self.assertEqual(self.call(self.tool, "write", "/no/a.md", "/no/a.cpp"),
                         (1, "chapters: cannot read /no/a.md\n"))


if __name__ == "__main__":
    run()
