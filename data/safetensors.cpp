#include "data/safetensors.h"

#include <algorithm>
#include <climits>
#include <cstring>

#include "data/file.h"
#include "data/json.h"
#include "data/utf8.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

// Why there is no header: what a file of so many bytes that begins like this seems to be instead.
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

// In the order of their bytes, of which there are so many in all: none follow the last tensor.
std::vector<Entry> entries_of(std::string_view header, std::uint64_t size, Metadata& metadata) {
  std::vector<Entry> entries;
  std::uint64_t last = 0;
  Json json = parse_json(header, "header");
  for (const auto& [name, entry] : json.as_object("header")) {
    if (name == "__metadata__") { metadata = metadata_of(entry); continue; }
    try {
      entries.push_back(entry_of(name, entry, size));
    } catch (const Error& e) {
      fail("tensor \"", printable(name, 60), "\": ", e.what());
    }
    last = std::max(last, entries.back().end);
  }
  check(last == size, size - last, " bytes follow the last tensor");
  std::ranges::sort(entries, {}, [](const Entry& it) { return std::pair(it.begin, it.end); });
  return entries;
}

// Side by side, no holes, no overlaps; else what is wrong.
std::string layout_flaw(const std::vector<Entry>& entries) {
  std::uint64_t end = 0;
  for (const Entry& it : entries) {
    if (it.begin != end)
      return join("tensor \"", printable(it.tensor.name, 60), "\" ",
                  it.begin < end ? "overlaps the one before it by " : "comes after a hole of ",
                  it.begin < end ? end - it.begin : it.begin - end, " bytes");
    end = it.end;
  }
  return "";
}

// Takes the checksum out of the metadata and compares it.
std::string checksum_flaw(SafeTensors& out, std::string_view header, Checksum checksum) {
  auto entry = std::ranges::find(out.metadata, "crc32", &Metadata::value_type::first);
  if (entry == out.metadata.end())
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

std::string together(const std::string& flaw, const std::string& doubt) {
  return flaw.empty() || doubt.empty() ? flaw + doubt : flaw + "; and " + doubt;
}

// Of a file of so many bytes, of which the first are there: fill(n, bytes) brings the first n.
// Nothing is asked for before it is known that it is wanted.
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
  const std::string flaw = layout_flaw(entries);
  out.doubt = checksum_flaw(out, header(*out.file), checksum);
  if (!flaw.empty() || (checksum != Checksum::wanted && !out.doubt.empty()))
    fail(out.path, ": ", together(flaw, out.doubt));
  return out;
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
    fail(together(e.what(), file.doubt));
  }
  if (!file.doubt.empty()) fail(file.path, ": ", file.doubt);
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
