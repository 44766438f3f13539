#include "tools/app/run/model_options.h"

namespace babelgrad {

bool attends_to_source(const ModelConfig& model) {
  return model.model != "rnn" && !model.lacks("attention");
}

std::vector<Idle> idle_of_model(const ModelConfig& m) {
  const bool transformer = m.model == "transformer";
  const bool dropped_attention = attends_to_source(m) && m.attention_dropout < 0;
  const std::string taken = "no effect; --without has taken it away";
  return {{{"heads", "ffn", "activation", "norm"}, !transformer,
           "no effect on a model that is no Transformer"},
          {{"cell", "embed"}, transformer,
           "no effect on the Transformer, whose word vectors are as wide as it is"},
          {{"score"}, m.model != "attention" || !attends_to_source(m),
           "no effect but on the attention of --model attention"},
          {{"dropout"}, !transformer && m.layers == 1 && m.dropout > 0 && !dropped_attention,
           "no effect; it acts between recurrent layers, and there is one"},
          {{"ffn"}, transformer && m.lacks("ffn"), taken},
          {{"activation"}, transformer && (m.lacks("ffn") || m.lacks("activation")), taken},
          {{"norm"}, transformer && m.lacks("norm"), taken}};
}

}  // namespace babelgrad
