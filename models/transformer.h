// Attention only: every position looks at every other in one step, and nothing is recurrent.
#pragma once

#include "models/encoder_decoder.h"
#include "models/multihead_attention.h"
#include "models/positional_encoding.h"

namespace babelgrad {

using Activation = Tensor (*)(const Tensor&);   // relu, gelu

// D2L 11.7.2 Positionwise Feed-Forward Networks
struct PositionWiseFFN : Module {
  Linear dense1;
  Activation relu;                              // or another one in its place
  Linear dense2;

  PositionWiseFFN(int num_hiddens, int ffn_num_hiddens, int ffn_num_outputs)
      : dense1(num_hiddens, ffn_num_hiddens), relu(babelgrad::relu),
        dense2(ffn_num_hiddens, ffn_num_outputs) {}
  Tensor operator()(const Tensor& X) const { return dense2(relu(dense1(X))); }
  void fields(Visitor& f) override { f("dense1", dense1); f("dense2", dense2); }
};

// D2L 11.7.3 Residual Connection and Layer Normalization
struct AddNorm : Module {
  Dropout dropout;
  LayerNorm ln;

  AddNorm(int norm_shape, Real dropout) : dropout(dropout), ln(norm_shape) {}
  Tensor operator()(const Tensor& X, const Tensor& Y) const { return ln(dropout(Y) + X); }
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

  // X (batch_size, num_steps, num_hiddens), a shape that is kept
  Tensor operator()(const Tensor& X, const ValidLens& valid_lens) {
    Tensor Y = addnorm1(X, attention(X, X, X, valid_lens));
    return addnorm2(Y, ffn(Y));
  }
  void fields(Visitor& f) override {
    f("attention", attention); f("addnorm1", addnorm1); f("ffn", ffn); f("addnorm2", addnorm2);
  }
};

// D2L 11.7.4 Encoder. Of another block, it is another encoder (tools/app/run/pre_norm.h).
// Departs from D2L (D1): the sinusoids are given the `positions` of the words.
template <class Block = TransformerEncoderBlock>
struct TransformerEncoder : Encoder {
  int num_hiddens;
  std::vector<AttentionWeights> attention_weights;              // of each block; not a parameter
  Embedding embedding;
  PositionalEncoding pos_encoding;
  std::vector<Block> blks;

  TransformerEncoder(int vocab_size, int num_hiddens, int ffn_num_hiddens, int num_heads,
                     int num_blks, Real dropout, bool use_bias = false,
                     Activation activation = relu)
      : num_hiddens(num_hiddens), embedding(vocab_size, num_hiddens),
        pos_encoding(num_hiddens, dropout) {
    for (int i = 0; i < num_blks; i++) {
      blks.emplace_back(num_hiddens, ffn_num_hiddens, num_heads, dropout, use_bias);
      blks[i].ffn.relu = activation;
    }
  }

  // ids (batch_size, num_steps) -> (batch_size, num_steps, num_hiddens). Embeddings are scaled up
  // by √d so that the positions, which are between -1 and 1, do not outweigh them.
  Tensor operator()(const Ints& ids, const Lens& lens = {}) {
    Ints positions = lens.src_positions(ids.dim(1));
    Tensor X = pos_encoding(embedding(ids) * std::sqrt(Real(num_hiddens)), positions);
    ValidLens valid_lens = lens.self();
    attention_weights = std::vector<AttentionWeights>(blks.size());
    int i = 0;
    for (auto& blk : blks) {
      X = blk(X, valid_lens);
      attention_weights[i] = blk.attention.attention.attention_weights;
      i += 1;
    }
    return X;
  }
  void fields(Visitor& f) override {
    f("embedding", embedding); f("pos_encoding", pos_encoding); f("blks", blks);
  }
};

// What the decoder remembers of a batch: one for all blocks.
struct TransformerState {
  struct Cache { KeysValues self, cross; };     // of a block: the target so far, and the source
  Tensor enc_outputs;                           // (batch_size, num_keys, num_hiddens)
  ValidLens enc_valid_lens;
  std::vector<Cache> caches;
  Lens lens;
  int position = 0;                             // of the next token
  ValidLens dec_valid_lens = {};

  TransformerState take(const Ints& rows) const {          // of some sentences, in another order
    int batch_size = enc_outputs.dim(0);
    Lens some = babelgrad::take(lens, rows);
    TransformerState kept{index_select(enc_outputs, 0, rows), some.cross(), {}, some, position};
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

// D2L 11.7.5 Decoder. The same of other blocks, and of another last layer. Departs from D2L: `lens`
// tells a packed batch from a padded one; a step's `positions` begin where the last one stopped
// (D1), and so does what its mask lets see (D2).
template <class Block = TransformerDecoderBlock, class Dense = Linear>
struct TransformerDecoder : Decoder {
  using State = TransformerState;
  int num_hiddens, num_blks;
  Embedding embedding;
  PositionalEncoding pos_encoding;
  std::vector<Block> blks;
  Dense dense;
  std::vector<std::vector<AttentionWeights>> _attention_weights;     // of both; not a parameter

  TransformerDecoder(int vocab_size, int num_hiddens, int ffn_num_hiddens, int num_heads,
                     int num_blks, Real dropout, Activation activation = relu)
      : num_hiddens(num_hiddens), num_blks(num_blks), embedding(vocab_size, num_hiddens),
        pos_encoding(num_hiddens, dropout), dense(num_hiddens, vocab_size) {
    for (int i = 0; i < num_blks; i++) {
      blks.emplace_back(num_hiddens, ffn_num_hiddens, num_heads, dropout, i);
      blks[i].ffn.relu = activation;
    }
  }

  State init_state(const Tensor& enc_outputs, const Lens& lens) const {
    ValidLens enc_valid_lens = lens.cross();
    return {enc_outputs, enc_valid_lens, std::vector<State::Cache>(num_blks), lens};
  }

  // ids (batch_size, num_steps) -> (batch_size, num_steps, vocab_size)
  std::pair<Tensor, State> operator()(const Ints& ids, State state) {
    const Lens& lens = state.lens;
    Ints positions = lens.tgt_positions(ids.dim(1), state.position);
    Tensor X = pos_encoding(embedding(ids) * std::sqrt(Real(num_hiddens)), positions);
    state.dec_valid_lens = lens.causal(ids.dim(0), ids.dim(1), state.position);
    state.position += ids.dim(1);
    _attention_weights.clear();
    for (int t = 0; t < 2; t++)
      _attention_weights.push_back(std::vector<AttentionWeights>(blks.size()));
    int i = 0;
    for (auto& blk : blks) {
      std::tie(X, state) = blk(X, std::move(state));
      _attention_weights[0][i] = blk.attention1.attention.attention_weights;
      _attention_weights[1][i] = blk.attention2.attention.attention_weights;
      i += 1;
    }
    return {dense(X), state};
  }
  const std::vector<std::vector<AttentionWeights>>& attention_weights() const {
    return _attention_weights;
  }
  void fields(Visitor& f) override {
    f("embedding", embedding); f("pos_encoding", pos_encoding); f("blks", blks); f("dense", dense);
  }
};

}  // namespace babelgrad
