// What a terminal can show, and text that fits on it: cut to a width, tables, short numbers, and
// the one line of progress that is redrawn while a model trains.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "data/utf8.h"

namespace babelgrad {

struct Screen {
  int fd = 2;
  bool live = false;         // a terminal on which a line may be redrawn
  bool color = false;        // and NO_COLOR is empty
  bool utf8 = true;          // false: a terminal whose locale is not UTF-8; files get UTF-8
  int width = 80;            // columns
  bool safe = true;          // what could steer a terminal is escaped; a file gets the text itself
};
Screen screen(int fd);       // 1: stdout, 2: stderr

bool locale_is_utf8();       // LC_ALL, else LC_CTYPE, else LANG
int reading_width(const Screen& screen);     // of help and paragraphs: from 20 to 80
int terminal_width(int fd);  // columns: what the terminal says, else COLUMNS, else 80
// Bold is code "1", red "31"; without colour the text as it is.
std::string styled(std::string_view text, std::string_view code, const Screen& screen);

// --- text of columns
// The first `width` columns; the mark, within them, ends what was cut.
std::string cut(std::string_view text, int width, std::string_view mark = "");

// Printable lines of `columns` columns, broken at blanks; a word that is longer is cut.
std::vector<std::string> wrapped(const std::string& words, int columns);
std::string paragraph(const std::string& words, int columns);   // those, each with its end
// What `left` is, to the right of it, or below if that is too long or the columns are few.
std::string entry(const std::string& left, const std::string& words, int columns);
std::string padded(const std::string& text, int width, bool right = false);    // with blanks

std::string on_screen(std::string_view text, const Screen& screen);    // printable if it is safe
std::string clipped(std::string_view text);          // printable, at most about 60 bytes
std::string in_quotes(std::string_view text);           // "clipped"

// Columns two spaces apart; align has an 'l' or 'r' per column, the last one holds for the rest.
// On a live screen it fits: what is too wide is broken within its cell, and columns for which there
// is no room then come below the others, each time with the first column.
std::string table(const std::vector<std::vector<std::string>>& rows, std::string_view align = "l",
                  const Screen& screen = {});

std::string human(double x);            // 999, 9.8k, 12k, 1.2M
std::string significant(double x, int digits = 4);   // 0.01234, 1.234e-05, 0, nan
std::string scientific(double x, int digits = 2);    // 1.2e-05
std::string duration(double seconds);   // 0:21, 1:02:03; 0:00 if negative, ?:?? for NaN

// --- progress
struct TrainingProgress {               // NaN: not known, left out
  int epoch = 0, epochs = 0;
  double fraction = 0;                  // of this epoch, 0 .. 1
  double loss = std::numeric_limits<double>::quiet_NaN();
  double tokens_per_second = std::numeric_limits<double>::quiet_NaN();
  double seconds_left = std::numeric_limits<double>::quiet_NaN();
  bool smoothed = false;                // the loss is, and no perplexity comes of it
  std::string extra = {};               // e.g. "BLEU 87.2"
};
std::string progress_bar(double fraction, int width, bool utf8);
// epoch 3/30 ████▌░░░ loss 0.41 ppl 1.5 9.8k tok/s 0:21 left
std::string progress_line(const TrainingProgress& p, std::string_view bar = "");

double clock_seconds();                 // since some moment; never goes back

class Progress {
 public:
  explicit Progress(const Screen& screen) : screen_(screen) {}
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Drawn at most ten times a second; not live: a plain line for each half minute without any.
  void update(const TrainingProgress& p, double now = clock_seconds());
  void end_epoch(const TrainingProgress& p);   // drawn for certain; not live: a plain line
  void show(const std::string& line);          // in its place, on a live screen
  void clear();                                // the live line goes
  void say(std::string_view line);             // a line that stays
  void finish();                               // the live line stays; what follows is below it

 private:
  Screen screen_;
  double next_ = -1;                           // when an update is shown next; below 0: not known
  int drawn_ = 0;                              // columns of the live line on the screen
};

}  // namespace babelgrad
