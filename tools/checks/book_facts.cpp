// The two tables, read and written.
#include "tools/checks/book_facts.h"

#include <algorithm>
#include <charconv>

#include "tensor/check.h"
#include "tools/checks/source_lines.h"

namespace babelgrad::checks {
namespace {

struct Row {
  std::string path;
  int number;
  std::vector<std::string> cells;
};

void need(const Row& row, bool condition, const std::string& what) {
  check(condition, row.path, ":", row.number, ": ", what);
}

int count_of(const Row& row, const std::string& digits) {
  int count = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  need(row, error == std::errc() && end == digits.data() + digits.size() && count > 0,
       "\"" + digits + "\" is no number of lines");
  return count;
}

bool is_hash(const std::string& word) {
  return word.size() == 8 && word.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void add_definition(Facts& facts, const Row& row) {
  const auto& cells = row.cells;
  need(row, cells.size() == 5 && (cells[3] == "class" || cells[3] == "function"),
       "would be: definition, section, name, class or function, lines");
  need(row, facts.section(cells[1]), "there is no section " + cells[1]);
  facts.definitions.push_back({cells[1], cells[2], cells[3] == "class", count_of(row, cells[4]),
                               {}, row.number});
}

void add_row(Facts& facts, const Row& row) {
  const auto& cells = row.cells;
  const std::string& kind = cells[0];
  if (kind == "definition") return add_definition(facts, row);
  need(row, kind == "section" || kind == "equation" || kind == "line",
       "\"" + kind + "\" is no section, equation, definition or line");
  need(row, cells.size() == (kind == "line" ? 4 : 3), "too few or too many cells");
  need(row, is_number(cells[1]), "\"" + cells[1] + "\" is no number as 11.7.3");
  if (kind == "section") {
    need(row, !facts.section(cells[1]), "section " + cells[1] + " a second time");
    facts.sections.push_back({cells[1], cells[2]});
  } else if (kind == "equation") {
    need(row, facts.section(cells[2]), "there is no section " + cells[2]);
    facts.equations.push_back({cells[1], cells[2]});
  } else {
    need(row, is_hash(cells[3]), "\"" + cells[3] + "\" is no hash of 8 digits");
    need(row, add_line(facts, {cells[1], cells[2], cells[3]}),
         "there is no definition " + cells[1] + " " + cells[2]);
  }
}

std::vector<int> parts(const std::string& number) {
  std::vector<int> out;
  for (const std::string& part : split(number, '.')) {
    int value = 0;
    std::from_chars(part.data(), part.data() + part.size(), value);
    out.push_back(value);
  }
  return out;
}

template <class Fact>
const Fact* find(const std::vector<Fact>& facts, const std::string& number) {
  for (const Fact& fact : facts)
    if (fact.number == number) return &fact;
  return nullptr;
}

}  // namespace

const Section* Facts::section(const std::string& number) const { return find(sections, number); }
const Equation* Facts::equation(const std::string& number) const {
  return find(equations, number);
}
std::string Facts::titled(const std::string& number) const {
  const Section* found = section(number);
  return found ? number + " " + found->title : number;
}

Facts read_facts(const std::string& path, const std::string& text) {
  Facts facts;
  int number = 0;
  for (const std::string& line : split(text, '\n')) {
    number++;
    if (!line.empty()) add_row(facts, {path, number, split(line, '\t')});
  }
  return facts;
}

std::vector<LeftOut> read_left_out(const std::string& path, const std::string& text) {
  std::vector<LeftOut> out;
  int number = 0;
  for (const std::string& line : split(text, '\n')) {
    number++;
    if (line.empty()) continue;
    auto cells = split(line, '\t');
    check(cells.size() == 2 || cells.size() == 3, path, ":", number,
          ": would be: section, name, reason, parted by tabs");
    out.push_back({number, cells[0], cells[1], cells.size() == 3 ? trimmed(cells[2]) : ""});
  }
  return out;
}

std::string facts_text(const Facts& facts) {
  std::string out;
  for (const auto& s : facts.sections) out += join("section\t", s.number, '\t', s.title, '\n');
  for (const auto& e : facts.equations) out += join("equation\t", e.number, '\t', e.section, '\n');
  for (const auto& d : facts.definitions)
    out += join("definition\t", d.section, '\t', d.name, '\t',
                d.is_class ? "class" : "function", '\t', d.count, '\n');
  for (const auto& d : facts.definitions)
    for (const auto& line : d.lines)
      out += join("line\t", line.section, '\t', line.method, '\t', line.hash, '\n');
  return out;
}

bool add_line(Facts& facts, const BookLine& line) {
  const std::string owner = line.method.substr(0, line.method.find('.'));
  BookDefinition* found = nullptr;
  for (auto& d : facts.definitions) {
    bool exact = d.section == line.section && d.name == line.method;
    bool method = d.is_class && d.name == owner && cut(d.section, 3) == cut(line.section, 3);
    if (exact || (method && !found)) found = &d;
    if (exact) break;
  }
  if (found) found->lines.push_back(line);
  return found;
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> out;
  for (std::size_t from = 0, to; from <= text.size(); from = to + 1) {
    to = std::min(text.find(at, from), text.size());
    out.push_back(text.substr(from, to - from));
  }
  return out;
}

bool is_number(const std::string& word) {
  auto all = split(word, '.');
  return all.size() > 1 && std::all_of(all.begin(), all.end(), [](const std::string& part) {
    return !part.empty() && part.size() < 4 &&
           part.find_first_not_of("0123456789") == std::string::npos;
  });
}

bool before(const std::string& a, const std::string& b) { return parts(a) < parts(b); }

bool within(const std::string& number, const std::string& outer) {
  return number == outer || number.starts_with(outer + ".");
}

std::string cut(const std::string& number, int levels) {
  std::size_t at = 0;
  for (int level = 0; level < levels && at != std::string::npos; level++)
    at = number.find('.', level == 0 ? 0 : at + 1);
  return number.substr(0, at);
}

}  // namespace babelgrad::checks
