// The Transformer with its norms before the sublayers instead of after the sums: what is handed on
// from block to block is only ever added to, and normalised once, at the end of each stack.
// Sources: Wang et al. 2019, arXiv 1906.01787; Xiong et al. 2020, arXiv 2002.04745, table 1.
#pragma once

#include "models/packed.h"

namespace babelgrad {

// X (..., num_hiddens) -> X + dropout(F(LayerNorm(X))) of the same shape, with the layers of
// `addnorm`; X itself if they were taken away with F (models/without.h).
template <class F>
Tensor pre_norm(const AddNorm& addnorm, const Tensor& X, const F& sublayer) {
  if (!addnorm.ln.weight) return X;
  Tensor Y = sublayer(addnorm.ln(X));
  return X + addnorm.dropout(Y);
}

// The blocks of models/transformer.h, each sublayer with its norm before it.
inline Tensor pre_norm(TransformerEncoderBlock& block, const Tensor& X,
                       const ValidLens& valid_lens) {
  Tensor Y = pre_norm(block.addnorm1, X, [&](const Tensor& normal) {
    return block.attention(normal, normal, normal, valid_lens);
  });
  return pre_norm(block.addnorm2, Y, block.ffn);
}

// Keys and values of the source are of enc_outputs, which the encoder has normalised.
inline std::pair<Tensor, TransformerState> pre_norm(TransformerDecoderBlock& block,
                                                    const Tensor& X, TransformerState state) {
  TransformerState::Cache& cache = state.caches[block.i];
  if (!cache.cross.keys)
    cache.cross = block.attention2.project(state.enc_outputs, state.enc_outputs);
  Tensor Y = pre_norm(block.addnorm1, X, [&](const Tensor& normal) {
    cache.self = cat(cache.self, block.attention1.project(normal, normal));
    return block.attention1.attend(normal, cache.self, state.dec_valid_lens);
  });
  Tensor Z = pre_norm(block.addnorm2, Y, [&](const Tensor& normal) {
    return block.attention2.attend(normal, cache.cross, state.enc_valid_lens);
  });
  return {pre_norm(block.addnorm3, Z, block.ffn), state};
}

struct PreNormEncoder : TransformerEncoder {
  LayerNorm ln{num_hiddens};

  using TransformerEncoder::TransformerEncoder;
  // As TransformerEncoder: ids (batch_size, num_steps) -> (batch_size, num_steps, num_hiddens)
  Tensor operator()(const Ints& ids, const ValidLens& valid_lens = {}) {
    return through(pos_encoding(embedding(ids) * std::sqrt(Real(num_hiddens))), valid_lens);
  }
  // The vectors X of the words, padded or packed -> of the same shape
  Tensor through(Tensor X, const ValidLens& valid_lens) {
    for (auto& blk : blks) X = pre_norm(blk, X, valid_lens);
    return ln(X);
  }
  void fields(Visitor& f) override { TransformerEncoder::fields(f); f("ln", ln); }
};

struct PreNormDecoder : TransformerDecoder {
  LayerNorm ln{num_hiddens};

  using TransformerDecoder::TransformerDecoder;
  // As TransformerDecoder: ids (batch_size, num_steps) -> (batch_size, num_steps, vocab_size)
  std::pair<Tensor, State> operator()(const Ints& ids, State state) {
    if (causal) state.dec_valid_lens = seen_so_far(ids.dim(0), state.position, ids.dim(1));
    Tensor X = embedding(ids) * std::sqrt(Real(num_hiddens));
    X = pos_encoding(X, state.position);
    state.position += ids.dim(1);
    return through(X, std::move(state));
  }
  // The vectors X of the words, padded or packed -> logits (..., vocab_size)
  std::pair<Tensor, State> through(Tensor X, State state) {
    for (auto& blk : blks) std::tie(X, state) = pre_norm(blk, X, std::move(state));
    return {dense(ln(X)), state};
  }
  void fields(Visitor& f) override { TransformerDecoder::fields(f); f("ln", ln); }
};

// As in models/packed.h: ids (source rows) -> outputs (source rows, num_hiddens)
inline Tensor packed(PreNormEncoder& encoder, const Ints& ids, const Ints& lens) {
  Tensor X = encoder.embedding(ids) * std::sqrt(Real(encoder.num_hiddens));
  return encoder.through(encoder.pos_encoding(X, positions(lens)), packed_spans(lens, lens));
}

// ids (target rows) -> logits (target rows, vocab_size)
inline Tensor packed(PreNormDecoder& decoder, const Ints& ids, TransformerState state,
                     const Ints& lens) {
  state.enc_valid_lens = packed_spans(lens, state.enc_valid_lens.lens);
  state.dec_valid_lens = decoder.causal ? causal_spans(lens) : packed_spans(lens, lens);
  Tensor X = decoder.embedding(ids) * std::sqrt(Real(decoder.num_hiddens));
  return decoder.through(decoder.pos_encoding(X, positions(lens)), std::move(state)).first;
}

}  // namespace babelgrad
