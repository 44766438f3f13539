// A weight file that is read has all its numbers, is written again with a checksum, and that is
// read as the same tensors.
#include "data/safetensors.h"

#include <cstring>

#include "tests/fuzz/fuzz.h"

namespace babelgrad::fuzz {
namespace {

// Of another program: no checksum stands between a changed input and the parser.
std::string file_of(std::string_view header, int data_bytes) {
  const std::uint64_t length = header.size();
  std::string bytes(length_bytes, '\0');
  std::memcpy(bytes.data(), &length, length_bytes);
  return bytes.append(header).append(data_bytes, '\1');
}

void read_numbers(const SafeTensors& file, const StoredTensor& tensor) {
  const bool real = tensor.dtype.starts_with("F");
  const std::size_t numbers =
      real ? file.as_doubles(tensor.name).size() : file.as_ints(tensor.name).size();
  holds(Index(numbers) == tensor.shape.numel(), "as many numbers as the shape says");
}

}  // namespace

std::vector<std::string> seeds() {
  static const float floats[] = {1.5, -2, 3, 4, 5, 6};
  static const std::int64_t longs[] = {INT64_MIN, 7};
  return {to_safetensors_bytes({stored("w", {2, 3}, floats), stored("n", {2}, longs),
                                stored("none", {0, 4}, floats)},
                               {{"config", R"({"hidden":8})"}}),
          file_of(R"({"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
                  R"("b":{"dtype":"I32","shape":[],"data_offsets":[8,12]}})", 12),
          file_of(R"({"__metadata__":{"format":"pt"},)"
                  R"("x":{"dtype":"F64","shape":[1,0,3],"data_offsets":[0,0]}}  )", 0)};
}

void read(std::string_view input) {
  const auto file =
      accepted([&] { return parse_safetensors(std::string(input), "fuzz.safetensors"); });
  if (!file) return;
  for (const StoredTensor& tensor : file->tensors) read_numbers(*file, tensor);
  const SafeTensors again = parse_safetensors(to_safetensors_bytes(file->tensors, file->metadata),
                                              "again.safetensors", Checksum::required);
  holds(again.metadata == file->metadata, "the same metadata");
  holds(again.tensors.size() == file->tensors.size(), "as many tensors");
  for (const StoredTensor& tensor : file->tensors) {
    const StoredTensor& same = again.at(tensor.name);
    holds(same.dtype == tensor.dtype && same.shape == tensor.shape && same.bytes == tensor.bytes,
          "the same tensor");
  }
}

}  // namespace babelgrad::fuzz
