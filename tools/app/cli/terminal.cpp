#include "tools/app/cli/terminal.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <climits>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "tensor/check.h"

namespace babelgrad {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// Talk that cannot be delivered is dropped: a closed stderr must not stop a training run.
void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n > 0) bytes.remove_prefix(n);
    else if (n == 0 || errno != EINTR) return;
  }
}

std::string written(double x, std::chars_format format, int precision) {
  char buffer[64];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, x, format, precision).ptr};
}

}  // namespace

// --- what the terminal can do

Screen screen(int fd) {
  const std::string_view term = environment("TERM");
  const bool terminal = isatty(fd), live = terminal && !term.empty() && term != "dumb";
  return {fd, live, live && environment("NO_COLOR").empty(), !terminal || locale_is_utf8(),
          terminal_width(fd), terminal};
}

bool locale_is_utf8() {
  std::string locale;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (locale.empty()) locale = environment(name);
  for (char& c : locale)
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
  return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
}

int terminal_width(int fd) {
  winsize size = {};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const std::string_view columns = environment("COLUMNS");
  const char* end = columns.data() + columns.size();
  int width = 0;
  const auto [stop, problem] = std::from_chars(columns.data(), end, width);
  return problem == std::errc() && stop == end && width > 0 && width <= 10000 ? width : 80;
}

int reading_width(const Screen& screen) { return std::clamp(screen.width, 20, 80); }

std::string styled(std::string_view text, std::string_view code, const Screen& screen) {
  return screen.color ? join("\33[", code, "m", text, "\33[0m") : std::string(text);
}

// --- text of columns

std::string cut(std::string_view text, int width, std::string_view mark) {
  if (display_width(text) <= width) return std::string(text);
  int left = width - display_width(mark);
  std::string out;
  for (CodePoint c; !text.empty(); text.remove_prefix(c.bytes)) {
    c = first_code_point(text);
    left -= display_width(text.substr(0, c.bytes));
    if (left < 0) break;
    out += text.substr(0, c.bytes);
  }
  return out.append(mark);
}

std::vector<std::string> wrapped(const std::string& words, int columns) {
  std::vector<std::string> lines;
  const std::string all = printable(words);
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find(' ', at), all.size());
    const std::string word = cut(all.substr(at, end - at), std::max(columns, 1), "…");
    const bool fits = !lines.empty() && display_width(lines.back() + " " + word) <= columns;
    if (fits) lines.back() += " " + word;
    else lines.push_back(word);
    at = end + 1;
  }
  return lines;
}

std::string paragraph(const std::string& words, int columns) {
  std::string out;
  for (const std::string& line : wrapped(words, columns)) out += line + "\n";
  return out;
}

namespace {

// Words with | between them, broken there where they are too wide.
std::string folded(const std::string& words, int columns) {
  std::string out, now;
  for (std::size_t at = 0, end; at < words.size(); at = end) {
    end = std::min(words.find('|', at), words.size() - 1) + 1;
    const std::string part = words.substr(at, end - at);
    if (!now.empty() && display_width(now + part) > columns) out += now + "\n", now = "    ";
    now += part;
  }
  return out + now;
}

}  // namespace

std::string entry(const std::string& left, const std::string& words, int columns) {
  const int indent = columns < 60 ? 4 : 24;
  const std::string blanks(std::size_t(indent), ' ');
  const bool beside = display_width(left) + 2 <= indent;
  std::string out = beside ? padded(left, indent) : folded(left, columns) + "\n";
  std::string before = beside ? "" : blanks;
  for (const std::string& line : wrapped(words, columns - indent))
    out += before + line + "\n", before = blanks;
  return words.empty() ? folded(left, columns) + "\n" : out;
}

std::string padded(const std::string& text, int width, bool right) {
  const std::string blanks(std::max(0, width - display_width(text)), ' ');
  return right ? blanks + text : text + blanks;
}

std::string on_screen(std::string_view text, const Screen& screen) {
  return screen.safe ? printable(text) : std::string(text);
}

std::string clipped(std::string_view text) { return printable(text, 60); }
std::string in_quotes(std::string_view text) { return join("\"", clipped(text), "\""); }

namespace {

using TableRows = std::vector<std::vector<std::string>>;

int longest_word(const std::string& cell) {
  int longest = 0;
  std::istringstream words(cell);
  for (std::string word; words >> word;) longest = std::max(longest, display_width(word));
  return longest;
}

// Breaks the lines of the widest columns until all fit, as far as their longest words allow.
void narrow(std::vector<int>& widths, const std::vector<int>& least, int room) {
  for (;;) {
    int all = -2;
    std::size_t widest = widths.size();
    for (std::size_t j = 0; j < widths.size(); j++) {
      all += widths[j] + 2;
      const bool may = widths[j] > least[j];
      if (may && (widest == widths.size() || widths[j] > widths[widest])) widest = j;
    }
    if (all <= room || widest == widths.size()) return;
    widths[widest]--;
  }
}

std::string row_text(const std::vector<std::string>& row, const std::vector<int>& widths,
                     const std::vector<std::size_t>& columns, std::string_view align) {
  std::string out;
  bool more = true;
  for (std::size_t n = 0; more; n++) {          // lines of the row
    std::string line;
    more = false;
    for (std::size_t j : columns) {
      if (j >= row.size()) continue;
      const bool fits = display_width(row[j]) <= widths[j];
      const auto lines = fits ? std::vector{row[j]} : wrapped(row[j], widths[j]);
      const bool right = !align.empty() && align[std::min(j, align.size() - 1)] == 'r';
      line += (j == columns[0] ? "" : "  ") +
              padded(n < lines.size() ? lines[n] : "", widths[j], right);
      more |= n + 1 < lines.size();
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

}  // namespace

std::string table(const TableRows& cells, std::string_view align, const Screen& screen) {
  const int room = screen.live ? std::max(screen.width, 20) : INT_MAX;
  TableRows rows = cells;
  std::vector<int> widths, least;
  for (auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size())), least.resize(widths.size());
    for (std::size_t j = 0; j < row.size(); j++) {
      row[j] = on_screen(row[j], screen);
      widths[j] = std::max(widths[j], display_width(row[j]));
      if (screen.live) least[j] = std::max(least[j], std::min(longest_word(row[j]), room / 2));
    }
  }
  if (screen.live) narrow(widths, least, room);
  std::string out;
  for (std::size_t next = 0; next < std::max<std::size_t>(widths.size(), 1);) {
    std::vector<std::size_t> columns;
    if (next > 0) columns.push_back(0), out += "\n";
    int taken = next > 0 ? widths[0] + 2 : 0;
    const std::size_t first = next;
    for (; next < widths.size() && (next == first || taken + widths[next] <= room); next++)
      columns.push_back(next), taken += widths[next] + 2;
    for (const auto& row : rows) out += row_text(row, widths, columns, align);
    if (widths.empty()) break;
  }
  return out;
}

std::string human(double x) {
  if (!std::isfinite(x)) return text(x);
  if (x < 0) return "-" + human(-x);
  int unit = 0;
  for (; x >= 999.5 && unit < 4; x /= 1000) unit++;
  if (x >= 999.5) return "over 999T";
  const bool whole = unit == 0 && x == std::floor(x);
  return fixed(x, x < 9.95 && !whole ? 1 : 0) + std::string(" kMGT").substr(unit, unit > 0);
}

std::string significant(double x, int digits) {
  return written(x, std::chars_format::general, digits);
}

std::string scientific(double x, int digits) {
  return written(x, std::chars_format::scientific, digits - 1);
}

std::string duration(double seconds) {
  if (std::isnan(seconds) || seconds > 1e9) return "?:??";
  const long all = std::max(0L, std::lround(seconds));
  const auto two = [](long n) { return join(n < 10 ? "0" : "", n); };
  const long hours = all / 3600, minutes = all / 60 % 60;
  return (hours ? text(hours) + ":" + two(minutes) : text(minutes)) + ":" + two(all % 60);
}

// --- progress

std::string progress_bar(double fraction, int width, bool utf8) {
  static const char* const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double part = fraction >= 0 ? std::min(fraction, 1.0) : 0;   // NaN: nothing done
  const int done = int(part * width * 8), full = done / 8, rest = utf8 ? done % 8 : 0;
  std::string bar;
  for (int i = 0; i < full; i++) bar += utf8 ? "█" : "#";
  bar += eighths[rest];
  for (int i = full + (rest > 0); i < width; i++) bar += utf8 ? "░" : ".";
  return bar;
}

std::string progress_line(const TrainingProgress& p, std::string_view bar) {
  const auto brief = [](double x, int digits) { return x < 1000 ? fixed(x, digits) : human(x); };
  std::string line = join("epoch ", p.epoch, "/", p.epochs);
  if (!bar.empty()) line += join(" ", bar);
  if (!std::isnan(p.loss))
    line += join(" loss ", brief(p.loss, 2),
                 p.smoothed ? " (smoothed)" : " ppl " + brief(std::exp(p.loss), 1));
  if (!p.extra.empty()) line += " " + printable(p.extra);
  if (!std::isnan(p.tokens_per_second)) line += join(" ", human(p.tokens_per_second), " tok/s");
  if (!std::isnan(p.seconds_left)) line += join(" ", duration(p.seconds_left), " left");
  return line;
}

double clock_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// \r and blanks do without any escape code. The last column stays free: it may wrap the line.
void Progress::show(const std::string& line) {
  if (!screen_.live) return;
  const std::string fits = cut(line, std::max(0, screen_.width - 1));
  write_all(screen_.fd, "\r" + padded(fits, drawn_));
  drawn_ = display_width(fits);
}

void Progress::update(const TrainingProgress& p, double now) {
  constexpr double longest_silence = 30;        // without a terminal, in seconds
  if (!screen_.live && next_ < 0) next_ = now + longest_silence;
  if (now < next_) return;
  next_ = now + (screen_.live ? 0.1 : longest_silence);
  show(progress_line(p, progress_bar(p.fraction, 8, screen_.utf8)));
  if (!screen_.live) say(progress_line(p, join(fixed(100 * p.fraction, 0), " %")));
}

void Progress::end_epoch(const TrainingProgress& p) {
  show(progress_line(p, progress_bar(p.fraction, 8, screen_.utf8)));
  if (screen_.live) return;
  say(progress_line(p));
  next_ = -1;                                   // the silence begins anew
}

void Progress::clear() {
  if (drawn_ > 0) write_all(screen_.fd, join("\r", std::string(drawn_, ' '), "\r"));
  drawn_ = 0;
}

void Progress::say(std::string_view line) {
  clear();
  write_all(screen_.fd, join(line, "\n"));
}

void Progress::finish() {
  if (drawn_ > 0) write_all(screen_.fd, "\n");
  drawn_ = 0;
}

}  // namespace babelgrad
