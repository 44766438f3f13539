#include "tools/app/cli/raw_terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iterator>

#include "tensor/check.h"

namespace babelgrad {
namespace {

// What a signal handler needs.
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

}  // namespace babelgrad
