"""make notes: what stands beside what, and notes that name what is not there."""
import contextlib
import io
import os
import re
import tempfile
import unittest

from dev_small import run

import notes

TOWER = "struct Tower {\n  int height(int x) const {\n    return x < 2;\n  }\n};\n"
TEXT = """# Towers & more

```beside models/tower.h Tower::height
height(x): <b>
```

![a tower](figures/tower.svg)
"""


class Notes(unittest.TestCase):
    def made(self, text=TEXT, tower=TOWER):
        with tempfile.TemporaryDirectory() as root:
            for path, what in ((notes.NOTES, text), ("models/tower.h", tower), (notes.STYLE, ""),
                               ("models/figures/tower.svg", "<svg/>")):
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(what)
            page = os.path.join(root, "build/notes.html")
            with contextlib.redirect_stdout(io.StringIO()) as out:
                status = notes.main([page, "--root", root])
            if status:
                self.assertFalse(os.path.exists(page))
                return out.getvalue()
            with open(page, encoding="utf-8") as file:
                return file.read()

    def test_pseudocode_stands_beside_the_definition(self):
        page = self.made()
        for part in ("<title>Towers &amp; more</title>", "height(x): &lt;b&gt;</pre>",
                     "models/tower.h, Tower::height",
                     'src="data:image/svg+xml,%3c%73%76%67%2f%3e"'):
            self.assertIn(part, page)
        words = re.sub("<[^>]*>", "", page)      # of which the indentation of the type is gone
        self.assertIn("int height(int x) const {\n  return x &lt; 2;\n}", words)

    def test_what_is_not_there(self):
        self.assertEqual(self.made(tower="struct Tower {};\n"),
                         "models/NOTES.md: models/tower.h has no definition Tower::height\n")
        self.assertEqual(self.made(TEXT.replace("tower.h", "wall.h")),
                         "models/NOTES.md: models/wall.h: No such file or directory\n")
        self.assertEqual(self.made(TEXT.replace("tower.svg", "wall.svg")),
                         "models/NOTES.md: models/figures/wall.svg: No such file or directory\n")


if __name__ == "__main__":
    run()
