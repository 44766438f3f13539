#include "tools/page/map_rows.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>

#include "tools/page/markdown_lines.h"

namespace babelgrad::page {
namespace {

bool is_digit(const std::string& s, std::size_t at) {
  return at < s.size() && std::isdigit((unsigned char)s[at]);
}

std::string first_section(const std::string& s) {
  std::size_t at = s.find_first_not_of("#|[§` *");
  return at == s.npos ? "" : section_number(s, at);
}

std::vector<std::string> link_targets(const std::string& s) {
  std::vector<std::string> targets;
  for (std::size_t at = s.find("]("); at != s.npos; at = s.find("](", at + 2)) {
    std::size_t end = s.find(')', at);
    if (end != s.npos) targets.push_back(s.substr(at + 2, end - at - 2));
  }
  return targets;
}

MapRow read_row(const MarkdownLine& line, const std::string& section) {
  MapRow row{line.number, "", section, {}, {}, {}};
  for (const std::string& target : link_targets(line.text)) {
    Place place = target_place(target, "");
    if (room_of(place.path) == "tests") row.tests.push_back(place);
    else if (place.line > 0) row.places.push_back(place);
  }
  const std::string& s = line.text;
  for (std::size_t at = s.find('('); at != s.npos; at = s.find('(', at + 1)) {
    const std::string number = section_number(s, at + 1);
    bool deep = std::count(number.begin(), number.end(), '.') == 2;
    if (deep && s.compare(at + 1 + number.size(), 1, ")") == 0) row.equations.push_back(number);
  }
  return row;
}

// Of a table, below its head, or of a list.
bool is_row(const MarkdownLines& lines, std::size_t at) {
  const std::string& s = lines[at].text;
  const bool rule = s.find_first_not_of("|-: ") == s.npos;
  if (s.starts_with("|")) return !rule && block_kind(lines, at) != BlockKind::table;
  return s.starts_with("- ");
}

}  // namespace

std::string section_number(const std::string& s, std::size_t at) {
  std::size_t end = at;
  while (is_digit(s, end) || (end > at && end < s.size() && s[end] == '.' && is_digit(s, end + 1)))
    end++;
  const std::string number = s.substr(at, end - at);
  return number.find('.') == number.npos ? "" : number;
}

Place target_place(const std::string& target, const std::string& from) {
  namespace fs = std::filesystem;
  std::size_t hash = target.find('#');
  const std::string path = target.substr(0, hash);
  Place place{path.empty()
                  ? from
                  : (fs::path(from).parent_path() / path).lexically_normal().generic_string()};
  if (hash == target.npos || target.compare(hash, 2, "#L") != 0) return place;
  const std::string digits = target.substr(hash + 2, 7);
  if (!digits.empty() && digits.find_first_not_of("0123456789") == digits.npos)
    place.line = std::stoi(digits);
  return place;
}

MapRows::MapRows(const std::string& markdown) {
  std::string section;
  std::map<std::string, int> seen;
  const MarkdownLines lines = markdown_lines(markdown);
  for (std::size_t i = 0; i < lines.size(); i++) {
    const std::string& s = lines[i].text;
    if (s.starts_with("#")) section = first_section(s);
    if (!is_row(lines, i)) continue;
    if (s[0] == '|') section = table_cells(s)[0].empty() ? section : first_section(s);
    MapRow row = read_row(lines[i], section);
    if (s[0] != '|' && row.places.empty()) continue;
    const std::string id = row.section.empty() ? "row" : "s" + row.section;
    int count = ++seen[id];
    row.id = count == 1 ? id : id + "-" + std::to_string(count);
    rows_.push_back(row);
  }
}

const MapRow* MapRows::at_line(int line) const {
  for (const MapRow& row : rows_)
    if (row.line == line) return &row;
  return nullptr;
}

const MapRow* MapRows::at(const std::string& path, int begin, int end) const {
  for (const MapRow& row : rows_)
    for (const Place& place : row.places)
      if (place.path == path && place.line >= begin && place.line <= end) return &row;
  return nullptr;
}

const MapRow* MapRows::of_section(std::string section, const Place& near) const {
  const MapRow *first = nullptr, *nearest = nullptr, *inside = nullptr;
  for (const MapRow& row : rows_) {
    if (!inside && row.section.starts_with(section + ".")) inside = &row;
    if (row.section != section) continue;
    if (!first) first = &row;
    for (const Place& place : row.places)
      if (place.path == near.path && place.line >= near.line && !nearest) nearest = &row;
  }
  if (nearest || first) return nearest ? nearest : first;
  if (inside) return inside;
  std::size_t dot = section.find_last_of('.');
  return dot == section.npos ? nullptr : of_section(section.substr(0, dot), near);
}

const MapRow* MapRows::of_equation(const std::string& number) const {
  for (const MapRow& row : rows_)
    if (std::count(row.equations.begin(), row.equations.end(), number)) return &row;
  return nullptr;
}

}  // namespace babelgrad::page
