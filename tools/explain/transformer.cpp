// The walk through the Transformer: every word looks at every other, head by head, layer by layer.
#include "tools/pre_norm.h"
#include "models/seq2seq.h"
#include "tools/explain/teller.h"

namespace babelgrad::explain {
namespace {

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
  Tensor Q = attention.transpose_qkv(unsqueeze(attention.W_q(X), 0));
  tell(named(looking, {"queries Q", Kind::query, "Q = X W_qᵀ, cut into heads", "multihead.queries",
                       "what each word asks", {{"cut", "heads.split"}}}),
       Q, {heads(), looking.queries, units()});
  return Q;
}

KeysValues keys_values(const MultiHeadAttention& attention, const Tensor& X,
                       const Looking& looking, const Teller& tell) {
  KeysValues kv = attention.project(unsqueeze(X, 0), unsqueeze(X, 0));
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
  Tensor scores = matmul(Q, transpose(kv.keys, 1, 2)) / std::sqrt(Real(Q.dim(-1)));
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
  Tensor output = attention.W_o(squeeze(attention.transpose_output(context), 0));
  tell(named(looking, {"output", Kind::inner, "output = [head 1; head 2; ..] W_oᵀ",
                       "multihead.output", "the heads side by side, mixed",
                       {equation("11.5.2"), {"side by side", "heads.join"}}}), output,
       {looking.queries, units()});
  return output;
}

// What a sublayer reads of its input. `pre`: of tools/pre_norm.h.
Tensor reads(bool pre, const AddNorm& addnorm, const Tensor& X, const Looking& looking,
             const Teller& tell) {
  if (!pre) return X;
  Tensor normal = addnorm.ln(X);
  tell(named(looking, {"norm", Kind::inner, "X = LayerNorm(input)", "pre_norm.norm",
                       "each word to mean 0, variance 1, for this step alone"}),
       normal, {looking.queries, units()});
  return normal;
}

// What stands after a sublayer that read X and found Y.
Tensor add_norm(bool pre, const AddNorm& addnorm, const Tensor& X, const Tensor& Y,
                const Looking& looking, const Teller& tell) {
  if (pre) {
    Tensor sum = X + Y;
    tell(named(looking, {"add", Kind::inner, "input + output", "pre_norm.sum",
                         "what was found is added, and nothing else is changed"}),
         sum, {looking.queries, units()});
    return sum;
  }
  Tensor Z = addnorm.ln(X + Y);
  tell(named(looking, {"add & norm", Kind::inner, "LayerNorm(X + output)", "transformer.add_norm",
                       "the sum keeps the input; each word to mean 0, variance 1"}),
       Z, {looking.queries, units()});
  return Z;
}

// The feed-forward network, and with the second sum the end of the layer, at `place`.
Tensor feed_forward(bool pre, const PositionWiseFFN& ffn, const AddNorm& addnorm, const Tensor& Y,
                    const Axis& words, const std::string& place, const Teller& tell) {
  const Tensor X = reads(pre, addnorm, Y, {words, words, "feed-forward: "}, tell);
  const bool relus = ffn.activation == Activation::relu;
  const char* network = relus ? "feed_forward.relu" : "feed_forward.gelu";
  Tensor hidden = relus ? relu(ffn.dense1(X)) : gelu(ffn.dense1(X));
  tell({"feed-forward: hidden", Kind::inner,
        relus ? "hidden = relu(X W_1ᵀ + b_1)" : "hidden = gelu(X W_1ᵀ + b_1)", network,
        "each word by itself, in a wider space"}, hidden, {words, {"hidden units"}});
  Tensor output = ffn.dense2(hidden);
  tell({"feed-forward: output", Kind::inner, "output = hidden W_2ᵀ + b_2", network,
        "and back"}, output, {words, units()});
  Tensor Z = pre ? Y + output : addnorm.ln(Y + output);
  const Mention sum = pre ? Mention{"the sum", "pre_norm.sum"}
                          : Mention{"add & norm", "transformer.add_norm"};
  tell({"block output", Kind::output, pre ? "input + output" : "LayerNorm(X + output)", place,
        "what this layer hands on", {sum}}, Z, {words, units()});
  return Z;
}

// Rows `first`, first + 1, ... of the table of waves are added to the scaled embeddings.
Tensor embed(const Embedding& embedding, const PositionalEncoding& waves,
             const std::vector<int>& ids, int first, const Axis& words, const std::string& place,
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

template <class Encoder, class Decoder>
struct TransformerWalker : Walker {
  Encoder& encoder;
  Decoder& decoder;
  const LayerNorm *encoder_ln, *decoder_ln;     // of pre-norm, at the ends; else null
  bool pre = encoder_ln;
  Tokens src, tgt;
  std::vector<Cache> caches;                    // of each layer

  TransformerWalker(Encoder& encoder, Decoder& decoder, const LayerNorm* encoder_ln = nullptr,
                    const LayerNorm* decoder_ln = nullptr)
      : encoder(encoder), decoder(decoder), encoder_ln(encoder_ln), decoder_ln(decoder_ln) {}

  std::string place(const char* what) const {
    return std::string(pre ? "pre_norm." : "transformer.") + what;
  }

  // The last norm of a stack, which only pre-norm has.
  static Tensor end(const LayerNorm* ln, const Tensor& X, const Axis& words, const char* place,
                    const Teller& tell) {
    if (!ln) return X;
    Tensor normal = (*ln)(X);
    tell({"last norm", Kind::inner, "X = LayerNorm(X)", place,
          "of the sum of all layers: each word to mean 0, variance 1"}, normal, {words, units()});
    return normal;
  }

  Tensor encoder_block(TransformerEncoderBlock& block, const Tensor& X, const Teller& tell) const {
    const Looking self{source(src), source(src), "self-attention: "};
    Tensor read = reads(pre, block.addnorm1, X, self, tell);
    Tensor Q = queries(block.attention, read, self, tell);
    KeysValues kv = keys_values(block.attention, read, self, tell);
    Tensor Y = add_norm(pre, block.addnorm1, X, attend(block.attention, Q, kv, self, tell), self,
                        tell);
    return feed_forward(pre, block.ffn, block.addnorm2, Y, source(src), place("encoder.output"),
                        tell);
  }

  void encode(const std::vector<int>& ids, const Tokens& words, const Teller& tell) override {
    src = words;
    Tensor X = embed(encoder.embedding, encoder.pos_encoding, ids, 0, source(src),
                     "transformer.encoder.embedding", tell);
    int layer = 0;
    for (auto& block : encoder.blks) X = encoder_block(block, X, tell.layer(++layer));
    X = end(encoder_ln, X, source(src), "pre_norm.encoder.norm", tell);
    Teller bridge = tell;
    bridge.where.side = Side::decoder;
    const Looking cross{{}, source(src), "cross-attention: ",
                        "; once for all target words"};
    layer = 0;
    for (auto& block : decoder.blks)
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
    Tensor read = reads(pre, block.addnorm1, X, self, tell);
    Tensor Q = queries(block.attention1, read, self, tell);
    cache.self = cat(cache.self, keys_values(block.attention1, read, newest, tell));
    Tensor Y = add_norm(pre, block.addnorm1, X, attend(block.attention1, Q, cache.self, self, tell),
                        self, tell);
    Tensor Q2 = queries(block.attention2, reads(pre, block.addnorm2, Y, cross, tell), cross, tell);
    Tensor Z = add_norm(pre, block.addnorm2, Y,
                        attend(block.attention2, Q2, cache.cross, cross, tell), cross, tell);
    return feed_forward(pre, block.ffn, block.addnorm3, Z, word, place("decoder.output"), tell);
  }

  Tensor decode(int id, const std::string& word, const Teller& tell) override {
    tgt.push_back(word);
    Tensor X = embed(decoder.embedding, decoder.pos_encoding, {id}, int(tgt.size()) - 1,
                     target({word}), "transformer.decoder.embedding", tell);
    for (std::size_t i = 0; i < decoder.blks.size(); i++)
      X = decoder_block(decoder.blks[i], caches[i], X, tell.layer(int(i) + 1));
    X = end(decoder_ln, X, target({word}), "pre_norm.logits", tell);
    Tensor logits = linear(X, decoder.dense.weight, decoder.dense.bias);
    tell({"logits", Kind::logit, "logits = W X + b", place("logits"),
          "for each word of the vocabulary, the larger the likelier"}, logits,
         {target({word}), {"words"}});
    return logits;
  }
};

}  // namespace

std::unique_ptr<Walker> walker_of_transformer(Module& model) {
  using Post = TransformerWalker<TransformerEncoder<>, TransformerDecoder<>>;
  using Pre = TransformerWalker<PreNormEncoder<>, PreNormDecoder<>>;
  if (auto* post = dynamic_cast<Seq2Seq<TransformerEncoder<>, TransformerDecoder<>>*>(&model))
    return std::make_unique<Post>(post->encoder, post->decoder);
  if (auto* pre = dynamic_cast<Seq2Seq<PreNormEncoder<>, PreNormDecoder<>>*>(&model))
    return std::make_unique<Pre>(pre->encoder, pre->decoder, &pre->encoder.ln,
                                 &pre->decoder.dense.ln);
  return nullptr;
}

}  // namespace babelgrad::explain
