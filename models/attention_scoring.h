// Attention: a query is compared with every key; the scores become weights by a softmax; the result
// is the weighted mean of the values. The functions below differ in how they compare.
#pragma once

#include <memory>

#include "nn/keys_values.h"
#include "nn/layers.h"

namespace babelgrad {

// D2L 11.3.3 Scaled Dot Product Attention. What this and every other attention share:
// queries (batch_size, num_queries, q), keys (batch_size, num_keys, k),
// values (batch_size, num_keys, v) -> (batch_size, num_queries, v);
// valid_lens (batch_size) or (batch_size, num_queries) or none, or of a packed batch;
// attention_weights (batch_size, num_queries, num_keys).
// What depends on the keys alone is computed apart, and from scores to output it is one operation:
// the book's lines stand first in autograd/dot_attention.cpp and additive_attention.cpp.
struct Attention : Module {
  Dropout dropout;
  AttentionWeights attention_weights;           // of the last call; not a parameter

  explicit Attention(Real dropout) : dropout(dropout) {}
  Tensor operator()(const Tensor& queries, const Tensor& keys, const Tensor& values,
                    const ValidLens& valid_lens = {}) {
    return attend(queries, project(keys, values), valid_lens);
  }
  virtual KeysValues project(Tensor keys, Tensor values) const {
    return {keys, values};
  }
  Tensor attend(const Tensor& queries, const KeysValues& projected, const ValidLens& valid_lens) {
    auto [output, weights] = attended(queries, projected, valid_lens, training ? dropout.p : 0);
    attention_weights = weights;
    return output;
  }
  virtual Attended attended(Tensor queries, const KeysValues& projected,
                            const ValidLens& valid_lens, Real p) const = 0;
  void fields(Visitor& f) override { f("dropout", dropout); }
};

// D2L 11.3.3 Scaled Dot Product Attention
struct DotProductAttention : Attention {
  using Attention::Attention;
  Attended attended(Tensor queries, const KeysValues& projected, const ValidLens& valid_lens,
                    Real p) const override {
    const auto& [keys, values] = projected;
    Real d = Real(queries.dim(-1));
    return dot_attention(queries, keys, values, valid_lens, d, p);
  }
};

// D2L 11.3.4 Additive Attention
struct AdditiveAttention : Attention {
  Linear W_k, W_q, w_v;

  AdditiveAttention(int num_hiddens, int key_size, int query_size, Real dropout)
      : Attention(dropout), W_k(key_size, num_hiddens, false), W_q(query_size, num_hiddens, false),
        w_v(num_hiddens, 1, false) {}
  KeysValues project(Tensor keys, Tensor values) const override {
    keys = W_k(keys);
    return {keys, values};
  }
  Attended attended(Tensor queries, const KeysValues& projected, const ValidLens& valid_lens,
                    Real p) const override {
    queries = W_q(queries);
    const auto& [keys, values] = projected;
    return additive_attention(queries, keys, w_v.weight, values, valid_lens, p);
  }
  void fields(Visitor& f) override {
    Attention::fields(f);
    f("W_k", W_k); f("W_q", W_q); f("w_v", w_v);
  }
};

// Luong, Pham and Manning 2015, "dot": score(q, k) = qᵀ k.
struct DotAttention : Attention {
  using Attention::Attention;
  Attended attended(Tensor queries, const KeysValues& projected, const ValidLens& valid_lens,
                    Real p) const override {
    return dot_attention(queries, projected.keys, projected.values, valid_lens, 1, p);
  }
};

// There, "general": score(q, k) = qᵀ W k.
struct GeneralAttention : DotAttention {
  Linear W;

  GeneralAttention(int key_size, int query_size, Real dropout)
      : DotAttention(dropout), W(key_size, query_size, false) {}
  KeysValues project(Tensor keys, Tensor values) const override {
    return {W(keys), values};
  }
  void fields(Visitor& f) override { Attention::fields(f); f("W", W); }
};

enum class Score { additive, dot, scaled_dot, general };

// For queries and keys of num_hiddens numbers.
inline std::shared_ptr<Attention> make_attention(Score score, int num_hiddens, Real dropout) {
  int h = num_hiddens;
  if (score == Score::additive) return std::make_shared<AdditiveAttention>(h, h, h, dropout);
  if (score == Score::general) return std::make_shared<GeneralAttention>(h, h, dropout);
  if (score == Score::dot) return std::make_shared<DotAttention>(dropout);
  if (score == Score::scaled_dot) return std::make_shared<DotProductAttention>(dropout);
  fail("make_attention: there is no score ", int(score));
}

}  // namespace babelgrad
