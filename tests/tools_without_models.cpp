// without.h: each part that goes changes what it says and nothing else, and a model without
// it is still one model: its gradients, padded, packed, and step by step.
#include "tools/app/run/without.h"

#include <set>

#include "models/beam_search.h"
#include "tests/models_small.h"

using namespace babelgrad;

namespace {

const double near_bar = tol(1e-12, 1e-5);

using AblatedModel = Seq2Seq<AblatedPostEncoder, AblatedPostDecoder>;

AblatedModel whole_transformer() {
  manual_seed(1);
  return {{src_words, width, 16, 2, 2, 0, false, gelu}, {tgt_words, width, 16, 2, 2, 0, gelu},
          pad_id};
}
AttentionModel whole_attention() {
  manual_seed(1);
  return attention_model(Cell::gru, Score::scaled_dot);
}
template <class M>
M without(M module, const std::string& part) {
  take_away(module, part);
  return module;
}

// test(model, part) for every model without every part it has.
template <class Test>
void every_part(const Test& test) {
  for (const Part& part : parts()) {
    INFO("without ", part.name);
    AblatedModel transformer = without(whole_transformer(), part.name);
    test(transformer, part.name);
    if (part.models == "transformer") continue;
    INFO("attention model");
    AttentionModel attention = without(whole_attention(), part.name);
    test(attention, part.name);
  }
}

// Padded, all at once. Where nothing masks, words see all that is there: padding, too.
template <class Model>
Tensor at_once(Model& model, const SmallBatch& b) {
  auto state = begin(model, b);
  return decode(model, b.tgt, state);
}

template <class Model>
Tensor step_by_step(Model& model, const SmallBatch& b) {
  auto state = begin(model, b);
  std::vector<Tensor> steps;
  for (int t = 0; t < b.tgt.dim(1); t++) steps.push_back(decode(model, column(b.tgt, t), state));
  return cat(steps, 1);
}

std::string possible(Module& model) {
  std::string message = error_of([&] { take_away(model, "<b>\x1b"); });
  std::string opening = "without: this model has no <b>\\x1B to lose; it has ";
  REQUIRE(message.starts_with(opening));
  return message.substr(opening.size());
}

}  // namespace

TEST_CASE("take_away: what a model has to lose, once; anything else is refused") {
  RnnModel rnn = rnn_model(Cell::gru);
  CHECK(possible(rnn) == "nothing of the kind");
  AttentionModel additive = attention_model(Cell::gru, Score::additive), dots = whole_attention();
  CHECK(possible(additive) == "attention");
  CHECK(possible(dots) == "scaling, attention");
  AblatedModel transformer = whole_transformer();
  std::string all = "mask, positions, residual, norm, ffn, activation, scaling, W_v, "
                    "self-attention, attention";
  CHECK(possible(transformer) == all);
  take_away(transformer, "mask");
  CHECK(possible(transformer) == all.substr(6));
  CHECK(!error_of([&] { take_away(transformer, "mask"); }).empty());
  take_away(transformer, "ffn");                // and with it the activation
  CHECK(possible(transformer).find("activation") == std::string::npos);
  for (const char* rest : {"positions", "residual", "norm", "scaling", "W_v", "self-attention",
                           "attention"})
    take_away(transformer, rest);
  CHECK(possible(transformer) == "nothing of the kind");
  CHECK(std::isfinite(learn(transformer, small_batch()).loss.item()));
}

TEST_CASE("parameters: what nothing uses is not there; what is, is what the loss depends on") {
  struct { const char* part; Index fewer; } table[] = {
      {"mask", 0},       {"positions", 0}, {"residual", 0},           {"norm", 10 * 32},
      {"ffn", 4 * 576},  {"activation", 0}, {"scaling", 0},           {"W_v", 6 * 256},
      {"self-attention", 2 * 1056}, {"attention", 2 * 1056}};
  AblatedModel whole = whole_transformer();
  for (const auto& row : table) {
    AblatedModel model = without(whole_transformer(), row.part);
    CHECK_MESSAGE(parameter_count(whole) - parameter_count(model) == row.fewer, row.part);
  }
  AttentionModel additive = attention_model(Cell::gru, Score::additive);
  Index before = parameter_count(additive);
  take_away(additive, "attention");
  CHECK(before - parameter_count(additive) == 2 * 256 + 16);
  every_part([](auto& model, const std::string& part) {
    constexpr bool recurrent = requires { model.decoder.rnn; };
    std::set<Node*> reached, there;
    for (Node* leaf : leaves(model.training_step(packed(small_batch())))) reached.insert(leaf);
    bool source = part != "attention" || recurrent;      // does anything of it arrive?
    for (const Parameter& p : named_parameters(model))
      if (source || !p.name.starts_with("encoder")) there.insert(p.tensor.node.get());
    CHECK(reached == there);
  });
}

TEST_CASE("gradients: right by finite differences, without each part" * doctest::skip(!is_double)) {
  every_part([](auto& model, const std::string&) {
    SmallBatch b = small_batch();
    LossAndGradients out = learn(model, b);
    Random random(5);
    auto params = named_parameters(model);
    double largest = 0;
    for (std::size_t i = 0; i < params.size(); i++) {    // each in a direction of its own
      Tensor gradient = out.gradients[i], x = params[i].tensor;
      if (!gradient) continue;
      Tensor v = random_tensor(x.shape(), random);
      auto loss_at = [&](Real h) {
        std::vector<Real> at = x.values();
        for (Index j = 0; j < x.numel(); j++) x.data()[j] += h * v.data()[j];
        double loss = double(model.training_step(packed(b)).item());
        std::ranges::copy(at, x.data());
        return loss;
      };
      double slope = double(sum(gradient * v).item()), h = 2e-6;
      double numeric = (loss_at(Real(h)) - loss_at(Real(-h))) / (2 * h);
      CHECK_MESSAGE(std::abs(slope - numeric) <= 1e-6 * std::max(std::abs(numeric), 1e-2),
                    params[i].name, ": ", slope, " and ", numeric);
      largest = std::max(largest, std::abs(slope));
    }
    CHECK(largest > 0.01);
  });
}

TEST_CASE("padded, packed and step by step agree without each part, but for the mask's last") {
  every_part([](auto& model, const std::string& part) {
    SmallBatch b = small_batch();
    if (part == "mask") {                       // of whole targets: nothing hides their padding
      const Ints whole{0, 1};
      b = {take(b.src, whole), take(b.src_valid_len, whole), take(b.tgt, whole),
           take(b.label, whole)};
    }
    LossAndGradients packed = learn(model, b);
    for (Parameter& p : named_parameters(model)) zero_grad(p.tensor);
    LossAndGradients padded{model.loss(at_once(model, b), b.label), {}};
    backward(padded.loss);
    for (Parameter& p : named_parameters(model)) padded.gradients.push_back(grad(p.tensor));
    for (std::size_t i = 0; i < packed.gradients.size(); i++) {
      if (bool(packed.gradients[i]) && bool(padded.gradients[i])) continue;
      CHECK(!packed.gradients[i]);                       // a parameter that nothing reaches
      packed.gradients[i] = padded.gradients[i] = Tensor({1});
    }
    CHECK(distance(packed, padded) < near_bar);
    // Written word by word, the first of them cannot see what is not there yet.
    double apart = distance(step_by_step(model, b), at_once(model, b));
    CHECK((part == "mask" ? apart > 0.01 : apart < near_bar));
  });
}

TEST_CASE("greedy search is a beam of one, and a state goes on in another order, without each") {
  every_part([](auto& model, const std::string&) {
    eval(model);
    SmallBatch b = small_batch();
    Ints src = take(b.src, {0}), len = take(b.src_valid_len, {0});
    ModelBatch one{src, Ints(Shape{1, 1}, bos_id), len, {}};
    auto greedy = before(model.predict_step(one, 12, eos_id).first, eos_id);
    {
      NoGrad guard;
      auto beam = beam_search(model.decoder, model.decoder.init_state(model.encoder(src, len), len),
                              {12}, bos_id, eos_id, {.beam_size = 1});
      CHECK(beam.at(0).at(0).tokens == greedy[0]);
    }
    auto state = begin(model, b);
    decode(model, column(b.tgt, 0), state);
    Ints rows{2, 0, 0, 1}, next(Shape{3, 1}, {5, 6, 7});
    auto taken = state.take(rows);
    Tensor all = decode(model, next, state), some = decode(model, take(next, rows), taken);
    CHECK(distance(some, index_select(all, 0, rows)) < near_bar);
  });
}

TEST_CASE("without the mask a later token changes an earlier logit, packed and padded") {
  AblatedModel whole = whole_transformer(), model = without(whole_transformer(), "mask");
  SmallBatch b = small_batch(), other = b;
  other.tgt.at(0, 3) = 9;
  auto first_apart = [&](AblatedModel& m) {
    double padded = distance(slice(at_once(m, b), 1, 0, 1), slice(at_once(m, other), 1, 0, 1));
    auto first_row = [&](const SmallBatch& s) {
      ModelBatch rows = packed(s);
      return slice(m(rows.src, rows.tgt, rows.lens), 1, 0, 1);
    };
    double rows = distance(first_row(b), first_row(other));
    CHECK(std::abs(padded - rows) < near_bar);
    return padded;
  };
  CHECK(first_apart(whole) == 0);
  CHECK(first_apart(model) > 1e-3);
}

TEST_CASE("without positions a permuted source permutes the encoder's output; logits stay") {
  AblatedModel model = without(whole_transformer(), "positions");
  SmallBatch b = small_batch();
  Ints ids(Shape{1, 5}, {4, 5, 6, 7, 8}), order{3, 1, 4, 0, 2},
      permuted(Shape{1, 5}, {7, 5, 8, 4, 6}), tgt(Shape{1, 3}, {2, 5, 9});
  CHECK(distance(model.encoder(permuted), index_select(model.encoder(ids), 1, order)) < near_bar);
  CHECK(distance(model(permuted, tgt), model(ids, tgt)) < near_bar);
  CHECK(distance(model(ids, Ints(Shape{1, 3}, {5, 2, 9})), model(ids, tgt)) > 0.01);
}
