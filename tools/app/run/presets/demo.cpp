// What babelgrad demo trains, on sentences of the built-in corpus of up to twelve words.
#include "tools/app/run/presets.h"

namespace babelgrad {

PresetOptions demo_options(const std::string& model, int) {
  PresetOptions options{{"pairs", "24000"},    {"max-length", "12"}, {"seed", "1"},
                        {"embed", "128"},      {"hidden", "128"},    {"heads", "4"},
                        {"ffn", "256"},        {"dropout", "0"},     {"batch-size", "64"},
                        {"schedule", "cosine"}};
  auto add = [&](const PresetOptions& more) {
    options.insert(options.end(), more.begin(), more.end());
  };
  if (model == "transformer")
    add({{"layers", "2"}, {"embedding-std", "0.09"}, {"lr", "0.002"}, {"warmup", "200"},
         {"epochs", "4"}});
  else
    add({{"layers", "1"}, {"embedding-std", "0.3"}, {"lr", "0.004"}, {"warmup", "100"},
         {"epochs", model == "rnn" ? "5" : "6"}});
  return options;
}

}  // namespace babelgrad
