// Several attentions side by side, each in a subspace of its own.
#pragma once

#include "models/attention_scoring.h"

namespace babelgrad {

// D2L 11.5.2 Implementation
struct MultiHeadAttention : Module {
  // Projected, (batch_size num_heads, num_keys, num_hiddens / num_heads).
  struct KeysValues { Tensor keys, values; };
  int num_heads;
  DotProductAttention attention;
  Linear W_q, W_k, W_v, W_o;

  MultiHeadAttention(int num_hiddens, int num_heads, Real dropout, bool bias = false)
      : num_heads(num_heads), attention(dropout),
        W_q(num_hiddens, num_hiddens, bias), W_k(num_hiddens, num_hiddens, bias),
        W_v(num_hiddens, num_hiddens, bias), W_o(num_hiddens, num_hiddens, bias) {
    check(num_heads > 0 && num_hiddens % num_heads == 0, "MultiHeadAttention: num_hiddens ",
          num_hiddens, " is not a multiple of num_heads ", num_heads);
  }

  // queries (batch_size, num_queries, num_hiddens),
  // keys and values (batch_size, num_keys, num_hiddens)
  Tensor operator()(const Tensor& queries, const Tensor& keys, const Tensor& values,
                    const ValidLens& valid_lens = {}) {
    return attend(queries, project(keys, values), valid_lens);
  }

  // Departs from D2L: keys and values are projected apart from the queries, so that decoding step
  // by step can keep them (the "KV cache") instead of projecting the past again.
  KeysValues project(const Tensor& keys, const Tensor& values) const {
    return {transpose_qkv(W_k(keys)), transpose_qkv(W_v(values))};
  }
  Tensor attend(const Tensor& queries, const KeysValues& projected, const ValidLens& valid_lens) {
    ValidLens lens = valid_lens;
    if (lens.lens) lens.lens = repeat_interleave(valid_lens.lens, num_heads);        // one per head
    Tensor output = attention(transpose_qkv(W_q(queries)), projected.keys, projected.values, lens);
    return W_o(transpose_output(output, lens.packed()));       // Eq. (11.5.2)
  }

  // The keys and values of the sentences `rows` of a batch.
  static KeysValues take(const KeysValues& kv, const Ints& rows, int batch_size) {
    auto pick = [&](const Tensor& X) {
      if (!X) return X;
      Tensor by_sentence = index_select(reshape(X, {batch_size, -1, X.dim(1), X.dim(2)}), 0, rows);
      return reshape(by_sentence, {-1, X.dim(1), X.dim(2)});
    };
    return {pick(kv.keys), pick(kv.values)};
  }

  // (batch_size, n, num_hiddens) -> (batch_size num_heads, n, num_hiddens / num_heads); packed,
  // (rows, num_hiddens) -> (num_heads, rows, num_hiddens / num_heads)
  Tensor transpose_qkv(const Tensor& X) const {
    int size = X.dim(-1) / num_heads;
    if (X.rank() == 2) return permute(reshape(X, {X.dim(0), num_heads, size}), {1, 0, 2});
    Tensor heads = reshape(X, {X.dim(0), X.dim(1), num_heads, -1});
    heads = permute(heads, {0, 2, 1, 3});
    return reshape(heads, {-1, heads.dim(2), heads.dim(3)});
  }
  // and back
  Tensor transpose_output(const Tensor& X, bool packed) const {
    if (packed) return reshape(permute(X, {1, 0, 2}), {X.dim(1), num_heads * X.dim(2)});
    Tensor heads = reshape(X, {-1, num_heads, X.dim(1), X.dim(2)});
    heads = permute(heads, {0, 2, 1, 3});
    return reshape(heads, {heads.dim(0), heads.dim(1), -1});
  }
  // Of the last call: (batch_size, num_heads, num_queries, num_keys)
  Tensor attention_weights() const {
    const Tensor& w = attention.attention_weights;
    return reshape(w, {-1, num_heads, w.dim(1), w.dim(2)});
  }
  void fields(Visitor& f) override {
    f("attention", attention); f("W_q", W_q); f("W_k", W_k); f("W_v", W_v); f("W_o", W_o);
  }
};

}  // namespace babelgrad
