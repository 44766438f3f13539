// babelgrad bench: how fast the product, a training step and decoding are on this machine.
#include <algorithm>

#include "models/bahdanau.h"
#include "models/transformer.h"
#include "tensor/matmul.h"
#include "tensor/parallel.h"
#include "tools/args.h"
#include "tools/commands.h"
#include "tools/output.h"
#include "tools/terminal.h"

namespace babelgrad {
namespace {

double median_seconds(int repeats, const auto& work) {
  std::vector<double> times;
  work();  // fills the memory pool and the caches
  for (int i = 0; i < repeats; i++) {
    double begin = clock_seconds();
    work();
    times.push_back(clock_seconds() - begin);
  }
  std::ranges::nth_element(times, times.begin() + repeats / 2);
  return times[repeats / 2];
}

Tensor random_matrix(int rows, int columns) {
  Tensor x({rows, columns});
  for (Index i = 0; i < x.numel(); i++) x.data()[i] = 2 * generator().uniform() - 1;
  return x;
}

void bench_products(int repeats) {
  std::vector<std::vector<std::string>> rows{{"product", "GFLOP/s"}};
  for (auto [m, n, k] :
       {std::array{1152, 256, 256}, {1152, 768, 256}, {128, 768, 256}, {1024, 1024, 1024}}) {
    Tensor A = random_matrix(m, k), B = random_matrix(k, n);
    double seconds = median_seconds(repeats, [&] { raw::matmul(A, B); });
    rows.push_back(
        {join(m, " x ", k, " times ", k, " x ", n), fixed(2e-9 * m * n * k / seconds, 1)});
  }
  print(table(rows, "lr"));
}

struct Sample {
  Ints src, src_valid_len, tgt, label;
  Index tokens = 0;
};

// The book's configuration with random ids: batches of 128, 9 steps, vocabularies of 200.
Sample random_batch() {
  constexpr int batch = 128, steps = 9, words = 200, pad = 1;
  Sample s{Ints(Shape{batch, steps}, pad), Ints(Shape{batch}), Ints(Shape{batch, steps}, pad),
           Ints(Shape{batch, steps}, pad)};
  for (int i = 0; i < batch; i++) {
    s.src_valid_len[i] = 1 + generator().below(steps);
    for (int t = 0; t < s.src_valid_len[i]; t++) s.src.at(i, t) = 4 + generator().below(words - 4);
    int length = 1 + generator().below(steps);
    for (int t = 0; t < length; t++)
      s.tgt.at(i, t) = 4 + generator().below(words - 4),
                  s.label.at(i, t) = 4 + generator().below(words - 4);
    s.tokens += length;
  }
  return s;
}

std::vector<std::string> bench_model(const std::string& name, auto model, int repeats) {
  Sample batch = random_batch();
  Adam optim(named_parameters(model), Real(0.001));
  reset_peak();
  double seconds = median_seconds(repeats, [&] {
    Tensor loss = model.training_step(batch);
    optim.zero_grad();
    backward(loss);
    clip_grad_norm(optim.params, 1);
    optim.step();
  });
  double peak = double(memory_use().peak);
  eval(model);
  Ints one(Shape{1, 9}, 5);
  double decoding = median_seconds(repeats, [&] { model.predict_step(one, Ints{9}, 9, 2, -1); });
  return {name,
          text(parameter_count(model)),
          fixed(1e3 * seconds, 1),
          human(double(batch.tokens) / seconds),
          fixed(peak / (1 << 20), 1),
          fixed(1e3 * decoding, 2)};
}

}  // namespace

int bench_command(int argc, const char* const* argv) {
  int repeats = 15, threads = 0;
  Args args("bench", "babelgrad bench --threads 1");
  args.integer("repeats", &repeats, 1, 10000, "measurements, of which the median counts");
  args.integer("threads", &threads, 0, 256, "0: as many as there are cores");
  args.parse(argc, argv);
  if (threads > 0) set_threads(threads);
  manual_seed(1);
  print(join("threads ", babelgrad::threads()));
  bench_products(repeats);
  constexpr int words = 200, h = 256, pad = 1;
  const Real p = Real(0.2);
  std::vector<std::vector<std::string>> rows{
      {"model", "parameters", "step ms", "target tok/s", "peak MiB", "one sentence ms"}};
  rows.push_back(bench_model(
      "rnn", Seq2Seq(Seq2SeqEncoder(words, h, h, 2, p), Seq2SeqDecoder(words, h, h, 2, p), pad),
      repeats));
  rows.push_back(bench_model(
      "attention",
      Seq2Seq(Seq2SeqEncoder(words, h, h, 2, p), Seq2SeqAttentionDecoder(words, h, h, 2, p), pad),
      repeats));
  rows.push_back(bench_model("transformer",
                             Seq2Seq(TransformerEncoder(words, h, 64, 4, 2, p),
                                     TransformerDecoder(words, h, 64, 4, 2, p), pad),
                             repeats));
  print(table(rows, "lr"));
  return 0;
}

}  // namespace babelgrad
