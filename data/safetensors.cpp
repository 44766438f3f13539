#include "data/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <climits>
#include <cstring>

#include "data/file.h"
#include "data/json.h"
#include "data/utf8.h"
#include "tensor/check.h"

namespace babelgrad {

static_assert(std::endian::native == std::endian::little, "as the format is");

namespace {

// --- the checksum

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

// Of what stands before the eight digits, of eight zeros, and of what follows.
std::string checksum_of(std::string_view file, std::size_t place) {
  std::uint32_t crc = crc32(file.substr(0, place));
  crc = crc32(file.substr(place + 8), crc32(no_checksum, crc));
  std::string digits;
  for (int shift = 28; shift >= 0; shift -= 4) digits += "0123456789abcdef"[crc >> shift & 15];
  return digits;
}

template <class Number>                         // int32, int64, float or double
constexpr std::string_view dtype_of = std::is_integral_v<Number>
    ? sizeof(Number) == 4 ? "I32" : "I64" : sizeof(Number) == 4 ? "F32" : "F64";

// --- writing

void check_distinct(const Json::Object& members) {
  if (const std::string* twin = find_twin(members))
    fail("safetensors: \"", printable(*twin, 60), "\" occurs twice");
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

// --- reading

// Why there is no header: what a file of this size that begins like this seems to be instead.
std::string what_it_is(std::string_view file, std::uint64_t size, std::uint64_t length) {
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
    return join("is cut short: it has ", size, " bytes, its header alone ", length);
  std::string_view text = file.substr(std::min(file.find_first_not_of(" \t\r\n"), file.size()));
  for (auto [beginning, what] : kinds) if (text.starts_with(beginning)) return std::string(what);
  return "is not a safetensors file";
}

// Where the header ends and the tensors begin.
std::size_t header_end(std::string_view beginning, std::uint64_t size) {
  std::uint64_t length = 0;
  if (size >= length_bytes) std::memcpy(&length, beginning.data(), length_bytes);
  bool fits = length > 0 && length <= max_header && size >= length_bytes + length;
  if (!fits || beginning[length_bytes] != '{') fail(what_it_is(beginning, size, length));
  return length_bytes + length;
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

struct Entry {                                  // its bytes are begin .. end of the file's tensors
  StoredTensor tensor;
  std::uint64_t begin, end;
};

// {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, and nothing else.
Entry entry_of(const std::string& name, const Json& json, std::uint64_t size) {
  check(json.as_object("its entry").size() <= 3, "more than dtype, shape and data_offsets");
  StoredTensor tensor{name, member(json, "dtype").as_string("dtype"), {}, {}};
  width_of(tensor.dtype);
  tensor.shape = shape_of(member(json, "shape"));
  const Json::Array& offsets = member(json, "data_offsets").as_array("data_offsets");
  check(offsets.size() == 2, "data_offsets are ", offsets.size(), " numbers, not 2");

  // The bytes it claims lie inside the file and are as many as its shape needs.
  std::uint64_t begin = offsets[0].as_uint("data_offsets");
  std::uint64_t end = offsets[1].as_uint("data_offsets");
  check(begin <= end, "data_offsets run backwards, ", begin, " to ", end);
  check(end <= size, "ends at byte ", end, " of ", size, ": the file is cut short");
  Index needs = bytes_of(tensor.shape, tensor.dtype);
  check(end - begin == std::uint64_t(needs), "has ", end - begin, " bytes, but ",
        tensor.shape, " of ", tensor.dtype, " needs ", needs);
  return {std::move(tensor), begin, end};
}

Metadata metadata_of(const Json& json) {
  Metadata metadata;
  for (const auto& [key, value] : json.as_object("__metadata__"))
    metadata.emplace_back(key, value.as_string(join("__metadata__ \"", printable(key, 60), '"')));
  return metadata;
}

// Side by side, no holes, no overlaps, and no bytes behind the last of them.
void check_layout(const std::vector<Entry>& entries, std::uint64_t size) {
  std::uint64_t end = 0;
  for (const Entry& it : entries) {
    if (it.begin != end)
      fail("tensor \"", printable(it.tensor.name, 60), "\" ",
           it.begin < end ? "overlaps the one before it by " : "follows a gap of ",
           it.begin < end ? end - it.begin : it.begin - end, " bytes");
    end = it.end;
  }
  const std::string last =
      entries.empty() ? "" : join(", \"", printable(entries.back().tensor.name, 60), '"');
  check(end == size, size - end, " bytes follow the last tensor", last);
}

// In the order of their bytes, `size` of them in all.
std::vector<Entry> entries_of(std::string_view header, std::uint64_t size, Metadata& metadata) {
  std::vector<Entry> entries;
  Json json = parse_json(header, "header");
  for (const auto& [name, entry] : json.as_object("header")) {
    if (name == "__metadata__") { metadata = metadata_of(entry); continue; }
    try {
      entries.push_back(entry_of(name, entry, size));
    } catch (const Error& e) {
      fail("tensor \"", printable(name, 60), "\": ", e.what());
    }
  }
  std::ranges::sort(entries, {}, [](const Entry& it) { return std::pair(it.begin, it.end); });
  check_layout(entries, size);
  return entries;
}

// Takes the checksum out of the metadata and compares it.
std::string checksum_flaw(SafeTensors& out, std::string_view header, Checksum checksum) {
  auto entry = std::ranges::find(out.metadata, "crc32", &Metadata::value_type::first);
  out.without_checksum = entry == out.metadata.end();
  if (out.without_checksum)
    return checksum == Checksum::optional
               ? "" : "has no checksum: it is damaged, or another program wrote it";
  std::string stored = entry->second;
  out.metadata.erase(entry);
  std::size_t place = header.find(checksum_key);  // in a string its quotes would have backslashes
  bool found = place != header.npos && stored.size() == 8;
  out.checksummed =
      found && stored == checksum_of(*out.file, length_bytes + place + checksum_key.size());
  return out.checksummed ? "" : join("checksum ", printable(stored, 20), " does not match: ",
                                     "the file is damaged, or another program changed it");
}

// For a file of `size` bytes, whose beginning is in `bytes`: fill(n, bytes) reads the first n.
// Nothing is read before it is known to be needed.
SafeTensors assemble(std::string bytes, std::uint64_t size, const std::string& path,
                     Checksum checksum, auto fill) {
  SafeTensors out;
  out.path = printable(path, 160);
  auto naming = [&](auto action) {
    try { return action(); } catch (const Error& e) { fail(out.path, ": ", e.what()); }
  };
  const std::size_t begin = naming([&] { return header_end(bytes, size); });
  fill(begin, bytes);
  auto header = [&](std::string_view all) { return all.substr(0, begin).substr(length_bytes); };
  std::vector<Entry> entries =
      naming([&] { return entries_of(header(bytes), size - begin, out.metadata); });
  fill(size, bytes);
  out.file = std::make_shared<const std::string>(std::move(bytes));
  for (Entry& it : entries) {
    it.tensor.bytes = std::string_view(*out.file).substr(begin + it.begin, it.end - it.begin);
    out.tensors.push_back(it.tensor);
  }
  out.doubt = checksum_flaw(out, header(*out.file), checksum);
  if (checksum != Checksum::wanted && !out.doubt.empty()) fail(out.path, ": ", out.doubt);
  return out;
}

// Numbers stored in one type, in a type that holds each of them exactly.
template <class Stored, class Number>
std::vector<Number> widened(std::string_view bytes) {
  std::vector<Number> out(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < out.size(); i++) {
    Stored x;                                   // by memcpy: the file aligns nothing
    std::memcpy(&x, bytes.data() + i * sizeof x, sizeof x);
    out[i] = x;
  }
  return out;
}

template <class Narrow, class Wide>
std::vector<Wide> numbers_of(const SafeTensors& file, std::string_view name) {
  const StoredTensor& tensor = file.at(name);
  if (tensor.dtype == dtype_of<Wide>) return widened<Wide, Wide>(tensor.bytes);
  if (tensor.dtype == dtype_of<Narrow>) return widened<Narrow, Wide>(tensor.bytes);
  fail(file.path, ": tensor \"", printable(name, 60), "\" is ", tensor.dtype, ", expected ",
       dtype_of<Narrow>, " or ", dtype_of<Wide>);
}

}  // namespace

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

int width_of(std::string_view dtype) {
  if (dtype == "F64" || dtype == "I64") return 8;
  if (dtype == "F32" || dtype == "I32") return 4;
  fail("dtype ", printable(dtype, 20), " is not one of F32, F64, I64, I32");
}

Index bytes_of(const Shape& shape, std::string_view dtype) {
  return shape.numel() * width_of(dtype);       // numel() checks that 8 bytes each do not overflow
}

// --- reading

SafeTensors parse_safetensors(std::string bytes, const std::string& path, Checksum checksum) {
  const std::size_t size = bytes.size();
  return assemble(std::move(bytes), size, path, checksum, [](std::size_t, std::string&) {});
}

SafeTensors read_safetensors(const std::string& path, Checksum checksum) {
  StoredFile file(path);
  const std::size_t size = std::size_t(file.size());
  auto fill = [&](std::size_t count, std::string& bytes) {
    if (count > bytes.size()) file.read(Index(count - bytes.size()), bytes);
  };
  std::string bytes;
  fill(std::min<std::size_t>(size, 256), bytes);       // enough to see what it is
  return assemble(std::move(bytes), size, path, checksum, fill);
}

void check_use(const SafeTensors& file, const std::function<void()>& use) {
  try {
    use();
  } catch (const Error& e) {
    fail(e.what(), file.doubt.empty() ? "" : "; and ", file.doubt);
  }
  if (!file.doubt.empty()) fail(file.path, ": ", file.doubt);
}

const StoredTensor* SafeTensors::find(std::string_view name) const {
  const auto place = std::ranges::find(tensors, name, &StoredTensor::name);
  return place == tensors.end() ? nullptr : &*place;
}

const std::string* SafeTensors::find_metadata(std::string_view key) const {
  const auto place = std::ranges::find(metadata, key, &Metadata::value_type::first);
  return place == metadata.end() ? nullptr : &place->second;
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
  return numbers_of<float, double>(*this, name);
}
std::vector<std::int64_t> SafeTensors::as_ints(std::string_view name) const {
  return numbers_of<std::int32_t, std::int64_t>(*this, name);
}

// --- writing

static_assert(std::endian::native == std::endian::little, "as the format is");

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

template <class Number>
StoredTensor stored(std::string name, Shape shape, const Number* numbers) {
  const auto* bytes = reinterpret_cast<const char*>(numbers);
  const std::size_t size = std::size_t(shape.numel()) * sizeof(Number);
  return {std::move(name), std::string(dtype_of<Number>), shape, {bytes, size}};
}
template StoredTensor stored(std::string, Shape, const float*);
template StoredTensor stored(std::string, Shape, const double*);
template StoredTensor stored(std::string, Shape, const std::int32_t*);
template StoredTensor stored(std::string, Shape, const std::int64_t*);

}  // namespace babelgrad
