// The three models behind one face, with their configuration and vocabularies: what train makes, a
// file holds, and every other command opens.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "autograd/ops.h"
#include "data/batches.h"
#include "data/json.h"
#include "data/subwords.h"
#include "data/text.h"
#include "data/vocab.h"
#include "models/attention_scoring.h"
#include "models/beam_search.h"
#include "nn/module.h"
#include "tools/app/cli/named.h"

namespace babelgrad {

class Args;

enum class ModelKind { rnn, attention, transformer };
enum class ActivationKind { relu, gelu };
enum class NormPlace { post, pre };             // after the sums, or before the sublayers
enum class Tying { none, decoder, all };
inline Tokens words_of(ModelKind) { return {"rnn", "attention", "transformer"}; }
inline Tokens words_of(Cell) { return {"rnn", "gru", "lstm"}; }
inline Tokens words_of(Score) { return {"additive", "dot", "scaled_dot", "general"}; }
inline Tokens words_of(ActivationKind) { return {"relu", "gelu"}; }
inline Tokens words_of(NormPlace) { return {"post", "pre"}; }
inline Tokens words_of(Tokenizer) { return {"book", "standard", "moses", "cased"}; }
inline Tokens words_of(Language) { return {"english", "french", "german"}; }
inline Tokens words_of(Tying) { return {"none", "decoder", "all"}; }

// Which of the models, of what sizes, and how it reads and writes text: all but its weights.
struct ModelConfig {
  Named<ModelKind> model = ModelKind::transformer;
  Named<Cell> cell = Cell::gru;
  Named<Score> score = Score::additive;
  Named<ActivationKind> activation = ActivationKind::relu;     // in the Transformer's FFN
  Named<NormPlace> norm = NormPlace::post;      // of the Transformer
  int embed = 256, hidden = 256, layers = 2;    // hidden is the width of the Transformer, too
  int heads = 4, ffn = 64;
  double dropout = 0.2, label_smoothing = 0;
  double attention_dropout = -1;                // of attention weights; below 0: that of the rest
  double embedding_std = 1;                     // of the initial embeddings
  Named<Tokenizer> tokenizer = Tokenizer::standard;
  Named<Language> language = Language::french;  // of the target
  Named<Language> source_language = Language::english;
  int num_steps = 0;                            // cut sentences to this, as the book does; 0: never
  int merges = 0;                               // of byte-pair encoding; 0: words stay whole
  bool joint = true;                            // one such encoding for both languages
  Named<Tying> tie = Tying::none;               // decoder: its word vectors are dense's rows, too;
                                                // all: and the encoder's, of one vocabulary
  std::vector<std::string> without = {};        // parts taken away: without.h

  bool lacks(const std::string& part) const;
  bool attends_to_source() const;               // does its decoder?
};
Json to_json(const ModelConfig& config);
ModelConfig config_from_json(const Json& json); // Error names the key that is missing or wrong

// "norm, residual" -> {"residual", "norm"}, in the order of without.h, unknown ones last.
std::vector<std::string> parts_from(const std::string& list);
// Error if such a model has no such part or no such norm.
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
  // Neither search says <pad> or <bos>.
  // The likeliest token at every step, up to <eos>; by predict_step, as the book has it.
  virtual std::vector<std::vector<int>> greedy(const Ints& src, const Ints& src_valid_len,
                                               int max_len) = 0;
  // max_lens (B) instead of options.max_len: see beam_search.
  virtual std::vector<std::vector<Hypothesis>> beam(const Ints& src, const Ints& src_valid_len,
                                                    const Ints& max_lens,
                                                    BeamOptions options) = 0;
  // The forward pass a word at a time: the source is read, `source_read` called, and then each
  // target token given makes the logits of the next, (1, 1, vocabulary). For one sentence.
  virtual std::function<Tensor(int id)> word_by_word(const Ints& src,
                                                     const std::function<void()>& source_read) = 0;
  // Of each label of the batch, those before it given: logits shaped as its targets, with an axis
  // for the vocabulary. Nothing is recorded.
  virtual Tensor logits(const Batch& batch) = 0;
  // The weights with which each position of `tgt`, given those before it, looked at the source:
  // per layer (batch, heads, T, S); none for the plain encoder-decoder.
  virtual std::vector<Tensor> attention(const Ints& src, const Ints& src_valid_len,
                                        const Ints& tgt) = 0;
  // In the same call, what the words of each side gave to those of their own, per layer that has
  // self-attention: of the Transformer.
  struct OwnWeights { std::vector<Tensor> source, target; };
  virtual OwnWeights self_attention() const = 0;

  Tokenizer tokenizer() const { return config.tokenizer; }
  // <unk>, which a model may write, is one. With `dice`, BPE dropout: see Subwords::encode().
  Pair pieces(const Pair& words, double dropout = 0, Random* dice = nullptr) const;
  Tokens target_words(const std::vector<int>& ids) const;
  Tokens as_written(const Tokens& words) const; // ' for &apos;, unless by the book's tokenizer
  Tokens joined(const Tokens& pieces) const;    // words of pieces, if the model has such
  std::string source_text(const Tokens& words) const;    // for readers, in the source's language
  std::string target_text(const Tokens& words) const;    // in the target's
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

// Of pairs in pieces. Cut to config.num_steps as in the book, or never.
Batch make_batch(const ModelConfig& config, const std::vector<Pair>& pairs,
                 const std::vector<int>& rows, const Vocab& src_vocab, const Vocab& tgt_vocab);

// New parameters, drawn from generator().
std::unique_ptr<Translator> make_translator(const ModelConfig& config, const Vocab& src_vocab,
                                            const Vocab& tgt_vocab);

// One file is the model: weights, configuration, vocabularies. Of a folder, its model.safetensors.
// What is saved can be loaded; check_storable() tells before there is anything to save: Error for
// what the file cannot hold, such as a vocabulary of millions.
void check_storable(Translator& model);
void save_model(Translator& model, const std::string& path);
// A file that another program wrote has no checksum, or with `like` a wrong one: it is read by name
// and shape, with a note. Configuration and vocabularies are its own or, if given, those of the run
// `like`; a wrapper's part of a name comes off; a tied table may be there under several names, if
// the copies are equal. Error: one line, which names the tensor, or what is missing.
std::unique_ptr<Translator> load_model(const std::string& path_or_folder,
                                       const std::string& like = "");
// RUN and --like of a command, for load_model().
void declare_run(Args& args, std::string& run, std::string& like, bool needed = true);
// The bytes of that file, and the model of such bytes; `name` is for messages.
std::string model_bytes(Translator& model);
std::unique_ptr<Translator> model_from_bytes(std::string bytes, const std::string& name);

}  // namespace babelgrad
