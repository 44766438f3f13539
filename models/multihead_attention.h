// Several attentions side by side, each in a subspace of its own.
#pragma once

#include "models/attention_scoring.h"

namespace babelgrad {

// D2L 11.5.2 Implementation
struct MultiHeadAttention : Module {
  int num_heads;
  DotProductAttention attention;
  Linear W_q, W_k, W_v, W_o;

  MultiHeadAttention(int num_hiddens, int num_heads, Real dropout, bool bias = false)
      : num_heads(num_heads), attention(dropout),
        W_q(num_hiddens, num_hiddens, bias), W_k(num_hiddens, num_hiddens, bias),
        W_v(num_hiddens, num_hiddens, bias), W_o(num_hiddens, num_hiddens, bias) {
    check(num_hiddens > 0, "MultiHeadAttention: num_hiddens ", num_hiddens, " must be positive");
    check(num_heads > 0 && num_hiddens % num_heads == 0, "MultiHeadAttention: num_hiddens ",
          num_hiddens, " is not a multiple of num_heads ", num_heads);
  }

  // queries (batch_size, num_queries, num_hiddens), keys and values (batch_size, num_keys,
  // num_hiddens) -> (batch_size, num_queries, num_hiddens)
  Tensor operator()(const Tensor& queries, const Tensor& keys, const Tensor& values,
                    const ValidLens& valid_lens = {}) {
    return attend(queries, project(keys, values), valid_lens);
  }

  // The book's forward in two parts, so that decoding step by step can keep keys and values (the
  // "KV cache") instead of projecting the past again.
  KeysValues project(Tensor keys, Tensor values) const {
    keys = transpose_qkv(W_k(keys));
    values = transpose_qkv(W_v(values));
    return {keys, values};
  }
  Tensor attend(Tensor queries, const KeysValues& projected, ValidLens valid_lens) {
    queries = transpose_qkv(W_q(queries));
    const auto& [keys, values] = projected;
    if (valid_lens) valid_lens = repeat_interleave(valid_lens, num_heads, 0);
    Tensor output = attention(queries, keys, values, valid_lens);
    Tensor output_concat = transpose_output(output);
    return W_o(output_concat);                  // Eq. (11.5.2)
  }

  // (batch_size, n, num_hiddens) -> (batch_size num_heads, n, num_hiddens / num_heads)
  Tensor transpose_qkv(Tensor X) const {
    check(X.numel() > 0, "MultiHeadAttention: there is nothing in ", X.shape());
    X = reshape(X, {X.dim(0), X.dim(1), num_heads, -1});
    X = permute(X, {0, 2, 1, 3});
    return reshape(X, {-1, X.dim(2), X.dim(3)});
  }
  Tensor transpose_output(Tensor X) const {     // and back
    X = reshape(X, {-1, num_heads, X.dim(1), X.dim(2)});
    X = permute(X, {0, 2, 1, 3});
    return reshape(X, {X.dim(0), X.dim(1), -1});
  }
  void fields(Visitor& f) override {
    f("attention", attention); f("W_q", W_q); f("W_k", W_k); f("W_v", W_v); f("W_o", W_o);
  }
};

}  // namespace babelgrad
