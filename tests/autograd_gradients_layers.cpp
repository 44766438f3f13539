// Products and everything that works on rows against central differences.
#include "tests/autograd_gradients.h"

using namespace babelgrad;

namespace {

const Ints valid_lens{0, 3}, valid_lens2(Shape{2, 2}, {1, 4, 0, 2});

Tensor loss(const Tensor& x, Reduction reduction, Real smoothing) {
  Ints targets(x.rank() == 3 ? Shape{2, 2} : Shape{x.dim(0)});
  for (Index i = 0; i < targets.numel(); i++) targets[i] = i == 1 ? -100 : int(i) % x.dim(-1);
  return cross_entropy(x, targets, {reduction, -100, smoothing});
}

const std::vector<Op> products = {
    {"matmul", [](In x) { return matmul(x[0], x[1]); },
     {{{2, 3}, {3, 4}}, {{3}, {3}}, {{3}, {3, 2}}, {{2, 3}, {3}}, {{2, 2, 3}, {3, 2}},
     {{2, 2, 3}, {2, 3, 2}}, {{2, 1, 2, 3}, {4, 3, 1}}, {{3}, {2, 3, 2}}, {{2, 2, 3}, {3}},
     {{0, 3}, {3, 2}}, {{2, 0}, {0, 3}}, {{0}, {0}}, {{1, 1}, {1, 1}}, {{1}, {1}},
     {{2, 3}, {4, 3, 2}}, {{1, 3}, {2, 3, 1}}, {{2, 2, 0}, {0, 3}}, {{9, 10}, {10, 8}}}},
    {"twice_matmul", [](In x) { return matmul(x[0], x[0]); }, {{{3, 3}}, {{2, 2, 2}}, {{3}}}},
    {"twice_gram", [](In x) { return matmul(x[0], transpose(x[0])); }, {{{2, 3}}, {{2, 2, 3}}}},
    {"linear", [](In x) { return linear(x[0], x[1]); },
     {{{2, 3}, {4, 3}}, {{3}, {2, 3}}, {{2, 2, 3}, {1, 3}}, {{0, 3}, {2, 3}}, {{2, 0}, {3, 0}},
     {{1, 1}, {1, 1}}}},
    {"linear_bias", [](In x) { return linear(x[0], x[1], x[2]); },
     {{{2, 3}, {4, 3}, {4}}, {{3}, {2, 3}, {2}}, {{2, 2, 3}, {1, 3}, {1}}, {{2, 0}, {3, 0}, {3}}}},
    {"twice_linear", [](In x) { return linear(x[0], x[0]); }, {{{3, 3}}, {{2, 3}}}}};

const std::vector<Op> rows = {
    {"softmax", [](In x) { return softmax(x[0]); },
     {{{2, 3}}, {{2, 0}}, {{0, 2}}, {{1, 1}}, {{2, 2, 3}}}},
    {"softmax_vector", [](In x) { return softmax(x[0]); }, {{{4}}, {{1}}}, -1.5, 1.5, true},
    {"softmax_0", [](In x) { return softmax(x[0], 0); }, {{{2, 3}}, {{2, 2, 3}}}, -1.5, 1.5, true},
    {"log_softmax", [](In x) { return log_softmax(x[0]); },
     {{{2, 3}}, {{2, 0}}, {{0, 2}}, {{1, 1}}, {{2, 2, 3}}}},
    {"log_softmax_vector", [](In x) { return log_softmax(x[0]); }, {{{4}}, {{1}}}, -1.5, 1.5, true},
    {"log_softmax_0", [](In x) { return log_softmax(x[0], 0); },
     {{{2, 3}}, {{2, 2, 3}}}, -1.5, 1.5, true},
    {"masked_softmax", [](In x) { return masked_softmax(x[0], valid_lens); },
     {{{2, 2, 4}}, {{2, 1, 3}}, {{2, 0, 3}}}},
    {"masked_softmax_of_nothing", [](In x) { return masked_softmax(x[0], Ints{0, 0}); },
     {{{2, 2, 4}}, {{2, 1, 1}}, {{2, 3, 0}}}},
    {"masked_softmax_rows", [](In x) { return masked_softmax(x[0], valid_lens2); }, {{{2, 2, 4}}}},
    {"masked_softmax_none", [](In x) { return masked_softmax(x[0], Ints()); }, {{{2, 2, 4}}}},
    {"cross_entropy", [](In x) { return loss(x[0], Reduction::mean, 0); },
     {{{3, 4}}, {{2, 2, 3}}, {{1, 1}}, {{0, 3}}}},
    {"cross_entropy_sum", [](In x) { return loss(x[0], Reduction::sum, Real(0.2)); },
     {{{3, 4}}, {{2, 2, 3}}}},
    {"cross_entropy_none", [](In x) { return loss(x[0], Reduction::none, Real(0.1)); },
     {{{3, 4}}, {{2, 2, 3}}, {{0, 3}}}},
    {"layer_norm", [](In x) { return layer_norm(x[0], x[1], x[2]); },
     {{{2, 4}, {4}, {4}}, {{2, 2, 3}, {3}, {3}}, {{2, 0}, {0}, {0}}, {{0, 3}, {3}, {3}}}},
    {"layer_norm_vector", [](In x) { return layer_norm(x[0], x[1], x[2]); },
     {{{4}, {4}, {4}}}, -1.5, 1.5, true},
    {"layer_norm_eps", [](In x) { return layer_norm(x[0], x[1], x[1], Real(0.5)); },
     {{{2, 4}, {4}}, {{2, 1}, {1}}}},
    {"twice_layer_norm", [](In x) { return layer_norm(x[0], x[0], x[0]); }, {{{4}}}},
    {"embedding", [](In x) { return embedding(x[0], Ints(Shape{2, 2}, {1, 0, 1, 1})); },
     {{{3, 2}}, {{2, 1}}, {{2, 0}}}},
    {"embedding_none", [](In x) { return embedding(x[0], Ints(Shape{0})); }, {{{3, 2}}, {{0, 2}}}},
    {"embedding_one", [](In x) { return embedding(x[0], Ints(Shape{}, 0)); }, {{{1, 1}}, {{3, 2}}}},
    {"index_select", [](In x) { return index_select(x[0], 1, Ints{2, 0, 2}); },
     {{{2, 3}}, {{2, 3, 2}}, {{0, 3}}}},
    {"index_select_0", [](In x) { return index_select(x[0], 0, Ints{0, 0}); },
     {{{2, 3}}, {{1, 1}}, {{4}}}},
    {"gather", [](In x) { return gather(x[0], Ints(Shape{2, 3}, {0, 0, 1, 1, 0, 1})); },
     {{{2, 2}}, {{2, 3}}}},
    {"gather_none", [](In x) { return gather(x[0], Ints(Shape{2, 0})); }, {{{2, 3}}, {{2, 0}}}}};

}  // namespace

TEST_CASE("gradients: products agree with central differences to 1e-6, in every layout" *
          doctest::skip(!is_double)) {
  check_table(products);
}

TEST_CASE(
    "gradients: softmax, losses, norms and lookups agree with central differences to 1e-6, "
    "in every layout" *
    doctest::skip(!is_double)) {
  check_table(rows);
}
