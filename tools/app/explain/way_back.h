// The way back through a walk: how much of the loss's gradient arrives at each word, layer and
// module, as the norms of dL/dx.
#pragma once

#include "data/json.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/explain/walk.h"

namespace babelgrad::explain {

struct Profile {
  std::string name;                             // "encoder, layer 1: dL/dh"
  Tokens labels;
  std::vector<double> norms;
  std::string place = {};                       // of x, as place_text() has it
};

inline const char* const loss_place = "loss";
inline const char* const backward_place = "loss.backward";

struct WayBack {
  double loss;                                  // mean per target word: the training loss
  int word, words;                              // of this word alone, or 0: of all of them
  std::vector<Profile> source, target, layers, modules;
};

// `walk` is used up: it was recorded (no NoGrad), and its graph is gone afterwards. The gradients
// of the parameters are those of this loss alone, and stay. `word`: from 1, or 0 for all.
WayBack way_back(Translator& model, const Walk& walk, int word = 0);

std::string text(const WayBack& back, const Translator& model, const Screen& screen);
Json to_json(const WayBack& back);

}  // namespace babelgrad::explain
