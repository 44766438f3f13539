#include "data/utf8.h"

#include <doctest/doctest.h>

#include "tensor/check.h"
#include "tensor/random.h"

using namespace babelgrad;

namespace {

std::string by_hand(int code) {                 // as UTF-8 would, surrogates too
  auto tail = [&](int shift) { return char(0x80 | (code >> shift & 63)); };
  if (code < 0x80) return std::string(1, char(code));
  if (code < 0x800) return {char(0xC0 | code >> 6), tail(0)};
  if (code < 0x10000) return {char(0xE0 | code >> 12), tail(6), tail(0)};
  return {char(0xF0 | code >> 18), tail(12), tail(6), tail(0)};
}

}  // namespace

TEST_CASE("first_code_point: UTF-8 and only UTF-8") {
  struct { std::string text; int value, bytes; } const cases[] = {
      {"a", 'a', 1},       {"é", 0xE9, 2},      {"語", 0x8A9E, 3},       {"😀", 0x1F600, 4},
      {"\x80", -1, 1},     {"\xC3", -1, 1},     {"\xC3(", -1, 1},        {"\xC0\x80", -1, 1},
      {"\xE0\x80\xAF", -1, 1}, {"\xED\xA0\x80", -1, 1}, {"\xF4\x90\x80\x80", -1, 1},
      {"\xF8\x88\x80\x80\x80", -1, 1}, {"\xFF", -1, 1}, {"\xF0\x9F\x98", -1, 1},
      {std::string(1, '\0'), 0, 1}, {"\xF4\x8F\xBF\xBF", 0x10FFFF, 4}};
  for (const auto& c : cases) {
    CHECK(first_code_point(c.text).value == c.value);
    CHECK(first_code_point(c.text).bytes == c.bytes);
    CHECK(first_code_point(c.text + "a").bytes == c.bytes);
    CHECK(invalid_utf8(c.text) == (c.value < 0 ? 0 : -1));
  }
  CHECK(first_code_point("").value == -1);
  CHECK(first_code_point("").bytes == 0);
}

TEST_CASE("first_code_point and encode_utf8: every code point there and back, surrogates not") {
  for (int code = 0; code < 0x120000; code++) {
    std::string s = by_hand(code);
    bool none = (code >= 0xD800 && code < 0xE000) || code > 0x10FFFF;
    CodePoint c = first_code_point(s), cut = first_code_point(s.substr(0, s.size() - 1));
    if (c.value != (none ? -1 : code) || c.bytes != (none ? 1 : int(s.size()))) FAIL(code);
    if (cut.value != -1 || cut.bytes != (s.size() > 1)) FAIL(code);
    if (!none && encode_utf8(code) != s) FAIL(code);
  }
  CHECK_THROWS_WITH_AS(encode_utf8(0xD800), "encode_utf8: 55296 is no code point", Error);
  CHECK_THROWS_AS(encode_utf8(0xDFFF), Error);
  CHECK_THROWS_AS(encode_utf8(0x110000), Error);
  CHECK_THROWS_AS(encode_utf8(-1), Error);
}

TEST_CASE("each_code_point: characters and malformed bytes in their order, nothing lost") {
  std::string values, bytes;
  each_code_point("aé\xE2\x80語", [&](int value, std::string_view piece) {
    values += join(value, " ");
    bytes += join(piece, "|");
  });
  CHECK(values == "97 233 -1 -1 35486 ");
  CHECK(bytes == "a|é|\xE2|\x80|語|");
}

TEST_CASE("invalid_utf8: finds the first malformed sequence") {
  CHECK(invalid_utf8("") == -1);
  CHECK(invalid_utf8("plain, é, ’, 語, 😀, \xF4\x8F\xBF\xBF") == -1);
  CHECK(invalid_utf8("ab\x80") == 2);                    // a continuation byte alone
  CHECK(invalid_utf8("é\xC0\xAF") == 2);                 // overlong slash
  CHECK(invalid_utf8("\xC1\xBF") == 0);
  CHECK(invalid_utf8("a\xE0\x9F\xBF") == 1);             // overlong, three bytes
  CHECK(invalid_utf8("\xF0\x8F\xBF\xBF") == 0);          // overlong, four bytes
  CHECK(invalid_utf8("\xED\x9F\xBF\xED\xA0\x80") == 3);  // U+D800
  CHECK(invalid_utf8("\xED\xBF\xBF") == 0);              // U+DFFF
  CHECK(invalid_utf8("\xF4\x90\x80\x80") == 0);          // U+110000
  CHECK(invalid_utf8("\xF5\x80\x80\x80") == 0);
  CHECK(invalid_utf8("\xF8\x88\x80\x80\x80") == 0);
  CHECK(invalid_utf8("\xFF\xFE") == 0);
  CHECK(invalid_utf8("ok\xE2\x80") == 2);                // cut
  CHECK(invalid_utf8("ok\xC3") == 2);
  CHECK(invalid_utf8("\xE2\x80z") == 0);
  CHECK(invalid_utf8(std::string_view("a\0b", 3)) == -1);
}

TEST_CASE("display_width: marks take no column, CJK two") {
  CHECK(display_width("") == 0);
  CHECK(display_width("été") == 3);
  CHECK(display_width("e\u0301te\u0301") == 3);
  CHECK(display_width("日本 ok") == 7);
  CHECK(display_width("한😀") == 4);
  CHECK(display_width("a\u200D\uFE0F\n\x1B\u0085") == 1);
  CHECK(display_width("\xFF") == 1);
  CHECK(display_width("garçon") == 6);
  CHECK(display_width("日本語") == 6);
  CHECK(display_width("😀") == 2);
  CHECK(display_width("█░…") == 3);
  CHECK(display_width("か\u3099") == 2);                // a mark among the wide letters
  CHECK(display_width("\u202Ea\u2028\u061C\uFEFF") == 1);
  CHECK(display_width("שָׁלוֹם กี่ வி க்") == 11);           // points and vowels of any script
  CHECK(display_width("\u1112\u1161\u11AB") == 2);       // Hangul in its letters
  CHECK(display_width("⌚⏰🀄🪐 ⁉♥\u00AD") == 12);
}

TEST_CASE("unpack: differences in base 31, and ranges of these") {
  CHECK(unpack("").empty());
  CHECK(unpack("@B\nA^\n`A}^_A") == std::vector<int>{0, 1, 0, 15, 31, 511, 495});
  CHECK(unpack("BDBA", 2) == std::vector<int>{1, 2, 2, 1});
  const std::vector<int> ranges = unpack("@BFF");
  for (int c = 0; c < 10; c++) CHECK(within(c, ranges) == (c == 0 || (c >= 4 && c <= 6)));
  CHECK(!within(0, {}));
}

TEST_CASE("printable: nothing can drive a terminal") {
  CHECK(printable("\x1B[31m\n\t\r\x7F") == "\\x1B[31m\\x0A\\x09\\x0D\\x7F");
  CHECK(printable(std::string_view("a\0b", 3)) == "a\\x00b");
  CHECK(printable("\u009B2J") == "\\xC2\\x9B2J");                 // CSI as a C1 control
  CHECK(printable("\x9B") == "\\x9B");
  CHECK(printable("abc\u202Etxt") == "abc\\xE2\\x80\\xAEtxt");     // bidi override
  CHECK(printable("\u2067\u061C\u2028") == "\\xE2\\x81\\xA7\\xD8\\x9C\\xE2\\x80\\xA8");
  CHECK(printable("\xE2\x80") == "\\xE2\\x80");
  CHECK(printable("garçon 日本 e\u0301 \\ \"") == "garçon 日本 e\u0301 \\ \"");
  CHECK(printable("\33[31m\r\n\t\x7F") == "\\x1B[31m\\x0D\\x0A\\x09\\x7F");
  CHECK(printable("\u0085\u009B") == "\\xC2\\x85\\xC2\\x9B");
  CHECK(printable("\u202Eevil\u2066") == "\\xE2\\x80\\xAEevil\\xE2\\x81\\xA6");
  CHECK(printable("\u2028\u200F\uFEFF\uFFFE") ==
        "\\xE2\\x80\\xA8\\xE2\\x80\\x8F\\xEF\\xBB\\xBF\\xEF\\xBF\\xBE");
  CHECK(printable("caf\xE9!") == "caf\\xE9!");
  CHECK(printable("plain é 日 𝄞") == "plain é 日 𝄞");
  CHECK(printable("\xC2\x85\xC2\xA0") == "\\xC2\\x85\xC2\xA0");
  CHECK(printable("\xE2\x80\xAE\xE2\x80\xA8\xE2\x81\xA6") ==
        "\\xE2\\x80\\xAE\\xE2\\x80\\xA8\\xE2\\x81\\xA6");
  CHECK(printable("\u2029\uFFFF\uFFFD") == "\\xE2\\x80\\xA9\\xEF\\xBF\\xBF\uFFFD");
  CHECK(printable("a\xFF\xE9z") == "a\\xFF\\xE9z");
  CHECK(printable(printable("\x1b\xFF")) == printable("\x1b\xFF"));
}

TEST_CASE("printable: past the limit, in bytes, it ends between characters in ...") {
  CHECK(printable("abcdef", 6) == "abcdef");
  CHECK(printable("abcdefg", 6) == "abcdef...");
  CHECK(printable("ab\n", 5) == "ab...");
  CHECK(printable("éééé", 6) == "ééé...");
  CHECK(printable("éééé", 7) == "ééé...");
  CHECK(printable("ééé", 6) == "ééé");
  CHECK(printable("abc", 0) == "...");
  CHECK(printable("", 0) == "");
  CHECK(printable(std::string(100000, 'a')).size() == 100000);
}

TEST_CASE("printable: any bytes give clean UTF-8") {
  Random random(3);
  for (int i = 0; i < 20000; i++) {
    std::string bytes;
    for (int n = random.below(12); n > 0; n--) bytes += char(random.below(256));
    std::string shown = printable(bytes);
    CHECK(invalid_utf8(shown) == -1);
    CHECK(printable(shown) == shown);
    CHECK(display_width(bytes) >= 0);
  }
}
