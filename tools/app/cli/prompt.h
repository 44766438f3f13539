// Asking for a line: at a terminal with editing and a history, anywhere else plainly.
#pragma once

#include <string>
#include <string_view>

#include "data/lines.h"
#include "tools/app/cli/line_editor.h"

namespace babelgrad {

class Prompt {
 public:
  // history_file "": none. in and out: file descriptors.
  Prompt(std::string mark, std::string history_file, int in = 0, int out = 1);
  Prompt(const Prompt&) = delete;

  // False: the end, by Ctrl-D, a second Ctrl-C, a signal or the end of the file. Where in or out is
  // no terminal, or TERM is dumb, it reads plainly. Error: see Lines.
  bool read(std::string& line);

 private:
  bool read_plain(std::string& line);
  Typed edit();
  void keep(const std::string& line);
  void write(std::string_view bytes) const;

  std::string mark_, history_file_;
  int in_, out_;
  LineEditor editor_;
  std::string ahead_;                           // typed, but not taken yet
  Lines plain_;
};

}  // namespace babelgrad
