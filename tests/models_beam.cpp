// Beam search on the tables of the book's figures, with a decoder that only looks things up.
#include "models/beam_search.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

enum { A, B, C, end, start };
using Words = std::vector<int>;

// P(A), P(B), P(C), P(<eos>) after a beginning: by the number of its words, but another table after
// A, C.
std::vector<double> book_table(const Words& prefix) {
  static const std::vector<double> usual[] = {
      {.5, .2, .2, .1}, {.1, .4, .3, .2}, {.2, .2, .4, .2}, {0, .2, .2, .6}};
  static const std::vector<double> after_A_C[] = {{.1, .6, .2, .1}, {.1, .2, .1, .6}};
  std::size_t t = std::min<std::size_t>(prefix.size(), 3);
  bool A_C = t >= 2 && prefix[0] == A && prefix[1] == C;
  return A_C ? after_A_C[t - 2] : usual[t];
}

std::vector<double> ends_in_turn(
    const Words& prefix) {  // sentence A has three more words, B one, C none
  int words = int(prefix.size()), first = prefix[0];
  bool ended = words == (first == A ? 4 : first == B ? 2 : 1);
  return ended ? std::vector<double>{0, 0, 0, 1} : std::vector<double>{.1, .1, .7, .1};
}

struct TableDecoder : Decoder {
  struct State {
    std::vector<Words> prefixes;
    State take(const Ints& rows) const {
      State kept;
      for (int row : rows.values()) kept.prefixes.push_back(prefixes[row]);
      return kept;
    }
  };
  std::vector<double> (*table)(const Words&);
  int calls = 0;
  std::vector<Tensor> attention_weights() const { return {}; }

  explicit TableDecoder(std::vector<double> (*table)(const Words&)) : table(table) {}
  State init_state(const std::vector<Words>& prefixes, const Lens&) const { return {prefixes}; }
  std::pair<Tensor, State> operator()(const Ints& X, State state) {
    REQUIRE(X.shape() == Shape{int(state.prefixes.size()), 1});
    calls++;
    Tensor logits({X.dim(0), 1, 4});
    for (int i = 0; i < X.dim(0); i++) {
      if (X[i] != start) state.prefixes[i].push_back(X[i]);
      std::vector<double> p = table(state.prefixes[i]);
      for (int word = 0; word < 4; word++) logits.data()[i * 4 + word] = Real(std::log(p[word]));
    }
    return {logits, state};
  }
};

struct FirstWords : Encoder {
  std::vector<Words> operator()(const Ints& X, const Lens&) const {
    std::vector<Words> out;
    for (int word : X.values()) out.push_back({word});
    return out;
  }
};

std::vector<Hypothesis> search(const BeamOptions& options) {
  TableDecoder decoder(book_table);
  return beam_search(decoder, {{Words{}}}, {options.max_len}, start, end, options)[0];
}

std::vector<Words> words_of(const std::vector<Hypothesis>& found) {
  std::vector<Words> out;
  for (const Hypothesis& h : found) out.push_back(h.tokens);
  return out;
}

void check_near(double a, double b) { CHECK(a == doctest::Approx(b).epsilon(tol(1e-12, 1e-6))); }

struct Best {
  Words words;
  double score;
};

// All finished sentences of fewer than max_len words, the slow way.
void exhaust(const Words& prefix, double log_p, int max_len, double alpha, Best& best) {
  std::vector<double> p = book_table(prefix);
  double score =
      (log_p + std::log(p[end])) / std::pow(std::max<double>(double(prefix.size()), 1), alpha);
  if (score > best.score) best = {prefix, score};
  if (int(prefix.size()) + 1 == max_len) return;
  for (int word : {A, B, C}) {
    Words longer = prefix;
    longer.push_back(word);
    exhaust(longer, log_p + std::log(p[word]), max_len, alpha, best);
  }
}

}  // namespace

TEST_CASE("beam: greedy search takes A, B, C, of probability 0.048") {
  for (double alpha : {0.0, 0.75, 1.0}) {
    auto found = search({.beam_size = 1, .alpha = alpha});
    REQUIRE(found.size() == 1);
    CHECK(found[0].tokens == Words{A, B, C});
    CHECK(found[0].finished);
    check_near(found[0].log_prob, std::log(0.048));
  }
}

TEST_CASE("beam: two hypotheses find the likelier A, C, B") {
  auto found = search({.beam_size = 2, .alpha = 0.75});
  CHECK(words_of(found) == std::vector<Words>{{A, C, B}, {A, B, C}});
  check_near(std::exp(found[0].log_prob), 0.054);
  check_near(std::exp(found[1].log_prob), 0.048);
  check_near(found[0].score, std::log(0.054) / std::pow(3, 0.75));
  CHECK(fixed(found[0].score, 2) == "-1.28");
  CHECK(fixed(found[1].score, 2) == "-1.33");
}

TEST_CASE("beam: without length normalisation the short A wins") {
  auto raw = search({.beam_size = 3, .alpha = 0}),
       normalised = search({.beam_size = 3, .alpha = 0.75});
  CHECK(words_of(raw) == std::vector<Words>{{A}, {A, C, B}, {A, B, C}});
  CHECK(words_of(normalised) == std::vector<Words>{{A, C, B}, {A, B, C}, {A}});
  check_near(std::exp(raw[0].score), 0.1);
  CHECK(fixed(normalised[2].score, 2) == "-2.30");
}

TEST_CASE("beam: what was cut at max_len ranks behind every finished hypothesis") {
  auto found = search({.beam_size = 3, .alpha = 0.75, .max_len = 2});
  CHECK(words_of(found) == std::vector<Words>{{A}, {A, B}, {A, C}});
  CHECK(found[0].finished);
  CHECK(!found[1].finished);
  CHECK(!found[2].finished);
  CHECK(found[1].score > found[0].score);  // "A, B" would win if it counted
  check_near(found[1].score, std::log(0.2) / std::pow(2, 0.75));
}

TEST_CASE("beam: no hypothesis is longer than max_len") {
  for (int max_len = 1; max_len <= 6; max_len++) {
    for (int size : {1, 2, 5}) {
      for (const Hypothesis& h : search({.beam_size = size, .max_len = max_len})) {
        CHECK(int(h.tokens.size()) + h.finished <= max_len);
        CHECK((h.finished || int(h.tokens.size()) == max_len));
      }
    }
  }
}

TEST_CASE("beam: larger than the vocabulary, it is exhaustive search") {
  for (double alpha : {0.0, 0.5, 0.75, 1.0}) {
    for (int max_len : {1, 2, 3, 4}) {
      Best best{{}, -INFINITY};
      exhaust({}, 0, max_len, alpha, best);
      auto found = search({.beam_size = 200, .alpha = alpha, .max_len = max_len});
      CHECK(found[0].tokens == best.words);
      check_near(found[0].score, best.score);
    }
  }
}

TEST_CASE("beam: the list is sorted, of different sentences, and at most as long as the beam") {
  for (int size = 1; size <= 12; size++) {
    auto found = search({.beam_size = size, .max_len = 4});
    CHECK(int(found.size()) <= size);
    for (std::size_t i = 1; i < found.size(); i++) {
      const Hypothesis &before = found[i - 1], &h = found[i];
      CHECK((before.finished > h.finished ||
             (before.finished == h.finished && before.score >= h.score)));
      for (std::size_t j = 0; j < i; j++)
        CHECK((found[j].tokens != h.tokens || found[j].finished != h.finished));
    }
  }
}

TEST_CASE("beam: an empty beam and no steps are errors") {
  CHECK(error_of([] { search({.beam_size = 0}); }) ==
        "beam_search: beam_size 0 and max_len 100 must be positive");
  CHECK(error_of([] { search({.max_len = 0}); }) ==
        "beam_search: beam_size 4 and max_len 0 must be positive");
  TableDecoder decoder(book_table);
  CHECK(error_of([&] { beam_search(decoder, {{{A}, {B}}}, {7, -1}, start, end); }) ==
        "beam_search: beam_size 4 and max_len -1 must be positive");
}

TEST_CASE("beam: of a batch, each sentence has its own max_len and leaves when its beam ends") {
  TableDecoder decoder(ends_in_turn);
  auto found = beam_search(decoder, {{{A}, {B}, {C}}}, {2, 50, 50}, start, end, {.beam_size = 1});
  CHECK(words_of({found[0][0], found[1][0], found[2][0]}) == std::vector<Words>{{C, C}, {C}, {}});
  CHECK(!found[0][0].finished);
  CHECK(found[1][0].finished);
  CHECK(found[2][0].finished);
  CHECK(decoder.calls == 2);
  check_near(found[0][0].log_prob, 2 * std::log(0.7));

  TableDecoder book(book_table);                // three times the same, one cut: see above
  auto same = beam_search(book, {{Words{}, Words{}, Words{}}}, {100, 2, 100}, start, end,
                          {.beam_size = 3});
  CHECK(words_of(same[0]) == std::vector<Words>{{A, C, B}, {A, B, C}, {A}});
  CHECK(words_of(same[1]) == std::vector<Words>{{A}, {A, B}, {A, C}});
  CHECK(words_of(same[2]) == words_of(same[0]));
  CHECK(beam_search(book, {{}}, Ints(Shape{0}), start, end).empty());    // no sentence at all
}

TEST_CASE("searches never say what is no word, and tell its chance to nobody") {
  EncoderDecoder<FirstWords, TableDecoder> model{FirstWords(), TableDecoder(book_table)};
  struct Sources { Ints src, tgt; Lens lens; };
  const Sources batch{Ints(Shape{1, 1}, A), Ints(Shape{1, 1}, start), {}};
  auto said = [&](const std::vector<int>& never) {
    return before(model.predict_step(batch, 3, end, false, never).first, end)[0];
  };
  CHECK(said({}) == Words{B, C});
  CHECK(said({B}) == Words{C, C});              // after A, C comes another table
  const auto found = search({.beam_size = 4, .alpha = 0, .never = {A, B}});
  for (const Hypothesis& h : found)
    for (int word : h.tokens) CHECK(word == C);
  check_near(found[0].log_prob, std::log(.1));
  const auto nothing = search({.beam_size = 2, .max_len = 3, .never = {A, B, C, end}});
  REQUIRE(nothing.size() == 1);                 // it had nothing to say
  CHECK((nothing[0].tokens.empty() && !nothing[0].finished));
}

TEST_CASE("(D10) greedy search ends each sentence at its <eos>, and itself with the last of them") {
  EncoderDecoder<FirstWords, TableDecoder> model{FirstWords(), TableDecoder(ends_in_turn)};
  Ints src(Shape{3, 1}, {A, B, C});
  struct Sources { Ints src, tgt; Lens lens; } batch{src, Ints(Shape{3, 1}, start), {}};
  Ints out = model.predict_step(batch, 50, end).first;
  CHECK(before(out, end) == std::vector<Words>{{C, C, C}, {C}, {}});
  CHECK(out.dim(1) == 4);
  CHECK(model.decoder.calls == 4);
  Ints cut = model.predict_step(batch, 2, end).first;
  CHECK(before(cut, end) == std::vector<Words>{{C, C}, {C}, {}});
  CHECK(cut.dim(1) == 2);
}
