"""The ledger of claims: each of the chapter's claims is in it once, and what it points at is there.

python3 tools/dev/claims.py [ROOT]. A row of tools/lab/claims.tsv is an id, a statement, and where
it is shown: test:tests/FILE.cpp: "NAME", lab:EXPERIMENT, or both with + between. A name may end
in ... for the rest."""
import glob
import os
import re
import sys

from cpp import Source
from house import tests_of

LEDGER = "tools/lab/claims.tsv"
IDS = [letter + str(i + 1) for letter, count in zip("LQPSNT", (8, 4, 6, 7, 4, 3))
       for i in range(count)]
WHERE = re.compile(r'(?:test:(?P<test>.*"|[^"]*?))?(?P<plus> \+ )?(?:lab:(?P<lab>[^ ]*))?')
FORMS = 'would be test:FILE: "NAME", lab:EXPERIMENT, or both with + between'


def experiments_of(sources):
    """name -> ids of its claims, from the table {"NAME", "S5 P4", ...} of the lab."""
    return {name: claims.split() for source in sources if source.path.startswith("tools/lab/")
            for name, claims in re.findall(r'\{"(\w+)",\s*"([A-Z]\d(?: [A-Z]\d)*)",', source.whole)}


def is_named(title, name):
    if not name.endswith("..."):
        return title == name
    return len(name) > 3 and title.startswith(name[:-3])


def test_problem(where, sources):
    place = re.fullmatch(r'(.*?): "(.+)"', where)
    if not place:
        return 'a test is tests/FILE.cpp: "its name"'
    path, name = place.groups()
    source = next((source for source in sources if source.path == path), None)
    if source is None:
        return f"{path} is not there"
    found = sum(is_named(test.name, name) for test in tests_of(source))
    return {0: f'{path} has no test case "{name}"', 1: ""}.get(
        found, f'{path} has {found} test cases "{name}"')


def read_ledger(text):
    """(line, id, place, match of WHERE or None); id "" of a row that is none."""
    for line, row in enumerate(text.splitlines(), 1):
        cells = row.split("\t")
        name, statement, where = cells if len(cells) == 3 and all(cells[:2]) else ("", "", "")
        found = WHERE.fullmatch(where)
        both = found and found["test"] is not None and found["lab"] is not None
        if not found or not where or bool(found["plus"]) != bool(both) or '" + ' in (
                found["test"] or ""):
            found = None
        yield line, name, where, found


def complaints(ledger, sources):
    experiments, rows = experiments_of(sources), {}
    for line, name, where, found in read_ledger(ledger):
        here = f"{LEDGER}:{line}: "
        if not name:
            yield f"{here}would be: id, statement, where, with tabs between"
        elif name not in IDS:
            yield f"{here}{name} is no claim"
        elif name in rows:
            yield f"{here}{name} is in line {rows[name][0]} already"
        else:
            rows[name] = line, found
            if not found:
                yield f"{here}{name}: " + ("is shown nowhere" if where == "open" else FORMS)
                continue
            if found["test"] is not None and test_problem(found["test"], sources):
                yield f"{here}{name}: {test_problem(found['test'], sources)}"
            experiment = found["lab"]
            if experiment is not None and experiment not in experiments:
                yield f"{here}{name}: there is no experiment {experiment}"
            elif experiment is not None and name not in experiments[experiment]:
                yield (f"{here}{name}: the experiment {experiment} claims only "
                       f"{' '.join(experiments[experiment])}")
    for name in IDS:
        if name not in rows:
            yield f"{LEDGER}:0: {name} is missing"
    for experiment, claims in experiments.items():
        for name in claims:
            line, found = rows.get(name, (0, None))
            if not found or found["lab"] != experiment:
                yield (f"{LEDGER}:{line}: the experiment {experiment} claims {name}, which is not "
                       f"lab:{experiment}")
    for source in sources:                       # "Q4: ..." is the test of Q4
        for test in tests_of(source) if source.path.startswith("tests/") else ():
            name = test.name.partition(": ")[0]
            found = rows.get(name, (0, None))[1] or {"test": ""}
            path, _, title = (found["test"] or "").partition(': "')
            if name in IDS and ": " in test.name and not (
                    path == source.path and is_named(test.name, title[:-1])):
                yield (f'{source.path}:{test.line}: "{test.name}" is not the test of {name} in '
                       f"{LEDGER}")


def main(root="."):
    def read(path):
        with open(os.path.join(root, path), encoding="utf-8") as file:
            return file.read()

    paths = (glob.glob("tests/*.cpp", root_dir=root) +
             glob.glob("tools/lab/**/*.cpp", root_dir=root, recursive=True))
    ledger = read(LEDGER)
    found = list(complaints(ledger, [Source(path, read(path)) for path in sorted(paths)]))
    rows = [row for *_, row in read_ledger(ledger) if row]
    tests, lab = ({i for i, row in enumerate(rows) if row[kind]} for kind in ("test", "lab"))
    print("\n".join(found + [f"claims: {len(rows)}, {len(tests)} in tests, {len(lab)} in the lab, "
                             f"{len(tests & lab)} in both; {len(found)} complaints"]))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
