#include "tools/page/links.h"

#include <algorithm>

#include "data/utf8.h"
#include "tensor/check.h"
#include "tools/checks/source_lines.h"

namespace babelgrad::page {
namespace {

using checks::is_name;

// Names that stand after a type and are no function: Dropout dropout; const Tensor& sum, ...
void add_variables(const std::string& s, std::set<std::string>& out) {
  static const std::set<std::string> no_type = {"return", "else",  "new",     "delete",
                                                "throw",  "case",  "using",   "namespace",
                                                "struct", "class", "operator"};
  for (std::size_t at = s.find(' '); at != s.npos; at = s.find(' ', at + 1)) {
    std::size_t begin = at, end = at + 1;
    if (begin > 1 && (s[begin - 1] == '&' || s[begin - 1] == '*')) begin--;
    std::size_t type = begin;
    while (type > 0 && is_name(s[type - 1])) type--;
    const bool typed = type < begin || (begin > 1 && s[begin - 1] == '>' && s[begin - 2] != '-');
    while (end < s.size() && is_name(s[end])) end++;
    if (!typed || end == at + 1 || no_type.count(s.substr(type, begin - type))) continue;
    if (end == s.size() || std::string(";,)=:{[").find(s[end]) != std::string::npos ||
        s.compare(end, 2, " =") == 0 || s.compare(end, 2, " :") == 0)
      out.insert(s.substr(at + 1, end - at - 1));
  }
}

std::set<std::string> words_of(const Source& source, int begin, int end) {
  std::set<std::string> words;
  for (int i = begin; i <= end; i++) {
    const std::string& s = source.line(i).plain;
    for (std::size_t at = 0, stop; at < s.size(); at = stop) {
      for (stop = at; stop < s.size() && is_name(s[stop]); stop++) {}
      if (stop == at) {
        stop++;
        continue;
      }
      bool member = at > 0 && (s[at - 1] == '.' || s[at - 1] == '>');
      words.insert(s.substr(at, stop - at));
      if (stop < s.size() && s[stop] == '(' && !member) words.insert(s.substr(at, stop - at + 1));
    }
  }
  return words;
}

MapRows map_rows(const House& house, const std::string& path) {
  const std::string* text = house.document(path);
  return text ? MapRows(*text) : MapRows();
}

bool is_address(const std::string& s) {
  return s.starts_with("https://") || s.starts_with("http://") || s.starts_with("mailto:");
}

std::string clean(const std::string& path) { return target_place(path, "").path; }

}  // namespace

Atlas::Atlas(const House& house_)
    : house(house_), names(house_), book(map_rows(house_, "BOOK.md")),
      departures(map_rows(house_, "DEPARTURES.md")) {
  for (const auto& [path, text] : house.documents)
    for (const Heading& heading : read_markdown(text).headings) headings[path].insert(heading.id);
  for (const Source& source : house.sources)
    for (const SourceLine& line : source.lines) add_variables(line.plain, variables[source.path]);
  for (const Source& source : house.sources)
    for (const TestCase& test : test_cases(source)) {
      for (const auto& word : words_of(source, test.place.line, test.end))
        tests_by_word[word].push_back(tests.size());
      tests.push_back(test);
    }
}

std::vector<TestCase> Atlas::tests_of(const NamedDefinition& named) const {
  const Definition& d = *named.definition;
  std::vector<TestCase> told, titled, used;
  if (const MapRow* row = book.at(named.place.path, d.comment ? d.comment : d.begin, d.begin))
    for (const Place& place : row->tests)
      for (const TestCase& test : tests)
        if (test.place.path == place.path && test.place.line <= place.line &&
            place.line <= test.end)
          told.push_back(test);
  auto found = tests_by_word.find(d.kind == Definition::type ? d.name : d.name + "(");
  if (found != tests_by_word.end())
    for (std::size_t i : found->second) {
      const TestCase& test = tests[i];
      if (has_word(test.title, d.name)) titled.push_back(test);
      if (base_name(test.place.path).starts_with(room_of(named.place.path) + "_"))
        used.push_back(test);
    }
  auto& best = !told.empty() ? told : !titled.empty() ? titled : used;
  best.resize(std::min<std::size_t>(best.size(), &best == &used ? 1 : 2));
  return best;
}

std::string page_of(const std::string& path) {
  if (base_name(path) == "README.md") return path.substr(0, path.size() - 9) + "index.html";
  return (path.ends_with(".md") ? stem_of(path) : path) + ".html";
}

std::string Linker::page(const std::string& page) const {
  std::string up;
  for (char c : from_)
    if (c == '/') up += "../";
  return up + page;
}

std::string Linker::place(const Place& place) const {
  if (!place) return "";
  return page(page_of(place.path)) + (place.line > 0 ? join("#L", place.line) : "");
}

std::string Linker::file(const std::string& name) const {
  const House& house = atlas_->house;
  if (name.empty() || name.find_first_of(" <>") != name.npos) return "";
  const std::string here = target_place(name, from_).path;
  for (const std::string& path : {here, clean(name)}) {
    const std::string room = path.ends_with("/") ? path.substr(0, path.size() - 1) : "";
    if (house.source(path) || house.document(path)) return place({path});
    if (!room.empty()) {
      auto all = rooms(house);
      if (std::count(all.begin(), all.end(), room)) return page(room + "/index.html");
    }
  }
  std::string only;
  for (const Source& source : house.sources) {
    if (!source.path.ends_with("/" + name)) continue;
    if (!only.empty()) return "";
    only = source.path;
  }
  return place({only});
}

std::string Linker::name(const std::string& name, const std::string& qualifier, bool call) const {
  auto found = atlas_->variables.find(from_);
  const bool variable = found != atlas_->variables.end() && found->second.count(name);
  return place(
      atlas_->names.find(name, qualifier, call && !(variable && qualifier.empty()), from_));
}

std::string Linker::section(const std::string& number, int line) const {
  const MapRow* row = atlas_->book.of_section(number, {from_, line});
  return row ? page("BOOK.html#" + row->id) : "";
}

std::string Linker::equation(const std::string& number, int line) const {
  const MapRow* row = atlas_->book.of_equation(number);
  return row ? page("BOOK.html#" + row->id)
             : section(number.substr(0, number.find_last_of('.')), line);
}

std::string Linker::departure(int line) const {
  if (!atlas_->house.document("DEPARTURES.md")) return "";
  const MapRow* row = atlas_->departures.at(from_, line - 2, line + 12);
  return page("DEPARTURES.html") + (row ? "#" + row->id : "");
}

void Linker::check_heading(const std::string& document, const std::string& id,
                           const std::string& where) const {
  auto found = atlas_->headings.find(document);
  check(found != atlas_->headings.end() && found->second.count(id), where, ": ",
        printable(document), " has no heading #", printable(id));
}

std::string Linker::target(const std::string& target, int line) const {
  if (is_address(target)) return target;
  const House& house = atlas_->house;
  const std::string where = join(from_, ":", line, ": link to ", printable(target));
  const std::size_t hash = target.find('#');
  const std::string id = hash == target.npos ? "" : target.substr(hash + 1);
  const Place to = target_place(target, from_);
  const std::string as_folder = to.path.ends_with("/") ? to.path : to.path + "/";
  if (house.document(to.path)) {
    if (!id.empty()) check_heading(to.path, id, where);
    return page(page_of(to.path)) + (id.empty() ? "" : "#" + id);
  }
  if (const Source* source = house.source(to.path)) {
    check(id.empty() || to.line > 0, where, ": a line of code is #L and a number");
    check(to.line <= int(source->lines.size()), where, ": it has ", source->lines.size(), " lines");
    return place(to);
  }
  if (house.has_file(to.path)) return page(to.path) + (id.empty() ? "" : "#" + id);
  const std::string folder = file(as_folder);
  check(!to.path.empty() && !folder.empty(), where, ": there is no such file");
  return folder;
}

}  // namespace babelgrad::page
