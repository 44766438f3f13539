// A sentence in, a sentence out: the encoder reads the source, the decoder writes word by word.
#pragma once

#include <algorithm>
#include <limits>
#include <tuple>

#include "autograd/ops.h"
#include "nn/module.h"

namespace babelgrad {

// D2L 10.6.1 Encoder. Has operator()(const Ints& X, const Lens& lens) -> enc_all_outputs. Here and
// below a batch may be packed (tensor/packed.h): then it is one long sentence, (1, rows).
struct Encoder : Module {};

// D2L 10.6.2 Decoder. Has a struct State with named fields and take(rows), and
//   State init_state(enc_all_outputs, const Lens& lens)
//   {logits (batch_size, num_steps, vocab_size), State} operator()(const Ints& X, State state)
// Called with the state it gave it goes on where it stopped: stepwise equals all at once.
struct Decoder : Module {};

// Scores (..., vocab_size), not recorded, of the next word: -inf for what none can be. <pad> and
// <bos> are places in a batch, but a model that has learnt little may like them best.
inline void silence(Tensor& scores, const std::vector<int>& never) {
  for (Index row = 0; row < scores.numel(); row += scores.dim(scores.rank() - 1))
    for (int word : never) scores.data()[row + word] = -std::numeric_limits<Real>::infinity();
}

// Columns (n, 1) -> (n, columns)
inline Ints side_by_side(const std::vector<Ints>& columns) {
  Ints table(Shape{columns.empty() ? 0 : columns[0].dim(0), int(columns.size())});
  for (int i = 0; i < table.dim(0); i++)
    for (int t = 0; t < table.dim(1); t++) table.at(i, t) = columns[t][i];
  return table;
}

// Of each row what stands before the first <eos>, or all of it.
inline std::vector<std::vector<int>> before(const Ints& tokens, int eos) {
  std::vector<std::vector<int>> rows(tokens.dim(0));
  for (int i = 0; i < tokens.dim(0); i++)
    for (int t = 0; t < tokens.dim(1) && tokens.at(i, t) != eos; t++)
      rows[i].push_back(tokens.at(i, t));
  return rows;
}

// D2L 10.6.3 Putting the Encoder and Decoder Together
template <class EncoderType, class DecoderType>
struct EncoderDecoder : Module {
  EncoderType encoder;
  DecoderType decoder;

  EncoderDecoder(EncoderType encoder, DecoderType decoder)
      : encoder(std::move(encoder)), decoder(std::move(decoder)) {}

  // enc_X (batch_size, source steps), dec_X (batch_size, target steps),
  // lengths of the sources or none, or of a packed batch
  // -> logits (batch_size, target steps, vocab_size)
  Tensor operator()(const Ints& enc_X, const Ints& dec_X, const Lens& enc_valid_lens = {}) {
    auto enc_all_outputs = encoder(enc_X, enc_valid_lens);
    auto dec_state = decoder.init_state(enc_all_outputs, enc_valid_lens);
    return decoder(dec_X, dec_state).first;
  }

  // D2L 10.7.7 Prediction. Departs from D2L (D10): it stops when all sentences have ended. Until
  // then one goes on behind its <eos>, and what stands there means nothing (see `before`).
  // Of a padded batch, whose targets begin with <bos>: the likeliest token at every step
  // (batch_size, steps), and the decoder's weights at each.
  template <class Batch>
  auto predict_step(const Batch& batch, int num_steps, int eos,
                    bool save_attention_weights = false, const std::vector<int>& never = {}) {
    check(num_steps >= 0, "predict_step: ", num_steps, " steps");
    NoGrad guard;
    const Ints &src = batch.src, &tgt = batch.tgt;
    const Lens& src_valid_len = batch.lens;
    auto enc_all_outputs = encoder(src, src_valid_len);
    auto dec_state = decoder.init_state(enc_all_outputs, src_valid_len);
    std::vector<Ints> outputs = {column(tgt, 0)};
    std::vector<std::decay_t<decltype(decoder.attention_weights())>> attention_weights;
    std::vector<bool> ended(src.dim(0));
    Tensor Y;
    for (int t = 0; t < num_steps && std::ranges::count(ended, false) > 0; t++) {
      std::tie(Y, dec_state) = decoder(outputs.back(), std::move(dec_state));
      silence(Y, never);
      outputs.push_back(argmax(Y, 2));
      if (save_attention_weights) attention_weights.push_back(decoder.attention_weights());
      for (std::size_t i = 0; i < ended.size(); i++)
        ended[i] = ended[i] || outputs.back()[i] == eos;
    }
    return std::pair{side_by_side({outputs.begin() + 1, outputs.end()}), attention_weights};
  }
  void fields(Visitor& f) override { f("encoder", encoder); f("decoder", decoder); }
};

}  // namespace babelgrad
