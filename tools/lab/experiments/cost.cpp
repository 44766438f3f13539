// S3: O(T) steps of O(d²) in a recurrent layer against O(T² d) in self-attention. Multiply-adds are
// counted while a layer goes forwards and back; time and memory are measured beside them.
#include <cmath>

#include "models/multihead_attention.h"
#include "nn/recurrent.h"
#include "tensor/parallel.h"
#include "tensor/storage.h"
#include "tools/app/bench/bench.h"
#include "tools/lab/lab.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

struct Cost {
  double multiply_adds = 0, kernel = 0;         // of all, and of the layer's own operation alone
  double milliseconds = 0, mebibytes = 0;
};

using Pass = std::function<void()>;

// One sentence of T steps through a layer, forwards and back.
Pass gru_pass(int T, int d) {
  auto layer = std::make_shared<GRU>(d, d);
  Tensor X = requires_grad(randn({T, 1, d}));
  return [=] {
    Tensor y = (*layer)(X).first;
    backward(y, Tensor(y.shape(), 1));
    zero_grad(X), forget_gradients(*layer);
  };
}

Pass attention_pass(int T, int d) {
  auto layer = std::make_shared<MultiHeadAttention>(d, 4, Real(0));
  Tensor X = requires_grad(randn({1, T, d}));
  return [=] {
    Tensor y = (*layer)(X, X, X);
    layer->attention.attention_weights = {};    // not kept beyond the pass
    backward(y, Tensor(y.shape(), 1));
    zero_grad(X), forget_gradients(*layer);
  };
}

// Products come as two floating-point operations for each multiply-add.
Cost measured(const Pass& pass, const std::string& kernel, const LabOptions& options) {
  Cost cost;
  bench::OperationCosts operations;
  {
    Watch watch(&operations);
    pass();
  }
  for (const bench::OperationCost& it : operations.all) {
    cost.multiply_adds += it.flops / 2;
    if (it.operation == kernel) cost.kernel += it.flops / 2;
  }
  const Index before = memory_use().live;
  reset_peak();
  cost.milliseconds = 1e3 * seconds_of(pass, options.quick ? 0 : 0.1);
  cost.mebibytes = double(memory_use().peak - before) / (1 << 20);
  return cost;
}

struct Layer {
  const char *name, *kernel;
  Pass (*pass)(int T, int d);
};
constexpr Layer layers[] = {{"GRU", "recurrence", gru_pass},
                            {"self-attention", "dot_attention", attention_pass}};

// The costs of both layers at one width, by T.
struct Grid {
  int d;
  std::vector<double> T = {};
  std::vector<Cost> costs[2] = {};
  std::vector<double> of(int layer, double Cost::*what) const {
    std::vector<double> values;
    for (const Cost& cost : costs[layer]) values.push_back(cost.*what);
    return values;
  }
};

std::vector<Grid> grids(const LabOptions& options) {
  const std::vector<int> widths = options.quick ? std::vector{16, 32} : std::vector{64, 128, 256};
  const int longest = options.quick ? 128 : 2048, shortest = 16;
  std::vector<Grid> all;
  for (int d : widths) {
    all.push_back({d});
    for (int T = shortest; T <= longest; T *= 2) {
      options.tell(join("d = ", d, ", T = ", T), double(all.size() - 1) / double(widths.size()));
      all.back().T.push_back(T);
      for (int layer : {0, 1}) {
        manual_seed(options.seed);
        Pass pass = layers[layer].pass(T, d);
        all.back().costs[layer].push_back(measured(pass, layers[layer].kernel, options));
      }
    }
  }
  return all;
}

PageTable table_of(const Grid& grid) {
  PageTable table{join("One layer, forwards and back, d = ", grid.d), {{"T"}}, "r"};
  for (const Layer& layer : layers)
    for (const char* what : {" Mmul-add", " ms", " MiB"})
      table.rows[0].push_back(join(layer.name, what));
  for (std::size_t i = 0; i < grid.T.size(); i++) {
    std::vector<std::string> row{text(grid.T[i])};
    for (int layer : {0, 1}) {
      const Cost& cost = grid.costs[layer][i];
      row.push_back(digits(cost.multiply_adds / 1e6));
      row.push_back(digits(cost.milliseconds));
      row.push_back(digits(cost.mebibytes));
    }
    table.rows.push_back(row);
  }
  return table;
}

// Fitted over all T, and over the last three of them, where what grows fastest shows.
PageTable exponents(const std::vector<Grid>& all) {
  PageTable table{"The p of T to the power p, fitted: over all T, and over the three largest",
                  {{"d", "layer", "multiply-adds", "largest", "time", "largest", "memory",
                    "largest"}}, "rlr"};
  for (const Grid& grid : all) {
    for (int layer : {0, 1}) {
      std::vector<std::string> row{text(grid.d), layers[layer].name};
      for (double Cost::*what : {&Cost::multiply_adds, &Cost::milliseconds, &Cost::mebibytes}) {
        const std::vector<double> y = grid.of(layer, what);
        row.push_back(fixed(exponent(grid.T, y), 2));
        row.push_back(fixed(exponent({grid.T.end() - 3, grid.T.end()}, {y.end() - 3, y.end()}), 2));
      }
      table.rows.push_back(row);
    }
  }
  return table;
}

Chart chart_of(const std::vector<Grid>& all, const std::string& title, const Axis& y,
               double Cost::*what) {
  Chart chart{.title = title, .x = {"T", "tokens", true}, .y = y};
  for (const Grid& grid : all)
    for (int layer : {0, 1})
      chart.series.push_back({join(layers[layer].name, ", d = ", grid.d), grid.T,
                              grid.of(layer, what)});
  return chart;
}

// The claim is about the operation that makes the layer what it is; the projections of its inputs,
// O(T d²) in both, are in the tables.
std::vector<Finding> findings(const std::vector<Grid>& all) {
  auto in_T = [&](int layer) {
    return exponent(all[0].T, all[0].of(layer, &Cost::kernel));
  };
  auto in_d = [&](int layer) {
    std::vector<double> d, y;
    for (const Grid& grid : all)
      d.push_back(grid.d), y.push_back(grid.costs[layer].back().kernel);
    return exponent(d, y);
  };
  auto off = [](const std::string& what, double found, double expected) {
    return Finding{"S3", join(what, " ~ ", fixed(found, 3), ", off the ", expected, " by"),
                   std::abs(found - expected), Bound::below, 0.05};
  };
  return {off("power of T in the GRU's recurrence", in_T(0), 1),
          off("power of d in it", in_d(0), 2),
          off("power of T in self-attention's scores and sums", in_T(1), 2),
          off("power of d in them", in_d(1), 1)};
}

}  // namespace

Outcome cost(const LabOptions& options) {
  const int before = threads();
  set_threads(1);
  const std::vector<Grid> all = grids(options);
  set_threads(before);
  Outcome out;
  for (const Grid& grid : all) out.tables.push_back(table_of(grid));
  out.tables.push_back(exponents(all));
  out.charts = {chart_of(all, "Multiply-adds of a layer", {"multiply-adds", "", true},
                         &Cost::multiply_adds),
                chart_of(all, "Time of a layer", {"time", "ms", true}, &Cost::milliseconds),
                chart_of(all, "Memory of a layer", {"most at once", "MiB", true},
                         &Cost::mebibytes)};
  out.findings = findings(all);
  out.remarks = {"One sentence, forwards and back, on one thread; four heads. Multiply-adds "
                 "are those that each operation reports of itself, the same on every machine; "
                 "times are of this one. Self-attention's "
                 "own products outweigh its projections only where T is well above d: that is "
                 "where its line bends from T towards T squared."};
  return out;
}

}  // namespace babelgrad::lab
