// Beam search of many sentences at once finds for each what it finds for that one alone.
#include "models/beam_search.h"
#include "tests/models_small.h"

using namespace babelgrad;

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
