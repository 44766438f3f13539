#include "tools/app/bench/bench.h"

#include <doctest/doctest.h>

#include <cmath>

#include "autograd/ops.h"
#include "tensor/parallel.h"

using namespace babelgrad;
using namespace babelgrad::bench;

namespace {

constexpr Config tiny_config = {"tiny", 4, 12, 14, 16, 6, 8, 1, 2};

const OperationCost* cost_of(const OperationCosts& costs, const std::string& operation,
                             bool backward) {
  for (const auto& cost : costs.all)
    if (cost.operation == operation && cost.backward == backward) return &cost;
  return nullptr;
}

}  // namespace

TEST_CASE("bench: quantiles are values of the sample") {
  std::vector<double> values{9, 1, 8, 2, 7, 3, 6, 4, 5, 10};
  CHECK(quantile(values, 0) == 1);
  CHECK(quantile(values, 0.1) == 2);
  CHECK(quantile(values, 0.5) == 6);
  CHECK(quantile(values, 0.9) == 10);
  CHECK(quantile(values, 1) == 10);
  CHECK(quantile({3}, 0.9) == 3);
  CHECK(std::isnan(quantile({}, 0.5)));
  Spread spread = spread_of(values);
  CHECK(spread.median == 6);
  CHECK(spread.best == 1);
  CHECK(spread.p10 == 2);
  CHECK(spread.p90 == 10);
  CHECK(spread.samples == 10);
}

TEST_CASE("bench: work is warmed up three times and then measured three times or more") {
  long calls = 0;
  Spread spread = measure([&] { calls++; }, 0);
  CHECK(spread.samples >= 3);
  CHECK(calls >= 6);
  CHECK(spread.p10 <= spread.median);
  CHECK(spread.median <= spread.p90);
}

TEST_CASE("bench: random batches hold as many labels as they say, and targets that lag by one") {
  Random random(3);
  for (int i = 0; i < 10; i++) {
    Batch b = padded(random_batch(tiny_config, random), Vocab(), Vocab(), tiny_config.steps);
    Index labels = 0;
    for (int row = 0; row < tiny_config.batch; row++) {
      CHECK(b.tgt.at(row, 0) == 2);
      for (int t = 0; t < tiny_config.steps; t++) {
        labels += b.label.at(row, t) != 1;
        CHECK((b.src.at(row, t) != 1) == (t < b.lens.src[row]));
        CHECK(b.src.at(row, t) < tiny_config.src_words);
        CHECK(b.label.at(row, t) < tiny_config.tgt_words);
        if (t > 0) CHECK(b.tgt.at(row, t) == b.label.at(row, t - 1));
      }
    }
    CHECK(labels == b.tokens);
  }
}

TEST_CASE("bench: a training step and decoding have every figure") {
  for (const char* model : {"rnn", "attention", "transformer"}) {
    CAPTURE(model);
    Json trained = train_row(model, tiny_config, 0);
    CHECK(trained.get_string("model") == model);
    CHECK(trained.get_string("config") == "tiny");
    CHECK(trained.get_int("threads") == threads());
    CHECK(trained.get_int("samples") >= 3);
    for (const char* key : {"ms", "p10", "p90", "tok_s", "parameters", "peak_mib", "rss_mib"})
      CHECK_MESSAGE(trained.get_double(key) > 0, key);
    CHECK(trained.get_int("blocks_after_1") >= 0);
    Json decoded = decode_row(model, tiny_config, 0);
    for (const char* key : {"ms", "p10", "p90", "tok_s", "int8_tok_s", "int8_ratio", "rss_mib"})
      CHECK_MESSAGE(decoded.get_double(key) > 0, key);
    CHECK(!says(write_json(trained), "null"));
  }
}

TEST_CASE("bench: a row of beam search has every figure, counted in the hypotheses that it found") {
  for (const char* model : {"rnn", "attention", "transformer"}) {
    for (int beam_size : {1, 3, 11}) {        // of 14 entries 11 are words
      CAPTURE(model);
      CAPTURE(beam_size);
      Json row = beam_row(model, tiny_config, beam_size, 0);
      CHECK(row.get_string("model") == model);
      CHECK(row.get_string("config") == "tiny");
      CHECK(row.get_int("threads") == threads());
      CHECK(row.get_double("hypotheses") == beam_size);
      for (const char* key : {"sentences_s", "p10", "p90", "tok_s", "rss_mib"})
        CHECK_MESSAGE(row.get_double(key) > 0, key);
      CHECK(row.get_double("p10") <= row.get_double("sentences_s"));
      CHECK(row.get_double("sentences_s") <= row.get_double("p90"));
      // No sentence ends before its last step, so each has as many tokens as there are steps.
      double tokens = row.get_double("tok_s") / row.get_double("sentences_s");
      CHECK(tokens == doctest::Approx(tiny_config.steps));
      CHECK(!says(write_json(row), "null"));
    }
  }
}

TEST_CASE("bench: the rows of a profile are parts of the step, none counted twice") {
  Json rows = profile_rows("transformer", tiny_config, 0);
  double sum = 0, whole = 0;
  for (const Json& row : rows.as_array()) {
    if (row.get_string("operation") == "the step by one clock") whole = row.get_double("ms");
    else if (row.get_string("operation") != "all") sum += row.get_double("ms");
  }
  CHECK(whole > 0);
  CHECK(sum > 0);
  CHECK(sum <= whole * (1 + 1e-9));
}

TEST_CASE("bench: a table has a line for each row, shares in percent and - for what is missing") {
  Json rows = Json::array({Json::object({{"name", "a"}, {"x", 2.25}, {"share", 0.5}}),
                           Json::object({{"name", "bc"}, {"x", 10}})});
  CHECK(as_table(rows, {{"name", "who"}, {"x", "x", 1}, {"share", "of all", percent}}) ==
        "who     x  of all\n"
        "a     2.2     50%\n"
        "bc   10.0       -\n");
}

TEST_CASE("profile: calls, FLOPs and bytes go to the operation that ends next") {
  const Tensor one({1}), two({2});
  const auto make = [&](const char* operation, const Tensor& y) {
    record(operation, y, {one}, nullptr);
  };
  make("before", two);                          // nobody watches: not counted
  OperationCosts operations;
  {
    Watch watch(&operations);
    count_flops(10);
    make("product", two);
    make("sum", one);
    count_flops(5);
    make("product", Tensor({3}));
    count_flops(7);
    operations.backward("product", one, {});
    count_flops(1);
    operations.mark();                          // belongs to no operation
    operations.backward("sum", one, two);
  }
  make("after", two);
  const auto& costs = operations.all;
  REQUIRE(costs.size() == 4);
  CHECK(costs[0].operation == "product");
  CHECK(costs[0].calls == 2);
  CHECK(costs[0].flops == 15);
  CHECK(costs[0].bytes == 7 * sizeof(Real));
  CHECK(costs[1].operation == "sum");
  CHECK(costs[1].flops == 0);
  CHECK(costs[2].backward);
  CHECK(costs[2].flops == 7);
  CHECK(costs[3].flops == 0);
  for (const auto& cost : costs) CHECK(cost.seconds >= 0);
}

TEST_CASE("profile: a product costs 2 m n k, and its two gradients as much each") {
  constexpr int m = 3, n = 5, k = 7;
  Tensor A = requires_grad(Tensor({m, k}, 1)), B = requires_grad(Tensor({k, n}, 1));
  OperationCosts costs;
  Watch watch(&costs);
  Tensor loss = sum(tanh(matmul(A, B)));
  backward(loss);
  auto forward = cost_of(costs, "matmul", false), back = cost_of(costs, "matmul", true);
  REQUIRE(forward);
  REQUIRE(back);
  CHECK(forward->calls == 1);
  CHECK(forward->flops == 2 * m * n * k);
  CHECK(forward->bytes == (m * k + k * n + m * n) * sizeof(Real));
  CHECK(back->calls == 2);
  CHECK(back->flops == 2 * 2 * m * n * k);
  REQUIRE(cost_of(costs, "tanh", true));
  CHECK(cost_of(costs, "tanh", true)->flops == 0);
}

TEST_CASE("profile: what a derivative computes is a part of it, not an operation forwards") {
  OperationCosts costs;
  Watch watch(&costs);
  backward(requires_grad(Tensor::scalar(6)) / requires_grad(Tensor::scalar(2)));
  REQUIRE(cost_of(costs, "div", false));
  CHECK(cost_of(costs, "div", false)->calls == 1); // its derivatives divide, too
  CHECK(cost_of(costs, "div", true)->calls == 2);
}

TEST_CASE("profile: a linear layer costs the same") {
  constexpr int rows = 6, in = 4, out = 9;
  Tensor X = requires_grad(Tensor({2, 3, in}, 1)), W = requires_grad(Tensor({out, in}, 1));
  OperationCosts costs;
  Watch watch(&costs);
  backward(sum(linear(X, W)));
  REQUIRE(cost_of(costs, "linear", false));
  CHECK(cost_of(costs, "linear", false)->flops == 2 * rows * in * out);
  CHECK(cost_of(costs, "linear", true)->flops == 2 * 2 * rows * in * out);
}
