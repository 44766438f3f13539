// Asking for a line: at a terminal with editing and a history, anywhere else plainly.
#pragma once

#include <termios.h>

#include <string>
#include <string_view>
#include <vector>

#include "tools/line_editor.h"

namespace babelgrad {

// While it lives, the terminal hands over every key at once and shows none. It is as before when
// this goes, and also when SIGINT, SIGTERM, SIGHUP or SIGQUIT comes: the signal then does what it
// would have done. One at a time. Error: `fd` is no terminal.
class RawTerminal {
 public:
  explicit RawTerminal(int fd);
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;

  // Waits, then adds what was typed to `bytes`. False: no more comes, or a signal did.
  bool read(std::string& bytes);

 private:
  int fd_;
};

// Lines of an earlier prompt, oldest first; none if the file is missing, unreadable or not ours.
std::vector<std::string> read_history(const std::string& path);
// Adds a line, of at most 2000 bytes, and keeps the last 1000. False and untouched: not ours.
// Error: it cannot be written.
bool add_to_history(const std::string& path, const std::string& line);

class Prompt {
 public:
  // history_file "": none. in and out: file descriptors.
  Prompt(std::string mark, std::string history_file, int in = 0, int out = 1);
  Prompt(const Prompt&) = delete;

  // False: the end, by Ctrl-D, a second Ctrl-C, a signal or the end of the file. Where in or out is
  // no terminal, or TERM is dumb, it reads plainly: Error past 1 MiB, or if it cannot be read.
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
};

}  // namespace babelgrad
