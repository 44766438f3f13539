// Attention: a query is compared with every key; the scores become weights by a softmax; the result
// is the weighted mean of the values. The functions below differ in how they compare.
#pragma once

#include <memory>

#include "autograd/ops.h"
#include "nn/layers.h"

namespace babelgrad {

// Keys, projected, and their values: what a decoder that asks at every step needs to compute once.
struct KeysValues { Tensor keys, values; };

// D2L 11.3.3 Scaled Dot Product Attention. What this and every other attention share:
// queries (batch_size, num_queries, q), keys (batch_size, num_keys, k),
// values (batch_size, num_keys, v) -> (batch_size, num_queries, v);
// valid_lens (batch_size) or (batch_size, num_queries) or none;
// attention_weights (batch_size, num_queries, num_keys).
struct Attention : Module {
  Dropout dropout;
  Tensor attention_weights;                     // of the last call; not a parameter

  explicit Attention(Real dropout) : dropout(dropout) {}
  Tensor operator()(const Tensor& queries, const Tensor& keys, const Tensor& values,
                    const ValidLens& valid_lens = {}) {
    return attend(queries, project(keys, values), valid_lens);
  }

  // What attention is, in the plain operations; the tests hold attend() to it.
  Tensor plainly(const Tensor& queries, const Tensor& keys, const Tensor& values,
                 const Ints& valid_lens = {}) {
    Tensor scores = this->scores(queries, project_keys(keys));
    attention_weights = masked_softmax(scores, valid_lens);
    return matmul(dropout(attention_weights), values);   // Eq. (11.3.6), there with dot products
  }
  virtual Tensor scores(const Tensor& queries, const Tensor& projected_keys) const = 0;
  virtual Tensor project_keys(const Tensor& keys) const { return keys; }
  KeysValues project(const Tensor& keys, const Tensor& values) const {
    return {project_keys(keys), values};
  }

  // The same in one pass over the keys that each query sees. Departs from D2L: what depends on the
  // keys alone is given; and batches may come packed, queries (rows, q), keys (rows, k), values
  // (rows, v), or with their heads (heads, rows, ..): then valid_lens holds spans.
  Tensor attend(const Tensor& queries, const KeysValues& projected, const ValidLens& valid_lens) {
    Real p = training ? dropout.p : 0;
    const auto& [keys, values] = projected;
    if (valid_lens.packed()) {
      auto [output, weights] = fused(queries, keys, values, valid_lens.spans, p);
      attention_weights = weights;
      return output;
    }
    check_given("attention", queries, keys, values);
    check(queries.rank() == 3 && keys.rank() == 3 && values.rank() == 3 &&
              queries.dim(0) == keys.dim(0),
          "attention: queries ", queries.shape(), ", keys ", keys.shape(), ", values ",
          values.shape());
    int batch = queries.dim(0), n = queries.dim(1), num_keys = values.dim(1);
    auto rows = [](const Tensor& X) { return reshape(X, {X.dim(0) * X.dim(1), X.dim(2)}); };
    auto [output, weights] = fused(rows(queries), rows(keys), rows(values),
                                   padded_spans(valid_lens.lens, batch, n, num_keys), p);
    attention_weights = reshape(weights, {batch, n, num_keys});
    return reshape(output, {batch, n, values.dim(2)});
  }
  void fields(Visitor& f) override { f("dropout", dropout); }

 protected:
  virtual Attended fused(const Tensor& queries, const Tensor& projected_keys, const Tensor& values,
                         const Spans& spans, Real p) const = 0;
};

// Queries and keys compared by their dot products, packed, with heads or without.
inline Attended dot_attention_of(const Tensor& queries, const Tensor& keys, const Tensor& values,
                                 const Spans& spans, Real scale, Real p) {
  if (queries.rank() == 3) return dot_attention(queries, keys, values, spans, scale, p);
  auto one_head = [](const Tensor& X) { return unsqueeze(X, 0); };
  auto [output, weights] =
      dot_attention(one_head(queries), one_head(keys), one_head(values), spans, scale, p);
  return {squeeze(output, 0), weights};
}

// D2L 11.3.3 Scaled Dot Product Attention
struct DotProductAttention : Attention {
  bool scaled;                                  // false: Luong's plain dot product

  explicit DotProductAttention(Real dropout, bool scaled = true)
      : Attention(dropout), scaled(scaled) {}
  Tensor scores(const Tensor& queries, const Tensor& keys) const override {
    if (!scaled) return matmul(queries, transpose(keys, 1, 2));
    Real d = Real(queries.dim(-1));
    Tensor scores = matmul(queries, transpose(keys, 1, 2)) / std::sqrt(d);   // Eq. (11.3.2)
    return scores;
  }

 protected:
  Attended fused(const Tensor& queries, const Tensor& keys, const Tensor& values,
                 const Spans& spans, Real p) const override {
    Real scale = scaled ? 1 / std::sqrt(Real(queries.dim(-1))) : 1;
    return dot_attention_of(queries, keys, values, spans, scale, p);
  }
};

// D2L 11.3.4 Additive Attention. Departs from D2L: keys are projected apart from the queries, once
// for all steps of a decoder.
struct AdditiveAttention : Attention {
  Linear W_k, W_q, w_v;

  AdditiveAttention(int num_hiddens, int key_size, int query_size, Real dropout)
      : Attention(dropout), W_k(key_size, num_hiddens, false), W_q(query_size, num_hiddens, false),
        w_v(num_hiddens, 1, false) {}
  Tensor project_keys(const Tensor& keys) const override { return W_k(keys); }
  Tensor scores(const Tensor& X, const Tensor& keys) const override {
    Tensor queries = W_q(X);
    // (batch_size, num_queries, 1, num_hiddens) + (batch_size, 1, num_keys, num_hiddens)
    Tensor features = unsqueeze(queries, 2) + unsqueeze(keys, 1);
    features = tanh(features);
    Tensor scores = squeeze(w_v(features), -1); // Eq. (11.3.7)
    return scores;
  }
  void fields(Visitor& f) override {
    Attention::fields(f);
    f("W_k", W_k); f("W_q", W_q); f("w_v", w_v);
  }

 protected:
  Attended fused(const Tensor& queries, const Tensor& projected_keys, const Tensor& values,
                 const Spans& spans, Real p) const override {
    return additive_attention(W_q(queries), projected_keys, w_v.weight, values, spans, p);
  }
};

// Luong, Pham and Manning 2015, "general": score(q, k) = qᵀ W k.
struct GeneralAttention : Attention {
  Linear W;

  GeneralAttention(int key_size, int query_size, Real dropout)
      : Attention(dropout), W(key_size, query_size, false) {}
  Tensor project_keys(const Tensor& keys) const override { return W(keys); }
  Tensor scores(const Tensor& queries, const Tensor& projected_keys) const override {
    return matmul(queries, transpose(projected_keys));
  }
  void fields(Visitor& f) override { Attention::fields(f); f("W", W); }

 protected:
  Attended fused(const Tensor& queries, const Tensor& projected_keys, const Tensor& values,
                 const Spans& spans, Real p) const override {
    return dot_attention_of(queries, projected_keys, values, spans, 1, p);
  }
};

enum class Score { additive, dot, scaled_dot, general };

// For queries and keys of num_hiddens numbers.
inline std::shared_ptr<Attention> make_attention(Score score, int num_hiddens, Real dropout) {
  int h = num_hiddens;
  if (score == Score::additive) return std::make_shared<AdditiveAttention>(h, h, h, dropout);
  if (score == Score::general) return std::make_shared<GeneralAttention>(h, h, dropout);
  return std::make_shared<DotProductAttention>(dropout, score == Score::scaled_dot);
}

}  // namespace babelgrad
