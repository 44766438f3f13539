#include "tools/app/run/model.h"

#include <algorithm>
#include <numeric>

#include "data/text.h"
#include "nn/prepacked.h"
#include "nn/weights.h"
#include "tools/app/run/without.h"

namespace babelgrad {
namespace {

// Weights of each layer (batch heads, queries, keys) -> (batch, heads, queries, keys), without the
// layers that have no attention.
std::vector<Tensor> by_head(const std::vector<AttentionWeights>& layers, int heads) {
  std::vector<Tensor> out;
  for (const Tensor w : layers)
    if (w) out.push_back(reshape(w, {w.dim(0) / heads, heads, w.dim(1), w.dim(2)}));
  return out;
}

// Of every layer on the source, as Translator::attention() has them.
std::vector<Tensor> looks(const Seq2SeqDecoder&, int) { return {}; }
std::vector<Tensor> looks(const Seq2SeqAttentionDecoder& decoder, int) {
  return {unsqueeze(cat(tables(decoder.attention_weights()), 1), 1)};
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
  Tensor logits(const Batch& batch) override {
    NoGrad guard;
    return model(batch.src, batch.tgt, batch.lens);
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

template <class E, class D>
std::unique_ptr<Translator> transformer(const ModelConfig& c, const Vocab& src, const Vocab& tgt) {
  Real p = Real(c.dropout);
  const Activation act = c.activation == ActivationKind::gelu ? gelu : relu;
  return hold(c, src, tgt, E(src.size(), c.hidden, c.ffn, c.heads, c.layers, p, false, act),
              D(tgt.size(), c.hidden, c.ffn, c.heads, c.layers, p, act));
}

std::unique_ptr<Translator> new_translator(const ModelConfig& c, const Vocab& src,
                                           const Vocab& tgt) {
  const bool whole = c.without.empty();
  if (c.model == ModelKind::transformer && c.norm == NormPlace::pre)
    return whole ? transformer<PreNormEncoder<>, PreNormDecoder<>>(c, src, tgt)
                 : transformer<AblatedPreEncoder, AblatedPreDecoder>(c, src, tgt);
  if (c.model == ModelKind::transformer)
    return whole ? transformer<TransformerEncoder<>, TransformerDecoder<>>(c, src, tgt)
                 : transformer<AblatedPostEncoder, AblatedPostDecoder>(c, src, tgt);
  Real p = Real(c.dropout);
  Seq2SeqEncoder encoder(src.size(), c.embed, c.hidden, c.layers, p, c.cell);
  if (c.model == ModelKind::rnn)
    return hold(c, src, tgt, std::move(encoder),
                Seq2SeqDecoder(tgt.size(), c.embed, c.hidden, c.layers, p, c.cell));
  return hold(c, src, tgt, std::move(encoder),
              Seq2SeqAttentionDecoder(tgt.size(), c.embed, c.hidden, c.layers, p, c.cell,
                                      c.score));
}

// Press and Wolf 2017; Vaswani et al. 2017, section 3.4: handles of the same parameters.
void tie_embeddings(Module& module, Tying tie) {
  if (tie == Tying::none) return;
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
  if (tie == Tying::all) {
    same(*found.decoder, *found.encoder);
    *found.encoder = *found.decoder;
  }
  *found.dense = *found.decoder;
}

// --- searching

// Source positions of a batch, each as often as it has hypotheses: enough of them to keep a core
// busy, few enough for the numbers of a step to stay near it.
constexpr Index budget = 4096;

// The rows of each batch: like lengths together, so that there is little padding. Sentences times
// the longest of them times `hypotheses` stays within the budget; what is longer is alone.
std::vector<std::vector<int>> by_length(const std::vector<Pair>& pairs, int hypotheses) {
  std::vector<int> order(pairs.size());
  std::iota(order.begin(), order.end(), 0);
  auto length = [&](int i) { return pairs[i].src.size(); };
  std::ranges::stable_sort(order, {}, length);
  std::vector<std::vector<int>> batches;
  for (int row : order) {
    Index longest = Index(length(row)) + 1;     // with <eos>; in this order the last is the longest
    bool full = batches.empty() ||
                Index(batches.back().size() + 1) * longest * hypotheses > budget;
    if (full) batches.emplace_back();
    batches.back().push_back(row);
  }
  return batches;
}

// search(batch, max_lens) for batches that have every sentence once; batch.rows says which these
// are, max_lens (B) the longest translation that each may have.
void each_batch(const Translator& model, const std::vector<Tokens>& sentences, int hypotheses,
                int max_len, const std::function<void(const Batch&, const Ints&)>& search) {
  std::vector<Pair> pairs;
  for (const Tokens& sentence : sentences) pairs.push_back(model.pieces({sentence, {}}));
  for (const std::vector<int>& rows : by_length(pairs, hypotheses)) {
    Batch batch = padded(make_batch(model.config, pairs, rows, model.src_vocab, model.tgt_vocab),
                         model.src_vocab, model.tgt_vocab);
    Ints max_lens = batch.lens.src;
    for (Index i = 0; i < max_lens.numel(); i++)
      max_lens[i] = max_len > 0 ? max_len : model.longest(max_lens[i]);
    search(batch, max_lens);
  }
}

}  // namespace

bool ModelConfig::lacks(const std::string& part) const {
  return std::ranges::find(without, part) != without.end();
}

bool ModelConfig::attends_to_source() const {
  return model != ModelKind::rnn && !lacks("attention");
}

std::unique_ptr<Translator> make_translator(const ModelConfig& c, const Vocab& src,
                                            const Vocab& tgt) {
  check(c.tie != Tying::all || src == tgt, "tie all: one table needs one vocabulary, but those of ",
        src.size(), " and ", tgt.size(), " entries differ");
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
  if (config.norm == NormPlace::pre) {
    check(config.model == ModelKind::transformer, "norm pre needs a Transformer, not ",
          config.model);
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

// --- words as pieces, pieces as numbers, and back to text

Batch make_batch(const ModelConfig& config, const std::vector<Pair>& pairs,
                 const std::vector<int>& rows, const Vocab& src_vocab, const Vocab& tgt_vocab) {
  return make_batch(pairs, rows, src_vocab, tgt_vocab, config.num_steps);
}

Pair Translator::pieces(const Pair& words, double dropout, Random* dice) const {
  const auto spelt = [&](const Subwords& subwords, const Vocab& vocab, const Tokens& sentence) {
    const auto known = [&](const std::string& piece) { return vocab.contains(piece); };
    Tokens out;
    for (const std::string& word : sentence) {
      const Tokens parts = word == unk_token ? Tokens{word}
                           : dice ? subwords.encode({word}, dropout, *dice, known)
                                  : subwords.encode({word}, known);
      out.insert(out.end(), parts.begin(), parts.end());
    }
    return out;
  };
  return {spelt(src_subwords, src_vocab, words.src), spelt(tgt_subwords, tgt_vocab, words.tgt)};
}

Tokens Translator::target_words(const std::vector<int>& ids) const {
  const Tokens pieces = tgt_vocab.words(ids);
  return tgt_subwords.empty() ? pieces : join_pieces(pieces);
}

Tokens Translator::as_written(const Tokens& words) const {
  return tokenizer() == Tokenizer::book ? words : unescape_moses(words);
}

Tokens Translator::joined(const Tokens& pieces) const {
  return config.merges > 0 ? join_pieces(pieces) : pieces;
}

std::string Translator::source_text(const Tokens& words) const {
  return detokenize(words, config.source_language);
}

std::string Translator::target_text(const Tokens& words) const {
  return detokenize(words, config.language);
}

Batch Translator::source_batch(const std::vector<Tokens>& sentences) const {
  std::vector<Pair> pairs;
  std::vector<int> rows;
  for (const Tokens& sentence : sentences) {
    rows.push_back(int(pairs.size()));
    pairs.push_back(pieces({sentence, {}}));
  }
  return make_batch(config, pairs, rows, src_vocab, tgt_vocab);
}

// --- searching: sorted into batches of like lengths, and back into their own order

int Translator::longest(int src_tokens) const {
  return config.num_steps > 0 ? config.num_steps : 2 * src_tokens + 10;
}

// A beam of one is greedy search, and each sentence leaves its batch at its own end.
std::vector<Tokens> Translator::translate(const std::vector<Tokens>& sentences, int max_len) {
  std::vector<Tokens> out;
  for (const auto& found : search(sentences, {.beam_size = 1, .max_len = max_len}))
    out.push_back(target_words(found[0].tokens));
  return out;
}

std::vector<std::vector<Hypothesis>> Translator::search(const std::vector<Tokens>& sentences,
                                                        const BeamOptions& options) {
  std::vector<std::vector<Hypothesis>> out(sentences.size());
  const PrepackedWeights fixed(module(), Index(sentences.size()) * options.beam_size);
  each_batch(*this, sentences, options.beam_size, options.max_len,
             [&](const Batch& batch, const Ints& max_lens) {
    auto found = beam(batch.src, batch.lens.src, max_lens, options);
    for (std::size_t i = 0; i < found.size(); i++) out[batch.rows[i]] = std::move(found[i]);
  });
  return out;
}

}  // namespace babelgrad
