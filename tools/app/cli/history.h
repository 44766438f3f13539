// What was typed at earlier prompts: a file whose first line says what it is, then a line each.
#pragma once

#include <string>
#include <vector>

namespace babelgrad {

// Lines of an earlier prompt, oldest first; none if the file is missing, unreadable or not ours.
std::vector<std::string> read_history(const std::string& path);
// Adds a line, of at most 2000 bytes, and keeps the last 1000. False and untouched: not ours.
// Error: it cannot be written.
bool add_to_history(const std::string& path, const std::string& line);

}  // namespace babelgrad
