// The two sizes of map. Their colours are classes, so that the style can turn them dark.
#include <algorithm>
#include <cmath>
#include <map>

#include "tools/app/cli/terminal.h"
#include "tools/app/view/explorer.h"
#include "tools/app/view/heatmap.h"

namespace babelgrad {
namespace {

constexpr int cell = 34, letter = 9;            // pixels: a cell's side, a wide letter
constexpr double slant = 0.7072;                // column words climb at 45 degrees

std::string label(const std::string& word) { return cut(word, 16, "…"); }
double label_width(const std::string& word) { return letter * display_width(label(word)); }

struct Frame { double left = 0, top = 0, width = 0, height = 0; };

Frame frame_of(const AttentionMaps& maps) {
  Frame f;
  double right = 0;
  for (const std::string& word : maps.rows) f.left = std::max(f.left, label_width(word) + 12);
  for (std::size_t j = 0; j < maps.columns.size(); j++) {
    const double rise = slant * label_width(maps.columns[j]) + 12;
    f.top = std::max(f.top, rise);
    right = std::max(right, cell * (double(j) + 0.5) + rise + 6);
  }
  f.width = f.left + std::max(right, cell * double(maps.columns.size()) + 4);
  f.height = f.top + cell * double(maps.rows.size()) + 4;
  return f;
}

// What stands in a cell: two decimals, and nothing for what would round to .00.
std::string number(double w) {
  const std::string digits = fixed(w, 2);
  return digits == "0.00" ? "" : digits.starts_with("0") ? digits.substr(1) : digits;
}

std::string cell_svg(double w, double x, double y) {
  const int shade = shade_of(w);
  return join("<rect class=\"cell w", shade, "\" x=\"", fixed(x, 0), "\" y=\"", fixed(y, 0),
              "\" width=\"", cell, "\" height=\"", cell, "\"/><text class=\"number n", shade,
              "\" x=\"", fixed(x + cell / 2.0, 0), "\" y=\"", fixed(y + cell / 2.0 + 4, 0), "\">",
              number(w), "</text>\n");
}

// A light line below a coloured one is seen on every shade.
std::string gold_svg(const Link& link, const Frame& f) {
  const std::string box =
      join("x=\"", fixed(f.left + cell * link.src + 2, 0), "\" y=\"",
           fixed(f.top + cell * link.tgt + 2, 0), "\" width=\"", cell - 4, "\" height=\"", cell - 4,
           "\"");
  return join("<rect class=\"halo\" ", box, "/><rect class=\"gold ",
              link.sure ? "sure" : "possible", "\" ", box, "/>\n");
}

}  // namespace

std::string large_map_svg(const AttentionMaps& maps, const Weights& weights,
                          const std::vector<Link>& gold) {
  Frame f = frame_of(maps);
  f.left = std::ceil(f.left), f.top = std::ceil(f.top);
  const std::string w = fixed(f.width, 0), h = fixed(f.height, 0);
  const int columns = int(maps.columns.size());
  std::string out = join("<svg class=\"map", columns > 12 ? " wide" : "", "\" width=\"", w,
                         "\" height=\"", h, "\" viewBox=\"0 0 ", w, " ", h, "\" role=\"img\" ",
                         "aria-label=\"Attention weights: ", maps.rows.size(), " rows, ", columns,
                         " columns\">\n");
  for (int j = 0; j < columns; j++) {
    const double x = f.left + cell * (j + 0.5) + 4, y = f.top - 7;
    out += join("<text class=\"column\" x=\"", fixed(x, 1), "\" y=\"", fixed(y, 1),
                "\" transform=\"rotate(-45 ", fixed(x, 1), " ", fixed(y, 1), ")\">",
                escape_markup(label(maps.columns[j])), "</text>\n");
  }
  for (std::size_t i = 0; i < maps.rows.size(); i++) {
    const double y = f.top + cell * double(i);
    out += join("<text class=\"row\" x=\"", fixed(f.left - 8, 0), "\" y=\"", fixed(y + 22, 0),
                "\">", escape_markup(label(maps.rows[i])), "</text>\n");
    for (int j = 0; j < columns; j++) out += cell_svg(weights[i][j], f.left + cell * j, y);
  }
  for (const Link& link : gold) out += gold_svg(link, f);
  return out + "</svg>\n";
}

// One path per shade; what is left out has the shade of 0.
std::string small_map_svg(const Weights& weights) {
  const int m = int(weights.size()), n = m ? int(weights[0].size()) : 0;
  std::map<int, std::string> paths;
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < n; j++) {
      if (int shade = shade_of(weights[i][j])) paths[shade] += join("M", j, " ", i, "h1v1h-1z");
    }
  }
  const double scale = std::clamp(72.0 / std::max({m, n, 1}), 1.5, 12.0);
  std::string out = join("<svg class=\"small\" width=\"", fixed(scale * n, 0), "\" height=\"",
                         fixed(scale * m, 0), "\" viewBox=\"0 0 ", n, " ", m,
                         "\" aria-hidden=\"true\"><rect class=\"w0\" width=\"", n, "\" height=\"",
                         m, "\"/>");
  for (const auto& [shade, path] : paths)
    out += join("<path class=\"w", shade, "\" d=\"", path, "\"/>");
  return out + "</svg>";
}

}  // namespace babelgrad
