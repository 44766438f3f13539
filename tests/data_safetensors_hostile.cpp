// A weight file is read as if an enemy had written it.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <new>

#include "tests/folder.h"
#include "tests/safetensors_bytes.h"

using namespace babelgrad;

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
  CHECK(why(bytes + "x") == "m.st: 1 bytes follow the last tensor");
}

TEST_CASE("safetensors: a flaw is told with a wrong checksum, in one line") {
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
  CHECK(why(hole) == "m.st: tensor \"n\" comes after a hole of 16 bytes" + damaged);
  CHECK(why(hole, Checksum::wanted) == why(hole));

  std::string flipped = bytes;
  flipped.back() ^= 1;
  const SafeTensors file = parse_safetensors(flipped, "m.st", Checksum::wanted);
  CHECK(!file.checksummed);
  CHECK(refusal([&] { check_use(file, [] {}); }) == "m.st: " + damaged.substr(6));
  CHECK(refusal([&] { check_use(file, [] { fail("m.st: missing x"); }); }) ==
        "m.st: missing x" + damaged);
  const SafeTensors sound = parse_safetensors(bytes, "m.st", Checksum::wanted);
  CHECK(refusal([&] { check_use(sound, [] {}); }) == "accepted");
  CHECK(refusal([&] { check_use(sound, [] { fail("m.st: missing x"); }); }) == "m.st: missing x");
  const SafeTensors foreign = parse_safetensors(file_of("{}", 0), "m.st", Checksum::wanted);
  CHECK(refusal([&] { check_use(foreign, [] {}); }) ==
        "m.st: has no checksum: it is damaged, or another program wrote it");
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

TEST_CASE("safetensors: a file that is not as long as it says is refused before memory is taken") {
  Folder folder;
  const std::string path = folder.path + "/m.st";
  const auto sparse = [&](const std::string& beginning, off_t size) {
    write_file_atomically(path, beginning);
    REQUIRE(::truncate(path.c_str(), size) == 0);
    const MemoryLimit limit(32 << 20);
    return refusal([&] { read_safetensors(path); });
  };
  const std::string w = R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  const off_t large = off_t(3) << 30;
  CHECK(sparse(file_of(w, 8), large) ==
        join(path, ": ", large - 16 - off_t(w.size()), " bytes follow the last tensor"));
  CHECK(sparse(with_length(99'000'000, w), 1000) ==
        path + ": is cut short: it has 1000 bytes, its header alone 99000000");
  CHECK(sparse("\x80\2\x8a\nl\xfc\x9c\x46\xf9", large).starts_with(path + ": is a Python pickle"));
  CHECK(sparse(with_length(w.size(), w), off_t(8 + w.size())) ==
        path + ": tensor \"w\": ends at byte 8 of 0: the file is cut short");

  REQUIRE(::mkfifo((folder.path + "/pipe").c_str(), 0600) == 0);
  for (const std::string& other : {folder.path + "/pipe", std::string("/dev/zero")})
    CHECK(refusal([&] { read_safetensors(other); }).ends_with("is a pipe or a device, not a file"));
}

TEST_CASE("safetensors: a file is in memory once when it is made") {
  const std::vector<float> numbers(16 << 20);
  const MemoryLimit limit(100 << 20);           // once, and half as much again
  CHECK(refusal([&] {
    try {
      to_safetensors_bytes({stored("w", {16 << 20}, numbers.data())});
    } catch (const std::bad_alloc&) { fail("out of memory"); }
  }) == "accepted");
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
