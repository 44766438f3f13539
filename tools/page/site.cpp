// Pages in the order of reading, each within the same frame.
#include "tools/page/site.h"

#include <algorithm>

#include "data/file.h"
#include "tensor/check.h"
#include "tools/app/view/heatmap.h"
#include "tools/page/frame.h"
#include "tools/page/markdown_lines.h"
#include "tools/page/paint.h"
#include "tools/page/site_index.h"
#include "tools/page/source_page.h"

namespace babelgrad::page {
namespace {

const char* const explorer_page = "figures/attention.html";

class SiteBuilder {
 public:
  SiteBuilder(const House& house, bool explorer)
      : house_(house), atlas_(house), explorer_(explorer) {}

  Site build() {
    plan();
    for (std::size_t i = 0; i < pages_.size(); i++) write(i);
    site_.files["style.css"] = site_style;
    add_other_files();
    return site_;
  }

 private:
  // README; each room's chapter and files; what is left of the documents; the index.
  void plan() {
    pages_.push_back({"README.md", "index.html", "babelgrad", ""});
    for (const auto& room : rooms(house_)) {
      pages_.push_back({room + "/README.md", room + "/index.html", room, room});
      for (const auto& path : reading_order(house_, room))
        pages_.push_back({path, page_of(path), base_name(path), room});
    }
    std::set<std::string> planned;
    for (const Page& page : pages_) planned.insert(page.from);
    for (const auto& [path, text] : house_.documents)
      if (!planned.count(path))
        pages_.push_back({path, page_of(path), stem_of(path), room_of(path)});
    for (const Source& source : house_.sources)
      if (room_of(source.path).empty())
        pages_.push_back({source.path, page_of(source.path), source.path, ""});
    pages_.push_back({"definitions", definitions_page, "Definitions", ""});
  }

  void write(std::size_t i) {
    const Page& page = pages_[i];
    const Linker linker(atlas_, page.from);
    FrameLinks links{pages_, i, explorer_ ? explorer_page : ""};
    site_.files[page.path] = framed(page, content(page, linker), links, linker);
  }
  std::string content(const Page& page, const Linker& linker) {
    if (page.path == definitions_page) return article("", definitions_html(linker));
    if (const Source* source = house_.source(page.from))
      return "<main class=\"source\">\n" + source_title(page) + source_html(*source, linker) +
             "</main>\n";
    std::string html = document_html(page, linker), after;
    if (page.path == "index.html") after = site_contents(pages_, linker);
    else if (page.from == page.room + "/README.md")
      after = room_contents(pages_, page.room, linker);
    return article(html, after);
  }
  std::string article(const std::string& html, const std::string& after) {
    return "<main class=\"text\">\n" + html + after + "</main>\n";
  }
  std::string source_title(const Page& page) {
    const std::string folder = page.from.substr(0, page.from.size() - base_name(page.from).size());
    return "<h1><span class=\"folder\">" + escape_markup(folder) + "</span>" +
           escape_markup(page.title) + "</h1>\n";
  }

  std::string document_html(const Page& page, const Linker& linker) {
    const std::string* text = house_.document(page.from);
    if (!text) return "<h1>" + escape_markup(page.title) + "</h1>\n";
    MarkdownHooks hooks;
    hooks.link = [&](const std::string& target, int line) { return address(linker, target, line); };
    hooks.code = [&](const std::string& code) { return code_span_html(code, linker); };
    hooks.fence = [&](const std::string& language, const std::string& code) {
      return language == "cpp" ? painted_code(code, linker) : escaped_lines(code);
    };
    const MapRows& rows = page.from == "BOOK.md" ? atlas_.book : atlas_.departures;
    const bool map = page.from == "BOOK.md" || page.from == "DEPARTURES.md";
    hooks.row_id = [&](int line) {
      const MapRow* row = map ? rows.at_line(line) : nullptr;
      return row ? row->id : "";
    };
    return read_markdown(*text, hooks).html;
  }
  std::string address(const Linker& linker, const std::string& target, int line) {
    try {
      return linker.target(target, line);
    } catch (const Error& error) {
      site_.problems.push_back(error.what());
      return "";
    }
  }
  // Files of the house that a page leads to and that have none of their own.
  void add_other_files() {
    Files others;
    for (const auto& [path, html] : site_.files)
      for (const std::string& target : targets_of(path, html)) {
        const std::string to = target.substr(0, target.find('#'));
        if (site_.files.count(to) || !house_.has_file(to)) continue;
        others[to] = read_file(house_.root + "/" + to);
      }
    site_.files.merge(others);
  }

  const House& house_;
  Atlas atlas_;
  bool explorer_;
  std::vector<Page> pages_;
  Site site_;
};

}  // namespace

Site build_site(const House& house, const std::string& explorer) {
  Site site = SiteBuilder(house, !explorer.empty()).build();
  if (!explorer.empty()) site.files[explorer_page] = explorer;
  return site;
}

}  // namespace babelgrad::page
