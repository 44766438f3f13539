#include "tools/app/view/heatmap.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "tensor/check.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad {
namespace {

void check_panel(const Panel& p) {
  const int m = int(p.rows.size()), n = int(p.columns.size());
  check(int(p.weights.size()) == m, "heatmap: ", p.weights.size(), " rows of weights for ", m,
        " target tokens");
  for (const auto& row : p.weights)
    check(int(row.size()) == n, "heatmap: ", row.size(), " weights in a row for ", n,
          " source tokens");
  for (const Link& link : p.gold)
    check(link.src >= 0 && link.src < n && link.tgt >= 0 && link.tgt < m, "heatmap: gold link ",
          link.src, "-", link.tgt, " is outside ", n, " source and ", m, " target tokens");
}

const Link* gold_at(const Panel& p, int row, int column) {
  for (const Link& link : p.gold)
    if (link.tgt == row && link.src == column) return &link;
  return nullptr;
}

bool has_strange_weight(const Panel& p) {
  for (const auto& row : p.weights)
    for (double w : row)
      if (!std::isfinite(w)) return true;
  return false;
}

// --- text: a cell is two columns, its shade twice, or once and then the mark of a gold link

std::string cell_text(const Panel& p, int i, int j, bool utf8) {
  static const char* const blocks[2][5] = {{" ", ".", ":", "*", "#"}, {" ", "░", "▒", "▓", "█"}};
  const double w = p.weights[i][j];
  const int level = std::isfinite(w) ? std::min(int(std::clamp(w, 0.0, 1.0) * 5), 4) : -1;
  const std::string shade = level < 0 ? "?" : blocks[utf8][level];
  const Link* gold = gold_at(p, i, j);
  return shade + (gold ? gold->sure ? "+" : "-" : shade);
}

std::string line_of(std::string s) {
  s.erase(s.find_last_not_of(' ') + 1);
  return s + "\n";
}

std::string short_word(const std::string& word, const HeatmapText& style) {
  return cut(style.safe ? printable(word) : word, 16, style.utf8 ? "…" : "~");
}

// The characters of a word one below the other, each padded to the two columns of a cell.
std::vector<std::string> upright(const std::string& word, const HeatmapText& style) {
  std::vector<std::string> glyphs;
  each_code_point(short_word(word, style), [&](int, std::string_view glyph) {
    if (display_width(glyph) == 0 && !glyphs.empty()) glyphs.back() += glyph;   // a combining mark
    else glyphs.emplace_back(glyph);
  });
  for (std::string& glyph : glyphs) glyph = padded(glyph, 2);
  return glyphs;
}

// The source tokens from first to last-1, standing on their columns.
std::string headings(const Panel& p, int first, int last, int indent, const HeatmapText& style) {
  std::vector<std::vector<std::string>> words;
  std::size_t height = 0;
  for (int j = first; j < last; j++) {
    words.push_back(upright(p.columns[j], style));
    height = std::max(height, words.back().size());
  }
  std::string out;
  for (std::size_t r = height; r > 0; r--) {    // r lines above the cells
    std::string line(indent, ' ');
    for (const auto& word : words) line += r <= word.size() ? word[word.size() - r] : "  ";
    out += line_of(line);
  }
  return out;
}

struct Names { const char *rows, *columns, *cell; };
constexpr Names of_attention{"target tokens (queries)", "source tokens (keys)", "weight"};
constexpr Names of_occlusion{"target tokens", "source tokens", "share lost"};
const Names& names(const Panel& p) { return p.attends ? of_attention : of_occlusion; }

std::string text_legend(const Panel& p, bool utf8) {
  const auto& [rows, columns, cell] = names(p);
  std::string out = join("rows: ", rows, ", columns: ", columns, "\n", cell, ": ");
  out += utf8 ? "░ from 0.2, ▒ 0.4, ▓ 0.6, █ 0.8" : ". from 0.2, : 0.4, * 0.6, # 0.8";
  if (!p.gold.empty()) out += "; gold: + sure, - possible";
  if (has_strange_weight(p)) out += "; ? is not a number";
  return out + "\n";
}

// --- SVG: a map of its own has colours, one in a page has classes

struct Look {
  int cell, letter, longest;                    // pixels: a cell's side, a wide letter; letters
};
constexpr Look own{24, 8, 24}, paged{34, 9, 16};
// White becomes the night's black, and what was darkest the brightest; hues stay.
constexpr const char* in_the_dark =
    "<style>@media screen and (prefers-color-scheme: dark) "
    "{ svg { filter: invert(0.9) hue-rotate(180deg) } }</style>\n";
constexpr double climbing = 0.7072;             // source tokens climb at 45 degrees
constexpr double axis_text = 160;               // room for the name of an axis

std::string place(double x, double y) {
  return join(" x=\"", fixed(x, 1), "\" y=\"", fixed(y, 1), "\"");
}

std::string svg_text(double x, double y, const std::string& words, const std::string& style = "",
                     int angle = 0) {
  std::string out = "<text" + place(x, y) + style;
  if (angle) out += join(" transform=\"rotate(", angle, " ", fixed(x, 1), " ", fixed(y, 1), ")\"");
  return out + ">" + escape_markup(words) + "</text>\n";
}

std::string svg_rect(double x, double y, double width, double height, const std::string& style,
                     const std::string& title = "") {
  const std::string inner =
      title.empty() ? "/>" : "><title>" + escape_markup(title) + "</title></rect>";
  return "<rect" + place(x, y) + " width=\"" + fixed(width, 1) + "\" height=\"" + fixed(height, 1) +
         "\"" + style + inner + "\n";
}

std::string label(const std::string& word, int longest) { return cut(word, longest, "…"); }

struct Reach {                                  // of the words around the cells, in pixels
  double left = 0, above = 0, right = 0;        // right: from the left end of the cells
};

Reach reach_of(const Panel& p, const Look& look) {
  const auto width = [&](const std::string& word) {
    return double(look.letter * display_width(label(word, look.longest)));
  };
  Reach reach;
  for (const std::string& word : p.rows) reach.left = std::max(reach.left, width(word));
  for (std::size_t j = 0; j < p.columns.size(); j++) {
    const double rise = climbing * width(p.columns[j]);
    reach.above = std::max(reach.above, rise);
    reach.right = std::max(reach.right, look.cell * (double(j) + 0.5) + rise);
  }
  return reach;
}

struct Layout {                                 // of a panel; (left, top): where its cells begin
  double left = 0, top = 0, width = 0, height = 0;
};

Layout layout(const Panel& p) {
  const Reach reach = reach_of(p, own);
  const double left = reach.left + 34, top = reach.above + 64;
  const double right = std::max({axis_text, own.cell * double(p.columns.size()),
                                 p.columns.empty() ? 0 : reach.right + own.letter});
  const double down = std::max(own.cell * double(p.rows.size()), axis_text);
  const double title = own.letter * 1.2 * display_width(label(p.title, 60));
  return {left, top, std::max(left + right, title + 12) + 16, top + down + 16};
}

std::string own_cell(const Panel& p, int i, int j, double x, double y) {
  constexpr int cell = own.cell;
  const double w = p.weights[i][j];
  const bool finite = std::isfinite(w);
  const Link* gold = gold_at(p, i, j);
  const std::string value = finite ? std::abs(w) < 1e6 ? fixed(w, 3) : human(w) : "not a number";
  const std::string title = p.rows[i] + " ← " + p.columns[j] + ": " + value +
                            (gold ? gold->sure ? " (gold)" : " (possible gold)" : "");
  const std::string fill = finite ? ramp_color(w) : "#dddddd";
  std::string out = svg_rect(x, y, cell, cell, " fill=\"" + fill + "\" stroke=\"#ffffff\"", title);
  if (!finite)
    out += svg_text(x + cell / 2, y + 15, "NaN", " text-anchor=\"middle\" font-size=\"9\"");
  return out;
}

// Outlines are drawn after all cells, so that no neighbour covers them.
std::string own_outline(const Link& link, double x, double y) {
  constexpr int cell = own.cell;
  const char* dashes = link.sure ? "" : " stroke-dasharray=\"4 3\"";
  return svg_rect(x + cell * link.src + 1.5, y + cell * link.tgt + 1.5, cell - 3, cell - 3,
                  join(" fill=\"none\" stroke=\"#d7263d\" stroke-width=\"2.5\"", dashes,
                       " pointer-events=\"none\""));
}

std::string panel_svg(const Panel& p, const Layout& at, double x, double y) {
  constexpr int cell = own.cell;
  const double left = x + at.left, top = y + at.top;
  const int m = int(p.rows.size()), n = int(p.columns.size());
  std::string out = svg_text(x + 8, y + 20, label(p.title, 60),
                             " font-size=\"15\" font-weight=\"bold\"");
  out += svg_text(left, y + 42, names(p).columns, " font-size=\"12\" fill=\"#555555\"");
  const double middle = top + std::max(cell * double(m), axis_text) / 2;
  out += svg_text(x + 18, middle, names(p).rows,
                  " font-size=\"12\" fill=\"#555555\" text-anchor=\"middle\"", -90);
  for (int j = 0; j < n; j++)
    out += svg_text(left + cell * (j + 0.5) + 4, top - 6, label(p.columns[j], own.longest), "",
                    -45);
  for (int i = 0; i < m; i++) {
    out += svg_text(left - 6, top + cell * i + 16, label(p.rows[i], own.longest),
                    " text-anchor=\"end\"");
    for (int j = 0; j < n; j++) out += own_cell(p, i, j, left + cell * j, top + cell * i);
  }
  for (const Link& link : p.gold) out += own_outline(link, left, top);
  return out;
}

// What stands in a cell of a page: two decimals, and nothing for what would round to .00.
std::string cell_number(double w) {
  const std::string digits = fixed(w, 2);
  return digits == "0.00" ? "" : digits.starts_with("0") ? digits.substr(1) : digits;
}

std::string paged_cell(double w, double x, double y) {
  constexpr int cell = paged.cell;
  const int shade = shade_of(w);
  return svg_rect(x, y, cell, cell, join(" class=\"cell w", shade, "\"")) +
         svg_text(x + cell / 2.0, y + cell / 2.0 + 4, cell_number(w),
                  join(" class=\"number n", shade, "\""));
}

// A light line below a coloured one is seen on every shade.
std::string paged_outline(const Link& link, double left, double top) {
  constexpr int cell = paged.cell;
  const double x = left + cell * link.src + 2, y = top + cell * link.tgt + 2;
  return svg_rect(x, y, cell - 4, cell - 4, " class=\"halo\"") +
         svg_rect(x, y, cell - 4, cell - 4,
                  link.sure ? " class=\"gold sure\"" : " class=\"gold possible\"");
}

std::string color_bar(double x, double y) {
  const int steps = 30, step = 4;
  std::string out = svg_text(x, y - 10, "weight", " font-size=\"12\" fill=\"#555555\"");
  for (int s = 0; s < steps; s++)
    out += svg_rect(x, y + step * s, 14, step + 0.5,
                    " fill=\"" + ramp_color(1 - (s + 0.5) / steps) + "\"");
  for (int half = 0; half <= 2; half++)
    out += svg_text(x + 20, y + step * steps * half / 2.0 + 4, fixed(1 - half / 2.0, 1),
                    " font-size=\"12\"");
  return out;
}

}  // namespace

std::string heatmap_text(const Panel& p, const HeatmapText& style) {
  check_panel(p);
  const int m = int(p.rows.size()), n = int(p.columns.size());
  std::vector<std::string> labels;
  int indent = 0;
  for (const std::string& word : p.rows) {
    labels.push_back(short_word(word, style));
    indent = std::max(indent, display_width(labels.back()) + 1);
  }
  const int band = std::max(1, (style.width - indent) / 2);
  std::string out = p.title.empty() ? "" : (style.safe ? printable(p.title) : p.title) + "\n";
  for (int first = 0; first < n; first += band) {
    const int last = std::min(first + band, n);
    out += headings(p, first, last, indent, style);
    for (int i = 0; i < m; i++) {
      std::string line = padded(labels[i], indent - 1, true) + " ";
      for (int j = first; j < last; j++) line += cell_text(p, i, j, style.utf8);
      out += line_of(line);
    }
    out += "\n";
  }
  return out + text_legend(p, style.utf8);
}

std::string heatmap_svg(const Panel& panel) { return heatmap_grid_svg({panel}); }

std::string heatmap_grid_svg(const std::vector<Panel>& panels, int across,
                             const std::string& title) {
  check(!panels.empty() && across > 0, "heatmap: ", panels.size(), " panels, ", across, " across");
  Layout largest;
  bool gold = false;
  for (const Panel& p : panels) {
    check_panel(p);
    const Layout at = layout(p);
    largest = {std::max(largest.left, at.left), std::max(largest.top, at.top),
               std::max(largest.width, at.width), std::max(largest.height, at.height)};
    gold |= !p.gold.empty();
  }
  const int count = int(panels.size()), columns = std::min(across, count);
  const double bar = columns * largest.width, width = bar + 64;
  const double above = title.empty() ? 0 : 32;
  const double below = above + (count + columns - 1) / columns * largest.height;
  const double height = below + 24;
  const std::string w = fixed(width, 0), h = fixed(height, 0);
  std::string out = join("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100%\" ",
                         "style=\"max-width:", w, "px\" viewBox=\"0 0 ", w, " ", h,
                         "\" role=\"img\" font-family=\"sans-serif\""
                         " font-size=\"13\" fill=\"#222222\">\n");
  const std::string name = title.empty() ? panels[0].title : title;
  out += "<title>" + escape_markup(name.empty() ? "attention weights" : name) + "</title>\n" +
         in_the_dark;
  out += svg_rect(0, 0, width, height, " fill=\"#ffffff\"");
  for (int k = 0; k < count; k++)
    out += panel_svg(panels[k], layout(panels[k]), k % columns * largest.width,
                     above + k / columns * largest.height);
  if (!title.empty())
    out += svg_text(8, 22, label(title, int(width / 9)),
                    " font-size=\"16\" font-weight=\"bold\"");
  out += color_bar(bar, above + std::max(40.0, largest.top));
  if (gold) out += svg_text(8, below + 8, "outlined: gold links; dashed: possible ones",
                            " font-size=\"12\" fill=\"#555555\"");
  return out + "</svg>\n";
}

std::string heatmap_element(const Panel& p) {
  check_panel(p);
  constexpr int cell = paged.cell;
  const Reach reach = reach_of(p, paged);
  const int m = int(p.rows.size()), n = int(p.columns.size());
  const double left = std::ceil(reach.left + 12), top = std::ceil(reach.above + 12);
  const std::string w = fixed(left + std::max(reach.right + 18, cell * n + 4.0), 0);
  const std::string h = fixed(top + cell * m + 4.0, 0);
  std::string out = join("<svg class=\"map", n > 12 ? " wide" : "", "\" width=\"", w,
                         "\" height=\"", h, "\" viewBox=\"0 0 ", w, " ", h, "\" role=\"img\" ",
                         "aria-label=\"Attention weights: ", m, " rows, ", n, " columns\">\n");
  for (int j = 0; j < n; j++)
    out += svg_text(left + cell * (j + 0.5) + 4, top - 7, label(p.columns[j], paged.longest),
                    " class=\"column\"", -45);
  for (int i = 0; i < m; i++) {
    out += svg_text(left - 8, top + cell * i + 22, label(p.rows[i], paged.longest),
                    " class=\"row\"");
    for (int j = 0; j < n; j++)
      out += paged_cell(p.weights[i][j], left + cell * j, top + cell * i);
  }
  for (const Link& link : p.gold) out += paged_outline(link, left, top);
  return out + "</svg>\n";
}

// One path per shade; what is left out has the shade of 0.
std::string small_map_element(const std::vector<std::vector<double>>& weights) {
  const int m = int(weights.size()), n = m ? int(weights[0].size()) : 0;
  std::map<int, std::string> paths;
  for (int i = 0; i < m; i++)
    for (int j = 0; j < n; j++)
      if (int shade = shade_of(weights[i][j])) paths[shade] += join("M", j, " ", i, "h1v1h-1z");
  const double scale = std::clamp(72.0 / std::max({m, n, 1}), 1.5, 12.0);
  std::string out = join("<svg class=\"small\" width=\"", fixed(scale * n, 0), "\" height=\"",
                         fixed(scale * m, 0), "\" viewBox=\"0 0 ", n, " ", m,
                         "\" aria-hidden=\"true\"><rect class=\"w0\" width=\"", n, "\" height=\"",
                         m, "\"/>");
  for (const auto& [shade, path] : paths)
    out += join("<path class=\"w", shade, "\" d=\"", path, "\"/>");
  return out + "</svg>";
}

int shade_of(double weight) {
  return std::isnan(weight) ? 0 : int(std::lround(std::clamp(weight, 0.0, 1.0) * shades));
}

// Five points, light to dark, so that a print in grey says the same; in between, straight lines.
std::string ramp_color(double weight) {
  static const int points[5][3] = {
      {253, 252, 236}, {184, 222, 143}, {56, 166, 141}, {43, 95, 145}, {50, 14, 82}};
  const char* digits = "0123456789abcdef";
  const double place = std::clamp(weight, 0.0, 1.0) * 4;
  const int from = std::min(int(place), 3);
  std::string color = "#";
  for (int c = 0; c < 3; c++) {
    const double low = points[from][c], high = points[from + 1][c];
    const int value = int(std::lround(low + (high - low) * (place - from)));
    color += {digits[value / 16], digits[value % 16]};
  }
  return color;
}

std::string escape_markup(std::string_view text) {
  constexpr int marks[] = {0x61C, 0x200E, 0x200F};           // these turn only their neighbours
  std::string out;
  each_code_point(text, [&](int c, std::string_view bytes) {
    switch (c) {
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '"': out += "&quot;"; break;
    case '\'': out += "&#39;"; break;
    default: out += std::ranges::count(marks, c) ? std::string(bytes) : printable(bytes);
    }
  });
  return out;
}

}  // namespace babelgrad
