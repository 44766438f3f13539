// Markdown to HTML, as far as this house's files go: headings, paragraphs, fences, indented code,
// tables, lists, quotes, code, emphasis, links, images, escapes. HTML in a file is text like any
// other, but for comments, which are left out.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace babelgrad::page {

struct Heading {
  int level;                                    // 1 .. 6
  std::string id, html;                         // the id is GitHub's
};

// What the reader of Markdown leaves to the page it writes for. All of them return HTML but `link`.
struct MarkdownHooks {
  // Where a link or image in this line of the file leads; "": nowhere, only its text is written.
  std::function<std::string(const std::string& target, int line)> link = nullptr;
  std::function<std::string(const std::string& code)> code = nullptr;       // between ` and `
  std::function<std::string(const std::string& language, const std::string& code)> fence = nullptr;
  std::function<std::string(int line)> row_id = nullptr;   // of a table's row or an item; "": none
};

struct Document {
  std::string html;
  std::vector<Heading> headings;                // in order
};

Document read_markdown(const std::string& text, const MarkdownHooks& hooks = {});

// A paragraph's text; `line` is that of its first character.
std::string inline_html(const std::string& text, int line, const MarkdownHooks& hooks);

}  // namespace babelgrad::page
