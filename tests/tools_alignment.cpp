// What attention says of a pair of sentences.
#include <numeric>

#include "tests/close.h"
#include "tools/app/view/alignment_view.h"

using namespace babelgrad;

TEST_CASE("(D13) attention_matrix: <eos> has neither row nor column, and keeps its weight") {
  manual_seed(1);
  std::vector<Tokens> source{{"the", "dog", "sleeps"}}, target{{"le", "chien", "dort", "."}};
  ModelConfig config{.model = "attention", .embed = 8, .hidden = 8, .layers = 1, .dropout = 0};
  auto model = make_translator(config, Vocab(source), Vocab(target));
  eval(model->module());
  Weights weights = attention_matrix(*model, source[0], target[0], {});
  REQUIRE(weights.size() == 4);
  for (const auto& row : weights) {
    REQUIRE(row.size() == 3);
    double sum = std::accumulate(row.begin(), row.end(), 0.0);
    CHECK(sum > 0.5);
    CHECK(sum < 0.99);                            // the rest of it lies on <eos>
  }
}
