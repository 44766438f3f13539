#include <doctest/doctest.h>

#include "data/text.h"
#include "tensor/random.h"

using namespace babelgrad;

namespace {

std::string standard(std::string_view s) { return join(tokenize(s, Tokenizer::standard)); }
std::string english(std::string_view s) { return detokenize(split(s), Language::english); }
std::string french(std::string_view s) { return detokenize(split(s), Language::french); }
std::string german(std::string_view s) { return detokenize(split(s), Language::german); }

}  // namespace

TEST_CASE("detokenize: spacing for readers, from which the tokens come back") {
  CHECK(french("") == "");
  CHECK(french("l' oiseau chante , il s' en va .") == "l'oiseau chante, il s'en va.");
  CHECK(french("the king 's horse ( the big one ) doesn 't sleep .") ==
        "the king's horse (the big one) doesn't sleep.");
  CHECK(french("est-ce qu' ils dorment ?") == "est-ce qu'ils dorment ?");
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

TEST_CASE("detokenize: the escapes of Moses") {
  CHECK(english("tom &apos;s r &amp; b &lt; c &#91; d &#93; didn &apos;t .") ==
        "tom's r & b < c [d] didn't.");
  CHECK(french("l&apos; ami d&apos; aujourd&apos; hui , chef-d&apos; œuvre") ==
        "l'ami d'aujourd'hui, chef-d'œuvre");
  CHECK(english("hors d &apos;oeuvres at 5 o &apos;clock") == "hors d'oeuvres at 5 o'clock");
  CHECK(english("a &quot; b &quot; &amp;apos;") == "a \"b\" &apos;");
}

TEST_CASE("detokenize: free apostrophes") {
  CHECK(english("a farmers ' market .") == "a farmers' market.");
  CHECK(english("a sign says ' free dinner ' .") == "a sign says 'free dinner'.");
  CHECK(english("jackson 's ' thriller ' video") == "jackson's 'thriller' video");
  CHECK(english("they ' re sure , i ' m not") == "they're sure, i'm not");
  CHECK(german("mcdonald ' s-restaurant , wendy ' s.") == "mcdonald's-restaurant, wendy's.");
  CHECK(german("mickey maus ' nase , auf geht ' s") == "mickey maus' nase, auf geht's");
  CHECK(english("hook ' em") == "hook 'em");
  CHECK(english("on a motorcycle . '") == "on a motorcycle.'");
}

TEST_CASE("detokenize: quotes open and close") {
  CHECK(english("he said \" no \" , then \" yes ! \"") == "he said \"no\", then \"yes!\"");
  CHECK(english("“ a “ b ” c “ d ”") == "“a“ b” c “d”");
  CHECK(german("er sagte : „ ja “ , „ nein ” . » gut « « so »") ==
        "er sagte: „ja“, „nein”. »gut« «so»");
  CHECK(french("il dit : « oui » et \" non \" .") == "il dit : « oui » et \"non\".");
}

TEST_CASE("detokenize: numbers, signs and abbreviations") {
  CHECK(english("$ 5 , £ 6 and € 7 for # 1 , # a $ b") == "$5, £6 and €7 for #1, # a $ b");
  CHECK(english("his / her , / 5 , tug @-@ of @-@ war") == "his/her, / 5, tug-of-war");
  CHECK(english("in the u.s. . mr. x ... . no .. y") == "in the u.s. mr. x.... no.. y");
  CHECK(english("( [ { a } ] ) ¿ b ?") == "([{a}]) ¿b?");
  CHECK(german("am 3. mai , z.b. u-bahn , obst- und gemüse - so") ==
        "am 3. mai, z.b. u-bahn, obst- und gemüse - so");
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
