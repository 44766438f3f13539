"""Which statements run: gcov says which lines did, and tools/dev/ran.tsv keeps it for make book.
Of the three models, in training and translation by the program; of what no program needs, in the
examples of the chapters. Tests never count.

python3 tools/dev/ran.py BUILD --write|--compare   BUILD: the folder of make COVERAGE=1"""
import glob
import itertools
import json
import os
import subprocess
import sys
import tempfile

from facts import Error, read_rows, within

RAN = "tools/dev/ran.tsv"
OF_THE_PROGRAM = ("10.6", "10.7", "11.3", "11.4", "11.5", "11.6", "11.7")
CHAPTERS = ("nn", "models", "data")
MODELS = ("rnn", "attention", "transformer")
SMALL = ("--hidden 16 --embed 16 --ffn 16 --heads 2 --layers 2 --epochs 1 --pairs 300 "
         "--max-length 8 --batch-size 32 --seed 0 --threads 1").split()
SENTENCES = "the dog sleeps .\nthe cat sees the old dog .\n"


def of_the_program(section):
    return any(within(section, outer) for outer in OF_THE_PROGRAM)


def rows_of(house):
    """(section, method, hash) of each statement that stands where it can run, with its place."""
    return [((match.of.section, line.method, line.hash), twin)
            for match in house.matches for line, twin in zip(match.of.lines, match.twins)
            if twin and not twin[0].startswith("autograd/")]


def read_ran(text):
    """Of each of these keys, whether it ran, in order."""
    ran = {}
    would_be = "section, method, hashes, yes or no"
    for row, (section, method, hashes, yes) in read_rows(RAN, text, (4,), would_be):
        if yes not in ("yes", "no"):
            raise Error(f"{RAN}:{row}: would be: {would_be}, parted by tabs")
        for one in hashes.split():
            ran.setdefault((section, method, one), []).append(yes == "yes")
    return ran


def text_of(answers):
    """Neighbours of one method with one answer are in one row."""
    rows = itertools.groupby(answers, lambda it: (*it[0][:2], "yes" if it[1] else "no"))
    return "".join("\t".join((section, method, " ".join(key[2] for key, _ in of), yes)) + "\n"
                   for (section, method, yes), of in rows)


def did_run(house, lines, key, twin):
    """One of its lines; of a declaration, which makes no code, one of the definition around it."""
    file, line, _ = twin
    counts = lines.get(file, {})
    here = [counts[n] for n in range(line.first, line.last + 1) if n in counts]
    if not here:
        source = next(source for source in house.sources if source.path == file)
        d = source.definition_at(line.first)
        here = [counts[n] for n in range(d.begin, d.end + 1) if n in counts]
    return any(here)


def answers(house, of_program, of_chapters):
    """(key, did it run) of each row; the other two: file -> line -> how often."""
    out = []
    for key, twin in rows_of(house):
        program = of_the_program(key[0]) and not twin[0].startswith("data/")
        lines = of_program if program else of_chapters
        out.append((key, did_run(house, lines, key, twin)))
    return out


def counted(build, commands):
    """What gcov counts while these run: file -> line -> how often."""
    for path in glob.glob(f"{build}/**/*.gcda", recursive=True):
        os.remove(path)
    for words, said in commands:
        done = subprocess.run(words, input=said, capture_output=True, text=True)
        if done.returncode:
            raise Error(f"{' '.join(words)}: {done.stderr.strip()}")
    lines = {}
    for path in sorted(glob.glob(f"{build}/**/*.gcda", recursive=True)):
        gcov = subprocess.run(["gcov", "--json-format", "--stdout", "--relative-only", path],
                              capture_output=True, text=True, check=True)
        for file in json.loads(gcov.stdout)["files"]:
            of_file = lines.setdefault(file["file"], {})
            for line in file["lines"]:
                number = line["line_number"]
                of_file[number] = of_file.get(number, 0) + line["count"]
    return lines


def program_commands(build, folder):
    program = f"{build}/babelgrad"
    for model in MODELS:
        out = f"{folder}/{model}"
        yield [program, "train", "--model", model, "--out", out, *SMALL], ""
        for beam in ("1", "3"):
            yield [program, "translate", out, "--beam", beam], SENTENCES
        if model != "rnn":
            yield [program, "attend", out, SENTENCES.split("\n")[0]], ""


def measure(house, build):
    chapters = counted(build, [([f"{build}/chapters/{room}/README"], "") for room in CHAPTERS])
    with tempfile.TemporaryDirectory() as folder:
        program = counted(build, program_commands(build, folder))
    return answers(house, program, chapters)


def differences(house, was, now):
    """One line for each statement that ran and no longer does, or runs and did not."""
    was = {key: list(ran) for key, ran in was.items()}
    for (key, runs), (_, twin) in zip(now, rows_of(house)):
        ran = was[key].pop(0) if was.get(key) else None
        if ran != runs:
            here = f"{twin[0]}:{twin[1].first}: the book's line {key[2]} of {key[1]}"
            yield f"{here} ran, and no longer does" if ran else (
                f"{here} is not in {RAN}: run make ran" if ran is None else
                f"{here} did not run, and does: run make ran")


def main():
    from house import read_house                 # which reads what this writes
    build, write = sys.argv[1], "--write" in sys.argv[2:]
    house = read_house(".")
    now = measure(house, build)
    if write:
        with open(RAN, "w", encoding="utf-8") as file:
            file.write(text_of(now))
    wrong = [] if write else list(differences(house, house.ran, now))
    print("\n".join(wrong + [f"ran: {sum(yes for _, yes in now)} of {len(now)} statements that "
                             f"stand where they can"]))
    return bool(wrong)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Error as error:
        sys.exit(str(error))
