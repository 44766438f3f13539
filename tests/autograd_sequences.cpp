// Recurrent layers and attention in one pass against the plain operations they are made of: value,
// gradients, packed sentences and padded ones.
#include "tensor/simd.h"
#include "tests/autograd_gradients.h"

using namespace babelgrad;

namespace {

const Ints lens{2, 0, 3}, key_lens{1, 2, 4};

Tensor joined(const Recurrence& r) {
  return r.C ? cat({r.outputs, r.H, r.C}, 0) : cat({r.outputs, r.H}, 0);
}

Tensor packed_rnn(In x) {
  return joined(recurrence(Cell::rnn, x[0], x[1], x[2], x[3], {}, packed_sequence(lens)));
}
Tensor packed_gru(In x) {
  return joined(recurrence(Cell::gru, x[0], x[1], x[2], x[3], {}, packed_sequence(lens)));
}
Tensor padded_gru_backwards(In x) {
  PackedSequence steps = padded_sequence(lens, 3, 3, true);
  return joined(recurrence(Cell::gru, x[0], x[1], x[2], x[3], {}, steps));
}
Tensor packed_lstm(In x) {
  return joined(recurrence(Cell::lstm, x[0], x[1], x[2], x[3], x[4], packed_sequence(lens)));
}
Attended plain_dot(const Tensor& Q, const Tensor& K, const Tensor& V, const Ints& lens, Real d,
                   Real p) {
  Tensor weights, output = dot_attention_plain(Q, K, V, lens, d, p, weights);
  return {output, weights};
}
Attended plain_additive(const Tensor& Q, const Tensor& K, const Tensor& w, const Tensor& V,
                        const Ints& lens, Real p) {
  Tensor weights, output = additive_attention_plain(Q, K, w, V, lens, p, weights);
  return {output, weights};
}

Tensor dot_packed(In x) {
  Segments segments = packed_segments(lens, key_lens);
  return dot_attention(x[0], x[1], x[2], segments, 2, 0).output;
}
Tensor dot_causal(In x) {
  return dot_attention(x[0], x[0], x[0], causal_segments(lens), 1, 0).output;
}
Tensor dot_dropped(In x) {
  manual_seed(3);
  return dot_attention(x[0], x[1], x[2], {2, 0}, 1, Real(0.4)).output;
}
Tensor additive(In x) {
  Segments segments = packed_segments(lens, key_lens);
  return additive_attention(x[0], x[1], x[2], x[3], segments, 0).output;
}
Tensor additive_dropped(In x) {
  manual_seed(3);
  Segments segments = packed_segments(lens, key_lens);
  return additive_attention(x[0], x[1], x[2], x[3], segments, Real(0.4)).output;
}

Tensor dot_plain(In x) {
  return plain_dot(x[0], x[1], x[2], Ints{2, 0}, 2, 0).output;
}
Tensor additive_plain(In x) {
  return plain_additive(x[0], x[1], x[2], x[3], Ints{2, 0}, 0).output;
}

const std::vector<Op> sequences = {
    {"rnn", packed_rnn, {{{5, 3}, {3, 3}, {3}, {3, 3}}, {{5, 9}, {9, 9}, {9}, {3, 9}}}},
    {"gru", packed_gru, {{{5, 9}, {9, 3}, {9}, {3, 3}}, {{5, 3}, {3, 1}, {3}, {3, 1}}}},
    {"gru_backwards", padded_gru_backwards, {{{9, 6}, {6, 2}, {6}, {3, 2}}}},
    {"lstm", packed_lstm, {{{5, 12}, {12, 3}, {12}, {3, 3}, {3, 3}}}},
    {"dot_attention", dot_packed, {{{2, 5, 3}, {2, 7, 3}, {2, 7, 2}}}},
    {"dot_attention_plain", dot_plain, {{{2, 2, 3}, {2, 3, 3}, {2, 3, 2}}}},
    {"additive_attention_plain", additive_plain, {{{2, 2, 3}, {2, 3, 3}, {3}, {2, 3, 2}}}},
    {"dot_causal", dot_causal, {{{1, 5, 4}}}},
    {"dot_dropped", dot_dropped, {{{2, 2, 2}, {2, 3, 2}, {2, 3, 9}}}},
    {"additive_attention", additive,
     {{{1, 5, 3}, {1, 7, 3}, {3}, {1, 7, 2}}, {{1, 5, 9}, {1, 7, 9}, {9}, {1, 7, 1}}},
     -1.5, 1.5, true},
    {"additive_dropped", additive_dropped, {{{1, 5, 3}, {1, 7, 3}, {3}, {1, 7, 2}}}, -1.5, 1.5,
     true}};

Tensor gate(const Tensor& all, int which, int count) {     // of one sentence's row
  int width = all.dim(1) / count;
  return slice(all, 1, which * width, (which + 1) * width);
}

// One step of each cell in plain operations: (h, c) from gi, gh and the old ones.
using State = std::pair<Tensor, Tensor>;
State plain_step(Cell cell, const Tensor& a, const Tensor& b, const State& s) {
  if (cell == Cell::rnn) return {tanh(a + b), s.second};
  if (cell == Cell::gru) {
    auto part = [](const Tensor& x, int which) { return gate(x, which, 3); };
    Tensor r = sigmoid(part(a, 0) + part(b, 0)), z = sigmoid(part(a, 1) + part(b, 1));
    Tensor n = tanh(part(a, 2) + r * part(b, 2));
    return {(Real(1) - z) * n + z * s.first, s.second};
  }
  auto part = [x = a + b](int which) { return gate(x, which, 4); };
  Tensor c = sigmoid(part(1)) * s.second + sigmoid(part(0)) * tanh(part(2));
  return {sigmoid(part(3)) * tanh(c), c};
}

// Sentence by sentence, as models/rnn.h does it.
Tensor plain_layer(Cell cell, In x) {
  std::vector<Tensor> outputs, last_h, last_c;
  for (int i = 0, row = 0; i < 3; i++) {
    State s{slice(x[3], 0, i, i + 1), cell == Cell::lstm ? slice(x[4], 0, i, i + 1) : Tensor()};
    for (int t = 0; t < lens[i]; t++, row++) {
      Tensor gh = matmul(s.first, transpose(x[1])) + x[2];
      s = plain_step(cell, slice(x[0], 0, row, row + 1), gh, s);
      outputs.push_back(s.first);
    }
    last_h.push_back(s.first);
    if (s.second) last_c.push_back(s.second);
  }
  Tensor all = cat({cat(outputs, 0), cat(last_h, 0)}, 0);
  return last_c.empty() ? all : cat({all, cat(last_c, 0)}, 0);
}

}  // namespace

TEST_CASE("gradients: recurrent layers and attention agree with central differences to 1e-6, in "
          "every layout" * doctest::skip(!is_double)) {
  check_table(sequences);
}

TEST_CASE("recurrence: equals its cells written out, sentence by sentence") {
  for (int w : {3, lanes + 1, 2 * lanes}) {     // of a state: parts of a vector, and whole ones
    same({{5, w}, {w, w}, {w}, {3, w}}, packed_rnn,
         [](In x) { return plain_layer(Cell::rnn, x); });
    same({{5, 3 * w}, {3 * w, w}, {3 * w}, {3, w}}, packed_gru,
         [](In x) { return plain_layer(Cell::gru, x); });
    same({{5, 4 * w}, {4 * w, w}, {4 * w}, {3, w}, {3, w}}, packed_lstm,
         [](In x) { return plain_layer(Cell::lstm, x); });
  }
}

// What `attention` gives each sentence of a packed batch by itself, end to end: rows of `own` axes
// are the sentences' targets, of the others their sources.
template <class PerSentence>
Tensor by_sentence(const PerSentence& attention, const Ints& own, const Ints& others) {
  std::vector<Tensor> outputs;
  for (int i = 0, row = 0, key = 0; i < own.dim(0); row += own[i], key += others[i], i++) {
    auto part = [](const Tensor& x, int from, int n) { return slice(x, 1, from, from + n); };
    outputs.push_back(attention([&, row](const Tensor& x) { return part(x, row, own[i]); },
                                [&, key](const Tensor& x) { return part(x, key, others[i]); }));
  }
  return cat(outputs, 1);
}

Ints causal(int heads, int n) {                 // word t sees t + 1 words
  return repeat_interleave(Lens().causal(1, n, 0).lens, heads);
}

TEST_CASE("dot_attention: equals dot_attention_plain, padded and packed, dropout included") {
  const Ints each(Shape{4, 2}, {1, 7, 0, 2, 5, 3, 4, 6});
  for (const Ints& seen : {Ints(), Ints{4, 0, 7, 2}, each}) {
    for (Real p : {Real(0), Real(0.4)}) {
      auto of = [=](auto attention) {
        return [=](In x) {
          manual_seed(5);
          return attention(x[0], x[1], x[2], seen, Real(2.5), p).output;
        };
      };
      same({{4, 2, 6}, {4, 7, 6}, {4, 7, 3}}, of(dot_attention), of(plain_dot));
    }
  }
  constexpr int wide = 4 * lanes + 1;           // more than is summed at once
  auto of = [](auto attention) {
    return [=](In x) { return attention(x[0], x[1], x[2], Ints{2, 0}, Real(wide), 0).output; };
  };
  same({{2, 2, wide}, {2, 3, wide}, {2, 3, wide}}, of(dot_attention), of(plain_dot));
  same({{2, 5, 6}, {2, 7, 6}, {2, 7, 3}}, dot_packed, [](In x) {
    return by_sentence([&](auto own, auto other) {
      return plain_dot(own(x[0]), other(x[1]), other(x[2]), {}, 2, 0).output;
    }, lens, key_lens);
  });
  same({{2, 5, 6}}, dot_causal, [](In x) {
    return by_sentence([&](auto own, auto) {
      Tensor X = own(x[0]);
      return plain_dot(X, X, X, causal(2, X.dim(1)), 1, 0).output;
    }, lens, key_lens);
  });
}

TEST_CASE("additive_attention: equals additive_attention_plain, padded and packed, with dropout") {
  for (Real p : {Real(0), Real(0.4)}) {
    auto of = [=](auto attention) {
      return [=](In x) {
        manual_seed(5);
        return attention(x[0], x[1], x[2], x[3], Ints{4, 0, 7, 2}, p).output;
      };
    };
    same({{4, 5, 6}, {4, 7, 6}, {6}, {4, 7, 3}}, of(additive_attention),
         of(plain_additive));
  }
  same({{1, 5, 6}, {1, 7, 6}, {6}, {1, 7, 3}}, additive, [](In x) {
    return by_sentence([&](auto own, auto other) {
      return plain_additive(own(x[0]), other(x[1]), x[2], other(x[3]), {}, 0).output;
    }, lens, key_lens);
  });
}

TEST_CASE("attention: the weights of a packed batch are those of its sentences, without gaps") {
  Random random(3);
  Tensor Q = random_tensor({2, 5, 4}, random), K = random_tensor({2, 7, 4}, random);
  Tensor weights = dot_attention(Q, K, K, packed_segments(lens, key_lens), 1, 0).weights;
  CHECK(weights.shape() == Shape{2, 5, 4});
  Tensor plain = by_sentence([&](auto own, auto other) {
    Tensor w = plain_dot(own(Q), other(K), other(K), {}, 1, 0).weights;
    return cat({w, Tensor({2, w.dim(1), 4 - w.dim(2)})}, 2);
  }, lens, key_lens);
  CHECK(distance(weights, plain) < tol(1e-14, 1e-6));
}

TEST_CASE("attention: keeps one weight for each key that a query sees, and no more") {
  const Ints uneven{1, 40, 2};
  Tensor X = requires_grad(Tensor({2, 43, 1}, 1));
  auto kept = [&](const Segments& segments, int pairs) {
    const Index before = memory_use().live;
    Attended y = dot_attention(X, X, X, segments, 1, Real(0.5));
    CHECK(y.weights.seen.shape() == Shape{2, pairs});
    CHECK(memory_use().live - before < 2 * 2 * pairs * Index(sizeof(Real)));    // no second copy
    CHECK(y.weights.shape() == Shape{2, 43, 40});
    CHECK(sum(y.weights).item() == doctest::Approx(2 * 43));
  };
  kept(packed_segments(uneven, uneven), 1 + 40 * 40 + 4);
  kept(causal_segments(uneven), 1 + 40 * 41 / 2 + 3);
}

TEST_CASE("attention: a word of each sentence may ask a packed batch as it asks a padded one") {
  Random random(4);
  Tensor q = random_tensor({3, 1, 4}, random), K = random_tensor({1, 7, 4}, random);
  Segments each = packed_segments({1, 1, 1}, key_lens);
  Tensor asked = dot_attention(q, K, K, each, 1, 0).output;
  CHECK(asked.shape() == Shape{3, 1, 4});
  Tensor row = dot_attention(transpose(q, 0, 1), K, K, each, 1, 0).output;
  CHECK(same_bits(transpose(asked, 0, 1), row));

  Tensor q_heads = random_tensor({2, 3, 4}, random), K_heads = random_tensor({2, 7, 4}, random);
  auto [in_rows, weights] = dot_attention(q_heads, K_heads, K_heads, each, 1, 0);
  auto [alone, own_weights] =
      dot_attention(reshape(q_heads, {6, 1, 4}), K_heads, K_heads, each, 1, 0);
  CHECK(alone.shape() == Shape{6, 1, 4});
  CHECK(same_bits(reshape(alone, {2, 3, 4}), in_rows));
  CHECK(same_bits(reshape(own_weights, weights.shape()), weights));
}

TEST_CASE("attention: the weights are those of the keys that a query sees, and zeros") {
  Tensor Q({1, 3, 2}, 1), K({1, 4, 2}, 1), V({1, 4, 1}, {1, 2, 3, 4});
  Segments segments{Ints{0, 0, 2}, Ints{2, 0, 1}, 2};
  auto [y, weights] = additive_attention(Q, K, Tensor({2}, 1), V, segments, 0);
  CHECK(same_bits(weights, Tensor({1, 3, 2}, {Real(0.5), Real(0.5), 0, 0, 1, 0})));
  CHECK(same_bits(y, Tensor({1, 3, 1}, {Real(1.5), 0, 3})));
}
