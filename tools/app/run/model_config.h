// Which of the models, of what sizes, and how it reads and writes text: all but its weights.
#pragma once

#include <string>
#include <vector>

#include "data/json.h"
#include "data/text.h"

namespace babelgrad {

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
  std::string source_language = "english";      // likewise
  int num_steps = 0;                            // cut sentences to this, as the book does; 0: never
  int merges = 0;                               // of byte-pair encoding; 0: words stay whole
  bool joint = true;                            // one such encoding for both languages
  std::string tie = "none";                     // none; decoder: its word vectors are dense's rows,
                                                // too; all: and the encoder's, of one vocabulary
  std::vector<std::string> without = {};        // parts taken away: tools/app/run/without.h

  bool lacks(const std::string& part) const;
};
Tokenizer tokenizer_of(const ModelConfig& config);
Language language_of(const ModelConfig& config);       // of the target
Language source_language_of(const ModelConfig& config);
Json to_json(const ModelConfig& config);
ModelConfig config_from_json(const Json& json); // Error names the key that is missing or wrong

// "norm, residual" -> {"residual", "norm"}, in the order of without.h, unknown ones last.
std::vector<std::string> parts_from(const std::string& list);
// Error if such a model has no such part to lose, or no such norm.
void check_parts(const ModelConfig& config);

}  // namespace babelgrad
