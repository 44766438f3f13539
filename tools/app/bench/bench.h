// The parts of babelgrad bench: how things are measured, what is measured (the machine, kernels,
// the three models). Each part makes rows of JSON; a table shows their columns.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "autograd/observer.h"
#include "data/batches.h"
#include "data/json.h"
#include "nn/optim.h"
#include "tools/app/run/model.h"

namespace babelgrad::bench {

// --- machine.cpp
struct Spread {
  double median = 0, p10 = 0, p90 = 0, best = 0;   // seconds for one call
  int samples = 0;
  bool near = true;                             // false: the cores never were close to each other
};
double quantile(std::vector<double> values, double share);   // the value below which that share is
Spread spread_of(const std::vector<double>& values);

// Calls `work` three times to warm up, then for about that many seconds: at least five times, or
// three if it takes far longer.
// With two threads only stretches count before and after which their cores were near each other.
Spread measure(const std::function<void()>& work, double seconds);

struct Machine {                                // what its threads reach together, at their best
  int threads = 1;
  double gflops = 0;                            // multiply-add of whole vectors, in registers
  double l2 = 0, l3 = 0, memory = 0;            // GB/s of a[i] = b[i] + s c[i]
  // How long a number that one thread writes takes to the other, in ns. Two cores on one cache need
  // 20 to 60, on two caches more than 100; with any other number of threads it is 0: not measured.
  double latency = 0;
};
Machine measure_machine(double seconds);        // on the present number of threads, as all below
Json to_json(const Machine& machine);

// --- kernels.cpp: rows, for the present number of threads; shares of the machine's peaks
void add_products(Json& rows, const Machine& machine, double seconds);
void add_heads(Json& rows, const Machine& machine, double seconds);
void add_elementwise(Json& rows, const Machine& machine, double seconds);

// --- models.cpp
struct Config {                                 // of the batches and of the models
  const char* name;
  int steps, src_words, tgt_words, ffn, batch = 128, width = 256, layers = 2, heads = 4;
};
inline constexpr Config configs[] = {{"book", 9, 200, 200, 64}, {"real", 20, 8000, 10000, 1024}};
inline constexpr Config scales[] = {            // one size larger at a time; ffn goes with width
    {"start", 32, 4000, 4000, 1024, 32},          {"batch x 4", 32, 4000, 4000, 1024, 128},
    {"batch x 16", 32, 4000, 4000, 1024, 512},    {"length x 4", 128, 4000, 4000, 1024, 32},
    {"length x 16", 512, 4000, 4000, 1024, 32},   {"width x 2", 32, 4000, 4000, 2048, 32, 512},
    {"width x 4", 32, 4000, 4000, 4096, 32, 1024}, {"words x 8", 32, 32000, 32000, 1024, 32}};

struct Subject {                                // a model, its optimiser, eight batches of nonsense
  std::unique_ptr<Translator> model;
  Adam optim;
  std::vector<Batch> batches;

  Subject(const std::string& name, const Config& config);
  const Batch& batch(long step) const { return batches[step % batches.size()]; }
};
Batch random_batch(const Config& config, Random& random);

Json train_row(const std::string& model, const Config& config, double seconds);
Json decode_row(const std::string& model, const Config& config, double seconds);
Json batched_row(const std::string& model, const Config& config, double seconds);
Json beam_row(const std::string& model, const Config& config, int beam_size, double seconds);

// --- profile.cpp
struct OperationCost {
  std::string operation;
  bool backward = false;
  long calls = 0;
  double seconds = 0, flops = 0, bytes = 0;     // flops: of products; bytes: arrays in and out
};

// Where the clock goes: each operation is seen when it ends, and the time since the one before it
// ended is its own.
class OperationCosts : public Observer {
 public:
  std::vector<OperationCost> all;               // in the order of their first call

  OperationCosts() { mark(); }
  void mark();                                  // what came before belongs to no operation
  void forward(const char* operation, const Tensor& y, const std::vector<Tensor>& inputs) override;
  void begin_backward() override { mark(); }
  void backward(const char* operation, const Tensor& dy, const Tensor& dx) override;
  void flops(double flops) override { flops_under_way_ += flops; }

 private:
  void count(const char* operation, bool backward, Index numbers);
  double since_, flops_under_way_;              // the last operation
};

// A training step by operation, the dearest first; then the sums of each part of it and of all, and
// the step itself.
Json profile_rows(const std::string& model, const Config& config, double seconds);

// --- command.cpp
constexpr int percent = -1;                     // instead of digits: a share, shown in percent
struct Column {
  const char *key, *header;
  int digits = 1;
};
std::string as_table(const Json& rows, const std::vector<Column>& columns);

}  // namespace babelgrad::bench
