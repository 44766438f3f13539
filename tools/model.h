// The three models behind one face, with their configuration and vocabularies: what train makes, a
// file holds, and every other command opens.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/batches.h"
#include "data/subwords.h"
#include "data/text.h"
#include "data/vocab.h"
#include "models/hypothesis.h"
#include "nn/json.h"
#include "nn/module.h"

namespace babelgrad {

struct Prediction;                              // models/encoder_decoder.h

struct ModelConfig {
  std::string model = "transformer";            // rnn, attention, transformer
  std::string cell = "gru";                     // rnn, gru, lstm
  std::string score = "additive";               // additive, dot, scaled_dot, general
  std::string activation = "relu";              // relu, gelu
  std::string norm = "post";                    // of the Transformer: post (after the sums), pre
  int embed = 256, hidden = 256, layers = 2;    // hidden is the width of the Transformer, too
  int heads = 4, ffn = 64;
  double dropout = 0.2, label_smoothing = 0;
  double attention_dropout = -1;                // of attention weights; below 0: that of the rest
  double embedding_std = 1;                     // of the initial embeddings
  std::string tokenizer = "standard";           // book, standard, moses
  std::string language = "french";              // of the target: french, english, german
  int num_steps = 0;                            // cut sentences to this, as the book does; 0: never
  int merges = 0;                               // of byte-pair encoding; 0: words stay whole
  bool joint = true;                            // one such encoding for both languages
  std::string tie = "none";                     // none; decoder: its word vectors are dense's rows,
                                                // too; all: and the encoder's, of one vocabulary
  std::vector<std::string> without = {};        // parts taken away: models/without.h

  bool lacks(const std::string& part) const;
};
Tokenizer tokenizer_of(const ModelConfig& config);
Language language_of(const ModelConfig& config);       // of the target
Json to_json(const ModelConfig& config);
ModelConfig config_from_json(const Json& json); // Error names the key that is missing or wrong

// "norm, residual" -> {"residual", "norm"}, in the order of models/without.h, unknown ones last.
std::vector<std::string> parts_from(const std::string& list);
// Error if such a model has no such part to lose, or no such norm.
void check_parts(const ModelConfig& config);

// Sentences here are words. The model reads and writes words, or with subwords their pieces, which
// are the entries of its vocabularies.
struct Translator {
  ModelConfig config;
  Vocab src_vocab, tgt_vocab;
  Subwords src_subwords = {}, tgt_subwords = {};
  std::string training = {};                    // how it came about, as JSON; "" if that is unknown

  Translator(const ModelConfig& config, const Vocab& src_vocab, const Vocab& tgt_vocab)
      : config(config), src_vocab(src_vocab), tgt_vocab(tgt_vocab) {}
  virtual ~Translator() = default;
  virtual Module& module() = 0;
  virtual Tensor training_step(const Batch& batch) = 0;
  virtual Prediction greedy(const Ints& src, const Ints& src_valid_len, int max_len) = 0;
  // max_lens (B) instead of options.max_len: see beam_search.
  virtual std::vector<std::vector<Hypothesis>> beam(const Ints& src, const Ints& src_valid_len,
                                                    const Ints& max_lens,
                                                    const BeamOptions& options) = 0;
  // The weights with which each position of `tgt`, given those before it, looked at the source:
  // per layer (batch, heads, T, S); none for the plain encoder-decoder.
  virtual std::vector<Tensor> attention(const Ints& src, const Ints& src_valid_len,
                                        const Ints& tgt) = 0;

  Tokenizer tokenizer() const { return tokenizer_of(config); }
  // <unk>, which a model may have said, is one. With dice, BPE dropout: see Subwords::encode().
  Pair pieces(const Pair& words, double dropout = 0, Random* dice = nullptr) const;
  Tokens target_words(const std::vector<int>& ids) const;
  Tokens as_written(const Tokens& words) const; // ' for &apos;, unless by the book's tokenizer
  std::string as_text(const Tokens& pieces) const;       // for readers
  std::string target_text(const Tokens& words) const;    // in the target's language
  Batch source_batch(const std::vector<Tokens>& sentences) const;        // without targets
  // Any number of sentences, in batches of like lengths; none depends on the others. No translation
  // is longer than max_len tokens, <eos> included; 0: longest() of the tokens of its own source.
  std::vector<Tokens> translate(const std::vector<Tokens>& sentences, int max_len = 0);   // greedy
  // As beam_search, best first; Hypothesis::tokens are for target_words().
  std::vector<std::vector<Hypothesis>> search(const std::vector<Tokens>& sentences,
                                              const BeamOptions& options);
  int longest(int src_tokens) const;            // a generous limit for the length of a translation
  int longest(const Ints& src) const { return longest(src.dim(1)); }     // src (1, S)
};

// Of pairs in pieces. Cut to config.num_steps as in the book, or padded to the longest.
Batch make_batch(const ModelConfig& config, const std::vector<Pair>& pairs,
                 const std::vector<int>& rows, const Vocab& src_vocab, const Vocab& tgt_vocab);

// New parameters, drawn from generator().
std::unique_ptr<Translator> make_translator(const ModelConfig& config, const Vocab& src_vocab,
                                            const Vocab& tgt_vocab);

// One file is the model: weights, configuration, vocabularies. Of a folder, its model.safetensors.
void save_model(Translator& model, const std::string& path);
std::unique_ptr<Translator> load_model(const std::string& path_or_folder);

}  // namespace babelgrad
