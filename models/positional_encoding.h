// Attention sees a set; these waves, added to the embeddings, make it a sequence.
#pragma once

#include "nn/layers.h"

namespace babelgrad {

// D2L 11.6.3 Positional Encoding. Departs from D2L: the table is computed in double, and grows.
struct PositionalEncoding : Module {
  Dropout dropout;
  bool used = true;                             // false: nothing is added
  Tensor P;                                     // (max_len, num_hiddens); constant, not a parameter

  PositionalEncoding(int num_hiddens, Real dropout, int max_len = 1000) : dropout(dropout) {
    check(num_hiddens >= 0 && num_hiddens % 2 == 0, "PositionalEncoding: num_hiddens ", num_hiddens,
          " must be even: sine and cosine alternate");
    check(max_len >= 0, "PositionalEncoding: max_len ", max_len, " cannot be negative");
    P = table(max_len, num_hiddens);
  }

  // P[i, 2j] = sin(i / 10000^(2j / d)), P[i, 2j+1] = cos(the same): Eq. (11.6.2)
  static Tensor table(int max_len, int num_hiddens) {
    Tensor P({max_len, num_hiddens});
    for (int i = 0; i < max_len; i++) {
      for (int j = 0; j < num_hiddens; j += 2) {
        double angle = i / std::pow(10000.0, double(j) / num_hiddens);
        P.data()[Index(i) * num_hiddens + j] = Real(std::sin(angle));
        P.data()[Index(i) * num_hiddens + j + 1] = Real(std::cos(angle));
      }
    }
    return P;
  }

  // X (batch_size, num_steps, num_hiddens). Departs from D2L (D1): `offset` is the position of X's
  // first step, so that decoding step by step does not put every token at position 0.
  Tensor operator()(Tensor X, int offset = 0) {
    if (!used) return dropout(X);
    check(offset >= 0, "PositionalEncoding: there is no position ", offset);
    reach(Index(offset) + X.dim(1));
    int end = offset + X.dim(1);
    X = X + slice(P, 0, offset, end);
    return dropout(X);
  }
  // Packed: X (rows, num_hiddens), row by row at its position in its sentence.
  Tensor operator()(const Tensor& X, const Ints& positions) {
    if (!used) return dropout(X);
    for (int at : positions.values()) reach(Index(at) + 1);
    return dropout(X + index_select(P, 0, positions));
  }
  void fields(Visitor& f) override { f("dropout", dropout); }

 private:
  void reach(Index end) {                       // the waves never end
    check(end <= INT32_MAX, "PositionalEncoding: there is no position ", end - 1);
    Index twice = std::min<Index>(2 * Index(P.dim(0)), INT32_MAX);
    if (end > P.dim(0)) P = table(int(std::max(end, twice)), P.dim(1));
  }
};

}  // namespace babelgrad
