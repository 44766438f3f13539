// Attention sees a set; sinusoids, added to the embeddings, make it a sequence.
#pragma once

#include "nn/layers.h"

namespace babelgrad {

// D2L 11.6.3 Positional Encoding. Departs from D2L (D1): the steps of X stand at `positions`, so
// that decoding step by step does not put every token at position 0; and the table is computed in
// double, and grows.
struct PositionalEncoding : Module {
  Dropout dropout;
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

  // X (batch_size, num_steps, num_hiddens), positions (num_steps)
  Tensor operator()(Tensor X, const Ints& positions) {
    for (int at : positions.values()) reach(at);
    X = X + index_select(P, 0, positions);
    return dropout(X);
  }
  void fields(Visitor& f) override { f("dropout", dropout); }

 private:
  void reach(int at) {                          // the table grows as needed
    check(at >= 0 && at < INT32_MAX / 2, "PositionalEncoding: there is no position ", at);
    if (at >= P.dim(0)) P = table(2 * at + 1, P.dim(1));
  }
};

}  // namespace babelgrad
