#include "tools/app/view/sha256.h"

#include <doctest/doctest.h>

using namespace babelgrad;

namespace {

std::string hex(std::string_view bytes) {
  std::string out;
  for (std::uint8_t byte : sha256(bytes))
    (out += "0123456789abcdef"[byte >> 4]) += "0123456789abcdef"[byte & 15];
  return out;
}

}  // namespace

TEST_CASE("sha256: the examples of FIPS 180-4") {
  CHECK(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hex("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
            "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu") ==
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  CHECK(hex(std::string(1000000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("sha256: every length around a block, where the padding changes") {
  // Chained: each digest is the beginning of the next message.
  std::string message;
  for (int length = 0; length < 200; length++) {
    message.resize(length, 'x');
    const Digest digest = sha256(message);
    message.replace(0, std::min<std::size_t>(32, message.size()),
                    std::string(digest.begin(), digest.end()).substr(0, message.size()));
  }
  CHECK(hex(message) == "acf73d674a4bc31bb5f832d7aff55c49dc5a90ce93b9ea32a84ab73009b7ecf3");
}

TEST_CASE("base64: the examples of RFC 4648, and every letter") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foob") == "Zm9vYg==");
  CHECK(base64("fooba") == "Zm9vYmE=");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xFB\xEF\xBE\xFF\xFF\xFF") == "++++////");
}

TEST_CASE("csp_hash: as openssl dgst -sha256 -binary | base64 says it") {
  CHECK(csp_hash("abc") == "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='");
}
