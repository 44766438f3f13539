"""The library installed: a project of somebody else, outside of this tree, compiles against it by
pkg-config and trains a model. Blanks stand in all paths."""
import os
import re
import shutil

MAKEFILE = """\
# A program of one's own on babelgrad: make && ./train
CXX       = g++
CXXFLAGS += -O2 -Wall -Wextra -Wpedantic $(shell pkg-config --cflags babelgrad)
LDLIBS   += $(shell pkg-config --libs babelgrad)

train: train.cpp
\t$(CXX) $(CXXFLAGS) $(MORE) $< -o $@ $(LDLIBS)

clean:
\trm -f train
"""
PROGRAM = "tools/examples/letters.cpp"          # which says its loss four times


def files_in(folder):
    return sorted(os.path.relpath(os.path.join(path, name), folder)
                  for path, _, names in os.walk(folder) for name in names)


def texts_in(folder):
    """Path and text of what was installed and is no program or library."""
    for name in files_in(folder):
        if not name.startswith("bin/") and not name.endswith(".a"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                yield name, file.read()


def make(door, target, prefix, destdir=""):
    return door.output(["make", "--no-print-directory", "-C", door.home, target,
                        f"PREFIX={prefix}", f"DESTDIR={destdir}"])


def project(door, prefix, *options):
    """The outside project, made with these additional options; its finished `make`."""
    folder = door.path("a project")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with open(os.path.join(door.home, PROGRAM), encoding="utf-8") as file:
        program = "#include <babelgrad.h>\n" + file.read()
    for name, text in (("Makefile", MAKEFILE), ("train.cpp", program)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    env = {**os.environ, "PKG_CONFIG_PATH": prefix + "/lib/pkgconfig", "MAKEFLAGS": ""}
    done = door.start(["make", "-C", folder, *options], env=env)
    trained = door.start([os.path.join(folder, "train")]) if done.returncode == 0 else None
    return done, trained


def trains(door, what, prefix):
    done, trained = project(door, prefix)
    said = (trained.stdout if trained else done.stderr).strip()
    losses = [float(loss) for loss in re.findall(r"loss (\d[\d.]*)", said)]
    door.check(what, len(losses) == 4 and losses[-1] < .75 * losses[0],
               f"loss {' to '.join(map(str, losses))}" if losses else said[-300:])
    return said


def others(door, prefix, said):
    """A user's own settings, which come last, change nothing in silence."""
    for option in ("-DREAL=double", "-DBABELGRAD_SIMD=0", "-march=x86-64", "-march=x86-64-v3",
                   "-O0", "-O3 -ffp-contract=off"):
        done, trained = project(door, prefix, f"MORE={option}")
        same = trained is not None and trained.stdout.strip() == said
        refused = done.returncode != 0 or (trained is not None and trained.returncode != 0)
        door.check(f"a user's {option}", same or refused,
                   "the same numbers" if same else "refused" if refused else
                   f"other numbers: {trained.stdout.strip()}")


def pages(door, prefix):
    """A page for each command with each of its options, and a completion that bash understands."""
    words = [line.split()[0] for line in door.run("--help").splitlines()
             if line.startswith("  ") and not line.startswith("   ")]
    names = [word for word in words if word.isalpha() and word != "help"]
    man = prefix + "/share/man/man1"
    door.check("a page for each command", names and all(
        os.path.exists(f"{man}/babelgrad-{name}.1") for name in names), f"{len(names)} commands")
    with open(f"{man}/babelgrad-train.1", encoding="utf-8") as file:
        page = file.read().replace("\\-", "-")
    options = [line.split()[0] for line in door.run("train", "--help").splitlines()
               if line.startswith("  --")]
    missing = [option for option in options if f"\\fB{option}\\fR" not in page]
    door.check("with each of its options", options and not missing,
               f"{len(options)} of train; missing: {missing}")
    script = (f'. "{prefix}/share/bash-completion/completions/babelgrad"\n'
              'ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _babelgrad 2>/dev/null; '
              'echo "${COMPREPLY[@]}"; }\n'
              'ask babelgrad tra\nask babelgrad train --ac\n'
              'ask babelgrad train --activation ""\nask babelgrad subwords learn --me\n')
    said = [" ".join(sorted(line.split()))
            for line in door.output(["bash", "-c", script]).splitlines()]
    door.check("bash completes", said == ["train translate", "--accumulate --activation",
                                          "gelu relu", "--merges"], str(said))


def install(door):
    prefix = door.path("a prefix")
    make(door, "install", prefix)
    installed = files_in(prefix)
    door.check("make install", {"bin/babelgrad", "lib/libbabelgrad.a", "lib/pkgconfig/babelgrad.pc",
                                "include/babelgrad/nn/module.h"} <= set(installed),
               f"{len(installed)} files")
    said = trains(door, "a project outside the tree trains a model", prefix)
    others(door, prefix, said)
    pages(door, prefix)
    program = os.path.join(prefix, "bin", "babelgrad")
    door.check("the installed program runs", door.output([program, "--version"]) ==
               door.run("--version"))

    staged = door.path("a stage")
    make(door, "install", "/opt/of its own", staged)
    there = staged + "/opt/of its own"
    door.check("DESTDIR: the same files", files_in(there) == installed,
               f"{len(files_in(there))} files")
    named = [name for name, text in texts_in(there) if staged in text or door.home in text]
    door.check("and it stands in none of them", not named, str(named or ""))
    make(door, "uninstall", "/opt/of its own", staged)
    make(door, "uninstall", prefix)
    door.check("make uninstall takes all of it away", not files_in(there) + files_in(prefix),
               str(files_in(prefix)))
