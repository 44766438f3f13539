// stdout is data, stderr is talk; a full disk or a closed pipe behind either is noticed.
#pragma once

#include <string>
#include <string_view>

namespace babelgrad {

void print(std::string_view line);              // to stdout, with a line end
void say(std::string_view line);                // to stderr, with a line end
void flush_output();                            // Error if stdout could not take it all
bool read_line(std::string& line);              // from stdin; false at the end. Error past 1 MiB
bool stdin_is_terminal();

}  // namespace babelgrad
