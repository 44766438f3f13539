// A sentence in, a sentence out: the encoder reads the source, the decoder writes word by word.
#pragma once

#include <algorithm>
#include <limits>
#include <tuple>

#include "autograd/ops.h"
#include "nn/layers.h"

namespace babelgrad {

// D2L 10.6.1 Encoder. Has operator()(const Ints& X, const Lens& lens) -> enc_all_outputs. Here and
// below a batch may be packed (tensor/packed.h): then it is one long sentence, (1, rows).
struct Encoder : Module {};

// D2L 10.6.2 Decoder. Has a struct State with named fields and take(rows), and
//   State init_state(enc_all_outputs, const Lens& lens)
//   {logits (batch_size, num_steps, vocab_size), State} operator()(const Ints& X, State state)
// Called with the state that it returned, it continues: step by step equals all at once.
struct Decoder : Module {};

// Scores (..., vocab_size), not recorded, of the next word: -inf for what none can be. <pad> and
// <bos> are places in a batch, but a model that has learnt little may like them best.
inline void silence(Tensor& scores, const std::vector<int>& never) {
  Real* at = overwrite(scores, "silence");
  for (Index row = 0; row < scores.numel(); row += scores.dim(-1))
    for (int word : never) at[row + word] = -std::numeric_limits<Real>::infinity();
}

// xs[n:]
template <class T>
std::vector<T> drop(const std::vector<T>& xs, int n) { return {xs.begin() + n, xs.end()}; }

// D2L 10.6.3 Putting the Encoder and Decoder Together
template <class EncoderType, class DecoderType>
struct EncoderDecoder : Classifier {
  using Weights = std::decay_t<decltype(std::declval<DecoderType>().attention_weights())>;
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
  // then one goes on behind its <eos>, and what stands there means nothing.
  // Of a padded batch, whose targets begin with <bos>: the likeliest token at every step
  // (batch_size, steps), and the decoder's weights at each.
  template <class Batch>
  std::pair<Ints, std::vector<Weights>> predict_step(const Batch& batch, int num_steps, int eos,
                                                     bool save_attention_weights = false,
                                                     const std::vector<int>& never = {}) {
    check(num_steps >= 0, "predict_step: ", num_steps, " steps");
    NoGrad guard;
    const Ints &src = batch.src, &tgt = batch.tgt;
    const Lens& src_valid_len = batch.lens;
    auto enc_all_outputs = encoder(src, src_valid_len);
    auto dec_state = decoder.init_state(enc_all_outputs, src_valid_len);
    std::vector<Ints> outputs = {column(tgt, 0)};
    std::vector<Weights> attention_weights;
    std::vector<bool> ended(src.dim(0));
    Tensor Y;
    for (int t = 0; t < num_steps; t++) {
      if (std::ranges::count(ended, false) == 0) break;
      std::tie(Y, dec_state) = decoder(outputs.back(), std::move(dec_state));
      silence(Y, never);
      outputs.push_back(argmax(Y, 2));
      if (save_attention_weights) attention_weights.push_back(decoder.attention_weights());
      for (std::size_t i = 0; i < ended.size(); i++)
        ended[i] = ended[i] || outputs.back()[i] == eos;
    }
    return {cat(drop(outputs, 1), 1), attention_weights};
  }
  void fields(Visitor& f) override { f("encoder", encoder); f("decoder", decoder); }
};

}  // namespace babelgrad
