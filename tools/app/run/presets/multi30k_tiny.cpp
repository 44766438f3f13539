// Transformer-Tiny on Multi30k, as in Wu et al. 2021 (arXiv 2105.14462, table 2): 4 + 4 blocks of
// width 128 on 10,000 joint subwords. Theirs are batches of 2 x 4,096 tokens, at most 8,000 updates
// and a rate that falls with the root of the step; half the batch and a cosine are for two cores.
// As there, attention weights are not dropped. Word vectors begin with length 1.
#include "tools/app/cli/args.h"
#include "tools/app/run/presets.h"

namespace babelgrad {

PresetOptions multi30k_tiny_options(const std::string& model, int) {
  if (model != "transformer")
    usage_error("train: --preset multi30k-tiny is a Transformer's; --model ", model,
                " may take multi30k-ladder");
  return {{"tokenizer", "moses"},     {"language", "german"},     {"merges", "10000"},
          {"tie", "all"},             {"layers", "4"},            {"hidden", "128"},
          {"embed", "128"},           {"ffn", "256"},             {"heads", "4"},
          {"dropout", "0.3"},         {"attention-dropout", "0"}, {"label-smoothing", "0.1"},
          {"embedding-std", "0.088"}, {"batching", "tokens"},     {"batch-size", "4096"},
          {"schedule", "cosine"},     {"warmup", "1000"},         {"lr", "0.004"},
          {"epochs", "60"},           {"average", "10"},          {"valid-by", "bleu"}};
}

}  // namespace babelgrad
