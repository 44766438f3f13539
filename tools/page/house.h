// What the site is made from: the sources and documents of the house, in the order they are read.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tools/checks/source.h"

namespace babelgrad::page {

using checks::Definition, checks::Source, checks::SourceLine;

struct Place {
  std::string path;                             // from the root; "": nowhere
  int line = 0;                                 // 0: the file as a whole
  explicit operator bool() const { return !path.empty(); }
  auto operator<=>(const Place&) const = default;
};

struct House {
  std::string root;
  std::vector<Source> sources;                  // by path
  std::map<std::string, std::string> documents; // every .md: path -> text

  const Source* source(const std::string& path) const;
  const std::string* document(const std::string& path) const;
  bool has_file(const std::string& path) const;       // any file in it; nothing outside the root
};

House read_house(const std::string& root);      // Error if there is no README.md

std::string room_of(const std::string& path);   // "tensor"; "" for files of the root
std::string base_name(const std::string& path);
std::string stem_of(const std::string& path);   // without the extension: "tools/args"
std::vector<std::string> rooms(const House& house);   // in the order of learning

// Paths of a room's sources: as its README.md names them (under the heading on their order, then
// elsewhere), else as the root's does; a source follows its header; the rest comes after, by name.
std::vector<std::string> reading_order(const House& house, const std::string& room);

struct TestCase {
  Place place;
  std::string title;
  int end;                                      // its last line
};
std::vector<TestCase> test_cases(const Source& source);

}  // namespace babelgrad::page
