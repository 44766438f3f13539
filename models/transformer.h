// Attention only: every position looks at every other in one step, and nothing is recurrent.
#pragma once

#include "models/encoder_decoder.h"
#include "models/multihead_attention.h"
#include "models/positional_encoding.h"

namespace babelgrad {

enum class Activation { relu, gelu, none };

// D2L 11.7.2 Positionwise Feed-Forward Networks. Departs from D2L: the activation may be chosen.
struct PositionWiseFFN : Module {
  Linear dense1, dense2;
  Activation activation = Activation::relu;
  bool used = true;

  PositionWiseFFN(int num_hiddens, int ffn_num_hiddens, int ffn_num_outputs)
      : dense1(num_hiddens, ffn_num_hiddens), dense2(ffn_num_hiddens, ffn_num_outputs) {}
  Tensor operator()(const Tensor& X) const {
    if (!used) return {};
    if (activation == Activation::none) return dense2(dense1(X));
    if (activation == Activation::gelu) return dense2(gelu(dense1(X)));
    return dense2(relu(dense1(X)));
  }
  void fields(Visitor& f) override { f("dense1", dense1); f("dense2", dense2); }
};

// D2L 11.7.3 Residual Connection and Layer Normalization
// Departs from D2L (D14): the norm comes after the sum as in the book, but training may smooth
// labels, warm up and begin with smaller embeddings (babelgrad train).
struct AddNorm : Module {
  Dropout dropout;
  LayerNorm ln;
  bool residual = true, norm = true;

  AddNorm(int norm_shape, Real dropout) : dropout(dropout), ln(norm_shape) {}
  // X goes on where no layer is that gives a Y.
  Tensor operator()(const Tensor& X, const Tensor& Y) const {
    if (!Y) return X;
    if (!norm) return residual ? dropout(Y) + X : dropout(Y);
    if (!residual) return ln(dropout(Y));
    return ln(dropout(Y) + X);
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
                          bool use_bias = false)
      : attention(num_hiddens, num_heads, dropout, use_bias),
        addnorm1(num_hiddens, dropout),
        ffn(num_hiddens, ffn_num_hiddens, num_hiddens),
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

// D2L 11.7.4 Encoder. Departs from D2L: attention_weights are gathered when asked for.
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
      blks.emplace_back(num_hiddens, ffn_num_hiddens, num_heads, dropout, use_bias);
      blks[i].ffn.activation = activation;
    }
  }

  // ids (batch_size, num_steps) -> (batch_size, num_steps, num_hiddens). Embeddings are scaled up
  // by √d so that the positions, which lie between -1 and 1, do not drown them.
  Tensor operator()(const Ints& ids, const ValidLens& valid_lens = {}) {
    Tensor X = pos_encoding(embedding(ids) * std::sqrt(Real(num_hiddens)));
    for (auto& blk : blks) X = blk(X, valid_lens);
    return X;
  }
  std::vector<Tensor> attention_weights() const {                        // per block with attention
    std::vector<Tensor> weights;
    for (const auto& blk : blks)
      if (blk.attention.used) weights.push_back(blk.attention.attention_weights());
    return weights;
  }
  void fields(Visitor& f) override {
    f("embedding", embedding); f("pos_encoding", pos_encoding); f("blks", blks);
  }
};

// What the decoder remembers of a batch: one for all blocks.
struct TransformerState {
  struct Cache { KeysValues self, cross; };     // of a block: the target so far, and the source
  Tensor enc_outputs;                           // (batch_size, num_keys, num_hiddens)
  ValidLens enc_valid_lens, dec_valid_lens;
  std::vector<Cache> caches;
  int position = 0;                             // of the next token

  TransformerState take(const Ints& rows) const {
    int batch_size = enc_outputs.dim(0);
    TransformerState kept{index_select(enc_outputs, 0, rows),
                          babelgrad::take(enc_valid_lens.lens, rows), {}, {}, position};
    for (const auto& [self, cross] : caches) {
      kept.caches.push_back(
          {babelgrad::take(self, rows, batch_size), babelgrad::take(cross, rows, batch_size)});
    }
    return kept;
  }
};

// D2L 11.7.5 Decoder
struct TransformerDecoderBlock : Module {
  int i;
  MultiHeadAttention attention1;
  AddNorm addnorm1;
  MultiHeadAttention attention2;
  AddNorm addnorm2;
  PositionWiseFFN ffn;
  AddNorm addnorm3;

  TransformerDecoderBlock(int num_hiddens, int ffn_num_hiddens, int num_heads, Real dropout, int i)
      : i(i), attention1(num_hiddens, num_heads, dropout),
        addnorm1(num_hiddens, dropout),
        attention2(num_hiddens, num_heads, dropout),
        addnorm2(num_hiddens, dropout),
        ffn(num_hiddens, ffn_num_hiddens, num_hiddens),
        addnorm3(num_hiddens, dropout) {}

  // Departs from D2L (D2): the mask depends on the positions alone, never on training or
  // evaluation; and the cache holds keys and values, not the inputs to project again.
  std::pair<Tensor, TransformerState> operator()(const Tensor& X, TransformerState state) {
    auto& [self, cross] = state.caches[i];
    self = cat(self, attention1.project(X, X));
    if (!cross.keys) cross = attention2.project(state.enc_outputs, state.enc_outputs);
    Tensor X2 = attention1.attend(X, self, state.dec_valid_lens);        // self-attention
    Tensor Y = addnorm1(X, X2);
    Tensor Y2 = attention2.attend(Y, cross, state.enc_valid_lens);       // cross-attention
    Tensor Z = addnorm2(Y, Y2);
    return {addnorm3(Z, ffn(Z)), state};
  }
  void fields(Visitor& f) override {
    f("attention1", attention1); f("addnorm1", addnorm1);
    f("attention2", attention2); f("addnorm2", addnorm2);
    f("ffn", ffn); f("addnorm3", addnorm3);
  }
};

// D2L 11.7.5 Decoder. Departs from D2L: attention_weights are gathered when asked for.
struct TransformerDecoder : Decoder {
  using State = TransformerState;
  int num_hiddens, num_blks;
  bool causal = true;                           // false: a query sees all keys that are there
  Embedding embedding;
  PositionalEncoding pos_encoding;
  std::vector<TransformerDecoderBlock> blks;
  Linear dense;

  TransformerDecoder(int vocab_size, int num_hiddens, int ffn_num_hiddens, int num_heads,
                     int num_blks, Real dropout, Activation activation = Activation::relu)
      : num_hiddens(num_hiddens), num_blks(num_blks), embedding(vocab_size, num_hiddens),
        pos_encoding(num_hiddens, dropout), dense(num_hiddens, vocab_size) {
    for (int i = 0; i < num_blks; i++) {
      blks.emplace_back(num_hiddens, ffn_num_hiddens, num_heads, dropout, i);
      blks[i].ffn.activation = activation;
    }
  }

  State init_state(const Tensor& enc_outputs, const Ints& enc_valid_lens) const {
    return {enc_outputs, enc_valid_lens, {}, std::vector<State::Cache>(num_blks), 0};
  }

  // ids (batch_size, num_steps) -> (batch_size, num_steps, vocab_size)
  std::pair<Tensor, State> operator()(const Ints& ids, State state) {
    Tensor X = embedding(ids) * std::sqrt(Real(num_hiddens));
    X = pos_encoding(X, state.position);        // Departs from D2L (D1): not always from 0
    if (causal) state.dec_valid_lens = seen_so_far(ids.dim(0), state.position, ids.dim(1));
    state.position += ids.dim(1);
    for (auto& blk : blks) std::tie(X, state) = blk(X, std::move(state));
    return {dense(X), state};
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
    for (const auto& blk : blks)
      if (blk.attention2.used) weights.push_back(blk.attention2.attention_weights());
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
