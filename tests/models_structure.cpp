// What must hold between the parts of a model, bit for bit where nothing may change: decoding step
// by step, the future, padding, the batch, the state.
#include "tests/models_small.h"

using namespace babelgrad;

namespace {

template <class Model>
Tensor stepwise(Model& model, const SmallBatch& b) {
  auto state = begin(model, b);
  std::vector<Tensor> steps;
  for (int t = 0; t < b.tgt.dim(1); t++) steps.push_back(decode(model, column(b.tgt, t), state));
  return cat(steps, 1);
}

SmallBatch without_padding(const SmallBatch& b, int i) {  // sentence i alone
  Ints row{i}, src = take(b.src, row), label = take(b.label, row);
  int len = b.src_valid_len[i],
      steps = int(std::ranges::count_if(label.values(), [](int id) { return id != pad_id; }));
  return {resized(src, len), take(b.src_valid_len, row), resized(take(b.tgt, row), steps),
          resized(label, steps)};
}

}  // namespace

TEST_CASE(
    "(D1) decoding step by step gives the logits of decoding at once, in training and in "
    "evaluation") {
  every_model([](auto& model) {
    SmallBatch b = small_batch();
    for (bool training : {true, false}) {
      train(model, training);
      CHECK(distance(stepwise(model, b), logits_of(model, b)) < near_bar);
    }
  });
}

TEST_CASE("S6: a later target token changes no earlier logit, in training or in evaluation (D2)") {
  for (Real dropout : {Real(0), Real(0.3)}) {
    every_model(
        [&](auto& model) {
          SmallBatch b = small_batch(), other = b;
          for (bool training : {true, false}) {
            train(model, training);
            for (int later = 1; later < b.tgt.dim(1); later++) {
              other.tgt = b.tgt;
              for (int i = 0; i < 3; i++) other.tgt.at(i, later) = 10 - i;
              manual_seed(2);
              Tensor first = logits_of(model, b);
              manual_seed(2);
              Tensor second = logits_of(model, other);
              CHECK(same_bits(slice(first, 1, 0, later), slice(second, 1, 0, later)));
              CHECK(!same_bits(first, second));
            }
          }
        },
        dropout);
  }
}

TEST_CASE("padding: what stands in it changes no logit, no loss and no gradient, bit for bit") {
  for (Real dropout : {Real(0), Real(0.3)}) {
    every_model(
        [](auto& model) {
          SmallBatch b = small_batch(), other = b;
          for (int i = 0; i < 3; i++) {
            for (int t = b.src_valid_len[i]; t < b.src.dim(1); t++) other.src.at(i, t) = 4 + t;
            for (int t = 0; t < b.tgt.dim(1); t++)
              if (b.label.at(i, t) == pad_id) other.tgt.at(i, t) = 4 + t;
          }
          manual_seed(2);
          LossAndGradients first = learn(model, b);
          manual_seed(2);
          check_same_bits(first, learn(model, other));
          other.tgt = b.tgt;
          manual_seed(2);
          Tensor logits = logits_of(model, b);
          manual_seed(2);
          CHECK(same_bits(logits, logits_of(model, other)));
        },
        dropout);
  }
}

TEST_CASE("(D4) Seq2SeqEncoder, TransformerEncoder: adding padding changes nothing") {
  every_model([](auto& model) {
    SmallBatch b = small_batch(), wide = b, tall = b;
    wide.src = resized(b.src, 12);
    tall.tgt = resized(b.tgt, 9), tall.label = resized(b.label, 9);
    CHECK(same_bits(logits_of(model, wide), logits_of(model, b)));
    CHECK(same_bits(slice(logits_of(model, tall), 1, 0, 4), logits_of(model, b)));
    LossAndGradients narrow = learn(model, b), wider = learn(model, wide);
    LossAndGradients taller = learn(model, tall);
    CHECK(same_bits(wider.loss, narrow.loss));
    CHECK(distance(taller.loss, narrow.loss) < near_bar);                // a sum over more zeros
    for (std::size_t p = 0; p < narrow.gradients.size(); p++) {
      if (!narrow.gradients[p]) continue;
      CHECK(same_bits(wider.gradients[p], narrow.gradients[p]));
      CHECK(same_bits(taller.gradients[p], narrow.gradients[p]));
    }
  });
}

TEST_CASE("batch: sentences together give the losses and gradients of each alone") {
  every_model([](auto& model) {
    SmallBatch b = small_batch();
    LossAndGradients together = learn(model, b), alone{Tensor::scalar(0), {}};
    Index tokens = 0;
    for (int i = 0; i < 3; i++) {
      SmallBatch single = without_padding(b, i);
      Index n = single.label.numel();
      LossAndGradients one = learn(model, single);
      alone.loss = alone.loss + one.loss * Real(n);
      if (i == 0) alone.gradients.resize(one.gradients.size());
      for (std::size_t p = 0; p < one.gradients.size(); p++) {
        Tensor g = one.gradients[p] ? one.gradients[p] * Real(n) : Tensor();
        if (g) alone.gradients[p] = alone.gradients[p] ? alone.gradients[p] + g : g;
      }
      tokens += n;
    }
    alone.loss = alone.loss / Real(tokens);
    for (Tensor& g : alone.gradients) g = g / Real(tokens);
    CHECK(distance(together, alone) < near_bar);
  });
}

TEST_CASE("state: take() reorders the sentences, and decoding goes on with each") {
  every_model([](auto& model) {
    SmallBatch b = small_batch();
    auto state = begin(model, b);
    decode(model, resized(b.tgt, 2), state);
    Ints rows{2, 0, 0, 1}, next(Shape{3, 1}, {5, 6, 7});
    auto taken = state.take(rows);
    for (int step = 0; step < 2; step++) {
      Tensor all = decode(model, next, state), some = decode(model, take(next, rows), taken);
      CHECK(distance(some, index_select(all, 0, rows)) < near_bar);
    }
  });
}

TEST_CASE(
    "state: what depends on the source alone is computed once, and no step costs more than the "
    "last") {
  every_model([](auto& model) {
    SmallBatch b = small_batch();
    auto state = begin(model, b);
    std::vector<long> nodes;
    std::vector<Tensor> kept;  // and with it its graph
    for (int t = 0; t < 5; t++) {
      long before = live_nodes();
      kept.push_back(decode(model, Ints(Shape{3, 1}, 5), state));
      nodes.push_back(live_nodes() - before);
    }
    for (int t = 2; t < 5; t++) CHECK(nodes[t] == nodes[1]);
  });
}

TEST_CASE("AttentionDecoder: what has attention_weights() to look at") {
  CHECK(std::is_base_of_v<AttentionDecoder, Seq2SeqAttentionDecoder>);
  CHECK(!std::is_base_of_v<AttentionDecoder, Seq2SeqDecoder>);
}

TEST_CASE("state: the attention decoder projects the source's states once") {
  manual_seed(1);
  AttentionModel model = attention_model(Cell::gru, Score::additive);
  SmallBatch b = small_batch();
  auto state = begin(model, b);
  const Real* projected = state.enc_outputs.keys.data();
  CHECK(state.enc_outputs.keys.shape() == Shape{3, 5, width});
  for (int t = 0; t < 3; t++) {
    decode(model, column(b.tgt, t), state);
    CHECK(state.enc_outputs.keys.data() == projected);
    CHECK(state.hidden_state.H.shape() == Shape{2, 3, width});
  }
}

TEST_CASE(
    "TransformerDecoder: keeps the keys of t tokens after t steps, and those of the source as "
    "they were") {
  manual_seed(1);
  TransformerModel model = transformer_model(relu, false);
  SmallBatch b = small_batch();
  auto state = begin(model, b);
  const Real* source = nullptr;
  for (int t = 1; t <= 4; t++) {
    Tensor past = t > 1 ? state.caches[1].self.keys : Tensor();
    decode(model, column(b.tgt, t - 1), state);
    CHECK(state.position == t);
    for (const auto& [self, cross] : state.caches) {
      CHECK(self.keys.shape() == Shape{3 * 2, t, width / 2});
      CHECK(self.values.shape() == Shape{3 * 2, t, width / 2});
      CHECK(cross.keys.shape() == Shape{3 * 2, 5, width / 2});
    }
    if (past) CHECK(same_bits(slice(state.caches[1].self.keys, 1, 0, t - 1), past));
    if (source) CHECK(state.caches[1].cross.keys.data() == source);
    source = state.caches[1].cross.keys.data();
  }
}

TEST_CASE("(D1) step t of the Transformer adds P[t], not P[0]") {
  manual_seed(1);
  TransformerModel model = transformer_model(relu, false);
  SmallBatch b = small_batch();
  auto right = begin(model, b);
  for (int t = 0; t < 4; t++) {
    auto restarted = right;
    restarted.position = 0;
    Tensor first = decode(model, column(b.tgt, t), restarted),
           second = decode(model, column(b.tgt, t), right);
    CHECK((distance(first, second) > 1e-3) == (t > 0));
    Tensor zeros({1, 1, width}), row = model.decoder.pos_encoding(zeros, {t});
    CHECK(same_bits(reshape(row, {width}), select(model.decoder.pos_encoding.P, 0, t)));
  }
}

TEST_CASE("packed: loss and gradients are those of the padded batch") {
  every_model([](auto& model) {
    SmallBatch b = small_batch();
    LossAndGradients without_padding = learn(model, b);
    LossAndGradients padded = back_from(model, model.loss(logits_of(model, b), b.label));
    CHECK(distance(without_padding, padded) < near_bar);
  });
}
