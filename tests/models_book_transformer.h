// The Transformer, as the book writes what we write otherwise: its decoder remembers past inputs
// and projects them again, masks in training only, and counts positions from 0 at every call.
#pragma once

#include <tuple>

#include "models/transformer.h"
#include "tests/models_book.h"

namespace babelgrad::book {

// D2L 11.6.3 Positional Encoding
struct PositionalEncoding : Module {
  Dropout dropout;
  Tensor P;

  PositionalEncoding(int num_hiddens, Real dropout, int max_len = 1000) : dropout(dropout) {
    Tensor X = reshape(arange<Real>(max_len), {-1, 1}) /
               pow(10000, arange<Real>(0, num_hiddens, 2) / num_hiddens);
    P = Tensor({1, max_len, num_hiddens});
    set_columns(P, 0, 2, sin(X));
    set_columns(P, 1, 2, cos(X));
  }
  Tensor operator()(Tensor X) const {
    X = X + slice(P, 1, 0, X.dim(1));
    return dropout(X);
  }
  void fields(Visitor& f) override { f("dropout", dropout); }
};

struct ReLU {
  Tensor operator()(const Tensor& X) const { return babelgrad::relu(X); }
};

// D2L 11.7.2 Positionwise Feed-Forward Networks
struct PositionWiseFFN : Module {
  Linear dense1;
  ReLU relu;
  Linear dense2;

  PositionWiseFFN(int num_hiddens, int ffn_num_hiddens, int ffn_num_outputs)
      : dense1(num_hiddens, ffn_num_hiddens), dense2(ffn_num_hiddens, ffn_num_outputs) {}
  Tensor operator()(const Tensor& X) const { return dense2(relu(dense1(X))); }
  void fields(Visitor& f) override { f("dense1", dense1); f("dense2", dense2); }
};

// The encoder's outputs, its valid_lens, and for each block all inputs so far.
using DecoderState = std::tuple<Tensor, Ints, std::vector<Tensor>>;

// D2L 11.7.5 Decoder
struct TransformerDecoderBlock : babelgrad::TransformerDecoderBlock {
  using babelgrad::TransformerDecoderBlock::TransformerDecoderBlock;
  std::pair<Tensor, DecoderState> operator()(const Tensor& X, DecoderState state) {
    Tensor enc_outputs = std::get<0>(state);
    Ints enc_valid_lens = std::get<1>(state);
    Tensor key_values;
    if (!std::get<2>(state)[i]) key_values = X;
    else key_values = cat({std::get<2>(state)[i], X}, 1);
    std::get<2>(state)[i] = key_values;
    Ints dec_valid_lens;                        // in evaluation none: every key is seen
    if (training) {
      int batch_size = X.dim(0), num_steps = X.dim(1);
      dec_valid_lens = repeat(arange<int>(1, num_steps + 1), {batch_size, 1});
    }
    Tensor X2 = attention1(X, key_values, key_values, dec_valid_lens);
    Tensor Y = addnorm1(X, X2);
    Tensor Y2 = attention2(Y, enc_outputs, enc_outputs, enc_valid_lens);
    Tensor Z = addnorm2(Y, Y2);
    return {addnorm3(Z, ffn(Z)), state};
  }
};

// D2L 11.7.5 Decoder
struct TransformerDecoder : Decoder {
  int num_hiddens, num_blks;
  Embedding embedding;
  PositionalEncoding pos_encoding;
  std::vector<TransformerDecoderBlock> blks;
  Linear dense;
  std::vector<std::vector<Tensor>> _attention_weights;

  TransformerDecoder(int vocab_size, int num_hiddens, int ffn_num_hiddens, int num_heads,
                     int num_blks, Real dropout)
      : num_hiddens(num_hiddens), num_blks(num_blks), embedding(vocab_size, num_hiddens),
        pos_encoding(num_hiddens, dropout), dense(num_hiddens, vocab_size) {
    for (int i = 0; i < num_blks; i++)
      blks.emplace_back(num_hiddens, ffn_num_hiddens, num_heads, dropout, i);
  }
  DecoderState init_state(const Tensor& enc_outputs, const Ints& enc_valid_lens) const {
    return {enc_outputs, enc_valid_lens, std::vector<Tensor>(num_blks)};
  }
  std::pair<Tensor, DecoderState> operator()(const Ints& ids, DecoderState state) {
    Tensor X = pos_encoding(embedding(ids) * std::sqrt(Real(num_hiddens)));
    _attention_weights.clear();
    for (int t = 0; t < 2; t++) _attention_weights.push_back(std::vector<Tensor>(blks.size()));
    for (std::size_t i = 0; i < blks.size(); i++) {
      TransformerDecoderBlock& blk = blks[i];
      std::tie(X, state) = blk(X, state);
      _attention_weights[0][i] = blk.attention1.attention.attention_weights;
      _attention_weights[1][i] = blk.attention2.attention.attention_weights;
    }
    return {dense(X), state};
  }
  const std::vector<std::vector<Tensor>>& attention_weights() const { return _attention_weights; }
  void fields(Visitor& f) override {
    f("embedding", embedding); f("pos_encoding", pos_encoding); f("blks", blks); f("dense", dense);
  }
};

}  // namespace babelgrad::book
