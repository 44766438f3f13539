// S2: recurrent steps wait for one another, self-attention is the same few products for any length.
// Counted on the longest path of the autograd graph, and measured as tokens per second.
#include <algorithm>
#include <map>
#include <set>

#include "models/gru.h"
#include "models/seq2seq.h"
#include "models/transformer.h"
#include "tensor/parallel.h"
#include "tools/lab/lab.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

constexpr int words = 100, width = 128, ffn = 256, heads = 4, layers = 2;

int products(const Node& node) {
  const std::string operation = node.operation;
  if (operation == "matmul" || operation == "linear") return 1;
  return operation == "dot_attention" ? 2 : 0;  // scores, then the weighted sum
}

// Products that each need the result of the one before, on the longest such way from any leaf to y.
int longest_path(const Tensor& y) {
  auto later = [](const Node* a, const Node* b) { return a->id < b->id; };
  std::set<const Node*, decltype(later)> seen(later);      // in order of birth, parents first
  std::vector<const Node*> pending{y.node.get()};
  while (!pending.empty()) {
    const Node* node = pending.back();
    pending.pop_back();
    if (!seen.insert(node).second) continue;
    for (const auto& input : node->inputs)
      if (input) pending.push_back(input.get());
  }
  std::map<const Node*, int> depth;
  for (const Node* node : seen) {
    int before = 0;
    for (const auto& input : node->inputs)
      if (input) before = std::max(before, depth[input.get()]);
    depth[node] = before + products(*node);
  }
  return depth[y.node.get()];
}

int scratch_products(bool gated, int T) {
  Tensor X = randn({T, 1, 8});
  if (gated) return longest_path(GRUScratch(8, 8)(X).second);
  return longest_path(RNNScratch(8, 8)(X).second);
}

int encoder_products(int T) {
  TransformerEncoder encoder(words, 8, 16, 2, layers, 0);
  return longest_path(encoder(Ints(Shape{1, T}, 5)));
}

struct Counted {
  const char* name;
  int (*products)(int T);
};
const Counted counted[] = {{"RNN", [](int T) { return scratch_products(false, T); }},
                           {"GRU", [](int T) { return scratch_products(true, T); }},
                           {"Transformer encoder, 2 blocks", encoder_products}};

void count_products(const LabOptions& options, Outcome& out) {
  Chart chart{.title = "Products that wait for one another", .x = {"T", "tokens"},
              .y = {"products in a row"},
              .note = "Forwards. Backwards each takes two more, in as many steps."};
  PageTable table{"Products in a row, forwards",
                  {{"T", "RNN", "GRU", "Transformer encoder, 2 blocks"}}, "r"};
  for (const Counted& it : counted) chart.series.push_back({it.name});
  for (int T = 1; T <= (options.quick ? 16 : 256); T *= 2) {
    options.tell(join("products at T = ", T), 0);
    table.rows.push_back({text(T)});
    for (int i = 0; i < 3; i++) {
      const int n = counted[i].products(T);
      chart.series[i].x.push_back(T), chart.series[i].y.push_back(n);
      table.rows.back().push_back(text(n));
    }
  }
  for (int i = 0; i < 3; i++) {
    const double growth = slope(chart.series[i].x, chart.series[i].y);
    out.findings.push_back({"S2", join(counted[i].name, ", products in a row for one more token"),
                            growth, i < 2 ? Bound::above : Bound::below, i < 2 ? 0.9 : 0.01});
  }
  out.charts.push_back(chart);
  out.tables.push_back(table);
}

// Tokens per second of an encoder, forwards and back, with as many tokens in every batch.
template <class EncoderType>
double tokens_per_second(EncoderType& encoder, int T, int tokens, double seconds) {
  Random random(1);
  Ints ids(Shape{tokens / T, T});
  for (Index i = 0; i < ids.numel(); i++) ids[i] = random.below(words);
  auto outputs = [&] {
    if constexpr (std::is_same_v<EncoderType, Seq2SeqEncoder>) return encoder(ids).outputs;
    else return encoder(ids);
  };
  const std::function<void()> pass = [&] {
    Tensor y = outputs();
    backward(y, Tensor(y.shape(), 1));
    forget_gradients(encoder);
  };
  pass();                                       // memory from the system, threads awake
  return tokens / seconds_of(pass, seconds);
}

void measure_speed(const LabOptions& options, Outcome& out) {
  const int tokens = options.quick ? 64 : 1024;
  const double seconds = options.quick ? 0 : 0.3;
  Chart chart{.title = "Speed of an encoder of two layers",
              .x = {"T", "tokens in a sentence", true}, .y = {"tokens a second", "", true},
              .note = join("Batches of ", tokens, " tokens, forwards and back.")};
  PageTable table{"Tokens a second, forwards and back",
                  {{"T", "GRU, 1 thread", "2 threads", "gain", "Transformer, 1 thread",
                    "2 threads", "gain"}}, "r"};
  chart.series = {{"GRU, 1 thread"}, {"GRU, 2 threads"}, {"Transformer, 1 thread"},
                  {"Transformer, 2 threads"}};
  Seq2SeqEncoder gru(words, width, width, layers);
  TransformerEncoder transformer(words, width, ffn, heads, layers, 0);
  const int before = threads(), longest = options.quick ? 32 : 1024;
  for (int T = 8; T <= longest; T *= options.quick ? 4 : 2) {
    options.tell(join("speed at T = ", T), double(T) / longest);
    double speed[4];
    for (int n : {1, 2}) {
      set_threads(n);
      speed[n - 1] = tokens_per_second(gru, T, tokens, seconds);
      speed[n + 1] = tokens_per_second(transformer, T, tokens, seconds);
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

}  // namespace babelgrad::lab
