// Code points: read, written, measured, shown, and what kind of character each is.
#include "data/utf8.h"

#include <sstream>

#include "data/text.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

std::string utf8_by_hand(int code) {            // surrogates too
  auto tail = [&](int shift) { return char(0x80 | (code >> shift & 63)); };
  if (code < 0x80) return std::string(1, char(code));
  if (code < 0x800) return {char(0xC0 | code >> 6), tail(0)};
  if (code < 0x10000) return {char(0xE0 | code >> 12), tail(6), tail(0)};
  return {char(0xF0 | code >> 18), tail(12), tail(6), tail(0)};
}

// "0061 0315" -> a and U+0315
std::u32string code_points(const std::string& hex) {
  std::istringstream in(hex);
  std::u32string out;
  for (std::string one; in >> one;) out += char32_t(std::stoul(one, nullptr, 16));
  return out;
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
    std::string s = utf8_by_hand(code);
    bool none = (code >= 0xD800 && code < 0xE000) || code > 0x10FFFF;
    CodePoint c = first_code_point(s), cut = first_code_point(s.substr(0, s.size() - 1));
    if (c.value != (none ? -1 : code) || c.bytes != (none ? 1 : int(s.size()))) FAIL(code);
    if (cut.value != -1 || cut.bytes != (s.size() > 1)) FAIL(code);
    if (!none && encode_utf8(code) != s) FAIL(code);
  }
  for (int none : {0xD800, 0xDFFF, 0x110000, -1})
    CHECK(error_of([&] { encode_utf8(none); }) ==
          join("encode_utf8: ", none, " is no code point"));
}

TEST_CASE("decode_utf8 and encode_utf8: a text goes round, what is no text is refused") {
  std::u32string all;
  for (char32_t c = 0; c <= 0x10FFFF; c++)
    if (c < 0xD800 || c > 0xDFFF) all += c;
  std::string bytes = encode_utf8(all);
  CHECK(bytes.size() == 128 + 2 * 1920 + 3 * 61440 + 4 * 1048576);
  CHECK(decode_utf8(bytes) == all);
  CHECK(encode_utf8(U"é’語😀") == "é’語😀");
  CHECK_THROWS_WITH(decode_utf8("a\xFF"), "decode_utf8: byte 2 is not UTF-8: a\\xFF");
  CHECK_THROWS_WITH(encode_utf8(std::u32string(1, char32_t(0xD800))),
                    "encode_utf8: 55296 is no code point");
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
  struct { std::string_view text; Index at; } const cases[] = {
      {"", -1}, {"plain, é, ’, 語, 😀, \xF4\x8F\xBF\xBF", -1}, {{"a\0b", 3}, -1},
      {"ab\x80", 2}, {"é\xC0\xAF", 2}, {"\xC1\xBF", 0}, {"a\xE0\x9F\xBF", 1},
      {"\xF0\x8F\xBF\xBF", 0}, {"\xED\x9F\xBF\xED\xA0\x80", 3}, {"\xED\xBF\xBF", 0},
      {"\xF5\x80\x80\x80", 0}, {"\xFF\xFE", 0}, {"ok\xE2\x80", 2}, {"ok\xC3", 2}, {"\xE2\x80z", 0}};
  for (const auto& [text, at] : cases) CHECK(invalid_utf8(text) == at);
}

TEST_CASE("display_width: marks take no column, CJK two") {
  struct { std::string_view text; int width; } const cases[] = {
      {"", 0}, {"été", 3}, {"e\u0301te\u0301", 3}, {"日本 ok", 7}, {"한😀", 4}, {"\xFF", 1},
      {"a\u200D\uFE0F\n\x1B\u0085", 1}, {"█░…", 3}, {"か\u3099", 2},  // a mark among the wide
      {"\u202Ea\u2028\u061C\uFEFF", 1}, {"\u1112\u1161\u11AB", 2},    // Hangul in its letters
      {"שָׁלוֹם กี่ வி க்", 11}, {"⌚⏰🀄🪐 ⁉♥\u00AD", 12}};         // points and vowels
  for (const auto& it : cases) CHECK_MESSAGE(display_width(it.text) == it.width, it.text);
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
  struct { std::string_view text; const char* shown; } const cases[] = {
      {"\x1B[31m\n\t\r\x7F", "\\x1B[31m\\x0A\\x09\\x0D\\x7F"},
      {{"a\0b", 3}, "a\\x00b"},
      {"\u0085\u009B2J", "\\xC2\\x85\\xC2\\x9B2J"},           // CSI as a C1 control
      {"\x9B", "\\x9B"},
      {"abc\u202Etxt\u2066", "abc\\xE2\\x80\\xAEtxt\\xE2\\x81\\xA6"},   // what turns directions
      {"\u2067\u061C\u2028", "\\xE2\\x81\\xA7\\xD8\\x9C\\xE2\\x80\\xA8"},
      {"\u200F\uFEFF\uFFFE", "\\xE2\\x80\\x8F\\xEF\\xBB\\xBF\\xEF\\xBF\\xBE"},
      {"\u2029\uFFFF\uFFFD", "\\xE2\\x80\\xA9\\xEF\\xBF\\xBF\uFFFD"},
      {"\xE2\x80", "\\xE2\\x80"},
      {"a\xFF\xE9z", "a\\xFF\\xE9z"},
      {"garçon 日本 e\u0301 𝄞\u00A0 \\ \"", "garçon 日本 e\u0301 𝄞\u00A0 \\ \""}};
  for (const auto& [text, shown] : cases) {
    CHECK(printable(text) == shown);
    CHECK(printable(shown) == shown);
  }
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
TEST_CASE("lower and upper: every script that has capitals, one letter for one") {
  CHECK(lower("ABCXYZ @[`{ 09") == "abcxyz @[`{ 09");
  CHECK(lower("ÀÉÎÕÖ×ØÞßÿ ĀĎİıĶĸĹŇŊŒŸŽſ") == "àéîõö×øþßÿ āďiıķĸĺňŋœÿžſ");
  CHECK(lower("ΆΈΊΌΎΏΑΡΣΫς ЀЁЏАЯѠҐӀӁӐ") == "άέίόύώαρσϋς ѐёџаяѡґӏӂӑ");
  CHECK(lower("\xFF" "A\xC3") == "\xFF" "a\xC3");
  CHECK(lower("Ở ĐÂY ẤM ƯƠNG Ạ ỸẴ") == "ở đây ấm ương ạ ỹẵ");               // Vietnamese
  CHECK(lower("ƁƊƎƏƔƖ ǍǑ ǄǅǇ ȘȚȮ ẞ Ω K") == "ɓɗǝəɣɩ ǎǒ ǆǆǉ șțȯ ß ω k");
  CHECK(lower("ἈᾺᾼ ΐΑ") == "ἀὰᾳ ΐα");                                       // Greek
  CHECK(lower("ԱԲՖ ᲐᲑᲿ ႠჅ Ⴭ") == "աբֆ აბჿ ⴀⴥ ⴭ");            // Armenian, Georgian
  CHECK(lower("ԀԮ Ⰰ Ⲁ Ꭰ Ᏽ 𐐀𐐧 𞤀 Ａ Ⅷ Ⓐ") == "ԁԯ ⰰ ⲁ ꭰ ᏽ 𐐨𐑏 𞤢 ａ ⅷ ⓐ");
  for (char32_t c = 0; c < 0x110000; c++) {
    if (lower(lower(c)) != lower(c)) FAIL_CHECK(int(c));
    if (upper(c) != c && lower(upper(c)) != c) FAIL_CHECK(int(c));
  }
  std::u32string capital;
  for (char32_t c : std::u32string(U"aizàéöøÿāğłœžșάέθσωяёџѣ")) capital += upper(c);
  CHECK(encode_utf8(capital) == "AIZÀÉÖØŸĀĞŁŒŽȘΆΈΘΣΩЯЁЏѢ");
  for (char32_t c : std::u32string(U"ß÷ı語AÉ3'")) CHECK(upper(c) == c);
}

TEST_CASE("letters: every character is of one kind, in every script") {
  for (char32_t c : std::u32string(U"azAZéßŒЯ語ñ")) CHECK_MESSAGE(is_letter(c), int(c));
  for (char32_t c : std::u32string(U"0'-. ’«\u00A0\u00AD$€×😀_")) CHECK_FALSE(is_letter(c));
  for (char32_t c : std::u32string(U"#$%&*+/<=>@\\^_`|~€°→")) CHECK_MESSAGE(is_symbol(c), int(c));
  for (char32_t c : std::u32string(U"¡؟،؛۔।॥։׃჻።፣၊။។๏、。〈「｡，！？：；（）“‹„—†…‼⁇⸮।᠃〽߸"))
    CHECK_MESSAGE(is_punctuation(c), int(c));
  for (char32_t c : std::u32string(U"#%&*/@\\_§¶‰′※＃％﹫٪‿-־‐‑－'’＇՚"))
    CHECK_FALSE_MESSAGE(is_punctuation(c), int(c));
  for (char32_t c : std::u32string(U"$¢₹₿×÷∀←♥😀🫠")) CHECK_MESSAGE(is_symbol(c), int(c));
  for (char32_t c = 0; c < 0x110000; c++) {
    const int kinds = is_letter(c) + is_blank(c) + is_punctuation(c) + is_symbol(c) +
                      is_hyphen(c) * !is_letter(c) + is_invisible(c);
    if (kinds > 1) FAIL_CHECK(int(c));
  }
}

// As Unicode's NormalizationTest.txt has them; all of its 19,074 rows hold.
TEST_CASE("composed: singletons, exclusions, the order of marks, Hangul") {
  struct { const char *source, *composed; } const rows[] = {
      {"212B", "00C5"}, {"0041 030A", "00C5"}, {"0344", "0308 0301"}, {"0958", "0915 093C"},
      {"FB2C", "05E9 05BC 05C1"}, {"1E9B 0323", "1E9B 0323"}, {"0073 0323 0307", "1E69"},
      {"0061 0315 0300 05AE 0062", "00E0 05AE 0315 0062"}, {"1100 1161 11A8", "AC01"},
      {"AC00 11A7", "AC00 11A7"}, {"1100 0300 1161", "1100 0300 1161"},
      {"0B47 0300 0B3E", "0B47 0300 0B3E"},
      {"09C7 09BE", "09CB"}, {"2F868", "36FC"}, {"1D15E", "1D157 1D165"}, {"01C4", "01C4"},
      {"0F73", "0F71 0F72"}, {"11131 11127", "1112E"}, {"0055 0308 0304", "01D5"},
      {"1F82 0300", "1F82 0300"}, {"03B1 0313 0300 0345", "1F82"}, {"037E", "003B"}};
  for (const auto& row : rows) {
    CAPTURE(row.source);
    CHECK(composed(code_points(row.source)) == code_points(row.composed));
    CHECK(composed(code_points(row.composed)) == code_points(row.composed));
  }
}
