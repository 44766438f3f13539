#include "data/subwords.h"

#include "data/text.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

// As in Sennrich, Haddow and Birch 2016, section 3.2: low 5 times, lowest 2, newer 6, wider 3.
std::vector<Tokens> paper() {
  Tokens words;
  for (auto [word, count] : {std::pair{"low", 5}, {"lowest", 2}, {"newer", 6}, {"wider", 3}})
    words.insert(words.end(), count, word);
  return {words};
}

Subwords of(const std::string& merges) {
  return Subwords::read("#version: 0.2\n" + merges, "codes");
}

std::string encoded(const Subwords& subwords, const std::string& sentence) {
  return join(subwords.encode(split(sentence)));
}

}  // namespace

TEST_CASE("Subwords: learns the most frequent pairs, ties by byte order") {
  const Subwords learnt = Subwords::learn(paper(), 4);
  // "e r</w>" 9 times, "l o" 7; of those with 6, "w er</w>" is last in order, then "n e".
  CHECK(learnt.file() == "#version: 0.2\ne r</w>\nl o\nw er</w>\nn e\n");
  CHECK(Subwords::learn(paper(), 1000).merges() < 30);
  CHECK(Subwords::learn(paper(), 1000, 6).file() ==
        "#version: 0.2\ne r</w>\nl o\nw er</w>\nn e\nne wer</w>\n");
  CHECK(error_of([] { Subwords::learn(paper(), 0); }).find("at least one") != std::string::npos);
}

TEST_CASE("Subwords: pairs that overlap are merged from the left") {
  const Subwords learnt = Subwords::learn({split("aaaaa aaaaa")}, 2);
  CHECK(learnt.file() == "#version: 0.2\na a\naa aa\n");      // aa aa a</w>, never a aa
  CHECK(encoded(learnt, "aaaaa aaa aaaa") == "aaaa@@ a aa@@ a aa@@ a@@ a");
}

TEST_CASE("Subwords: words come apart as they were learnt, earlier merges first") {
  const Subwords subwords = of("e r</w>\nl o\nlo w\nw er</w>\n");
  CHECK(encoded(subwords, "lower low slower x er") == "low@@ er lo@@ w s@@ low@@ er x er");
  CHECK(encoded(subwords, "wer w") == "wer w");
  CHECK(encoded(subwords, "λόγος") == "λ@@ ό@@ γ@@ ο@@ ς");
  CHECK(encoded(Subwords(), "lower low") == "lower low");
  CHECK(encoded(of("a b\na b\n"), "abc") == "ab@@ c");
}

TEST_CASE("Subwords: pieces joined again are the words") {
  const Subwords learnt = Subwords::learn(paper(), 6);
  const Tokens words = split("lower newest widow low , slow");
  CHECK(join_pieces(learnt.encode(words)) == words);
  CHECK(join_pieces(split("lo@@ wer")) == Tokens{"lower"});
  CHECK(join_pieces(split("lo@@")) == Tokens{"lo"});
  CHECK(join_pieces(split("@@ a")) == split("@@ a"));
  CHECK(join_pieces({}).empty());
}

TEST_CASE("Subwords: the mark in the text itself comes back") {
  const std::vector<Tokens> text(5, {"foo@@", "bar", "baz@@", "@@", "@", "@@@", "x@@@@", "a@@b",
                                     "@@a", "@-@", "@@foo@@"});
  const auto none = [](const std::string&) { return false; };
  for (int merges : {1, 4, 9, 50}) {
    const Subwords learnt = Subwords::learn(text, merges);
    CAPTURE(learnt.file());
    CHECK(join_pieces(learnt.encode(text[0])) == text[0]);
    CHECK(join_pieces(learnt.encode(text[0], none)) == text[0]);
    Random dice(merges);
    for (int i = 0; i < 20; i++)
      CHECK(join_pieces(learnt.encode(text[0], 0.5, dice)) == text[0]);
    for (const std::string& word : text[0])     // and alone, at the end of a sentence
      CHECK(join_pieces(learnt.encode({word})) == Tokens{word});
  }
  CHECK(encoded(of("f o\nfo o\nfoo @\nfoo@ @</w>\n"), "foo@@ food") == "foo@@ @@ foo@@ d");
}

TEST_CASE("Subwords: an unknown piece comes apart, merge by merge, as far as letters") {
  const Subwords subwords = of("e r</w>\nl o\nlo w\nw er</w>\nlow er</w>\n");
  const auto spelt = [&](const std::string& word, const std::string& vocabulary) {
    const Tokens known = split(vocabulary);
    return join(subwords.encode({word}, [&](const std::string& piece) {
      return std::ranges::find(known, piece) != known.end();
    }));
  };
  CHECK(spelt("lower", "lower low@@ er") == "lower");
  CHECK(spelt("lower", "low@@ er") == "low@@ er");
  CHECK(spelt("lower", "lo@@ w@@ er low") == "lo@@ w@@ er");
  CHECK(spelt("lower", "") == "l@@ o@@ w@@ e@@ r");
  CHECK(spelt("lows", "lo@@ low") == "lo@@ w@@ s");    // low@@ is not low
  CHECK(spelt("w", "") == "w");
  const auto none = [](const std::string&) { return false; };
  CHECK(of("b </w>\n").encode({"ab", "b"}, none) == split("a@@ b b"));  // no text makes such a list
  Random dice(3);
  CHECK(join(subwords.encode({"lower"}, 0, dice, none)) == "l@@ o@@ w@@ e@@ r");
  CHECK(Subwords().encode({"low"}, [](const std::string&) { return false; }) == Tokens{"low"});
}

TEST_CASE("Subwords: dropout passes merges over, by the numbers it is given") {
  const Subwords subwords = of("l o\nlo w</w>\n");
  Random random(3);
  CHECK(subwords.encode({"low"}, 0, random) == Tokens{"low"});
  CHECK(random.counter() == 0);
  CHECK(join(subwords.encode({"low"}, 1, random)) == "l@@ o@@ w");
  int whole = 0;
  for (int i = 0; i < 4000; i++) whole += subwords.encode({"low"}, 0.5, random).size() == 1;
  CHECK(whole > 900);                           // both merges made: a quarter
  CHECK(whole < 1100);
  Random a(7), b(7);
  for (int i = 0; i < 50; i++)
    CHECK(subwords.encode({"low"}, 0.3, a) == subwords.encode({"low"}, 0.3, b));
  CHECK_THROWS_AS(subwords.encode({"low"}, 1.5, random), Error);
}

TEST_CASE("Subwords: a byte order mark within the file is a letter, and comes back") {
  const std::string mark = "\xEF\xBB\xBF", head = "#version: 0.2\n";
  for (const std::string& body :
       {mark + " a</w>\n", mark + mark + "a b</w>\n", "a " + mark + "\n"}) {
    const Subwords read = Subwords::read(head + body, "codes");
    CHECK(read.file() == head + body);
    CHECK(Subwords::read(read.file(), "again") == read);
    CHECK(Subwords::read(mark + head + body, "marked") == read);
  }
  const Subwords learnt = Subwords::learn({{mark + "ab", mark + "ab", "cab"}}, 3);
  CHECK(Subwords::read(learnt.file(), "learnt") == learnt);
}

TEST_CASE("Subwords: files of subword-nmt are read and written, others refused") {
  const Subwords learnt = Subwords::learn(paper(), 6);
  CHECK(Subwords::read(learnt.file(), "codes") == learnt);
  auto refused = [](const std::string& file) {
    return error_of([&] { Subwords::read(file, "codes"); });
  };
  CHECK(refused("") == "codes:1: must be \"#version: 0.2\", as subword-nmt writes it");
  CHECK(refused("#version: 0.1\na b\n").starts_with("codes:1: "));
  CHECK(refused("#version: 0.2\na b\na\n") == "codes:3: would be two symbols with a space between");
  CHECK(refused("#version: 0.2\na b c\n").starts_with("codes:2: "));
  CHECK(refused("#version: 0.2\na \xFF\n") == "codes:2: is not UTF-8");
  CHECK(refused("#version: 0.20\na b\n").starts_with("codes:1: "));
  CHECK(of("a\r b</w>\nc d\r\n").file() == "#version: 0.2\na\r b</w>\nc d\r\n");
  const std::string dos = "\xEF\xBB\xBF#version: 0.2\r\na b\r\n";
  CHECK(Subwords::read(dos, "codes") == of("a b\n"));
  CHECK(of("a b\n\n \n") == of("a b\n"));       // blank lines at the end
  CHECK(Subwords::read("#version: 0.2\r\na b\r\n\r\n\r\n", "codes") == of("a b\n"));
  CHECK(Subwords::read("#version: 0.2\ra b\r\r", "codes") == of("a b\n"));
  CHECK(refused("#version: 0.2\na b\n\nc d\n") ==
        "codes:3: would be two symbols with a space between");
  CHECK(Subwords::read("#version: 0.2\n\n", "codes").empty());
  CHECK(of("a \u00A0\n").encode({"a\u00A0b"}) == Tokens{"a\u00A0@@", "b"});  // U+0020 alone parts
}
