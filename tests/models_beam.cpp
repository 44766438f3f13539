// Beam search on the tables of the book's figures, with a decoder that only looks things up; and of
// many sentences at once, which finds for each what it finds for that one alone.
#include "models/beam_search.h"
#include "tests/models_small.h"

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

// Nothing at all is likely, and behind the first word another one is likelier than it was.
std::vector<double> ends_at_once(const Words& prefix) {
  if (prefix.empty()) return {.1, .06, .04, .8};
  if (prefix.size() > 1) return {0, 0, 0, 1};
  if (prefix[0] == A) return {.4, .3, .2, .1};
  return {0, .05, .9, .05};
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

TEST_CASE("beam: an ended hypothesis takes its place with it, or makes room for the next best") {
  for (bool replaced : {false, true}) {
    TableDecoder decoder(ends_at_once);
    const BeamOptions options{.beam_size = 2, .alpha = 0, .replace_ended = replaced};
    auto found = beam_search(decoder, {{Words{}}}, {10}, start, end, options)[0];
    CHECK(words_of(found) == std::vector<Words>{{}, replaced ? Words{B, C} : Words{A, A}});
    check_near(found[1].score, std::log(replaced ? .06 * .9 : .1 * .4));
  }
  const auto greedy = search({.beam_size = 1, .alpha = 1, .replace_ended = true});
  CHECK(words_of(greedy) == std::vector<Words>{{A, B, C}});
  check_near(greedy[0].score, std::log(0.048) / 4);            // <eos> counts
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

TEST_CASE("beam: where ended ones are replaced, what was cut ranks with them; chances are shared") {
  auto found = search({.beam_size = 3, .alpha = 0.75, .max_len = 2, .replace_ended = true});
  CHECK(words_of(found)[0] == Words{A, B});
  CHECK(!found[0].finished);
  check_near(found[0].score, std::log(0.2) / std::pow(2, 0.75));
  for (bool replaced : {false, true}) {        // without A and B, C and <eos> have .2 and .1 of .3
    auto said = search({.beam_size = 1, .alpha = 0, .max_len = 1, .never = {A, B},
                        .replace_ended = replaced});
    CHECK(words_of(said) == std::vector<Words>{{C}});
    check_near(said[0].log_prob, std::log(replaced ? .2 / .3 : .2));
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

namespace {

using Found = std::vector<Hypothesis>;

struct Sources { Ints src, lens; };

// Random sentences of these lengths, <eos> included.
Sources sources(const std::vector<int>& lens) {
  Random random(5);
  Sources s{Ints(Shape{int(lens.size()), std::ranges::max(lens)}, pad_id),
            Ints(Shape{int(lens.size())}, lens)};
  for (int i = 0; i < int(lens.size()); i++) {
    for (int t = 0; t < lens[i]; t++) s.src.at(i, t) = 4 + random.below(src_words - 4);
    s.src.at(i, lens[i] - 1) = eos_id;
  }
  return s;
}

template <class Model>
std::vector<Found> together(Model& model, const Sources& s, const Ints& max_lens,
                            const BeamOptions& options) {
  NoGrad guard;
  auto state = model.decoder.init_state(model.encoder(s.src, s.lens), s.lens);
  return beam_search(model.decoder, state, max_lens, bos_id, eos_id, options);
}

// Sentence i without the padding that the others bring.
Sources only(const Sources& s, int i) {
  Ints lens = take(s.lens, {i});
  return {resized(take(s.src, {i}), lens[0]), lens};
}

template <class Model>
Found alone(Model& model, const Sources& one, int max_len, const BeamOptions& options) {
  NoGrad guard;
  auto state = model.decoder.init_state(model.encoder(one.src, one.lens), one.lens);
  return beam_search(model.decoder, state, {max_len}, bos_id, eos_id, options)[0];
}

// Each sentence twice, one after the other.
Sources twins(const Sources& s) {
  std::vector<int> rows;
  for (int i = 0; i < s.lens.numel(); i++) rows.insert(rows.end(), {i, i});
  Ints twice(Shape{int(rows.size())}, rows);
  return {take(s.src, twice), take(s.lens, twice)};
}

void check_same(const Found& a, const Found& b, double bar) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); i++) {
    CHECK(a[i].tokens == b[i].tokens);
    CHECK(a[i].finished == b[i].finished);
    CHECK(std::abs(a[i].log_prob - b[i].log_prob) <= bar * std::abs(b[i].log_prob));
    CHECK(std::abs(a[i].score - b[i].score) <= bar * std::abs(b[i].score));
  }
}

// All sentences of up to 3 tokens, <eos> among them, from logits of all steps at once: those that
// are finished and those that are cut, each best first.
template <class Model>
Found every_sentence(Model& model, const Ints& src, double alpha) {
  std::vector<int> words, ids;
  for (int id = 0; id < tgt_words; id++)
    if (id != eos_id) words.push_back(id);
  for (int a : words)
    for (int b : words) ids.insert(ids.end(), {bos_id, a, b});
  const int n = int(ids.size()) / 3, count = int(words.size());
  Ints tgt(Shape{n, 3}, ids), all = take(src, Ints(Shape{n}, 0));
  Tensor log_p = log_softmax(model(all, tgt, Ints(Shape{n}, src.dim(1))));
  auto p = [&](int row, int t, int word) {
    return double(log_p.data()[(Index(row) * 3 + t) * tgt_words + word]);
  };
  Found out;
  auto add = [&](const std::vector<int>& tokens, double log_prob, bool finished) {
    double length = tokens.empty() ? 1 : double(tokens.size());
    out.push_back({tokens, log_prob, log_prob / std::pow(length, alpha), finished});
  };
  add({}, p(0, 0, eos_id), true);
  for (int row = 0; row < n; row++) {
    int a = words[row / count], b = words[row % count];
    double first = p(row, 0, a), second = first + p(row, 1, b);
    if (row % count == 0) add({a}, first + p(row, 1, eos_id), true);
    add({a, b}, second + p(row, 2, eos_id), true);
    for (int c : words) add({a, b, c}, second + p(row, 2, c), false);
  }
  std::ranges::sort(out, [](const Hypothesis& a, const Hypothesis& b) {
    return a.finished != b.finished ? a.finished : a.score > b.score;
  });
  return out;
}

}  // namespace

TEST_CASE("beam: a batch of sentences finds what each finds alone") {
  int finished = 0, cut = 0;
  Sources s = sources({5, 1, 9, 2, 9, 3, 6});
  Ints max_lens{7, 12, 1, 20, 3, 9, 16};
  every_model([&](auto& model) {
    eval(model);
    for (int size : {1, 2, 5, 2 * tgt_words}) {
      BeamOptions options{.beam_size = size, .alpha = size == 2 ? 0 : 0.75};
      auto found = together(model, s, max_lens, options);
      REQUIRE(int(found.size()) == s.lens.numel());
      for (int i = 0; i < s.lens.numel(); i++) {
        CAPTURE(i);
        CAPTURE(size);
        check_same(found[i], alone(model, only(s, i), max_lens[i], options), near_bar);
        for (const Hypothesis& h : found[i]) {
          CHECK(int(h.tokens.size()) + h.finished <= max_lens[i]);
          CHECK((h.finished || int(h.tokens.size()) == max_lens[i]));
          (h.finished ? finished : cut)++;
        }
      }
    }
  });
  CHECK(finished > 100);
  CHECK(cut > 100);
}

// A product with a single row is summed in another order (tensor/gemm.h); beside its twin no
// sentence is ever a single row.
TEST_CASE("beam: with its twin in the batch, what else is there changes not one bit") {
  Sources s = sources({7, 2, 8, 3});
  Ints max_lens{9, 14, 4, 12};
  every_model([&](auto& model) {
    eval(model);
    for (int size : {1, 3}) {
      auto found = together(model, twins(s), repeat_interleave(max_lens, 2), {.beam_size = size});
      for (int i = 0; i < s.lens.numel(); i++) {
        auto two = together(model, twins(only(s, i)), {max_lens[i], max_lens[i]},
                            {.beam_size = size});
        for (int twin : {0, 1}) check_same(found[2 * i + twin], two[twin], 0);
      }
    }
  });
}

TEST_CASE("beam: a beam of one over a batch is its greedy search") {
  Sources s = sources({4, 8, 1, 6});
  every_model([&](auto& model) {
    eval(model);
    const int n = int(s.lens.numel());
    ModelBatch batch{s.src, Ints(Shape{n, 1}, bos_id), s.lens, {}};
    Ints steps = model.predict_step(batch, 12, eos_id).first;
    auto greedy = before(steps, eos_id);
    auto found = together(model, s, Ints(s.lens.shape(), 12), {.beam_size = 1});
    for (int i = 0; i < n; i++) {
      REQUIRE(found[i].size() == 1);
      CHECK(found[i][0].tokens == greedy[i]);
      CHECK(found[i][0].finished == (int(greedy[i].size()) < steps.dim(1)));
    }
  });
}

TEST_CASE("beam: wide enough, it finds all sentences there are, in their order") {
  Sources s = sources({3, 6});
  every_model([&](auto& model) {
    eval(model);
    NoGrad guard;
    const double alpha = 0.6;
    auto found = together(model, s, {3, 3}, {.beam_size = 2000, .alpha = alpha});
    for (int i = 0; i < 2; i++) {
      Ints src = resized(take(s.src, {i}), s.lens[i]);
      Found all = every_sentence(model, src, alpha);
      REQUIRE(found[i].size() == all.size());
      REQUIRE(all.size() == 1 + 12 + 144 + 1728);
      double worst = 0;
      int misplaced = 0;
      for (std::size_t j = 0; j < all.size(); j++) {
        worst = std::max(worst, std::abs(found[i][j].score - all[j].score));
        // Neighbours whose scores differ by less than rounding may stand in either order.
        bool near = j + 1 < all.size() && all[j].score - all[j + 1].score < 1e-5;
        near = near || (j > 0 && all[j - 1].score - all[j].score < 1e-5);
        misplaced += !near && found[i][j].tokens != all[j].tokens;
      }
      CHECK(worst < near_bar);
      CHECK(misplaced == 0);
      CHECK(found[i][0].tokens == all[0].tokens);
    }
  });
}
