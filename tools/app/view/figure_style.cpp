// How a figure looks, on white, on paper and in the dark. All rules begin with .chart: in a page
// they touch nothing else.
#include "tensor/check.h"
#include "tools/app/view/figure_parts.h"
#include "tools/app/view/heatmap.h"

namespace babelgrad {
namespace {

constexpr std::string_view base = R"css(.chart {
  background: #fffdf8; color: #211e1a;
  font: 12px "Gill Sans", "Gill Sans Nova", Optima, Candara, "Noto Sans", "DejaVu Sans", sans-serif;
}
.chart text { fill: #211e1a; white-space: pre; }
.chart .heading { font-size: 17px; font-family: "Iowan Old Style", "Palatino Linotype", Palatino,
  "Book Antiqua", "TeX Gyre Pagella", "Source Serif 4", "Noto Serif", "DejaVu Serif", serif; }
.chart .tick { font-size: 11.5px; font-variant-numeric: tabular-nums; fill: #4a443d; }
.chart .name { font-style: italic; }
.chart .remark { font-size: 11px; fill: #655e55; }
.chart .end { text-anchor: end; }
.chart .middle { text-anchor: middle; }
.chart .paper { fill: #fffdf8; }
.chart .area { fill: none; }
.chart .empty { stroke: #dcd4c6; stroke-dasharray: 4 4; }
.chart .grid { stroke: #e4dccd; stroke-width: 1; }
.chart .faint { stroke-width: .4; }
.chart .axis { stroke: #655e55; stroke-width: 1; }
.chart .band { fill: currentColor; fill-opacity: .17; stroke: currentColor; stroke-opacity: .3;
  stroke-width: .5; }
.chart .curve { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }
.chart .dot { fill: currentColor; stroke: #fffdf8; stroke-width: .8; }
.chart .ring { fill: #fffdf8; stroke: currentColor; stroke-width: 1.6; }
.chart .hit { fill: transparent; }
.chart .bar { fill: currentColor; }
.chart .hatch { fill: none; stroke: #fffdf8; stroke-width: 1.4; pointer-events: none; }
.chart .whisker { fill: none; stroke: #211e1a; stroke-width: 1.3; pointer-events: none; }
.chart .halo { stroke: #fffdf8; stroke-width: 3.6; stroke-opacity: .8; }
.chart .level { fill: none; stroke: #211e1a; stroke-width: 1.8; stroke-linecap: round; }
.chart .cell { stroke: #fffdf8; stroke-width: 1; }
.chart .absent { fill: #e4dccd; }
.chart .c0 { color: #0072b2; } .chart .c1 { color: #d55e00; } .chart .c2 { color: #009e73; }
.chart .c3 { color: #cc79a7; } .chart .c4 { color: #211e1a; } .chart .c5 { color: #e69f00; }
.chart .c6 { color: #56b4e9; }
)css";

constexpr std::string_view dark = R"css(.chart { background: #17161b; color: #ece7dc; }
.chart text { fill: #ece7dc; }
.chart .tick { fill: #c9c3b7; }
.chart .remark { fill: #aaa497; }
.chart .paper { fill: #17161b; }
.chart .empty { stroke: #3a3842; }
.chart .grid { stroke: #34323b; }
.chart .axis { stroke: #aaa497; }
.chart .dot, .chart .hatch, .chart .halo, .chart .cell { stroke: #17161b; }
.chart .ring { fill: #17161b; stroke: currentColor; }
.chart .whisker, .chart .level { stroke: #ece7dc; }
.chart .halo { stroke: #17161b; }
.chart .absent { fill: #3a3842; }
.chart .c0 { color: #4398de; } .chart .c1 { color: #f0763a; } .chart .c2 { color: #2bc29a; }
.chart .c3 { color: #e29cc4; } .chart .c4 { color: #ece7dc; } .chart .c5 { color: #f2b83a; }
.chart .c6 { color: #a6dcff; }
)css";

// Below 0.64 the ramp is light enough for black: at least 4.5 to 1 for either ink.
std::string shades(bool reversed) {
  std::string out;
  for (int k = 0; k <= 32; k++) {
    const double weight = (reversed ? 32 - k : k) / 32.0;
    out += join(".chart .shade", k, " { fill: ", ramp_color(weight), "; } .chart .on", k,
                " { fill: ", weight < 0.64 ? "#000000" : "#ffffff", "; }\n");
  }
  return out;
}

}  // namespace

// In the dark the ramp runs the other way: what is next to nothing is next to the page's colour.
std::string figure_style() {
  return join(base, shades(false), "@media screen and (prefers-color-scheme: dark) {\n", dark,
              shades(true), "}\n");
}

}  // namespace babelgrad
