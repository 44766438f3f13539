// stdout is data, stderr is talk; a full disk or a closed pipe behind either is noticed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

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
void flush_output();                            // Error if stdout could not take it all
// Lines of stdin, or of what else is open under that number; each is there as soon as it has come.
Lines lines_of_input(int file = 0, Lines::Check check = check_text);
bool stdin_is_terminal();

// Before any work: may a command write to `out`? UsageError if it is one of the files `read`, or in
// one of the folders `read` what train wrote there; "" and what is missing is passed over. Error if
// no file can be made there. `out` "": nothing is to be written.
void check_not_read(std::string_view command, const std::string& out,
                    const std::vector<std::string>& read);

}  // namespace babelgrad
