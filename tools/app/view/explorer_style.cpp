// The page's one style sheet: a page of a book, in light and in dark, on a screen and on paper.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "tensor/check.h"
#include "tools/app/view/explorer.h"
#include "tools/app/view/heatmap.h"

namespace babelgrad {
namespace {

// On a dark page weight 0 is the page and weight 1 the brightest, by straight lines between.
std::string dark_ramp_color(double weight) {
  static const int points[5][3] = {
      {34, 33, 40}, {58, 68, 122}, {44, 132, 140}, {142, 204, 132}, {253, 250, 214}};
  const double place = weight * 4;
  const int from = std::min(int(place), 3);
  std::string color = "#";
  for (int c = 0; c < 3; c++) {
    const int low = points[from][c], high = points[from + 1][c];
    const int value = int(std::lround(low + (high - low) * (place - from)));
    color += {"0123456789abcdef"[value / 16], "0123456789abcdef"[value % 16]};
  }
  return color;
}

// Relative luminance as WCAG 2 has it, 0 to 1.
double luminance(const std::string& color) {
  const double share[] = {0.2126, 0.7152, 0.0722};
  double sum = 0;
  for (int c = 0; c < 3; c++) {
    const double s = std::strtol(color.substr(1 + 2 * c, 2).c_str(), nullptr, 16) / 255.0;
    sum += share[c] * (s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4));
  }
  return sum;
}

// Black or white, whichever stands out more: at least 4.5 to 1 on any ground.
const char* ink_on(const std::string& color) {
  const double ground = luminance(color) + 0.05;
  return ground * ground > 1.05 * 0.05 ? "#000" : "#fff";
}

std::string shade_classes(std::string (*color_of)(double)) {
  std::string out;
  for (int k = 0; k <= shades; k++) {
    const std::string color = color_of(double(k) / shades);
    out += join(".w", k, "{fill:", color, ";background-color:", color, "}.n", k, "{fill:",
                ink_on(color), ";color:", ink_on(color), "}\n");
  }
  return out;
}

constexpr std::string_view base = R"css(
:root {
  --paper: #fffdf8; --ink: #211e1a; --soft: #655e55; --line: #dcd4c6; --lit: #efe7d6;
  --accent: #8c2f1b; --gold: #d0142c; --halo: #ffffff;
}
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%; }
body {
  margin: 0; line-height: 1.5; font-size: 18px; overflow-wrap: break-word;
  font-family: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", "TeX Gyre Pagella",
    "Source Serif 4", "Noto Serif", "DejaVu Serif", Georgia, serif;
}
main { max-width: 72rem; margin: 0 auto; padding: 3.5rem 1.5rem 5rem; }
header { border-bottom: 1px solid var(--line); padding-bottom: 1.4rem; }
h1, h2, p, figure { margin: 0; }
h1 { font-size: 2.1rem; font-weight: 400; line-height: 1.2; margin: .5rem 0 .2rem; }
h1, .translation, .facts, .word, .readout, .text { overflow-wrap: anywhere; }
sup { line-height: 0; font-size: .7em; }
h2 { font-size: 1.35rem; font-weight: 400; font-style: italic; }
.kicker, .tabs, figcaption, th, .side, .legend, .note {
  font-family: "Gill Sans", "Gill Sans Nova", Optima, Candara, "Noto Sans", "DejaVu Sans",
    sans-serif;
}
.kicker { letter-spacing: .12em; text-transform: uppercase; font-size: .72rem; color: var(--soft); }
.translation { font-size: 1.45rem; font-style: italic; line-height: 1.3; color: var(--accent); }
.facts, .lead { color: var(--soft); }
.facts { margin-top: .7rem; font-size: .92rem; }
section { margin-top: 2.4rem; }
code { font-size: .85em; }
.tabs { display: flex; flex-wrap: wrap; gap: 0 1.6rem; margin-top: 1rem; font-size: .92rem; }
.tabs a { color: var(--soft); text-decoration: none; padding: .35rem 0; }
.tabs a { border-bottom: 3px solid transparent; }
.tabs a:hover { color: var(--ink); }
.tabs a[aria-selected=true] { color: var(--ink); border-bottom-color: var(--accent); }
.scripted .panel { margin-top: 1.2rem; }
@media screen { .scripted .tabs ~ .panel h2 { display: none; } }
.panel:focus { outline: none; }

.pair { margin-top: 1.2rem; border-top: 1px solid var(--line); }
.line {
  display: grid; grid-template-columns: 7rem 1fr; align-items: baseline;
  border-bottom: 1px solid var(--line); padding: .3rem 0;
}
.side { color: var(--soft); font-size: .8rem; }
.words { display: flex; flex-wrap: wrap; gap: .15rem .2rem; }
.word { padding: .1rem .35rem; border-radius: 3px; border: 2px solid transparent; }
.word.mark { font-style: italic; color: var(--soft); }
.scripted .word { cursor: pointer; text-align: center; }
.word .value {
  display: block; min-width: 2.2em; min-height: 1.2em; line-height: 1.2;
  font-size: .72rem; font-style: normal; font-variant-numeric: tabular-nums;
}
.word.lit { background: var(--lit); border-color: var(--ink); color: var(--ink); }
.word.pinned bdi { text-decoration: underline; text-underline-offset: 3px; }
.word.sure { border-color: var(--gold); }
.word.possible { border-color: var(--gold); border-style: dashed; }
.readout { min-height: 1.6em; margin-top: .6rem; font-size: .95rem; color: var(--soft); }
.readout:empty { display: none; }

.views { display: flex; flex-wrap: wrap; gap: 1.5rem 2.5rem; align-items: flex-start; }
.views { margin-top: .8rem; }
.large, .heads { min-width: 0; max-width: 100%; }
figcaption { font-size: .8rem; color: var(--soft); padding: .2rem 0 .5rem; }
.scroll { overflow-x: auto; }
svg { display: block; }
.map { max-width: 100%; height: auto; }
.map.wide { max-width: none; }
.map .row, .map .column { font-size: 14px; fill: var(--ink); }
.map .number { font-size: 11px; text-anchor: middle; font-variant-numeric: tabular-nums; }
.map .row { text-anchor: end; }
.map .hot { fill: var(--accent); text-decoration: underline; }
.cell { stroke: var(--paper); stroke-width: 1; }
.small { shape-rendering: crispEdges; }
.dim .cell:not(.on), .dim .number:not(.on), .dim .gold:not(.on), .dim .halo { opacity: .35; }
.dim .cell.on { stroke: var(--soft); stroke-width: .75; }
.halo { fill: none; stroke: var(--halo); stroke-width: 4; pointer-events: none; }
.gold { fill: none; stroke: var(--gold); stroke-width: 2; pointer-events: none; }
.gold.possible { stroke-dasharray: 4 3; }
.number { pointer-events: none; }
)css";

constexpr std::string_view tables = R"css(
.legend { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem; padding-top: .5rem; }
.legend { font-size: .8rem; color: var(--soft); }
.key { display: inline-flex; align-items: center; gap: .3rem; margin-left: .8rem; }
table { border-collapse: collapse; }
.heads th { font-size: .75rem; font-weight: 400; color: var(--soft); padding: .1rem .3rem; }
.heads tbody th { text-align: right; white-space: nowrap; }
.heads td { padding: .2rem; }
.pick { display: block; padding: 3px; border: 2px solid var(--line); border-radius: 3px; }
.scripted .pick { cursor: pointer; }
.pick:hover { border-color: var(--soft); }
.pick[aria-pressed=true] { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.hypotheses { width: 100%; margin-top: .8rem; font-size: .92rem; }
.hypotheses th { text-align: left; font-weight: 400; font-size: .78rem; color: var(--soft); }
.hypotheses th, .hypotheses td { padding: .35rem 0 .35rem .9rem; vertical-align: baseline; }
.hypotheses :first-child { padding-left: 0; }
.hypotheses tr { border-bottom: 1px solid var(--line); }
.hypotheses .figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.hypotheses .text { min-width: 11rem; width: 60%; }
.hypotheses .shown .text { font-style: italic; color: var(--accent); }
.hypotheses tbody tr:hover { background: var(--lit); }
.hypotheses button {
  font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer;
  text-decoration: underline dotted; text-underline-offset: 3px;
}
.hypotheses th[aria-sort] button { color: var(--ink); text-decoration: underline; }
.note { font-size: .75rem; font-style: normal; white-space: nowrap; color: var(--soft); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
@media (max-width: 40rem) {
  body { font-size: 16px; }
  main { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.6rem; }
  .translation { font-size: 1.2rem; }
  .line { grid-template-columns: 1fr; }
  .word { padding: .1rem .2rem; }
}
@media print {
  body { font-size: 11pt; }
  main { max-width: none; padding: 0; }
  .tabs { display: none; }
  .panel[hidden] { display: block !important; }
  .scroll { overflow: visible; }
  .map, .map.wide { max-width: 100%; }
  figure, tr, header { break-inside: avoid; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
)css";

constexpr std::string_view dark = R"css(
:root {
  --paper: #17161b; --ink: #ece7dc; --soft: #aaa497; --line: #3a3842; --lit: #2c2a34;
  --accent: #e9a27f; --gold: #ff6f7d; --halo: #000000;
}
)css";

}  // namespace

std::string explorer_style() {
  return join(base, tables, shade_classes(ramp_color), "@media screen and (prefers-color-scheme:",
              " dark) {", dark, shade_classes(dark_ramp_color), "}\n");
}

}  // namespace babelgrad
