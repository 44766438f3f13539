#!/usr/bin/env python3
"""Unicode's own tables, as small as C++ can have them: width, classes, case, canonical composition.

  tools/dev/unicode.py         writes data/unicode_tables.h

The tables are read from /usr/share/unicode, where Debian's package unicode-data has them; another
folder may be given. The same version of Unicode gives the same file, byte for byte.
"""
import os
import sys

FOLDER = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode"
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

HEAD = """\
// Made by `{command}` of Unicode {version}: {what}.
// Not to be edited; unpack() in data/utf8.h reads a table.
#pragma once

#include <string_view>

namespace babelgrad::unicode {{
"""


def lines_of(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return [line.split("#")[0].strip() for line in file]


def property_of(name, wanted):
    """The code points that a file like PropList.txt gives one of these values."""
    found = set()
    for line in lines_of(name):
        fields = [field.strip() for field in line.split(";")]
        if len(fields) > 1 and fields[1] in wanted:
            first, _, last = fields[0].partition("..")
            found.update(range(int(first, 16), int(last or first, 16) + 1))
    return found


def characters():
    """Code point -> the fields of UnicodeData.txt."""
    found, first = {}, 0
    for fields in (line.split(";") for line in lines_of("UnicodeData.txt") if line):
        code = int(fields[0], 16)
        if fields[1].endswith("First>"):
            first = code
        elif fields[1].endswith("Last>"):
            found.update((c, fields) for c in range(first, code + 1))
        else:
            found[code] = fields
    return found


def version():
    with open(os.path.join(FOLDER, "PropList.txt"), encoding="utf-8") as file:
        return file.readline().strip().removeprefix("# PropList-").removesuffix(".txt")


def packed(rows):
    """Rows of one width, each number as the difference from that above it: below 0 an odd one. In
    base 31, low digits first; from `_` on, a character is a digit that others follow."""
    out, above = "", [0] * len(rows[0])
    for row in rows:
        for now, before in zip(row, above):
            number = 2 * (now - before) if now >= before else 2 * (before - now) - 1
            while number >= 31:
                out += chr(ord("_") + number % 31)
                number //= 31
            out += chr(ord("@") + number)
        above = row
    return out


def ranges(codes, filler=frozenset()):
    """Where they begin and end, in turn; the filler is in or out, whichever is shorter."""
    bounds = []
    for code in sorted(codes):
        if bounds and all(between in filler for between in range(bounds[-1][0], code)):
            bounds[-1] = [code + 1]
        else:
            bounds += [[code], [code + 1]]
    return bounds


def classes(classes_of):
    """Runs of code points of one class: the first, the last, the class."""
    runs = []
    for code in sorted(classes_of):
        if runs and runs[-1][1:] == [code - 1, classes_of[code]]:
            runs[-1][1] = code
        else:
            runs.append([code, code, classes_of[code]])
    return runs


def shifts(to):
    """Runs of code points that are mapped as far away: the first, the last, the step, how far."""
    runs = []
    for code in sorted(to):
        first, last, step, shift = runs[-1] if runs else [0, 0, 0, 0]
        if shift == to[code] - code and code - last in ([1, 2] if first == last else [step]):
            runs[-1][1:3] = code, code - last
        else:
            runs.append([code, code, 1, to[code] - code])
    return runs


def replaced(to):
    """A code point and the two that stand for it."""
    return [[code, *to[code]] for code in sorted(to)]


def write(path, what, tables):
    out = HEAD.format(command="tools/dev/unicode.py", version=version(), what=what)
    for name, comment, rows in tables:
        text = packed(rows)
        lines = [text[i:i + 100] for i in range(0, len(text), 100)]
        out += f"\n// {comment}.\ninline constexpr std::string_view {name} = R\"(\n"
        out += "\n".join(lines) + ")\";\n"
    out += "\n}  // namespace babelgrad::unicode\n"
    with open(os.path.join(ROOT, path), "w", encoding="ascii") as file:
        file.write(out)


def main():
    data = characters()
    category = {code: fields[2] for code, fields in data.items()}

    def of(*categories):
        return {code for code, c in category.items() if c in categories or c[0] in categories}

    ignorable = property_of("DerivedCoreProperties.txt", {"Default_Ignorable_Code_Point"})
    prepended = property_of("PropList.txt", {"Prepended_Concatenation_Mark"})
    vowels_and_tails = set(range(0x1160, 0x1200))           # of Hangul, drawn into the first letter
    zero = of("Cc", "Cf", "Mn", "Me", "Zl", "Zp") | vowels_and_tails
    zero -= prepended | {0xAD}
    wide = property_of("EastAsianWidth.txt", {"W", "F"}) - zero
    nothing = set(range(0x110000)) - set(data)              # it has no width
    lower = {code: int(fields[13], 16) for code, fields in data.items() if fields[13]}
    title = {code: int(fields[14], 16) for code, fields in data.items() if fields[14]}
    capital = {code: to for code, to in title.items() if lower.get(to) == code}
    canonical = {code: [int(part, 16) for part in fields[5].split()]
                 for code, fields in data.items() if fields[5] and fields[5][0] != "<"}
    excluded = property_of("DerivedNormalizationProps.txt", {"Full_Composition_Exclusion"})
    composed = {code: to for code, to in canonical.items() if code not in excluded}
    apart = {code: (to + [0])[:2] for code, to in canonical.items() if code in excluded}
    order = {code: int(fields[3]) for code, fields in data.items() if fields[3] != "0"}
    write("data/unicode_tables.h", "width, kinds of characters, case, composition", [
        ("zero_width", "Ranges of marks, controls and formats", ranges(zero, nothing)),
        ("wide", "Ranges of two columns each", ranges(wide, nothing)),
        ("blank", "White_Space, and the separators of information U+001C to U+001F, as ranges",
         ranges(property_of("PropList.txt", {"White_Space"}) | set(range(0x1C, 0x20)))),
        ("punctuation", "General category P, as ranges", ranges(of("P"))),
        ("opening", "Its Ps and Pi, as ranges", ranges(of("Ps", "Pi"))),
        ("symbols", "General category S, as ranges", ranges(of("S"))),
        ("invisible", "Default_Ignorable_Code_Point, but for letters, as ranges",
         ranges(ignorable & of("C", "M"))),
        ("small", "Simple lower case: the first of a run, its last, their step, how far away",
         shifts(lower)),
        ("capital", "Simple title case, where lower case is the inverse: likewise",
         shifts(capital)),
        ("composed", "A letter and the two that make it", replaced(composed)),
        ("apart", "What is always replaced, by two or by one and 0", replaced(apart)),
        ("order", "Canonical_Combining_Class: the first of a run, its last, the class",
         classes(order))])


if __name__ == "__main__":
    main()
