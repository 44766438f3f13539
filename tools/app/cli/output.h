// stdout is data, stderr is talk; a full disk or a closed pipe behind either is noticed.
#pragma once

#include <string>
#include <string_view>

#include "data/lines.h"
#include "tensor/print.h"

namespace babelgrad {

// For JSON, which is UTF-8: as it is, unless that is none.
std::string as_utf8(const std::string& text);
void say(std::string_view line);                // to stderr, with a line end
void note(std::string_view line);               // the same, unless there is nothing to say
// How the program was called, for commands that are to be typed next; before any call "babelgrad".
void name_program(std::string_view name);
const std::string& program_name();
std::string for_shell(const std::string& word);         // quoted if need be, for such a command
void flush_output();                            // Error if stdout could not take it all
// Lines of stdin, or of what else is open under that number; each is there as soon as it has come.
Lines lines_of_input(int file = 0, Lines::Check check = check_text);
bool stdin_is_terminal();

void check_writable(const std::string& path);   // Error if no file can be made there

}  // namespace babelgrad
