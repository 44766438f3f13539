// Small charts that the tests of figures share.
#pragma once

#include "tools/app/view/chart.h"

namespace babelgrad {

inline Chart two_bars() {
  return {.title = "Without it",
          .y = {"BLEU"},
          .series = {{"with", {}, {90, 60}, {88, 50}, {91, 70}}, {"without", {}, {30, -20}}},
          .kind = ChartKind::bars,
          .names = {"short", "long"}};
}

}  // namespace babelgrad
