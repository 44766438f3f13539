// What an attention remembers of the words that it may look at, as RecurrentState is what a
// recurrent layer remembers.
#pragma once

#include "autograd/ops.h"

namespace babelgrad {

// Keys, projected, and their values (batch_size or heads too, words, size): what a decoder that
// asks at every step needs to compute once.
struct KeysValues { Tensor keys, values; };

// Those of the sentences `rows` of a batch of batch_size, each with all its heads.
inline KeysValues take(const KeysValues& past, const Ints& rows, int batch_size) {
  auto pick = [&](const Tensor& X) {
    if (!X) return X;
    Tensor by_sentence = index_select(reshape(X, {batch_size, -1, X.dim(1), X.dim(2)}), 0, rows);
    return reshape(by_sentence, {-1, X.dim(1), X.dim(2)});
  };
  return {pick(past.keys), pick(past.values)};
}

// The keys and values of the past, then the new ones.
inline KeysValues cat(const KeysValues& past, const KeysValues& now) {
  if (!past.keys) return now;
  return {cat({past.keys, now.keys}, 1), cat({past.values, now.values}, 1)};
}

}  // namespace babelgrad
