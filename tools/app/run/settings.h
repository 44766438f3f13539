// What babelgrad train is told, on the command line, by a preset or by default, and how a run tells
// it again.
#pragma once

#include "nn/optim.h"
#include "tensor/gemm_bf16.h"
#include "tools/app/run/model.h"
#include "tools/app/run/pairs.h"

namespace babelgrad {

enum class Batching { bucketed, fixed, tokens };        // fixed: the book's
enum class Descent { adam, adamw, sgd };
enum class ValidBy { loss, bleu };
enum class AverageOf { last, best };
inline Tokens words_of(Batching) { return {"bucketed", "fixed", "tokens"}; }
inline Tokens words_of(Descent) { return {"adam", "adamw", "sgd"}; }
inline Tokens words_of(ValidBy) { return {"loss", "bleu"}; }
inline Tokens words_of(AverageOf) { return {"last", "best"}; }
inline Tokens words_of(Precision) { return {is_double ? "double" : "float", "bf16"}; }
inline Tokens words_of(Schedule::Kind) { return {"constant", "inverse_sqrt", "cosine"}; }

// What to tell of bf16 without it.
inline constexpr const char* no_amx =
    "note: no AMX here; bf16 products are emulated, to the same bits, and many times slower";

struct TrainSettings {
  ModelConfig model;
  Named<Batching> batching = Batching::bucketed;
  int batch_size = 64;                          // sentences; with `tokens`, padded positions
  int epochs = 10;
  std::int64_t max_steps = 0;                   // stop, resumable, after this many; 0: no limit
  Named<Descent> optimizer = Descent::adam;
  double weight_decay = 0, momentum = 0;
  Schedule schedule = {};
  double clip = 1;
  int accumulate = 1;                           // batches to an update
  Named<Precision> precision = Precision::full; // of what products multiply while it learns
  Named<ValidBy> valid_by = ValidBy::loss;      // what makes a model the best; bleu: greedy
  int patience = 0;                             // end after this many epochs without a better one
  int average = 0;                              // keep the mean of this many epochs; 0: the best
  Named<AverageOf> average_of = AverageOf::last;               // best: by validation
  double ema = 0;                               // share kept of the moving mean of weights; 0: none
  int min_freq = 1, vocab_size = 0;
  double bpe_dropout = 0;                       // of subwords, if the model reads them
  Subwords src_codes = {}, tgt_codes = {};      // model.merges given; empty: learnt
  std::uint64_t seed = 0;
  bool check_nan = false;
  int save_every = 0;                           // steps between checkpoints in an epoch; 0: none
  std::string from = {};                        // a model to begin with; none: new numbers
  // What else the model's file tells of its training: data, preset, ... as train has them.
  std::vector<std::pair<std::string, std::string>> options = {};
};
Json to_json(const TrainSettings& settings);    // all that makes it another run: not how long it is
// The above, "epochs", and "options" if there are any: Translator::training.
Json training_of(const TrainSettings& settings);

struct TrainOptions {
  TrainSettings settings;
  PairSource pairs;
  std::string preset = "auto", out, from, without, codes, tgt_codes;
  Named<Schedule::Kind> schedule = Schedule::constant;
  bool resume = false, overwrite = false, dump_config = false, separate = false;
  std::string note = {};                        // on options that come to nothing, if there are any
  std::string changed = {};                     // on those that a resume has otherwise than before
};

// What a recipe for a corpus follows from.
struct CorpusSize {
  std::size_t pairs;                            // to train on
  double length;                                // mean of their longer sides, in tokens with <eos>
};
CorpusSize size_of(const std::vector<Pair>& pairs);

// Declares and parses the options, and fills in what the user left open, which never overrides the
// user: with --resume the options of the run in --out, with --from what makes the model of that run
// and, unless others are named, its pairs, and the preset. Refuses what does not go together, and
// with --resume or --from what the run does not leave open: UsageError, or of a run Error.
void read_options(Args& args, TrainOptions& options, int argc, const char* const* argv);

void check_resumable(const std::string& folder);      // Error if it holds no run to resume

// Now that the pairs are read: the preset for their number. Only auto depends on it.
void fit_to(Args& args, TrainOptions& options, const CorpusSize& size);

// Options that say what a model is made of, where a model of that kind has no such thing. An
// attention_dropout below 0 is that of --dropout, as the user left it.
std::vector<Idle> idle_of_model(const ModelConfig& model);

// --- recipes by name: what they change of the defaults. They go through the table of options, so
// that what the user types stays, and --dump-config shows it all.
Tokens preset_names();                          // the default first
std::string preset_words();                     // "book, the book's recipe ...; demo, ..."
// Values are text, or made of other options when they are filled in, in this order: 4*hidden,
// 1/√hidden, epochs/6, updates/12. Error: no such preset. UsageError if it is not for this model.
std::vector<std::pair<std::string, std::string>> preset_options(const std::string& preset,
                                                                ModelKind model,
                                                                std::size_t pairs = 0);
// For auto on the built-in corpus: the demo's options, as many epochs as so many pairs need.
std::vector<std::pair<std::string, std::string>> built_in_options(ModelKind model,
                                                                  std::size_t pairs);

}  // namespace babelgrad
