// A terminal key by key, and as it was again whatever ends the program.
#pragma once

#include <string>

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

}  // namespace babelgrad
