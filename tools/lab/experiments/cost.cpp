// What layers cost. S2: recurrent steps wait for one another, self-attention is the same few
// products for any length: counted on the longest path of the autograd graph, and measured as
// tokens per second. S3: O(T) steps of O(d²) in a recurrent layer against O(T² d) in
// self-attention:
// multiply-adds are counted while a layer goes forwards and back; time and memory are measured.
#include <algorithm>
#include <cmath>
#include <map>

#include "models/gru.h"
#include "models/seq2seq.h"
#include "models/transformer.h"
#include "nn/recurrent.h"
#include "tensor/parallel.h"
#include "tensor/storage.h"
#include "tools/app/bench/bench.h"
#include "tools/app/graph/graph.h"
#include "tools/lab/lab.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

// --- S2

constexpr int known_words = 100;

int products(const Node& node) {
  const std::string operation = node.operation;
  if (operation == "matmul" || operation == "linear") return 1;
  return operation == "dot_attention" ? 2 : 0;  // scores, then the weighted sum
}

// Products that each need the result of the one before, on the longest such way from any leaf to y.
int longest_path(const Tensor& y) {
  std::map<const Node*, int> depth;
  for (const auto& [birth, node] : ancestry(y)) {
    int before = 0;
    for (const auto& input : node->inputs)
      if (input) before = std::max(before, depth[input.get()]);
    depth[node.get()] = before + products(*node);
  }
  return depth[y.node.get()];
}

struct Counted {
  const char* name;
  Tensor (*output)(int T);
};
const Counted counted[] = {
    {"RNN", [](int T) { return RNNScratch(8, 8)(randn({T, 1, 8})).second; }},
    {"GRU", [](int T) { return GRUScratch(8, 8)(randn({T, 1, 8})).second; }},
    {"Transformer encoder, 2 blocks", [](int T) {
       return TransformerEncoder(known_words, 8, 16, 2, 2, 0)(Ints(Shape{1, T}, 5));
     }}};

void count_products(const LabOptions& options, Outcome& out) {
  Chart chart{.title = "Products that wait for one another", .x = {"T", "tokens"},
              .y = {"products in a row"},
              .note = "Forwards. Backwards each takes two more, in as many steps."};
  PageTable table{"Products in a row, forwards",
                  {{"T", "RNN", "GRU", "Transformer encoder, 2 blocks"}}, "r"};
  for (const Counted& it : counted) chart.series.push_back({it.name});
  for (int T = 1; T <= (options.tiny ? 16 : 256); T *= 2) {
    options.tell(join("products at T = ", T), 0);
    table.rows.push_back({text(T)});
    for (int i = 0; i < 3; i++) {
      const int n = longest_path(counted[i].output(T));
      chart.series[i].x.push_back(T), chart.series[i].y.push_back(n);
      table.rows.back().push_back(text(n));
    }
  }
  for (int i = 0; i < 3; i++) {
    const double growth = slope(chart.series[i].x, chart.series[i].y);
    out.findings.push_back({"S2", join(counted[i].name, ", products in a row for one more token"),
                            growth, i < 2 ? above : below, i < 2 ? 0.9 : 0.01});
  }
  out.charts.push_back(chart);
  out.tables.push_back(table);
}

// A layer forwards, then back from ones.
using Pass = std::function<void()>;

template <class Layer, class Output>
Pass pass_of(const std::shared_ptr<Layer>& layer, const Output& output, Tensor X = {}) {
  return [=] {
    Tensor y = output(*layer, X);
    backward(y, Tensor(y.shape(), 1));
    if (X) zero_grad(X);
    forget_gradients(*layer);
  };
}

// Encoders, with as many tokens in every batch.
void measure_speed(const LabOptions& options, Outcome& out) {
  const int tokens = options.tiny ? 64 : 1024;
  const double seconds = options.tiny ? 0 : 0.3;
  Chart chart{.title = "Speed of an encoder of two layers",
              .x = {"T", "tokens in a sentence", true}, .y = {"tokens a second", "", true},
              .note = join("Batches of ", tokens, " tokens, forwards and back.")};
  PageTable table{"Tokens a second, forwards and back",
                  {{"T", "GRU, 1 thread", "2 threads", "gain", "Transformer, 1 thread",
                    "2 threads", "gain"}}, "r"};
  chart.series = {{"GRU, 1 thread"}, {"GRU, 2 threads"}, {"Transformer, 1 thread"},
                  {"Transformer, 2 threads"}};
  const auto gru = std::make_shared<Seq2SeqEncoder>(known_words, 128, 128, 2);
  const auto transformer =
      std::make_shared<TransformerEncoder<>>(known_words, 128, 256, 4, 2, Real(0));
  const int before = threads(), longest = options.tiny ? 32 : 1024;
  for (int T = 8; T <= longest; T *= options.tiny ? 4 : 2) {
    options.tell(join("speed at T = ", T), double(T) / longest);
    Random random(1);
    Ints ids(Shape{tokens / T, T});
    for (Index i = 0; i < ids.numel(); i++) ids[i] = random.below(known_words);
    const Pass passes[] = {
        pass_of(gru, [=](Seq2SeqEncoder& it, const Tensor&) { return it(ids).outputs; }),
        pass_of(transformer, [=](TransformerEncoder<>& it, const Tensor&) { return it(ids); })};
    double speed[4];
    for (int n : {1, 2}) {
      set_threads(n);
      for (int i : {0, 1}) {
        passes[i]();                            // memory from the system, threads awake
        speed[2 * i + n - 1] = tokens / seconds_of(passes[i], seconds);
      }
    }
    for (int i = 0; i < 4; i++)
      chart.series[i].x.push_back(T), chart.series[i].y.push_back(speed[i]);
    auto gain = [&](int i) { return fixed(speed[i + 1] / speed[i], 2); };
    table.rows.push_back({text(T), digits(speed[0]), digits(speed[1]), gain(0), digits(speed[2]),
                          digits(speed[3]), gain(2)});
  }
  set_threads(before);
  out.charts.push_back(chart);
  out.tables.push_back(table);
}

}  // namespace

Outcome steps(const LabOptions& options) {
  manual_seed(options.seed);
  Outcome out;
  count_products(options, out);
  measure_speed(options, out);
  out.remarks = {"Products are counted in the graph of the layers written step by step, RNNScratch "
                 "and GRUScratch (whose reset gate makes two products a step), and of the "
                 "Transformer's encoder; they are the same on every machine. Speeds are of this "
                 "one, and no verdict rests on them."};
  return out;
}

// --- S3

namespace {

struct Cost {
  double multiply_adds = 0, kernel = 0;         // of all, and of the layer's own operation alone
  double milliseconds = 0, mebibytes = 0;
};

// One sentence of T steps through a layer.
Pass gru_pass(int T, int d) {
  auto layer = std::make_shared<GRU>(d, d);
  return pass_of(layer, [](GRU& it, const Tensor& X) { return it(X).first; },
                 requires_grad(randn({T, 1, d})));
}

Pass attention_pass(int T, int d) {
  auto layer = std::make_shared<MultiHeadAttention>(d, 4, Real(0));
  auto output = [](MultiHeadAttention& it, const Tensor& X) {
    Tensor y = it(X, X, X);
    it.attention.attention_weights = {};        // not kept beyond the pass
    return y;
  };
  return pass_of(layer, output, requires_grad(randn({1, T, d})));
}

// Products come as two floating-point operations for each multiply-add.
Cost measured_cost(const Pass& pass, const std::string& kernel, const LabOptions& options) {
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
  cost.milliseconds = 1e3 * seconds_of(pass, options.tiny ? 0 : 0.1);
  cost.mebibytes = double(memory_use().peak - before) / (1 << 20);
  return cost;
}

struct LayerKind {
  const char *name, *kernel;
  Pass (*pass)(int T, int d);
};
constexpr LayerKind layer_kinds[] = {{"GRU", "recurrence", gru_pass},
                                     {"self-attention", "dot_attention", attention_pass}};

// The costs of both layers at one width, by T.
struct CostsByT {
  int d;
  std::vector<double> T = {};
  std::vector<Cost> costs[2] = {};
  std::vector<double> of(int layer, double Cost::*what) const {
    std::vector<double> values;
    for (const Cost& cost : costs[layer]) values.push_back(cost.*what);
    return values;
  }
};

std::vector<CostsByT> costs_by_width(const LabOptions& options) {
  const std::vector<int> widths = options.tiny ? std::vector{16, 32} : std::vector{64, 128, 256};
  const int longest = options.tiny ? 128 : 2048, shortest = 16;
  std::vector<CostsByT> all;
  for (int d : widths) {
    all.push_back({d});
    for (int T = shortest; T <= longest; T *= 2) {
      options.tell(join("d = ", d, ", T = ", T), double(all.size() - 1) / double(widths.size()));
      all.back().T.push_back(T);
      for (int layer : {0, 1}) {
        manual_seed(options.seed);
        Pass pass = layer_kinds[layer].pass(T, d);
        all.back().costs[layer].push_back(measured_cost(pass, layer_kinds[layer].kernel, options));
      }
    }
  }
  return all;
}

PageTable cost_table(const CostsByT& grid) {
  PageTable table{join("One layer, forwards and back, d = ", grid.d), {{"T"}}, "r"};
  for (const LayerKind& layer : layer_kinds)
    for (const char* what : {" Mmul-add", " ms", " MiB"})
      table.rows[0].push_back(join(layer.name, what));
  for (std::size_t i = 0; i < grid.T.size(); i++) {
    std::vector<std::string>& row = table.rows.emplace_back(std::vector{text(grid.T[i])});
    for (int layer : {0, 1}) {
      const Cost& cost = grid.costs[layer][i];
      for (double number : {cost.multiply_adds / 1e6, cost.milliseconds, cost.mebibytes})
        row.push_back(digits(number));
    }
  }
  return table;
}

// Fitted over all T, and over the last three of them, where what grows fastest shows.
PageTable powers_of_T(const std::vector<CostsByT>& all) {
  PageTable table{"The p of T to the power p, fitted: over all T, and over the three largest",
                  {{"d", "layer", "multiply-adds", "largest", "time", "largest", "memory",
                    "largest"}}, "rlr"};
  for (const CostsByT& grid : all) {
    for (int layer : {0, 1}) {
      std::vector<std::string> row{text(grid.d), layer_kinds[layer].name};
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

Chart cost_chart(const std::vector<CostsByT>& all, const std::string& title, const Axis& y,
                 double Cost::*what) {
  Chart chart{.title = title, .x = {"T", "tokens", true}, .y = y};
  for (const CostsByT& grid : all)
    for (int layer : {0, 1})
      chart.series.push_back({join(layer_kinds[layer].name, ", d = ", grid.d), grid.T,
                              grid.of(layer, what)});
  return chart;
}

// The claim is about the operation that makes the layer what it is; the projections of its inputs,
// O(T d²) in both, are in the tables.
std::vector<Finding> cost_findings(const std::vector<CostsByT>& all) {
  auto in_T = [&](int layer) { return exponent(all[0].T, all[0].of(layer, &Cost::kernel)); };
  auto in_d = [&](int layer) {
    std::vector<double> d, y;
    for (const CostsByT& grid : all)
      d.push_back(grid.d), y.push_back(grid.costs[layer].back().kernel);
    return exponent(d, y);
  };
  auto off = [](const std::string& what, double found, double expected) {
    return Finding{"S3", join(what, " ~ ", fixed(found, 3), ", off the ", expected, " by"),
                   std::abs(found - expected), below, 0.05};
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
  const std::vector<CostsByT> all = costs_by_width(options);
  set_threads(before);
  Outcome out;
  for (const CostsByT& grid : all) out.tables.push_back(cost_table(grid));
  out.tables.push_back(powers_of_T(all));
  out.charts = {cost_chart(all, "Multiply-adds of a layer", {"multiply-adds", "", true},
                           &Cost::multiply_adds),
                cost_chart(all, "Time of a layer", {"time", "ms", true}, &Cost::milliseconds),
                cost_chart(all, "Memory of a layer", {"most at once", "MiB", true},
                           &Cost::mebibytes)};
  out.findings = cost_findings(all);
  out.remarks = {"One sentence, forwards and back, on one thread; four heads. Multiply-adds "
                 "are those that each operation reports of itself, the same on every machine; "
                 "times are of this one. Self-attention's own products outweigh its projections "
                 "only where T is well above d: that is where its line bends from T towards T "
                 "squared."};
  return out;
}

}  // namespace babelgrad::lab
