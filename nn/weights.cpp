#include "nn/weights.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "data/utf8.h"
#include "tensor/check.h"

namespace babelgrad {

std::vector<StoredTensor> stored(const std::vector<Parameter>& params) {
  std::vector<StoredTensor> out;
  for (const Parameter& p : params)
    out.push_back(stored(p.name, p.tensor.shape(), p.tensor.data()));
  return out;
}

namespace {

// Everything that does not fit, not only the first: the list shows which model the file belongs to.
std::vector<std::string> complaints(const std::vector<Parameter>& params,
                                    const SafeTensors& file) {
  std::vector<std::string> wrong;
  std::set<std::string> known;
  for (const Parameter& p : params) {
    known.insert(p.name);
    const StoredTensor* t = file.find(p.name);
    if (!t) wrong.push_back("missing " + p.name);
    else if (t->shape != p.tensor.shape())
      wrong.push_back(join(t->name, " is ", t->shape, " in the file and ", p.tensor.shape(),
                           " in the model"));
    else if (!t->dtype.starts_with('F'))
      wrong.push_back(join(t->name, " is ", t->dtype, " in the file, not F32 or F64"));
  }
  for (const StoredTensor& t : file.tensors)
    if (!known.contains(t.name)) wrong.push_back("unexpected " + printable(t.name, 60));
  return wrong;
}

}  // namespace

void load(const std::vector<Parameter>& params, const SafeTensors& file) {
  auto wrong = complaints(params, file);
  std::string list;
  std::size_t listed = std::min<std::size_t>(wrong.size(), 5);
  for (std::size_t i = 0; i < listed; i++) list += (i ? "; " : "") + wrong[i];
  if (wrong.size() > 5) list += join("; and ", wrong.size() - 5, " more");
  check(wrong.empty(), printable(file.path), ": does not fit the model: ", list);
  for (const Parameter& p : params) {
    std::vector<double> values = file.as_doubles(p.name);
    Tensor to = p.tensor;                       // a handle to the leaf's own numbers
    std::copy(values.begin(), values.end(), overwrite(to, "load"));
  }
}

void save(Module& model, const std::string& path) {
  const std::vector<Parameter> params = named_parameters(model);
  check(!params.empty(), "save: there is no parameter to save; a module names its layers and "
        "tensors in fields()");
  write_safetensors(path, stored(params));
}

void load(Module& model, const std::string& path) {
  load(named_parameters(model), read_safetensors(path));
}

bool all_finite(const std::vector<Parameter>& params) {
  return std::ranges::all_of(params, [](const Parameter& p) {
    const Real* begin = p.tensor.data();
    return std::all_of(begin, begin + p.tensor.numel(), [](Real v) { return std::isfinite(v); });
  });
}

}  // namespace babelgrad
