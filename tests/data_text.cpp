// Text from characters to tokens and back. What Moses makes follows from the rules of its scripts
// tokenizer.perl and normalize-punctuation.perl, worked out by hand; most of it are the rows of
// tests/golden/text.json.
#include "data/text.h"

#include <doctest/doctest.h>

#include <map>

#include "data/file.h"
#include "data/json.h"
#include "tensor/check.h"
#include "tensor/random.h"

using namespace babelgrad;

namespace {

constexpr Tokenizer tokenizers[] = {Tokenizer::book, Tokenizer::standard, Tokenizer::moses};

std::string book(std::string_view s) { return join(tokenize(s, Tokenizer::book)); }
std::string standard(std::string_view s) { return join(tokenize(s, Tokenizer::standard)); }
std::string moses(std::string_view s) { return join(tokenize(s, Tokenizer::moses)); }
std::string english(std::string_view s) { return detokenize(split(s), Language::english); }
std::string french(std::string_view s) { return detokenize(split(s), Language::french); }
std::string german(std::string_view s) { return detokenize(split(s), Language::german); }

// The script that is said to have no blanks; empty if there is no such note.
std::string unspaced(const std::vector<std::string>& lines) {
  std::vector<Tokens> sentences;
  for (const std::string& line : lines) sentences.push_back(tokenize(line, Tokenizer::standard));
  const std::string note = unspaced_note("it", sentences);
  return note.substr(0, note.find(" without")).substr(note.empty() ? 0 : 12);
}

}  // namespace

TEST_CASE("text: what each row of text.json says") {
  const std::map<std::string, std::string (*)(std::string_view)> functions = {
      {"book", book},       {"standard", standard}, {"moses", moses}, {"english", english},
      {"french", french},   {"german", german},     {"unescape_moses", unescape_moses},
      {"capitalized", capitalized}};
  const Json groups = parse_json(read_file("tests/golden/text.json"), "text.json");
  for (const auto& group : groups.as_object()) {
    for (const Json& row : group.second.as_array()) {
      const Json::Array& it = row.as_array();
      const std::string in = it.at(1).as_string(), said = functions.at(it[0].as_string())(in);
      CHECK_MESSAGE(said == it.at(2).as_string(), group.first, ": ", it[0].as_string(), " of ", in);
    }
  }
  CHECK(capitalized("\xFF" "a") == "\xFF" "a");
}

TEST_CASE("cased: as standard, but that capitals stay") {
  const auto cased = [](std::string_view s) { return join(tokenize(s, Tokenizer::cased)); };
  CHECK(cased("Der alte Hund schläft.") == "Der alte Hund schläft .");
  CHECK(cased("L'Oiseau, HE'S") == "L' Oiseau , HE 'S");
  for (const char* text : {"L'Oiseau chante; he's here, U.S. or not!", "JUSQU'ICI: IT'S O'Clock",
                           "E\u0301te\u0301 (https://A.b/C)."})
    CHECK(lower(cased(text)) == standard(text));
}

TEST_CASE("plain_blanks and split: every Unicode blank parts words") {
  CHECK(plain_blanks("a\u202F!\u00A0b\u3000c\td\u2009e") == "a ! b c d e");
  CHECK(plain_blanks("\u200B\xA0") == "\u200B\xA0");
  CHECK(split("") == Tokens{});
  CHECK(split(" \t\u00A0 ") == Tokens{});
  CHECK(split("  a\u2028bc \v d\r") == Tokens{"a", "bc", "d"});
  CHECK(join(Tokens{}) == "");
  CHECK(join(Tokens{"a", "bc", "d"}) == "a bc d");
}

TEST_CASE("tokenize standard and moses: what is tokenised already stays as it is") {
  for (std::string s : {"the king 's horse", "est-ce qu' ils trouvent la femme verte ?",
                        "un groupe d&apos; hommes , l&apos; eau &amp; &quot; &#39; .",
                        "mr. smith lives at st. john 's in the u.s. .", "he doesn 't know ...",
                        "l' ami de l' oiseau n' a pas l' or .", "the dogs ' friends", "1,5 m .",
                        "aujourd&apos; hui .", "q &amp; a ?", "chef-d&apos; oeuvre"})
    CHECK(standard(s) == s);
  for (std::string s : {"sits on a woman &apos;s shoulders .", "q &amp; a .",
                        "un groupe d&apos; hommes devant un mcdonald&apos; s.",
                        "bei mcdonald &apos; s gamecube .", "the king 's horse", "l' ami",
                        "&quot; r.e.m. &quot; straße. ein mann &#91; ... &#93;",
                        "eine u-bahn , bzw. die 3. straße -", "texas a &amp; amp ; m"}) {
    std::string escaped;
    for (char c : s) escaped += c == '\'' ? "&apos;" : std::string(1, c);
    CHECK(moses(s) == escaped);
    CHECK(moses(escaped) == escaped);
  }
  CHECK(moses("A woman &apos;s  Hat .") == "a woman &apos;s hat .");
}

TEST_CASE("tokenize: a second time changes nothing") {
  const std::vector<std::string> pieces = {"a", "l", "qu", "s", "t", "re", "don", "3", "é", "'",
    "'", "’", ".", ".", ",", "...", "-", " ", " ", " ", "\u00A0", "!", "«", "&apos;", "&", ";", "(",
    "U.S.", "#", "…", "—", "\u00AD", "Z.", "no.", "mr.", "am", "]", "`", "\""};
  Random random(11);
  for (int i = 0; i < 100000; i++) {
    std::string s;
    for (int n = random.below(12); n > 0; n--) s += pieces[random.below(int(pieces.size()))];
    if (standard(standard(s)) != standard(s) || moses(moses(s)) != moses(s)) FAIL_CHECK(s);
  }
}

TEST_CASE("tokenize: malformed bytes are refused, long rows of anything take no long time") {
  for (Tokenizer t : tokenizers)
    CHECK_THROWS_WITH(tokenize("ab\xC3", t), "tokenize: byte 3 is not UTF-8: ab\\xC3");
  CHECK_THROWS_AS(tokenize("\xED\xA0\x80", Tokenizer::standard), Error);
  for (std::string piece : {"'", "l'", "a'", ".", "&", "a.", "’", ",", "&apos;", "a. ", "' "}) {
    std::string row;
    for (int i = 0; i < 20000; i++) row += piece;
    for (Tokenizer t : {Tokenizer::standard, Tokenizer::moses}) {
      const Tokens tokens = tokenize(row, t);
      CHECK(join(tokens).size() >= row.size() / 2);
      CHECK(!detokenize(tokens, Language::french).empty());
    }
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

TEST_CASE("unescape_moses: each escape once, nothing else") {
  CHECK(unescape_moses("&apos;&quot;&lt;&gt;&#91;&#93;&#124;&amp;") == "'\"<>[]|&");
  CHECK(unescape_moses("&amp;apos; &AMP; &apos &; &#39;") == "&apos; &AMP; &apos &; &#39;");
  CHECK(unescape_moses("\xFF&") == "\xFF&");
}

TEST_CASE("detokenize: spacing for readers, from which the tokens come back") {
  CHECK(detokenize({"\xFF", "a"}, Language::french) == "\xFF a");
  CHECK(detokenize({"", ".", "", "'", "", "s", ""}, Language::french) == ". 's");
  for (std::string s : {"the small girls 's dogs follow us .", "he 'll say ( i 've heard ) so .",
                        "aujourd'hui il m' a dit : « va ... »", "je n' ai vu l' ami , mais 3.14 !"})
    CHECK(standard(french(s)) == s);
}

TEST_CASE("detokenize: question marks and their like, by language") {
  std::string s = "he said : what ? ! no ; 50 % at 10 : 30 .";
  CHECK(english(s) == "he said: what?! no; 50% at 10:30.");
  CHECK(french(s) == "he said : what ?! no ; 50 % at 10:30.");
  CHECK(german(s) == "he said: what?! no; 50 % at 10:30.");
}

TEST_CASE("detokenize: punctuation of another script comes back to its word") {
  for (std::string s : {"كيف حالك؟ نعم، لا.", "वह जाता है। वह है।", "你好，世界！「是」",
                        "ሰላም። ሰላም፣ ሰላም", "բարեւ։ ո՞վ", "ja ⸢a⸣ b"})
    CHECK(english(standard(s)) == s);
}

TEST_CASE("detokenize: what moses makes comes back, whatever the language") {
  const std::vector<std::string> sentences = {
    "the dogs &apos; &quot; big &quot; house isn &apos;t $ 5 ( or 50 % ) , is it ? !",
    "l&apos; homme n&apos; a-t-il pas dit : &quot; aujourd&apos; hui , c&apos; est fini ! &quot;",
    "am 3. mai geht &apos;s los , z.b. mit der u-bahn ; obst- und gemüse / brot .",
    "a &quot; &#91; b &#93; &quot; ... c &amp; d - e , 3.14 &lt; 1,000 : 10 : 30 °"};
  for (const std::string& s : sentences)
    for (Language language : {Language::english, Language::french, Language::german}) {
      std::string text = capitalized(detokenize(split(s), language));
      CHECK(join(tokenize(text, Tokenizer::moses)) == s);
    }
}

TEST_CASE("detokenize: any tokens give one line, nothing lost but blanks and second stops") {
  const std::vector<std::string> pieces = {"a", "s", "x.", "l'", "'s", "'", "'", "\"", "„", "“",
    "«", "»", ".", ",", "?", "!", ":", "/", "$", "%", "5", "(", ")", "...", "@", "-", "é", "\xFF"};
  Random random(13);
  for (int i = 0; i < 20000; i++) {
    Tokens tokens(random.below(10));
    for (std::string& token : tokens) token = pieces[random.below(int(pieces.size()))];
    std::string all, seen;
    for (std::size_t t = 0; t < tokens.size(); t++)
      if (t == 0 || tokens[t] != "." || tokens[t - 1] != "x.") all += tokens[t];
    for (char c : detokenize(tokens, Language(random.below(3))))
      if (c != ' ') seen += c;
    if (seen != all) FAIL_CHECK(join(tokens));
  }
}

TEST_CASE("unspaced_note: a sentence that is one word, in the scripts that write so") {
  CHECK(unspaced({"我喜欢你。", "他们在学校学习中文，不是吗？"}) == "Chinese or Japanese");
  CHECK(unspaced({"私は学生です。", "ありがとうございます。"}) == "Chinese or Japanese");
  CHECK(unspaced({"ฉันไปโรงเรียนทุกวัน", "แมวกำลังนอนหลับ"}) == "Thai");
  CHECK(unspaced({"ຂ້ອຍໄປໂຮງຮຽນທຸກມື້"}) == "Lao");
  CHECK(unspaced({"ខ្ញុំទៅសាលារៀនរាល់ថ្ងៃ។"}) == "Khmer");
  CHECK(unspaced({"ကျွန်တော်ကျောင်းကိုသွားတယ်။"}) == "Myanmar");
}

TEST_CASE("unspaced_note: words with blanks between, in any script") {
  CHECK(unspaced({}) == "");
  CHECK(unspaced({"", "...", "3.14 !"}) == "");
  CHECK(unspaced({"the king sleeps .", "Donaudampfschifffahrtsgesellschaft"}) == "");
  CHECK(unspaced({"Москва слезам не верит", "나는 학교에 갑니다", "वह जाता है।"}) == "");
  CHECK(unspaced({"我 喜欢 你 。", "他们 在 学校 学习 中文"}) == "");
  CHECK(unspaced({"ฉัน ไป โรงเรียน ทุก วัน", "แมว กำลัง นอน หลับ"}) == "");
  CHECK(unspaced({"the word 中华人民共和国 is a name , and so is this"}) == "");
}

TEST_CASE("unspaced_note: which side, which script, and what to do") {
  CHECK(unspaced_note("its target", {{"the", "king"}}) == "");
  CHECK(unspaced_note("a.tsv: its target", {{"我喜欢你", "。"}}) ==
        "note: a.tsv: its target is Chinese or Japanese without blanks between words, so that a "
        "sentence is one word; part it into words first");
}
