// Reference numbers from PyTorch as test cases (tests/golden/README.md). The file's tensor
// `op.add.row/in/0` is the part `in/0` of the case `op.add.row`, which is of the kind `add`. What
// to run is found by the kind; sizes, axes and options are the file's own: any such file will do.
#pragma once

#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "autograd/ops.h"
#include "data/json.h"
#include "data/safetensors.h"
#include "nn/module.h"
#include "tests/close.h"

namespace babelgrad {

struct GoldenFile {
  SafeTensors file;
  std::set<std::string> visited;  // names of the tensors that a test has read

  explicit GoldenFile(const std::string& name) {  // ops: $GOLDEN/ops.safetensors
    const char* folder = std::getenv("GOLDEN");
    file = read_safetensors(
        join(folder && *folder ? folder : "tests/golden", "/", name, ".safetensors"));
  }
  std::set<std::string> cases() const {
    std::set<std::string> names;
    for (const StoredTensor& t : file.tensors) names.insert(t.name.substr(0, t.name.find('/')));
    return names;
  }
};

class GoldenCase {
 public:
  std::string name, kind, variant;  // op.slice.mid_axis, slice, mid_axis
  Json attributes = Json::object();
  std::map<std::string, Tensor> leaves;  // by the name of their gradient

  GoldenCase(GoldenFile& golden, const std::string& name, Random* nudge = nullptr)
      : name(name), golden_(golden), nudge_(nudge) {
    std::string rest = name.substr(name.find('.') + 1);
    kind = rest.substr(0, rest.find('.'));
    variant = kind == rest ? "" : rest.substr(kind.size() + 1);
    if (auto* json = golden.file.find_metadata(name)) attributes = parse_json(*json, name);
  }

  bool has(const std::string& part) const { return golden_.file.find(full(part)) != nullptr; }
  Shape shape(const std::string& part) const { return golden_.file.at(full(part)).shape; }
  std::vector<std::string> parts(const std::string& prefix) const {  // parts("in/"): in/0, in/1
    std::vector<std::string> found;
    for (const StoredTensor& t : golden_.file.tensors) {
      if (t.name.starts_with(full(prefix))) found.push_back(t.name.substr(name.size() + 1));
    }
    return found;
  }

  std::vector<double> numbers(const std::string& part) {  // reals or whole numbers
    golden_.visited.insert(full(part));
    if (golden_.file.at(full(part)).dtype[0] == 'F') return golden_.file.as_doubles(full(part));
    std::vector<std::int64_t> values = golden_.file.as_ints(full(part));
    return std::vector<double>(values.begin(), values.end());
  }
  Ints ints(const std::string& part) {  // none if the case has no such part
    if (!has(part)) return Ints();
    std::vector<double> values = numbers(part);
    return Ints(shape(part), std::vector<int>(values.begin(), values.end()));
  }
  Tensor tensor(const std::string& part) {
    std::vector<Real> values;
    for (double value : numbers(part)) values.push_back(nudged(Real(value)));
    return Tensor(shape(part), values);
  }
  Tensor leaf(const std::string& part) {  // of in/x, grad/x is checked
    return leaves["grad/" + part.substr(part.find('/') + 1)] = requires_grad(tensor(part));
  }
  void load(Module& module) {  // its parameters by name; of param/w, grad/param/w is checked
    for (Parameter& p : named_parameters(module)) {
      Tensor x = tensor("param/" + p.name);
      check(x.shape() == p.tensor.shape(), full("param/"), p.name, ": ours is ", p.tensor.shape());
      std::copy_n(x.data(), x.numel(), p.tensor.data());
      leaves["grad/param/" + p.name] = p.tensor;
    }
  }

  // Attributes, or what PyTorch takes if none is given.
  bool given(std::string_view key) const {
    return attributes.find(key) && !attributes.find(key)->is_null();
  }
  double number(std::string_view key, double usual) const {
    return given(key) ? attributes.get_double(key) : usual;
  }
  int integer(std::string_view key, int usual) const {
    return given(key) ? int(attributes.get_int(key)) : usual;
  }
  bool flag(std::string_view key) const { return given(key) && attributes.get_bool(key); }
  std::string text(std::string_view key) const {
    return given(key) ? attributes.get_string(key) : "";
  }
  std::vector<int> list(std::string_view key) const {  // 1 counts as [1]; none is empty
    std::vector<int> values;
    if (!given(key)) return values;
    const Json& json = attributes.at(key);
    for (const Json& item : json.is_array() ? json.as_array() : Json::Array{json})
      values.push_back(int(item.as_int(key)));
    return values;
  }

 private:
  std::string full(const std::string& part) const { return name + "/" + part; }
  Real nudged(Real x) {  // x or one of its two neighbours
    int way = nudge_ ? nudge_->below(3) - 1 : 0;
    return way == 0 ? x : std::nextafter(x, Real(way) * std::numeric_limits<Real>::infinity());
  }

  GoldenFile& golden_;
  Random* nudge_;
};

using GoldenOutputs = std::vector<std::pair<std::string, Tensor>>;  // y, hn, ...
using GoldenRun = std::function<GoldenOutputs(GoldenCase&)>;
using GoldenTable = std::map<std::string, GoldenRun>;  // by kind
using GoldenResults = std::map<std::string, Tensor>;   // out/y, grad/x, ...

// Runs a case; an output that has an `up` in the file is fed it, all in one backward pass.
inline GoldenResults golden_results(GoldenCase& c, const GoldenRun& run) {
  GoldenResults results;
  GoldenOutputs fed;
  for (auto& [name, y] : run(c)) {
    results["out/" + name] = detach(y);
    if (c.has("up/" + name)) fed.push_back({"up/" + name, y});
  }
  Tensor loss = Tensor::scalar(0);
  if (fed.size() == 1) backward(fed[0].second, c.tensor(fed[0].first));
  if (fed.size() > 1) {
    for (auto& [up, y] : fed) loss = loss + sum(y * c.tensor(up));
    backward(loss);
  }
  for (auto& [name, x] : c.leaves) results[name] = grad(x) ? grad(x) : Tensor(x.shape());
  return results;
}

inline double farthest(const Tensor& a, const std::vector<double>& b) {
  std::vector<Real> x = a.values();
  double worst = 0;
  for (std::size_t i = 0; i < b.size(); i++) {
    if (!(std::abs(double(x[i]) - b[i]) <= worst)) worst = std::abs(double(x[i]) - b[i]);
  }
  return worst;
}

// How far a result moves when the inputs move to neighbouring floats: what rounding may do.
inline double golden_spread(GoldenFile& golden, const std::string& name, const std::string& part,
                            const GoldenRun& run) {
  GoldenCase plain(golden, name);
  std::vector<Real> values = golden_results(plain, run)[part].values();
  Random random(1);
  double spread = 0;
  for (int i = 0; i < 20; i++) {
    GoldenCase nudged(golden, name, &random);
    Tensor moved = golden_results(nudged, run)[part];
    spread = std::max(spread, farthest(moved, std::vector<double>(values.begin(), values.end())));
  }
  return spread;
}

inline double largest_fed(const GoldenFile& golden, const GoldenCase& c) {
  double largest = 0;
  for (const std::string& part : c.parts("up/"))
    for (double v : golden.file.as_doubles(join(c.name, "/", part)))
      largest = std::max(largest, std::abs(v));
  return largest;
}

// The tolerance is relative to the largest expected number. A float knows nothing below its
// smallest normal number; and where its inputs' last bit alone decides more than the tolerance (a
// softmax of ±1500: the rounding of x is 1e-4 there), what counts is to be no further off than the
// neighbouring inputs' results. A gradient 14 digits below what was fed in is a zero with rounding
// errors, PyTorch's and ours: a saturated softmax, or the bias of attention's keys, which moves all
// scores of a query alike.
inline void check_golden_part(GoldenFile& golden, GoldenCase& c, const std::string& part,
                              const Tensor& ours, const GoldenRun& run) {
  INFO(c.name, "/", part);
  std::vector<double> expected = c.numbers(part);
  CHECK(ours);
  if (ours) CHECK(text(ours.shape()) == text(c.shape(part)));
  if (!ours || ours.shape() != c.shape(part)) return;
  double largest = 0;
  for (double v : expected) largest = std::max(largest, std::abs(v));
  double allowed = tol(1e-9, 1e-4) * (largest > 0 ? largest : 1), off = farthest(ours, expected);
  allowed = std::max(allowed, double(std::numeric_limits<Real>::min()));
  double scale = part.starts_with("grad/") ? largest_fed(golden, c) : 0;
  if (largest < 1e-14 * scale) allowed = 100 * scale * std::numeric_limits<Real>::epsilon();
  if (!is_double && off > allowed)
    allowed = std::max(allowed, golden_spread(golden, c.name, part, run));
  CHECK(off <= allowed);
}

inline void check_golden_case(GoldenFile& golden, const std::string& name,
                              const GoldenTable& table) {
  GoldenCase c(golden, name);
  std::string kind = c.kind, root = kind.substr(0, kind.find_last_not_of("0123456789") + 1);
  auto found =
      table.contains(kind) ? table.find(kind) : table.find(root);  // triu1 is triu; expm1 is itself
  check(found != table.end(), "nothing of ours is called ", kind);
  GoldenResults ours = golden_results(c, found->second);
  for (const char* group : {"out/", "grad/"}) {
    for (const std::string& part : c.parts(group))
      check_golden_part(golden, c, part, ours[part], found->second);
  }
  for (const auto& result : ours) {  // what PyTorch has no gradient for has none
    const std::string& part = result.first;
    bool zero = farthest(result.second, std::vector<double>(result.second.numel())) == 0;
    INFO(name, "/", part, " is not in the file");
    CHECK((c.has(part) || (part.starts_with("grad/") && zero)));
  }
  for (const std::string& part : c.parts("")) {
    INFO(name, "/", part, " was not used");
    CHECK(golden.visited.contains(name + "/" + part));
  }
}

// Every case of the file for which mine(kind); one that fails does not stop the others.
template <class Mine>
void check_golden_file(const std::string& name, const GoldenTable& table, Mine mine) {
  GoldenFile golden(name);
  int checked = 0;
  for (const std::string& c : golden.cases()) {
    if (!mine(GoldenCase(golden, c).kind)) continue;
    checked++;
    try {
      check_golden_case(golden, c, table);
    } catch (const Error& error) { FAIL_CHECK(c, ": ", text(error.what())); }
  }
  CHECK(checked > 0);
}

// Which cases of layers.safetensors are those of the book's models; tests/nn_* check all others.
inline bool golden_layer_of_models(const std::string& kind) {
  static const std::set<std::string> kinds{
      "add_norm", "ffn", "dot_attention", "additive_attention", "multihead_attention",
      "encoder_block", "decoder_block", "positional_encoding", "masked_loss"};
  return kinds.contains(kind);
}

}  // namespace babelgrad
