// A walk as text, block by block, for a reader with the book open; or as one JSON object. A tour is
// short: each kind of step in words once, further layers by their weights, further words in a line.
#pragma once

#include "data/json.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/explain/walk.h"

namespace babelgrad::explain {

struct View {
  int word = 0, layer = 0, head = 0;            // which ones, from 1; 0: a tour
};

// Only the steps of that word and layer (and those of no layer); of a head, its numbers alone.
std::vector<Step> chosen_steps(const Walk& walk, const View& view);
// The steps of one name, layer and side, word by word, as one: (words, units).
std::vector<Step> gathered(const std::vector<Step>& steps);

// The last line without its end, as in way_back.h.
std::string tour(const Walk& walk, const Translator& model, const View& view,
                 const Screen& screen);
Json to_json(const Walk& walk, const Translator& model, const View& view);

}  // namespace babelgrad::explain
