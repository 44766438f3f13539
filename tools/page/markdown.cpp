// Blocks: lines to paragraphs, lists and so on. A list item or a quote holds blocks of its own, and
// what nests deeper than any file of ours is read as paragraphs.
#include "tools/page/markdown.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "data/utf8.h"
#include "tools/app/view/heatmap.h"
#include "tools/page/markdown_lines.h"

namespace babelgrad::page {
namespace {

constexpr int deep = 16;

// GitHub's: lower case, without punctuation, blanks as hyphens.
std::string slug(const std::string& text) {
  std::string id;
  each_code_point(text, [&](int value, std::string_view bytes) {
    if (value == ' ') id += '-';
    else if (value >= 0x2070 || (value >= 0xC0 && value < 0x2000)) id += bytes;
    else if (value == '-' || value == '_' || (value > 0 && value < 0x80 && std::isalnum(value)))
      id += char(std::tolower(value));
  });
  return id.empty() ? "section" : id;
}

class BlockReader {
 public:
  BlockReader(const MarkdownHooks& hooks, Document& document)
      : hooks_(hooks), document_(document) {}

  // tight: paragraphs without <p>, as in a list without blank lines
  std::string html(const MarkdownLines& lines, bool tight, int depth) {
    std::string out;
    for (std::size_t at = 0; at < lines.size();) {
      if (is_blank(lines[at].text)) at++;
      else if (depth > deep) out += paragraph(lines, at, tight);
      else out += block(lines, at, tight, depth);
    }
    return out;
  }

 private:
  std::string block(const MarkdownLines& lines, std::size_t& at, bool tight, int depth) {
    switch (block_kind(lines, at)) {
      case BlockKind::comment: skip_comment(lines, at); return "";
      case BlockKind::fence: return fence(lines, at);
      case BlockKind::indented: return indented(lines, at);
      case BlockKind::heading: return heading(lines[at++]);
      case BlockKind::rule: at++; return "<hr>\n";
      case BlockKind::table: return table(lines, at);
      case BlockKind::item: return list(lines, at, depth);
      case BlockKind::quote: return quote(lines, at, depth);
      default: return paragraph(lines, at, tight);
    }
  }
  std::string text(const std::string& words, int line) { return inline_html(words, line, hooks_); }

  void skip_comment(const MarkdownLines& lines, std::size_t& at) {
    while (at < lines.size() && lines[at++].text.find("-->") == std::string::npos) {}
  }
  std::string code(const std::string& language, const std::string& body) {
    return "<pre>" + (hooks_.fence ? hooks_.fence(language, body) : escaped_lines(body)) +
           "</pre>\n";
  }
  std::string fence(const MarkdownLines& lines, std::size_t& at) {
    const std::string& open = lines[at].text;
    std::size_t indent = indent_of(open), end = open.find_first_not_of(open[indent], indent);
    const std::string mark = open.substr(indent, end - indent);
    std::string info = end == std::string::npos ? "" : open.substr(end), body;
    info.erase(0, info.find_first_not_of(' '));
    for (at++; at < lines.size(); at++) {
      const std::string& line = lines[at].text;
      std::size_t in = indent_of(line);
      if (line.compare(in, mark.size(), mark) == 0 &&
          line.find_first_not_of(mark[0], in) == std::string::npos)
        break;
      body += line.substr(std::min(in, indent)) + "\n";
    }
    if (at < lines.size()) at++;
    return code(info.substr(0, info.find(' ')), body);
  }
  std::string indented(const MarkdownLines& lines, std::size_t& at) {
    std::string body, blank;
    for (; at < lines.size(); at++) {
      if (is_blank(lines[at].text)) blank += "\n";
      else if (indent_of(lines[at].text) < 4) break;
      else {
        body += blank + lines[at].text.substr(4) + "\n";
        blank.clear();
      }
    }
    return code("", body);
  }
  std::string heading(const MarkdownLine& line) {
    std::size_t level = line.text.find_first_not_of('#'),
                end = line.text.find_last_not_of("# ") + 1;
    const std::string html =
        text(line.text.substr(level + 1, std::max(end, level + 1) - level - 1), line.number);
    const std::string base = slug(without_tags(html));
    int before = ids_[base]++;
    const std::string id = before ? base + "-" + std::to_string(before) : base;
    document_.headings.push_back({int(level), id, html});
    const std::string tag = "h" + std::to_string(level);
    return "<" + tag + " id=\"" + escape_markup(id) + "\">" + html + "</" + tag + ">\n";
  }
  std::string paragraph(const MarkdownLines& lines, std::size_t& at, bool tight) {
    std::string words;
    int first = lines[at].number;
    do {
      const std::string& line = lines[at++].text;
      words += (words.empty() ? "" : "\n") + line.substr(indent_of(line));
    } while (at < lines.size() && !ends_paragraph(lines, at));
    words.erase(words.find_last_not_of(" \n") + 1);
    return tight ? text(words, first) + "\n" : "<p>" + text(words, first) + "</p>\n";
  }
  std::string quote(const MarkdownLines& lines, std::size_t& at, int depth) {
    MarkdownLines inner;
    for (; at < lines.size() && block_kind(lines, at) == BlockKind::quote; at++) {
      std::size_t mark = indent_of(lines[at].text) + 1;
      if (mark < lines[at].text.size() && lines[at].text[mark] == ' ') mark++;
      inner.push_back({lines[at].number, lines[at].text.substr(mark)});
    }
    return "<blockquote>\n" + html(inner, false, depth + 1) + "</blockquote>\n";
  }

  std::string list(const MarkdownLines& lines, std::size_t& at, int depth) {
    const ItemMark first = item_mark(lines[at].text);
    std::vector<MarkdownLines> items;
    bool loose = false;
    while (at < lines.size() && block_kind(lines, at) == BlockKind::item) {
      ItemMark mark = item_mark(lines[at].text);
      if (mark.ordered != first.ordered) break;
      items.push_back(take_item(lines, at, mark, loose));
    }
    const std::string tag = first.ordered ? "ol" : "ul";
    const bool counted = first.ordered && first.number != 1;
    std::string out =
        "<" + tag + (counted ? " start=\"" + std::to_string(first.number) + "\"" : "") + ">\n";
    for (const auto& item : items)
      out += "<li" + id_of(item[0].number) + ">" + html(item, !loose, depth + 1) + "</li>\n";
    return out + "</" + tag + ">\n";
  }

  std::string id_of(int line) const {
    const std::string id = hooks_.row_id ? hooks_.row_id(line) : "";
    return id.empty() ? "" : " id=\"" + escape_markup(id) + "\"";
  }
  std::string table(const MarkdownLines& lines, std::size_t& at) {
    const auto align = alignments(lines[at + 1].text);
    std::string out = "<div class=\"table\"><table>\n<thead>" + row(lines[at], align, "th") +
                      "</thead>\n<tbody>\n";
    for (at += 2; at < lines.size() && lines[at].text.find('|') != std::string::npos; at++)
      out += row(lines[at], align, "td");
    return out + "</tbody></table></div>\n";
  }
  std::string row(const MarkdownLine& line, const std::vector<std::string>& align,
                  const std::string& tag) {
    auto cells = table_cells(line.text);
    cells.resize(align.size());
    std::string out = "<tr" + id_of(line.number) + ">";
    for (std::size_t i = 0; i < cells.size(); i++) {
      const std::string style = align[i].empty() ? "" : " class=\"" + align[i] + "\"";
      out += "<" + tag + style + ">" + text(cells[i], line.number) + "</" + tag + ">";
    }
    return out + "</tr>\n";
  }

  const MarkdownHooks& hooks_;
  Document& document_;
  std::map<std::string, int> ids_;
};

}  // namespace

Document read_markdown(const std::string& text, const MarkdownHooks& hooks) {
  Document document;
  document.html = BlockReader(hooks, document).html(markdown_lines(text), false, 0);
  return document;
}

}  // namespace babelgrad::page
