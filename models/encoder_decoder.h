// A sentence in, a sentence out: the encoder reads the source, the decoder writes word by word.
#pragma once

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

struct Prediction {
  std::vector<std::vector<int>> tokens;         // per sentence, without <eos>
  std::vector<bool> finished;                   // did it end with <eos>, or was cut at num_steps?

  explicit Prediction(int batch_size) : tokens(batch_size), finished(batch_size) {}
  // The next token X[i] of each sentence going[i] -> the rows i of those that go on.
  Ints append(const Ints& X, const Ints& going, int eos) {
    std::vector<int> rows;
    for (int i = 0; i < going.numel(); i++) {
      if (X[i] == eos) finished[going[i]] = true;
      else tokens[going[i]].push_back(X[i]), rows.push_back(i);
    }
    return Ints(Shape{int(rows.size())}, rows);
  }
};

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

  // D2L 10.7.7 Prediction. The likeliest token at every step. Departs from D2L (D10): a sentence
  // ends at its <eos> and leaves the batch, and no target sentence is needed to begin one.
  Prediction predict_step(const Ints& src, const Ints& src_valid_len, int num_steps, int bos,
                          int eos) {
    NoGrad guard;
    auto enc_all_outputs = encoder(src, src_valid_len);
    auto dec_state = decoder.init_state(enc_all_outputs, src_valid_len);
    Prediction prediction(src.dim(0));
    Ints going = positions({src.dim(0)});       // 0 .. batch_size - 1
    std::vector<Ints> outputs{Ints(Shape{src.dim(0), 1}, bos)};
    Tensor Y;
    for (int t = 0; t < num_steps; t++) {
      std::tie(Y, dec_state) = decoder(outputs.back(), std::move(dec_state));
      outputs.push_back(argmax(Y, 2));
      Ints rows = prediction.append(outputs.back(), going, eos);
      if (rows.numel() == 0) break;
      if (rows.numel() == going.numel()) continue;
      going = take(going, rows), outputs.back() = take(outputs.back(), rows);
      dec_state = dec_state.take(rows);
    }
    return prediction;
  }
  void fields(Visitor& f) override { f("encoder", encoder); f("decoder", decoder); }
};

}  // namespace babelgrad
