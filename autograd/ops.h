// The calculus on one page: every operation, its value y and the derivative it records. dy stands
// for dL/dy, dx for dL/dx, and so on; a gradient is summed back over axes that were broadcast.
// Where the tangent at 0 is vertical, as for √x, the slope there is defined as 0: no Inf, no NaN.
#pragma once

#include "autograd/node.h"
#include "tensor/compare.h"
#include "tensor/matmul.h"
#include "tensor/packed.h"
#include "tensor/reduce.h"

namespace babelgrad {

using raw::Axes;
using raw::argmax, raw::topk, raw::TopK;         // ids, and what is 1 or 0: nothing to derive
using raw::one_hot;
using raw::Prepacked;                            // a weight that many products share

// ---- arithmetic.cpp: two operands, broadcast to one shape; a mask is 0 or 1 ---------------------
Tensor operator+(const Tensor& a, const Tensor& b);      // da = dy            db = dy
Tensor operator-(const Tensor& a, const Tensor& b);      // da = dy            db = -dy
Tensor operator*(const Tensor& a, const Tensor& b);      // da = dy b          db = dy a
Tensor operator/(const Tensor& a, const Tensor& b);      // da = dy / b        db = -dy a / b²
Tensor pow(const Tensor& a, const Tensor& b);            // da = dy b aᵇ⁻¹     db = dy aᵇ ln a
Tensor pow(const Tensor& a, Real exponent);
Tensor maximum(const Tensor& a, const Tensor& b);        // dy to the larger, half to each of equals
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor where(const Tensor& mask, const Tensor& a, const Tensor& b);   // 1: a, 0: b; dy to that one
Tensor masked_fill(const Tensor& x, const Tensor& mask, Real value);  // 1: value; dx = 0 there
Tensor operator+(const Tensor& a, Real b);
Tensor operator-(const Tensor& a, Real b);
Tensor operator*(const Tensor& a, Real b);
Tensor operator/(const Tensor& a, Real b);
Tensor operator+(Real a, const Tensor& b);
Tensor operator-(Real a, const Tensor& b);
Tensor operator*(Real a, const Tensor& b);
Tensor operator/(Real a, const Tensor& b);

// ---- pointwise.cpp: y = f(x), dx = dy f'(x) -----------------------------------------------------
Tensor operator-(const Tensor& x);
Tensor abs(const Tensor& x);
Tensor square(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor rsqrt(const Tensor& x);                           // 1 / √x
Tensor reciprocal(const Tensor& x);
Tensor exp(const Tensor& x);
Tensor expm1(const Tensor& x);                           // eˣ − 1
Tensor log(const Tensor& x);
Tensor log1p(const Tensor& x);                           // ln(1 + x)
Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
Tensor erf(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor sigmoid(const Tensor& x);                         // σ(x) = 1 / (1 + e⁻ˣ)
Tensor log_sigmoid(const Tensor& x);
Tensor softplus(const Tensor& x);                        // ln(1 + eˣ)
Tensor relu(const Tensor& x);                            // max(x, 0)
Tensor leaky_relu(const Tensor& x, Real slope = Real(0.01));
Tensor elu(const Tensor& x);
Tensor silu(const Tensor& x);                            // x σ(x)
Tensor gelu(const Tensor& x);                            // x Φ(x), Φ by erf
Tensor gelu_tanh(const Tensor& x);                       // its approximation by tanh
Tensor clamp(const Tensor& x, Real low, Real high);

// ---- reductions.cpp: over the given axes, or all ------------------------------------------------
Tensor sum(const Tensor& x, const Axes& axes = {}, bool keepdim = false);    // dx = dy, repeated
Tensor mean(const Tensor& x, const Axes& axes = {}, bool keepdim = false);   // dx = dy / n
Tensor max(const Tensor& x, const Axes& axes = {}, bool keepdim = false);    // dy to the largest
Tensor min(const Tensor& x, const Axes& axes = {}, bool keepdim = false);
Tensor var(const Tensor& x, const Axes& axes = {}, bool unbiased = true, bool keepdim = false);
Tensor std_dev(const Tensor& x, const Axes& axes = {}, bool unbiased = true, bool keepdim = false);
Tensor logsumexp(const Tensor& x, int axis = -1);                            // dx = dy softmax(x)
Tensor cumsum(const Tensor& x, int axis);                                    // dxᵢ = Σ dyⱼ, j ≥ i

// ---- views.cpp: other shapes of the same numbers; dx is the same move backwards -----------------
Tensor reshape(const Tensor& x, const Shape& shape);
Tensor permute(const Tensor& x, const Shape& axes, Site at = {});
Tensor transpose(const Tensor& x, int a = -2, int b = -1);
Tensor expand(const Tensor& x, const Shape& shape);
Tensor slice(const Tensor& x, int axis, int begin, int end, int step = 1);
Tensor select(const Tensor& x, int axis, int index);
Tensor unsqueeze(const Tensor& x, int axis, Site at = {});
Tensor squeeze(const Tensor& x, int axis);
Tensor flip(const Tensor& x, int axis);
Tensor cat(const std::vector<Tensor>& parts, int axis);                      // end to end
Tensor stack(const std::vector<Tensor>& parts, int axis = 0);                // along a new axis
Tensor repeat(const Tensor& x, const Shape& times);      // the whole, per axis; first ones are new
Tensor repeat_interleave(const Tensor& x, int times, int axis);              // each element
std::vector<Tensor> unbind(const Tensor& x, int axis = 0);                   // its slices

// ---- products.cpp: W is (out, in) ---------------------------------------------------------------
Tensor matmul(const Tensor& A, const Tensor& B);         // C = A B          dA = dC Bᵀ   dB = Aᵀ dC
Tensor linear(const Tensor& X, const Tensor& W, const Tensor& b = Tensor(),    // Y = X Wᵀ + b
              const Prepacked* packed = nullptr);        // W, laid out once for many X
std::unique_ptr<Prepacked> prepacked(const Tensor& W, Index most_rows);  // for X of that height
std::unique_ptr<Prepacked> prepacked_in_int8(const Tensor& W);           // see gemm_int8.h

// ---- softmax.cpp: p = eˣ / Σ eˣ -----------------------------------------------------------------
Tensor softmax(const Tensor& x, int axis = -1);          // dx = p (dp − Σ dp p)
Tensor log_softmax(const Tensor& x, int axis = -1);      // dx = dy − p Σ dy
Tensor masked_softmax(Tensor X, Ints valid_lens);        // over the first valid_lens keys only
enum class Reduction { none, mean, sum };
struct LossOptions {
  Reduction reduction = Reduction::mean;                 // the mean is over targets that count
  int ignore_index = -100;                               // such targets cost nothing
  Real label_smoothing = 0;                              // ε of the weight spread over all classes
};
Tensor cross_entropy(const Tensor& logits, const Ints& targets, const LossOptions& options = {});

// ---- losses.cpp: means over all numbers, of what came out and what should have, of one shape ----
Tensor mse_loss(const Tensor& y_hat, const Tensor& y);                       // (ŷ − y)²
Tensor binary_cross_entropy(const Tensor& p, const Tensor& y);     // −y ln p − (1 − y) ln(1 − p)
Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& y);   // the same of σ(x)

// ---- layer_norm.cpp: over the last axis ---------------------------------------------------------
Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, Real eps = Real(1e-5));

// ---- lookup.cpp ---------------------------------------------------------------------------------
Tensor embedding(const Tensor& table, const Ints& ids);  // rows of the table; dy is added to those
Tensor index_select(const Tensor& x, int axis, const Ints& index, Site at = {});
Tensor gather(const Tensor& x, const Ints& index);       // y[r, j] = x[r, index[r, j]], last axis
Tensor dropout(const Tensor& x, Real p);                 // kept with 1 − p and scaled by 1/(1 − p)

// ---- dot_attention.cpp, additive_attention.cpp: softmax(scores) V over the keys a query sees ----
// Padded: Q (batch, queries, d), K (batch, keys, d), V (batch, keys, v). Packed: (heads, rows, ..),
// or with one head Q (queries, 1, d) to ask a word of each sentence. The output has Q's rows.
// Weights are kept of each query for the keys that it sees, and no others. As a Tensor they are the
// table (.., .., most keys seen), zeros behind those of a query, made anew each time.
struct AttentionWeights {
  Tensor seen;                                  // (heads, pairs of a query and a key), or a table
  Ints count;                                   // (queries): keys that each sees; of a table, none
  Shape table;
  AttentionWeights() = default;
  AttentionWeights(const Tensor& table) : seen(table), table(table.shape()) {}
  AttentionWeights(const Tensor& seen, const Ints& count, const Shape& table)
      : seen(seen), count(count), table(table) {}
  const Shape& shape() const { return table; }
  explicit operator bool() const { return bool(seen); }
  operator Tensor() const;
};
std::vector<Tensor> tables(const std::vector<AttentionWeights>& weights);
struct Attended { Tensor output; AttentionWeights weights; };
Attended dot_attention(const Tensor& Q, const Tensor& K, const Tensor& V,
                       const ValidLens& valid_lens, Real d, Real dropout);       // q · k / √d
Attended additive_attention(const Tensor& Q, const Tensor& K, const Tensor& w, const Tensor& V,
                            const ValidLens& valid_lens, Real dropout);      // w · tanh(q + k)
// What they are, in plain operations, of a padded batch: the output, and the weights by the way.
Tensor dot_attention_plain(const Tensor& queries, const Tensor& keys, const Tensor& values,
                           const Ints& valid_lens, Real d, Real dropout,
                           Tensor& attention_weights);
Tensor additive_attention_plain(const Tensor& queries, const Tensor& keys, const Tensor& w,
                                const Tensor& values, const Ints& valid_lens, Real dropout,
                                Tensor& attention_weights);

// ---- recurrence.cpp: a recurrent layer over all steps; gi = X W_ihᵀ + b_ih is (rows, gates h) ---
enum class Cell { rnn, gru, lstm };                      // 1, 3 and 4 gates
struct Recurrence { Tensor outputs, H, C; };             // (rows, h); the last of each, (batch, h)
Recurrence recurrence(Cell cell, const Tensor& gi, const Tensor& W_hh, const Tensor& b_hh,
                      const Tensor& H, const Tensor& C, const PackedSequence& steps,
                      const Prepacked* packed = nullptr);    // W_hh, instead of by this call

}  // namespace babelgrad
