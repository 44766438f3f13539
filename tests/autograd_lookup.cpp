// Dropout and embedding; and every fused operation gives the same bits for any number of threads.
#include "autograd/dropout_mask.h"
#include "autograd/ops.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

using ListOperation = Tensor (*)(const std::vector<Tensor>&);

// The value of f and its gradients, of inputs drawn from one seed, on 1 to 4 threads.
void same_on_threads(const std::string& name, const std::vector<Shape>& shapes, ListOperation f) {
  same_for_all_threads(name, [&] {
    Random random(6);
    std::vector<Tensor> x;
    for (const Shape& shape : shapes) x.push_back(requires_grad(random_tensor(shape, random)));
    Tensor y = f(x);
    backward(y, random_tensor(y.shape(), random));
    std::vector<Tensor> results{detach(y)};
    for (const Tensor& input : x) results.push_back(grad(input));
    return results;
  });
}

Segments uneven_spans() {                          // 90 queries, 100 keys, of 10 sentences
  return padded_segments(Ints{3, 10, 0, 7, 9, 1, 2, 10, 4, 5}, 10, 9, 10);
}

}  // namespace

TEST_CASE("dropout: keeps 1 - p of the elements, and scales those by 1 / (1 - p)") {
  for (Real p : {Real(0.1), Real(0.25), Real(0.5), Real(0.9)}) {
    manual_seed(4);
    Tensor y = dropout(Tensor({1000000}, 1), p);
    Index kept = 0;
    bool scaled = true;
    for (Real v : y.values())
      kept += v != 0, scaled = scaled && (v == 0 || std::abs(v * (1 - p) - 1) < 1e-4);
    CHECK(scaled);
    CHECK(std::abs(kept / 1e6 - (1 - p)) < 4 * std::sqrt(p * (1 - p) / 1e6) + 1e-5);
    CHECK(mean(y).item() == doctest::Approx(1).epsilon(0.02));
  }
}

TEST_CASE("dropout: four numbers share a draw, and no draw is left over") {
  for (int n = 0; n <= 9; n++) {
    manual_seed(3);
    dropout(Tensor({n}, 1), Real(0.5));
    CHECK(generator().counter() == std::uint64_t((n + 3) / 4));
  }
}

TEST_CASE("dropout: neighbours are dropped independently") {
  manual_seed(9);
  Tensor y = dropout(Tensor({400000}, 1), Real(0.5));
  for (int lag : {1, 2, 3, 4, 5, 16}) {
    Index both = 0;
    for (Index i = lag; i < y.numel(); i++) both += y.data()[i] != 0 && y.data()[i - lag] != 0;
    CHECK(std::abs(both / 4e5 - 0.25) < 0.004);
  }
}

TEST_CASE(
    "dropout: the gradient goes through the mask of the forward pass, even after other draws") {
  manual_seed(1);
  Tensor x = requires_grad(Tensor({37, 5}, 1)), y = dropout(x, Real(0.4)),
         other = dropout(Tensor({100}, 1), Real(0.4));
  CHECK(!same_bits(slice(reshape(y, {-1}), 0, 0, 100), other));
  backward(y, Tensor({37, 5}, 1));
  CHECK(same_bits(grad(x), detach(y)));
}

TEST_CASE("dropout: probability 0 changes nothing and draws nothing") {
  manual_seed(1);
  Tensor x({3}, {1, 2, 3});
  CHECK(same_bits(dropout(x, 0), x));
  CHECK(generator().counter() == 0);
}

TEST_CASE("dice: a stretch of decisions from any place is that of each number, and of dropout") {
  manual_seed(21);
  Tensor ones({1000}, 1), kept = dropout(ones, Real(0.4));
  manual_seed(21);
  DropoutMask dice(Real(0.4), 1000);
  for (Index begin : {0, 1, 2, 3, 5, 127, 130, 255}) {
    std::vector<Real> factors(301, -1);
    dice.factors(begin, 300, factors.data());
    for (Index i = 0; i < 300; i++) {
      CHECK(factors[i] == dice.factor(begin + i));
      CHECK(factors[i] == kept.data()[begin + i]);
    }
    CHECK(factors[300] == -1);
  }
  Random untouched = generator();
  CHECK(DropoutMask(0, 1000).factor(17) == 1);  // p = 0 uses up no random numbers
  CHECK(generator().counter() == untouched.counter());
}

TEST_CASE("embedding: a row that is looked up three times gets the sum of three gradients") {
  Tensor table = requires_grad(Tensor({4, 2}, {0, 1, 10, 11, 20, 21, 30, 31}));
  Tensor y = embedding(table, Ints(Shape{2, 2}, {2, 0, 2, 2}));
  CHECK(same_bits(detach(y), Tensor({2, 2, 2}, {20, 21, 0, 1, 20, 21, 20, 21})));
  backward(y, Tensor({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}));
  CHECK(same_bits(grad(table), Tensor({4, 2}, {3, 4, 0, 0, 13, 16, 0, 0})));
}

TEST_CASE("gather and index_select: repeated indices sum their gradients, the rest is 0") {
  Tensor x = requires_grad(Tensor({2, 3}, {1, 2, 3, 4, 5, 6}));
  Tensor y = gather(x, Ints(Shape{2, 2}, {2, 2, 0, 1}));
  CHECK(same_bits(detach(y), Tensor({2, 2}, {3, 3, 4, 5})));
  backward(y, Tensor({2, 2}, {1, 10, 100, 1000}));
  CHECK(same_bits(grad(x), Tensor({2, 3}, {0, 0, 11, 100, 1000, 0})));
  CHECK(same_bits(detach(index_select(x, 1, Ints{2, 0, 2})), Tensor({2, 3}, {3, 1, 3, 6, 4, 6})));
}

TEST_CASE("threads: softmaxes, norms and losses have the same bits for 1 to 4 threads") {
  same_on_threads("softmax", {{300, 517}}, [](auto& x) { return softmax(x[0]); });
  same_on_threads("softmax of columns", {{517, 300}}, [](auto& x) { return softmax(x[0], 0); });
  same_on_threads("log_softmax", {{300, 517}}, [](auto& x) { return log_softmax(x[0]); });
  same_on_threads("masked_softmax", {{2, 150, 517}},
                  [](auto& x) { return masked_softmax(x[0], Ints{100, 517}); });
  same_on_threads("cross_entropy", {{500, 333}},
                  [](auto& x) { return cross_entropy(x[0], Ints(Shape{500}, 7)); });
  same_on_threads("layer_norm", {{700, 129}, {129}, {129}},
                  [](auto& x) { return layer_norm(x[0], x[1], x[2]); });
}

TEST_CASE("threads: a row that is longer than what is worth a thread is one's share") {
  same_on_threads("embedding", {{3, 20000}}, [](auto& x) { return embedding(x[0], {2, 0, 2}); });
  same_on_threads("softmax", {{3, 5000}}, [](auto& x) { return softmax(x[0]); });
  same_on_threads("cross_entropy", {{3, 5000}},
                  [](auto& x) { return cross_entropy(x[0], {1, 4999, 0}); });
  same_on_threads("layer_norm", {{3, 5000}, {5000}, {5000}},
                  [](auto& x) { return layer_norm(x[0], x[1], x[2]); });
  same_on_threads("dot_attention", {{1, 3, 700}, {1, 60, 700}, {1, 60, 700}},
                  [](auto& x) { return dot_attention(x[0], x[1], x[2], {}, 1, 0).output; });
}

TEST_CASE("threads: lookups, dropout and products have the same bits for 1 to 4 threads") {
  same_on_threads("embedding", {{50, 300}}, [](auto& x) {
    Random random(2);
    Ints ids(Shape{40, 30});
    for (Index i = 0; i < ids.numel(); i++) ids[i] = random.below(50);
    return embedding(x[0], ids);
  });
  same_on_threads("dropout", {{123, 457}}, [](auto& x) {
    manual_seed(8);
    return dropout(x[0], Real(0.3));
  });
  same_on_threads("gelu and bias", {{300, 257}, {257}}, [](auto& x) { return gelu(x[0] + x[1]); });
  same_on_threads("linear", {{50, 30, 65}, {97, 65}, {97}},
                  [](auto& x) { return linear(x[0], x[1], x[2]); });
  same_on_threads("matmul", {{16, 50, 64}, {16, 64, 50}},
                  [](auto& x) { return matmul(x[0], x[1]); });
}

TEST_CASE("threads: recurrent layers and attention have the same bits for 1 to 4 threads") {
  same_on_threads("gru", {{190, 300}, {300, 100}, {300}, {20, 100}}, [](auto& x) {
    Ints lens(Shape{20}, 9);
    for (int i = 0; i < 20; i++) lens[i] = i;
    return recurrence(Cell::gru, x[0], x[1], x[2], x[3], {}, packed_sequence(lens)).outputs;
  });
  same_on_threads("lstm", {{180, 400}, {400, 100}, {400}, {20, 100}, {20, 100}}, [](auto& x) {
    PackedSequence steps = padded_sequence({}, 9, 20);
    auto [Y, H, C] = recurrence(Cell::lstm, x[0], x[1], x[2], x[3], x[4], steps);
    return cat({Y, H, C}, 0);
  });
  same_on_threads("dot_attention", {{4, 90, 33}, {4, 100, 33}, {4, 100, 35}}, [](auto& x) {
    manual_seed(8);
    return dot_attention(x[0], x[1], x[2], uneven_spans(), 25, Real(0.3)).output;
  });
  same_on_threads("additive_attention", {{1, 90, 33}, {1, 100, 33}, {33}, {1, 100, 35}},
                  [](auto& x) {
    manual_seed(8);
    return additive_attention(x[0], x[1], x[2], x[3], uneven_spans(), Real(0.3)).output;
  });
}
