// Models and their parts of size 0, with nothing to read, and with settings that mean nothing: a
// result of the right shape, or an error that names what was asked.
#include <functional>

#include "models/attention_pooling.h"
#include "models/beam_search.h"
#include "models/deep_rnn.h"
#include "models/lstm.h"
#include "tests/models_small.h"

using namespace babelgrad;

namespace {

// Of sources and targets of so many sentences and words.
SmallBatch empty_batch(int sentences, int words) {
  Shape shape{sentences, words};
  return {Ints(shape, 4), Ints(Shape{sentences}, words), Ints(shape, 5), Ints(shape, 6)};
}

// f gives numbers, or an Error that begins with one of the names.
void named(const std::vector<std::string>& names, const std::function<Tensor()>& f) {
  bool known = false;                           // what came of it
  std::string error = error_of([&] { known = finite(f()); });
  for (const std::string& name : names) known = known || error.starts_with(name + ": ");
  CHECK_MESSAGE(known, names[0], ": ", error);
}

}  // namespace

TEST_CASE("nothing: the losses of no sentences, and of sentences without words, are 0 or refused") {
  every_model([](auto& model) {
    for (SmallBatch batch : {empty_batch(0, 3), empty_batch(0, 0), empty_batch(2, 0)}) {
      named({"Recurrent", "MultiHeadAttention"}, [&] {
        Tensor loss = model.training_step(packed(batch));
        CHECK(loss.item() == 0);
        if (has_grad(loss)) backward(loss);
        for (const Parameter& p : named_parameters(model))
          if (grad(p.tensor)) CHECK(finite(grad(p.tensor)));
        return loss;
      });
    }
  });
}

TEST_CASE("nothing: padded batches without sentences or words") {
  every_model([](auto& model) {
    for (int sentences : {0, 2}) {
      for (int words : {0, 3}) {
        SmallBatch b = empty_batch(sentences, words);
        named({"Recurrent", "MultiHeadAttention"},
              [&] { return model(b.src, b.tgt, b.src_valid_len); });
      }
    }
  });
}

TEST_CASE("nothing: models that have a width, a head, a layer or a vocabulary of 0") {
  const std::vector<std::string> names = {"Recurrent", "MultiHeadAttention", "Embedding", "Linear"};
  Ints ids(Shape{1, 2}, 1);
  for (int zero = 0; zero < 5; zero++) {
    auto n = [zero](int place, int size) { return place == zero ? 0 : size; };
    named(names, [&] {
      Seq2SeqEncoder encoder(n(0, 5), n(1, 4), n(2, 4), n(3, 1));
      return encoder(Ints(Shape{1, 2}, n(0, 5) ? 1 : 0), {}).outputs;
    });
    named(names, [&] {
      TransformerEncoder encoder(5, n(1, 4), n(2, 4), n(3, 2), n(4, 1), 0);
      return encoder(ids);
    });
    named(names, [&] {
      TransformerDecoder decoder(n(0, 5), n(1, 4), n(2, 4), n(3, 2), n(4, 1), 0);
      return decoder(Ints(Shape{1, 2}, 0), decoder.init_state(Tensor({1, 2, 4}), {})).first;
    });
  }
  for (int bad : {0, -1}) {
    named({"MultiHeadAttention"}, [&] { return MultiHeadAttention(4, bad, 0).W_q.weight; });
    CHECK(error_of([&] { MultiHeadAttention(bad, 1, 0); }) != "");
  }
  CHECK(error_of([] { PositionalEncoding(-2, 0); }).starts_with("PositionalEncoding: num_hiddens"));
  CHECK(error_of([] { PositionalEncoding(2, 0, -1); }).starts_with("PositionalEncoding: max_len"));
}

TEST_CASE("nothing: attention without queries, keys, features or sentences") {
  for (int zero = 0; zero < 5; zero++) {
    auto n = [zero](int place, int size) { return place == zero ? 0 : size; };
    int batch = n(0, 2), queries = n(1, 3), keys = n(2, 4), width = n(3, 5), values = n(4, 6);
    auto attend = [&](Attention& attention) {
      named({"dot_attention"}, [&] {
        Tensor y = attention(Tensor({batch, queries, width}), Tensor({batch, keys, width}),
                             Tensor({batch, keys, values}));
        CHECK(y.shape() == Shape{batch, queries, values});
        CHECK(attention.attention_weights.shape() == Shape{batch, queries, keys});
        return y;
      });
    };
    DotProductAttention dot(0);
    attend(dot);
    if (width > 0) every_attention(attend, width);           // the additive score has weights
    else CHECK(error_of([] { AdditiveAttention(0, 0, 0, 0); }).starts_with("Linear: sizes"));
  }
  DotProductAttention attention(0);
  Tensor X({2, 3, 4});
  for (int bad : {-1, 4}) {
    CHECK(error_of([&] { attention(X, X, X, Ints{3, bad}); }) ==
          join("attention: a valid length of ", bad, " is outside 0 .. 3"));
  }
  CHECK(error_of([&] { attention(X, X, Tensor()); })
            .starts_with("dot_attention: there is no tensor"));
  CHECK(error_of([&] { attention(Tensor({3, 4}), X, X); })
            .starts_with("dot_attention: queries (3, 4)"));
}

TEST_CASE("nothing: scratch layers of no sizes, no steps and no sentences") {
  for (int steps : {0, 2}) {
    for (int batch : {0, 3}) {
      Tensor X({steps, batch, 2});
      CHECK(RNNScratch(2, 4)(X).first.size() == std::size_t(steps));
      CHECK(RNNScratch(2, 4)(X).second.shape() == Shape{batch, 4});
      CHECK(LSTMScratch(2, 0)(X).second.C.shape() == Shape{batch, 0});
      CHECK(finite(RNNScratch(2, 4)(X).second));
    }
  }
  CHECK(finite(RNNScratch(0, 4)(Tensor({1, 2, 0})).second));
}

TEST_CASE("PositionalEncoding: a table that begins empty grows, and there is no place below 0") {
  PositionalEncoding waves(4, 0, 0), whole(4, 0);
  CHECK(same_bits(waves(Tensor({1, 4}), Ints{0}), whole(Tensor({1, 4}), Ints{0})));
  CHECK(same_bits(waves(Tensor({1, 3, 4}), {2, 3, 4}), whole(Tensor({1, 3, 4}), {2, 3, 4})));
  CHECK(error_of([&] { waves(Tensor({1, 3, 4}), {0, 1, -1}); }) ==
        "PositionalEncoding: there is no position -1");
  CHECK(error_of([&] { waves(Tensor({1, 1, 4}), {INT32_MAX}); })
            .starts_with("PositionalEncoding: there is no position "));
}

TEST_CASE("settings: of models and searches") {
  RnnModel model = rnn_model(Cell::gru);
  SmallBatch b = small_batch();
  for (double bad : {double(NAN), double(INFINITY)}) {
    auto state = model.decoder.init_state(model.encoder(b.src, b.src_valid_len), b.src_valid_len);
    CHECK(error_of([&] {
            beam_search(model.decoder, state, {3, 3, 3}, bos_id, eos_id, {.alpha = bad});
          }).starts_with("beam_search: alpha "));
  }
  CHECK(error_of([&] { model.predict_step(padded(b), -1, eos_id); }) ==
        "predict_step: -1 steps");
  for (Real bad : {Real(-0.1), Real(1.1), Real(NAN)}) {
    model.label_smoothing = bad;
    CHECK(error_of([&] { model.training_step(padded(b)); })
              .starts_with("cross_entropy: label_smoothing "));
  }
  RNNLMScratch<RNNScratch> language(RNNScratch(5, 4), 5);
  CHECK(error_of([&] { language.predict({1}, -1); }) == "predict: -1 predictions");
  CHECK(language.predict({1}, 0).size() == 1);
  for (Real bad : {Real(0), Real(NAN), Real(INFINITY)})
    CHECK(error_of([&] { gaussian_with_width(bad); }).starts_with("gaussian_with_width: "));
}
