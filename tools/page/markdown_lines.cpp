#include "tools/page/markdown_lines.h"

#include <algorithm>
#include <cctype>

#include "tools/app/view/heatmap.h"

namespace babelgrad::page {
namespace {

bool is_rule(const std::string& s, std::size_t at) {
  const char c = s[at];
  int count = int(std::count(s.begin(), s.end(), c));
  return (c == '-' || c == '*' || c == '_') && count >= 3 &&
         s.find_first_not_of(std::string(" ") + c) == std::string::npos;
}

bool is_table(const MarkdownLines& lines, std::size_t at) {
  if (lines[at].text.find('|') == std::string::npos || at + 1 >= lines.size()) return false;
  const std::string& below = lines[at + 1].text;
  return below.find('|') != std::string::npos && below.find("--") != std::string::npos &&
         below.find_first_not_of("|:- ") == std::string::npos;
}

bool is_heading(const std::string& s) {
  std::size_t level = std::min(s.find_first_not_of('#'), s.size());
  return level >= 1 && level <= 6 && level < s.size() && s[level] == ' ';
}

std::string stripped(const std::string& s) {
  std::size_t begin = s.find_first_not_of(' ');
  return begin == std::string::npos ? "" : s.substr(begin, s.find_last_not_of(' ') + 1 - begin);
}

}  // namespace

MarkdownLines markdown_lines(const std::string& text) {
  MarkdownLines lines;
  for (std::size_t at = 0, end; at < text.size(); at = end + 1) {
    end = std::min(text.find('\n', at), text.size());
    std::string line;
    for (char c : text.substr(at, end - at)) {
      if (c == '\t') line.append(4 - line.size() % 4, ' ');
      else if (c != '\r') line += c;
    }
    lines.push_back({int(lines.size()) + 1, line});
  }
  return lines;
}

bool is_blank(const std::string& line) { return line.find_first_not_of(' ') == std::string::npos; }

std::size_t indent_of(const std::string& line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

BlockKind block_kind(const MarkdownLines& lines, std::size_t at) {
  const std::string& s = lines[at].text;
  std::size_t in = indent_of(s);
  if (in == s.size()) return BlockKind::blank;
  if (in >= 4) return BlockKind::indented;
  if (s.compare(in, 4, "<!--") == 0) return BlockKind::comment;
  if (s.compare(in, 3, "```") == 0 || s.compare(in, 3, "~~~") == 0) return BlockKind::fence;
  if (is_heading(s)) return BlockKind::heading;
  if (is_rule(s, in)) return BlockKind::rule;
  if (is_table(lines, at)) return BlockKind::table;
  if (item_mark(s).content) return BlockKind::item;
  return s[in] == '>' ? BlockKind::quote : BlockKind::paragraph;
}

bool ends_paragraph(const MarkdownLines& lines, std::size_t at) {
  BlockKind kind = block_kind(lines, at);
  if (kind == BlockKind::item) {                // a number at a line's begin may be just a number
    ItemMark mark = item_mark(lines[at].text);
    return !mark.ordered || mark.number == 1;
  }
  return kind != BlockKind::paragraph && kind != BlockKind::indented;
}

ItemMark item_mark(const std::string& s) {
  std::size_t in = indent_of(s), end = in;
  while (end < s.size() && end < in + 9 && std::isdigit((unsigned char)s[end])) end++;
  bool ordered = end > in;
  const bool marked = end < s.size() && (ordered ? s[end] == '.' || s[end] == ')'
                                                 : s[end] == '-' || s[end] == '*' || s[end] == '+');
  if (!marked || end + 1 >= s.size() || s[end + 1] != ' ') return {false, 0, 0};
  std::size_t content = std::min(s.find_first_not_of(' ', end + 1), s.size());
  if (content > end + 5) content = end + 2;     // an item that begins with indented code
  return {ordered, ordered ? std::stoi(s.substr(in, end - in)) : 0, content};
}

MarkdownLines take_item(const MarkdownLines& lines, std::size_t& at, ItemMark mark, bool& loose) {
  MarkdownLines item = {{lines[at].number, lines[at].text.substr(mark.content)}};
  bool blank = false;
  for (at++; at < lines.size(); at++) {
    const MarkdownLine& line = lines[at];
    if (is_blank(line.text)) {
      blank = true;
      continue;
    }
    bool inside = indent_of(line.text) >= mark.content;
    bool next = block_kind(lines, at) == BlockKind::item;
    if (!inside && next && blank) loose = true;
    if (!inside && (blank || next || ends_paragraph(lines, at))) break;
    if (blank) {
      loose = true;
      item.push_back({line.number - 1, ""});
    }
    blank = false;
    item.push_back({line.number, line.text.substr(std::min(indent_of(line.text), mark.content))});
  }
  return item;
}

std::vector<std::string> table_cells(const std::string& line) {
  std::vector<std::string> cells(1);
  for (std::size_t i = 0; i < line.size(); i++) {
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '|') cells.back() += line[++i];
    else if (line[i] == '|') cells.emplace_back();
    else cells.back() += line[i];
  }
  for (auto& cell : cells) cell = stripped(cell);
  if (cells.size() > 1 && cells.front().empty()) cells.erase(cells.begin());
  if (cells.size() > 1 && stripped(line).ends_with("|")) cells.pop_back();
  return cells;
}

std::vector<std::string> alignments(const std::string& line) {
  std::vector<std::string> out;
  for (const auto& cell : table_cells(line)) {
    bool left = cell.starts_with(":"), right = cell.ends_with(":");
    out.push_back(!right ? "" : left ? "center" : "right");
  }
  return out;
}

std::string escaped_lines(const std::string& text) {
  std::string out;
  for (std::size_t at = 0, end; at < text.size(); at = end + 1) {
    end = std::min(text.find('\n', at), text.size());
    out += escape_markup(text.substr(at, end - at)) + "\n";
  }
  return out;
}

std::string without_tags(const std::string& html) {
  static const std::pair<std::string, std::string> entities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}};
  std::string out;
  for (std::size_t at = 0; at < html.size(); at++) {
    if (html[at] == '<') at = std::min(html.find('>', at), html.size());
    else out += html[at];
  }
  for (const auto& [entity, character] : entities)
    for (std::size_t at = 0; (at = out.find(entity, at)) != std::string::npos; at++)
      out.replace(at, entity.size(), character);
  return out;
}

}  // namespace babelgrad::page
