"""Code beside the book: what must hold between the two, and the maps made from both.

python3 tools/dev/book.py [--root FOLDER] [--write | --lines NAME] [--facts CHECKOUT]"""
import argparse
import os
import sys

from d2l import facts_of_checkout
from facts import Error, cut, parts
from house import FACTS, LEFT_OUT, read_house
from maps import TRAPS, maps_of

LEAST_MATCHED = 0.95


def begins_with_title(rest, title):
    return rest == title or rest.startswith((title + ".", title + ":"))


def check_tags(house):
    for tag in house.marks.tags + house.form_marks.tags:
        title = house.facts.sections.get(tag.section)
        if title is not None and begins_with_title(tag.rest, title):
            continue
        meant = ""                               # the section that has this title; near by if any
        for number, its in house.facts.sections.items():
            near = not meant or cut(number, 2) == cut(tag.section, 2)
            if cut(number, 1) == cut(tag.section, 1) and begins_with_title(tag.rest, its) and near:
                meant = number
        meant = meant or title is not None and tag.section
        yield (f"{tag.file}:{tag.line}: "
               f"{'there is no section' if title is None else 'this is not the title of'} "
               f"{tag.section}; " + (f"would be D2L {house.facts.titled(meant)}" if meant else
                                     f"{FACTS} has those in scope"))


def check_equations(house):
    for mark in house.marks.equations:
        chapter, here = cut(mark.number, 2), f"{mark.file}:{mark.line}: Eq. ({mark.number})"
        if mark.number not in house.facts.equations:
            there = sum(cut(number, 2) == chapter for number in house.facts.equations)
            yield f"{here} does not exist; {chapter} has {there} in scope"
        elif not mark.section:
            yield f"{here} stands under no tag; would be under one of {chapter}"
        elif cut(mark.section, 2) != chapter:
            yield f"{here} stands under D2L {mark.section}; would be under a tag of {chapter}"


def check_definitions(house):
    left_out = {(section, name): row for row, section, name, reason in house.left_out}
    for match in house.matches:
        of, row = match.of, left_out.get((match.of.section, match.of.name))
        if match.ours and row:
            yield (f"{LEFT_OUT}:{row}: {of.name} is listed as left out, but is at "
                   f"{match.source.path}:{match.ours.begin}; one of the two goes")
        if match.ours or row:
            continue
        tag = f"// D2L {house.facts.titled(of.section)}"
        if match.elsewhere:
            yield f"{match.elsewhere}: {of.name} stands under no tag of its section; would be {tag}"
        else:
            yield (f"{FACTS}:{of.row}: we have no {of.name}; would be under {tag}, or in "
                   f"{LEFT_OUT} with a reason")


def check_left_out(house):
    known, seen = {(d.section, d.name) for d in house.facts.definitions}, set()
    for row, section, name, reason in house.left_out:
        if (section, name) not in known:
            yield f"{LEFT_OUT}:{row}: the book has no {section} {name}"
        if not reason:
            yield f"{LEFT_OUT}:{row}: {section} {name} has no reason"
        if (section, name) in seen:
            yield f"{LEFT_OUT}:{row}: {section} {name} a second time"
        seen.add((section, name))


def check_order(house):
    tags = [tag for tag in house.marks.tags
            if tag.file.startswith("models/") and tag.file.endswith(".h")]
    for last, tag in zip(tags, tags[1:]):
        if last.file == tag.file and parts(tag.section) < parts(last.section):
            yield (f"{tag.file}:{tag.line}: D2L {tag.section} comes after {last.section}; a header "
                   "of models/ is in the book's order")


def check_lines(house):
    for match in house.matches:
        for line, twin in zip(match.of.lines, match.twins):
            if match.ours and not match.departures and not twin:
                yield (f"{match.source.path}:{match.ours.begin}: the book's line {line.hash} of "
                       f"{line.method} has no twin; would have one, or a departure says why "
                       f"(checks book --lines {match.of.name})")
    n, lines, matched, forms, *_ = house.totals()
    if matched + forms < LEAST_MATCHED * lines:
        yield (f"{FACTS}:1: {matched + forms} of {lines} lines of the book have a twin, "
               f"{100 * (matched + forms) / lines:.1f} %; would be 95 % or more")


def check_traps(house):
    for note in house.marks.departures:
        for trap in note.traps:
            if trap not in TRAPS:
                yield f"{note.file}:{note.line}: there is no trap {trap}"
    for trap in TRAPS:
        if not any(trap in note.traps for note in house.marks.departures):
            yield (f"DEPARTURES.md:1: trap {trap} has no note; would be // Departs from D2L "
                   f"({trap}): ..")
        if not any(f"({trap})" in test.name for test in house.tests):
            yield (f"DEPARTURES.md:1: trap {trap} has no test; would be a TEST_CASE with ({trap}) "
                   "in its name")


def check_maps(house):
    for path, text in maps_of(house).items():
        if house.files.get(path) != text:
            yield f"{path}:1: stale: run make maps"


def breaches(house):
    """One line for each, `file:line: what, and what would be right`; none: all is well."""
    out = house.marks.malformed + house.form_marks.malformed
    for rule in (check_tags, check_equations, check_definitions, check_left_out, check_order,
                 check_lines, check_traps, check_maps):
        out = out + list(rule(house))
    return out


def main():
    args = argparse.ArgumentParser(prog="book.py")
    args.add_argument("--root", default=".")
    args.add_argument("--write", action="store_true")
    args.add_argument("--lines", metavar="NAME")
    args.add_argument("--facts", metavar="CHECKOUT")
    wish = args.parse_args()
    house = read_house(wish.root)
    if wish.write:
        for path, text in maps_of(house).items():
            with open(os.path.join(wish.root, path), "w", encoding="utf-8") as file:
                file.write(text)
            print(path)
        return 0
    all_ = breaches(house)
    print("\n".join(all_ + [f"{len(all_)} breaches"]))
    return bool(all_)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Error as error:
        sys.exit(str(error))
