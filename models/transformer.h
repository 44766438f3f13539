// Attention only: every position looks at every other in one step, and nothing is recurrent.
#pragma once

#include "models/encoder_decoder.h"
#include "models/multihead_attention.h"
#include "models/positional_encoding.h"

namespace babelgrad {

enum class Activation { relu, gelu };

// D2L 11.7.2 Positionwise Feed-Forward Networks
struct PositionWiseFFN : Module {
  Linear dense1, dense2;
  Activation activation;

  PositionWiseFFN(int num_hiddens, int ffn_num_hiddens, int ffn_num_outputs,
                  Activation activation = Activation::relu)
      : dense1(num_hiddens, ffn_num_hiddens), dense2(ffn_num_hiddens, ffn_num_outputs),
        activation(activation) {}
  Tensor operator()(const Tensor& X) const {
    return dense2(activation == Activation::relu ? relu(dense1(X)) : gelu(dense1(X)));
  }
  void fields(Visitor& f) override { f("dense1", dense1); f("dense2", dense2); }
};

// D2L 11.7.3 Residual Connection and Layer Normalization
struct AddNorm : Module {
  Dropout dropout;
  LayerNorm ln;

  AddNorm(int norm_shape, Real dropout) : dropout(dropout), ln(norm_shape) {}
  // Departs from D2L: ln(dropout(Y) + X) in one pass.
  Tensor operator()(const Tensor& X, const Tensor& Y) const {
    Real p = training ? dropout.p : 0;
    return residual_layer_norm(X, Y, p, ln.weight, ln.bias, ln.eps);
  }
  void fields(Visitor& f) override { f("dropout", dropout); f("ln", ln); }
};

// D2L 11.7.4 Encoder
struct TransformerEncoderBlock : Module {
  MultiHeadAttention attention;
  AddNorm addnorm1;
  PositionWiseFFN ffn;
  AddNorm addnorm2;

  TransformerEncoderBlock(int num_hiddens, int ffn_num_hiddens, int num_heads, Real dropout,
                          bool use_bias = false, Activation activation = Activation::relu)
      : attention(num_hiddens, num_heads, dropout, use_bias),
        addnorm1(num_hiddens, dropout),
        ffn(num_hiddens, ffn_num_hiddens, num_hiddens, activation),
        addnorm2(num_hiddens, dropout) {}

  // X (batch_size, num_steps, num_hiddens) or packed (rows, num_hiddens), a shape that is kept
  Tensor operator()(const Tensor& X, const ValidLens& valid_lens) {
    Tensor Y = addnorm1(X, attention(X, X, X, valid_lens));
    return addnorm2(Y, ffn(Y));
  }
  void fields(Visitor& f) override {
    f("attention", attention); f("addnorm1", addnorm1); f("ffn", ffn); f("addnorm2", addnorm2);
  }
};

struct TransformerEncoder : Encoder {
  int num_hiddens;
  Embedding embedding;
  PositionalEncoding pos_encoding;
  std::vector<TransformerEncoderBlock> blks;

  TransformerEncoder(int vocab_size, int num_hiddens, int ffn_num_hiddens, int num_heads,
                     int num_blks, Real dropout, bool use_bias = false,
                     Activation activation = Activation::relu)
      : num_hiddens(num_hiddens), embedding(vocab_size, num_hiddens),
        pos_encoding(num_hiddens, dropout) {
    for (int i = 0; i < num_blks; i++) {
      blks.emplace_back(num_hiddens, ffn_num_hiddens, num_heads, dropout, use_bias, activation);
    }
  }

  // ids (batch_size, num_steps) -> (batch_size, num_steps, num_hiddens), or packed by valid_lens,
  // (rows) -> (rows, num_hiddens). Embeddings are scaled up by √d so that the positions, which lie
  // between -1 and 1, do not drown them.
  Tensor operator()(const Ints& ids, const Ints& valid_lens = {}) {
    bool packed = ids.shape().rank() == 1;
    Tensor X = embedding(ids) * std::sqrt(Real(num_hiddens));
    X = packed ? pos_encoding(X, positions(valid_lens)) : pos_encoding(X);
    ValidLens lens = packed ? ValidLens(packed_spans(valid_lens, valid_lens)) : valid_lens;
    for (auto& blk : blks) X = blk(X, lens);
    return X;
  }
  std::vector<Tensor> attention_weights() const {                        // per block
    std::vector<Tensor> weights;
    for (const auto& blk : blks) weights.push_back(blk.attention.attention_weights());
    return weights;
  }
  void fields(Visitor& f) override {
    f("embedding", embedding); f("pos_encoding", pos_encoding); f("blks", blks);
  }
};

// D2L 11.7.5 Decoder
struct TransformerDecoderBlock : Module {
  using KeysValues = MultiHeadAttention::KeysValues;
  struct Cache { KeysValues self, cross; };     // of the target so far, and of the source
  MultiHeadAttention attention1;
  AddNorm addnorm1;
  MultiHeadAttention attention2;
  AddNorm addnorm2;
  PositionWiseFFN ffn;
  AddNorm addnorm3;

  TransformerDecoderBlock(int num_hiddens, int ffn_num_hiddens, int num_heads, Real dropout,
                          bool use_bias = false, Activation activation = Activation::relu)
      : attention1(num_hiddens, num_heads, dropout, use_bias),
        addnorm1(num_hiddens, dropout),
        attention2(num_hiddens, num_heads, dropout, use_bias),
        addnorm2(num_hiddens, dropout),
        ffn(num_hiddens, ffn_num_hiddens, num_hiddens, activation),
        addnorm3(num_hiddens, dropout) {}

  // Departs from D2L: the mask depends on the positions alone, never on training or evaluation, and
  // the cache holds keys and values, not the inputs to project again.
  Tensor operator()(const Tensor& X, const Tensor& enc_outputs, const ValidLens& enc_valid_lens,
                    const ValidLens& dec_valid_lens, Cache& cache) {
    KeysValues now = attention1.project(X, X);
    cache.self = cache.self.keys ? KeysValues{cat({cache.self.keys, now.keys}, 1),
                                              cat({cache.self.values, now.values}, 1)}
                                 : now;
    if (!cache.cross.keys) cache.cross = attention2.project(enc_outputs, enc_outputs);
    Tensor X2 = attention1.attend(X, cache.self, dec_valid_lens);        // self-attention
    Tensor Y = addnorm1(X, X2);
    Tensor Y2 = attention2.attend(Y, cache.cross, enc_valid_lens);       // cross-attention
    Tensor Z = addnorm2(Y, Y2);
    return addnorm3(Z, ffn(Z));
  }
  void fields(Visitor& f) override {
    f("attention1", attention1); f("addnorm1", addnorm1);
    f("attention2", attention2); f("addnorm2", addnorm2);
    f("ffn", ffn); f("addnorm3", addnorm3);
  }
};

struct TransformerDecoder : Decoder {
  struct State {
    Tensor enc_outputs;                         // (batch_size, num_keys, num_hiddens)
    Ints enc_valid_lens;
    std::vector<TransformerDecoderBlock::Cache> caches;
    int position = 0;                           // of the next token
    State take(const Ints& rows) const {
      State kept{index_select(enc_outputs, 0, rows), babelgrad::take(enc_valid_lens, rows),
                 {}, position};
      for (const auto& [self, cross] : caches) {
        kept.caches.push_back({MultiHeadAttention::take(self, rows, enc_outputs.dim(0)),
                               MultiHeadAttention::take(cross, rows, enc_outputs.dim(0))});
      }
      return kept;
    }
  };
  int num_hiddens;
  Embedding embedding;
  PositionalEncoding pos_encoding;
  std::vector<TransformerDecoderBlock> blks;
  Linear dense;

  TransformerDecoder(int vocab_size, int num_hiddens, int ffn_num_hiddens, int num_heads,
                     int num_blks, Real dropout, bool use_bias = false,
                     Activation activation = Activation::relu)
      : num_hiddens(num_hiddens), embedding(vocab_size, num_hiddens),
        pos_encoding(num_hiddens, dropout), dense(num_hiddens, vocab_size) {
    for (int i = 0; i < num_blks; i++) {
      blks.emplace_back(num_hiddens, ffn_num_hiddens, num_heads, dropout, use_bias, activation);
    }
  }

  State init_state(const Tensor& enc_outputs, const Ints& enc_valid_lens) const {
    return {enc_outputs, enc_valid_lens, std::vector<TransformerDecoderBlock::Cache>(blks.size())};
  }

  // ids (batch_size, num_steps) -> (batch_size, num_steps, vocab_size); or whole sentences packed
  // by valid_lens, (rows) -> (rows, vocab_size)
  Tensor operator()(const Ints& ids, State& state, const Ints& valid_lens = {}) {
    bool packed = ids.shape().rank() == 1;
    ValidLens enc_valid_lens = state.enc_valid_lens, dec_valid_lens;
    Tensor X = embedding(ids) * std::sqrt(Real(num_hiddens));
    if (packed) {
      X = pos_encoding(X, positions(valid_lens));
      enc_valid_lens = packed_spans(valid_lens, state.enc_valid_lens);
      dec_valid_lens = causal_spans(valid_lens);
    } else {
      X = pos_encoding(X, state.position);
      dec_valid_lens = seen_so_far(ids.dim(0), state.position, ids.dim(1));
      state.position += ids.dim(1);
    }
    for (std::size_t i = 0; i < blks.size(); i++) {
      X = blks[i](X, state.enc_outputs, enc_valid_lens, dec_valid_lens, state.caches[i]);
    }
    return dense(X);
  }

  // The causal mask: the query at position t sees keys 0 .. t.
  static Ints seen_so_far(int batch_size, int position, int num_steps) {
    Ints lens(Shape{batch_size, num_steps});
    for (Index i = 0; i < lens.numel(); i++) lens[i] = position + int(i % num_steps) + 1;
    return lens;
  }
  // Of the last call, on the source, per block
  std::vector<Tensor> attention_weights() const {
    std::vector<Tensor> weights;
    for (const auto& blk : blks) weights.push_back(blk.attention2.attention_weights());
    return weights;
  }
  std::vector<Tensor> self_attention_weights() const {
    std::vector<Tensor> weights;
    for (const auto& blk : blks) weights.push_back(blk.attention1.attention_weights());
    return weights;
  }
  void fields(Visitor& f) override {
    f("embedding", embedding); f("pos_encoding", pos_encoding); f("blks", blks); f("dense", dense);
  }
};

}  // namespace babelgrad
