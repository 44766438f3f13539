// A learning rate for each kind of model; a Transformer also needs a warm-up (Vaswani et al. 2017,
// 5.3) and word vectors of length 1.
#include <cmath>

#include "tensor/check.h"
#include "tools/app/run/presets.h"

namespace babelgrad {

PresetOptions default_options(const std::string& model, int hidden) {
  if (model != "transformer") return {{"lr", "0.002"}};
  return {{"embedding-std", text(1 / std::sqrt(double(hidden)))},       // times √d in the model
          {"ffn", text(4 * hidden)},
          {"schedule", "inverse_sqrt"},
          {"warmup", "400"},
          {"lr", "0.001"}};
}

}  // namespace babelgrad
