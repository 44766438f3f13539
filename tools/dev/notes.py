"""The lecture notes: models/NOTES.md as one HTML page for the printer, its pseudocode beside the
lines of ours that it stands for.

notes.py PAGE.html [--root FOLDER]; needs Debian's python3-markdown-it and python3-pygments. A
fence ```beside models/gru.h GRUScratch::operator() is set in two columns: what the fence says, and
the definition of that name as it is in the source. Exit status 1 if there is no such definition."""
import argparse
import os
import posixpath
import re
import sys
import textwrap
from html import escape

from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import CppLexer

from cpp import Source
from facts import Error

NOTES, STYLE = "models/NOTES.md", "tools/dev/notes.css"
HEAD = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>
{style}
</style>
<main>
"""


def lines_of(source, path):
    """The text of the definition of that path (Tower::height), without its indentation."""
    for it in source.definitions:
        if it.path == path:
            text = "\n".join(source.text[it.begin:it.end + 1])
            return textwrap.dedent(text)
    raise Error(f"{NOTES}: {source.path} has no definition {path}")


def beside(root, words, said):
    """One row of two columns."""
    path, name = words.split(maxsplit=1)
    try:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            source = Source(path, file.read())
    except OSError as error:
        raise Error(f"{NOTES}: {path}: {error.strerror}") from error
    ours = highlight(lines_of(source, name), CppLexer(), HtmlFormatter(nowrap=True))
    return (f'<div class="beside"><pre class="said">{escape(said)}</pre>'
            f'<div><p class="where">{escape(path)}, {escape(name)}</p><pre>{ours}</pre></div>'
            "</div>\n")


def picture(root, address):
    """An SVG of the chapter, set into the page: the printer gets one file."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(NOTES), address))
    try:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = file.read()
    except OSError as error:
        raise Error(f"{NOTES}: {path}: {error.strerror}") from error
    # Styles and names of a picture hold for the whole page: an image of its own keeps them apart.
    return "data:image/svg+xml," + "".join(f"%{byte:02x}" for byte in text.encode())


def page(root):
    with open(os.path.join(root, NOTES), encoding="utf-8") as file:
        text = file.read()
    with open(os.path.join(root, STYLE), encoding="utf-8") as file:
        style = file.read() + HtmlFormatter(style="bw").get_style_defs("pre")
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    for token in tokens:
        if token.type == "fence" and token.info.startswith("beside "):
            token.content = beside(root, token.info[len("beside "):], token.content.rstrip("\n"))
            token.type = "html_block"
        for child in token.children or ():
            if child.type == "image":
                child.attrs["src"] = picture(root, child.attrs["src"])
    parser.options["html"] = True                # for what stands in html_block, which is ours
    title = re.search(r"^# (.*)", text, re.M)[1]
    return (HEAD.format(title=escape(title), style=style) +
            parser.renderer.render(tokens, parser.options, {}) + "</main>\n</html>\n")


def main(words=None):
    args = argparse.ArgumentParser(prog="notes.py", description=__doc__.split("\n")[0])
    args.add_argument("page", help="where the page goes")
    args.add_argument("--root", default=".", help="where the house stands")
    wish = args.parse_args(words)
    try:
        html = page(wish.root)
    except Error as error:
        print(error)
        return 1
    os.makedirs(os.path.dirname(wish.page) or ".", exist_ok=True)
    with open(wish.page, "w", encoding="utf-8") as file:
        file.write(html)
    return 0


if __name__ == "__main__":
    sys.exit(main())
