#include "tools/prompt.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "nn/file.h"
#include "tensor/check.h"
#include "tensor/utf8.h"
#include "tools/output.h"
#include "tools/terminal.h"

namespace babelgrad {
namespace {

// --- what a signal handler needs

constexpr int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
constexpr int endings = std::size(ending);

struct {
  int fd = -1;
  termios settings;                             // those to come back to
  struct sigaction action[endings];
  volatile sig_atomic_t ours[endings];          // action i is in store, ours in its place
  int came[2] = {-1, -1};                       // a pipe: a byte in it wakes the one who waits
} before;

void give_back(int i) {
  if (before.ours[i]) sigaction(ending[i], &before.action[i], nullptr);
  before.ours[i] = 0;
}

// Raised again, the signal acts as before as soon as this returns.
void restore(int signal) {
  const int error = errno;
  tcsetattr(before.fd, TCSANOW, &before.settings);
  for (int i = 0; i < endings; i++)
    if (ending[i] == signal) give_back(i);
  if (::write(before.came[1], "", 1) < 0) {}    // full: it wakes anyway
  raise(signal);
  errno = error;
}

void take_signals() {
  struct sigaction action = {};
  action.sa_handler = restore;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < endings; i++) {
    before.ours[i] = sigaction(ending[i], nullptr, &before.action[i]) == 0 &&
                     before.action[i].sa_handler != SIG_IGN;
    if (before.ours[i]) sigaction(ending[i], &action, nullptr);
  }
}

// --- the history: a first line that says whose file it is, then one line each

constexpr std::string_view title = "# babelgrad history";
constexpr std::size_t longest_kept = 2000;

// False: there is a file, but not one of ours.
bool find_history(const std::string& path, std::vector<std::string>& lines) {
  if (!exists(path)) return true;
  std::string bytes = read_file(path, Index(4) << 20);
  if (bytes.empty()) return true;
  if (bytes.back() != '\n') bytes += '\n';
  std::string line;
  bool first = true;
  for (char c : bytes) {
    if (c != '\n') { line += c; continue; }
    if (first && line != title) return false;
    if (!std::exchange(first, false) && invalid_utf8(line) < 0) lines.push_back(line);
    line.clear();
  }
  return true;
}

}  // namespace

RawTerminal::RawTerminal(int fd) : fd_(fd) {
  check(before.fd < 0, "RawTerminal: another one lives");
  check(tcgetattr(fd, &before.settings) == 0, "RawTerminal: ", fd, " is no terminal");
  check(::pipe(before.came) == 0, "RawTerminal: ", std::strerror(errno));
  for (int end : before.came) ::fcntl(end, F_SETFD, FD_CLOEXEC), ::fcntl(end, F_SETFL, O_NONBLOCK);
  termios raw = before.settings;
  raw.c_lflag &= ~(ICANON | ECHO | ISIG | IEXTEN);
  raw.c_iflag &= ~(IXON | ISTRIP);
  raw.c_cc[VMIN] = 1, raw.c_cc[VTIME] = 0;
  before.fd = fd;
  take_signals();
  tcsetattr(fd, TCSADRAIN, &raw);
}

RawTerminal::~RawTerminal() {
  tcsetattr(fd_, TCSADRAIN, &before.settings);
  for (int i = 0; i < endings; i++) give_back(i);
  before.fd = -1;
  for (int end : before.came) ::close(end);
}

bool RawTerminal::read(std::string& bytes) {
  while (true) {
    pollfd waiting[] = {{fd_, POLLIN, 0}, {before.came[0], POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0 && errno != EINTR) return false;
    if (waiting[1].revents != 0) return false;
    if (waiting[0].revents == 0) continue;
    char some[4096];
    ssize_t n = ::read(fd_, some, sizeof some);
    if (n > 0) bytes.append(some, n);
    if (n > 0 || n == 0 || (errno != EINTR && errno != EAGAIN)) return n > 0;
  }
}

std::vector<std::string> read_history(const std::string& path) {
  std::vector<std::string> lines;
  try {
    if (!path.empty() && find_history(path, lines)) return LineEditor(lines).history();
  } catch (const Error&) {                      // unreadable, or a folder
  }
  return {};
}

bool add_to_history(const std::string& path, const std::string& line) {
  std::vector<std::string> lines;               // another prompt may have added some
  if (!find_history(path, lines)) return false;
  if (line.size() > longest_kept) return true;
  lines.push_back(line);
  std::string bytes = join(title, "\n");
  const LineEditor editor(lines);
  for (const std::string& kept : editor.history()) bytes += kept + "\n";
  write_file_atomically(path, bytes);
  return true;
}

Prompt::Prompt(std::string mark, std::string history_file, int in, int out)
    : mark_(std::move(mark)), history_file_(std::move(history_file)), in_(in), out_(out),
      editor_(read_history(history_file_)) {}

bool Prompt::read(std::string& line) {
  line.clear();
  if (!::isatty(in_) || !screen(out_).live) return read_plain(line);
  std::fflush(stdout);
  editor_.begin();
  Typed typed;
  while ((typed = edit()) == Typed::suspend) ::kill(0, SIGTSTP);   // goes on here, some day
  if (typed == Typed::end) return false;
  line = editor_.line();
  keep(line);
  return true;
}

// Until the line is complete, or something else is to be done with the terminal as it was.
Typed Prompt::edit() {
  RawTerminal terminal(in_);
  Typed typed = Typed::nothing;
  while (typed == Typed::nothing) {
    if (ahead_.empty()) {
      write(editor_.drawing(mark_, terminal_width(out_)));
      if (!terminal.read(ahead_)) typed = Typed::end;
    }
    std::size_t used = 0;
    while (typed == Typed::nothing && used < ahead_.size()) typed = editor_.take(ahead_[used++]);
    ahead_.erase(0, used);
  }
  write(editor_.drawing(mark_, terminal_width(out_)) + "\n");
  return typed;
}

// What cannot be kept for the next prompt is kept for this one.
void Prompt::keep(const std::string& line) {
  editor_.remember(line);
  if (history_file_.empty()) return;
  try {
    if (add_to_history(history_file_, line)) return;
    say(join("note: ", printable(history_file_), " is no history of babelgrad's; not written"));
  } catch (const Error& error) {
    say(join("note: ", error.what()));
  }
  history_file_.clear();
}

bool Prompt::read_plain(std::string& line) {
  constexpr std::size_t limit = 1 << 20;
  if (::isatty(in_)) std::fputs(printable(mark_).c_str(), stderr);
  std::size_t end;
  while ((end = ahead_.find('\n')) == ahead_.npos) {
    check(ahead_.size() <= limit, "stdin: a line of more than ", limit, " bytes");
    char some[4096];
    ssize_t n = ::read(in_, some, sizeof some);
    if (n < 0 && errno == EINTR) continue;
    check(n >= 0, "stdin: ", std::strerror(errno));
    if (n == 0) break;
    ahead_.append(some, n);
  }
  bool more = !ahead_.empty();
  line = ahead_.substr(0, end);
  ahead_.erase(0, end == ahead_.npos ? end : end + 1);
  check(line.size() <= limit, "stdin: a line of more than ", limit, " bytes");
  if (end != ahead_.npos && line.ends_with('\r')) line.pop_back();
  return more;
}

void Prompt::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    ssize_t n = ::write(out_, bytes.data(), bytes.size());
    if (n > 0) bytes.remove_prefix(n);
    else if (errno != EINTR) return;            // the next read finds that nobody is there
  }
}

}  // namespace babelgrad
