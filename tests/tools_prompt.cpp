// The prompt in a child process at a pseudo terminal. No clock: the parent waits for what is drawn.
#include "tools/app/cli/prompt.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "data/file.h"
#include "tensor/check.h"
#include "tests/folder.h"
#include "tests/pseudo.h"
#include "tools/app/cli/history.h"
#include "tools/app/cli/raw_terminal.h"
#include "tools/app/cli/signals.h"

using namespace babelgrad;

namespace {

std::string read_some(int fd) {                 // "": the end; a test that waits too long fails
  pollfd waiting = {fd, POLLIN, 0};
  if (::poll(&waiting, 1, 60000) != 1) return "";
  char some[4096];
  ssize_t n = ::read(fd, some, sizeof some);
  return std::string(some, n > 0 ? n : 0);
}

std::string read_all(int fd) {
  std::string all;
  for (std::string some; !(some = read_some(fd)).empty();) all += some;
  ::close(fd);
  return all;
}

bool same(const termios& a, const termios& b) {
  return a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_lflag == b.c_lflag &&
         std::memcmp(a.c_cc, b.c_cc, sizeof a.c_cc) == 0;
}

class Typist {                                  // at a child that reads lines from a prompt
 public:
  Typist(const std::string& history, const char* term = "xterm", bool watch = false) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    before = pseudo.settings();
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) serve(history, term, watch, ends[1]);
    ::close(ends[1]);
    lines_ = ends[0];
  }
  ~Typist() {
    if (child_ > 0) ::kill(child_, SIGKILL), finish();
  }

  void await(std::string_view drawn) {          // and forget what was drawn up to there
    while (seen_.find(drawn) == seen_.npos) {
      std::string some = read_some(pseudo.keyboard);
      if (some.empty()) { FAIL("not drawn: " << drawn); }
      seen_ += some;
    }
    seen_.erase(0, seen_.find(drawn) + drawn.size());
  }
  void type(std::string_view keys) const {
    REQUIRE(::write(pseudo.keyboard, keys.data(), keys.size()) == ssize_t(keys.size()));
  }
  void send(int signal) const { ::kill(child_, signal); }
  int finish() {                                // the child's status
    int status = -1;
    ::waitpid(std::exchange(child_, -1), &status, 0);
    lines = read_all(lines_);
    return status;
  }

  Pseudo pseudo;
  termios before = {};                          // its settings when nobody read from it
  std::string lines;                            // what it read, once it is finished

 private:
  [[noreturn]] void serve(const std::string& history, const char* term, bool watch, int out) {
    ::setenv("TERM", term, 1);
    for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) ::signal(signal, SIG_DFL);
    if (watch) watch_signals();
    Prompt prompt("> ", history, pseudo.terminal, pseudo.terminal);
    for (std::string line; prompt.read(line);)
      if (::write(out, (line + "\n").data(), line.size() + 1) < 0) ::_exit(9);
    ::_exit(watch ? exit_status() : 3);
  }

  pid_t child_;
  int lines_;
  std::string seen_;
};

constexpr std::string_view ready = "> \33[K\r\33[2C";

}  // namespace

TEST_CASE("Prompt: lines typed at a terminal, edited, and the terminal as before") {
  Typist typist("");
  typist.await(ready);
  CHECK_FALSE(typist.pseudo.echoes());
  typist.type("te dog\33[H");
  typist.await("> te dog\33[K\r\33[2C");
  typist.type("\33[Ch\r");
  typist.await("\r\n");
  typist.await(ready);
  typist.type("\33[A été\nnext\r");             // two lines at once
  typist.await("> next\33[K\r\33[6C\r\n");
  typist.await(ready);
  typist.type("lost");
  typist.await("lost");
  typist.type("\x03");
  typist.await(ready);
  typist.type("\x04");
  CHECK(WEXITSTATUS(typist.finish()) == 3);
  CHECK(typist.lines == "the dog\nthe dog été\nnext\n");
  CHECK(same(typist.pseudo.settings(), typist.before));
}

TEST_CASE("Prompt: a signal finds the terminal as it was, and still does its work") {
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    Typist typist("");
    typist.await(ready);
    typist.send(signal);
    int status = typist.finish();
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal);
    CHECK(same(typist.pseudo.settings(), typist.before));
  }
}

TEST_CASE("Prompt: a signal that is only remembered ends the reading") {
  Typist typist("", "xterm", true);
  typist.await(ready);
  typist.send(SIGTERM);
  CHECK(WEXITSTATUS(typist.finish()) == 128 + SIGTERM);
  CHECK(same(typist.pseudo.settings(), typist.before));
}

TEST_CASE("Prompt: a dumb terminal is read plainly") {
  Typist typist("", "dumb");
  typist.type("a dog\n\x04");
  CHECK(WEXITSTATUS(typist.finish()) == 3);
  CHECK(typist.lines == "a dog\n");
  CHECK(typist.pseudo.echoes());
}

TEST_CASE("RawTerminal: an exception leaves the terminal as it was") {
  Pseudo pseudo;
  const termios before = pseudo.settings();
  struct sigaction was = {};
  REQUIRE(sigaction(SIGTERM, nullptr, &was) == 0);
  try {
    RawTerminal raw(pseudo.terminal);
    CHECK_FALSE(pseudo.echoes());
    CHECK_THROWS_WITH_AS(RawTerminal(pseudo.terminal), "RawTerminal: another one lives", Error);
    fail("out of luck");
  } catch (const Error&) {
  }
  CHECK(same(pseudo.settings(), before));
  struct sigaction action = {};
  CHECK((sigaction(SIGTERM, nullptr, &action) == 0 && action.sa_handler == was.sa_handler));
  CHECK_THROWS_AS(RawTerminal(-1), Error);
}

TEST_CASE("Prompt: from a pipe, line by line") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const std::string text = "one\r\n\n\x03 \33[A\nlast";
  REQUIRE(::write(ends[1], text.data(), text.size()) == ssize_t(text.size()));
  ::close(ends[1]);
  Prompt prompt("> ", "", ends[0], 1);
  std::string line;
  for (std::string expected : {"one", "", "\x03 \33[A", "last"}) {
    CHECK(prompt.read(line));
    CHECK(line == expected);
  }
  CHECK_FALSE(prompt.read(line));
  CHECK(line == "");
  ::close(ends[0]);
  CHECK_THROWS_AS(Prompt("", "", -1, 1).read(line), Error);
}

TEST_CASE("Prompt: a line without an end is refused") {
  int fd = ::open("/dev/zero", O_RDONLY);
  REQUIRE(fd >= 0);
  std::string line;
  CHECK_THROWS_WITH_AS(Prompt("", "", fd, 1).read(line),
                       "stdin:1: a line of more than 1048576 bytes", Error);
  ::close(fd);
}

TEST_CASE("Prompt: the history lives in a file") {
  Folder folder;
  const std::string path = folder.path + "/history";
  write_file_atomically(path, "# babelgrad history\nfrom earlier\n\xFF\n");
  Typist typist(path);
  typist.await(ready);
  typist.type("\33[A today\r \r\x04");
  CHECK(WEXITSTATUS(typist.finish()) == 3);
  CHECK(typist.lines == "from earlier today\n \n");
  CHECK(read_file(path) == "# babelgrad history\nfrom earlier\nfrom earlier today\n");
  CHECK(read_history(path) == std::vector<std::string>{"from earlier", "from earlier today"});
}

TEST_CASE("history: missing, empty, foreign and unreadable files") {
  Folder folder;
  const std::string path = folder.path + "/h", foreign = "my only thesis\n";
  CHECK(read_history("").empty());
  CHECK(read_history(path).empty());
  CHECK(read_history(folder.path).empty());
  CHECK_THROWS_AS(add_to_history(folder.path, "a"), Error);
  CHECK_THROWS_AS(add_to_history(folder.path + "/no/h", "a"), Error);
  write_file_atomically(path, foreign);
  CHECK(read_history(path).empty());
  CHECK_FALSE(add_to_history(path, "a"));
  CHECK(read_file(path) == foreign);
  const std::string pipe = folder.path + "/pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);   // nobody waits for it
  CHECK(read_history(pipe).empty());
  CHECK_THROWS_AS(add_to_history(pipe, "a"), Error);
  write_file_atomically(path, "");
  CHECK(add_to_history(path, "a"));
  CHECK(add_to_history(path, std::string(2001, 'x')));
  CHECK(read_file(path) == "# babelgrad history\na\n");
  write_file_atomically(path, "# babelgrad history\na\nb");
  CHECK(read_history(path) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("history: a thousand lines, the newest") {
  Folder folder;
  const std::string path = folder.path + "/h";
  std::string bytes = "# babelgrad history\n";
  for (int i = 0; i < 1005; i++) bytes += join("line ", i, "\n");
  write_file_atomically(path, bytes);
  CHECK(read_history(path).front() == "line 5");
  CHECK(add_to_history(path, "new"));
  CHECK(read_history(path).size() == 1000);
  CHECK(read_history(path).front() == "line 6");
  CHECK(read_history(path).back() == "new");
}
