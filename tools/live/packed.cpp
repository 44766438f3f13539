// A model as the page carries it: whole numbers with a scale for each row.
#include <cstring>

#include "data/safetensors.h"
#include "tensor/check.h"
#include "tools/live/session.h"

namespace babelgrad::live {
namespace {

struct Bytes {
  std::string_view left;

  std::string_view take(std::size_t count) {
    check(count <= left.size(), "packed model: it ends ", count - left.size(), " bytes too early");
    const std::string_view taken = left.substr(0, count);
    left.remove_prefix(count);
    return taken;
  }
  template <class Number>
  Number number() {
    Number n;
    std::memcpy(&n, take(sizeof n).data(), sizeof n);
    return n;
  }
};

struct Form {                                   // how a tensor is stored
  Index count, rows;                            // rows 0: plain floats
  int width;                                    // bytes of a level, 1 or 2
};

// Scales of the rows, the lower bytes of all levels, and if there are two, the upper ones.
std::vector<float> numbers_of(Bytes& bytes, const Form& form) {
  std::vector<float> out(form.count);
  if (form.rows == 0) {
    const std::size_t size = out.size() * sizeof(float);
    if (size > 0) std::memcpy(out.data(), bytes.take(size).data(), size);
    return out;
  }
  std::vector<float> scales;
  for (Index row = 0; row < form.rows; row++) scales.push_back(bytes.number<float>());
  const std::string_view low = bytes.take(out.size());
  const std::string_view high = form.width == 2 ? bytes.take(out.size()) : low;
  for (Index i = 0; i < form.count; i++) {
    const int upper = static_cast<signed char>(high[i]);
    const int level = form.width == 2 ? 256 * upper + static_cast<unsigned char>(low[i]) : upper;
    out[i] = scales[i / (form.count / form.rows)] * float(level);
  }
  return out;
}

}  // namespace

std::string unpacked(std::string_view all) {
  Bytes bytes{all};
  const auto length = bytes.number<std::uint32_t>();
  const Json header = parse_json(bytes.take(length), "packed model");
  Metadata metadata;
  for (const auto& [key, value] : header.at("metadata").as_object())
    metadata.emplace_back(key, value.as_string(key));
  std::vector<std::vector<float>> numbers;
  std::vector<StoredTensor> tensors;
  for (const Json& tensor : header.get_array("tensors")) {
    Shape shape;
    for (const Json& size : tensor.get_array("shape"))
      shape.append(int(size.as_int("shape")), "packed model");
    const Index count = bytes_of(shape, "F32") / Index(sizeof(float));
    check(count <= Index(bytes.left.size()), "packed model: a tensor of ", shape, " in ",
          bytes.left.size(), " bytes");
    const Form form{count, Index(tensor.get_int("rows", 0, count)),
                    int(tensor.get_int("width", 1, 2))};
    check(form.rows == 0 || count % form.rows == 0, "packed model: ", count, " numbers in ",
          form.rows, " rows");
    numbers.push_back(numbers_of(bytes, form));
    tensors.push_back(stored(tensor.get_string("name"), shape, numbers.back().data()));
  }
  check(bytes.left.empty(), "packed model: ", bytes.left.size(), " bytes are left over");
  return to_safetensors_bytes(tensors, metadata);
}

}  // namespace babelgrad::live
