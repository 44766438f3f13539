#include "tests/folder.h"
#include "tests/safetensors_bytes.h"

using namespace babelgrad;

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
  Folder folder;
  std::string path = folder.path + "/m.safetensors";
  write_safetensors(path, {stored("w", {2, 3}, floats)}, {{"a", "b"}});
  SafeTensors file = read_safetensors(path, Checksum::required);
  write_safetensors(path, file.tensors, file.metadata);
  CHECK(*read_safetensors(path, Checksum::required).file == *file.file);
  CHECK(refusal([&] { read_safetensors(folder.path + "/no"); }) ==
        folder.path + "/no: cannot open: No such file or directory");
}
