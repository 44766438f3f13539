// The Transformer without some of its parts (without.h): blocks made of the whole ones'
// layers and given to the same encoder and decoder. Of pre-norm as well, which keeps its norms.
#pragma once

#include <type_traits>

#include "models/seq2seq.h"
#include "tools/app/run/pre_norm.h"

namespace babelgrad {

struct Gone {                                   // what a block goes without
  bool mask = false, residual = false, norm = false, ffn = false, activation = false,
       scaling = false, self_attention = false, attention = false;
};
struct AblatedBlock { Gone gone; };

// The sublayer F with the layers of `addnorm` around it.
template <class F>
Tensor post_norm(const Gone& gone, const AddNorm& addnorm, const Tensor& X, const F& sublayer) {
  Tensor Y = sublayer(X);
  Y = gone.residual ? addnorm.dropout(Y) : addnorm.dropout(Y) + X;
  return gone.norm ? Y : addnorm.ln(Y);
}

// Scores are divided by √d; asked √d times as loud, they are not. W_q has no bias in our models.
inline Tensor asks(const Gone& gone, const MultiHeadAttention& attention, const Tensor& X) {
  return gone.scaling ? X * std::sqrt(Real(X.dim(-1) / attention.num_heads)) : X;
}

inline Tensor feed_forward(const Gone& gone, const PositionWiseFFN& ffn, const Tensor& X) {
  return gone.activation ? ffn.dense2(ffn.dense1(X)) : ffn(X);
}

template <class Block>
struct AblatedEncoderBlock : Block, AblatedBlock {
  using Block::Block;

  Tensor operator()(const Tensor& X, const ValidLens& valid_lens) {
    auto attend = [&](const Tensor& in) {
      return this->attention(asks(gone, this->attention, in), in, in, valid_lens);
    };
    auto feed = [&](const Tensor& in) { return feed_forward(gone, this->ffn, in); };
    Tensor Y = gone.self_attention ? X : around(this->addnorm1, X, attend);
    return gone.ffn ? Y : around(this->addnorm2, Y, feed);
  }

 private:
  template <class F>
  Tensor around(const AddNorm& addnorm, const Tensor& X, const F& sublayer) const {
    if constexpr (std::is_base_of_v<PreNormEncoderBlock, Block>)
      return pre_norm(addnorm, X, sublayer);
    else return post_norm(gone, addnorm, X, sublayer);
  }
};

template <class Block>
struct AblatedDecoderBlock : Block, AblatedBlock {
  using Block::Block;

  std::pair<Tensor, TransformerState> operator()(const Tensor& X, TransformerState state) {
    KeysValues &self = state.caches[this->i].self, &cross = state.caches[this->i].cross;
    auto attend_self = [&](const Tensor& in) {
      self = cat(self, this->attention1.project(in, in));
      return this->attention1.attend(asks(gone, this->attention1, in), self, seen(state));
    };
    auto attend_cross = [&](const Tensor& in) {
      const Tensor& source = state.enc_outputs;
      if (!cross.keys) cross = this->attention2.project(source, source);
      return this->attention2.attend(asks(gone, this->attention2, in), cross, state.enc_valid_lens);
    };
    auto feed = [&](const Tensor& in) { return feed_forward(gone, this->ffn, in); };
    Tensor Y = around(this->addnorm1, X, attend_self);
    Tensor Z = gone.attention ? Y : around(this->addnorm2, Y, attend_cross);
    return {gone.ffn ? Z : around(this->addnorm3, Z, feed), state};
  }

 private:
  ValidLens seen(const TransformerState& state) const {    // without a mask, all that is there
    const Lens& lens = state.lens;
    if (!gone.mask) return state.dec_valid_lens;
    return lens.packed() ? ValidLens(packed_segments(lens.tgt, lens.tgt)) : ValidLens();
  }
  template <class F>
  Tensor around(const AddNorm& addnorm, const Tensor& X, const F& sublayer) const {
    if constexpr (std::is_base_of_v<PreNormDecoderBlock, Block>)
      return pre_norm(addnorm, X, sublayer);
    else return post_norm(gone, addnorm, X, sublayer);
  }
};

// Without positions the encoding is zeros, however many positions a batch has.
struct AblatedStack {
  bool positions_gone = false;

 protected:
  void flatten(PositionalEncoding& encoding, int places) const {
    if (positions_gone) encoding.P = Tensor({places, encoding.P.dim(1)});
  }
};

template <class Encoder>
struct AblatedEncoder : Encoder, AblatedStack {
  using Encoder::Encoder;

  Tensor operator()(const Ints& ids, const Lens& lens = {}) {
    flatten(this->pos_encoding, ids.dim(1));
    return Encoder::operator()(ids, lens);
  }
};

template <class Decoder>
struct AblatedDecoder : Decoder, AblatedStack {
  using Decoder::Decoder;
  using State = TransformerState;

  std::pair<Tensor, State> operator()(const Ints& ids, State state) {
    flatten(this->pos_encoding, state.position + ids.dim(1));
    return Decoder::operator()(ids, std::move(state));
  }
};

using AblatedPostEncoder =
    AblatedEncoder<TransformerEncoder<AblatedEncoderBlock<TransformerEncoderBlock>>>;
using AblatedPostDecoder =
    AblatedDecoder<TransformerDecoder<AblatedDecoderBlock<TransformerDecoderBlock>>>;
using AblatedPreEncoder = AblatedEncoder<PreNormEncoder<AblatedEncoderBlock<PreNormEncoderBlock>>>;
using AblatedPreDecoder = AblatedDecoder<PreNormDecoder<AblatedDecoderBlock<PreNormDecoderBlock>>>;

// f(encoder) of a Transformer with its norms after the sums, whole or not.
template <class F>
auto with_encoder(Module& model, const F& f) {
  if (auto* less = dynamic_cast<Seq2Seq<AblatedPostEncoder, AblatedPostDecoder>*>(&model))
    return f(less->encoder);
  auto* whole = dynamic_cast<Seq2Seq<TransformerEncoder<>, TransformerDecoder<>>*>(&model);
  check(whole, "with_encoder: the model is no Transformer with its norms after the sums");
  return f(whole->encoder);
}

}  // namespace babelgrad
