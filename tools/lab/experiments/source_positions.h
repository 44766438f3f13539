// Which words of the source go wrong: by where they stand, and by where their translation does.
#pragma once

#include "tools/lab/experiments/three_models.h"

namespace babelgrad::lab {

// Percent of the source words with a sure gold link that lead to a wrong target word. The chart has
// each position of sentences of some lengths; the table has thirds, of all sentences.
struct PositionFigure {
  Chart chart;
  PageTable table;
};
PositionFigure position_figure(const std::string& title);
void add_to(PositionFigure& figure, const std::string& name, const Said& said,
            const std::vector<Pair>& pairs, const analysis::Band& charted);

// In points: the first third of the source less its last third, the final mark included.
double early_less_late(const Said& said, const std::vector<Pair>& pairs);

}  // namespace babelgrad::lab
