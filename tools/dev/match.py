"""Each definition of the book beside ours: where it is, which of the book's lines have a twin."""
import re

from canon import cpp_lines, line_hash
from facts import within


class Match:
    """of: the book's definition; source and ours: where we have it, None if we do not. lines are
    ours, [file, line, has a twin]; twins has one of them for each of the book's lines, or None."""

    def __init__(self, of):
        self.of, self.source, self.ours, self.section, self.elsewhere = of, None, None, "", ""
        self.count, self.departures, self.lines = 0, [], []
        self.twins = [None] * len(of.lines)


def our_name(name):
    """How a definition of the book is called with us."""
    owner, _, method = name.rpartition(".")
    return {"__init__": owner, "forward": "operator()"}.get(method, method)


def likeness(d, of):
    """0: no, else the larger the better."""
    owner = of.name.rpartition(".")[0]
    if not owner:
        if d.name != of.name or d.kind == "function" and d.scope == d.name:
            return 0
        return 1 + ((d.kind == "type") == of.is_class)
    if d.kind != "function" or d.name.lstrip("_") != our_name(of.name).lstrip("_"):
        return 0
    return 1 + (d.scope == owner)


class Matcher:
    def __init__(self, facts, sources, marks):
        self.facts, self.sources, self.marks = facts, sources, marks

    def match(self, of):
        match = Match(of)
        self.locate(match)
        if match.ours:
            places = self.own_places(match.source, match.ours)
            match.count = self.count(places, of)
            self.add_departures(match, places)
            self.add_surroundings(places)
            if match.ours.kind == "type":
                self.add_departures(match, places)
            pair(match, places)
        return match

    def locate(self, match):
        best, name = 0, our_name(match.of.name).lstrip("_")
        for source in self.sources:
            if name not in source.whole:
                continue
            for d in source.definitions:
                like = likeness(d, match.of)
                if not like:
                    continue
                tag = next((tag for tag in self.marks.tags_of(source, d)
                            if within(match.of.section, tag.section)), None)
                if not tag:
                    match.elsewhere = f"{source.path}:{d.begin}"
                elif like > best:
                    best, match.source, match.ours, match.section = like, source, d, tag.section

    def own_places(self, source, ours):
        """A type and its methods defined elsewhere; a function and its overloads."""
        places = [(source, ours)]
        for other in self.sources:
            if ours.name not in other.whole or ours.kind == "function" and other is not source:
                continue
            for d in other.definitions:
                if d.kind != "function" or d is ours:
                    continue
                if ours.kind == "type":
                    inside = other is source and ours.around(d)
                    if d.scope == ours.path and not inside:
                        places.append((other, d))
                elif d.path == ours.path:
                    places.append((other, d))
        return places

    def add_surroundings(self, places):
        """The type that a function is a method of; types of the same file that a type derives
        from."""
        for source, ours in places:              # it grows on the way
            for d in source.definitions:
                outer = ours.kind == "function" and d.around(ours)
                base = ours.kind == d.kind == "type" and derives(source, ours, d.name)
                if (outer or base) and (source, d) not in places:
                    places.append((source, d))

    def count(self, places, of):
        """Lines of code without those that hold brackets only, and without methods that are
        definitions of the book by themselves."""
        others = {d.name[len(of.name) + 1:] for d in self.facts.definitions
                  if d.name.startswith(of.name + ".")}
        n = 0
        for source, ours in places:
            methods = [d for d in source.definitions if d.name in others and d.scope == of.name]
            n += sum(bool(source.code[i].strip(" {}();")) and not any(d.holds(i) for d in methods)
                     for i in range(ours.begin, ours.end + 1))
        return n

    def add_departures(self, match, places):
        match.departures += [
            note for source, ours in places for note in self.marks.departures
            if note.file == source.path and ours.holds(note.line, with_comment=True) and
            note not in match.departures]

    def plain(self, match):
        """The definition that stands beside its fast path, under the same tag: a function of
        autograd/ whose name ends in _plain. None if there is none."""
        for source in self.sources:
            if source.path.startswith("autograd/") and "_plain" in source.whole:
                for d in source.definitions:
                    tags = [tag.section for tag in self.marks.tags_of(source, d)]
                    if d.name.endswith("_plain") and match.section in tags:
                        plain = Match(match.of)
                        plain.source, plain.ours = source, d
                        plain.departures = match.departures
                        pair(plain, [(source, d)])
                        return plain
        return None


def derives(source, ours, base):
    head = " ".join(source.plain[ours.begin:ours.body + 1]).split("{")[0]
    return bool(re.search(rf"\b{base}\b", head.partition(" : ")[2]))


def pair(match, places):
    """An argument that we add is named in backticks in a note: a line that is the book's without
    it is its twin. Each of our lines is the twin of one of the book's at most."""
    added = {word for note in match.departures for word in re.findall("`([^`]*)`", note.text)}
    ours, seen = {}, set()
    for source, d in places:
        for line in cpp_lines(source, d.begin, d.end):
            if (source.path, line.first, line.text) not in seen:
                seen.add((source.path, line.first, line.text))
                match.lines.append([source.path, line, False])
    for place in match.lines:
        text = place[1].text
        without = " ".join(word for word in text.split() if word not in added)
        for one in dict.fromkeys((text, without)):
            ours.setdefault(line_hash(one), []).append(place)
    for i, line in enumerate(match.of.lines):
        for place in ours.get(line.hash, []):
            if not place[2]:
                match.twins[i], place[2] = place, True
                break


def match_book(facts, sources, marks):
    matcher = Matcher(facts, sources, marks)
    matches = [matcher.match(of) for of in facts.definitions]
    for match in matches:
        match.plain = matcher.plain(match) if match.ours else None
    return matches
