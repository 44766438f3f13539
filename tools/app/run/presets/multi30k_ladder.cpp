// The three models on Multi30k's words, those seen twice: German to English with --swap. One table
// is the decoder's word vectors and its last layer, so that rare words are learnt from both sides;
// labels are smoothed, and the rate falls to 0.
#include "tools/app/run/presets.h"

namespace babelgrad {

PresetOptions multi30k_ladder_options(const std::string& model, int) {
  PresetOptions options{{"tokenizer", "moses"}, {"language", "english"},    {"min-freq", "2"},
                        {"tie", "decoder"},     {"label-smoothing", "0.1"}, {"schedule", "cosine"},
                        {"valid-by", "bleu"}};
  auto add = [&](const PresetOptions& more) {
    options.insert(options.end(), more.begin(), more.end());
  };
  if (model == "transformer")
    add({{"layers", "4"}, {"hidden", "128"}, {"ffn", "512"}, {"heads", "4"}, {"dropout", "0.2"},
         {"embedding-std", "0.09"}, {"batching", "tokens"}, {"batch-size", "2048"},
         {"warmup", "800"}, {"lr", "0.003"}, {"epochs", "24"}});
  else
    add({{"layers", "1"}, {"embed", "256"}, {"hidden", "256"}, {"dropout", "0.4"},
         {"embedding-std", "0.1"}, {"batch-size", "64"}, {"warmup", "200"}, {"lr", "0.002"},
         {"epochs", model == "rnn" ? "6" : "8"}});
  return options;
}

}  // namespace babelgrad
