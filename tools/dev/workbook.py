"""The workbook: definitions of the sources to write oneself, and the tests that say when they work.

python3 tools/dev/workbook.py blank TASK    copies the file of the task to build/workbook/TASK and
                                            puts an error in place of one definition's body
python3 tools/dev/workbook.py check TASK    builds that copy, and runs only the task's tests
python3 tools/dev/workbook.py tasks         all tasks, and which are done
python3 tools/dev/workbook.py all           for CI: each task's tests fail on the blank and on the
                                            wrong answer that is kept with it, and pass otherwise

A row of tools/dev/tasks.tsv is a task: its name, level (1 to 3), minutes, file, definition, tests,
what a plausible wrong answer changes in the body (what is there, what it says instead), and what
to write. A definition is its path of names, followed if there are several by a piece of its head.

The copy of the one file comes before the tree's own when it is included or compiled, and all else
is compiled once, for all tasks: make's library, and the objects of a file each (UNITY=0). It is the
double build, because derivatives are compared with differences there."""
import hashlib
import os
import subprocess
import sys
import textwrap
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

from cpp import Source
from mutants import read, write

TASKS, PLACE = "tools/dev/tasks.tsv", "build/workbook"
LIBRARY, OBJECTS = "build/double/libbabelgrad.a", "build/double-files"
SECONDS = 300                                    # no test of a room runs as long

Task = namedtuple("Task", "name level minutes file definition tests is_ wrong says")


class Rotten(Exception):
    """A task that fits the sources no more, or one that is not there."""


def read_tasks(text):
    tasks = {}
    for number, row in enumerate(text.splitlines()[1:], 2):
        cells = row.split("\t")
        if len(cells) != len(Task._fields) or cells[0] in tasks:
            raise Rotten(f"{TASKS}:{number}: a row has {len(Task._fields)} cells, and a name of "
                         "its own")
        tasks[cells[0]] = Task(*cells)._replace(tests=cells[5].split())
    return tasks


def body_of(task, text):
    """(source, definition, begin, end): text[begin:end] is the body with its braces."""
    source = Source(task.file, text)
    path, _, head = task.definition.partition(" | ")
    starts = [0]                                 # of line i, from 1, at starts[i]
    for line in source.text:
        starts.append(starts[-1] + len(line) + 1)
    starts = [0, *(start - 1 for start in starts[1:])]
    found = [it for it in source.definitions if it.kind == "function" and it.path == path and
             head in " ".join(" ".join(source.code[it.begin:it.body + 1]).split())]
    if len(found) != 1:
        raise Rotten(f"{task.name}: {task.file} has {len(found)} definitions {task.definition}")
    it, depth = found[0], 0
    for number in range(it.end, it.begin - 1, -1):
        for column in range(len(source.plain[number]) - 1, -1, -1):
            brace = source.plain[number][column]
            if brace == "}":
                if depth == 0:
                    end = starts[number] + column + 1
                depth += 1
            elif brace == "{":
                depth -= 1
                if depth == 0:
                    return source, it, starts[number] + column, end
    raise Rotten(f"{task.name}: {task.definition} has no body")


def blank_text(task, text):
    """The text with an error for a body, what to write above it, and what the body's comments say,
    equations among it."""
    source, it, begin, end = body_of(task, text)
    indent = " " * (len(source.text[it.begin]) - len(source.text[it.begin].lstrip()))
    first = it.body + 1 if it.end > it.body else it.end + 1
    said = textwrap.wrap(task.says, 95 - len(indent))
    said += [words for words in source.comment[first:it.end] if words]
    said = [f"{indent}  // {words}\n" for words in said]
    return (text[:begin] + "{\n" + "".join(said) +
            f'{indent}  fail("{task.name}: yours to write");\n{indent}}}' + text[end:])


def wrong_text(task, text):
    """The text with the wrong answer."""
    _, _, begin, end = body_of(task, text)
    if text[begin:end].count(task.is_) != 1:
        raise Rotten(f"{task.name}: {task.definition} says {text[begin:end].count(task.is_)} times "
                     f"{task.is_}")
    return text[:begin] + text[begin:end].replace(task.is_, task.wrong) + text[end:]


# --- building

def make(*words):
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    return subprocess.run(["make", "--no-print-directory", "REAL=double", *words],
                          env={**environment, "MFLAGS": ""}, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)


def shared_objects(task):
    """What the task's test program is linked from, apart from the library."""
    room = task.file.split("/")[0]
    names = ["tests/main", *(f"tests/{name}" for name in task.tests),
             *(f"{room}/{name[:-4]}" for name in sorted(os.listdir(room)) if name[-4:] == ".cpp")]
    return [f"{OBJECTS}/{name}.o" for name in names]


def prepare(tasks):
    """Compiles what all tasks share; what is there and still fresh is not compiled again."""
    for words in [[LIBRARY], ["UNITY=0", *{name: 0 for task in tasks
                                           for name in shared_objects(task)}]]:
        made = make(*words)
        if made.returncode:
            sys.exit(made.stdout.strip())


def reads(made, path):
    """Has the object been compiled from the file, or a file that includes it?"""
    return path in read(made[:-2] + ".d").replace("\\\n", " ").split()


def build(task, folder):
    """The output of make if the copy in `folder` does not compile, else "" and folder/test is the
    program."""
    objects = shared_objects(task)
    own = {name: name.replace(OBJECTS, f"{folder}/objects") if reads(name, task.file) else name
           for name in objects}
    made = make("UNITY=0", f"COPY={folder}", f"LINK={' '.join(own.values())} {LIBRARY}",
                f"{folder}/test")
    return made.stdout if made.returncode else ""


def run(program, *options):
    """(whether all tests passed, what they printed)"""
    try:
        ran = subprocess.run([program, "--no-intro", *options], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, timeout=SECONDS, text=True,
                             errors="replace")
        return ran.returncode == 0, ran.stdout
    except subprocess.TimeoutExpired:
        return False, f"the tests did not end in {SECONDS} seconds"


# --- what a learner calls

def copy_of(task):
    return f"{PLACE}/{task.name}/{task.file}"


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def state(task):
    """done: passed as it stands; begun; blank; or - if there is no copy."""
    copy, passed = copy_of(task), f"{PLACE}/{task.name}/passed"
    if not os.path.exists(copy):
        return "-"
    if os.path.exists(passed) and read(passed) == digest(read(copy)):
        return "done"
    return "blank" if f'"{task.name}: yours to write"' in read(copy) else "begun"


def blank(task):
    copy = copy_of(task)
    if state(task) in ("begun", "done"):
        sys.exit(f"blank: {copy} is written already; remove it to begin again")
    text = read(task.file)
    write(copy, blank_text(task, text))
    write(f"{PLACE}/{task.name}/original", digest(text))
    line = read(copy).split(f'fail("{task.name}')[0].count("\n") + 1
    print(f"{copy}:{line}: yours to write, about {task.minutes} minutes\n{task.says}\n"
          f"then: make check TASK={task.name}")


def check(task):
    if state(task) == "-":
        sys.exit(f"check: there is no copy yet; make blank TASK={task.name}")
    if read(f"{PLACE}/{task.name}/original") != digest(read(task.file)):
        sys.exit(f"check: {task.file} has changed since it was copied; keep your lines, remove "
                 f"{copy_of(task)}, and make blank TASK={task.name} again")
    prepare([task])
    said = build(task, f"{PLACE}/{task.name}")
    if said:
        sys.exit(f"{said.strip()}\ncheck: {task.name} does not compile")
    good, said = run(f"{PLACE}/{task.name}/test", "--abort-after=3")
    if not good:
        sys.exit("\n".join(said.strip().split("\n")[:60]) + f"\ncheck: {task.name} is not right "
                 "yet; these are tests/" + ".cpp tests/".join(task.tests) + ".cpp")
    write(f"{PLACE}/{task.name}/passed", digest(read(copy_of(task))))
    print(f"check: {task.name} is right: {said.strip().split(chr(10))[-3]}")


def list_tasks(tasks):
    states = {name: state(task) for name, task in tasks.items()}
    for name, task in tasks.items():
        print(f"{states[name]:5}  {name:22} {'*' * int(task.level):3} {task.minutes:>3} min  "
              f"{task.file}: {task.definition.split(' | ')[0]}")
    done = [name for name in states if states[name] == "done"]
    print(f"{len(done)} of {len(states)} done")


# --- what CI calls

def complaint(task, kind):
    """Why the tests do not tell this copy from the original; "" if they do."""
    folder = f"{PLACE}/.all/{task.name}-{kind}"
    text = (blank_text if kind == "blank" else wrong_text)(task, read(task.file))
    copy = f"{folder}/{task.file}"
    if not os.path.exists(copy) or read(copy) != text:
        write(copy, text)
    said = build(task, folder)
    if said:
        return f"{task.name}: {kind}, does not compile:\n{said}"
    good, said = run(f"{folder}/test", "--abort-after=1")
    if good:
        return f"{task.name}: {kind}, and its tests pass"
    if kind == "blank" and "yours to write" not in said:
        return f"{task.name}: blank, and its tests fail without coming to it:\n{said}"
    return ""


def complaint_of_original(task):
    """Why the task's tests do not pass without a copy; "" if they do."""
    folder, objects = f"{PLACE}/.all/original-{task.tests[0]}", shared_objects(task)
    os.makedirs(folder, exist_ok=True)
    made = make("UNITY=0", f"COPY={folder}", f"LINK={' '.join(objects)} {LIBRARY}",
                f"{folder}/test")
    good, said = run(f"{folder}/test") if made.returncode == 0 else (False, made.stdout)
    return "" if good else f"tests/{task.tests[0]}.cpp: fails with the original:\n{said}"


def all_tasks(tasks):
    began, complaints = time.time(), []
    for task in tasks:
        try:
            blank_text(task, read(task.file))
            wrong_text(task, read(task.file))
        except Rotten as rotten:
            complaints.append(str(rotten))
    if not complaints:
        prepare(tasks)
        print(f"workbook: shared objects after {time.time() - began:.0f} s", flush=True)
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            tries = [(task, kind) for task in tasks for kind in ("blank", "wrong")]
            for said in pool.map(lambda it: complaint(*it), tries):
                if said:
                    complaints.append(said)
                    print(said, flush=True)
        complaints += filter(None, map(complaint_of_original, {
            name: task._replace(tests=[name]) for task in tasks for name in task.tests}.values()))
    for said in complaints:
        print(said)
    print(f"workbook: {len(tasks)} tasks, {len(complaints)} complaints, "
          f"{time.time() - began:.0f} s")
    return bool(complaints)


def main(words):
    command, names = (words or [""])[0], words[1:]
    try:
        tasks = read_tasks(read(TASKS))
        for name in names:
            if name not in tasks:
                raise Rotten(f"{command}: no task {name}; make tasks lists them")
        if command == "tasks":
            return list_tasks(tasks)
        if command == "all":
            return all_tasks([tasks[name] for name in names] or list(tasks.values()))
        if command not in ("blank", "check") or len(names) != 1:
            raise Rotten(f"{command or 'workbook'}: which task? make {command or 'blank'} "
                         "TASK=softmax; make tasks lists them")
        return {"blank": blank, "check": check}[command](tasks[names[0]])
    except Rotten as rotten:
        sys.exit(str(rotten))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
