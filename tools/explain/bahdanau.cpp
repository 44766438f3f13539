// The walk through the encoder-decoder with attention: before each word, a look at the source.
#include "models/bahdanau.h"

#include "tools/explain/recurrent.h"

namespace babelgrad::explain {
namespace {

using AttentionModel = Seq2Seq<Seq2SeqEncoder, Seq2SeqAttentionDecoder>;

struct AttentionWalker : Walker {
  AttentionModel& model;
  Tokens words;
  Tensor values, keys;                          // (source tokens, units); keys projected
  std::vector<Memory> memory;

  explicit AttentionWalker(AttentionModel& model) : model(model) {}

  void encode(const std::vector<int>& ids, const Tokens& src, const Teller& tell) override {
    Encoded encoded = encode_recurrently(model.encoder, ids, src, tell);
    words = src, memory = encoded.memory, values = encoded.outputs;
    keys = model.decoder.attention->project(values, values).keys;
    Teller bridge = tell;
    bridge.where.side = Side::decoder;
    bridge({"values V", Kind::value, "V = the top encoder states", "bahdanau.values",
            "what a look at a source word brings"}, values, {source(words), units()});
    const Attention* attention = model.decoder.attention.get();
    const bool additive = dynamic_cast<const AdditiveAttention*>(attention);
    const bool general = dynamic_cast<const GeneralAttention*>(attention);
    bridge({"keys K", Kind::key, additive ? "K = V W_kᵀ" : general ? "K = V Wᵀ" : "K = V",
            additive ? "additive.keys" : general ? "general.keys" : "dot.keys",
            "what a query is compared with"}, keys, {source(words), units()});
  }

  // query (1, units) -> scores (1, source tokens)
  Tensor scores(const Tensor& query, const std::string& word, const Teller& tell) const {
    const std::vector<Axis> axes{target({word}), source(words)};
    const Attention* attention = model.decoder.attention.get();
    if (auto* additive = dynamic_cast<const AdditiveAttention*>(attention)) {
      Tensor features = tanh(additive->W_q(query) + keys);
      tell({"features", Kind::inner, "features = tanh(W_q q + k)", "additive.features",
            "the query added to every key"}, features, {source(words), units()});
      Tensor scores = transpose(additive->w_v(features));
      tell({"scores a", Kind::score, "a(q, k) = w_vᵀ tanh(W_q q + W_k k)",
            "additive.scores", "how well each source word answers the query",
            {equation("11.3.7"), {"in one pass", "additive.one_pass"}}}, scores, axes);
      return scores;
    }
    const bool scaled = dynamic_cast<const DotProductAttention*>(attention);
    const bool dot = scaled || !dynamic_cast<const GeneralAttention*>(attention);
    Tensor scores = matmul(query, transpose(keys));
    if (scaled) scores = scores / std::sqrt(Real(query.dim(-1)));
    std::vector<Mention> also{{"in one pass", "dot.one_pass"}};
    if (scaled) also.insert(also.begin(), equation("11.3.2"));
    tell({"scores a", Kind::score,
          !dot ? "a(q, k) = qᵀ W k" : scaled ? "a(q, k) = qᵀ k / √d" : "a(q, k) = qᵀ k",
          !dot ? "general.scores" : scaled ? "dot.scores_scaled" : "dot.scores",
          "how well each source word answers the query", also}, scores, axes);
    return scores;
  }

  // (1, units) -> (1, units): the mean of the values, weighted by how well their keys fit.
  Tensor look(const Tensor& query, const std::string& word, const Teller& tell) const {
    tell({"query q", Kind::query, "q = the top state before this word", "bahdanau.query",
          "what the decoder asks the source: its state after the words so far"}, query,
         {target({word}), units()});
    Tensor weights = softmax(scores(query, word, tell));
    tell({"attention weights", Kind::weight, "weights = softmax(a)", "attention.weights",
          "where it looks; positive, with sum 1",
          {{"the mask", "softmax.mask"}, {"in one pass", "one_pass.weights"}}}, weights,
         {target({word}), source(words)});
    Tensor context = matmul(weights, values);
    tell({"context c", Kind::context, "c = Σ weight V", "bahdanau.context",
          "the source as this word needs it, a mean of the values",
          {equation("11.4.1"), {"in one pass", "one_pass.context"}}}, context,
         {target({word}), units()});
    return context;
  }

  Tensor decode(int id, const std::string& word, const Teller& tell) override {
    const std::vector<Axis> axes{target({word}), units()};
    Tensor emb = model.decoder.embedding(Ints{id});
    tell({"embedding y", Kind::embedding, "y = row `id` of the embedding table",
          "bahdanau.embedding", "the word before the one that is sought"}, emb, axes);
    Tensor context = look(memory.back().H, word, tell);
    Tensor x = cat({context, emb}, -1);
    tell({"input x", Kind::input, "x = [c; y]", "bahdanau.input",
          "the context, and that word beside it"}, x, axes);
    Tensor h = recurrent_layers(model.decoder.rnn, x, memory, axes, tell);
    Tensor logits = model.decoder.dense(h);
    tell({"logits", Kind::logit, "logits = W h + b", "bahdanau.logits",
          "for each word of the vocabulary, the larger the likelier"}, logits,
         {target({word}), {"words"}});
    return logits;
  }
};

}  // namespace

std::unique_ptr<Walker> walker_of_attention(Module& model) {
  auto* attention = dynamic_cast<AttentionModel*>(&model);
  return attention ? std::make_unique<AttentionWalker>(*attention) : nullptr;
}

}  // namespace babelgrad::explain
