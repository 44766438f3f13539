// The book's recipe: its sections 10.7.6, 11.4.3 and 11.7.6.
#include "tools/app/run/presets.h"

namespace babelgrad {

PresetOptions book_options(const std::string& model, int) {
  return {{"tokenizer", "book"},
          {"num-steps", "9"},
          {"batching", "fixed"},
          {"batch-size", "128"},
          {"min-freq", "2"},
          {"epochs", "30"},
          {"embed", "256"},
          {"hidden", "256"},
          {"layers", "2"},
          {"heads", "4"},
          {"ffn", "64"},
          {"dropout", "0.2"},
          {"clip", "1"},
          {"embedding-std", "1"},
          {"schedule", "constant"},
          {"warmup", "0"},
          {"limit", "641"},
          {"num-train", "512"},
          {"lr", model == "transformer" ? "0.001" : "0.005"}};
}

}  // namespace babelgrad
