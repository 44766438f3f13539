// A model without one of its parts shows what the part is for. Here are the parts: names, what is
// removed, what to expect; tools/app/run/ablated.h has the Transformer that works without.
#pragma once

#include <functional>
#include <utility>

#include "data/utf8.h"
#include "models/bahdanau.h"
#include "tools/app/run/ablated.h"

namespace babelgrad {

struct Part {
  std::string name, taken;                      // what is taken away
  std::string failure;                          // what to expect then, by the claim of the lab
  std::string models;                           // that have it, as `babelgrad train` calls them
  // Has this module, children aside, the part? And with `take`, takes it away.
  std::function<bool(Module& module, bool take)> of;
};
const std::vector<Part>& parts();

// Takes the part away from all modules of a model, a Transformer of ablated blocks. Parameters that
// nothing uses any more go, too: they are neither counted nor trained nor stored. Error if the
// model has no such part, or none left; it names those it has.
void take_away(Module& model, const std::string& name);

// In place of an attention: the context is zeros, and so are the weights.
struct NoAttention : Attention {
  NoAttention() : Attention(0) {}
  Attended attended(Tensor queries, const KeysValues& projected,
                    const ValidLens& valid_lens, Real) const override {
    const Tensor& values = projected.values;
    const int n = queries.dim(0), most = valid_lens.of(n, queries.dim(1), values.dim(1)).most;
    return {Tensor({n, queries.dim(1), values.dim(2)}), Tensor({n, queries.dim(1), most})};
  }
};

// Is it still there? With `take` it goes, and what it served forgets its parameters.
template <class... Modules>
bool off(bool take, bool& gone, Modules&... served) {
  struct Forget : Visitor {
    void on_parameter(const std::string&, Tensor& parameter) override { parameter = {}; }
  } forget;
  if (!gone && take) (served.fields(forget), ...);
  return !(take ? std::exchange(gone, true) : gone);
}

struct BlockOf {                                // a block of either side, as what else it is
  AblatedBlock* ablated;
  TransformerEncoderBlock* encoder;
  TransformerDecoderBlock* decoder;
  explicit BlockOf(Module& module)
      : ablated(dynamic_cast<AblatedBlock*>(&module)),
        encoder(dynamic_cast<TransformerEncoderBlock*>(&module)),
        decoder(dynamic_cast<TransformerDecoderBlock*>(&module)) {}
};

inline bool mask_of(Module& module, bool take) {
  BlockOf it(module);
  return it.ablated && it.decoder && off(take, it.ablated->gone.mask);
}

inline bool positions_of(Module& module, bool take) {
  auto* stack = dynamic_cast<AblatedStack*>(&module);
  return stack && off(take, stack->positions_gone);
}

inline bool residual_of(Module& module, bool take) {
  BlockOf it(module);
  return it.ablated && off(take, it.ablated->gone.residual);
}

inline bool norm_of(Module& module, bool take) {
  BlockOf it(module);
  if (!it.ablated) return false;
  bool& gone = it.ablated->gone.norm;
  return it.encoder ? off(take, gone, it.encoder->addnorm1.ln, it.encoder->addnorm2.ln)
                    : off(take, gone, it.decoder->addnorm1.ln, it.decoder->addnorm2.ln,
                          it.decoder->addnorm3.ln);
}

inline bool ffn_of(Module& module, bool take) {
  BlockOf it(module);
  if (!it.ablated) return false;
  bool& gone = it.ablated->gone.ffn;
  return it.encoder ? off(take, gone, it.encoder->ffn, it.encoder->addnorm2)
                    : off(take, gone, it.decoder->ffn, it.decoder->addnorm3);
}

inline bool activation_of(Module& module, bool take) {
  BlockOf it(module);
  return it.ablated && !it.ablated->gone.ffn && off(take, it.ablated->gone.activation);
}

inline bool scaling_of(Module& module, bool take) {
  BlockOf it(module);
  if (it.ablated)
    return !(it.encoder && it.ablated->gone.self_attention) && off(take, it.ablated->gone.scaling);
  auto* decoder = dynamic_cast<Seq2SeqAttentionDecoder*>(&module);
  bool has = decoder && dynamic_cast<DotProductAttention*>(decoder->attention.get());
  if (has && take)
    decoder->attention = make_attention(Score::dot, 0, decoder->attention->dropout.p);
  return has;
}

inline bool values_of(Module& module, bool take) {
  auto* heads = dynamic_cast<MultiHeadAttention*>(&module);
  bool has = heads && heads->W_v.weight && heads->W_v.weight.node != heads->W_k.weight.node;
  if (has && take) {                            // handles of the same numbers
    heads->W_v.weight = heads->W_k.weight;
    heads->W_v.bias = heads->W_k.bias;
  }
  return has;
}

inline bool self_attention_of(Module& module, bool take) {
  BlockOf it(module);
  return it.ablated && it.encoder &&
         off(take, it.ablated->gone.self_attention, it.encoder->attention, it.encoder->addnorm1);
}

inline bool attention_of(Module& module, bool take) {
  BlockOf it(module);
  if (it.ablated)
    return it.decoder &&
           off(take, it.ablated->gone.attention, it.decoder->attention2, it.decoder->addnorm2);
  auto* decoder = dynamic_cast<Seq2SeqAttentionDecoder*>(&module);
  bool has = decoder && !dynamic_cast<NoAttention*>(decoder->attention.get());
  if (has && take) decoder->attention = std::make_shared<NoAttention>();
  return has;
}

inline const std::vector<Part>& parts() {
  static const std::vector<Part> all{
      {"mask", "the causal mask: a target word sees those after it, too",
       "the loss falls to nothing, since the next word can be read; translations are useless (S6)",
       "transformer", mask_of},
      {"positions", "the sinusoids: a sentence is a bag of words",
       "the order of words is lost: who bites whom is a guess (S4)", "transformer", positions_of},
      {"residual", "X in LayerNorm(X + F(X))",
       "deep stacks learn badly: block by block the vectors of all words become alike (N2)",
       "transformer", residual_of},
      {"norm", "LayerNorm in LayerNorm(X + F(X))",
       "activations grow block by block; with clipping and Adam it learnt faster all the same (N3)",
       "transformer", norm_of},
      {"ffn", "the feed-forward networks, each with its AddNorm",
       "fewer parameters: weaker at equal width, better at equal size, being wider (N1)",
       "transformer", ffn_of},
      {"activation", "the nonlinearity in the feed-forward networks: their linear part stays",
       "hardly weaker, since softmax and LayerNorm are nonlinear, too (N1)", "transformer",
       activation_of},
      {"scaling", "the division of scores by √d",
       "scores grow with √d: softmax starts at one end, and learns slowly from there (S5)",
       "attention, by --score scaled_dot; transformer", scaling_of},
      {"W_v", "the values' own projection: W_k makes keys and values",
       "a word hands over the very numbers by which it is found: some quality is lost (Q3)",
       "transformer", values_of},
      {"self-attention", "the encoder's self-attention, each with its AddNorm",
       "words do not know their neighbours: errors where context decides (P5)", "transformer",
       self_attention_of},
      {"attention", "the decoder's attention to the source",
       "attention: one vector again, long sentences fail; transformer: fluent, and about nothing",
       "attention, transformer", attention_of}};
  return all;
}

inline void take_away(Module& model, const std::string& name) {
  std::string possible;
  for (const Part& part : parts()) {
    bool found = false;
    model.apply([&](Module& module) { found = part.of(module, part.name == name) || found; });
    if (found && part.name == name) return;
    if (found) possible += (possible.empty() ? "" : ", ") + part.name;
  }
  fail("without: this model has no ", printable(name, 60), "; parts that it has: ",
       possible.empty() ? "none" : possible);
}

}  // namespace babelgrad
