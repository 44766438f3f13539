// The maps that `make maps` writes, BOOK.md and DEPARTURES.md, read back: which row is about
// which section, equation and line, so that each line can lead to its row as the row leads to it.
#pragma once

#include "tools/page/house.h"

namespace babelgrad::page {

struct MapRow {                                 // of a table, or an item of a list that has links
  int line;                                     // of the map's file
  std::string id;                               // on its page: "s11.7.3", then "s11.7.3-2"
  std::string section;                          // "11.7.3"; "" if neither it nor a heading has one
  std::vector<Place> places;                    // links to lines of the code
  std::vector<Place> tests;                     // links into tests/
  std::vector<std::string> equations;           // "11.3.6"
};

class MapRows {
 public:
  MapRows() = default;
  explicit MapRows(const std::string& markdown);

  const std::vector<MapRow>& rows() const { return rows_; }
  const MapRow* at_line(int line) const;        // of the map's file; null: no row
  const MapRow* at(const std::string& path, int begin, int end) const;   // about these lines
  // The row of a section for what stands at this line or below it, else its first row, else the
  // first of a part of it, else that of the section it is part of. Null: none of them is there.
  const MapRow* of_section(std::string section, const Place& near) const;
  const MapRow* of_equation(const std::string& number) const;

 private:
  std::vector<MapRow> rows_;
};

// "11.7.3" at this place in s: digits with at least one point between them; "" if there is none.
std::string section_number(const std::string& s, std::size_t at);

// path#L42 and path, `..` and a beginning `./` resolved against the folder of `from`.
Place target_place(const std::string& target, const std::string& from);

}  // namespace babelgrad::page
