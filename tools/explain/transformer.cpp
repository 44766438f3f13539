// The walk through the Transformer: every word looks at every other, head by head, layer by layer.
#include "models/transformer.h"

#include "models/seq2seq.h"
#include "tools/explain/teller.h"

namespace babelgrad::explain {
namespace {

using TransformerModel = Seq2Seq<TransformerEncoder, TransformerDecoder>;
using Cache = TransformerState::Cache;

Axis heads() { return {heads_axis}; }

// Names of the words on both sides of an attention, and what its steps are called.
struct Looking {
  Axis queries, keys;
  std::string prefix;                           // "self-attention: "
  std::string keys_are = {};                    // what is to say of them
  std::vector<Mention> weights_are = {{"the mask", "softmax.mask"},
                                      {"in one pass", "one_pass.weights"}};
};

Caption named(const Looking& looking, Caption caption) {
  caption.name = looking.prefix + caption.name;
  return caption;
}

// X (tokens, d) -> queries of every head (heads, tokens, d / heads)
Tensor queries(const MultiHeadAttention& attention, const Tensor& X, const Looking& looking,
               const Teller& tell) {
  Tensor Q = attention.transpose_qkv(attention.W_q(X));
  tell(named(looking, {"queries Q", Kind::query, "Q = X W_qᵀ, cut into heads", "multihead.queries",
                       "what each word asks", {{"cut", "heads.split"}}}),
       Q, {heads(), looking.queries, units()});
  return Q;
}

KeysValues keys_values(const MultiHeadAttention& attention, const Tensor& X,
                       const Looking& looking, const Teller& tell) {
  KeysValues kv = attention.project(X, X);
  tell(named(looking, {"keys K", Kind::key, "K = X W_kᵀ, cut into heads", "multihead.keys",
                       "what each word says it has" + looking.keys_are,
                       {{"cut", "heads.split"}}}),
       kv.keys, {heads(), looking.keys, units()});
  tell(named(looking, {"values V", Kind::value, "V = X W_vᵀ, cut into heads", "multihead.values",
                       "what it gives when looked at", {{"cut", "heads.split"}}}),
       kv.values, {heads(), looking.keys, units()});
  return kv;
}

// -> (queries, d). Nothing is masked: all keys are real words, and later ones are not there yet.
Tensor attend(const MultiHeadAttention& attention, const Tensor& Q, const KeysValues& kv,
              const Looking& looking, const Teller& tell) {
  const std::vector<Axis> pairs{heads(), looking.queries, looking.keys};
  Tensor scores = attention.attention.scores(Q, kv.keys);
  tell(named(looking, {"scores", Kind::score, "scores = Q Kᵀ / √d", "dot.scores_scaled",
                       "how well each key answers each query",
                       {equation("11.3.2"), {"in one pass", "dot.one_pass"}}}), scores, pairs);
  Tensor weights = softmax(scores);
  tell(named(looking, {"attention weights", Kind::weight, "weights = softmax(Q Kᵀ / √d)",
                       "attention.weights", "positive, each row with sum 1",
                       looking.weights_are}), weights, pairs);
  Tensor context = matmul(weights, kv.values);
  tell(named(looking, {"context", Kind::context, "context = softmax(Q Kᵀ / √d) V",
                       "attention.context", "for each query a weighted mean of the values",
                       {equation("11.3.6"), {"in one pass", "one_pass.context"}}}), context,
       {heads(), looking.queries, units()});
  Tensor output = attention.W_o(attention.transpose_output(context, true));
  tell(named(looking, {"output", Kind::inner, "output = [head 1; head 2; ..] W_oᵀ",
                       "multihead.output", "the heads side by side, mixed",
                       {equation("11.5.2"), {"side by side", "heads.join"}}}), output,
       {looking.queries, units()});
  return output;
}

Tensor add_norm(const AddNorm& addnorm, const Tensor& X, const Tensor& Y, const Looking& looking,
                const Teller& tell) {
  Tensor Z = addnorm.ln(X + Y);
  tell(named(looking, {"add & norm", Kind::inner, "LayerNorm(X + output)", "transformer.add_norm",
                       "the sum keeps the input; each word to mean 0, variance 1"}),
       Z, {looking.queries, units()});
  return Z;
}

// The feed-forward network, and with the second sum the end of the layer, at `place`.
Tensor feed_forward(const PositionWiseFFN& ffn, const AddNorm& addnorm, const Tensor& Y,
                    const Axis& words, const char* place, const Teller& tell) {
  const bool relus = ffn.activation == Activation::relu;
  const char* network = relus ? "feed_forward.relu" : "feed_forward.gelu";
  Tensor hidden = relus ? relu(ffn.dense1(Y)) : gelu(ffn.dense1(Y));
  tell({"feed-forward: hidden", Kind::inner,
        relus ? "hidden = relu(X W_1ᵀ + b_1)" : "hidden = gelu(X W_1ᵀ + b_1)", network,
        "each word by itself, in a wider space"}, hidden, {words, {"hidden units"}});
  Tensor output = ffn.dense2(hidden);
  tell({"feed-forward: output", Kind::inner, "output = hidden W_2ᵀ + b_2", network,
        "and back"}, output, {words, units()});
  Tensor Z = addnorm.ln(Y + output);
  tell({"block output", Kind::output, "LayerNorm(X + output)", place,
        "what this layer hands on", {{"add & norm", "transformer.add_norm"}}}, Z, {words, units()});
  return Z;
}

// Rows `first`, first + 1, ... of the table of waves are added to the scaled embeddings.
Tensor embed(const Embedding& embedding, const PositionalEncoding& waves,
             const std::vector<int>& ids, int first, const Axis& words, const char* place,
             const Teller& tell) {
  const int n = int(ids.size()), d = embedding.weight.dim(1);
  Tensor E = embedding(Ints(Shape{n}, ids));
  tell({"embeddings", Kind::embedding, "E = row `id` of the embedding table", place,
        "each word as a vector that was learned"}, E, {words, units()});
  Tensor scaled = E * std::sqrt(Real(d));
  tell({"scaled embeddings", Kind::input, "E √d", place,
        "made larger, so that the positions do not drown them"}, scaled, {words, units()});
  Ints positions(Shape{n});
  for (int i = 0; i < n; i++) positions[i] = first + i;
  Tensor P = index_select(waves.P, 0, positions);
  tell({"positional encoding", Kind::position,
        "P[i, 2j] = sin(i / 10000^(2j/d)), P[i, 2j+1] = cos(the same)", "position.waves",
        "where each word stands, as waves from fast to slow", {equation("11.6.2")}},
       P, {words, units()});
  Tensor X = scaled + P;
  tell({"input X", Kind::input, "X = E √d + P", "position.sum",
        "what the first layer reads"}, X, {words, units()});
  return X;
}

struct TransformerWalker : Walker {
  TransformerModel& model;
  Tokens src, tgt;
  std::vector<Cache> caches;                    // of each layer

  explicit TransformerWalker(TransformerModel& model) : model(model) {}

  Tensor encoder_block(TransformerEncoderBlock& block, const Tensor& X, const Teller& tell) const {
    const Looking self{source(src), source(src), "self-attention: "};
    Tensor Q = queries(block.attention, X, self, tell);
    KeysValues kv = keys_values(block.attention, X, self, tell);
    Tensor Y = add_norm(block.addnorm1, X, attend(block.attention, Q, kv, self, tell), self, tell);
    return feed_forward(block.ffn, block.addnorm2, Y, source(src), "transformer.encoder.output",
                        tell);
  }

  void encode(const std::vector<int>& ids, const Tokens& words, const Teller& tell) override {
    TransformerEncoder& encoder = model.encoder;
    src = words;
    Tensor X = embed(encoder.embedding, encoder.pos_encoding, ids, 0, source(src),
                     "transformer.encoder.embedding", tell);
    int layer = 0;
    for (auto& block : encoder.blks) X = encoder_block(block, X, tell.layer(++layer));
    Teller bridge = tell;
    bridge.where.side = Side::decoder;
    const Looking cross{{}, source(src), "cross-attention: ",
                        "; once for all target words"};
    layer = 0;
    for (auto& block : model.decoder.blks)
      caches.push_back({{}, keys_values(block.attention2, X, cross, bridge.layer(++layer))});
  }

  // X (1, d), the newest word; keys and values of the words before it are in the cache.
  Tensor decoder_block(TransformerDecoderBlock& block, Cache& cache, const Tensor& X,
                       const Teller& tell) const {
    const Axis word = target({tgt.back()});
    const Looking newest{word, word, "self-attention: ",
                         "; kept for the words to come"};
    const Looking self{word, target(tgt), "self-attention: ", "",
                       {{"the causal mask", "transformer.causal_mask"}}};
    const Looking cross{word, source(src), "cross-attention: "};
    Tensor Q = queries(block.attention1, X, self, tell);
    cache.self = cat(cache.self, keys_values(block.attention1, X, newest, tell));
    Tensor Y = add_norm(block.addnorm1, X, attend(block.attention1, Q, cache.self, self, tell),
                        self, tell);
    Tensor Q2 = queries(block.attention2, Y, cross, tell);
    Tensor Z = add_norm(block.addnorm2, Y, attend(block.attention2, Q2, cache.cross, cross, tell),
                        cross, tell);
    return feed_forward(block.ffn, block.addnorm3, Z, word, "transformer.decoder.output", tell);
  }

  Tensor decode(int id, const std::string& word, const Teller& tell) override {
    TransformerDecoder& decoder = model.decoder;
    tgt.push_back(word);
    Tensor X = embed(decoder.embedding, decoder.pos_encoding, {id}, int(tgt.size()) - 1,
                     target({word}), "transformer.decoder.embedding", tell);
    for (std::size_t i = 0; i < decoder.blks.size(); i++)
      X = decoder_block(decoder.blks[i], caches[i], X, tell.layer(int(i) + 1));
    Tensor logits = decoder.dense(X);
    tell({"logits", Kind::logit, "logits = W X + b", "transformer.logits",
          "for each word of the vocabulary, the larger the likelier"}, logits,
         {target({word}), {"words"}});
    return logits;
  }
};

}  // namespace

std::unique_ptr<Walker> walker_of_transformer(Module& model) {
  auto* transformer = dynamic_cast<TransformerModel*>(&model);
  return transformer ? std::make_unique<TransformerWalker>(*transformer) : nullptr;
}

}  // namespace babelgrad::explain
