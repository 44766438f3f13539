// A pseudo terminal, for tests of what a program does at one.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>

struct Pseudo {                                 // a terminal; 'keyboard' is our end of it
  int keyboard, terminal = -1;

  Pseudo() : keyboard(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (keyboard < 0 || grantpt(keyboard) != 0 || unlockpt(keyboard) != 0) return;
    terminal = ::open(ptsname(keyboard), O_RDWR | O_NOCTTY | O_CLOEXEC);
  }
  ~Pseudo() { ::close(terminal), ::close(keyboard); }
  Pseudo(const Pseudo&) = delete;

  termios settings() const {
    termios now = {};
    REQUIRE(tcgetattr(terminal, &now) == 0);
    return now;
  }
  bool echoes() const { return settings().c_lflag & ECHO; }
};
