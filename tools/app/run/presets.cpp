// Recipes by name: one table.
#include <algorithm>
#include <cmath>

#include "tools/app/run/settings.h"

namespace babelgrad {
namespace {

struct Preset { const char *name, *says; };
constexpr Preset presets[] = {{"default", "what suits a small corpus"},
                              {"book", "the book's recipe and its preprocessing"},
                              {"demo", "that of babelgrad demo"},
                              {"multi30k-ladder", "the three models on the words of Multi30k"},
                              {"multi30k-tiny", "Transformer-Tiny on its subwords"}};

struct Recipe { const char *preset, *models, *options; };      // an option, its value, the next
constexpr Recipe recipes[] = {
    // A learning rate for each kind of model; a Transformer also needs a warm-up (Vaswani et al.
    // 2017, 5.3) and word vectors of length 1, which are multiplied by √d in the model.
    {"default", "rnn attention", "lr 0.002"},
    {"default", "transformer",
     "embedding-std 1/√hidden ffn 4*hidden schedule inverse_sqrt warmup 400 lr 0.001"},

    // The book's sections 10.7.6, 11.4.3 and 11.7.6.
    {"book", "rnn attention transformer",
     "tokenizer book num-steps 9 batching fixed batch-size 128 min-freq 2 epochs 30 embed 256 "
     "hidden 256 layers 2 heads 4 ffn 64 dropout 0.2 clip 1 embedding-std 1 schedule constant "
     "warmup 0 limit 641 num-train 512"},
    {"book", "rnn attention", "lr 0.005"},
    {"book", "transformer", "lr 0.001"},

    // On sentences of the built-in corpus of up to twelve words.
    {"demo", "rnn attention transformer",
     "pairs 24000 max-length 12 seed 1 embed 128 hidden 128 heads 4 ffn 256 dropout 0 "
     "batch-size 64 schedule cosine"},
    {"demo", "rnn attention", "layers 1 embedding-std 0.3 lr 0.004 warmup 100"},
    {"demo", "rnn", "epochs 5"},
    {"demo", "attention", "epochs 6"},
    {"demo", "transformer", "layers 2 embedding-std 0.09 lr 0.002 warmup 200 epochs 4"},

    // The words of Multi30k that are seen twice: German to English with --swap. One table is the
    // decoder's word vectors and its last layer, so that rare words are learnt from both sides;
    // labels are smoothed, and the rate falls to 0.
    {"multi30k-ladder", "rnn attention transformer",
     "tokenizer moses language english min-freq 2 tie decoder label-smoothing 0.1 "
     "schedule cosine valid-by bleu"},
    {"multi30k-ladder", "rnn attention",
     "layers 1 embed 256 hidden 256 dropout 0.4 embedding-std 0.1 batch-size 64 warmup 200 "
     "lr 0.002"},
    {"multi30k-ladder", "rnn", "epochs 6"},
    {"multi30k-ladder", "attention", "epochs 8"},
    {"multi30k-ladder", "transformer",
     "layers 4 hidden 128 ffn 512 heads 4 dropout 0.2 embedding-std 0.09 batching tokens "
     "batch-size 2048 warmup 800 lr 0.003 epochs 24"},

    // As in Wu et al. 2021 (arXiv 2105.14462, table 2): 4 + 4 blocks of width 128 on 10,000 joint
    // subwords. Theirs are batches of 2 x 4,096 tokens, at most 8,000 updates and a rate that falls
    // with the root of the step; half the batch and a cosine are for two cores. As there, attention
    // weights are not dropped. Word vectors begin with length 1.
    {"multi30k-tiny", "transformer",
     "tokenizer moses language german merges 10000 tie all layers 4 hidden 128 embed 128 ffn 256 "
     "heads 4 dropout 0.3 attention-dropout 0 label-smoothing 0.1 embedding-std 0.088 "
     "batching tokens batch-size 4096 schedule cosine warmup 1000 lr 0.004 epochs 60 average 10 "
     "valid-by bleu"}};

}  // namespace

Tokens preset_names() {
  Tokens names;
  for (const Preset& it : presets) names.push_back(it.name);
  return names;
}

std::string preset_words() {
  std::string words;
  for (const Preset& it : presets)
    words += join(words.empty() ? "" : "; ", it.name, ", ", it.says);
  return words;
}

std::vector<std::pair<std::string, std::string>> preset_options(const std::string& preset,
                                                                ModelKind model, int hidden) {
  check(std::ranges::count(preset_names(), preset) == 1, "preset: there is no ", preset);
  const std::string kind = Named(model).word();
  std::vector<std::pair<std::string, std::string>> options;
  for (const Recipe& it : recipes) {
    if (it.preset != preset || std::ranges::count(split(it.models), kind) == 0) continue;
    const Tokens words = split(it.options);
    for (std::size_t i = 0; i < words.size(); i += 2)
      options.emplace_back(words[i], words[i + 1] == "4*hidden"    ? text(4 * hidden)
                                     : words[i + 1] == "1/√hidden" ? text(1 / std::sqrt(hidden))
                                                                   : words[i + 1]);
  }
  if (options.empty())
    usage_error("train: --preset ", preset, " is a Transformer's; --model ", kind,
                " may take multi30k-ladder");
  return options;
}

}  // namespace babelgrad
