"""What the chapters' figures are drawn with: boxes, words, arrows and cells, on paper that is light
or dark as the reader's screen is. No text is measured: a letter is taken to be so wide, and boxes
are made with room to spare.

A figure is 560 units wide, so that its smallest letters, of 14, are 10 pixels high on a screen of
400. Numbers have two digits, positions one."""
from html import escape

WIDTH = 560
LETTER, BOLD, CODE = 6.8, 7.7, 8.5                # advances at size 14, of wide fonts
SANS = '"Gill Sans", Optima, Candara, "Noto Sans", "DejaVu Sans", sans-serif'
MONO = '"DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace'

# Name: in light and in dark. The same colours as of the program's charts (tools/app/view).
COLOURS = {"paper": ("#fffdf8", "#17161b"), "ink": ("#211e1a", "#ece7dc"),
           "quiet": ("#655e55", "#aaa497"), "rule": ("#dcd4c6", "#3a3842"),
           "a": ("#0072b2", "#4398de"), "b": ("#d55e00", "#f0763a"), "c": ("#009e73", "#2bc29a")}


def style():
    """Class names: a colour fills letters and cells; with `line` it draws, with `box` it frames."""
    out = [f"text {{ font: 14px {SANS}; white-space: pre; }}", f".code {{ font-family: {MONO}; }}",
           ".strong { font-weight: bold; }", ".middle { text-anchor: middle; }",
           ".end { text-anchor: end; }", ".line, .box { stroke-width: 1.5; }",
           ".line { fill: none; stroke-linejoin: round; }", ".thick { stroke-width: 2.5; }",
           ".dashed { stroke-dasharray: 4 3; }", ".pale { fill-opacity: .16; }"]
    for scheme in (0, 1):
        rules = []
        for name, both in COLOURS.items():
            colour = both[scheme]
            rules += [f".{name} {{ fill: {colour}; }}",
                      f".line.{name} {{ fill: none; stroke: {colour}; }}",
                      f".box.{name} {{ stroke: {colour}; }}"]
        rules.append(f".box.hollow {{ fill: {COLOURS['paper'][scheme]}; }}")
        out += ["@media (prefers-color-scheme: dark) {", *rules, "}"] if scheme else rules
    return "\n".join(out)


def two(number):
    """With two digits after the point, and never -0.00."""
    text = f"{number:.2f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def place(number):
    """A position: one digit at most, and no more than it needs."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


class Picture:
    """`title` names it and `told` says what is to be seen, for those who cannot see it."""

    def __init__(self, title, told, height, notes=""):
        self.title, self.told, self.height, self.parts = title, told, height, []
        self.notes = notes                        # kept in the file, not shown

    def add(self, tag, kind, words=None, **attributes):
        cells = "".join(f' {name.replace("_", "-")}="{escape(str(value))}"'
                        for name, value in attributes.items())
        end = "/>" if words is None else f">{escape(str(words), quote=False)}</{tag}>"
        self.parts.append(f'<{tag} class="{kind}"{cells}{end}')

    def text(self, x, y, words, kind="ink", **more):
        """y is the line that the letters stand on. Error: they would leave the paper."""
        words, names = str(words), kind.split()
        width = len(words) * (CODE if "code" in names else BOLD if "strong" in names else LETTER)
        left = x - width * ("end" in names) - width / 2 * ("middle" in names)
        if not more and not (-4 < left and left + width < WIDTH + 4 and 0 < y < self.height):
            raise ValueError(f'"{words}" leaves the paper: from {left:.0f} to {left + width:.0f}')
        self.add("text", kind, words, x=place(x), y=place(y), **more)

    def middle(self, x, y, words, kind="ink"):
        """Around (x, y)."""
        self.text(x, y + 5, words, kind + " middle")

    def cell(self, x, y, width, height, kind, share=None, most=.72):
        """share: how much of its colour, from 0 to 1; even the fullest lets ink be read on it."""
        more = {} if share is None else {"fill_opacity": two(most * share)}
        self.add("rect", kind, x=place(x), y=place(y), width=place(width), height=place(height),
                 **more)

    def box(self, x, y, width, height, words=(), kind="a", code=False):
        """Words, one or several lines, in the middle of a frame."""
        self.add("rect", f"box hollow {kind}", x=place(x), y=place(y), width=place(width),
                 height=place(height), rx=4)
        self.add("rect", f"pale {kind}", x=place(x), y=place(y), width=place(width),
                 height=place(height), rx=4)
        lines = [words] if isinstance(words, str) else words
        for i, line in enumerate(lines):
            self.middle(x + width / 2, y + height / 2 + 18 * (i - (len(lines) - 1) / 2), line,
                        "ink code" if code else "ink")

    def circle(self, x, y, words, kind="quiet", radius=12):
        self.add("circle", f"box hollow {kind}", cx=place(x), cy=place(y), r=radius)
        self.middle(x, y, words)

    def line(self, points, kind="quiet", share=None):
        more = {} if share is None else {"stroke_opacity": two(share)}
        self.add("path", f"line {kind}", d=path(points), **more)

    def arrow(self, points, kind="quiet", share=None):
        """To the last of the points."""
        (x, y), (to_x, to_y) = points[-2:]
        long = ((to_x - x) ** 2 + (to_y - y) ** 2) ** .5
        dx, dy = (to_x - x) / long, (to_y - y) / long
        more = {} if share is None else {"fill_opacity": two(share)}
        self.line(points[:-1] + [(to_x - 6 * dx, to_y - 6 * dy)], kind, share)
        head = [(to_x, to_y), (to_x - 8 * dx - 4 * dy, to_y - 8 * dy + 4 * dx),
                (to_x - 8 * dx + 4 * dy, to_y - 8 * dy - 4 * dx)]
        self.add("path", kind.split()[0], d=path(head) + "Z", **more)

    def grid(self, x, y, size, rows, shares, kind="a", code="ink code"):
        """Numbers as cells: rows of words, and how full each cell is. size: of a cell, (w, h)."""
        for i, row in enumerate(rows):
            for j, words in enumerate(row):
                at = x + j * size[0], y + i * size[1]
                name = kind[i][j] if isinstance(kind, list) else kind
                self.cell(*at, size[0] - 2, size[1] - 2, name, shares[i][j])
                if words != "":
                    self.middle(at[0] + size[0] / 2 - 1, at[1] + size[1] / 2 - 1, words, code)

    def svg(self):
        notes = f"<metadata>{escape(self.notes, quote=False)}</metadata>\n" if self.notes else ""
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" '
                f'width="{WIDTH}" height="{self.height}" role="img" '
                'aria-labelledby="title told">\n'
                f'<title id="title">{escape(self.title, quote=False)}</title>\n'
                f'<desc id="told">{escape(self.told, quote=False)}</desc>\n{notes}'
                f"<style>\n{style()}\n</style>\n"
                f'<rect class="paper" width="{WIDTH}" height="{self.height}" rx="6"/>\n'
                + "\n".join(self.parts) + "\n</svg>\n")


def path(points):
    return "M" + "L".join(f"{place(x)},{place(y)}" for x, y in points)
