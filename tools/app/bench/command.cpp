// babelgrad bench: how fast the kernels, training steps and decoding are, and how near the peak of
// the machine they come.
#include "tools/app/bench/bench.h"

#include <set>
#include <span>

#include "tensor/parallel.h"
#include "tensor/simd.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/compiler.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/run/settings.h"

namespace babelgrad {

namespace bench {

// Rows of JSON as a table for people: a word as it is, a number in its column's digits, "-" for
// what the row does not have.
std::string as_table(const Json& rows, const std::vector<Column>& columns) {
  const auto cell = [](const Json* value, int digits) -> std::string {
    if (!value || value->is_null()) return "-";
    if (write_json(*value).front() == '"') return value->as_string();
    double x = value->as_double();
    return digits == percent ? fixed(100 * x, 0) + "%" : fixed(x, digits);
  };
  std::vector<std::vector<std::string>> cells(1);
  for (const Column& c : columns) cells[0].push_back(c.header);
  for (const Json& row : rows.as_array()) {
    auto& line = cells.emplace_back();
    for (const Column& c : columns) line.push_back(cell(row.find(c.key), c.digits));
  }
  return table(cells, "lr");
}

}  // namespace bench

namespace {

using namespace bench;

struct Options {
  std::string only = "all", model = "all", config = "all";
  int threads = 0, beam = 5;
  Named<Precision> precision = Precision::full;
  double seconds = 0.5;
  bool json = false, profile = false;
};

Options options_of(int argc, const char* const* argv) {
  Options o;
  Args args("bench", "babelgrad bench --only train --model rnn --config book --threads 1");
  args.about("How fast this machine runs the kernels, training and decoding, and how near its peak "
             "that is. All of it takes minutes; --only makes it short.");
  args.choice("only", &o.only,
              {"machine", "kernels", "train", "decode", "batched", "beam", "scale", "all"},
              "one part of it; scale, which is no part of all: training with larger batches, "
              "sentences, models, vocabularies");
  args.choice("model", &o.model, {"rnn", "attention", "transformer", "all"}, "one of the models");
  std::vector<std::string> all = {"book", "real", "all"};
  for (const Config& config : scales) all.push_back(config.name);
  args.choice("config", &o.config, all,
              "batches of 128; 9 steps, 200 words; or 20 steps, 8,000 and 10,000 words; the others "
              "are rows of --only scale");
  args.integer("beam", &o.beam, 1, 100, "hypotheses that beam search keeps of a sentence");
  args.integer("threads", &o.threads, 0, 256, "0: one, then all of them");
  args.choice("precision", &o.precision, "of what products multiply");
  args.number("seconds", &o.seconds, 0, 3600, "of each measurement; a tenth for kernels");
  args.flag("profile", &o.profile, "the time of a training step, by operation");
  args.flag("json", &o.json, "one JSON document instead of tables");
  args.parse(argc, argv);
  const bool kernels = o.only == "machine" || o.only == "kernels";
  const bool beam = (o.only == "all" || o.only == "beam") && !o.profile;
  const bool usual = o.config == "book" || o.config == "real", scaled = o.only == "scale";
  args.refuse({{{"config"}, o.only == "batched" && o.config == "real",
                "real is not measured in batches; only book is"},
               {{"config"}, o.config != "all" && usual == scaled,
                join(o.config, scaled ? " is no row of --only scale" : " needs --only scale")}});
  note(args.note_on(
      {{{"only"}, o.profile, "no effect; --profile measures a training step"},
       {{"beam"}, !beam, "no effect; it applies to --only beam"},
       {{"model", "config"}, !o.profile && kernels, "no effect; kernels belong to no model"}}));
  if (o.precision == Precision::bf16 && !has_amx()) note(no_amx);
  return o;
}

// Calls body for each number of threads that was asked for.
template <class Body>
void with_threads(const Options& o, const Body& body) {
  int before = threads();
  for (int n : o.threads > 0 ? std::set{o.threads} : std::set{1, before}) {
    set_threads(n);
    body();
  }
  set_threads(before);
}

// Calls body for each configuration and model that was asked for, on each number of threads.
template <class Body>
void with_models(const Options& o, std::span<const Config> among, const Body& body) {
  for (const Config& config : among)
    for (const char* model : {"rnn", "attention", "transformer"})
      if ((o.config == "all" || o.config == config.name) && (o.model == "all" || o.model == model))
        with_threads(o, [&] { body(model, config); });
}

class Report {                                  // tables as they are ready, or one JSON at the end
 public:
  explicit Report(bool json) : json_(json) {
    all_["compiler"] = compiler;
    all_["precision"] = Named(precision()).word();
    all_["real"] = is_double ? "double" : "float";
    all_["lanes"] = lanes;
    all_["threads"] = threads();
  }
  void add(const char* key, const std::string& title, const Json& rows,
           const std::vector<Column>& columns) {
    all_[key] = rows;
    if (json_) return;
    print(title + "\n\n" + as_table(rows, columns));
    flush_output();
  }
  void end() const { if (json_) print(write_json(all_)); }

 private:
  bool json_;
  Json all_;
};

// The machine first: the kernels' results are shares of its peaks.
void bench_kernels(const Options& o, Report& report) {
  Json machines = Json::array(), products = machines, heads = machines, elementwise = machines;
  with_threads(o, [&] {
    Machine machine = measure_machine(o.seconds / 2);
    machines.push_back(to_json(machine));
    if (o.only == "machine") return;
    add_products(products, machine, o.seconds / 10);
    add_heads(heads, machine, o.seconds / 10);
    add_elementwise(elementwise, machine, o.seconds / 10);
  });
  report.add("machine", "The machine: GFLOP/s of multiply-adds, GB/s of a = b + 3 c", machines,
             {{"threads", "threads", 0}, {"gflops", "GFLOP/s"}, {"l2", "L2"}, {"l3", "L3"},
              {"memory", "memory"}, {"latency", "core to core ns", 0}});
  if (o.only == "machine") return;
  report.add("products", "Products, (m, k) times (k, n): GFLOP/s, and the share of the machine's "
             "peak in float",
             products,
             {{"threads", "threads", 0}, {"m", "m", 0}, {"n", "n", 0}, {"k", "k", 0},
              {"xwt", "x W'"}, {"xwt_share", "", percent}, {"xw", "x W"}, {"xw_share", "", percent},
              {"dx", "dx"}, {"dx_share", "", percent}, {"dw", "dW"}, {"dw_share", "", percent},
              {"int8", "x W' int8"}});
  report.add("heads", "Products of a stack of heads, (steps, width)", heads,
             {{"threads", "threads", 0}, {"heads", "heads", 0}, {"steps", "steps", 0},
              {"width", "width", 0}, {"qkt", "q k'"}, {"qkt_share", "", percent},
              {"wv", "weights v"}, {"wv_share", "", percent},
              {"dk", "dk"}, {"dk_share", "", percent}});
  report.add("elementwise", "Element-wise; the share of the bandwidth where no cache can help",
             elementwise,
             {{"threads", "threads", 0}, {"kernel", "kernel"}, {"shape", "shape"}, {"ms", "ms", 3},
              {"p10", "p10", 3}, {"p90", "p90", 3}, {"gb_s", "GB/s"},
              {"share", "of memory", percent}});
}

// Training, decoding one by one or many at once, beam search.
void bench_models(const Options& o, Report& report) {
  const auto part = [&](const Options& which, const char* key, const std::string& title,
                        const auto& row, const std::vector<Column>& own) {
    if (o.only != "all" && o.only != key) return;
    Json rows = Json::array();
    with_models(which, configs, [&](auto... of) { rows.push_back(row(of..., o.seconds)); });
    std::vector<Column> columns = {{"config", "config"}, {"model", "model"},
                                   {"threads", "threads", 0}};
    columns.insert(columns.end(), own.begin(), own.end());
    report.add(key, title, rows, columns);
  };
  part(o, "train",
       "Training steps of 128 sentences; MiB of tensors, and of the process so far;\n"
       "blocks of memory from the system after the first step, and after all 8 batches", train_row,
       {{"ms", "ms", 2}, {"p10", "p10", 2}, {"p90", "p90", 2}, {"tok_s", "target tok/s", 0},
        {"peak_mib", "peak MiB"}, {"rss_mib", "process", 0}, {"blocks_after_1", "blocks", 0},
        {"blocks_after_8", "after 8", 0}, {"cores", "cores"}});
  part(o, "decode", "Greedy decoding, one sentence at a time, all its steps", decode_row,
       {{"ms", "ms", 2}, {"p10", "p10", 2}, {"p90", "p90", 2}, {"tok_s", "target tok/s", 0},
        {"int8_tok_s", "int8 tok/s", 0}, {"int8_ratio", "ratio"}, {"cores", "cores"}});
  Options book = o;
  book.config = "book";
  if (o.config != "real")
    part(book, "batched",
         "Greedy decoding of 1,000 sentences, together or one by one: sentences/s", batched_row,
         {{"sentences_s", "at once", 0}, {"p10", "p10", 0}, {"p90", "p90", 0},
          {"single_s", "single", 0}, {"ratio", "ratio", 1}});
  part(o, "beam", join("Beam search of 100 sentences, together, with a beam of ", o.beam),
       [&](const std::string& model, const Config& config, double seconds) {
         return beam_row(model, config, o.beam, seconds);
       },
       {{"sentences_s", "sentences/s", 0}, {"p10", "p10", 0}, {"p90", "p90", 0},
        {"tok_s", "target tok/s", 0}, {"cores", "cores"}});
}

// How time and memory of a training step grow with each size.
void bench_scale(const Options& o, Report& report) {
  Json rows = Json::array();
  with_models(o, scales, [&](const std::string& model, const Config& config) {
    rows.push_back(train_row(model, config, o.seconds));
  });
  report.add("scale", "Training steps; at the start batches of 32, up to 32 words of 4,000, width "
             "256, FFN of 4 times that", rows,
             {{"config", "larger"}, {"model", "model"}, {"threads", "threads", 0},
              {"parameters", "parameters", 0}, {"ms", "ms"}, {"p10", "p10"}, {"p90", "p90"},
              {"tok_s", "target tok/s", 0}, {"peak_mib", "peak MiB", 0}});
}

void bench_profile(Options o, Report& report) {
  if (o.config == "all") o.config = "book";
  if (o.threads == 0) o.threads = 1;
  with_models(o, configs, [&](const std::string& model, const Config& config) {
    report.add((model + "_" + config.name).c_str(),
               join("A training step of ", model, ", ", config.name, ", threads ", threads(),
                    ", by operation"),
               profile_rows(model, config, o.seconds),
               {{"operation", "operation"}, {"direction", "direction"}, {"share", "share", percent},
                {"ms", "ms/step", 3}, {"calls", "calls"}, {"mflop", "MFLOP"}, {"mb", "MB"},
                {"gflops", "GFLOP/s"}, {"gb_s", "GB/s"}});
  });
}

}  // namespace

int bench_command(int argc, const char* const* argv) {
  Options o = options_of(argc, argv);
  const WithPrecision chosen(o.precision);
  Report report(o.json);
  if (o.profile) bench_profile(o, report);
  bool kernels = o.only == "all" || o.only == "machine" || o.only == "kernels";
  if (!o.profile && kernels) bench_kernels(o, report);
  if (!o.profile && o.only == "scale") bench_scale(o, report);
  if (!o.profile) bench_models(o, report);
  report.end();
  return 0;
}

}  // namespace babelgrad
