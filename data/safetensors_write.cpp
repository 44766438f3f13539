// Writing safetensors: where each tensor will lie, the header that says so, and the checksum, which
// is computed over the whole file with zeros in its own place.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "data/file.h"
#include "data/json.h"
#include "data/safetensors.h"
#include "data/utf8.h"
#include "tensor/check.h"

namespace babelgrad {

static_assert(std::endian::native == std::endian::little, "as the format is");

namespace {

// table[k][b]: what byte b does to the checksum when k more bytes follow it.
constexpr auto crc_tables = [] {
  std::array<std::array<std::uint32_t, 256>, 8> table{};
  for (std::uint32_t b = 0; b < 256; b++) {
    std::uint32_t crc = b;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    table[0][b] = crc;
  }
  for (int k = 1; k < 8; k++)
    for (int b = 0; b < 256; b++)
      table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 255];
  return table;
}();

void check_distinct(const Json::Object& members) {
  if (const std::string* twin = find_twin(members))
    fail("safetensors: \"", printable(*twin, 60), "\" comes twice");
}

// Puts the tensors in their order and says where each will be; the checksum's place holds zeros.
Json header_for(std::vector<StoredTensor>& tensors, const Metadata& metadata) {
  std::sort(tensors.begin(), tensors.end(), [](const StoredTensor& a, const StoredTensor& b) {
    return std::pair(-width_of(a.dtype), a.name) < std::pair(-width_of(b.dtype), b.name);
  });
  Json::Object about{{"crc32", no_checksum}};
  for (const auto& [key, value] : metadata) about.emplace_back(key, value);
  check_distinct(about);
  Json::Object entries{{"__metadata__", Json::object(std::move(about))}};
  std::size_t begin = 0, end;
  for (const auto& [name, dtype, shape, bytes] : tensors) {
    end = begin + bytes.size();
    if (bytes_of(shape, dtype) != Index(bytes.size()))
      fail("safetensors: tensor \"", printable(name, 60), "\" has ", bytes.size(),
           " bytes for shape ", shape, " of ", dtype);
    std::vector<int> dims(shape.begin(), shape.end());
    entries.emplace_back(name, Json::object({{"dtype", dtype},
                                             {"shape", dims},
                                             {"data_offsets", Json::array({begin, end})}}));
    begin = end;
  }
  check_distinct(entries);
  return Json::object(std::move(entries));
}

template <class Number>
StoredTensor stored_as(const char* dtype, std::string& name, Shape shape, const Number* data) {
  std::size_t count = shape.numel();
  std::string_view bytes(reinterpret_cast<const char*>(data), count * sizeof(Number));
  return {std::move(name), dtype, shape, bytes};
}

}  // namespace

int width_of(std::string_view dtype) {
  if (dtype == "F64" || dtype == "I64") return 8;
  if (dtype == "F32" || dtype == "I32") return 4;
  fail("dtype ", printable(dtype, 20), " is not one of F32, F64, I64, I32");
}

Index bytes_of(const Shape& shape, std::string_view dtype) {
  return shape.numel() * width_of(dtype);       // numel() checks that 8 bytes each do not overflow
}

// Eight bytes at a time: each finds in its table what it does to the checksum when those behind it
// have gone by, and the eight are added without carry.
std::uint32_t crc32(std::string_view bytes, std::uint32_t crc) {
  const auto& table = crc_tables;
  crc = ~crc;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    std::uint64_t next;
    std::memcpy(&next, bytes.data(), 8);
    next ^= crc;
    crc = 0;
    for (int k = 0; k < 8; k++) crc ^= table[7 - k][next >> 8 * k & 255];
  }
  for (char byte : bytes) crc = crc >> 8 ^ table[0][(crc ^ std::uint8_t(byte)) & 255];
  return ~crc;
}

// Of what stands before the eight digits, of eight zeros, and of what follows.
std::string checksum_of(std::string_view file, std::size_t place) {
  std::uint32_t crc = crc32(file.substr(0, place));
  crc = crc32(file.substr(place + 8), crc32(no_checksum, crc));
  std::string digits;
  for (int shift = 28; shift >= 0; shift -= 4) digits += "0123456789abcdef"[crc >> shift & 15];
  return digits;
}

std::string safetensors_header(std::vector<StoredTensor>& tensors, const Metadata& metadata) {
  std::string header = write_json(header_for(tensors, metadata));
  header.resize((header.size() + 7) / 8 * 8, ' ');
  check(header.size() <= max_header, "safetensors: the header has ", header.size(),
        " bytes, more than ", max_header);
  return header;
}

// Length, header, tensors; the digits last. In memory as large as the file, and never twice.
std::string to_safetensors_bytes(std::vector<StoredTensor> tensors, const Metadata& metadata) {
  const std::string header = safetensors_header(tensors, metadata);
  const std::uint64_t length = header.size();
  std::size_t size = length_bytes + header.size();
  for (const StoredTensor& tensor : tensors) size += tensor.bytes.size();
  std::string out;
  out.reserve(size);
  out.append(reinterpret_cast<const char*>(&length), length_bytes).append(header);
  for (const StoredTensor& tensor : tensors) out += tensor.bytes;
  const std::size_t place = length_bytes + header.find(checksum_key) + checksum_key.size();
  out.replace(place, 8, checksum_of(out, place));
  return out;
}

void write_safetensors(const std::string& path, std::vector<StoredTensor> tensors,
                       const Metadata& metadata) {
  write_file_atomically(path, to_safetensors_bytes(std::move(tensors), metadata));
}

StoredTensor stored(std::string name, Shape shape, const float* numbers) {
  return stored_as("F32", name, shape, numbers);
}
StoredTensor stored(std::string name, Shape shape, const double* numbers) {
  return stored_as("F64", name, shape, numbers);
}
StoredTensor stored(std::string name, Shape shape, const std::int32_t* numbers) {
  return stored_as("I32", name, shape, numbers);
}
StoredTensor stored(std::string name, Shape shape, const std::int64_t* numbers) {
  return stored_as("I64", name, shape, numbers);
}

}  // namespace babelgrad
