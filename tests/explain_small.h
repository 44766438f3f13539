// What tools_explain*.cpp share: translators of every kind, small enough for milliseconds.
#pragma once

#include "tests/close.h"
#include "tools/app/explain/explain.h"
#include "tools/app/run/without.h"

namespace babelgrad {

using RnnModel = Seq2Seq<Seq2SeqEncoder, Seq2SeqDecoder>;
using AttentionModel = Seq2Seq<Seq2SeqEncoder, Seq2SeqAttentionDecoder>;
using TransformerModel = Seq2Seq<TransformerEncoder<>, TransformerDecoder<>>;
using PreNormModel = Seq2Seq<PreNormEncoder<>, PreNormDecoder<>>;
using AblatedModel = Seq2Seq<AblatedPostEncoder, AblatedPostDecoder>;
using AblatedPreNormModel = Seq2Seq<AblatedPreEncoder, AblatedPreDecoder>;

// use(model), of the translator's own type.
template <class Use>
void with_model(Translator& translator, const Use& use) {
  const auto of = [&]<class Model>(Model*) {
    if (auto* model = dynamic_cast<Model*>(&translator.module())) use(*model);
  };
  of((RnnModel*)nullptr), of((AttentionModel*)nullptr), of((TransformerModel*)nullptr);
  of((PreNormModel*)nullptr), of((AblatedModel*)nullptr), of((AblatedPreNormModel*)nullptr);
}

inline const std::vector<Tokens> source_words = {{"the", "dog", "sees", "a", "cat", "."}};
inline const std::vector<Tokens> target_words = {{"le", "chien", "voit", "un", "chat", "."}};
inline const std::vector<Tokens> three_sentences = {
    {"cat"}, {"the", "dog"}, {"the", "zyx", "sees", "the", "cat", "."}};

inline std::unique_ptr<Translator> small_translator(const ModelConfig& config, int seed = 5) {
  manual_seed(seed);
  auto model = make_translator(config, Vocab(source_words), Vocab(target_words));
  for (Parameter& p : named_parameters(model->module())) {               // far from uniform outputs
    const bool table = p.name.find("dense.") != std::string::npos;
    for (Index i = 0; table && i < p.tensor.numel(); i++) p.tensor.data()[i] *= 4;
  }
  eval(model->module());
  return model;
}

template <class Test>
void each_translator(const std::vector<ModelConfig>& configs, const Test& test) {
  for (const ModelConfig& config : configs) {
    const std::string name = write_json(to_json(config));
    INFO("model ", name);
    auto model = small_translator(config);
    test(*model);
  }
}

// test(translator) for the three models with every cell, score and activation, one layer and two.
template <class Test>
void every_translator(const Test& test, double label_smoothing = 0) {
  std::vector<ModelConfig> configs;
  for (int layers : {1, 2}) {
    const ModelConfig plain{.embed = 6, .hidden = 8, .layers = layers, .heads = 2, .ffn = 12,
                            .label_smoothing = label_smoothing};
    for (const char* cell : {"rnn", "gru", "lstm"}) {
      configs.push_back(plain);
      configs.back().model = "rnn", configs.back().cell = cell;
      for (const char* score : {"additive", "dot", "scaled_dot", "general"}) {
        configs.push_back(plain);
        configs.back().model = "attention", configs.back().cell = cell;
        configs.back().score = score;
      }
    }
    for (const char* activation : {"relu", "gelu"}) {
      configs.push_back(plain);
      configs.back().activation = activation;
    }
    configs.push_back(plain);
    configs.back().norm = "pre";
  }
  each_translator(configs, test);
}

// The same for those without a part, and some without several.
template <class Test>
void every_ablated_translator(const Test& test) {
  const ModelConfig whole{.embed = 6, .hidden = 8, .layers = 2, .heads = 2, .ffn = 12};
  std::vector<ModelConfig> configs;
  const auto add = [&](const ModelConfig& config, const std::vector<std::string>& without) {
    configs.push_back(config);
    configs.back().without = without;
  };
  ModelConfig pre = whole, looks = whole;
  pre.norm = "pre", looks.model = "attention", looks.score = "scaled_dot";
  const std::vector<std::string> in_both = {"mask", "positions", "ffn", "activation", "scaling",
                                            "W_v", "self-attention", "attention"};
  for (const std::string& part : in_both) add(whole, {part}), add(pre, {part});
  add(whole, {"residual"}), add(whole, {"norm"}), add(whole, {"residual", "norm"});
  add(whole, {"ffn", "self-attention"}), add(pre, {"W_v", "ffn", "attention"});
  add(looks, {"scaling"}), add(looks, {"attention"});
  each_translator(configs, test);
}

inline explain::Walk quiet_walk(Translator& model, const Tokens& src,
                                const Tokens* tgt = nullptr) {
  NoGrad guard;
  return explain::walk_through(model, src, tgt);
}

// The one step of this name there; a failed check if there is none.
inline Tensor step_value(const explain::Walk& walk, const std::string& name, explain::Side side,
                         int layer, int time = 0) {
  for (const explain::Step& step : walk.steps) {
    const bool there = step.where.side == side && step.where.layer == layer &&
                       step.where.time == time;
    if (there && step.caption.name == name) return detach(step.value);
  }
  FAIL("no step ", name, " in layer ", layer, " at ", time);
  return {};
}

}  // namespace babelgrad
