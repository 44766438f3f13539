// Numbers for a reader, and one step of a walk as a block of text.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "autograd/ops.h"
#include "data/text.h"
#include "tools/app/explain/explain.h"

namespace babelgrad::explain {
namespace {

constexpr int cell = 8, widest_name = 28;       // columns

std::string name(const std::string& word, const Screen& screen) {
  return cut(on_screen(word, screen), widest_name, screen.utf8 ? "…" : "~");
}

// Which of `count` entries are shown: all, or the first ones, -1 for the gap, and the last.
std::vector<int> shown(int count, int room) {
  std::vector<int> out;
  const int first = count <= room ? count : room - 2;
  for (int i = 0; i < first; i++) out.push_back(i);
  if (count > room) out.push_back(-1), out.push_back(count - 1);
  return out;
}

// A bar as long as value / full, `width` columns at most.
std::string bar(double value, double full, int width, const Screen& screen) {
  const bool drawn = full > 0 && std::isfinite(value);
  const double share = drawn ? std::clamp(value / full, 0.0, 1.0) : 0;
  std::string out;
  for (int i = 0; i < int(std::lround(share * width)); i++) out += screen.utf8 ? "█" : "#";
  return out;
}

std::string ellipsis(const Screen& screen) { return screen.utf8 ? "…" : ".."; }

}  // namespace

std::string number(double x) {
  if (!std::isfinite(x)) return std::isnan(x) ? "NaN" : x > 0 ? "inf" : "-inf";
  const double size = std::abs(x);
  if (size >= 1e5) return scientific(x);
  if (size < 0.0005) return "0.000";            // never -0.000
  return fixed(x, size < 10 ? 3 : size < 100 ? 2 : size < 1000 ? 1 : 0);
}

std::string small_number(double x) {
  const double size = std::abs(x);
  return std::isfinite(x) && size > 0 && size < 0.01 ? scientific(x) : number(x);
}

std::string summary(const std::vector<Real>& values, const Screen& screen) {
  double mean = 0, square = 0;
  for (Real v : values) mean += double(v) / double(values.size());
  for (Real v : values) square += (v - mean) * (v - mean) / double(values.size());
  auto [low, high] = std::minmax_element(values.begin(), values.end());
  return join("mean ", number(mean), screen.utf8 ? " ± " : " +- ", number(std::sqrt(square)),
              ", from ", number(double(*low)), " to ", number(double(*high)));
}

std::string written(const std::string& equation, const Screen& screen) {
  static const std::pair<const char*, const char*> plain[] = {
      {"σ", "sigmoid"}, {"⊙", "*"}, {"−", "-"}, {"√", "sqrt "}, {"ᵀ", "^T"}, {"Σ", "sum of"},
      {"∂", "d"}};
  if (screen.utf8) return equation;
  std::string out = equation;
  for (auto [fine, ascii] : plain) {
    for (std::size_t at; (at = out.find(fine)) != std::string::npos;)
      out.replace(at, std::string(fine).size(), ascii);
  }
  return out;
}

std::string matrix(const std::vector<Real>& values, const Tokens& rows, const Tokens& columns,
                   int column_count, const Screen& screen, bool headed) {
  int indent = 1;
  for (const std::string& row : rows)
    indent = std::max(indent, display_width(name(row, screen)));
  const int room = std::max(3, (screen.width - 2 - indent) / cell);
  const auto across = shown(column_count, room), down = shown(int(rows.size()), 10);
  std::string out = headed ? "  " + std::string(indent, ' ') : "";
  for (int j : headed ? across : std::vector<int>()) {
    std::string head = columns.empty() ? join(j + 1) : j < 0 ? "" : on_screen(columns[j], screen);
    out += padded(j < 0 ? ellipsis(screen) : cut(head, cell - 1, screen.utf8 ? "…" : "~"), cell,
                  true);
  }
  if (headed) out += "\n";
  const std::string gap = headed ? "" : ellipsis(screen);
  for (int i : down) {
    out += "  " + padded(i < 0 ? ellipsis(screen) : name(rows[i], screen), indent);
    for (int j : i < 0 ? std::vector<int>() : across)
      out += padded(j < 0 ? gap : number(double(values[std::size_t(i) * column_count + j])), cell,
                    true);
    out += "\n";
  }
  return out;
}

std::string bars(const std::vector<Bar>& items, std::size_t most, double full,
                 const Screen& screen, std::string (*write)(double)) {
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return items[i].value; });
  if (full == 0 && !items.empty()) full = items[order[0]].value;
  order.resize(std::min(most, order.size()));
  std::ranges::sort(order);                     // as they stood
  int indent = 1;
  for (std::size_t i : order) indent = std::max(indent, display_width(name(items[i].name, screen)));
  std::string out;
  for (std::size_t i : order) {
    std::string line = "  " + padded(name(items[i].name, screen), indent) +
                       padded(write(items[i].value), cell + 1, true) + "  " +
                       bar(items[i].value, full, 32, screen);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  if (items.size() > most) out += join("  and ", items.size() - most, " smaller\n");
  return out;
}

std::string line(const std::string& words) { return words + "\n"; }

std::string heading(const std::string& words, const Screen& screen) {
  return "\n" + line(styled(words, "1", screen));
}

namespace {

// Broken at blanks, but not before the number of an equation or a line; two columns in.
std::string indented(const std::string& text, const Screen& screen) {
  std::string out, now = " ";
  const Tokens words = split(text);
  for (std::size_t i = 0; i < words.size(); i++) {
    std::string word = words[i];
    if ((word == "Eq." || word == "line") && i + 1 < words.size()) word += " " + words[++i];
    if (now.size() > 1 && display_width(now) + 1 + display_width(word) > screen.width)
      out += line(now), now = " ";
    now += " " + word;
  }
  return out + line(now);
}

std::string shape_of(const Step& step) {
  std::string out;
  for (std::size_t i = 0; i < step.axes.size(); i++) {
    const int n = step.value.dim(int(i));
    std::string name = step.axes[i].name;
    if (n == 1) name.pop_back();                // one unit
    out += join(i == 0 ? "" : ", ", n, " ", name);
  }
  return "(" + out + ")";
}

std::string line_of(const Place& at) { return join(at.file, ":", at.line); }

// Its line and the book's section; an equation of the book that stands elsewhere, and other lines.
std::string places_of(const Step& step, const Screen& screen) {
  std::string out = place_text(step.at);
  for (const Mention& mention : step.caption.also) {
    const Place* other = place(mention.place);
    if (!other) continue;
    const bool same_file = other->file == step.at.file;
    const bool equation = same_file && mention.words.starts_with("Eq."); // the book's number of it
    const std::string where = same_file ? join("line ", other->line) : line_of(*other);
    out += equation ? ", " + mention.words : join("; ", mention.words, " at ", where);
  }
  return indented(out, screen);
}

// Rows of a (rows, columns) value have their words, or are numbered.
Tokens rows_of(const Step& step) {
  Tokens out = step.axes[0].labels;
  for (int i = int(out.size()); i < step.value.dim(0); i++) out.push_back(join(i + 1));
  return out;
}

// The first of all heads stands for them; of rows of units the first and the last.
Step ends(const Step& all) {
  const Step step = one_head(all, 1);
  const int rows = step.value.dim(0);
  if (rows < 3 || !step.axes[1].labels.empty()) return step;
  Step out = step;
  out.value = index_select(step.value, 0, Ints{0, rows - 1});
  const Tokens names = rows_of(step);
  out.axes[0].labels = {names.front(), names.back()};
  return out;
}

// (rows, columns)
std::string numbers_of(const Step& step, bool numbered, const Screen& screen) {
  const Axis& across = step.axes[1];
  const std::vector<Real> values = step.value.values();
  const bool a_row_of_words = step.value.dim(0) == 1 && !across.labels.empty();
  if (a_row_of_words && step.caption.kind == Kind::weight) {
    std::vector<Bar> items;
    for (std::size_t j = 0; j < values.size(); j++)
      items.push_back({across.labels[j], double(values[j])});
    return bars(items, 12, 1, screen);
  }
  const bool headed = numbered || across.labels.size() > 1;
  return matrix(values, rows_of(step), across.labels, step.value.dim(1), screen, headed);
}

// Equation and meaning, in one line if there is room.
std::string said_of(const Caption& caption, const Screen& screen) {
  const std::string formula = "  " + written(caption.equation, screen);
  const std::string both = formula + ": " + caption.meaning;
  if (display_width(both) <= screen.width) return line(both);
  return line(formula) + indented(caption.meaning, screen);
}

// With `heads`, also whose numbers follow, if the first line has room for it.
std::string top(const Step& step, const Screen& screen, bool heads = false) {
  const Caption& c = step.caption;
  std::string shape = "  " + shape_of(step);
  const std::string whose = step.value.rank() == 3 ? ", head 1:" : "";
  if (heads && display_width(c.name + shape + whose) <= screen.width) shape += whose;
  return "\n" + line(styled(c.name, "1", screen) + shape) + said_of(c, screen) +
         places_of(step, screen);
}

std::string full_block(const Step& step, const Screen& screen) {
  std::string out = top(step, screen);
  if (step.where.head > 0) out += line(join("  head ", step.where.head, ":"));
  if (step.value.rank() == 3) out += line(join("  head 1 of ", step.value.dim(0), ":"));
  out += numbers_of(one_head(step, 1), true, screen);
  const bool sums_to_one = step.caption.kind == Kind::weight;
  return sums_to_one ? out : out + line("  " + summary(step.value.values(), screen));
}

std::string brief_block(const Step& step, const Screen& screen) {
  const std::string where = line_of(step.at);
  const auto fits = [&](const std::string& name) {
    return display_width(name) + 2 + display_width(where) <= screen.width;
  };
  std::string name = join(step.caption.name, " ", step.value.shape());
  if (step.where.head > 0) name += join(", head ", step.where.head);
  else if (const std::string whose = ", head 1"; step.value.rank() == 3 && fits(name + whose))
    name += whose;
  return line(name + (fits(name) ? "  " : "\n  ") + where) +
         numbers_of(ends(step), false, screen);
}

}  // namespace

std::string place_text(const Place& at) {
  return line_of(at) + (at.section.empty() ? "" : join(", D2L ", at.section, " ", at.title));
}

std::string block(const Step& step, Detail detail, const Screen& screen) {
  if (detail == Detail::full) return full_block(step, screen);
  if (detail == Detail::brief) return brief_block(step, screen);
  return top(step, screen, true) + numbers_of(ends(step), false, screen);
}

std::string logits_block(const Step& step, const Word& word, const Vocab& vocab,
                         const Screen& screen) {
  std::vector<Real> values;
  Tokens columns;
  for (const Candidate& c : word.best) {
    values.push_back(step.value.at({0, c.id}));
    columns.push_back(vocab.word(c.id));
  }
  return top(step, screen) + matrix(values, {"likeliest"}, columns, int(columns.size()), screen) +
         line("  " + summary(step.value.values(), screen));
}

std::string probability_block(const Step& step, const Word& word, bool forced, const Vocab& vocab,
                              const Screen& screen) {
  std::vector<Bar> items;
  for (const Candidate& c : word.best) items.push_back({vocab.word(c.id), c.probability});
  std::string out = top(step, screen) + bars(items, items.size(), 1, screen);
  const std::string chosen = cut(on_screen(word.word, screen), 40);
  return out + line(join(forced ? "  given: " : "  chosen: ", chosen, ", with ",
                         fixed(100 * word.probability, 1), " %"));
}

}  // namespace babelgrad::explain
