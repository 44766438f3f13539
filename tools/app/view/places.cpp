// Written by make maps; make book fails if it is stale.
#include "tools/app/view/places.h"

#include <array>

namespace babelgrad {
namespace {

struct Entry {
  std::string_view key;
  Place place;
};

constexpr std::array<Entry, 58> entries = {{
    {"Seq2SeqEncoder", {"models/seq2seq.h", 21, "10.7.2", "Encoder"}},
    {"Seq2SeqDecoder", {"models/seq2seq.h", 46, "10.7.3", "Decoder"}},
    {"DotProductAttention", {"models/attention_scoring.h", 42,
         "11.3.3", "Scaled Dot Product Attention"}},
    {"AdditiveAttention", {"models/attention_scoring.h", 53, "11.3.4", "Additive Attention"}},
    {"Seq2SeqAttentionDecoder", {"models/bahdanau.h", 17,
         "11.4.2", "Defining the Decoder with Attention"}},
    {"MultiHeadAttention", {"models/multihead_attention.h", 9, "11.5.2", "Implementation"}},
    {"PositionalEncoding", {"models/positional_encoding.h", 11, "11.6.3", "Positional Encoding"}},
    {"PositionWiseFFN", {"models/transformer.h", 13,
         "11.7.2", "Positionwise Feed-Forward Networks"}},
    {"AddNorm", {"models/transformer.h", 26,
         "11.7.3", "Residual Connection and Layer Normalization"}},
    {"TransformerEncoder", {"models/transformer.h", 61, "11.7.4", "Encoder"}},
    {"TransformerDecoder", {"models/transformer.h", 162, "11.7.5", "Decoder"}},
    {"11.4.1", {"models/bahdanau.h", 60, "11.4.2", "Defining the Decoder with Attention"}},
    {"10.2.1", {"models/gru.h", 36, "10.2.4", "Implementation from Scratch"}},
    {"10.2.2", {"models/gru.h", 38, "10.2.4", "Implementation from Scratch"}},
    {"10.2.3", {"models/gru.h", 39, "10.2.4", "Implementation from Scratch"}},
    {"10.1.1", {"models/lstm.h", 42, "10.1.2", "Implementation from Scratch"}},
    {"10.1.2", {"models/lstm.h", 45, "10.1.2", "Implementation from Scratch"}},
    {"10.1.3", {"models/lstm.h", 46, "10.1.2", "Implementation from Scratch"}},
    {"10.1.4", {"models/lstm.h", 47, "10.1.2", "Implementation from Scratch"}},
    {"11.5.2", {"models/multihead_attention.h", 43, "11.5.2", "Implementation"}},
    {"11.6.2", {"models/positional_encoding.h", 22, "11.6.3", "Positional Encoding"}},
    {"9.4.5", {"models/rnn.h", 29, "9.4.2", "Recurrent Neural Networks with Hidden States"}},
    {"10.7.3", {"models/seq2seq.h", 77, "10.7.3", "Decoder"}},
    {"11.3.7", {"autograd/additive_attention.cpp", 18, "11.3.4", "Additive Attention"}},
    {"11.3.2", {"autograd/dot_attention.cpp", 14, "11.3.3", "Scaled Dot Product Attention"}},
    {"11.3.6", {"autograd/dot_attention.cpp", 16, "11.3.3", "Scaled Dot Product Attention"}},
    {"additive.features", {"autograd/additive_attention.cpp", 16, "11.3.4", "Additive Attention"}},
    {"additive.one_pass", {"autograd/additive_attention.cpp", 45, "", ""}},
    {"additive.scores", {"autograd/additive_attention.cpp", 18, "11.3.4", "Additive Attention"}},
    {"attention.context", {"autograd/dot_attention.cpp", 16,
         "11.3.3", "Scaled Dot Product Attention"}},
    {"attention.luong", {"models/attention_scoring.h", 76, "", ""}},
    {"attention.weights", {"autograd/dot_attention.cpp", 15,
         "11.3.3", "Scaled Dot Product Attention"}},
    {"bahdanau.context", {"models/bahdanau.h", 60,
         "11.4.2", "Defining the Decoder with Attention"}},
    {"choice.argmax", {"models/encoder_decoder.h", 76, "10.7.7", "Prediction"}},
    {"choice.softmax", {"autograd/softmax.cpp", 76, "", ""}},
    {"dot.keys", {"models/attention_scoring.h", 29, "11.3.3", "Scaled Dot Product Attention"}},
    {"dot.one_pass", {"autograd/dot_attention.cpp", 52, "", ""}},
    {"dot.scores", {"autograd/dot_attention.cpp", 14, "11.3.3", "Scaled Dot Product Attention"}},
    {"gru.candidate", {"autograd/recurrence.cpp", 56, "10.2", "Gated Recurrent Units (GRU)"}},
    {"gru.reset", {"autograd/recurrence.cpp", 55, "10.2", "Gated Recurrent Units (GRU)"}},
    {"gru.state", {"autograd/recurrence.cpp", 58, "10.2", "Gated Recurrent Units (GRU)"}},
    {"gru.update", {"autograd/recurrence.cpp", 55, "10.2", "Gated Recurrent Units (GRU)"}},
    {"heads.join", {"models/multihead_attention.h", 56, "11.5.2", "Implementation"}},
    {"heads.split", {"models/multihead_attention.h", 49, "11.5.2", "Implementation"}},
    {"loss", {"models/seq2seq.h", 102, "10.7.5", "Loss Function with Masking"}},
    {"loss.backward", {"autograd/node.cpp", 270, "", ""}},
    {"lstm.forget", {"autograd/recurrence.cpp", 79, "10.1", "Long Short-Term Memory (LSTM)"}},
    {"lstm.input", {"autograd/recurrence.cpp", 79, "10.1", "Long Short-Term Memory (LSTM)"}},
    {"lstm.memory", {"autograd/recurrence.cpp", 82, "10.1", "Long Short-Term Memory (LSTM)"}},
    {"lstm.node", {"autograd/recurrence.cpp", 80, "10.1", "Long Short-Term Memory (LSTM)"}},
    {"lstm.output", {"autograd/recurrence.cpp", 80, "10.1", "Long Short-Term Memory (LSTM)"}},
    {"lstm.state", {"autograd/recurrence.cpp", 85, "10.1", "Long Short-Term Memory (LSTM)"}},
    {"one_pass.context", {"autograd/one_pass.h", 150, "", ""}},
    {"one_pass.weights", {"autograd/one_pass.h", 148, "", ""}},
    {"rnn.state", {"autograd/recurrence.cpp", 35,
         "9.4.2", "Recurrent Neural Networks with Hidden States"}},
    {"seq2seq.input", {"models/seq2seq.h", 77, "10.7.3", "Decoder"}},
    {"softmax.mask", {"autograd/softmax.cpp", 116, "11.3.2.1", "Masked Softmax Operation"}},
    {"transformer.causal_mask", {"models/transformer.h", 192, "11.7.5", "Decoder"}},
}};

}  // namespace

const Place* place(std::string_view key) {
  for (const Entry& entry : entries)
    if (entry.key == key) return &entry.place;
  return nullptr;
}

}  // namespace babelgrad
