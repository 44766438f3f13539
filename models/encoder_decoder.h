// A sentence in, a sentence out: the encoder reads the source, the decoder writes word by word.
#pragma once

#include "autograd/ops.h"
#include "nn/module.h"
#include "tensor/standing.h"

namespace babelgrad {

// D2L 10.6.1 Encoder. Has operator()(const Ints& X, const Ints& valid_lens) -> enc_all_outputs.
struct Encoder : Module {};

// D2L 10.6.2 Decoder. Has a struct State with named fields and take(rows), and
//   State init_state(enc_all_outputs, const Ints& enc_valid_lens)
//   Tensor operator()(const Ints& X, State& state) -> logits (batch_size, num_steps, vocab_size)
// Called again with the same state it goes on where it stopped: stepwise equals all at once.
struct Decoder : Module {};

struct Prediction {
  std::vector<std::vector<int>> tokens;         // per sentence, without <eos>
  std::vector<bool> finished;                   // did it end with <eos>, or was cut at num_steps?
};

// D2L 10.6.3 Putting the Encoder and Decoder Together
template <class EncoderType, class DecoderType>
struct EncoderDecoder : Module {
  EncoderType encoder;
  DecoderType decoder;

  EncoderDecoder(EncoderType encoder, DecoderType decoder)
      : encoder(std::move(encoder)), decoder(std::move(decoder)) {}

  // enc_X (batch_size, source steps), dec_X (batch_size, target steps),
  // enc_valid_lens (batch_size) or none -> logits (batch_size, target steps, vocab_size).
  // Departs from D2L: a batch may also come packed (tensor/packed.h): enc_X (source tokens), dec_X
  // (target tokens), both with their valid_lens -> logits (target tokens, vocab_size).
  Tensor operator()(const Ints& enc_X, const Ints& dec_X, const Ints& enc_valid_lens = {},
                    const Ints& dec_valid_lens = {}) {
    auto enc_all_outputs = encoder(enc_X, enc_valid_lens);
    auto dec_state = decoder.init_state(enc_all_outputs, enc_valid_lens);
    return decoder(dec_X, dec_state, dec_valid_lens);
  }

  // D2L 10.7.6 Prediction: the likeliest token at every step. Departs from D2L: a sentence ends at
  // its <eos> and leaves the batch, and nothing of a target sentence is needed.
  Prediction predict_step(const Ints& src, const Ints& src_valid_len, int num_steps, int bos,
                          int eos) {
    NoGrad guard;
    Standing weights(tensors(named_parameters(*this)));
    auto enc_all_outputs = encoder(src, src_valid_len);
    auto dec_state = decoder.init_state(enc_all_outputs, src_valid_len);
    int batch_size = src.dim(0);
    Prediction out{std::vector<std::vector<int>>(batch_size), std::vector<bool>(batch_size)};
    Ints X(Shape{batch_size, 1}, bos), going = positions({batch_size});  // 0 .. batch_size - 1
    for (int t = 0; t < num_steps && going.numel() > 0; t++) {
      Tensor Y = decoder(X, dec_state);
      X = raw::argmax(Y, 2);
      std::vector<int> rows;
      for (int i = 0; i < going.numel(); i++) {
        if (X[i] == eos) out.finished[going[i]] = true;
        else out.tokens[going[i]].push_back(X[i]), rows.push_back(i);
      }
      if (rows.empty()) break;
      if (Index(rows.size()) == going.numel()) continue;
      Ints left(Shape{int(rows.size())}, rows);
      going = take(going, left), X = take(X, left), dec_state = dec_state.take(left);
    }
    return out;
  }
  void fields(Visitor& f) override { f("encoder", encoder); f("decoder", decoder); }
};

}  // namespace babelgrad
