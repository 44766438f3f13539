#include "tools/page/site_index.h"

#include <algorithm>
#include <cctype>

#include "tensor/check.h"
#include "tools/app/view/heatmap.h"
#include "tools/page/paint.h"
#include "tools/page/source_page.h"

namespace babelgrad::page {
namespace {

std::string lower(std::string s) {
  for (char& c : s) c = char(std::tolower((unsigned char)c));
  return s;
}

// Name (as written) -> where, in an order that does not mind capitals.
std::map<std::pair<std::string, std::string>, std::set<Place>> entries(const Names& names) {
  std::map<std::pair<std::string, std::string>, std::set<Place>> out;
  for (const NamedDefinition& named : names.all()) {
    if (room_of(named.place.path) == "tests" || named.definition->name == "fields") continue;
    const std::string name = named.full_name();
    out[{lower(name), name}].insert(named.place);
  }
  return out;
}

std::string initial(const std::string& name) {
  return std::isalpha((unsigned char)name[0])
             ? std::string(1, char(std::toupper((unsigned char)name[0])))
             : "other";
}

std::string entry_html(const std::string& name, const std::set<Place>& places,
                       const Linker& linker) {
  std::string out = "<li><code>" + escape_markup(name) + "</code>";
  for (const Place& place : places)
    out += " " +
           link_html(linker.place(place), escape_markup(join(place.path, ":", place.line)), "at");
  return out + "</li>\n";
}

}  // namespace

std::string site_contents(const std::vector<Page>& pages, const Linker& linker) {
  std::string out =
      "<section class=\"toc\"><h2 id=\"the-whole-by-chapter\">The whole, by chapter</h2>\n<dl>\n";
  std::string folder;
  for (const Page& page : pages) {
    if (page.room.empty()) continue;
    const std::string own = page.from.substr(0, page.from.find_last_of('/'));
    const std::string link = link_html(linker.page(page.path), escape_markup(page.title));
    const bool chapter = page.path == page.room + "/index.html";
    if (own != folder)
      out += (folder.empty() ? "" : "</dd>\n") + std::string("<dt>") +
             (chapter ? link : escape_markup(own)) + "</dt><dd>";
    if (!chapter) out += link + " ";
    folder = own;
  }
  return out + (folder.empty() ? "" : "</dd>\n") + "</dl></section>\n";
}

std::string room_contents(const std::vector<Page>& pages, const std::string& room,
                          const Linker& linker) {
  std::string out =
      "<section class=\"files\"><h2 id=\"the-files\">The files, in reading order</h2>\n<dl>\n";
  for (const Page& page : pages) {
    const Source* source = linker.atlas().house.source(page.from);
    if (page.room != room || !source) continue;
    const std::string name = page.from.substr(room.size() + 1);
    out += "<dt>" + link_html(linker.page(page.path), escape_markup(name)) + "</dt><dd>" +
           comment_html(first_sentence(*source), 1, linker) + "</dd>\n";
  }
  return out + "</dl></section>\n";
}

std::string definitions_html(const Linker& linker) {
  std::string letters, body, letter;
  for (const auto& [key, places] : entries(linker.atlas().names)) {
    const std::string& name = key.second;
    if (initial(name) != letter) {
      if (!letter.empty()) body += "</ul>\n";
      letter = initial(name);
      letters += link_html("#" + letter, letter == "other" ? "~" : letter) + " ";
      body += "<h2 id=\"" + letter + "\">" + (letter == "other" ? "~" : letter) + "</h2>\n<ul>\n";
    }
    body += entry_html(name, places, linker);
  }
  return "<h1>Definitions</h1>\n<p class=\"letters\">" + letters +
         "</p>\n<div class=\"definitions\">" + body + (letter.empty() ? "" : "</ul>") + "</div>\n";
}

}  // namespace babelgrad::page
