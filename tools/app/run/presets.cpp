// Recipes by name: one table.
#include <algorithm>
#include <cstdint>

#include "tools/app/run/settings.h"

namespace babelgrad {
namespace {

struct Preset { const char *name, *says; };
constexpr Preset presets[] = {{"auto", "what suits the number of pairs"},
                              {"default", "one for every corpus"},
                              {"book", "the book's recipe and its preprocessing"},
                              {"demo", "the recipe of babelgrad demo"},
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

// For auto, for corpora of up to `pairs` pairs: what follows from that number. Few pairs are seen
// often, in small batches, since a model needs some hundred updates to learn anything; and many
// numbers are dropped, but of the fewest pairs, where learning them by heart is all that can be
// had. The rate rises for a twelfth of the run and then falls to 0, and what is kept is the mean of
// the last epochs, not the best by validation, which of few pairs says little.
struct Scaled { std::size_t pairs; const char *transformer, *recurrent; };
constexpr Scaled scaled[] = {
    {50,
     "layers 2 hidden 128 dropout 0.1 merges 0 batch-size 64 epochs 200 lr 0.002",
     "hidden 128 embed 128 dropout 0.1 batch-size 64 epochs 200"},
    {1000,
     "layers 2 hidden 128 dropout 0.1 merges 0 batch-size 256 epochs 100 lr 0.002",
     "hidden 128 embed 128 dropout 0.1 batch-size 256 epochs 60"},
    {8000,
     "layers 2 hidden 128 dropout 0.3 merges 1000 batch-size 512 epochs 60 lr 0.002",
     "hidden 128 embed 128 dropout 0.3 batch-size 512 epochs 20"},
    {50000,
     "layers 4 hidden 128 dropout 0.3 merges 4000 batch-size 2048 epochs 60 lr 0.003",
     "hidden 256 embed 256 dropout 0.4 batch-size 1024 epochs 10"},
    {300000,
     "layers 4 hidden 256 dropout 0.2 merges 8000 batch-size 4096 epochs 20 lr 0.002",
     "hidden 256 embed 256 dropout 0.2 batch-size 2048 epochs 6"},
    {SIZE_MAX,
     "layers 4 hidden 512 heads 8 dropout 0.1 merges 16000 batch-size 8192 epochs 8 lr 0.001",
     "hidden 512 embed 512 dropout 0.2 batch-size 4096 epochs 4"}};
constexpr const char* scaled_alike =
    "label-smoothing 0.1 batching tokens schedule cosine warmup updates/12 average epochs/6";

using Options = std::vector<std::pair<std::string, std::string>>;

void add_options(Options& options, std::string_view words) {
  const Tokens list = split(words);
  for (std::size_t i = 0; i < list.size(); i += 2) options.emplace_back(list[i], list[i + 1]);
}

Options auto_options(bool transformer, std::size_t pairs) {
  const Scaled& row = *std::ranges::find_if(scaled, [=](auto& it) { return pairs <= it.pairs; });
  Options options;
  add_options(options, transformer ? row.transformer : row.recurrent);
  add_options(options, transformer ? "embedding-std 1/√hidden ffn 4*hidden tie decoder "
                                     "attention-dropout 0"
                                   : "layers 1 embedding-std 0.1 lr 0.002");
  add_options(options, scaled_alike);
  return options;
}

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
                                                                ModelKind model,
                                                                std::size_t pairs) {
  check(std::ranges::count(preset_names(), preset) == 1, "preset: there is no ", preset);
  if (preset == "auto") return auto_options(model == ModelKind::transformer, pairs);
  const std::string kind = Named(model).word();
  Options options;
  for (const Recipe& it : recipes)
    if (it.preset == preset && std::ranges::count(split(it.models), kind) > 0)
      add_options(options, it.options);
  if (options.empty())
    usage_error("train: --preset ", preset, " is a Transformer's; --model ", kind,
                " may take multi30k-ladder");
  return options;
}

std::vector<std::pair<std::string, std::string>> built_in_options(ModelKind model,
                                                                  std::size_t pairs) {
  constexpr std::size_t demo_pairs = 21600;     // to train on
  Options options = preset_options("demo", model);
  const std::string kept_out = "pairs max-length seed";        // the user's, or the default's
  std::erase_if(options, [&](const auto& it) { return kept_out.find(it.first) != kept_out.npos; });
  for (auto& [name, value] : options) {
    const std::size_t rounds = demo_pairs / std::max<std::size_t>(pairs, 1);
    if (name == "epochs") value = text(std::clamp<std::size_t>(rounds, 1, 30) * std::stoul(value));
    if (name == "warmup") value = "updates/12";
  }
  std::stable_partition(options.begin(), options.end(),       // once the updates are known
                        [](const auto& it) { return it.first != "warmup"; });
  return options;
}

}  // namespace babelgrad
