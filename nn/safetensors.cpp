#include "nn/safetensors.h"

#include <algorithm>
#include <climits>
#include <cstring>

#include "nn/file.h"
#include "nn/json.h"
#include "tensor/check.h"
#include "tensor/utf8.h"

namespace babelgrad {
namespace {

// Why there is no header: what the file seems to be instead.
std::string what_it_is(std::string_view file, std::uint64_t length) {
  struct Kind { std::string_view beginning, what; };
  constexpr Kind kinds[] = {
      {"version https://git-lfs", "is a git-LFS pointer, not the file; git lfs pull fetches that"},
      {"<", "is a web page, so a download went wrong"},
      {"PK\x03\x04", "is a zip file, as torch.save writes; save it as safetensors in Python"},
      {"\x80", "is a Python pickle, as torch.save wrote; save it as safetensors in Python"},
      {"GGUF", "is a GGUF file, not a safetensors file"},
      {"{", "is a JSON text, not a safetensors file"},
      {"\x1f\x8b", "is a gzip file; unpack it first"},
  };
  if (file.empty()) return "is empty";
  if (file.size() < length_bytes) return join("is cut short, it has only ", file.size(), " bytes");
  if (length > 0 && length <= max_header &&
      std::string_view("{").starts_with(file.substr(length_bytes, 1)))
    return join("is cut short: it has ", file.size(), " bytes, its header alone ", length);
  std::string_view text = file.substr(std::min(file.find_first_not_of(" \t\r\n"), file.size()));
  for (auto [beginning, what] : kinds) if (text.starts_with(beginning)) return std::string(what);
  return "is not a safetensors file";
}

// The JSON text between the length and the tensors.
std::string_view header_of(std::string_view file) {
  std::uint64_t length = 0;
  if (file.size() >= length_bytes) std::memcpy(&length, file.data(), length_bytes);
  bool fits = length > 0 && length <= max_header && file.size() >= length_bytes + length;
  if (!fits || file[length_bytes] != '{') fail(what_it_is(file, length));
  return file.substr(length_bytes, length);
}

Shape shape_of(const Json& dims) {              // [2, 3]; its rank is checked by append()
  Shape shape;
  for (const Json& dim : dims.as_array("shape")) {
    std::int64_t n = dim.as_int("shape");
    check(n >= 0 && n <= INT_MAX, "shape: dimension ", n, " is outside 0 to ", INT_MAX);
    shape.append(int(n));
  }
  return shape;
}

const Json& member(const Json& entry, std::string_view key) {
  const Json* found = entry.find(key);
  check(found, key, " is missing");
  return *found;
}

// {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, and nothing else.
StoredTensor tensor_of(const std::string& name, const Json& entry, std::string_view buffer) {
  check(entry.as_object("its entry").size() <= 3, "more than dtype, shape and data_offsets");
  StoredTensor tensor{name, member(entry, "dtype").as_string("dtype"), {}, {}};
  width_of(tensor.dtype);
  tensor.shape = shape_of(member(entry, "shape"));
  const Json::Array& offsets = member(entry, "data_offsets").as_array("data_offsets");
  check(offsets.size() == 2, "data_offsets are ", offsets.size(), " numbers, not 2");

  // The bytes it claims lie inside the file and are as many as its shape needs.
  std::uint64_t begin = offsets[0].as_uint("data_offsets");
  std::uint64_t end = offsets[1].as_uint("data_offsets");
  check(begin <= end, "data_offsets run backwards, ", begin, " to ", end);
  check(end <= buffer.size(),
        "ends at byte ", end, " of ", buffer.size(), ": the file is cut short");
  Index needs = bytes_of(tensor.shape, tensor.dtype);
  check(end - begin == std::uint64_t(needs), "has ", end - begin, " bytes, but ",
        tensor.shape, " of ", tensor.dtype, " needs ", needs);
  tensor.bytes = buffer.substr(begin, end - begin);
  return tensor;
}

Metadata metadata_of(const Json& json) {
  Metadata metadata;
  for (const auto& [key, value] : json.as_object("__metadata__"))
    metadata.emplace_back(key, value.as_string(join("__metadata__ \"", printable(key, 60), '"')));
  return metadata;
}

// Side by side from the buffer's first byte to its last: no holes, no overlaps, nothing after.
void check_layout(std::vector<StoredTensor>& tensors, std::string_view buffer) {
  std::sort(tensors.begin(), tensors.end(), [](const StoredTensor& a, const StoredTensor& b) {
    return std::pair(a.bytes.data(), a.bytes.size()) < std::pair(b.bytes.data(), b.bytes.size());
  });
  const char* end = buffer.data();
  for (const StoredTensor& tensor : tensors) {
    Index gap = tensor.bytes.data() - end;
    if (gap != 0)
      fail("tensor \"", printable(tensor.name, 60), "\" ",
           gap < 0 ? "overlaps the one before it by " : "comes after a hole of ", std::abs(gap),
           " bytes");
    end += tensor.bytes.size();
  }
  Index rest = buffer.data() + buffer.size() - end;
  check(rest == 0, rest, " bytes follow the last tensor");
}

// Takes the checksum out of the metadata and compares it.
bool verify_checksum(Metadata& metadata, std::string_view file, std::string_view header) {
  auto entry = std::find_if(metadata.begin(), metadata.end(),
                            [](const auto& item) { return item.first == "crc32"; });
  if (entry == metadata.end()) return false;
  std::string stored = entry->second;
  metadata.erase(entry);
  std::size_t place = header.find(checksum_key);  // in a string its quotes would have backslashes
  bool found = place != header.npos && stored.size() == 8;
  std::string computed = found ? checksum_of(file, length_bytes + place + checksum_key.size()) : "";
  check(found && stored == computed, "checksum ", printable(stored, 20),
        " does not match: the file is damaged, or another program changed it");
  return true;
}

void read_header(SafeTensors& out, std::string_view header) {
  std::string_view buffer = std::string_view(*out.file).substr(length_bytes + header.size());
  Json json = parse_json(header, "header");
  for (const auto& [name, entry] : json.as_object("header")) {
    if (name == "__metadata__") { out.metadata = metadata_of(entry); continue; }
    try {
      out.tensors.push_back(tensor_of(name, entry, buffer));
    } catch (const Error& e) {
      fail("tensor \"", printable(name, 60), "\": ", e.what());
    }
  }
  out.checksummed = verify_checksum(out.metadata, *out.file, header);
  check_layout(out.tensors, buffer);
}

// Numbers stored in one type, in a type that holds each of them exactly.
template <class Stored, class Number>
std::vector<Number> numbers(std::string_view bytes) {
  std::vector<Number> out(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < out.size(); i++) {
    Stored x;                                   // by memcpy: the file aligns nothing
    std::memcpy(&x, bytes.data() + i * sizeof x, sizeof x);
    out[i] = x;
  }
  return out;
}

}  // namespace

SafeTensors parse_safetensors(std::string bytes, const std::string& path, Checksum checksum) {
  SafeTensors out;
  out.path = printable(path, 160);
  out.file = std::make_shared<const std::string>(std::move(bytes));
  try {
    read_header(out, header_of(*out.file));
    check(out.checksummed || checksum == Checksum::optional,
          "has no checksum: it is damaged, or another program wrote it");
  } catch (const Error& e) {
    fail(out.path, ": ", e.what());
  }
  return out;
}

SafeTensors read_safetensors(const std::string& path, Checksum checksum) {
  return parse_safetensors(read_file(path), path, checksum);
}

const StoredTensor* SafeTensors::find(std::string_view name) const {
  for (const StoredTensor& tensor : tensors) if (tensor.name == name) return &tensor;
  return nullptr;
}

const std::string* SafeTensors::find_metadata(std::string_view key) const {
  for (const auto& [name, value] : metadata) if (name == key) return &value;
  return nullptr;
}

const StoredTensor& SafeTensors::at(std::string_view name) const {
  const StoredTensor* tensor = find(name);
  if (!tensor) fail(path, ": has no tensor \"", printable(name, 60), '"');
  return *tensor;
}

const std::string& SafeTensors::metadata_at(std::string_view key) const {
  const std::string* value = find_metadata(key);
  if (!value) fail(path, ": has no metadata \"", printable(key, 60), '"');
  return *value;
}

std::vector<double> SafeTensors::as_doubles(std::string_view name) const {
  const StoredTensor& tensor = at(name);
  if (tensor.dtype == "F64") return numbers<double, double>(tensor.bytes);
  if (tensor.dtype == "F32") return numbers<float, double>(tensor.bytes);
  fail(path, ": tensor \"", printable(name, 60), "\" is ", tensor.dtype, ", expected F32 or F64");
}

std::vector<std::int64_t> SafeTensors::as_ints(std::string_view name) const {
  const StoredTensor& tensor = at(name);
  if (tensor.dtype == "I64") return numbers<std::int64_t, std::int64_t>(tensor.bytes);
  if (tensor.dtype == "I32") return numbers<std::int32_t, std::int64_t>(tensor.bytes);
  fail(path, ": tensor \"", printable(name, 60), "\" is ", tensor.dtype, ", expected I32 or I64");
}

}  // namespace babelgrad
