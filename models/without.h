// A model without one of its parts shows what the part is for. Each switch is a member of a module;
// here are their names, what goes, and what to expect.
#pragma once

#include <functional>
#include <utility>

#include "models/bahdanau.h"
#include "models/transformer.h"
#include "tensor/utf8.h"

namespace babelgrad {

struct Part {
  std::string name, taken;                      // `taken` away
  std::string failure;                          // to expect without it
  std::string models;                           // that have it, as `babelgrad train` calls them
  // Has this module, children aside, the part? And with `take`, takes it away.
  std::function<bool(Module& module, bool take)> of;
};
const std::vector<Part>& parts();

// Takes the part away from all modules of a model. Parameters that nothing uses any more go, too:
// they are neither counted nor trained nor stored. Error if the model has no such part, or none
// left; it names those it has.
void take_away(Module& model, const std::string& name);

// In place of an attention: the context is zeros, and so are the weights.
struct NoAttention : Attention {
  NoAttention() : Attention(0) {}
  Tensor scores(const Tensor& queries, const Tensor& keys) const override {
    return Tensor({queries.dim(0), queries.dim(1), keys.dim(1)});
  }

 protected:
  Attended fused(const Tensor& queries, const Tensor&, const Tensor& values, const Spans& spans,
                 Real) const override {
    int rows = queries.dim(0);
    return {Tensor({rows, values.dim(1)}), Tensor({1, rows, spans.most})};
  }
};

// The switch's position; with `take` it is turned off, and what it served forgets its parameters.
template <class... Modules>
bool off(bool take, bool& on, Modules&... served) {
  struct Forget : Visitor {
    void on_parameter(const std::string&, Tensor& parameter) override { parameter = {}; }
  } forget;
  if (on && take) (served.fields(forget), ...);
  return take ? std::exchange(on, false) : on;
}

inline bool mask_of(Module& module, bool take) {
  auto* decoder = dynamic_cast<TransformerDecoder*>(&module);
  return decoder && off(take, decoder->causal);
}

inline bool positions_of(Module& module, bool take) {
  auto* encoding = dynamic_cast<PositionalEncoding*>(&module);
  return encoding && off(take, encoding->used);
}

inline bool residual_of(Module& module, bool take) {
  auto* addnorm = dynamic_cast<AddNorm*>(&module);
  return addnorm && off(take, addnorm->residual);
}

inline bool norm_of(Module& module, bool take) {
  auto* addnorm = dynamic_cast<AddNorm*>(&module);
  return addnorm && off(take, addnorm->norm, addnorm->ln);
}

inline bool ffn_of(Module& module, bool take) {
  if (auto* blk = dynamic_cast<TransformerEncoderBlock*>(&module))
    return off(take, blk->ffn.used, blk->ffn, blk->addnorm2);
  auto* blk = dynamic_cast<TransformerDecoderBlock*>(&module);
  return blk && off(take, blk->ffn.used, blk->ffn, blk->addnorm3);
}

inline bool activation_of(Module& module, bool take) {
  auto* ffn = dynamic_cast<PositionWiseFFN*>(&module);
  bool has = ffn && ffn->used && ffn->activation != Activation::none;
  if (has && take) ffn->activation = Activation::none;
  return has;
}

inline bool scaling_of(Module& module, bool take) {
  auto* attention = dynamic_cast<DotProductAttention*>(&module);
  return attention && off(take, attention->scaled);
}

inline bool values_of(Module& module, bool take) {
  auto* heads = dynamic_cast<MultiHeadAttention*>(&module);
  bool has = heads && heads->used && heads->W_v.weight.node != heads->W_k.weight.node;
  if (has && take) {                            // handles of the same numbers
    heads->W_v.weight = heads->W_k.weight;
    heads->W_v.bias = heads->W_k.bias;
  }
  return has;
}

inline bool self_attention_of(Module& module, bool take) {
  auto* blk = dynamic_cast<TransformerEncoderBlock*>(&module);
  return blk && off(take, blk->attention.used, blk->attention, blk->addnorm1);
}

inline bool attention_of(Module& module, bool take) {
  if (auto* blk = dynamic_cast<TransformerDecoderBlock*>(&module))
    return off(take, blk->attention2.used, blk->attention2, blk->addnorm2);
  auto* decoder = dynamic_cast<Seq2SeqAttentionDecoder*>(&module);
  bool has = decoder && !dynamic_cast<NoAttention*>(decoder->attention.get());
  if (has && take) decoder->attention = std::make_shared<NoAttention>();
  return has;
}

inline const std::vector<Part>& parts() {
  static const std::vector<Part> all{
      {"mask", "the causal mask: a target word sees those after it, too",
       "the loss falls to nothing, as the next word is there to be read; translations are rubbish",
       "transformer", mask_of},
      {"positions", "the waves: a sentence is a bag of words",
       "the source's order is lost: who bites whom is a guess", "transformer", positions_of},
      {"residual", "X in LayerNorm(X + F(X))",
       "a deep stack does not train: gradients fade on the way down", "transformer", residual_of},
      {"norm", "LayerNorm in LayerNorm(X + F(X))",
       "numbers and gradients leave their range as blocks are added", "transformer", norm_of},
      {"ffn", "the feed-forward networks, each with its AddNorm",
       "fewer parameters, and close to linear: weaker", "transformer", ffn_of},
      {"activation", "the bend in the feed-forward networks: their linear part stays",
       "close to linear: weaker, with as many parameters", "transformer", activation_of},
      {"scaling", "the division of scores by √d",
       "scores as large as √d: softmax starts at one end, and learns slowly from there",
       "attention, by --score scaled_dot; transformer", scaling_of},
      {"W_v", "the values' own projection: W_k makes keys and values",
       "what finds a word is what is found: some quality is lost", "transformer", values_of},
      {"self-attention", "the encoder's self-attention, each with its AddNorm",
       "words come without their neighbours: wrong where context decides", "transformer",
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
  fail("without: this model has no ", printable(name, 60), " to lose; it has ",
       possible.empty() ? "nothing of the kind" : possible);
}

}  // namespace babelgrad
