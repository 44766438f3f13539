// An attention matrix as a picture: a row per target token (query), a column per source token
// (key). As text for the terminal, or as SVG whose words are real text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/pair.h"

namespace babelgrad {

struct Panel {
  std::vector<std::vector<double>> weights;    // (rows, columns), each 0 .. 1
  Tokens rows, columns;                        // target tokens, source tokens
  std::string title = {};
  std::vector<Link> gold = {};                 // outlined; possible links dashed
  bool attends = true;                         // false: of occlusion, which has no queries and keys
};

struct HeatmapText {
  bool utf8 = true;                            // false: " .:*#" for " ░▒▓█"
  int width = 80;                              // more columns than fit make a second band below
  bool safe = true;                            // for a terminal: what could steer it is escaped
};

// All of them: Error if the weights do not fit the tokens or a link points outside.
std::string heatmap_text(const Panel& panel, const HeatmapText& style = {});
std::string heatmap_svg(const Panel& panel);
// Of several, heads say, under one title. The picture shrinks with its window.
std::string heatmap_grid_svg(const std::vector<Panel>& panels, int across = 4,
                             const std::string& title = "");

// For a page: the map with a number in each cell, and one of a few pixels for each weight.
std::string heatmap_element(const Panel& panel);
std::string small_map_element(const std::vector<std::vector<double>>& weights);

constexpr int shades = 32;                      // of page.css: .w0 .. .w32, weights from 0 to 1
int shade_of(double weight);                    // NaN counts as 0
std::string ramp_color(double weight);         // #rrggbb: 0 is nearly white, 1 nearly black
// Safe as XML or HTML text and within quoted attributes: printable, too, but for directional marks.
std::string escape_markup(std::string_view text);

}  // namespace babelgrad
