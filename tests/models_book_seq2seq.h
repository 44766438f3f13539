// Sequence to sequence, as the book writes what we write otherwise.
#pragma once

#include <array>
#include <typeinfo>

#include "models/seq2seq.h"
#include "tests/models_book.h"

namespace babelgrad::book {

using Batch = std::array<Ints, 4>;              // src, tgt, src_valid_len, label

// D2L 10.6.3 Putting the Encoder and Decoder Together
template <class EncoderType, class DecoderType>
struct EncoderDecoder : Classifier {
  EncoderType encoder;
  DecoderType decoder;

  EncoderDecoder(EncoderType encoder, DecoderType decoder)               // or references to them
      : encoder(std::forward<EncoderType>(encoder)), decoder(std::forward<DecoderType>(decoder)) {}
  Tensor operator()(const Ints& enc_X, const Ints& dec_X, const Ints& enc_valid_lens) {
    auto enc_all_outputs = encoder(enc_X, enc_valid_lens);
    auto dec_state = decoder.init_state(enc_all_outputs, enc_valid_lens);
    return decoder(dec_X, dec_state).first;
  }

  using Weights = std::decay_t<decltype(std::declval<DecoderType&>().attention_weights())>;

  // D2L 10.7.7 Prediction
  std::pair<Ints, std::vector<Weights>> predict_step(const Batch& batch, int num_steps,
                                                     bool save_attention_weights = false) {
    const auto& [src, tgt, src_valid_len, _] = batch;
    auto enc_all_outputs = encoder(src, src_valid_len);
    auto dec_state = decoder.init_state(enc_all_outputs, src_valid_len);
    std::vector<Ints> outputs = {unsqueeze(select(tgt, 1, 0), 1)};
    std::vector<Weights> attention_weights;
    Tensor Y;
    for (int t = 0; t < num_steps; t++) {
      std::tie(Y, dec_state) = decoder(outputs.back(), dec_state);
      outputs.push_back(argmax(Y, 2));
      if (save_attention_weights) attention_weights.push_back(decoder.attention_weights());
    }
    return {cat(drop(outputs, 1), 1), attention_weights};
  }
  void fields(Visitor& f) override { f("encoder", encoder); f("decoder", decoder); }
};

// D2L 10.7.2 Encoder
inline void init_seq2seq(Module& module) {
  if (typeid(module) == typeid(Linear)) xavier_uniform_init(dynamic_cast<Linear&>(module).weight);
  if (typeid(module) == typeid(babelgrad::GRU)) {
    for (Parameter& param : named_parameters(module))
      if (param.name.starts_with("weight")) xavier_uniform_init(param.tensor);
  }
}

struct Seq2SeqState { Tensor enc_output; RecurrentState hidden_state; };

// D2L 10.7.2 Encoder
struct Seq2SeqEncoder : babelgrad::Seq2SeqEncoder {
  using babelgrad::Seq2SeqEncoder::Seq2SeqEncoder;
  Seq2SeqState operator()(const Ints& X, const Ints&) const {
    Tensor embs = embedding(transpose(X));
    auto [outputs, state] = rnn(embs);
    return {outputs, state};
  }
};

// D2L 10.7.3 Decoder
struct Seq2SeqDecoder : babelgrad::Seq2SeqDecoder {
  using babelgrad::Seq2SeqDecoder::Seq2SeqDecoder;
  Seq2SeqState init_state(const Seq2SeqState& enc_all_outputs, const Ints&) const {
    return enc_all_outputs;
  }
  std::pair<Tensor, Seq2SeqState> operator()(const Ints& X, const Seq2SeqState& state) const {
    Tensor embs = embedding(transpose(X));
    auto [enc_output, hidden_state] = state;
    Tensor context = select(enc_output, 0, -1);
    context = repeat(context, {embs.dim(0), 1, 1});
    Tensor embs_and_context = cat({embs, context}, -1);
    Tensor outputs;
    std::tie(outputs, hidden_state) = rnn(embs_and_context, hidden_state);
    outputs = transpose(dense(outputs), 0, 1);
    return {outputs, {enc_output, hidden_state}};
  }
  std::vector<Tensor> attention_weights() const { return {}; }
};

// D2L 10.7.4 Encoder–Decoder for Sequence-to-Sequence Learning
template <class EncoderType, class DecoderType>
struct Seq2Seq : EncoderDecoder<EncoderType, DecoderType> {
  int tgt_pad;
  Real lr;

  Seq2Seq(EncoderType encoder, DecoderType decoder, int tgt_pad, Real lr)
      : EncoderDecoder<EncoderType, DecoderType>(std::move(encoder), std::move(decoder)),
        tgt_pad(tgt_pad), lr(lr) {}
  void validation_step(const Batch& batch) {
    Tensor Y_hat = (*this)(batch[0], batch[1], batch[2]);
    this->plot("loss", loss(Y_hat, batch.back()), false);
  }
  Adam configure_optimizers() { return Adam(this->parameters(), lr); }

  // D2L 10.7.5 Loss Function with Masking
  Tensor loss(const Tensor& Y_hat, const Ints& Y) const {
    Tensor l = Classifier::loss(Y_hat, Y, false);
    Tensor mask = reshape(Y, -1) != tgt_pad;
    return sum(l * mask) / sum(mask);
  }
};

}  // namespace babelgrad::book
