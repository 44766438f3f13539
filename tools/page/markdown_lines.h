// What a line of Markdown begins: the reading of single lines behind read_markdown().
#pragma once

#include <string>
#include <vector>

namespace babelgrad::page {

struct MarkdownLine {
  int number;                                   // in the file, from 1
  std::string text;                             // tabs as spaces, to the next multiple of 4
};
using MarkdownLines = std::vector<MarkdownLine>;

enum class BlockKind {
  blank, comment, fence, indented, heading, rule, table, item, quote, paragraph
};

struct ItemMark {
  bool ordered;
  int number;                                   // of an ordered item
  std::size_t content;                          // column of its text; 0: this is no item
};

MarkdownLines markdown_lines(const std::string& text);
bool is_blank(const std::string& line);
std::size_t indent_of(const std::string& line);
BlockKind block_kind(const MarkdownLines& lines, std::size_t at);
bool ends_paragraph(const MarkdownLines& lines,
                    std::size_t at);  // the one that the lines above are
ItemMark item_mark(const std::string& line);
// The item's lines from `at` on, without their indentation; loose: blank lines stand between blocks
// of it, or before the next item.
MarkdownLines take_item(const MarkdownLines& lines, std::size_t& at, ItemMark mark, bool& loose);

std::vector<std::string> table_cells(const std::string& line);   // \| is a | within one
std::vector<std::string> alignments(const std::string& line);    // "", "center" or "right" each

std::string escaped_lines(const std::string& text);   // as HTML; line ends stay
std::string without_tags(const std::string& html);    // the text of it

}  // namespace babelgrad::page
