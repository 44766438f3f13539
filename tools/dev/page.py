"""The site: each README a chapter, each source its comments beside its code, and every link between
them checked. Nothing on it asks the network, and only the tour runs a script.

page.py FOLDER [--root FOLDER] [--explorer PAGE.html] [--live PAGE.html] [--program BABELGRAD];
needs Debian's python3-markdown-it and python3-pygments. With a program, a fence ```explain --step 2
shows what `explain` prints of the tour's sentence: a section, or SECTION / BLOCK, on each line.
Exit status 1, and a line for each, if a link leads nowhere."""
import argparse
import os
import posixpath
import re
import sys
from html import escape, unescape

from markdown_it import MarkdownIt
from pygments.lexers import get_lexer_for_filename
from pygments.token import Comment, Keyword, Name, Number, String

from cpp import Source
from figures import MODELS, Error, Facts
from house import paths_in, tests_of
from pictures_of_models import SHORT

ROOMS = ("tensor", "autograd", "nn", "models", "data", "tools/app", "tools/lab", "tools/live",
         "tools/dev", "tests")                   # in the order of reading
BOOK = "models/BOOK.md"
TOUR, SCRIPT = "models/TOUR.md", "tour.js"
TITLES = {BOOK: "Book", TOUR: "Tour", "models/TRAPS.md": "Traps",
          "tools/lab/TEN_TIMES_NO.md": "Ten times no"}
STYLE = "style.css"
EXPLORER, LIVE = "figures/attention.html", "figures/live.html"
PAINTS = ((Comment.Preproc, "p"), (Comment.PreprocFile, "s"), (Comment, "c"), (Keyword, "k"),
          (String, "s"), (Number, "m"))
FILE = r"(?:[\w-]+/)*[\w-]+\.(?:h|cpp|py|md)\b(?::\d+)?"
ROOM = rf"(?<![\w/])(?:{'|'.join(ROOMS)})/(?![\w.])"
SAID = re.compile(r"`(?P<code>[^`]+)`|D2L (?P<section>\d+(?:\.\d+)+)|"
                  rf"Eq\. \((?P<equation>[\d.]+)\)|(?P<departs>Departs from D2L)|"
                  rf"(?P<file>{FILE})|(?P<room>{ROOM})")
HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self' file:; \
img-src 'self' file:; {scripts}base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="{style}">
</head>
<body>
"""


def is_source(path):
    return path.endswith((".h", ".cpp", ".py", ".css", ".js")) or path == "Makefile"


def page_of(path):
    """models/gru.h -> models/gru.h.html; models/README.md -> models/index.html"""
    if path.endswith("README.md"):
        return path[:-len("README.md")] + "index.html"
    return path[:-3] + ".html" if path.endswith(".md") else path + ".html"


def room_of(path):
    return next((room for room in ROOMS if path.startswith(room + "/")), "")


def anchor(address, words, kind=""):
    """words are markup; no address, no link"""
    kind = f' class="{kind}"' if kind else ""
    return f'<a{kind} href="{escape(address)}">{words}</a>' if address else words


class Site:
    """pages: path -> markup, or the bytes of a file that a page leads to; problems: dead links."""

    def __init__(self, files, explorer=None, live=None, explain=None):
        """files: path -> bytes; explorer, live: bytes of pages that are taken in as they are;
        explain(*options): what the program prints for the tour"""
        self.files, self.problems, self.pages, self.explain = files, [], {}, explain
        self.figures = {path: data for path, data in ((EXPLORER, explorer), (LIVE, live)) if data}
        self.text = {path: data.decode("utf-8", "replace") for path, data in files.items()
                     if is_source(path) or path.endswith(".md")}
        self.sources = {path: Source(path, text) for path, text in sorted(self.text.items())
                        if path.endswith((".h", ".cpp"))}
        self.rooms = [room for room in ROOMS if any(room_of(path) == room for path in self.text)]
        # Names that a source declares are no function's there: Dropout dropout; Real sum = 0, ...
        declared = re.compile(r"[\w>&*] (\w+)(?=[;,)[{]| [=:])")
        self.variables = {path: set(declared.findall("\n".join(source.plain)))
                          for path, source in self.sources.items()}
        self.definitions = {}                    # name -> [(path, definition)]
        for path, source in self.sources.items():
            for it in source.definitions if not path.startswith("tests/") else ():
                if it.name not in ("fields", it.scope.split("::")[-1]) and it.name[0] != "~":
                    self.definitions.setdefault(it.name, []).append((path, it))
        self.rows = {}                           # line of the book's map -> id
        for line, row in enumerate(self.text.get(BOOK, "").split("\n")):
            found = re.match(r"\| (\()?(\d+(?:\.\d+)+)(?(1)\)| )", row)
            name = found and ("e" if found[1] else "s") + found[2]
            if name and name not in self.rows.values():
                self.rows[line] = name
        self.documents = {path: Document(self, path) for path in self.text if path.endswith(".md")}
        self.order = self.plan()
        for at, (path, title, body) in enumerate(self.order):
            self.pages[path] = self.framed(at, path, title, body())
        self.pages.update(self.figures)
        for path in [path for page, html in self.pages.items() if page not in self.figures
                     for path, _ in targets(page, html)]:
            if path not in self.pages and path in files:
                self.pages[path] = files[path]

    def plan(self):
        """(page, title, what makes its body): README; each room and its files; other documents."""
        def document(path, title, more=lambda: ""):
            text = self.documents.get(path)
            return (page_of(path), title, lambda: '<main class="text">\n' + (
                text.html() if text else f"<h1>{escape(title)}</h1>\n") + more() + "</main>\n")

        all_pages = [document("README.md", "babelgrad", self.contents)]
        for room in self.rooms:
            all_pages.append(document(f"{room}/README.md", room, lambda r=room: self.room_files(r)))
            all_pages += [(page_of(path), path, lambda p=path: self.source_page(p))
                          for path in self.in_room(room)]
        done = {page for page, *_ in all_pages}
        for path in sorted(self.text):
            if page_of(path) not in done and is_source(path):
                all_pages.append((page_of(path), path, lambda p=path: self.source_page(p)))
            elif page_of(path) not in done:
                all_pages.append(document(path, TITLES.get(path, path[:-3])))
        return all_pages

    def in_room(self, room):
        """Its sources: those its chapter names as it names them, then the rest, header first."""
        chapter = self.text.get(f"{room}/README.md", "")

        def rank(path):
            stem = re.escape(posixpath.splitext(path[len(room) + 1:])[0])
            found = re.search(rf"(?<![\w-]){stem}\.(h|cpp|py)\b", chapter)
            return (found.start() if found else len(chapter), path.count("/"),
                    posixpath.splitext(path)[0], path.endswith(".cpp"), path)

        return sorted((path for path in self.text if is_source(path) and room_of(path) == room),
                      key=rank)

    # --- Addresses

    def link(self, here, path, line=0):
        """From the page or file `here` to the page of that file, "" if there is none."""
        if path not in self.text:
            return ""
        return up(here) + page_of(path) + (f"#L{line}" if line else "")

    def named_file(self, here, name):
        """A path from here or from the root, or a name that only one file has."""
        name, _, line = name.partition(":")
        paths = [posixpath.normpath(posixpath.join(posixpath.dirname(here), name)), name]
        others = [path for path in self.text if path.endswith("/" + name)]
        paths += others if len(others) == 1 else []
        return next((self.link(here, path, line if is_source(path) else 0) for path in paths
                     if path in self.text), "")

    def named(self, here, name, called, raw):
        """The definition of a name in the code of `here`: its own, else that of the nearest room
        below that one file of it has; "" in doubt."""
        own = 0 if raw else ROOMS.index(room_of(here)) if room_of(here) else len(ROOMS)
        best = {}
        for path, it in self.definitions.get(name, ()):
            rank = ROOMS.index(room_of(path)) if room_of(path) else len(ROOMS)
            if (it.kind == "type" or called) and not it.scope and rank <= own:
                rank = len(ROOMS) if path == here else rank
                best.setdefault(rank, {}).setdefault(path, it.begin)
        places = best[max(best)] if best else {}
        return self.link(here, *next(iter(places.items()))) if len(places) == 1 else ""

    def target(self, here, target, line):
        """The address of a Markdown link; a problem if there is no such place."""
        if re.match(r"(https?|mailto):", target):
            return target
        path, _, name = target.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(here), path)) if path else here
        inside = "" if path == "." else path + "/"
        if path in self.rooms or inside + "README.md" in self.text:
            path = inside + "README.md"          # which need not be there: a room has a page
        wrong, page = "", page_of(path)
        if path in self.documents:
            if name and name not in self.documents[path].ids:
                wrong = f"{path} has no heading #{name}"
        elif path in self.text:
            count = len(self.text[path].splitlines())
            if name and not (re.fullmatch(r"L[1-9]\d*", name) and int(name[1:]) <= count):
                wrong = f"{path} has lines #L1 to #L{count}"
        elif path in self.files:
            page = path
        elif not (path.endswith("/README.md") and posixpath.dirname(path) in self.rooms):
            wrong = "there is no such file"
        if wrong:
            self.problems.append(f"{here}:{line}: link to {target}: {wrong}")
        return up(here) + page + (f"#{name}" if name else "")

    # --- Words and code

    def words(self, here, text):
        """What a comment or `code` says; the files, sections and equations it names are links."""
        def linked(found):
            address = ""
            if found["code"]:
                return f"<code>{self.words(here, found['code'])}</code>"
            if found["file"]:
                address = self.named_file(here, found["file"])
            elif found["departs"]:
                address = self.link(here, BOOK)
                address += "#where-we-depart-from-the-book" if address else ""
            elif found["room"]:
                address = up(here) + found["room"] + "index.html" if (
                    found["room"][:-1] in self.rooms) else ""
            else:
                name = "s" + found["section"] if found["section"] else "e" + found["equation"]
                if name in self.rows.values():
                    address = self.link(here, BOOK) + "#" + name
            return anchor(address, escape(found[0]))

        out, at = "", 0
        for found in SAID.finditer(text):
            out += escape(text[at:found.start()]) + linked(found)
            at = found.end()
        return out + escape(text[at:])

    def painted(self, here, text, name):
        """The lines of a source, as markup."""
        cpp = name.endswith((".h", ".cpp"))
        lexer = get_lexer_for_filename("x.cpp" if cpp else name, stripnl=False, ensurenl=False)
        tokens = list(lexer.get_tokens(text))
        html = [""]
        for i, (kind, value) in enumerate(tokens):
            paint = next((paint for token, paint in PAINTS if kind in token), "")
            for n, piece in enumerate(value.split("\n")):
                if n:
                    html.append("")
                shown = escape(piece)
                if kind in Comment.PreprocFile and piece.startswith('"'):
                    shown = anchor(self.link(here, piece.strip('"')), shown)
                elif kind in Comment and kind not in Comment.Preproc:
                    shown = self.words(here, piece)
                elif kind in Name and cpp and piece in self.definitions:
                    before = "".join(it[1] for it in tokens[max(i - 3, 0):i])
                    called = tokens[i + 1:] and tokens[i + 1][1].startswith("(") and (
                        piece not in self.variables.get(here, ()))
                    if not before.endswith((".", "->")):
                        address = self.named(here, piece, called, before.endswith("raw::"))
                        shown = anchor(address, shown, "d")
                html[-1] += f'<span class="{paint}">{shown}</span>' if paint and piece else shown
        return html

    # --- Pages

    def framed(self, at, page, title, body):
        def item(path, words, current):
            mark = ' aria-current="true"' if current else ""
            return f'<li><a{mark} href="{escape(up(page) + path)}">{escape(words)}</a></li>'

        def step(other, kind):
            path, words, _ = self.order[other]
            return (f'<a class="{kind}" rel="{kind}" href="{escape(up(page) + path)}">'
                    f"{escape(words)}</a>")

        chapters = "".join(item(f"{room}/index.html", room, room_of(page) == room)
                           for room in self.rooms)
        maps = "".join(item(page_of(path), words, page == page_of(path))
                       for path, words in TITLES.items() if path in self.text)
        maps += "".join(item(path, words, False) for path, words in (
            (EXPLORER, "Attention"), (LIVE, "Three translators, live")) if path in self.figures)
        title = escape(title) + (" · babelgrad" if at else "")
        tour = page == page_of(TOUR)
        scripts = "script-src 'self' file:; " if tour else ""
        end = f'<script src="{up(page)}{SCRIPT}"></script>\n' if tour else ""
        return (HEAD.format(title=title, style=up(page) + STYLE, scripts=scripts) +
                f'<header><a class="home" href="{up(page)}index.html">babelgrad</a>'
                f'<nav aria-label="Chapters"><ul>{chapters}</ul><ul class="maps">{maps}</ul></nav>'
                f"</header>\n{body}<footer><nav aria-label=\"Neighbours\">" +
                (step(at - 1, "prev") if at else "") +
                (step(at + 1, "next") if at + 1 < len(self.order) else "") +
                f"</nav></footer>\n{end}</body>\n</html>\n")

    def contents(self):
        rooms = "".join(
            f"<dt>{anchor(room + '/index.html', room)}</dt><dd>" +
            " ".join(anchor(page_of(path), escape(path[len(room) + 1:]))
                     for path in self.in_room(room)) + "</dd>\n" for room in self.rooms)
        return ('<section class="toc"><h2 id="the-whole-by-chapter">The whole, by chapter</h2>\n'
                f"<dl>\n{rooms}</dl></section>\n")

    def room_files(self, room):
        here, out = f"{room}/README.md", ""
        for path in self.in_room(room):
            lead = re.match(r'(?://.*\n)+|(?:#!.*\n)?"""[^"]*', self.text[path])
            lead = re.sub(r'//|#!.*|"""', "", lead[0]) if lead else ""
            first = re.match(r".*?(?:\.(?=\s)|\Z)", " ".join(lead.split()), re.S)[0]
            out += (f"<dt>{anchor(self.link(here, path), escape(path[len(room) + 1:]))}</dt>"
                    f"<dd>{self.words(here, first)}</dd>\n")
        return ('<section class="files"><h2 id="the-files">The files, in reading order</h2>\n'
                f"<dl>\n{out}</dl></section>\n")

    def source_page(self, path):
        """Comments of whole lines stand beside the code that follows them."""
        source, html = self.sources.get(path), self.painted(path, self.text[path], path)
        count = len(self.text[path].splitlines())
        folder, name = posixpath.split(path)

        def remark(line):
            return bool(source and line <= count and not source.code[line] and
                        source.text[line].lstrip().startswith("//"))

        def run_of(line, remarks):
            """The first line from there on that is none, or one after the last."""
            while line <= count and remark(line) == remarks:
                line += 1
            return line

        code, rows = run_of(1, True), ""
        out = (f'<main class="source">\n<h1><span class="folder">{escape(folder)}'
               f'{"/" if folder else ""}</span>{escape(name)}</h1>\n<div class="lead">'
               f"{self.prose(source, 1, code)}</div>\n{self.facts(source)}")
        begin = code
        while begin <= count:
            code = run_of(begin, True)
            end = run_of(code, False)
            prose = self.prose(source, begin, code)
            rows += (f'<div class="row{"" if prose else " silent"}"><div class="prose">{prose}'
                     '</div><pre class="code">' + "".join(
                         f'<span class="l{"" if html[i - 1] else " bare"}" id="L{i}">'
                         f'<a class="n" href="#L{i}">{i}</a>{html[i - 1]}\n</span>'
                         for i in range(code, end)) + "</pre></div>\n")
            begin = end
        return f'{out}<div class="rows">\n{rows}</div>\n</main>\n'

    def prose(self, source, begin, end):
        """Paragraphs; what is set in columns stays so; --- a heading ---."""
        out, last = "", ""
        for line in range(begin, end):
            said = re.sub(r"^\s*// ?", "", source.text[line]).rstrip()
            kind = ("h2" if said.startswith("---") else
                    "pre" if said.startswith("  ") or "   " in said else "p" if said else "")
            if kind != last:
                out += (f"</{last}>" if last else "") + (f"<{kind}>" if kind else "")
            last = kind
            said = self.words(source.path, said.strip("- ") if kind == "h2" else said)
            out += f'<span class="cl" id="L{line}">{said}\n</span>'
        return out + (f"</{last}>" if last else "")

    def facts(self, source):
        """What a source defines, or what a test states."""
        if not source:
            return ""
        tests = {test.name: test.line for test in reversed(list(tests_of(source)))}
        names = tests or {it.name: it.begin for it in reversed(source.definitions) if not it.scope}
        items = "".join(f"<li>{anchor(f'#L{line}', escape(name))}</li>"
                        for name, line in sorted(names.items(), key=lambda item: item[1]))
        if tests:
            return ('<details class="contents"><summary>The facts it states</summary><ul>'
                    f"{items}</ul></details>\n")
        return f'<ul class="contents">{items}</ul>\n' if items else ""


class Document:
    """A Markdown file. ids: of its headings, as GitHub names them."""

    def __init__(self, site, path):
        self.site, self.path, self.ids = site, path, set()
        self.parser = MarkdownIt("commonmark", {"html": False}).enable("table")
        self.tokens = self.parser.parse(re.sub("^<!--.*-->$", "", site.text[path], flags=re.M))
        for token, inline in zip(self.tokens, self.tokens[1:]):
            if token.type == "heading_open":
                words = "".join(it.content for it in inline.children)
                name = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
                ids = [name, *(f"{name}-{i}" for i in range(1, len(self.ids) + 1))]
                token.attrs["id"] = next(it for it in ids if it not in self.ids)
                self.ids.add(token.attrs["id"])

    def html(self):
        for token in self.tokens:
            if token.type == "inline":
                self.finish(token.children, token.map[0] + 1)
            elif token.type == "fence":
                if token.info.startswith("explain") and self.site.explain:
                    lines = self.explained(token)
                elif token.info.startswith("cpp"):
                    lines = self.site.painted(self.path, token.content.rstrip("\n"), "x.cpp")
                else:
                    lines = [escape(token.content)]
                token.content = "<pre><code>" + "\n".join(lines) + "</code></pre>\n"
                token.type = "html_block"
            elif token.type in ("table_open", "table_close"):
                end = "/" if token.type == "table_close" else ""
                token.type = "html_block"
                token.content = "</table></div>\n" if end else '<div class="table"><table>\n'
            elif "style" in token.attrs:         # which the page's policy forbids
                token.attrs = {"class": token.attrs["style"].split(":")[1]}
            elif token.type == "tr_open" and self.path == BOOK:
                name = self.site.rows.get(token.map[0])
                token.attrs = {"id": name} if name else {}
        html = self.parser.renderer.render(self.tokens, self.parser.options, {})
        if self.path == TOUR:                    # each heading begins a stop
            first, *stops = re.split("(?=<h2)", html)
            html = first + "".join(f'<section class="stop">\n{stop}</section>\n' for stop in stops)
        return html

    def explained(self, token):
        """The pieces of `explain` that a fence names."""
        text = self.site.explain(*token.info.split()[1:])
        for line, name in enumerate(token.content.strip().split("\n"), token.map[0] + 2):
            piece = piece_of(text, name)
            if not piece:
                self.site.problems.append(f"{self.path}:{line}: explain prints no {name}")
            yield self.site.words(self.path, piece) + "\n"

    def finish(self, tokens, line):
        linked = False
        for token in tokens:
            linked = token.type == "link_open" or linked and token.type != "link_close"
            for name in ("href", "src"):
                if name in token.attrs:
                    token.attrs[name] = self.site.target(self.path, token.attrs[name], line)
            if token.type == "softbreak":
                line += 1
            if token.type == "code_inline":
                words = token.content
                token.type = "html_inline"
                token.content = ("<code>" + (escape(words) if linked else
                                             self.site.words(self.path, words)) + "</code>")


def piece_of(text, name):
    """Of what `explain` prints, a section up to the next empty line, or of SECTION / BLOCK the
    block's name and the indented lines below it; "" if it is not there."""
    section, _, block = name.partition(" / ")
    found = re.search(rf"\n\n({re.escape(section)}.*(?:\n.+)*)", text)
    if found and block:
        found = re.compile(rf"\n({re.escape(block)}  ?\(.*(?:\n  .*)*)").search(text, found.start())
    return found[1] if found else ""


def up(path):
    return "../" * path.count("/")


def targets(page, html):
    """(path, id) of each link within the site."""
    for address in re.findall(r' (?:href|src)="([^"]*)"', html):
        if ":" not in address:
            path, _, name = unescape(address).partition("#")
            yield (posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path
                   else page), name


def dead_links(pages):
    ids = {}
    for page, html in pages.items():
        names = re.findall(r' id="([^"]*)"', html) if isinstance(html, str) else []
        ids[page] = set(names)
        for name in sorted(names):
            if names.count(name) > 1:
                yield f"page: {page}: two elements with id {name}"
    for page, html in pages.items():
        for path, name in targets(page, html) if isinstance(html, str) else ():
            if path not in pages:
                yield f"page: {page} leads to {path}, which is not there"
            elif name and name not in ids[path]:
                yield f"page: {page} leads to {path}#{name}, and there is no such place"


def read_files(root):
    files = {}
    for path in paths_in(root):
        with open(os.path.join(root, path), "rb") as file:
            files[path] = file.read()
    return files


def write(folder, pages):
    """Replaces a site as a whole. The list of what is ours lies beside the pages, so that pages of
    sources now gone go too, and what others put there stays."""
    listed = os.path.join(folder, ".pages")
    if os.path.exists(folder) and not os.path.isdir(folder):
        sys.exit(f"page: {folder} is a file where a folder is needed")
    if os.path.isdir(folder) and os.listdir(folder) and not os.path.exists(listed):
        sys.exit(f"page: {folder} holds other files and no site; a new folder would be right")
    os.makedirs(folder, exist_ok=True)
    old = []
    if os.path.exists(listed):
        with open(listed, encoding="utf-8") as file:
            old = file.read().split("\n")
    with open(listed, "w", encoding="utf-8") as file:
        file.write("\n".join(sorted({*old, *pages} - {""})))
    for path in set(old) - set(pages) - {""}:
        if os.path.exists(os.path.join(folder, path)):
            os.remove(os.path.join(folder, path))
    for path, data in pages.items():
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        with open(os.path.join(folder, path), "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
    with open(listed, "w", encoding="utf-8") as file:
        file.write("\n".join(sorted(pages)))


def main(words=None):
    args = argparse.ArgumentParser(prog="page.py", description=__doc__.split("\n")[0])
    args.add_argument("folder", help="where the site goes")
    args.add_argument("--root", default=".", help="where the house stands")
    args.add_argument("--explorer", metavar="PAGE.html", help="a page of attend --html")
    args.add_argument("--live", metavar="PAGE.html", help="the page of make live")
    args.add_argument("--program", help="babelgrad, which fills in the tour")
    wish = args.parse_args(words)
    asked = ("explain", MODELS.format("transformer"), SHORT, "--grad")

    def explain(*options):
        return Facts(wish.program).run(*asked, *options)

    def bytes_of(path):
        if not path:
            return None
        with open(path, "rb") as file:
            return file.read()

    try:
        site = Site(read_files(wish.root), bytes_of(wish.explorer), bytes_of(wish.live),
                    explain if wish.program else None)
    except Error as error:
        sys.exit(f"page: {error}")
    for page, source in ((STYLE, "page.css"), (SCRIPT, SCRIPT)):
        with open(os.path.join(os.path.dirname(__file__), source), "rb") as file:
            site.pages[page] = file.read()
    problems = site.problems + list(dead_links(site.pages))
    print("\n".join(problems), end="\n" if problems else "")
    if not problems:
        write(wish.folder, site.pages)
        print(f"page: {len(site.pages)} pages in {wish.folder}")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
