#include "tools/page/frame.h"

#include "tensor/check.h"
#include "tools/app/view/heatmap.h"
#include "tools/page/paint.h"
#include "tools/page/site.h"

namespace babelgrad::page {
namespace {

std::string item(const std::string& address, const std::string& text, bool here) {
  return "<li><a" + std::string(here ? " aria-current=\"true\"" : "") + " href=\"" +
         escape_markup(address) + "\">" + escape_markup(text) + "</a></li>";
}

std::string top(const Page& page, const FrameLinks& links, const Linker& linker) {
  std::string chapters, maps;
  for (const auto& room : rooms(linker.atlas().house))
    chapters += item(linker.page(room + "/index.html"), room, page.room == room);
  const std::pair<const char*, const char*> others[] = {
      {"BOOK.md", "Book"}, {"DEPARTURES.md", "Departures"}, {"QUESTIONS.md", "Questions"}};
  for (const auto& [path, title] : others)
    if (linker.atlas().house.document(path))
      maps += item(linker.page(page_of(path)), title, page.from == path);
  maps += item(linker.page(definitions_page), "Definitions", page.path == definitions_page);
  if (!links.explorer.empty()) maps += item(linker.page(links.explorer), "Attention", false);
  return "<header><a class=\"home\" href=\"" + linker.page("index.html") + "\">babelgrad</a>" +
         "<nav aria-label=\"Chapters\"><ul>" + chapters + "</ul><ul class=\"maps\">" + maps +
         "</ul></nav></header>\n";
}

std::string step(const Page& page, const char* kind, const Linker& linker) {
  std::string title = page.path == "index.html" ? "The beginning" : page.title;
  if (page.from.ends_with(".h") || page.from.ends_with(".cpp")) title = page.from;
  return "<a class=\"" + std::string(kind) + "\" rel=\"" + kind + "\" href=\"" +
         escape_markup(linker.page(page.path)) + "\">" + escape_markup(title) + "</a>";
}

std::string bottom(const FrameLinks& links, const Linker& linker) {
  std::string out = "<footer><nav aria-label=\"Neighbours\">";
  if (links.at > 0) out += step(links.pages[links.at - 1], "prev", linker);
  if (links.at + 1 < links.pages.size()) out += step(links.pages[links.at + 1], "next", linker);
  return out + "</nav></footer>\n";
}

}  // namespace

std::string framed(const Page& page, const std::string& content, const FrameLinks& links,
                   const Linker& linker) {
  const bool home = page.path == "index.html";
  const std::string title = home ? "babelgrad" : page.title + " · babelgrad";
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
         "'self' file:; "
         "img-src 'self' file:; base-uri 'none'; form-action 'none'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" +
         escape_markup(title) + "</title>\n<link rel=\"stylesheet\" href=\"" +
         linker.page("style.css") + "\">\n</head>\n<body>\n" + top(page, links, linker) + content +
         bottom(links, linker) + "</body>\n</html>\n";
}

std::vector<std::string> targets_of(const std::string& path, const std::string& html) {
  std::vector<std::string> targets;
  for (const std::string mark : {" href=\"", " src=\""})
    for (std::size_t at = html.find(mark); at != html.npos; at = html.find(mark, at)) {
      at += mark.size();
      const std::string address = html.substr(at, html.find('"', at) - at);
      if (address.find(':') != address.npos) continue;
      std::size_t hash = address.find('#');
      const std::string id = hash == address.npos ? "" : address.substr(hash);
      targets.push_back(target_place(address.substr(0, hash), path).path + id);
    }
  return targets;
}

void check_links(const Files& files) {
  std::map<std::string, std::set<std::string>> ids;
  for (const auto& [path, html] : files)
    for (std::size_t at = html.find(" id=\""); at != html.npos; at = html.find(" id=\"", at + 5))
      check(ids[path].insert(html.substr(at + 5, html.find('"', at + 5) - at - 5)).second,
            "page: ", path, ": two elements with ", html.substr(at + 1, 24));
  for (const auto& [path, html] : files) {
    if (!path.ends_with(".html") || path.starts_with("figures/")) continue;
    for (const auto& target : targets_of(path, html)) {
      std::size_t hash = target.find('#');
      const std::string to = target.substr(0, hash);
      check(files.count(to), "page: ", path, " leads to ", target, ", which is not there");
      check(hash == target.npos || ids[to].count(target.substr(hash + 1)), "page: ", path,
            " leads to ", target, ", and there is no such place on that page");
    }
  }
}

}  // namespace babelgrad::page
