// The Moses form of text. Expected tokens follow from the rules of tokenizer.perl and
// normalize-punctuation.perl on lower-cased text, worked out by hand.
#include <doctest/doctest.h>

#include "data/text.h"
#include "tensor/check.h"
#include "tensor/random.h"

using namespace babelgrad;

namespace {

std::string moses(std::string_view s) { return join(tokenize(s, Tokenizer::moses)); }

}  // namespace

TEST_CASE("tokenize moses: English") {
  CHECK(moses("A man doesn't like Tom's dog.") == "a man doesn &apos;t like tom &apos;s dog .");
  CHECK(moses("They’re at 5 o'clock, aren't they?") ==
        "they &apos;re at 5 o &apos;clock , aren &apos;t they ?");
  CHECK(moses("The dogs' \"big\" house") == "the dogs &apos; &quot; big &quot; house");
  CHECK(moses("1990's rock'n'roll") == "1990 &apos;s rock &apos;n &apos;roll");
  CHECK(moses("'Tis") == "&apos; tis");
  CHECK(moses("AT&T's m's") == "at &amp; t &apos;s m &apos;s");
}

TEST_CASE("tokenize moses: French") {
  CHECK(moses("L’homme n’a-t-il pas dit qu'aujourd'hui\u00A0?") ==
        "l&apos; homme n&apos; a-t-il pas dit qu&apos; aujourd&apos; hui ?");
  CHECK(moses("Est-ce un chef-d'œuvre\u202F!") == "est-ce un chef-d&apos; œuvre !");
  CHECK(moses("«\u00A0Oui\u00A0», dit-elle\u202F; quelqu'un…") ==
        "&quot; oui &quot; , dit-elle ; quelqu&apos; un ...");
}

TEST_CASE("tokenize moses: German") {
  CHECK(moses("Am 3. Mai geht's los, z.B. um 10 Uhr.") ==
        "am 3. mai geht &apos;s los , z.b. um 10 uhr .");
  CHECK(moses("Der 2. Mann sagte: „Hallo“, usw., bzw. nichts.") ==
        "der 2. mann sagte : &quot; hallo &quot; , usw. , bzw. nichts .");
  CHECK(moses("Z. B. Obst- und Gemüsestände") == "z. b. obst- und gemüsestände");
}

TEST_CASE("tokenize moses: full stops that end a sentence, and those that do not") {
  CHECK(moses("Mr. Smith met Dr. No. He left.") == "mr. smith met dr. no . he left .");
  CHECK(moses("No. 5 is alive") == "no. 5 is alive");
  CHECK(moses("I saw mr.") == "i saw mr .");
  CHECK(moses("He is 5. She is 6.") == "he is 5 . she is 6 .");
  CHECK(moses("the 5. man, 123. he") == "the 5. man , 123 . he");
  CHECK(moses("in the U.S. at 5 p.m.") == "in the u.s. at 5 p.m.");
  CHECK(moses("a.b.com, 3.14, 1,000 ,5") == "a.b.com , 3.14 , 1,000 , 5");
  CHECK(moses("Well... no.. (etc.)") == "well ... no .. ( etc . )");
  CHECK(moses("the splits. mr. x .") == "the splits. mr. x .");   // one stands free
}

TEST_CASE("tokenize moses: plain characters, symbols and escapes") {
  CHECK(moses("“a” ‘b’ „c“ d–e f—g ''h''") ==
        "&quot; a &quot; &apos; b &apos; &quot; c &quot; d-e f - g &quot; h &quot;");
  CHECK(moses("$5 50% #1 a/b x=y c_d @e 20°") ==
        "$ 5 50 % # 1 a / b x = y c _ d @ e 20 °");
  CHECK(moses("<a> [b] c|d & e") == "&lt; a &gt; &#91; b &#93; c &#124; d &amp; e");
  CHECK(moses("so\u00ADft\u200B \uFEFF👩\u200D🍳!") == "soft 👩 🍳 !");
  CHECK(moses("tom&apos;s R&amp;B") == "tom &apos;s r &amp; b");
  CHECK(moses("") == "");
  CHECK(moses("\u00A0 \u200B") == "");
  CHECK_THROWS_WITH_AS(moses("ab\xC3"), "tokenize: byte 3 is not UTF-8: ab\\xC3", Error);
}

TEST_CASE("tokenize moses: what is tokenised already stays as it is") {
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

TEST_CASE("tokenize moses: a second time changes nothing") {
  const std::vector<std::string> pieces = {"a", "l", "qu", "s", "t", "don", "mr.", "am", "3", "é",
    "'", "'", "’", ".", ".", ",", "...", "-", " ", " ", " ", "\u00A0", "!", "«", "&apos;", "&",
    ";", "(", "U.S.", "#", "…", "—", "\u00AD", "Z.", "no.", "]", "`", "\""};
  Random random(12);
  for (int i = 0; i < 50000; i++) {
    std::string s;
    for (int n = random.below(12); n > 0; n--) s += pieces[random.below(int(pieces.size()))];
    std::string once = moses(s);
    if (moses(once) != once) FAIL_CHECK(s);
  }
}

TEST_CASE("tokenize moses: long rows of anything take no long time") {
  for (std::string piece : {"'", "l'", "a'", ".", "&", "a.", "’", ",", "&apos;", "a. ", "' "}) {
    std::string row;
    for (int i = 0; i < 20000; i++) row += piece;
    CHECK(moses(row).size() >= row.size() / 2);
    CHECK(!detokenize(tokenize(row, Tokenizer::moses), Language::french).empty());
  }
}

TEST_CASE("unescape_moses: each escape once, nothing else") {
  CHECK(unescape_moses("&apos;&quot;&lt;&gt;&#91;&#93;&#124;&amp;") == "'\"<>[]|&");
  CHECK(unescape_moses("&amp;apos; &AMP; &apos &; &#39;") == "&apos; &AMP; &apos &; &#39;");
  CHECK(unescape_moses("\xFF&") == "\xFF&");
}
