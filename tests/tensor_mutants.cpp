// Sentences without padding, by hand: who sees whom, where a word stands, and in which order a
// batch is read. Small faults planted here by tools/dev/mutants.py once went unnoticed.
#include "tensor/packed.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

void check_segments(const Segments& found, const Ints& begin, const Ints& count, int most) {
  CHECK(found.begin == begin);
  CHECK(found.count == count);
  CHECK(found.most == most);
  CHECK(found.queries() == begin.numel());
}

void check_order(const PackedSequence& found, const Ints& order, const Ints& rows,
                 const std::vector<int>& begins) {
  CHECK(found.order == order);
  CHECK(found.rows == rows);
  CHECK(found.begins == begins);
}

}  // namespace

TEST_CASE("packed: words follow words, with their sentence and their place in it") {
  const Ints ids(Shape{3, 3}, {1, 2, 9, 9, 9, 9, 9, 4, 5}), lens{2, 0, 3};
  CHECK(lengths(ids, 9) == lens);               // padding is at the end only
  CHECK(pack(ids, lens) == Ints(Shape{1, 5}, {1, 2, 9, 4, 5}));
  CHECK(positions(lens) == Ints{0, 1, 0, 1, 2});
  CHECK(sentences(lens) == Ints{0, 0, 2, 2, 2});
  CHECK(pack(Ints(Shape{0, 3}), Ints(Shape{0})) == Ints(Shape{1, 0}));
  CHECK(error_of([] { lengths(Ints{1}, 9); }) == "lengths: ids (1,) are not (batch, steps)");
  CHECK(error_of([&] { pack(ids, {1, 2}); }) == "pack: lens (2,) for ids (3, 3)");
  CHECK(error_of([&] { pack(ids, {1, 2, 4}); }) == "pack: a sentence of 4 tokens in (3, 3)");
  CHECK(error_of([&] { pack(ids, {1, -1, 3}); }) == "packed: a sentence of -1 tokens");
  CHECK(error_of([] { positions({INT32_MAX, 1}); }) ==
        "packed: 2147483648 tokens are more than a batch can have");
}

TEST_CASE("Segments: a query sees its own sentence, up to itself, or as much as it is told") {
  check_segments(packed_segments({1, 2, 2}, {2, 0, 3}), {0, 2, 2, 2, 2}, {2, 0, 0, 3, 3}, 3);
  check_segments(causal_segments({2, 0, 3}), {0, 0, 2, 2, 2}, {1, 2, 1, 2, 3}, 3);
  check_segments(causal_segments(Ints(Shape{0})), Ints(Shape{0}), Ints(Shape{0}), 0);
  check_segments(padded_segments({}, 2, 3, 4), {0, 0, 0, 4, 4, 4}, {4, 4, 4, 4, 4, 4}, 4);
  check_segments(padded_segments(Ints(), 2, 3, 4), {0, 0, 0, 4, 4, 4}, {4, 4, 4, 4, 4, 4}, 4);
  check_segments(padded_segments({0, 4}, 2, 3, 4), {0, 0, 0, 4, 4, 4}, {0, 0, 0, 4, 4, 4}, 4);
  check_segments(padded_segments(Ints(Shape{2, 2}, {1, 2, 3, 0}), 2, 2, 3), {0, 0, 3, 3},
                 {1, 2, 3, 0}, 3);
  check_segments(padded_segments(Ints(Shape{0}), 0, 2, 3), Ints(Shape{0}), Ints(Shape{0}), 3);
  CHECK(error_of([] { packed_segments({1, 2}, {1}); }) ==
        "packed_segments: queries of (2,) sentences, keys of (1,)");
  CHECK(error_of([] { packed_segments({1}, {-1}); }) == "packed: a sentence of -1 tokens");
  CHECK(error_of([] { padded_segments({1, 2, 3}, 2, 3, 4); }) ==
        "attention: valid_lens (3,) for 2 times 3 queries");
  for (int bad : {-1, 5}) {
    CHECK(error_of([&] { padded_segments({4, bad}, 2, 1, 4); }) ==
          join("attention: a valid length of ", bad, " is outside 0 .. 4"));
  }
  const int many = 65536;                       // whose square is too much
  for (Ints bad : {Ints{-1, 1, 1}, {1, -1, 1}, {1, 1, -1}, {many, many, 1}, {many, 1, many}}) {
    CHECK(error_of([&] { padded_segments(Ints(), bad[0], bad[1], bad[2]); })
              .starts_with("attention: "));
  }
}

TEST_CASE("PackedSequence: step by step, the longest first, from either end") {
  PackedSequence steps = packed_sequence({2, 0, 3});
  check_order(steps, {2, 0, 1}, {2, 0, 3, 1, 4}, {0, 2, 4, 5});
  CHECK(steps.count() == 3);
  CHECK(steps.size(0) == 2);
  CHECK(steps.size(2) == 1);
  check_order(packed_sequence({2, 0, 3}, true), {2, 0, 1}, {4, 1, 3, 0, 2}, {0, 2, 4, 5});
  check_order(packed_sequence({1, 1}), {0, 1}, {0, 1}, {0, 2});
  check_order(packed_sequence(Ints(Shape{0})), Ints(Shape{0}), Ints(Shape{0}), {0});
  check_order(padded_sequence({2, 3}, 4, 2), {1, 0}, {1, 0, 3, 2, 5}, {0, 2, 4, 5});
  check_order(padded_sequence({2, 3}, 4, 2, true), {1, 0}, {5, 2, 3, 0, 1}, {0, 2, 4, 5});
  check_order(padded_sequence(Ints(), 2, 2), {0, 1}, {0, 1, 2, 3}, {0, 2, 4});
  CHECK(error_of([] { padded_sequence({1, 2, 3}, 3, 2); }) ==
        "steps: valid_lens (3,) for a batch of 2");
  CHECK(error_of([] { padded_sequence({1, 5}, 4, 2); }) ==
        "steps: a valid length of 5 is outside 0 .. 4");
  CHECK(error_of([] { packed_sequence({2, -1}); }) == "packed: a sentence of -1 tokens");
}

TEST_CASE("ValidLens and Lens: padded they are lengths, packed they are segments") {
  const Lens padded{2, 1}, packed(Ints{2, 1}, Ints{1, 2});
  CHECK_FALSE(padded.packed());
  CHECK(packed.packed());
  CHECK(padded.self().lens == Ints{2, 1});
  CHECK(padded.cross().lens == Ints{2, 1});
  CHECK(padded.step().lens == Ints{2, 1});
  CHECK(padded.causal(2, 3, 4).lens == Ints(Shape{2, 3}, {5, 6, 7, 5, 6, 7}));
  CHECK(padded.src_positions(3) == Ints{0, 1, 2});
  CHECK(padded.tgt_positions(2, 3) == Ints{3, 4});
  check_segments(packed.self().of(1, 1, 1), {0, 0, 2}, {2, 2, 1}, 2);
  check_segments(packed.cross().of(1, 1, 1), {0, 2, 2}, {2, 1, 1}, 2);
  check_segments(packed.causal(2, 3, 4).of(1, 1, 1), {0, 1, 1}, {1, 1, 2}, 2);
  check_segments(packed.step().of(1, 1, 1), {2, 0}, {1, 2}, 2);      // the longer target is first
  CHECK(packed.src_positions(7) == Ints{0, 1, 0});
  CHECK(packed.tgt_positions(7, 7) == Ints{0, 0, 1});
  CHECK(take(padded, {1, 0, 1}).src == Ints{1, 2, 1});
  CHECK(error_of([&] { take(packed, {0}); }).starts_with("take: sentences of a packed batch"));

  const ValidLens all, lens{1, 2, 3}, seen(causal_segments({2, 1}));
  CHECK_FALSE(all);
  CHECK(lens);
  CHECK(seen);
  check_segments(lens.of(3, 1, 3), {0, 3, 6}, {1, 2, 3}, 3);
  CHECK(repeat_interleave(lens, 2, 0).lens == Ints{1, 1, 2, 2, 3, 3});
  check_segments(repeat_interleave(seen, 2, 0).segments, {0, 0, 2}, {1, 2, 1}, 2);
  CHECK(error_of([&] { repeat_interleave(lens, 2, 1); }).starts_with("repeat_interleave: axis 1"));
  CHECK(first(lens, 2).lens == Ints{1, 2});
  check_segments(first(seen, 2).segments, {0, 0}, {1, 2}, 2);
  CHECK_FALSE(first(all, 2));
}

TEST_CASE("Ints: rows are taken, repeated and turned whole") {
  const Ints table = tensor({{1, 2, 3}, {4, 5, 6}});
  CHECK(take(table, {1, 1, 0}) == tensor({{4, 5, 6}, {4, 5, 6}, {1, 2, 3}}));
  CHECK(repeat_interleave(table, 2) == tensor({{1, 2, 3}, {1, 2, 3}, {4, 5, 6}, {4, 5, 6}}));
  CHECK(transpose(table) == tensor({{1, 4}, {2, 5}, {3, 6}}));
  CHECK(transpose(Ints{1, 2}) == Ints{1, 2});
  CHECK(reshape(table, {-1, 2}) == tensor({{1, 2}, {3, 4}, {5, 6}}));
  CHECK(reshape(table, -1) == Ints{1, 2, 3, 4, 5, 6});
  for (int bad : {-1, 2}) {
    CHECK(error_of([&] { take(table, {0, bad}); }) == join("take: row ", bad, " of (2, 3)"));
  }
  CHECK(repeat_interleave(table, 0).shape() == Shape{0, 3});
}
