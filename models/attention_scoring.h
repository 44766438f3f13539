// Attention: a query is compared with every key; the scores become weights by a softmax; the result
// is the weighted mean of the values. The functions below differ in how they compare.
#pragma once

#include <memory>

#include "autograd/ops.h"
#include "nn/layers.h"

namespace babelgrad {

// queries (batch_size, num_queries, q), keys (batch_size, num_keys, k),
// values (batch_size, num_keys, v) -> (batch_size, num_queries, v);
// valid_lens (batch_size) or (batch_size, num_queries) or none.
// The last call's weights (batch_size, num_queries, num_keys) stay to be looked at.
struct Attention : Module {
  Dropout dropout;
  Tensor attention_weights;

  explicit Attention(Real dropout) : dropout(dropout) {}
  Tensor operator()(const Tensor& queries, const Tensor& keys, const Tensor& values,
                    const ValidLens& valid_lens = {}) {
    return attend(queries, project_keys(keys), values, valid_lens);
  }

  // Departs from D2L: what depends on the keys alone is a function of its own, so that a decoder
  // that asks at every step about the same keys computes it once.
  virtual Tensor project_keys(const Tensor& keys) const { return keys; }
  virtual Tensor scores(const Tensor& queries, const Tensor& projected_keys) const = 0;

  // What attention is.
  Tensor attend_plainly(const Tensor& queries, const Tensor& projected_keys, const Tensor& values,
                        const Ints& valid_lens) {
    Tensor weights = masked_softmax(scores(queries, projected_keys), valid_lens);
    attention_weights = detach(weights);
    return matmul(dropout(weights), values);    // Eq. (11.3.6) with the dot product
  }
  // The same in one pass over the keys that each query sees. Departs from D2L: batches may come
  // packed, queries (rows, q), keys (rows, k), values (rows, v), or with their heads (heads, rows,
  // ..); then valid_lens holds spans.
  Tensor attend(const Tensor& queries, const Tensor& projected_keys, const Tensor& values,
                const ValidLens& valid_lens) {
    Real p = training ? dropout.p : 0;
    if (valid_lens.packed()) {
      auto [output, weights] = fused(queries, projected_keys, values, valid_lens.spans, p);
      attention_weights = weights;
      return output;
    }
    int batch = queries.dim(0), n = queries.dim(1), num_keys = values.dim(1);
    auto rows = [](const Tensor& X) { return reshape(X, {X.dim(0) * X.dim(1), X.dim(2)}); };
    auto [output, weights] = fused(rows(queries), rows(projected_keys), rows(values),
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
    Real d = Real(queries.dim(-1));
    Tensor dots = matmul(queries, transpose(keys));
    return scaled ? dots / std::sqrt(d) : dots; // Eq. (11.3.2)
  }

 protected:
  Attended fused(const Tensor& queries, const Tensor& keys, const Tensor& values,
                 const Spans& spans, Real p) const override {
    Real scale = scaled ? 1 / std::sqrt(Real(queries.dim(-1))) : 1;
    return dot_attention_of(queries, keys, values, spans, scale, p);
  }
};

// D2L 11.3.4 Additive Attention
struct AdditiveAttention : Attention {
  Linear W_k, W_q, w_v;

  AdditiveAttention(int num_hiddens, int key_size, int query_size, Real dropout)
      : Attention(dropout), W_k(key_size, num_hiddens, false), W_q(query_size, num_hiddens, false),
        w_v(num_hiddens, 1, false) {}
  Tensor project_keys(const Tensor& keys) const override { return W_k(keys); }
  Tensor scores(const Tensor& queries, const Tensor& projected_keys) const override {
    // (batch_size, num_queries, 1, num_hiddens) + (batch_size, 1, num_keys, num_hiddens)
    Tensor features = unsqueeze(W_q(queries), 2) + unsqueeze(projected_keys, 1);
    return squeeze(w_v(tanh(features)), -1);    // Eq. (11.3.7)
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
