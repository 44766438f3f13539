#include "tools/app/explain/numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <numeric>

#include "tensor/check.h"

namespace babelgrad::explain {
namespace {

constexpr int cell = 8, widest_name = 28;       // columns

std::string name(const std::string& word, const Screen& screen) {
  return cut(on_screen(word, screen), widest_name, screen.utf8 ? "…" : "~");
}

std::string left(std::string s, int width) {
  return s + std::string(std::max(0, width - display_width(s)), ' ');
}
std::string right(std::string s, int width) {
  return std::string(std::max(0, width - display_width(s)), ' ') + s;
}

std::string scientific(double x) {
  char buffer[64];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, x, std::chars_format::scientific, 1);
  return std::string(buffer, end.ptr);
}

// Which of `count` entries are shown: all, or the first ones, -1 for the gap, and the last.
std::vector<int> shown(int count, int room) {
  std::vector<int> out;
  const int first = count <= room ? count : room - 2;
  for (int i = 0; i < first; i++) out.push_back(i);
  if (count > room) out.push_back(-1), out.push_back(count - 1);
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

std::string bar(double value, double full, int width, const Screen& screen) {
  const bool drawn = full > 0 && std::isfinite(value);
  const double share = drawn ? std::clamp(value / full, 0.0, 1.0) : 0;
  std::string out;
  for (int i = 0; i < int(std::lround(share * width)); i++) out += screen.utf8 ? "█" : "#";
  return out;
}

std::string matrix(const std::vector<Real>& values, const Tokens& rows, const Tokens& columns,
                   int column_count, const Screen& screen, Header header) {
  int indent = 1;
  for (const std::string& row : rows)
    indent = std::max(indent, display_width(name(row, screen)));
  const int room = std::max(3, (screen.width - 2 - indent) / cell);
  const auto across = shown(column_count, room), down = shown(int(rows.size()), 10);
  const bool headed = header == Header::shown;
  std::string out = headed ? "  " + std::string(indent, ' ') : "";
  for (int j : headed ? across : std::vector<int>()) {
    std::string head = columns.empty() ? join(j + 1) : j < 0 ? "" : on_screen(columns[j], screen);
    out += right(j < 0 ? ellipsis(screen) : cut(head, cell - 1, screen.utf8 ? "…" : "~"), cell);
  }
  if (headed) out += "\n";
  const std::string gap = headed ? "" : ellipsis(screen);
  for (int i : down) {
    out += "  " + left(i < 0 ? ellipsis(screen) : name(rows[i], screen), indent);
    for (int j : i < 0 ? std::vector<int>() : across)
      out += right(j < 0 ? gap : number(double(values[std::size_t(i) * column_count + j])), cell);
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
    std::string line = "  " + left(name(items[i].name, screen), indent) +
                       right(write(items[i].value), cell + 1) + "  " +
                       bar(items[i].value, full, 32, screen);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  if (items.size() > most) out += join("  and ", items.size() - most, " smaller\n");
  return out;
}

}  // namespace babelgrad::explain
