// Addresses within the site: everything a page can lead to, and how one page leads there.
#pragma once

#include <set>

#include "tools/page/map_rows.h"
#include "tools/page/markdown.h"
#include "tools/page/names.h"

namespace babelgrad::page {

struct Atlas {                                  // what all pages know
  explicit Atlas(const House& house);

  const House& house;
  Names names;
  MapRows book, departures;                     // empty if the house has no such file
  std::map<std::string, std::set<std::string>> headings;   // of each document: ids
  std::map<std::string, std::set<std::string>> variables;  // of each source: what it declares
  std::vector<TestCase> tests;
  std::map<std::string, std::vector<std::size_t>> tests_by_word;   // "relu(" is a call of it

  // Of a definition, at most two: as the book's map says, else those whose titles name it, else one
  // of its room's that uses it.
  std::vector<TestCase> tests_of(const NamedDefinition& named) const;
};

// models/bahdanau.h -> models/bahdanau.h.html; models/README.md -> models/index.html
std::string page_of(const std::string& path);

class Linker {
 public:
  // from: the file whose page this is, or the page's own name
  Linker(const Atlas& atlas, std::string from) : atlas_(&atlas), from_(std::move(from)) {}

  const Atlas& atlas() const { return *atlas_; }
  const std::string& from() const { return from_; }
  // All of these: relative addresses, "" for nowhere.
  std::string page(const std::string& page) const;
  std::string place(const Place& place) const;
  std::string file(const std::string& name) const;      // a path, or a name only one file has
  std::string name(const std::string& name, const std::string& qualifier, bool call) const;
  std::string section(const std::string& number, int line) const;
  std::string equation(const std::string& number, int line) const;
  std::string departure(int line) const;
  // Of a Markdown link. Error `file:line: link to ... ` if the house has no such thing.
  std::string target(const std::string& target, int line) const;

 private:
  void check_heading(const std::string& document, const std::string& id,
                     const std::string& where) const;

  const Atlas* atlas_;
  std::string from_;
};

}  // namespace babelgrad::page
