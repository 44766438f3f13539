// Weights on disk: the safetensors format (a length, a JSON header, the bytes of every tensor),
// read as if an enemy had written it, written with a checksum so that no flipped bit gets through.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tensor/shape.h"

namespace babelgrad {

// Bytes are row-major and little-endian, and belong to someone else: a SafeTensors or the caller.
struct StoredTensor {
  std::string name;
  std::string dtype;                            // "F32", "F64", "I64" or "I32"
  Shape shape;
  std::string_view bytes;
};

using Metadata = std::vector<std::pair<std::string, std::string>>;

struct SafeTensors {
  std::vector<StoredTensor> tensors;            // in the order of their bytes
  Metadata metadata;                            // in the order of the file, without the checksum
  bool checksummed = false;                     // there was a checksum, and it was right
  bool without_checksum = false;                // there was none
  std::string doubt;                            // otherwise, if one is required, what is wrong
  std::string path;                             // for messages
  std::shared_ptr<const std::string> file;      // what the tensors point into

  // null if there is none; the second ones give an Error that names the path and what is missing
  const StoredTensor* find(std::string_view name) const;
  const std::string* find_metadata(std::string_view key) const;
  const StoredTensor& at(std::string_view name) const;
  const std::string& metadata_at(std::string_view key) const;

  // The numbers of an F32 or F64 tensor; of an I32 or I64 tensor. Another dtype is an Error.
  std::vector<double> as_doubles(std::string_view name) const;
  std::vector<std::int64_t> as_ints(std::string_view name) const;
};

// Other programs' files have none; ours always do. Wanted: as required, but a wrong one is only
// SafeTensors::doubt, which check_use() makes an Error.
enum class Checksum { optional, required, wanted };

// Error `path: what` for anything but a flawless file; nothing is believed before it is checked.
// Tensors may come in any order and begin anywhere; they lie side by side and fill the file.
SafeTensors parse_safetensors(std::string bytes, const std::string& path,
                              Checksum checksum = Checksum::optional);
// The numbers are not even read of a file whose header does not say where each of its bytes
// belongs, or that is none at all.
SafeTensors read_safetensors(const std::string& path, Checksum checksum = Checksum::optional);

// Uses what was read, where no flaw does harm. Error if the file is in doubt; what use() finds
// wrong, for instance with a tensor, is added to the same line.
void check_use(const SafeTensors& file, const std::function<void()>& use);

// The whole file; tensors with wide numbers come first, then by name. Error if a name comes twice,
// bytes and shape disagree, or it could not be read again.
std::string to_safetensors_bytes(std::vector<StoredTensor> tensors, const Metadata& metadata = {});
void write_safetensors(const std::string& path, std::vector<StoredTensor> tensors,
                       const Metadata& metadata = {});

// A view of numbers in memory: float, double, std::int32_t, std::int64_t. They must outlive it.
template <class Number>
StoredTensor stored(std::string name, Shape shape, const Number* numbers);

// The format itself. The checksum is eight digits behind its key in the header, of the whole file
// with zeros where those digits stand.
constexpr std::size_t max_header = 100'000'000, length_bytes = 8;
constexpr std::string_view checksum_key = "\"crc32\":\"", no_checksum = "00000000";
// Its header, filled up with blanks so that the tensors begin at a multiple of 8; they are put into
// the file's order, and the checksum's place holds zeros. Errors as above.
std::string safetensors_header(std::vector<StoredTensor>& tensors, const Metadata& metadata);
int width_of(std::string_view dtype);           // bytes of one number; Error for other dtypes
Index bytes_of(const Shape& shape, std::string_view dtype);

// CRC-32 as zlib and PNG have it; crc32(b, crc32(a)) is that of a and b together.
std::uint32_t crc32(std::string_view bytes, std::uint32_t crc = 0);

}  // namespace babelgrad
