// Finding our definition by its name and tag, then pairing lines by their hashes.
#include "tools/checks/book_match.h"

#include <algorithm>
#include <map>
#include <set>

#include "tools/checks/source_lines.h"

namespace babelgrad::checks {
namespace {

struct Part {
  const Source* source;
  const Definition* definition;
  bool operator==(const Part&) const = default;
};

bool around(const Definition& outer, const Definition& inner) {
  return outer.kind == Definition::type && &outer != &inner && outer.begin <= inner.begin &&
         outer.end >= inner.end;
}

// How a method of the book is called with us.
std::string our_name(const std::string& owner, const std::string& method) {
  if (method == "__init__") return owner;
  if (method == "forward") return "operator()";
  return method;
}

std::string without_underscores(const std::string& name) {
  return name.substr(std::min(name.find_first_not_of('_'), name.size()));
}

// 0: no, else the larger the better.
int likeness(const Definition& d, const BookDefinition& book) {
  std::size_t dot = book.name.find('.');
  if (dot == std::string::npos) {
    if (d.name != book.name || (d.kind == Definition::function && d.scope == d.name)) return 0;
    return (d.kind == Definition::type) == book.is_class ? 2 : 1;
  }
  const std::string owner = book.name.substr(0, dot);
  const std::string name = our_name(owner, book.name.substr(dot + 1));
  if (d.kind != Definition::function || without_underscores(d.name) != without_underscores(name))
    return 0;
  return d.scope == owner ? 2 : 1;
}

class Matcher {
 public:
  Matcher(const Facts& facts, const std::vector<Source>& sources, const Marks& marks)
      : facts_(facts), sources_(sources), marks_(marks) {}

  Match match(const BookDefinition& book) const {
    Match out;
    out.book = &book;
    out.twins.resize(book.lines.size());
    locate(out);
    if (!out.ours) return out;
    std::vector<Part> parts = own_parts({out.source, out.ours});
    out.our_count = count(parts, book);
    note_departures(out, parts);
    add_surroundings(parts);
    if (out.ours->kind == Definition::type) note_departures(out, parts);
    for (const Part& part : parts) add_lines(out, part);
    pair_lines(out);
    return out;
  }

 private:
  void locate(Match& out) const {
    int best = 0;
    for (const Source& source : sources_)
      for (const Definition& d : source.definitions) {
        int like = likeness(d, *out.book);
        if (like == 0) continue;
        const Tag* tag = right_tag(source, d, out.book->section);
        if (!tag) out.elsewhere = source.path + ":" + std::to_string(d.begin);
        if (!tag || like <= best) continue;
        best = like;
        out.source = &source, out.ours = &d, out.section = tag->section;
      }
  }
  const Tag* right_tag(const Source& source, const Definition& d,
                       const std::string& section) const {
    for (const Tag* tag : tags_of(marks_, source, d))
      if (within(section, tag->section)) return tag;
    return nullptr;
  }
  // A type and its methods defined elsewhere; a function and its overloads.
  std::vector<Part> own_parts(const Part& it) const {
    std::vector<Part> parts = {it};
    const std::string path = path_of(*it.definition);
    for (const Source& source : sources_)
      for (const Definition& d : source.definitions) {
        bool method = it.definition->kind == Definition::type && d.kind == Definition::function &&
                      d.scope == path && !(&source == it.source && around(*it.definition, d));
        bool overload = it.definition->kind == Definition::function &&
                        d.kind == Definition::function && path_of(d) == path &&
                        &source == it.source && &d != it.definition;
        if (method || overload) parts.push_back({&source, &d});
      }
    return parts;
  }
  void add_surroundings(std::vector<Part>& parts) const {
    for (std::size_t i = 0; i < parts.size(); i++) {
      const Part part = parts[i];
      for (const Definition& d : part.source->definitions) {
        bool outer = part.definition->kind == Definition::function && around(d, *part.definition);
        bool base = part.definition->kind == Definition::type && d.kind == Definition::type &&
                    derives(part, d.name);
        Part place{part.source, &d};
        if ((outer || base) && std::find(parts.begin(), parts.end(), place) == parts.end())
          parts.push_back(place);
      }
    }
  }
  static bool derives(const Part& type, const std::string& base) {
    std::string head;
    for (int i = type.definition->begin; i <= type.definition->body; i++)
      head += type.source->line(i).plain + " ";
    head = head.substr(0, head.find('{'));
    std::size_t colon = head.find(" : ");
    for (std::size_t at = colon; at != std::string::npos && at < head.size();
         at = head.find(base, at + 1)) {
      std::size_t end = at + base.size();
      bool whole = head.compare(at, base.size(), base) == 0 && !is_name(head[at - 1]) &&
                   (end >= head.size() || !is_name(head[end]));
      if (whole) return true;
    }
    return false;
  }
  // Lines of code without those that hold brackets only, and without methods that are definitions
  // of the book by themselves.
  int count(const std::vector<Part>& parts, const BookDefinition& book) const {
    std::set<std::string> others;
    for (const auto& d : facts_.definitions)
      if (d.name.starts_with(book.name + ".")) others.insert(d.name.substr(book.name.size() + 1));
    int n = 0;
    for (const Part& part : parts)
      for (int i = part.definition->begin; i <= part.definition->end; i++) {
        const std::string& code = part.source->line(i).code;
        bool other = false;
        for (const Definition& d : part.source->definitions)
          other |= others.count(d.name) && d.scope == book.name && d.begin <= i && i <= d.end;
        n += !other && code.find_first_not_of(" {}();") != std::string::npos;
      }
    return n;
  }
  void add_lines(Match& out, const Part& part) const {
    const Definition& d = *part.definition;
    for (const auto& line : cpp_lines(*part.source, d.begin, d.end)) {
      bool known = std::any_of(out.lines.begin(), out.lines.end(), [&](const OurLine& other) {
        return other.file == part.source->path && other.canonical.line == line.line &&
               other.canonical.text == line.text;
      });
      if (!known) out.lines.push_back({part.source->path, line});
    }
  }
  void note_departures(Match& out, const std::vector<Part>& parts) const {
    for (const Part& part : parts) {
      const Definition& d = *part.definition;
      int first = d.comment ? d.comment : d.begin;
      for (const Departure& note : marks_.departures)
        if (note.file == part.source->path && first <= note.line && note.line <= d.end) {
          out.departs = true;
          add_words(note.text, out.added);
        }
    }
  }
  static void add_words(const std::string& text, std::set<std::string>& added) {
    for (std::size_t open = text.find('`'); open != std::string::npos;) {
      std::size_t close = text.find('`', open + 1);
      if (close == std::string::npos) break;
      added.insert(text.substr(open + 1, close - open - 1));
      open = text.find('`', close + 1);
    }
  }
  static std::string without(const std::string& words, const std::set<std::string>& added) {
    std::string kept;
    for (const std::string& word : split(words, ' '))
      if (!added.count(word)) kept += (kept.empty() ? "" : " ") + word;
    return kept;
  }
  static void pair_lines(Match& out) {
    std::multimap<std::string, std::size_t> ours;
    for (std::size_t i = 0; i < out.lines.size(); i++) {
      const std::string& text = out.lines[i].canonical.text;
      ours.insert({line_hash(text), i});
      if (without(text, out.added) != text) ours.insert({line_hash(without(text, out.added)), i});
    }
    for (std::size_t i = 0; i < out.twins.size(); i++) {
      auto [twin, end] = ours.equal_range(out.book->lines[i].hash);
      while (twin != end && out.lines[twin->second].twin) ++twin;
      if (twin == end) continue;
      out.twins[i] = out.lines[twin->second].twin = true;
    }
  }

  const Facts& facts_;
  const std::vector<Source>& sources_;
  const Marks& marks_;
};

}  // namespace

std::string path_of(const Definition& d) {
  return d.scope.empty() ? d.name : d.scope + "::" + d.name;
}

int Match::matched() const { return int(std::count(twins.begin(), twins.end(), true)); }

std::vector<Match> match_book(const Facts& facts, const std::vector<Source>& sources,
                              const Marks& marks) {
  Matcher matcher(facts, sources, marks);
  std::vector<Match> out;
  for (const BookDefinition& book : facts.definitions) out.push_back(matcher.match(book));
  return out;
}

int Match::matched_in_form() const {
  return int(std::count(form_twins.begin(), form_twins.end(), true));
}

void add_forms(std::vector<Match>& matches, const std::vector<Match>& forms) {
  for (std::size_t i = 0; i < matches.size(); i++) {
    Match& match = matches[i];
    const Match& form = forms.at(i);
    if (!match.ours || !form.ours) continue;
    match.form_source = form.source, match.form = form.ours, match.form_lines = form.lines;
    match.form_twins = form.twins;
    for (std::size_t k = 0; k < match.twins.size(); k++)
      if (match.twins[k]) match.form_twins[k] = false;
  }
}

std::vector<const Tag*> tags_of(const Marks& marks, const Source& source,
                                const Definition& definition) {
  auto above = [&](const Definition& d) {
    std::vector<const Tag*> tags;
    for (const Tag& tag : marks.tags)
      if (tag.file == source.path && d.comment && d.comment <= tag.line && tag.line < d.begin)
        tags.push_back(&tag);
    return tags;
  };
  std::vector<const Tag*> tags = above(definition);
  for (auto it = source.definitions.rbegin(); it != source.definitions.rend() && tags.empty(); ++it)
    if (around(*it, definition)) tags = above(*it);
  const Tag* nearest = tag_above(marks, source.path, definition.begin);
  if (tags.empty() && nearest) tags.push_back(nearest);
  return tags;
}

}  // namespace babelgrad::checks
