// A weight file is written bit for bit, and read as if an enemy had written it.
#include "data/safetensors.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#include "data/file.h"
#include "data/json.h"
#include "tests/close.h"
#include "tests/folder.h"

using namespace babelgrad;

namespace {

// What is wrong with a file "m.st" of these bytes; empty if nothing is.
std::string flaw_of(const std::string& bytes, Checksum checksum = Checksum::optional) {
  const std::string message = error_of([&] { parse_safetensors(bytes, "m.st", checksum); });
  if (!message.empty()) REQUIRE(message.starts_with("m.st: "));
  return message.empty() ? "" : message.substr(6);
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

const float floats[] = {1.5, -2, 3, 4, 5, std::numeric_limits<float>::quiet_NaN()};
const double doubles[] = {0.1, -1e300};
const std::int64_t longs[] = {INT64_MIN, 7};
const std::int32_t ints[] = {-5};

std::string small_file() {
  return to_safetensors_bytes({stored("i", {1}, ints), stored("w", {2, 3}, floats),
                               stored("n", {2}, longs), stored("d", {2}, doubles),
                               stored("none", {0, 4}, floats), stored("one", {}, doubles)},
                              {{"config", R"({"hidden":8})"}, {"é\n", "\x1b"}});
}

// This process may have so many bytes more of memory.
struct MemoryLimit {
  rlimit old;
  explicit MemoryLimit(rlim_t more) {
    const std::string pages = read_file("/proc/self/statm");   // the first number: all of them
    ::getrlimit(RLIMIT_AS, &old);
    rlimit limit{rlim_t(std::atoll(pages.c_str())) * rlim_t(::sysconf(_SC_PAGESIZE)) + more,
                 old.rlim_max};
    ::setrlimit(RLIMIT_AS, &limit);
  }
  ~MemoryLimit() { ::setrlimit(RLIMIT_AS, &old); }
};

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
  CHECK(flaw_of(file_of("{}", 0)) == "");
}

TEST_CASE("safetensors: copies keep the bytes alive") {
  SafeTensors copy;
  { SafeTensors file = parse_safetensors(small_file(), "m.st"); copy = file; }
  CHECK(copy.as_ints("i") == std::vector<std::int64_t>{-5});
}

TEST_CASE("safetensors: what is missing or of another type is named") {
  SafeTensors file = parse_safetensors(small_file(), "m.st");
  CHECK(file.find("zz") == nullptr);
  CHECK(file.find_metadata("zz") == nullptr);
  CHECK(error_of([&] { file.at("zz"); }) == "m.st: has no tensor \"zz\"");
  CHECK(error_of([&] { file.metadata_at("zz"); }) == "m.st: has no metadata \"zz\"");
  const std::string tensor = "m.st: tensor ";
  CHECK(error_of([&] { file.as_doubles("n"); }) == tensor + "\"n\" is I64, expected F32 or F64");
  CHECK(error_of([&] { file.as_ints("w"); }) == tensor + "\"w\" is F32, expected I32 or I64");
}

TEST_CASE("safetensors: what must not be written is refused") {
  auto refused = [](std::vector<StoredTensor> tensors, Metadata metadata = {}) {
    return error_of([&] { to_safetensors_bytes(tensors, metadata); });
  };
  CHECK(refused({stored("w", {1}, ints), stored("w", {2}, doubles)}) ==
        "safetensors: \"w\" occurs twice");
  CHECK(refused({stored("__metadata__", {1}, ints)}) ==
        "safetensors: \"__metadata__\" occurs twice");
  CHECK(refused({}, {{"a", ""}, {"a", ""}}) == "safetensors: \"a\" occurs twice");
  CHECK(refused({}, {{"crc32", "00000000"}}) == "safetensors: \"crc32\" occurs twice");
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
  CHECK(error_of([&] { read_safetensors(rnn, Checksum::required); }) ==
        rnn + ": has no checksum: it is damaged, or another program wrote it");
}

TEST_CASE("safetensors: a file goes to the disk and back, over the file it was read from") {
  Folder folder;
  std::string path = folder.path + "/m.safetensors";
  write_safetensors(path, {stored("w", {2, 3}, floats)}, {{"a", "b"}});
  SafeTensors file = read_safetensors(path, Checksum::required);
  write_safetensors(path, file.tensors, file.metadata);
  CHECK(*read_safetensors(path, Checksum::required).file == *file.file);
  CHECK(error_of([&] { read_safetensors(folder.path + "/no"); }) ==
        folder.path + "/no: cannot open: No such file or directory");
}

TEST_CASE("safetensors: every flipped bit is refused") {
  std::string bytes = small_file();
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit++) {
    std::string flipped = bytes;
    flipped[bit / 8] ^= char(1 << bit % 8);
    if (flaw_of(flipped, Checksum::required).empty()) FAIL("bit ", bit);
  }
}

TEST_CASE("safetensors: a checksum that is there must be right even where none is required") {
  std::string bytes = small_file();
  bytes.back() ^= 1;
  CHECK(flaw_of(bytes) == "checksum 0660e6ed does not match: the file is damaged, "
                      "or another program changed it");
  CHECK(flaw_of(file_of(R"({"__metadata__":{"crc32": "00000000"}})", 0)).starts_with("checksum"));
  CHECK(flaw_of(file_of("{}", 0), Checksum::required) ==
        "has no checksum: it is damaged, or another program wrote it");
}

TEST_CASE("safetensors: cut anywhere, or with a byte too many, a file is refused") {
  std::string bytes = small_file();
  std::string plain = entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", 8);
  for (const std::string& whole : {bytes, plain}) {
    CHECK(flaw_of(whole) == "");
    for (std::size_t length = 0; length < whole.size(); length++)
      if (flaw_of(whole.substr(0, length)) == "") FAIL("length ", length);
  }
  CHECK(flaw_of(plain + "x") == "1 bytes follow the last tensor, \"w\"");
  CHECK(flaw_of(bytes + "x") == "1 bytes follow the last tensor, \"w\"");
}

TEST_CASE("safetensors: a hole is told at once, a flaw of use with a wrong checksum, in one line") {
  const std::string bytes = small_file();
  const std::string damaged = "; and checksum 0660e6ed does not match: the file is damaged, or "
                              "another program changed it";
  std::string hole = bytes;                     // the first tensor is now of no numbers
  const auto change = [&](std::string_view from, std::string_view to) {
    const std::size_t at = hole.find(from);
    REQUIRE(at != hole.npos);
    hole.replace(at, from.size(), to);
  };
  change(R"("shape":[2],"data_offsets":[0,16])", R"("shape":[0],"data_offsets":[0, 0])");
  CHECK(flaw_of(hole) == "tensor \"n\" follows a gap of 16 bytes");
  CHECK(flaw_of(hole, Checksum::wanted) == flaw_of(hole));

  std::string flipped = bytes;
  flipped.back() ^= 1;
  const SafeTensors file = parse_safetensors(flipped, "m.st", Checksum::wanted);
  CHECK(!file.checksummed);
  CHECK(error_of([&] { check_use(file, [] {}); }) == "m.st: " + damaged.substr(6));
  CHECK(error_of([&] { check_use(file, [] { fail("m.st: missing x"); }); }) ==
        "m.st: missing x" + damaged);
  const SafeTensors sound = parse_safetensors(bytes, "m.st", Checksum::wanted);
  CHECK(error_of([&] { check_use(sound, [] {}); }) == "");
  CHECK(error_of([&] { check_use(sound, [] { fail("m.st: missing x"); }); }) == "m.st: missing x");
  const SafeTensors foreign = parse_safetensors(file_of("{}", 0), "m.st", Checksum::wanted);
  CHECK(error_of([&] { check_use(foreign, [] {}); }) ==
        "m.st: has no checksum: it is damaged, or another program wrote it");
}

TEST_CASE("safetensors: a file that is not as long as it says is refused before memory is taken") {
  Folder folder;
  const std::string path = folder.path + "/m.st";
  const auto sparse = [&](const std::string& beginning, off_t size) {
    write_file_atomically(path, beginning);
    REQUIRE(::truncate(path.c_str(), size) == 0);
    const MemoryLimit limit(32 << 20);
    return error_of([&] { read_safetensors(path); });
  };
  const std::string w = R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  const off_t large = off_t(3) << 30;
  CHECK(sparse(file_of(w, 8), large) ==
        join(path, ": ", large - 16 - off_t(w.size()), " bytes follow the last tensor, \"w\""));
  const std::string two = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                          R"("b":{"dtype":"I32","shape":[524288000],)"
                          R"("data_offsets":[4,2097152004]}})";
  CHECK(sparse(with_length(two.size(), two), off_t(8 + two.size()) + 2097152004) ==
        path + ": tensor \"b\" overlaps the one before it by 4 bytes");
  CHECK(sparse(with_length(99'000'000, w), 1000) ==
        path + ": is cut short: it has 1000 bytes, its header alone 99000000");
  CHECK(sparse("\x80\2\x8a\nl\xfc\x9c\x46\xf9", large).starts_with(path + ": is a Python pickle"));
  CHECK(sparse(with_length(w.size(), w), off_t(8 + w.size())) ==
        path + ": tensor \"w\": ends at byte 8 of 0: the file is cut short");

  REQUIRE(::mkfifo((folder.path + "/pipe").c_str(), 0600) == 0);
  for (const std::string& no : {folder.path + "/pipe", std::string("/dev/zero")})
    CHECK(error_of([&] { read_safetensors(no); }) == no + ": is a pipe or a device, not a file");
}

TEST_CASE("safetensors: a file is in memory once when it is made") {
  const std::vector<float> numbers(16 << 20);
  const MemoryLimit limit(100 << 20);           // once, and half as much again
  CHECK(error_of([&] {
    try {
      to_safetensors_bytes({stored("w", {16 << 20}, numbers.data())});
    } catch (const std::bad_alloc&) { fail("out of memory"); }
  }) == "");
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
  for (const auto& [bytes, reason] : cases) CHECK(flaw_of(bytes) == "" + reason);
}

TEST_CASE("safetensors: every flaw of a tensor's entry is named") {
  const std::string whole = "expected a whole number";
  struct { const char *shape, *offsets; int bytes; std::string flaw; } const cases[] = {
      {"[2]", "[0,8]", 8, ""},
      {"[]", "[0,4]", 4, ""},
      {"[3,0]", "[0,0]", 0, ""},
      {"[2]", "[0,8]", 7, "ends at byte 8 of 7: the file is cut short"},
      {"[2]", "[8,0]", 8, "data_offsets run backwards, 8 to 0"},
      {"[2]", "[0,4]", 4, "has 4 bytes, but (2,) of F32 needs 8"},
      {"[1]", "[0,8]", 8, "has 8 bytes, but (1,) of F32 needs 4"},
      {"[2]", "[0]", 8, "data_offsets are 1 numbers, not 2"},
      {"[2]", "[0,8,8]", 8, "data_offsets are 3 numbers, not 2"},
      {"[2]", "8", 8, "data_offsets: expected an array, found 8"},
      {"[2]", "[0,8.0]", 8, "data_offsets: " + whole + " of at least 0, found 8.0"},
      {"[2]", "[-8,0]", 8, "data_offsets: " + whole + " of at least 0, found -8"},
      {"[2]", "[18446744073709551608,8]", 8,
       "data_offsets run backwards, 18446744073709551608 to 8"},
      {"[2]", "[0,18446744073709551615]", 8,
       "ends at byte 18446744073709551615 of 8: the file is cut short"},
      {"[2.0]", "[0,8]", 8, "shape: " + whole + ", found 2.0"},
      {"[-2]", "[0,8]", 8, "shape: dimension -2 is outside 0 to 2147483647"},
      {"[2147483648]", "[0,8]", 8, "shape: dimension 2147483648 is outside 0 to 2147483647"},
      {"[2147483647,2147483647,4]", "[0,8]", 8,
       "shape: (2147483647, 2147483647, 4) has more elements than memory can address"},
      {"[1,1,1,1,1,1,1]", "[0,4]", 4, "shape: (1, 1, 1, 1, 1, 1) has the largest rank there is, 6"},
      {"2", "[0,8]", 8, "shape: expected an array, found 2"},
  };
  for (const auto& [shape, offsets, bytes, flaw] : cases) {
    const std::string json =
        join(R"({"dtype":"F32","shape":)", shape, R"(,"data_offsets":)", offsets, "}");
    CHECK(flaw_of(entry(json, bytes)) == (flaw.empty() ? "" : "tensor \"w\": " + flaw));
  }
  const auto flaw = [](std::string_view json) { return flaw_of(entry(json, 8)).substr(12); };
  CHECK(flaw("3") == "its entry: expected an object, found 3");
  CHECK(flaw(R"({"dtype":"BF16","shape":[2],"data_offsets":[0,4]})") ==
        "dtype BF16 is not one of F32, F64, I64, I32");
  CHECK(flaw(R"({"dtype":1,"shape":[2],"data_offsets":[0,4]})") ==
        "dtype: expected a string, found 1");
  CHECK(flaw(R"({"shape":[2],"data_offsets":[0,8]})") == "dtype is missing");
  CHECK(flaw(R"({"dtype":"F32","data_offsets":[0,8]})") == "shape is missing");
  CHECK(flaw(R"({"dtype":"F32","shape":[2]})") == "data_offsets is missing");
  CHECK(flaw(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1})") ==
        "more than dtype, shape and data_offsets");
}

TEST_CASE("safetensors: another program may begin anywhere, in any order, without metadata") {
  const std::string header =
      R"({"late":{"dtype":"F64","shape":[1],"data_offsets":[4,12]},)"
      R"("early":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  for (int blanks = 0; blanks < 9; blanks++) {
    std::string data(12, '\0');
    std::memcpy(data.data(), &floats[1], 4), std::memcpy(data.data() + 4, &doubles[1], 8);
    const std::string padded = header + std::string(blanks, ' ');
    const SafeTensors file = parse_safetensors(with_length(padded.size(), padded) + data, "m.st");
    CHECK(file.without_checksum);
    CHECK(file.metadata.empty());
    CHECK(file.as_doubles("late") == std::vector<double>{-1e300});
    CHECK(file.as_doubles("early") == std::vector<double>{-2});
    CHECK(file.tensors[0].name == "early");
  }
  CHECK_FALSE(parse_safetensors(small_file(), "m.st").without_checksum);
}

TEST_CASE("safetensors: tensors lie side by side and fill the file") {
  auto two = [](int begin_a, int end_a, int begin_b, int end_b, int bytes) {
    auto item = [](int begin, int end) {
      return join(R"({"dtype":"I32","shape":[)", (end - begin) / 4, R"(],"data_offsets":[)", begin,
                  ",", end, "]}");
    };
    std::string header =
        join("{\"a\":", item(begin_a, end_a), ",\"b\":", item(begin_b, end_b), "}");
    return flaw_of(file_of(header, bytes));
  };
  CHECK(two(0, 8, 8, 12, 12) == "");
  CHECK(two(4, 12, 0, 4, 12) == "");
  CHECK(two(0, 8, 8, 8, 8) == "");
  CHECK(two(0, 0, 0, 8, 8) == "");
  CHECK(two(0, 8, 12, 16, 16) == "tensor \"b\" follows a gap of 4 bytes");
  CHECK(two(4, 8, 8, 16, 16) == "tensor \"a\" follows a gap of 4 bytes");
  CHECK(two(0, 8, 4, 12, 12) == "tensor \"b\" overlaps the one before it by 4 bytes");
  CHECK(two(0, 8, 0, 8, 8) == "tensor \"b\" overlaps the one before it by 8 bytes");
  CHECK(two(0, 8, 4, 4, 8) == "tensor \"b\" overlaps the one before it by 4 bytes");
  CHECK(two(0, 8, 8, 12, 16) == "4 bytes follow the last tensor, \"b\"");
  CHECK(flaw_of(file_of("{}", 4)) == "4 bytes follow the last tensor");
}

TEST_CASE("safetensors: a bad header is refused") {
  const auto flaw = [](const std::string& header) { return flaw_of(file_of(header, 0)); };
  const std::string w = R"({"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  CHECK(flaw("{\"a\":1,}") == "header: byte 7: expected a key in double quotes");
  CHECK(flaw(w + "," + w.substr(1) + "}") == "header: byte 54: key \"w\" occurs twice");
  CHECK(flaw(w + "}   \n") == "");
  CHECK(flaw(w + "}x") == "header: byte 54: something follows the value");
  CHECK(flaw("{\"\xFF\":1}") == "header: byte 2: not UTF-8");
  CHECK(flaw(R"({"__metadata__":{"a":1}})") == "__metadata__ \"a\": expected a string, found 1");
  CHECK(flaw(R"({"__metadata__":null})") == "__metadata__: expected an object, found null");
  CHECK(flaw(R"({"__metadata__":{"a":"x","a":"y"}})") == "header: byte 25: key \"a\" occurs twice");
}

TEST_CASE("safetensors: hostile names make short, harmless messages") {
  std::string name = "\\u001b[2J" + std::string(5000, 'x');
  std::string message = flaw_of(file_of("{\"" + name + "\":{}}", 0));
  CHECK(message.starts_with("tensor \"\\x1B[2Jxxx"));
  CHECK(message.size() < 300);
  message = error_of([] { parse_safetensors("", std::string(5000, '\n')); });
  CHECK(message.size() < 300);
  CHECK(message.find('\n') == message.npos);
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
    std::string reason = error_of([&] {
      std::size_t total = 0;
      SafeTensors file = parse_safetensors(changed, "m.st");
      for (const auto& [name, dtype, shape, bytes] : file.tensors) {
        total += bytes_of(shape, dtype);
        crc32(bytes);                           // reads them all
      }
      if (total > changed.size()) FAIL("more bytes than the file has");
    });
    if (reason != "" && !reason.starts_with("m.st: ")) FAIL(reason);
  }
}
