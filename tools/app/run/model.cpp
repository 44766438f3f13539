#include "tools/app/run/model.h"

#include "nn/weights.h"
#include "tools/app/run/without.h"

namespace babelgrad {
namespace {

// Weights of each layer (batch heads, queries, keys) -> (batch, heads, queries, keys), without the
// layers that have no attention.
std::vector<Tensor> by_head(const std::vector<Tensor>& layers, int heads) {
  std::vector<Tensor> out;
  for (const Tensor& w : layers)
    if (w) out.push_back(reshape(w, {w.dim(0) / heads, heads, w.dim(1), w.dim(2)}));
  return out;
}

// Of every layer on the source, as Translator::attention() has them.
std::vector<Tensor> looks(const Seq2SeqDecoder&, int) { return {}; }
std::vector<Tensor> looks(const Seq2SeqAttentionDecoder& decoder, int) {
  return {unsqueeze(cat(decoder.attention_weights(), 1), 1)};
}
template <class Block, class Dense>
std::vector<Tensor> looks(const TransformerDecoder<Block, Dense>& decoder, int heads) {
  return by_head(decoder.attention_weights()[1], heads);
}

template <class E, class D>
struct Holder : Translator {
  Seq2Seq<E, D> model;

  Holder(const ModelConfig& config, const Vocab& src, const Vocab& tgt, E encoder, D decoder)
      : Translator(config, src, tgt), model(std::move(encoder), std::move(decoder), tgt.pad()) {
    model.label_smoothing = Real(config.label_smoothing);
  }
  Module& module() override { return model; }
  Tensor training_step(const Batch& batch) override { return model.training_step(batch); }
  std::vector<std::vector<int>> greedy(const Ints& src, const Ints& lens, int max_len) override {
    Batch batch{src, Ints(Shape{src.dim(0), 1}, tgt_vocab.bos()), lens, {}};
    const int eos = tgt_vocab.eos();
    const auto never = tgt_vocab.never_said();
    return before(model.predict_step(batch, max_len, eos, false, never).first, eos);
  }
  std::vector<std::vector<Hypothesis>> beam(const Ints& src, const Ints& lens,
                                            const Ints& max_lens,
                                            BeamOptions options) override {
    NoGrad guard;
    options.never = tgt_vocab.never_said();
    auto state = model.decoder.init_state(model.encoder(src, lens), lens);
    return beam_search(model.decoder, std::move(state), max_lens, tgt_vocab.bos(), tgt_vocab.eos(),
                       options);
  }
  std::function<Tensor(int)> word_by_word(const Ints& src,
                                          const std::function<void()>& source_read) override {
    const Ints lens{src.dim(1)};
    auto outputs = model.encoder(src, lens);
    source_read();
    return [this, state = model.decoder.init_state(outputs, lens)](int id) mutable {
      Tensor logits;
      std::tie(logits, state) = model.decoder(Ints(Shape{1, 1}, id), std::move(state));
      return logits;
    };
  }
  std::vector<Tensor> attention(const Ints& src, const Ints& lens, const Ints& tgt) override {
    if (config.lacks("attention")) return {};
    NoGrad guard;
    model(src, tgt, lens);
    return looks(model.decoder, config.heads);
  }
  OwnWeights self_attention() const override {
    if constexpr (requires { model.encoder.attention_weights; })
      return {by_head(model.encoder.attention_weights, config.heads),
              by_head(model.decoder.attention_weights()[0], config.heads)};
    return {};
  }
};

template <class E, class D>
std::unique_ptr<Translator> hold(const ModelConfig& c, const Vocab& src, const Vocab& tgt,
                                 E encoder, D decoder) {
  return std::make_unique<Holder<E, D>>(c, src, tgt, std::move(encoder), std::move(decoder));
}

Cell cell_of(const std::string& name) {
  return name == "rnn" ? Cell::rnn : name == "lstm" ? Cell::lstm : Cell::gru;
}

Score score_of(const std::string& name) {
  return name == "dot"          ? Score::dot
         : name == "scaled_dot" ? Score::scaled_dot
         : name == "general"    ? Score::general
                                : Score::additive;
}

template <class E, class D>
std::unique_ptr<Translator> transformer(const ModelConfig& c, const Vocab& src, const Vocab& tgt) {
  Real p = Real(c.dropout);
  Activation act = c.activation == "gelu" ? gelu : relu;
  return hold(c, src, tgt, E(src.size(), c.hidden, c.ffn, c.heads, c.layers, p, false, act),
              D(tgt.size(), c.hidden, c.ffn, c.heads, c.layers, p, act));
}

std::unique_ptr<Translator> new_translator(const ModelConfig& c, const Vocab& src,
                                             const Vocab& tgt) {
  const bool whole = c.without.empty();
  if (c.model == "transformer" && c.norm == "pre")
    return whole ? transformer<PreNormEncoder<>, PreNormDecoder<>>(c, src, tgt)
                 : transformer<AblatedPreEncoder, AblatedPreDecoder>(c, src, tgt);
  if (c.model == "transformer")
    return whole ? transformer<TransformerEncoder<>, TransformerDecoder<>>(c, src, tgt)
                 : transformer<AblatedPostEncoder, AblatedPostDecoder>(c, src, tgt);
  Real p = Real(c.dropout);
  Cell cell = cell_of(c.cell);
  Seq2SeqEncoder encoder(src.size(), c.embed, c.hidden, c.layers, p, cell);
  if (c.model == "rnn") {
    return hold(c, src, tgt, std::move(encoder),
                Seq2SeqDecoder(tgt.size(), c.embed, c.hidden, c.layers, p, cell));
  }
  return hold(c, src, tgt, std::move(encoder),
              Seq2SeqAttentionDecoder(tgt.size(), c.embed, c.hidden, c.layers, p, cell,
                                      score_of(c.score)));
}

// Press and Wolf 2017; Vaswani et al. 2017, section 3.4: handles of the same parameters.
void tie_embeddings(Module& module, const std::string& tie) {
  if (tie == "none") return;
  struct Find : Visitor {
    Tensor *encoder = nullptr, *decoder = nullptr, *dense = nullptr;
    void on_parameter(const std::string& name, Tensor& parameter) override {
      if (name == "encoder.embedding.weight") encoder = &parameter;
      if (name == "decoder.embedding.weight") decoder = &parameter;
      if (name == "decoder.dense.weight") dense = &parameter;
    }
  } found;
  module.fields(found);
  auto same = [](const Tensor& kept, const Tensor& given_up) {
    check(kept.shape() == given_up.shape(), "tie: word vectors of ", kept.shape(), " cannot be ",
          given_up.shape(), " as well; make --embed and --hidden the same");
  };
  same(*found.decoder, *found.dense);
  if (tie == "all") {
    same(*found.decoder, *found.encoder);
    *found.encoder = *found.decoder;
  }
  *found.dense = *found.decoder;
}

}  // namespace

std::unique_ptr<Translator> make_translator(const ModelConfig& c, const Vocab& src,
                                            const Vocab& tgt) {
  check(c.tie != "all" || src == tgt, "tie all: one table is of one vocabulary, but of ",
        src.size(), " and ", tgt.size(), " entries some are not the same");
  std::unique_ptr<Translator> made = new_translator(c, src, tgt);
  for (const std::string& part : c.without) take_away(made->module(), part);
  made->module().apply([&](Module& module) {
    auto* attention = dynamic_cast<Attention*>(&module);
    if (attention && c.attention_dropout >= 0) attention->dropout.p = Real(c.attention_dropout);
  });
  tie_embeddings(made->module(), c.tie);
  for (Parameter& param : named_parameters(made->module())) {
    if (!param.name.ends_with("embedding.weight")) continue;
    Real* w = overwrite(param.tensor, "embedding_std");
    for (Index i = 0; i < param.tensor.numel(); i++) w[i] *= Real(c.embedding_std);
  }
  return made;
}

// Tried on the smallest model of its kind, so that nothing of the configured size is allocated.
void check_parts(const ModelConfig& config) {
  if (config.norm == "pre") {
    check(config.model == "transformer", "norm pre is of the Transformer, not of ", config.model);
    for (const char* part : {"residual", "norm"})
      check(!config.lacks(part), "norm pre cannot be without ", part, ", only norm post can");
  }
  check(config.without.size() <= parts().size(), "config: without has ", config.without.size(),
        " parts; there are ", parts().size());
  ModelConfig small = config;
  small.embed = small.hidden = 2, small.layers = small.heads = small.ffn = 1;
  struct Restore {
    Random before = generator();                // whose numbers are for the model to come
    ~Restore() { generator() = before; }
  } restore;
  make_translator(small, Vocab(), Vocab());
}

}  // namespace babelgrad
