#include "tools/app/cli/prompt.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "tensor/check.h"
#include "tools/app/cli/history.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/raw_terminal.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad {

Prompt::Prompt(std::string mark, std::string history_file, int in, int out)
    : mark_(std::move(mark)), history_file_(std::move(history_file)), in_(in), out_(out),
      editor_(read_history(history_file_)), plain_(lines_of_input(in_, [](auto, auto, Index) {})) {}

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
  if (::isatty(in_)) std::fputs(printable(mark_).c_str(), stderr);
  return plain_.next(line);
}

void Prompt::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    ssize_t n = ::write(out_, bytes.data(), bytes.size());
    if (n > 0) bytes.remove_prefix(n);
    else if (errno != EINTR) return;            // the next read finds that nobody is there
  }
}

}  // namespace babelgrad
