"""Code beside the book: what must hold between the two, and the maps made from both.

python3 tools/dev/book.py [--root FOLDER] [--write | --lines NAME] [--facts CHECKOUT]"""
import argparse
import os
import sys

from d2l import facts_of_checkout
from facts import Error, cut, parts
from house import BESIDE, FACTS, LEFT_OUT, NOWHERE, RUNS, STANDS, TESTS, TRAPS, read_house
from maps import maps_of
from ran import RAN

# Of the book's statements at least so many run, or stand beside a fast path; and of all this share
# stands somewhere, the tests' forms counted in.
LEAST = {RUNS: 245, BESIDE: 18}
LEAST_SHARE = 0.95
WORDS = {RUNS: "stand in models/, nn/ or data/ and run", BESIDE: "stand beside their fast path"}


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
        for line, state in zip(match.of.lines, match.states):
            if match.ours and not match.departures and state in (TESTS, NOWHERE):
                yield (f"{match.source.path}:{match.ours.begin}: the book's line {line.hash} of "
                       f"{line.method} has no twin; would have one, or a departure says why "
                       f"(book.py --lines {match.of.name})")
    states = house.totals()[1]
    lines, found = sum(states.values()), sum(states.values()) - states[NOWHERE]
    if found < LEAST_SHARE * lines:
        yield (f"{FACTS}:1: {found} of {lines} lines of the book have a twin, "
               f"{100 * found / lines:.1f} %; would be {100 * LEAST_SHARE:.0f} % or more")


def check_ran(house):
    for section, method, hash_ in house.gone:
        yield (f"{RAN}:1: the book's line {hash_} of {section} {method} has no twin that could run "
               "any more; would have one, or make ran strikes it off")
    for match, line in house.not_in_ran:
        yield (f"{match.source.path}:{match.ours.begin}: whether the book's line {line.hash} of "
               f"{line.method} runs is not in {RAN}: run make ran")
    states = house.totals()[1]
    for state, least in LEAST.items():
        if states[state] < least:
            yield (f"{RAN}:1: {states[state]} statements of the book {WORDS[state]}; would be "
                   f"{least} or more")


def check_traps(house):
    for note in house.marks.departures:
        for trap in note.traps:
            if trap not in house.traps:
                yield f"{note.file}:{note.line}: there is no trap {trap}"
    for trap, line in house.traps.items():
        if not any(trap in note.traps for note in house.marks.departures):
            yield (f"{TRAPS}:{line}: trap {trap} has no note; would be // Departs from D2L "
                   f"({trap}): ..")
        if not any(f"({trap})" in test.name for test in house.tests):
            yield (f"{TRAPS}:{line}: trap {trap} has no test; would be a TEST_CASE with ({trap}) "
                   "in its name")


def check_maps(house):
    for path, text in maps_of(house).items():
        if house.files.get(path) != text:
            yield f"{path}:1: stale: run make maps"


def breaches(house):
    """One line for each, `file:line: what, and what would be right`; none: all is well."""
    out = house.marks.malformed + house.form_marks.malformed
    for rule in (check_tags, check_equations, check_definitions, check_left_out, check_order,
                 check_lines, check_ran, check_traps, check_maps):
        out = out + list(rule(house))
    return out


def lines_text(house, name):
    """The definitions of that name, or all: "=" a line that runs, ":" one that only stands where
    it could, "b" one beside a fast path, "~" one in the tests' form, "-" one without a twin, "+"
    one of ours without. The book's words are there if its facts came from a checkout, else their
    hashes."""
    signs = {RUNS: "=", STANDS: ":", BESIDE: "b", TESTS: "~", NOWHERE: "-"}
    out = []
    for match in house.matches:
        if name not in ("all", match.of.name):
            continue
        where = f"{match.source.path}:{match.ours.begin}" if match.ours else "not found"
        out.append(f"{match.of.section} {match.of.name}: {where}")
        for line, state in zip(match.of.lines, match.states):
            out.append(f"  {signs[state]} {line.method}  {line.text or line.hash}")
        out += [f"  + {line.text}  {file}:{line.first}" for file, line, twin in match.lines
                if not twin]
    if not out:
        raise Error(f"book: there is no definition {name}")
    return "\n".join(out)


def report(house):
    wrong = breaches(house)
    n, states, *_ = house.totals()
    print("\n".join(wrong + [
        f"book: {n} of {len(house.matches)} definitions, {len(house.left_out)} left out; of "
        f"{sum(states.values())} statements {states[RUNS]} run, {states[BESIDE]} beside, "
        f"{states[TESTS]} in tests; {len(house.marks.equations)} equations, "
        f"{len(house.marks.departures)} departures, {len(wrong)} breaches"]))
    return bool(wrong)


def main(words=None):
    args = argparse.ArgumentParser(prog="book.py", description=__doc__.split("\n")[0])
    args.add_argument("--root", default=".", help="where the house stands")
    args.add_argument("--write", action="store_true", help="write the maps")
    args.add_argument("--lines", metavar="NAME",
                      help="show one definition's lines, or those of all")
    args.add_argument("--facts", metavar="CHECKOUT",
                      help=f"write {FACTS} from a checkout of the book, or show its lines")
    wish = args.parse_args(words)
    facts = facts_of_checkout(wish.facts) if wish.facts else None
    if facts and not wish.lines:
        return write(wish.root, {FACTS: facts.text()})
    house = read_house(wish.root, facts)
    if wish.write:
        return write(wish.root, maps_of(house))
    if not wish.lines:
        return report(house)
    print(lines_text(house, wish.lines))
    return 0


def write(root, texts):
    for path, text in texts.items():
        os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
        with open(os.path.join(root, path), "w", encoding="utf-8") as file:
            file.write(text)
        print(path)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Error as error:
        sys.exit(str(error))
