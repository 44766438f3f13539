#include "tools/app/cli/terminal.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>

#include "tests/pseudo.h"
#include "tools/app/cli/guarded.h"

using namespace babelgrad;

namespace {

class Environment {                             // a variable changed for one scope; null: unset
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old, was_set_ = true;
    value ? setenv(name, value, 1) : unsetenv(name);
  }
  ~Environment() { was_set_ ? setenv(name_, old_.c_str(), 1) : unsetenv(name_); }

 private:
  const char* name_;
  std::string old_;
  bool was_set_ = false;
};

struct Pipe {                                   // what is written to `in` comes out of read_all()
  int out, in;
  Pipe() {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    out = ends[0], in = ends[1];
  }
  ~Pipe() { close(out); }
  std::string read_all() {
    close(in);
    std::string all;
    char buffer[4096];
    for (ssize_t n; (n = read(out, buffer, sizeof buffer)) > 0;) all.append(buffer, n);
    return all;
  }
};

bool has_handler(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == handler;
}

Screen live_on(int fd, int width = 80) { return {fd, true, false, true, width}; }

const TrainingProgress third = {3, 30, 0.5625, 0.41, 9800, 21};

}  // namespace

TEST_CASE("duration: minutes, hours, never negative") {
  struct { double seconds; const char* text; } const cases[] = {
      {0, "0:00"},       {21, "0:21"},        {59.7, "1:00"},       {3599.4, "59:59"},
      {3600, "1:00:00"}, {3723, "1:02:03"},   {360000, "100:00:00"}, {-5, "0:00"},
      {-1e300, "0:00"},  {1e300, "?:??"},     {INFINITY, "?:??"},    {NAN, "?:??"}};
  for (const auto& c : cases) CHECK(duration(c.seconds) == c.text);
}

TEST_CASE("human: three digits at most, and a unit") {
  struct { double x; const char* text; } const cases[] = {
      {0, "0"},         {7, "7"},         {0.5, "0.5"},     {12.3, "12"},    {999, "999"},
      {999.7, "1.0k"},  {1000, "1.0k"},   {9800, "9.8k"},   {9960, "10k"},   {12345, "12k"},
      {999499, "999k"}, {999500, "1.0M"}, {1.2e6, "1.2M"},  {3e9, "3.0G"},   {5e12, "5.0T"},
      {1e20, "over 999T"}, {-1200, "-1.2k"}, {INFINITY, "inf"}, {NAN, "nan"}};
  for (const auto& c : cases) CHECK(human(c.x) == c.text);
  CHECK(significant(0.0123456) == "0.01235");
  CHECK(significant(1.25e-7) == "1.25e-07");
}

TEST_CASE("cut: whole characters, with a mark for what is missing") {
  CHECK(cut("maison", 6) == "maison");
  CHECK(cut("maison", 4) == "mais");
  CHECK(cut("maison", 4, "…") == "mai…");
  CHECK(cut("日本語", 5) == "日本");
  CHECK(cut("日本語", 4, "~") == "日~");
  CHECK(cut("e\u0301e\u0301e\u0301", 2) == "e\u0301e\u0301");
}

TEST_CASE("quoted: long input is cut between characters") {
  CHECK(in_quotes("5x") == "\"5x\"");
  CHECK(in_quotes(std::string(60, 'a')) == "\"" + std::string(60, 'a') + "\"");
  CHECK(in_quotes(std::string(61, 'a')) == "\"" + std::string(60, 'a') + "...\"");
  CHECK(in_quotes(std::string(59, 'a') + "éé") == "\"" + std::string(59, 'a') + "...\"");
}

TEST_CASE("table: columns line up by what is seen") {
  CHECK(table({{"word", "n"}, {"été", "12"}, {"日本", "3"}}, "lr") ==
        "word   n\nété   12\n日本   3\n");
  CHECK(table({{"a", "", "x"}, {"bb"}, {}}) == "a     x\nbb\n\n");
  CHECK(table({{"1", "2", "3"}, {"10", "20", "30"}}, "r") == " 1   2   3\n10  20  30\n");
  CHECK(table({{"a\33b", "c"}}) == "a\\x1Bb  c\n");
  CHECK(table({{"a", "b"}}, "") == "a  b\n");
  CHECK(table({}) == "");
}

TEST_CASE("table: on a live screen it is folded, and no word is cut that has room") {
  const Screen narrow{.live = true, .width = 24};
  const std::vector<std::vector<std::string>> rows{
      {"claim", "what was measured", "number"}, {"S5", "height at width two", "0.25"}};
  CHECK(table(rows, "llr", narrow) == "claim  what was   number\n"
                                      "       measured\n"
                                      "S5     height at    0.25\n"
                                      "       width two\n");
  const std::vector<std::vector<std::string>> wide{
      {"model", "parameters", "seconds", "BLEU"}, {"rnn", "363997", "29.1", "65.6"}};
  CHECK(table(wide, "lr", narrow) == "model  parameters\nrnn        363997\n\n"
                                     "model  seconds  BLEU\nrnn       29.1  65.6\n");
  CHECK(table(wide, "lr") == table(wide, "lr", {.live = true, .width = 80}));
}

TEST_CASE("entry: beside what it is of, or below it") {
  CHECK(entry("  --a", "one", 80) == "  --a                   one\n");
  CHECK(entry("  --a", "one two", 12) == "  --a\n    one two\n");
  CHECK(entry("  --a-long-name-with N|words", "one", 80) ==
        "  --a-long-name-with N|words\n                        one\n");
}

TEST_CASE("progress_bar: eighths of a block, or ASCII") {
  CHECK(progress_bar(0, 8, true) == "░░░░░░░░");
  CHECK(progress_bar(0.5625, 8, true) == "████▌░░░");
  CHECK(progress_bar(1, 8, true) == "████████");
  CHECK(progress_bar(7, 8, true) == "████████");
  CHECK(progress_bar(-1, 4, true) == "░░░░");
  CHECK(progress_bar(NAN, 4, true) == "░░░░");
  CHECK(progress_bar(0.5625, 8, false) == "####....");
}

TEST_CASE("progress_line: what is known, in one line") {
  CHECK(progress_line(third, "████▌░░░") ==
        "epoch 3/30 ████▌░░░ loss 0.41 ppl 1.5 9.8k tok/s 0:21 left");
  CHECK(progress_line(third) == "epoch 3/30 loss 0.41 ppl 1.5 9.8k tok/s 0:21 left");
  CHECK(progress_line({.epoch = 1, .epochs = 2}) == "epoch 1/2");
  CHECK(progress_line({.epoch = 1, .epochs = 2, .loss = 8, .extra = "BLEU 87.2\33"}) ==
        "epoch 1/2 loss 8.00 ppl 3.0k BLEU 87.2\\x1B");
  CHECK(progress_line({.epoch = 1, .epochs = 2, .loss = 1e5, .seconds_left = -3}) ==
        "epoch 1/2 loss 100k ppl inf 0:00 left");
  CHECK(progress_line({.epoch = 1, .epochs = 2, .loss = 8, .smoothed = true}) ==
        "epoch 1/2 loss 8.00 (smoothed)");
}

TEST_CASE("Progress: without a terminal, one plain line an epoch") {
  Pipe p;
  {
    Progress progress(screen(p.in));
    progress.update(third, 0);
    progress.update(third, 1);
    progress.end_epoch(third);
    progress.say("saved run/");
  }
  CHECK(p.read_all() == "epoch 3/30 loss 0.41 ppl 1.5 9.8k tok/s 0:21 left\nsaved run/\n");
}

TEST_CASE("Progress: without a terminal, half a minute without a line ends with one") {
  Pipe p;
  {
    Progress progress(screen(p.in));
    for (double now : {100, 129, 130, 131, 159, 160}) progress.update(third, now);
    progress.end_epoch({.epoch = 3, .epochs = 30});
    for (double now : {180, 209, 210}) progress.update({.epoch = 4, .epochs = 30}, now);
  }
  const std::string line = "epoch 3/30 56 % loss 0.41 ppl 1.5 9.8k tok/s 0:21 left\n";
  CHECK(p.read_all() == line + line + "epoch 3/30\nepoch 4/30 0 %\n");
}

TEST_CASE("Progress: the live line is redrawn ten times a second, cleared and finished") {
  Pipe p;
  {
    Progress progress(live_on(p.in));
    progress.update({.epoch = 1, .epochs = 2, .loss = 8}, 5.00);
    progress.update({.epoch = 1, .epochs = 2, .loss = 7}, 5.09);   // too early: not drawn
    progress.update({.epoch = 1, .epochs = 2}, 5.11);              // shorter: the rest is blanked
    progress.say("note");
    progress.end_epoch({.epoch = 1, .epochs = 2, .fraction = 1});
    progress.finish();                          // and once more when it goes: no second line end
  }
  CHECK(p.read_all() ==
        "\repoch 1/2 ░░░░░░░░ loss 8.00 ppl 3.0k"
        "\repoch 1/2 ░░░░░░░░" + std::string(19, ' ') +
        "\r" + std::string(18, ' ') + "\rnote\n"
        "\repoch 1/2 ████████\n");
}

TEST_CASE("Progress: the line is cut to the width and never touches the last column") {
  Pipe p;
  { Progress(live_on(p.in, 15)).end_epoch(third); }
  CHECK(p.read_all() == "\repoch 3/30 ███\n");
  Pipe q;
  { Progress(live_on(q.in, 0)).end_epoch(third); }
  CHECK(q.read_all() == "\r");
}

TEST_CASE("Progress: a screen that is gone is no error") { Progress(Screen{-1}).end_epoch(third); }

TEST_CASE("locale_is_utf8: LC_ALL before LC_CTYPE before LANG") {
  struct { const char *all, *ctype, *lang; bool utf8; } const cases[] = {
      {"C", "fr_FR.UTF-8", "fr_FR.UTF-8", false}, {"", "fr_FR.utf8", "C", true},
      {nullptr, nullptr, "tr_TR.UTF-8", true},    {nullptr, "POSIX", "tr_TR.UTF-8", false},
      {nullptr, nullptr, nullptr, false},         {"C.UTF-8", nullptr, nullptr, true},
      {"fr_FR.ISO-8859-1", nullptr, nullptr, false}};
  for (const auto& c : cases) {
    Environment all("LC_ALL", c.all), ctype("LC_CTYPE", c.ctype), lang("LANG", c.lang);
    CHECK(locale_is_utf8() == c.utf8);
  }
}

TEST_CASE("screen: a pipe gets UTF-8, no colour and nothing live, whatever the locale") {
  Pipe p;
  Environment term("TERM", "xterm"), color("NO_COLOR", nullptr), all("LC_ALL", "C");
  Environment columns("COLUMNS", nullptr);
  const Screen s = screen(p.in);
  CHECK_FALSE((s.live || s.color || !s.utf8));
  CHECK(s.width == 80);
  CHECK(styled("bold", "1", s) == "bold");
  close(p.in);
}

TEST_CASE("terminal_width: COLUMNS when no terminal answers, 80 when it is nonsense") {
  struct { const char* columns; int width; } const cases[] = {
      {"120", 120}, {"0", 80}, {"-3", 80}, {"12x", 80}, {"", 80}, {"1e9", 80}, {nullptr, 80},
      {"99999999999", 80}};
  for (const auto& c : cases) {
    Environment columns("COLUMNS", c.columns);
    CHECK(terminal_width(-1) == c.width);
  }
}

TEST_CASE("screen: at a terminal NO_COLOR and TERM decide") {
  const Pseudo pseudo;
  const int fd = pseudo.terminal;
  if (fd < 0) {
    MESSAGE("no pseudo terminal on this machine");
    return;
  }
  winsize size = {};
  size.ws_col = 97;
  ioctl(fd, TIOCSWINSZ, &size);
  struct { const char *term, *no_color, *locale; bool live, color, utf8; } const cases[] = {
      {"xterm", nullptr, "C.UTF-8", true, true, true}, {"xterm", "", "C", true, true, false},
      {"xterm", "1", "C.UTF-8", true, false, true}, {nullptr, nullptr, "C", false, false, false},
      {"dumb", nullptr, "C.UTF-8", false, false, true}};
  for (const auto& c : cases) {
    Environment term("TERM", c.term), color("NO_COLOR", c.no_color), all("LC_ALL", c.locale);
    const Screen s = screen(fd);
    CHECK(s.live == c.live);
    CHECK(s.color == c.color);
    CHECK(s.utf8 == c.utf8);
    CHECK(s.width == 97);
    CHECK(styled("x", "1", s) == (c.color ? "\33[1mx\33[0m" : "x"));
  }
}

TEST_CASE("signals: the first one is remembered and gives the exit status") {
  ::signal(SIGHUP, SIG_DFL);                    // the tests themselves may run under nohup
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    watch_signals();
    CHECK(pending_signal() == 0);
    CHECK(exit_status() == 0);
    raise(signal);
    CHECK(pending_signal() == signal);
    CHECK(exit_status() == 128 + signal);
    if (signal != SIGTERM) raise(SIGTERM);
    CHECK(pending_signal() == signal);
    unwatch_signals();
    CHECK(pending_signal() == 0);
    CHECK(has_handler(signal, SIG_DFL));
  }
}

TEST_CASE("signals: a second SIGINT would end the program, a second SIGHUP would not") {
  watch_signals();
  raise(SIGINT);
  CHECK(has_handler(SIGINT, SIG_DFL));
  raise(SIGHUP);
  raise(SIGHUP);
  CHECK(!has_handler(SIGHUP, SIG_DFL));
  CHECK(pending_signal() == SIGINT);
  unwatch_signals();
}

TEST_CASE("signals: nohup is respected") {
  signal(SIGHUP, SIG_IGN);
  watch_signals();
  CHECK(has_handler(SIGHUP, SIG_IGN));
  unwatch_signals();
  CHECK(has_handler(SIGHUP, SIG_IGN));
  signal(SIGHUP, SIG_DFL);
}

TEST_CASE("signals: a file too large is an error, a closed pipe ends quietly") {
  CHECK(program([] { return 3; }) == 3);
  CHECK(has_handler(SIGXFSZ, SIG_IGN));
  CHECK(has_handler(SIGPIPE, SIG_DFL));
}
