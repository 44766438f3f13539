// Reading the house, and the questions that rules and maps ask of it.
#include "tools/checks/book_house.h"

#include <cctype>

#include "nn/file.h"
#include "tools/checks/book_maps.h"
#include "tools/checks/source_lines.h"

namespace babelgrad::checks {
namespace {

bool is_ours(const std::string& path) {
  for (const char* folder : {"tensor/", "autograd/", "nn/", "models/", "data/", "tools/"})
    if (path.starts_with(folder)) return true;
  return false;
}

bool is_form(const std::string& path) {
  return path.starts_with("tests/models_book") && path.ends_with(".h");
}

// The strings one behind another at the beginning of `code`, as one.
std::string literal(const std::string& code) {
  std::string out;
  for (std::size_t at = code.find_first_not_of(' '); at < code.size() && code[at] == '"';
       at = code.find_first_not_of(' ', at + 1)) {
    for (at++; at < code.size() && code[at] != '"'; at++) {
      if (code[at] == '\\') at++;
      if (at < code.size()) out += code[at];
    }
  }
  return out;
}

void add_tests(std::vector<TestCase>& tests, const Source& source) {
  const std::string opening = "TEST_CASE(";
  for (int i = 1; i <= int(source.lines.size()); i++) {
    if (!source.line(i).plain.starts_with(opening)) continue;
    std::string code = source.line(i).code.substr(opening.size());
    for (int k = i + 1; k <= i + 3 && k <= int(source.lines.size()); k++)
      code += " " + source.line(k).code;
    tests.push_back({source.path, i, literal(code)});
  }
}

bool has_word(const std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    std::size_t end = at + word.size();
    bool begins = at == 0 || !is_name(text[at - 1]);
    bool ends = end >= text.size() || !is_name(text[end]);
    bool goes_on = end + 1 < text.size() && text[end] == '.' &&
                   std::isdigit((unsigned char)text[end + 1]);        // 11.7 in 11.7.3
    if (begins && ends && !goes_on) return true;
  }
  return false;
}

}  // namespace

House make_house(Facts facts, std::vector<LeftOut> left_out, std::vector<Source> sources,
                 const std::vector<Anchor>& anchors) {
  House house;
  house.facts = std::move(facts);
  house.left_out = std::move(left_out);
  for (Source& source : sources) {
    if (source.path.starts_with("tests/")) add_tests(house.tests, source);
    if (is_form(source.path)) house.forms.push_back(std::move(source));
    else if (is_ours(source.path)) house.sources.push_back(std::move(source));
  }
  house.marks = read_marks(house.sources);
  house.form_marks = read_marks(house.forms);
  house.anchors = find_anchors(anchors, house.facts, house.sources, house.marks);
  house.matches = match_book(house.facts, house.sources, house.marks);
  add_forms(house.matches, match_book(house.facts, house.forms, house.form_marks));
  return house;
}

House read_house(const std::string& root, Facts facts) {
  auto in = [&](const std::string& path) { return root + "/" + path; };
  auto left_out = read_left_out(left_out_path, read_file(in(left_out_path)));
  auto anchors = read_anchors(
      anchors_path, exists(in(anchors_path)) ? read_file(in(anchors_path)) : std::string());
  House house = make_house(std::move(facts), std::move(left_out), read_sources(root), anchors);
  for (const char* path : {book_map, departures_map, places_map})
    house.maps[path] = exists(in(path)) ? read_file(in(path)) : "";
  return house;
}

Totals totals(const House& house, const std::string& folder) {
  Totals sum;
  for (const Match& match : house.matches) {
    if (!match.ours || !match.source->path.starts_with(folder)) continue;
    sum.definitions++;
    sum.lines += int(match.book->lines.size());
    sum.matched += match.matched();
    sum.in_forms += match.matched_in_form();
    sum.book_count += match.book->count;
    sum.our_count += match.our_count;
  }
  return sum;
}

const TestCase* test_of(const House& house, const Match& match) {
  const BookDefinition& book = *match.book;
  const std::string name = book.name.substr(book.name.find('.') + 1);
  const std::string room = "tests/" + split(match.source->path, '/')[0] + "_";
  const TestCase* named = nullptr;
  const TestCase* of_section = nullptr;
  for (const TestCase& test : house.tests) {
    if (!test.file.starts_with(room)) continue;
    bool section = has_word(test.name, "D2L " + book.section) ||
                   has_word(test.name, "D2L " + match.section);
    if (has_word(test.name, name) && section) return &test;
    if (has_word(test.name, name) && !named) named = &test;
    if (section && !of_section) of_section = &test;
  }
  return named ? named : of_section;
}

const TestCase* test_of_trap(const House& house, const std::string& id) {
  for (const TestCase& test : house.tests)
    if (test.name.find("(" + id + ")") != std::string::npos) return &test;
  return nullptr;
}

const Definition* definition_at(const Source& source, int line) {
  const Definition* innermost = nullptr;
  for (const Definition& d : source.definitions)
    if ((d.comment ? d.comment : d.begin) <= line && line <= d.end) innermost = &d;
  return innermost;
}

}  // namespace babelgrad::checks
