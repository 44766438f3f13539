#!/usr/bin/env python3
"""Unicode's own tables, as small as C++ can have them: width, classes, case, canonical composition.

  tools/unicode.py         writes tensor/unicode_width.h and data/unicode_tables.h

The tables are read from /usr/share/unicode, where Debian's package unicode-data has them; another
folder may be given. The same version of Unicode gives the same files, byte for byte.
"""
import os
import sys

FOLDER = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode"
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
JOIN_CONTROLS = {0x200C, 0x200D}

HEAD = """\
// Made by `{command}` of Unicode {version}: {what}.
// Not to be edited. unpack() in tensor/utf8.h reads a table. A range is how many code points are
// passed over, and how many are in it.
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


def packed(numbers):
    """In base 31, low digits first; from `_` on, a character is a digit that others follow."""
    out = ""
    for number in numbers:
        while number >= 31:
            out += chr(ord("_") + number % 31)
            number //= 31
        out += chr(ord("@") + number)
    return out


def signed(number):
    return 2 * number if number >= 0 else -2 * number - 1


def ranges(codes, filler=frozenset()):
    """Where they begin and end, in turn; the filler is in or out, whichever is shorter."""
    numbers, last = [0], -1
    for code in sorted(codes):
        if last >= 0 and all(between in filler for between in range(last + 1, code)):
            numbers[-1] += code - last
        else:
            numbers += [code - last - 1, 1]
        last = code
    return numbers[1:]


def classes(classes_of):
    """Runs of code points of one class, those of class 0 passed over."""
    numbers, end, last = [], 0, 0
    for code in sorted(classes_of):
        if numbers and code == end and classes_of[code] == last:
            numbers[-2] += 1
        else:
            numbers += [code - end, 1, classes_of[code]]
        end, last = code + 1, classes_of[code]
    return numbers


def shifts(to):
    """Runs of code points, each the same step from the last, that are mapped as far away."""
    runs = []
    for code in sorted(to):
        shift = to[code] - code
        if runs and shift == runs[-1][3]:
            first, count, step, _ = runs[-1]
            gap = code - (first + (count - 1) * step)
            if gap in (1, 2) and (count == 1 or gap == step):
                runs[-1][1:3] = count + 1, gap
                continue
        runs.append([code, 1, 1, shift])
    numbers, end = [], 0
    for first, count, step, shift in runs:
        numbers += [first - end, count - 1, step, signed(shift)]
        end = first
    return numbers


def sequences(to, width):
    """Code points, each with `width` others, as differences from the entry before."""
    numbers, last = [], [0] * (width + 1)
    for code in sorted(to):
        entry = [code, *to[code]]
        numbers += [entry[0] - last[0], *(signed(a - b) for a, b in zip(entry[1:], last[1:]))]
        last = entry
    return numbers


def write(path, what, tables):
    out = HEAD.format(command="tools/unicode.py", version=version(), what=what)
    for name, comment, numbers in tables:
        text = packed(numbers)
        rows = [text[i:i + 100] for i in range(0, len(text), 100)]
        out += f"\n// {comment}.\ninline constexpr std::string_view {name} = R\"(\n"
        out += "\n".join(rows) + ")\";\n"
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
    write("tensor/unicode_width.h", "columns on a terminal", [
        ("zero_width", "Ranges of marks, controls and formats", ranges(zero, nothing)),
        ("wide", "Ranges of two columns each", ranges(wide, nothing))])

    lower = {code: int(fields[13], 16) for code, fields in data.items() if fields[13]}
    title = {code: int(fields[14], 16) for code, fields in data.items() if fields[14]}
    capital = {code: to for code, to in title.items() if lower.get(to) == code}
    canonical = {code: [int(part, 16) for part in fields[5].split()]
                 for code, fields in data.items() if fields[5] and fields[5][0] != "<"}
    excluded = property_of("DerivedNormalizationProps.txt", {"Full_Composition_Exclusion"})
    composed = {code: to for code, to in canonical.items() if code not in excluded}
    apart = {code: (to + [0])[:2] for code, to in canonical.items() if code in excluded}
    order = {code: int(fields[3]) for code, fields in data.items() if fields[3] != "0"}
    write("data/unicode_tables.h", "kinds of characters, case, canonical composition", [
        ("blank", "White_Space, and the separators of information U+001C to U+001F, as ranges",
         ranges(property_of("PropList.txt", {"White_Space"}) | set(range(0x1C, 0x20)))),
        ("punctuation", "General category P, as ranges", ranges(of("P"))),
        ("opening", "Its Ps and Pi, as ranges", ranges(of("Ps", "Pi"))),
        ("symbols", "General category S, as ranges", ranges(of("S"))),
        ("invisible", "Default_Ignorable_Code_Point, but for letters, as ranges",
         ranges(ignorable & of("C", "M"))),
        ("small", "Simple lower case. Of a run: what its first is above that of the one before, how"
         " many\n// follow, their step, twice how far away the small letters are, less 1 if below",
         shifts(lower)),
        ("capital", "Simple title case, where lower case is the way back: likewise",
         shifts(capital)),
        ("composed", "A letter and the two that make it, all as differences from those before",
         sequences(composed, 2)),
        ("apart", "What is always replaced, by two or by one and 0: likewise",
         sequences(apart, 2)),
        ("order", "Canonical_Combining_Class: a range and its class", classes(order))])


if __name__ == "__main__":
    main()
