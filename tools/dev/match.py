"""Each definition of the book beside ours: where it is, which of the book's lines have a twin."""
import re

from canon import cpp_lines, line_hash
from facts import within


class Match:
    """of: the book's definition; source and ours: where we have it, None if we do not. lines are
    ours, [file, line, has a twin]; twins has one of them for each of the book's lines, or None."""

    def __init__(self, of, source=None, ours=None):
        self.of, self.source, self.ours, self.section, self.elsewhere = of, source, ours, "", ""
        self.count, self.departures, self.lines, self.plain = 0, [], [], None
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
            own = self.own_places(match.source, match.ours)
            places = with_surroundings(own)
            match.count = self.count(own, of)
            match.departures = self.notes(places if match.ours.kind == "type" else own)
            pair(match, places)
            match.plain = self.plain(match)
        return match

    def notes(self, places):
        return [note for note in self.marks.departures
                if any(note.file == source.path and d.holds(note.line, with_comment=True)
                       for source, d in places)]

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
        def belongs(other, d):
            if ours.kind == "function":
                return other is source and d.path == ours.path and d is not ours
            return d.scope == ours.path and not (other is source and ours.around(d))

        return [(source, ours)] + [
            (other, d) for other in self.sources if ours.name in other.whole
            for d in other.definitions if d.kind == "function" and belongs(other, d)]

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

    def plain(self, match):
        """The definition that stands beside its fast path, under the same tag: a function of
        autograd/ whose name ends in _plain. None if there is none."""
        for source in self.sources:
            if source.path.startswith("autograd/") and "_plain" in source.whole:
                for d in source.definitions:
                    tags = [tag.section for tag in self.marks.tags_of(source, d)]
                    if d.name.endswith("_plain") and match.section in tags:
                        plain = Match(match.of, source, d)
                        plain.departures = match.departures + self.notes([(source, d)])
                        pair(plain, [(source, d)])
                        return plain
        return None


def with_surroundings(own):
    """And the type that a function is a method of; types of the same file that a type derives
    from."""
    places = list(own)
    for source, ours in places:                  # it grows on the way
        for d in source.definitions:
            method = ours.kind == "function" and d.around(ours)
            base = ours.kind == d.kind == "type" and d.name in bases(source, ours)
            if (method or base) and (source, d) not in places:
                places.append((source, d))
    return places


def bases(source, ours):
    head = " ".join(source.plain[ours.begin:ours.body + 1]).split("{")[0]
    return re.findall(r"\w+", head.partition(" : ")[2])


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
    return [matcher.match(of) for of in facts.definitions]
