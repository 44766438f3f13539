// What the loss of a model depends on, what it weighs, and that the models learn.
#include <set>

#include "tests/models_small.h"

using namespace babelgrad;

namespace {

// Four sentences; two of them begin alike, so that the source must be looked at.
SmallBatch four_sentences() {
  return {Ints(Shape{4, 4}, {4, 5, 6, 3, 4, 5, 7, 3, 8, 3, 1, 1, 9, 10, 3, 1}),
          {4, 4, 2, 3},
          Ints(Shape{4, 5}, {2, 4, 5, 6, 7, 2, 4, 5, 8, 1, 2, 9, 1, 1, 1, 2, 12, 11, 10, 1}),
          Ints(Shape{4, 5}, {4, 5, 6, 7, 3, 4, 5, 8, 3, 1, 9, 3, 1, 1, 1, 12, 11, 10, 3, 1})};
}

// With several threads at work in every product: larger than the others.
SmallBatch large_batch() {
  Random random(3);
  int n = 16, steps = 12;
  SmallBatch b{Ints(Shape{n, steps}), Ints(Shape{n}), Ints(Shape{n, steps}), Ints(Shape{n, steps})};
  for (int i = 0; i < n; i++) {
    b.src_valid_len[i] = 1 + random.below(steps);
    for (int t = 0; t < steps; t++) {
      b.src.at(i, t) = 4 + random.below(200);
      b.tgt.at(i, t) = 4 + random.below(200);
      b.label.at(i, t) = t < b.src_valid_len[i] ? 4 + random.below(200) : pad_id;
    }
  }
  return b;
}

template <class Model>
void learns_on_threads(const std::string& name, Model model) {
  same_for_all_threads(name, [&] {
    manual_seed(4);
    LossAndGradients now = learn(model, large_batch());
    now.gradients.push_back(now.loss);
    return now.gradients;
  });
}

}  // namespace

TEST_CASE("loss: depends on every parameter and on nothing else") {
  for (Real dropout : {Real(0), Real(0.3)}) {
    every_model(
        [](auto& model) {
          Tensor loss = model.training_step(packed(small_batch()));
          std::set<Node*> reached, parameters;
          for (Node* leaf : leaves(loss)) reached.insert(leaf);
          for (const Parameter& p : named_parameters(model)) parameters.insert(p.tensor.node.get());
          CHECK(reached == parameters);
          CHECK(parameters.size() > 10);
        },
        dropout);
  }
}

TEST_CASE("Seq2Seq: the loss of identical sentences of lengths 4, 2 and 0 weighs 2 : 1 : 0") {
  RnnModel model = rnn_model(Cell::gru);
  Random random(1);
  Tensor one = random_tensor({1, 1, tgt_words}, random);
  Tensor logits = expand(one, {3, 4, tgt_words});
  Ints labels(Shape{3, 4}, {5, 5, 5, 5, 5, 5, 1, 1, 1, 1, 1, 1});
  LossOptions each{.reduction = Reduction::none, .ignore_index = pad_id};
  std::vector<Real> sums = sum(cross_entropy(logits, labels, each), {1}).values();
  CHECK(sums[0] > 0);
  CHECK(sums[0] == 2 * sums[1]);
  CHECK(sums[2] == 0);
  Tensor single = cross_entropy(select(one, 0, 0), Ints{5});
  CHECK(distance(model.loss(logits, labels), single) <
        tol(1e-15, 1e-6));  // the mean over six tokens
}

TEST_CASE("loss: no tokens, or no source, is no loss, no gradient and no NaN") {
  every_model([](auto& model) {
    for (bool no_source : {false, true}) {
      SmallBatch b = small_batch();
      if (no_source) b.src_valid_len = Ints{0, 0, 0};
      else b.label = Ints(b.label.shape(), pad_id);
      LossAndGradients out = back_from(model, model.loss(logits_of(model, b), b.label));
      CHECK((out.loss.item() == 0) == !no_source);
      CHECK(std::isfinite(out.loss.item()));
      for (const Tensor& g : out.gradients)
        for (Real v : g.values()) CHECK((no_source ? std::isfinite(v) : v == 0));
    }
  });
}

TEST_CASE("learning: four sentences by heart in 200 steps, and greedy search repeats them") {
  every_model([](auto& model) {
    SmallBatch b = four_sentences();
    auto loss = [&] { return model.training_step(packed(b)); };
    CHECK(learn_by_heart(model, 200, Real(0.01), loss) < 0.05);
    eval(model);
    Ints out = model.predict_step(padded(b), 8, eos_id).first;
    CHECK(out.dim(1) == 5);                     // the longest, with <eos>
    CHECK(before(out, eos_id) ==
          std::vector<std::vector<int>>{{4, 5, 6, 7}, {4, 5, 8}, {9}, {12, 11, 10}});
  });
}

TEST_CASE(
    "threads: one to four of them give the same bits of loss and gradients, with dropout on") {
  manual_seed(1);
  const Real p = Real(0.2);
  learns_on_threads("rnn", RnnModel({204, 64, 64, 2, p}, {204, 64, 64, 2, p}, pad_id));
  learns_on_threads("attention", AttentionModel({204, 64, 64, 2, p}, {204, 64, 64, 2, p}, pad_id));
  learns_on_threads("transformer",
                    TransformerModel({204, 64, 128, 4, 2, p}, {204, 64, 128, 4, 2, p}, pad_id));
}

TEST_CASE("dropout: another seed is another loss; in evaluation there is none") {
  every_model(
      [](auto& model) {
        SmallBatch b = small_batch();
        manual_seed(1);
        Tensor first = logits_of(model, b), second = logits_of(model, b);
        CHECK(!same_bits(first, second));
        eval(model);
        CHECK(same_bits(logits_of(model, b), logits_of(model, b)));
      },
      Real(0.3));
}

TEST_CASE("EncoderDecoder: predict_step stops at <eos>, and goes on for the other sentences") {
  every_model([](auto& model) {
    SmallBatch b = small_batch();
    Parameter bias = named_parameters(model).back();
    REQUIRE(bias.name == "decoder.dense.bias");
    bias.tensor.data()[7] = 1000;  // always the word 7
    auto [cut, weights] = model.predict_step(padded(b), 6, eos_id, true);
    CHECK(cut == Ints(Shape{3, 6}, 7));
    CHECK(weights.size() == 6);
    bias.tensor.data()[eos_id] = 2000;  // the end at once
    auto [ended, none] = model.predict_step(padded(b), 6, eos_id);
    CHECK(ended == Ints(Shape{3, 1}, eos_id));
    CHECK(none.empty());
  });
}
