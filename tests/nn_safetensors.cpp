#include "nn/safetensors.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>

#include "nn/file.h"
#include "nn/json.h"
#include "tensor/check.h"
#include "tensor/random.h"

using namespace babelgrad;

namespace {

std::string refusal(auto action) {
  try { action(); } catch (const Error& e) { return e.what(); }
  return "accepted";
}

std::string why(const std::string& bytes, Checksum checksum = Checksum::optional) {
  return refusal([&] { parse_safetensors(bytes, "m.st", checksum); });
}

std::string with_length(std::uint64_t length, std::string_view rest) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes.append(rest);
}

std::string file_of(std::string_view header, int data_bytes) {
  return with_length(header.size(), header) + std::string(data_bytes, '\1');
}

// A file whose only tensor "w" has this entry.
std::string entry(std::string_view json, int data_bytes) {
  return file_of(join("{\"w\":", json, "}"), data_bytes);
}

const float floats[] = {1.5f, -2, 3, 4, 5, std::numeric_limits<float>::quiet_NaN()};
const double doubles[] = {0.1, -1e300};
const std::int64_t longs[] = {INT64_MIN, 7};
const std::int32_t ints[] = {-5};

std::string small_file() {
  return to_safetensors_bytes({stored("i", {1}, ints), stored("w", {2, 3}, floats),
                               stored("n", {2}, longs), stored("d", {2}, doubles),
                               stored("none", {0, 4}, floats), stored("one", {}, doubles)},
                              {{"config", R"({"hidden":8})"}, {"é\n", "\x1b"}});
}

}  // namespace

TEST_CASE("crc32: the values of zlib, in one piece or many") {
  CHECK(crc32("") == 0);
  CHECK(crc32("123456789") == 0xCBF43926);
  CHECK(crc32("The quick brown fox jumps over the lazy dog") == 0x414FA339);
  std::string bytes(1000, '\0');
  for (int i = 0; i < 1000; i++) bytes[i] = char(i * i);
  for (int cut = 0; cut < 1000; cut += 13)
    CHECK(crc32(bytes.substr(cut), crc32(bytes.substr(0, cut))) == crc32(bytes));
}

TEST_CASE("safetensors: what is written reads back, bit for bit") {
  SafeTensors file = parse_safetensors(small_file(), "m.st", Checksum::required);
  CHECK(file.checksummed);
  CHECK(file.metadata == Metadata{{"config", R"({"hidden":8})"}, {"é\n", "\x1b"}});
  CHECK(file.metadata_at("config") == R"({"hidden":8})");
  CHECK(file.as_doubles("d") == std::vector<double>{0.1, -1e300});
  CHECK(file.as_doubles("one") == std::vector<double>{0.1});
  CHECK(file.as_doubles("none").empty());
  CHECK(file.as_ints("n") == std::vector<std::int64_t>{INT64_MIN, 7});
  CHECK(file.as_ints("i") == std::vector<std::int64_t>{-5});
  CHECK(file.at("w").shape == Shape{2, 3});
  CHECK(file.at("w").dtype == "F32");
  CHECK(file.at("w").bytes == std::string_view(reinterpret_cast<const char*>(floats), 24));
  CHECK(std::isnan(file.as_doubles("w")[5]));
  CHECK(to_safetensors_bytes(file.tensors, file.metadata) == small_file());
}

TEST_CASE("safetensors: wide numbers come first, then names; the data begins at a multiple of 8") {
  std::string bytes = small_file(), order;
  SafeTensors file = parse_safetensors(bytes, "m.st");
  for (const StoredTensor& tensor : file.tensors) order += tensor.name + " ";
  CHECK(order == "d n one i none w ");
  std::uint64_t length;
  std::memcpy(&length, bytes.data(), 8);
  CHECK(length % 8 == 0);
  CHECK(bytes.substr(8, 37) == R"({"__metadata__":{"crc32":"0660e6ed",")");
}

TEST_CASE("safetensors: a file with no tensors is a file") {
  SafeTensors file = parse_safetensors(to_safetensors_bytes({}), "m.st", Checksum::required);
  CHECK(file.tensors.empty());
  CHECK(why(file_of("{}", 0)) == "accepted");
}

TEST_CASE("safetensors: copies keep the bytes alive") {
  SafeTensors copy;
  { SafeTensors file = parse_safetensors(small_file(), "m.st"); copy = file; }
  CHECK(copy.as_ints("i") == std::vector<std::int64_t>{-5});
}

TEST_CASE("safetensors: every flipped bit is refused") {
  std::string bytes = small_file();
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit++) {
    std::string flipped = bytes;
    flipped[bit / 8] ^= char(1 << bit % 8);
    std::string reason = why(flipped, Checksum::required);
    if (!reason.starts_with("m.st: ")) FAIL("bit ", bit, ": ", reason);
  }
}

TEST_CASE("safetensors: a checksum that is there must be right even where none is required") {
  std::string bytes = small_file();
  bytes.back() ^= 1;
  CHECK(why(bytes) == "m.st: checksum 0660e6ed does not match: the file is damaged, "
                      "or another program changed it");
  CHECK(why(file_of(R"({"__metadata__":{"crc32": "00000000"}})", 0)).starts_with("m.st: checksum"));
  CHECK(why(file_of("{}", 0), Checksum::required) ==
        "m.st: has no checksum: it is damaged, or another program wrote it");
}

TEST_CASE("safetensors: cut anywhere, or with a byte too many, a file is refused") {
  std::string bytes = small_file();
  std::string plain = entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", 8);
  for (const std::string& whole : {bytes, plain}) {
    CHECK(why(whole) == "accepted");
    for (std::size_t length = 0; length < whole.size(); length++)
      if (why(whole.substr(0, length)) == "accepted") FAIL("length ", length);
  }
  CHECK(why(plain + "x") == "m.st: 1 bytes follow the last tensor");
  CHECK(why(bytes + "x").starts_with("m.st: checksum "));
}

TEST_CASE("safetensors: other kinds of file are recognised") {
  std::string rest(60, ' ');
  struct { std::string bytes, reason; } cases[] = {
      {"", "is empty"},
      {"abc", "is cut short, it has only 3 bytes"},
      {with_length(100, "{\"a\":"), "is cut short: it has 13 bytes, its header alone 100"},
      {with_length(100, ""), "is cut short: it has 8 bytes, its header alone 100"},
      {with_length(3, "[1]"), "is not a safetensors file"},
      {with_length(0, "{}"), "is not a safetensors file"},
      {with_length(100'000'001, "{}"), "is not a safetensors file"},
      {with_length(UINT64_MAX, "{}"), "is not a safetensors file"},
      {with_length(UINT64_MAX - 7, "{}"), "is not a safetensors file"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0",
       "is a git-LFS pointer, not the file; git lfs pull fetches that"},
      {"\n<!DOCTYPE html>" + rest, "is a web page, so a download went wrong"},
      {std::string("PK\3\4\0\0\10\10", 8) + rest,
       "is a zip file, as torch.save writes; save it as safetensors in Python"},
      {"\x80\2\x8a\nl\xfc\x9c\x46\xf9" + rest,
       "is a Python pickle, as torch.save wrote; save it as safetensors in Python"},
      {std::string("GGUF\3\0\0\0", 8) + rest, "is a GGUF file, not a safetensors file"},
      {"{\"hidden\": 8}", "is a JSON text, not a safetensors file"},
      {"\x1f\x8b\10\10abcdef" + rest, "is a gzip file; unpack it first"},
  };
  for (const auto& [bytes, reason] : cases) CHECK(why(bytes) == "m.st: " + reason);
}

TEST_CASE("safetensors: every flaw of a tensor's entry is named") {
  std::string w = "m.st: tensor \"w\": ";
  auto f32 = [](std::string_view shape, std::string_view offsets, int bytes) {
    return why(entry(join(R"({"dtype":"F32","shape":)", shape, R"(,"data_offsets":)", offsets, "}"),
                     bytes));
  };
  CHECK(f32("[2]", "[0,8]", 8) == "accepted");
  CHECK(f32("[]", "[0,4]", 4) == "accepted");
  CHECK(f32("[3,0]", "[0,0]", 0) == "accepted");
  CHECK(f32("[2]", "[0,8]", 7) == w + "ends at byte 8 of 7: the file is cut short");
  CHECK(f32("[2]", "[8,0]", 8) == w + "data_offsets run backwards, 8 to 0");
  CHECK(f32("[2]", "[0,4]", 4) == w + "has 4 bytes, but (2,) of F32 needs 8");
  CHECK(f32("[1]", "[0,8]", 8) == w + "has 8 bytes, but (1,) of F32 needs 4");
  CHECK(f32("[2]", "[0]", 8) == w + "data_offsets are 1 numbers, not 2");
  CHECK(f32("[2]", "[0,8,8]", 8) == w + "data_offsets are 3 numbers, not 2");
  CHECK(f32("[2]", "8", 8) == w + "data_offsets: expected an array, found 8");
  CHECK(f32("[2]", "[0,8.0]", 8) ==
        w + "data_offsets: expected a whole number of at least 0, found 8.0");
  CHECK(f32("[2]", "[-8,0]", 8) ==
        w + "data_offsets: expected a whole number of at least 0, found -8");
  CHECK(f32("[2]", "[18446744073709551608,8]", 8) ==
        w + "data_offsets run backwards, 18446744073709551608 to 8");
  CHECK(f32("[2]", "[0,18446744073709551615]", 8) ==
        w + "ends at byte 18446744073709551615 of 8: the file is cut short");
  CHECK(f32("[2.0]", "[0,8]", 8) == w + "shape: expected a whole number, found 2.0");
  CHECK(f32("[-2]", "[0,8]", 8) == w + "shape: dimension -2 is outside 0 to 2147483647");
  CHECK(f32("[2147483648]", "[0,8]", 8) ==
        w + "shape: dimension 2147483648 is outside 0 to 2147483647");
  CHECK(f32("[2147483647,2147483647,4]", "[0,8]", 8) ==
        w + "shape: (2147483647, 2147483647, 4) has more elements than memory can address");
  CHECK(f32("[1,1,1,1,1,1,1]", "[0,4]", 4) ==
        w + "shape: (1, 1, 1, 1, 1, 1) has the largest rank there is, 6");
  CHECK(f32("2", "[0,8]", 8) == w + "shape: expected an array, found 2");
  CHECK(why(entry("3", 0)) == w + "its entry: expected an object, found 3");
  CHECK(why(entry(R"({"dtype":"BF16","shape":[2],"data_offsets":[0,4]})", 4)) ==
        w + "dtype BF16 is not one of F32, F64, I64, I32");
  CHECK(why(entry(R"({"dtype":1,"shape":[2],"data_offsets":[0,4]})", 4)) ==
        w + "dtype: expected a string, found 1");
  CHECK(why(entry(R"({"shape":[2],"data_offsets":[0,8]})", 8)) == w + "dtype is missing");
  CHECK(why(entry(R"({"dtype":"F32","data_offsets":[0,8]})", 8)) == w + "shape is missing");
  CHECK(why(entry(R"({"dtype":"F32","shape":[2]})", 8)) == w + "data_offsets is missing");
  CHECK(why(entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1})", 8)) ==
        w + "more than dtype, shape and data_offsets");
}

TEST_CASE("safetensors: tensors lie side by side and fill the file") {
  auto two = [](int begin_a, int end_a, int begin_b, int end_b, int bytes) {
    auto item = [](int begin, int end) {
      return join(R"({"dtype":"I32","shape":[)", (end - begin) / 4, R"(],"data_offsets":[)", begin,
                  ",", end, "]}");
    };
    std::string header =
        join("{\"a\":", item(begin_a, end_a), ",\"b\":", item(begin_b, end_b), "}");
    return why(file_of(header, bytes));
  };
  CHECK(two(0, 8, 8, 12, 12) == "accepted");
  CHECK(two(4, 12, 0, 4, 12) == "accepted");
  CHECK(two(0, 8, 8, 8, 8) == "accepted");
  CHECK(two(0, 0, 0, 8, 8) == "accepted");
  CHECK(two(0, 8, 12, 16, 16) == "m.st: tensor \"b\" comes after a hole of 4 bytes");
  CHECK(two(4, 8, 8, 16, 16) == "m.st: tensor \"a\" comes after a hole of 4 bytes");
  CHECK(two(0, 8, 4, 12, 12) == "m.st: tensor \"b\" overlaps the one before it by 4 bytes");
  CHECK(two(0, 8, 0, 8, 8) == "m.st: tensor \"b\" overlaps the one before it by 8 bytes");
  CHECK(two(0, 8, 4, 4, 8) == "m.st: tensor \"b\" overlaps the one before it by 4 bytes");
  CHECK(two(0, 8, 8, 12, 16) == "m.st: 4 bytes follow the last tensor");
}

TEST_CASE("safetensors: a bad header is refused") {
  std::string e = R"({"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  CHECK(why(file_of("{\"a\":1,}", 0)) ==
        "m.st: header: byte 7: expected a key in double quotes");
  CHECK(why(file_of(join("{\"w\":", e, ",\"w\":", e, "}"), 0)) ==
        "m.st: header: byte 54: key \"w\" comes twice");
  CHECK(why(file_of(join("{\"w\":", e, "}   \n"), 0)) == "accepted");
  CHECK(why(file_of(join("{\"w\":", e, "}x"), 0)) ==
        "m.st: header: byte 54: something follows the value");
  CHECK(why(file_of("{\"\xFF\":1}", 0)) == "m.st: header: byte 2: not UTF-8");
  CHECK(why(file_of(R"({"__metadata__":{"a":1}})", 0)) ==
        "m.st: __metadata__ \"a\": expected a string, found 1");
  CHECK(why(file_of(R"({"__metadata__":null})", 0)) ==
        "m.st: __metadata__: expected an object, found null");
  CHECK(why(file_of(R"({"__metadata__":{"a":"x","a":"y"}})", 0)) ==
        "m.st: header: byte 25: key \"a\" comes twice");
}

TEST_CASE("safetensors: hostile names make short, harmless messages") {
  std::string name = "\\u001b[2J" + std::string(5000, 'x');
  std::string message = why(file_of("{\"" + name + "\":{}}", 0));
  CHECK(message.starts_with("m.st: tensor \"\\x1B[2Jxxx"));
  CHECK(message.size() < 300);
  message = refusal([] { parse_safetensors("", std::string(5000, '\n')); });
  CHECK(message.size() < 300);
  CHECK(message.find('\n') == message.npos);
}

TEST_CASE("safetensors: what is missing or of another type is named") {
  SafeTensors file = parse_safetensors(small_file(), "m.st");
  CHECK(file.find("zz") == nullptr);
  CHECK(file.find_metadata("zz") == nullptr);
  CHECK(refusal([&] { file.at("zz"); }) == "m.st: has no tensor \"zz\"");
  CHECK(refusal([&] { file.metadata_at("zz"); }) == "m.st: has no metadata \"zz\"");
  CHECK(refusal([&] { file.as_doubles("n"); }) == "m.st: tensor \"n\" is I64, expected F32 or F64");
  CHECK(refusal([&] { file.as_ints("w"); }) == "m.st: tensor \"w\" is F32, expected I32 or I64");
}

TEST_CASE("safetensors: what must not be written is refused") {
  auto refused = [](std::vector<StoredTensor> tensors, Metadata metadata = {}) {
    return refusal([&] { to_safetensors_bytes(tensors, metadata); });
  };
  CHECK(refused({stored("w", {1}, ints), stored("w", {2}, doubles)}) ==
        "safetensors: \"w\" comes twice");
  CHECK(refused({stored("__metadata__", {1}, ints)}) ==
        "safetensors: \"__metadata__\" comes twice");
  CHECK(refused({}, {{"a", ""}, {"a", ""}}) == "safetensors: \"a\" comes twice");
  CHECK(refused({}, {{"crc32", "00000000"}}) == "safetensors: \"crc32\" comes twice");
  CHECK(refused({{"w", "F32", {2}, "abcd"}}) ==
        "safetensors: tensor \"w\" has 4 bytes for shape (2,) of F32");
  CHECK(refused({{"w", "U8", {4}, "abcd"}}) == "dtype U8 is not one of F32, F64, I64, I32");
  CHECK(refused({{"\xFF", "F32", {1}, "abcd"}}) == "write_json: \"\\xFF\" is not UTF-8");
  CHECK(refused({}, {{"a", std::string(100'000'000, 'x')}}) ==
        "safetensors: the header has 100000048 bytes, more than 100000000");
}

TEST_CASE("safetensors: a tensor or metadata named like the checksum does not confuse it") {
  std::string bytes =
      to_safetensors_bytes({stored("crc32", {1}, ints)},
                           {{"x", R"("crc32":"12345678")"}, {"\"crc32", "12345678"}});
  SafeTensors file = parse_safetensors(bytes, "m.st", Checksum::required);
  CHECK(file.as_ints("crc32")[0] == -5);
  CHECK(file.metadata_at("x") == R"("crc32":"12345678")");
}

TEST_CASE("safetensors: random files go through unchanged") {
  Random random(5);
  for (int round = 0; round < 300; round++) {
    std::vector<std::string> bytes(random.below(8));
    std::vector<StoredTensor> tensors;
    for (std::string& data : bytes) {
      Shape shape;
      for (int rank = random.below(4); rank > 0; rank--) shape.append(random.below(5));
      std::string dtype = std::vector{"F32", "F64", "I32", "I64"}[random.below(4)];
      data.resize(bytes_of(shape, dtype));
      for (char& c : data) c = char(random.below(256));
      tensors.push_back({join("t.", random.below(1000), ".", tensors.size()), dtype, shape, data});
    }
    std::string file = to_safetensors_bytes(tensors, {{"round", text(round)}});
    SafeTensors back = parse_safetensors(file, "m.st", Checksum::required);
    CHECK(back.tensors.size() == tensors.size());
    for (const StoredTensor& tensor : tensors) {
      CHECK(back.at(tensor.name).bytes == tensor.bytes);
      CHECK(back.at(tensor.name).shape == tensor.shape);
    }
    CHECK(to_safetensors_bytes(back.tensors, back.metadata) == file);
  }
}

TEST_CASE("safetensors: a hundred thousand damaged files are refused, or hold what they say") {
  std::string plain = small_file();
  plain.replace(plain.find("crc32"), 5, "plain");  // so that damage meets the other checks
  std::uint64_t header;
  std::memcpy(&header, plain.data(), 8);
  Random random(6);
  const std::string_view alphabet = "{}[]\":,0123456789-.eE\\ \0\xFF";
  for (int i = 0; i < 100'000; i++) {
    std::string changed = plain;
    for (int n = random.below(3); n >= 0; n--) {
      int at = random.below(int(i % 2 ? header + 8 : changed.size()));
      if (random.below(4) == 0) changed.erase(at, 1);
      else changed[at] = alphabet[random.below(int(alphabet.size()))];
    }
    std::string reason = refusal([&] {
      std::size_t total = 0;
      SafeTensors file = parse_safetensors(changed, "m.st");
      for (const auto& [name, dtype, shape, bytes] : file.tensors) {
        total += bytes_of(shape, dtype);
        crc32(bytes);                           // reads them all
      }
      if (total > changed.size()) FAIL("more bytes than the file has");
    });
    if (reason != "accepted" && !reason.starts_with("m.st: ")) FAIL(reason);
  }
}

TEST_CASE("safetensors: PyTorch's reference files are read") {
  SafeTensors ops = read_safetensors("tests/golden/ops.safetensors");
  CHECK_FALSE(ops.checksummed);
  CHECK(ops.tensors.size() == 919);
  CHECK(ops.find_metadata("op.leaky_relu") != nullptr);
  CHECK(parse_json(ops.metadata_at("op.leaky_relu"), "slope").get_double("slope") == 0.1);
  for (const char* name : {"attention", "layers", "rnn", "transformer"}) {
    SafeTensors file = read_safetensors(join("tests/golden/", name, ".safetensors"));
    CHECK(file.tensors.size() > 100);
    for (const StoredTensor& tensor : file.tensors) {
      bool real = tensor.dtype == "F64";
      std::size_t count =
          real ? file.as_doubles(tensor.name).size() : file.as_ints(tensor.name).size();
      CHECK(Index(count) == tensor.shape.numel());
    }
  }
  std::string rnn = "tests/golden/rnn.safetensors";
  CHECK(refusal([&] { read_safetensors(rnn, Checksum::required); }) ==
        rnn + ": has no checksum: it is damaged, or another program wrote it");
}

TEST_CASE("safetensors: a file goes to the disk and back, over the file it was read from") {
  std::string folder = (std::filesystem::temp_directory_path() / "babelgrad-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  std::string path = folder + "/m.safetensors";
  write_safetensors(path, {stored("w", {2, 3}, floats)}, {{"a", "b"}});
  SafeTensors file = read_safetensors(path, Checksum::required);
  write_safetensors(path, file.tensors, file.metadata);
  CHECK(*read_safetensors(path, Checksum::required).file == *file.file);
  CHECK(refusal([&] { read_safetensors(folder + "/no"); }) ==
        folder + "/no: cannot open: No such file or directory");
  std::filesystem::remove_all(folder);
}
