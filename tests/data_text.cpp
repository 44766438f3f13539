#include <doctest/doctest.h>

#include "data/text.h"
#include "tensor/check.h"
#include "tensor/random.h"

using namespace babelgrad;

namespace {

std::string standard(std::string_view s) { return join(tokenize(s, Tokenizer::standard)); }
std::string book(std::string_view s) { return join(tokenize(s, Tokenizer::book)); }

std::string random_text(Random& random, const std::vector<std::string>& pieces) {
  std::string out;
  for (int i = random.below(12); i > 0; i--) out += pieces[random.below(int(pieces.size()))];
  return out;
}

}  // namespace

TEST_CASE("decode_utf8 and encode_utf8: every code point goes round") {
  std::u32string all;
  for (char32_t c = 0; c <= 0x10FFFF; c++)
    if (c < 0xD800 || c > 0xDFFF) all += c;
  std::string bytes = encode_utf8(all);
  CHECK(bytes.size() == 128 + 2 * 1920 + 3 * 61440 + 4 * 1048576);
  CHECK(decode_utf8(bytes) == all);
  CHECK(encode_utf8(U"é’語😀") == "é’語😀");
}

TEST_CASE("decode_utf8 and encode_utf8: what is no text is refused") {
  CHECK_THROWS_WITH_AS(decode_utf8("a\xFF"), "decode_utf8: byte 2 is not UTF-8: a\\xFF", Error);
  CHECK_THROWS_WITH_AS(encode_utf8(std::u32string(1, char32_t(0xD800))),
                       "encode_utf8: 55296 is no code point", Error);
  CHECK_THROWS_WITH_AS(encode_utf8(std::u32string(1, char32_t(0x110000))),
                       "encode_utf8: 1114112 is no code point", Error);
}

TEST_CASE("lower: Latin, Greek and Cyrillic capitals, one letter for one") {
  CHECK(lower("ABCXYZ @[`{ 09") == "abcxyz @[`{ 09");
  CHECK(lower("ÀÉÎÕÖ×ØÞßÿ") == "àéîõö×øþßÿ");
  CHECK(lower("ĀĎİıĶĸĹŇŊŒŸŽſ") == "āďiıķĸĺňŋœÿžſ");
  CHECK(lower("ΆΈΊΌΎΏΑΡΣΫς") == "άέίόύώαρσϋς");
  CHECK(lower("ЀЁЏАЯѠҐӀӁӐ") == "ѐёџаяѡґӏӂӑ");
  CHECK(lower("\xFF" "A\xC3") == "\xFF" "a\xC3");
  for (char32_t c = 0; c < 0x2000; c++) CHECK(lower(lower(c)) == lower(c));
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

TEST_CASE("tokenize book: lower case, and a token begins at each of , . ! ?") {
  CHECK(book("Go.") == "go .");
  CHECK(book("Va\u202F!") == "va !");
  CHECK(book("J'ai perdu.") == "j'ai perdu .");
  CHECK(book("J’ai dit\u00A0: «Non»…") == "j’ai dit : «non»…");
  CHECK(book("Hello, world!") == "hello , world !");
  CHECK(book("3.14 ...a") == "3 .14 . . .a");
  CHECK(book("He's here?!") == "he's here ? !");
  CHECK(book("") == "");
}

TEST_CASE("tokenize standard: punctuation") {
  CHECK(standard("Hello, world!") == "hello , world !");
  CHECK(standard("«Oui», dit-il; (\"non\"): quoi?") == "« oui » , dit-il ; ( \" non \" ) : quoi ?");
  CHECK(standard("Wait... what?! Well…") == "wait ... what ? ! well …");
  CHECK(standard("Pi is 3.14, not 1,000.") == "pi is 3.14 , not 1,000 .");
  CHECK(standard("1, 2,x .5 5.") == "1 , 2 , x . 5 5 .");
  CHECK(standard("5.") == "5 .");
  CHECK(standard("In the U.S. now, e.g. here.") == "in the u.s. now , e.g. here .");
  CHECK(standard("a well-known twenty-one") == "a well-known twenty-one");
  CHECK(standard("日本。「はい」") == "日本 。 「 はい 」");
  CHECK(standard("<pad> <unk> 100% @-@") == "<pad> <unk> 100% @-@");
}

TEST_CASE("tokenize standard: addresses stay whole") {
  CHECK(standard("Ask me@x.org, or www.x.org/a.") == "ask me@x.org , or www.x.org/a .");
  CHECK(standard("See https://a.b/c?d=1,2&e='f'!") == "see https://a.b/c?d=1,2&e='f ' !");
  CHECK(standard("(http://A.b/(c)); «ftp://x»") == "( http://a.b/(c ) ) ; « ftp://x »");
  CHECK(standard("„https://a.b“ »https://a.b« <http://x.y>, &quot;http://x.y&quot; https://x/a—") ==
        "„ https://a.b “ » https://a.b « < http://x.y > , &quot; http://x.y &quot; https://x/a —");
  CHECK(standard("either/or: http: // ://") == "either/or : http : // : //");
}

TEST_CASE("tokenize standard: apostrophes") {
  CHECK(standard("L’oiseau qu'il voit, j'ai; jusqu'à") ==
        "l' oiseau qu' il voit , j' ai ; jusqu' à");
  CHECK(standard("Aujourd’hui, d'aujourd'hui") == "aujourd'hui , d' aujourd'hui");
  CHECK(standard("quelqu'un n'est-ce s'en l'été") == "quelqu' un n' est-ce s' en l' été");
  CHECK(standard("He's, I'm, don't, we're, I've, she'll, I'd") ==
        "he 's , i 'm , don 't , we 're , i 've , she 'll , i 'd");
  CHECK(standard("It's o'clock, rock'n'roll") == "it 's o'clock , rock'n'roll");
  CHECK(standard("'Go,' said the dogs' friend. ‘Yes’") ==
        "' go , ' said the dogs ' friend . ‘ yes '");
  CHECK(standard("a'''' '''") == "a ' ' ' ' ' ' '");
}

TEST_CASE("tokenize standard: quotes around apostrophes, and one after another") {
  CHECK(standard("he shouldn't've, rock'n'roll's") == "he shouldn 't 've , rock'n'roll 's");
  CHECK(standard("‘the dog’s’ 'l'or's' x's''") == "‘ the dog 's ' ' l' or 's ' x 's ' '");
}

TEST_CASE("tokenize standard: what is tokenised already stays as it is") {
  for (std::string s : {"the king 's horse", "est-ce qu' ils trouvent la femme verte ?",
                        "un groupe d&apos; hommes , l&apos; eau &amp; &quot; &#39; .",
                        "mr. smith lives at st. john 's in the u.s. .", "he doesn 't know ...",
                        "l' ami de l' oiseau n' a pas l' or .", "the dogs ' friends", "1,5 m .",
                        "aujourd&apos; hui .", "q &amp; a ?", "chef-d&apos; oeuvre"})
    CHECK(standard(s) == s);
}

TEST_CASE("tokenize standard: a second time changes nothing") {
  const std::vector<std::string> pieces = {"a", "l", "qu", "s", "t", "re", "don", "3", "é", "'",
    "'", "’", ".", ".", ",", "...", "-", " ", " ", "\u00A0", "!", "«", "&apos;", "&", ";", "(",
    "U.S.", "#"};
  Random random(11);
  for (int i = 0; i < 50000; i++) {
    std::string once = standard(random_text(random, pieces));
    CHECK(standard(once) == once);
  }
}

TEST_CASE("tokenize: malformed bytes are refused, long rows of anything are not") {
  CHECK_THROWS_WITH_AS(tokenize("ab\xC3", Tokenizer::book),
                       "tokenize: byte 3 is not UTF-8: ab\\xC3", Error);
  CHECK_THROWS_AS(tokenize("\xED\xA0\x80", Tokenizer::standard), Error);
  for (std::string piece : {"'", "l'", "a'", ".", "&", "a.", "’", ","}) {
    std::string row;
    for (int i = 0; i < 20000; i++) row += piece;
    CHECK(standard(row).size() >= row.size() / 2);
  }
}

TEST_CASE("upper: the reverse of lower, where there is one") {
  std::u32string small, capital;
  for (char32_t c : std::u32string(U"aizàéöøÿāğłœžșάέθσωяёџѣ")) small += c, capital += upper(c);
  CHECK(encode_utf8(capital) == "AIZÀÉÖØŸĀĞŁŒŽȘΆΈΘΣΩЯЁЏѢ");
  for (char32_t c : std::u32string(U"ß÷ı語AÉ3'")) CHECK(upper(c) == c);
  for (char32_t c = 0; c < 0x2000; c++)
    if (upper(c) != c) CHECK(lower(upper(c)) == c);
}

TEST_CASE("letters: every character of a sentence is of one kind") {
  for (char32_t c : std::u32string(U"azAZéßŒЯ語")) CHECK(is_letter(c));
  for (char32_t c : std::u32string(U"0'-. ’«\u00A0\u00ADñ$€×😀_"))
    CHECK(is_letter(c) == (c == U'ñ'));
  for (char32_t c : std::u32string(U"#$%&*+/<=>@\\^_`|~€°→😀")) CHECK(is_symbol(c));
  for (char32_t c = 0; c < 0x20000; c++)
    CHECK(is_letter(c) + is_blank(c) + is_punctuation(c) + is_symbol(c) + is_invisible(c) <= 1);
}

TEST_CASE("capitalized: the first letter, behind quotes but not behind numbers") {
  CHECK(capitalized("") == "");
  CHECK(capitalized("élan vital") == "Élan vital");
  CHECK(capitalized("l'oiseau chante.") == "L'oiseau chante.");
  CHECK(capitalized("« ça va ? »") == "« Ça va ? »");
  CHECK(capitalized("\"(oui)\"") == "\"(Oui)\"");
  CHECK(capitalized("3 men") == "3 men");
  CHECK(capitalized("$ a") == "$ a");
  CHECK(capitalized("日a") == "日a");
  CHECK(capitalized("\xFF" "a") == "\xFF" "a");
  CHECK(capitalized("...") == "...");
}
