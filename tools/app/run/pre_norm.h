// The Transformer with its norms before the sublayers instead of after the sums: what is handed on
// from block to block is only ever added to, and normalised once, at the end of each stack.
// Sources: Wang et al. 2019, arXiv 1906.01787; Xiong et al. 2020, arXiv 2002.04745, table 1.
#pragma once

#include "models/transformer.h"

namespace babelgrad {

// X (..., num_hiddens) -> X + dropout(F(LayerNorm(X))) of the same shape, with the layers of
// `addnorm`.
template <class F>
Tensor pre_norm(const AddNorm& addnorm, const Tensor& X, const F& sublayer) {
  Tensor Y = sublayer(addnorm.ln(X));
  return X + addnorm.dropout(Y);
}

// The blocks of models/transformer.h, each sublayer with its norm before it.
struct PreNormEncoderBlock : TransformerEncoderBlock {
  using TransformerEncoderBlock::TransformerEncoderBlock;
  Tensor operator()(const Tensor& X, const ValidLens& valid_lens) {
    Tensor Y = pre_norm(addnorm1, X, [&](const Tensor& normal) {
      return attention(normal, normal, normal, valid_lens);
    });
    return pre_norm(addnorm2, Y, ffn);
  }
};

// Keys and values of the source come from enc_outputs, which the encoder has normalised.
struct PreNormDecoderBlock : TransformerDecoderBlock {
  using TransformerDecoderBlock::TransformerDecoderBlock;
  std::pair<Tensor, TransformerState> operator()(const Tensor& X, TransformerState state) {
    auto& [self, cross] = state.caches[i];
    if (!cross.keys) cross = attention2.project(state.enc_outputs, state.enc_outputs);
    Tensor Y = pre_norm(addnorm1, X, [&, &self = self](const Tensor& normal) {
      self = cat(self, attention1.project(normal, normal));
      return attention1.attend(normal, self, state.dec_valid_lens);
    });
    Tensor Z = pre_norm(addnorm2, Y, [&, &cross = cross](const Tensor& normal) {
      return attention2.attend(normal, cross, state.enc_valid_lens);
    });
    return {pre_norm(addnorm3, Z, ffn), state};
  }
};

// Each stack ends with a norm of its own.
template <class Block = PreNormEncoderBlock>
struct PreNormEncoder : TransformerEncoder<Block> {
  LayerNorm ln{this->num_hiddens};

  using TransformerEncoder<Block>::TransformerEncoder;
  Tensor operator()(const Ints& ids, const Lens& lens = {}) {
    return ln(TransformerEncoder<Block>::operator()(ids, lens));
  }
  void fields(Visitor& f) override { TransformerEncoder<Block>::fields(f); f("ln", ln); }
};

struct NormedLinear : Linear {
  LayerNorm ln;                                 // not a parameter by itself: see PreNormDecoder

  NormedLinear(int in, int out) : Linear(in, out), ln(in) {}
  Tensor operator()(const Tensor& X) const { return Linear::operator()(ln(X)); }
};

template <class Block = PreNormDecoderBlock>
struct PreNormDecoder : TransformerDecoder<Block, NormedLinear> {
  using TransformerDecoder<Block, NormedLinear>::TransformerDecoder;
  void fields(Visitor& f) override {
    TransformerDecoder<Block, NormedLinear>::fields(f);
    LayerNorm& ln = this->dense.ln;
    f("ln", ln);
  }
};

}  // namespace babelgrad
