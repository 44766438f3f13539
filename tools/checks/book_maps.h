// The generated files.
#pragma once

#include <string>

#include "tools/checks/book_house.h"

namespace babelgrad::checks {

inline const char* const book_map = "BOOK.md";
inline const char* const departures_map = "DEPARTURES.md";
inline const char* const places_map = "tools/places.cpp";

std::string book_text(const House& house);
std::string departures_text(const House& house);
std::string places_text(const House& house);

// Of Markdown: a link to a line, and words that may hold *, |, [ or <, or code between ` and `.
std::string linked(const std::string& words, const std::string& file, int line);
std::string escaped(const std::string& words);

}  // namespace babelgrad::checks
