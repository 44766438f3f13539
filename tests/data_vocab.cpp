#include "data/vocab.h"

#include <doctest/doctest.h>

#include "data/text.h"
#include "tensor/check.h"
#include "tensor/random.h"

using namespace babelgrad;

namespace {

const std::vector<Tokens> few = {{"b", "a", "c", "a"}, {"c", "a", "d", "é", "é"}};

Vocab from(Tokens words) { return Vocab::from_words(std::move(words)); }

}  // namespace

TEST_CASE("(D7) Vocab: special tokens have fixed ids") {
  Vocab vocab;
  CHECK(vocab.words() == Tokens{"<unk>", "<pad>", "<bos>", "<eos>"});
  CHECK(vocab.unk() == 0);
  CHECK(vocab.pad() == 1);
  CHECK(vocab.bos() == 2);
  CHECK(vocab.eos() == 3);
  CHECK(vocab.is_special(3));
  CHECK_FALSE(Vocab(few).is_special(4));
}

TEST_CASE("Vocab: words by falling frequency, ties in byte order") {
  Vocab vocab(few);
  CHECK(join(vocab.words()) == "<unk> <pad> <bos> <eos> a c é b d");
  CHECK(vocab.size() == 9);
  CHECK(vocab["a"] == 4);
  CHECK(vocab["nowhere"] == 0);
  CHECK(vocab.contains("é"));
  CHECK_FALSE(vocab.contains("e"));
  CHECK(vocab.ids({"d", "x", "a"}) == std::vector{8, 0, 4});
  CHECK(vocab.words({4, 3, 0}) == Tokens{"a", "<eos>", "<unk>"});
}

TEST_CASE("Vocab: min_freq and max_size") {
  CHECK(join(Vocab(few, {.min_freq = 2}).words()) == "<unk> <pad> <bos> <eos> a c é");
  CHECK(join(Vocab(few, {.max_size = 5}).words()) == "<unk> <pad> <bos> <eos> a");
  CHECK(Vocab(few, {.max_size = 4}) == Vocab());
  CHECK_THROWS_WITH(Vocab(few, {.max_size = 3}),
    "Vocab: max_size must be 0 (no limit) or leave room for 4 special tokens, got 3");
  CHECK_THROWS_WITH(Vocab(few, {.min_freq = -1}),
                    "Vocab: min_freq must be 0 or more, got -1");
}

TEST_CASE("Vocab: a text cannot inject a special token") {
  std::vector<Tokens> hostile = {{"<eos>", "<pad>", "<bos>", "<unk>", "a", "<eos>", "<PAD>"}};
  for (const Vocab& vocab : {Vocab(hostile), Vocab::book(hostile, 9, true, 1)}) {
    CHECK(vocab.size() == 6);
    for (auto token : {"<eos>", "<pad>", "<bos>", "<unk>"}) {
      CHECK(vocab[token] == vocab.unk());
      CHECK_FALSE(vocab.contains(token));
    }
    CHECK_FALSE(vocab.is_special(vocab["<PAD>"]));
  }
}

TEST_CASE("Vocab::book: alphabetical, counted over sentences cut to num_steps") {
  CHECK(join(Vocab::book(few, 9, true).words()) == "<bos> <eos> <pad> <unk> a c é");
  Vocab source = Vocab::book(few, 9, false);
  CHECK(join(source.words()) == "<eos> <pad> <unk> a c é");
  CHECK(source.eos() == 0);
  CHECK(source.pad() == 1);
  CHECK(source["b"] == 2);
  CHECK_THROWS_WITH(source.bos(), "Vocab: no <bos> among 6 entries; a target vocabulary needs it");
  CHECK(join(Vocab::book(few, 4, false).words()) == "<eos> <pad> <unk> a c");  // é is cut off
  std::vector<Tokens> around = {{"!", "!", "~", "~"}};
  CHECK(join(Vocab::book(around, 9, true).words()) == "! <bos> <eos> <pad> <unk> ~");
  CHECK_THROWS_WITH(Vocab::book(few, 0, true),
                    "Vocab::book: num_steps must be 1 or more, got 0");
}

TEST_CASE("Vocab: word(id) is checked") {
  Vocab vocab(few);
  CHECK(vocab.word(8) == "d");
  CHECK_THROWS_WITH(vocab.word(9), "Vocab: no word has id 9; ids are 0 to 8");
  CHECK_THROWS_WITH(vocab.word(-1), "Vocab: no word has id -1; ids are 0 to 8");
  CHECK_THROWS_AS(vocab.words({4, 99}), Error);
}

TEST_CASE("Vocab: a stored list comes back the same, special tokens wherever they are") {
  for (const Vocab& vocab : {Vocab(few), Vocab::book(few, 9, true),
                             Vocab::book(few, 9, false)}) {
    Vocab back = from(vocab.words());
    CHECK(back == vocab);
    CHECK(back.ids({"a", "é", "x", "<pad>"}) == vocab.ids({"a", "é", "x", "<pad>"}));
    CHECK(back.pad() == vocab.pad());
  }
}

TEST_CASE("Vocab: whatever tokens a text has, the list comes back the same") {
  Random random(5);
  for (int i = 0; i < 2000; i++) {
    std::u32string line;
    for (int n = random.below(20); n > 0; n--) line += char32_t(random.below(0x400));
    Vocab vocab(std::vector<Tokens>{split(encode_utf8(line))});
    CHECK(from(vocab.words()) == vocab);
  }
}

TEST_CASE("Vocab: a bad list is refused with the entry's number") {
  Tokens good = Vocab().words();
  auto with = [&](const std::string& entry) {
    Tokens list = good;
    list.push_back(entry);
    return list;
  };
  CHECK_THROWS_WITH(from(with("")), "Vocab: entry 4 is empty; each entry is one word");
  CHECK_THROWS_WITH(from(with("<pad>")),
                    "Vocab: entry 4 '<pad>' is also entry 1; each word has one id");
  CHECK_THROWS_WITH(from(with("a b")),
                    "Vocab: entry 4 'a b' has a blank in it; each entry is one word");
  CHECK_THROWS_WITH(from(with("a\n")),
                    "Vocab: entry 4 'a\\x0A' has a blank in it; each entry is one word");
  CHECK_THROWS_AS(from(with("a\r")), Error);
  CHECK_THROWS_AS(from(with(" ")), Error);
  CHECK_THROWS_AS(from(with("\u00A0")), Error);
  CHECK_THROWS_WITH(from(with("a\xFF")), "Vocab: entry 4 'a\\xFF' is not UTF-8");
  CHECK_THROWS_WITH(from({}), "Vocab: <unk> is missing; none of 0 entries is it");
  CHECK_THROWS_WITH(from({"<unk>", "<pad>", "a"}),
                    "Vocab: <eos> is missing; none of 3 entries is it");
}

TEST_CASE("Vocab: places in a batch are never said") {
  CHECK(Vocab().never_said() == std::vector<int>{1, 2});
  CHECK(Vocab::book({{"a", "b"}}, 9, false, 1).never_said() == std::vector<int>{1});
}
