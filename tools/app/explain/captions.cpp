// What explain says of each step.
#include "tools/app/explain/explain.h"

namespace babelgrad::explain {
namespace {

struct Rule {
  std::string models;                           // their initials: rnn, attention, transformer
  std::string operation, where;                 // where: its end
  Caption caption;
};

Mention eq(const std::string& number) { return {"Eq. (" + number + ")", number}; }

const Mention at_cut{"cut", "heads.split"}, at_mask{"the mask", "softmax.mask"},
    at_scores{"in one pass", "dot.one_pass"}, at_weights{"in one pass", "one_pass.weights"},
    at_context{"in one pass", "one_pass.context"};
const char* const learned = "each word as a learned vector";
const char* const likelier = "a score for each word, the largest the likeliest";
const char* const beside = "the context and that word, side by side";
const char* const wider = "each word alone, in a wider space";
const char* const compared = "by which a source word is found";
const char* const answers = "how well each source word fits the query";
const char* const unit = "each word gets mean 0, variance 1";
using enum Kind;
const std::vector<Rule> rules{
    // words
    {"ra", "embedding", "encoder.embedding", {"embeddings x", embedding,
     "x = row `id` of the embedding table", learned}},
    {"ra", "embedding", "decoder.embedding", {"embedding y", embedding,
     "y = row `id` of the embedding table", "the word before the one that is to be written"}},
    {"t", "embedding", ".embedding", {"embeddings", embedding,
     "E = row `id` of the embedding table", learned}},
    {"t", "mul", "embeddings", {"scaled embeddings", input, "E √d",
     "scaled up, so that the positions do not outweigh them"}},
    {"t", "embedding", "scaled embeddings", {"positional encoding", position,
     "P[i, 2j] = sin(i / 10000^(2j/d)), P[i, 2j+1] = cos(the same)",
     "the position of each word, as sinusoids from fast to slow", {eq("11.6.2")}}},
    {"t", "add", "positional encoding", {"input X", input, "X = E √d + P",
     "what the first layer reads"}},
    {"ra", "linear", "decoder.dense", {"logits", logit, "logits = W h + b", likelier}},
    {"t", "linear", "decoder.dense", {"logits", logit, "logits = W X + b", likelier}},

    // recurrent cells, inside their operation
    {"ra", "rnn", "h", {"state h", output, "h = tanh(W_i x + b_i + W_h h' + b_h)",
     "the new state: this word x, and all before it in h'", {eq("9.4.5")}, "rnn.state"}},
    {"ra", "gru", "r", {"reset gate r", gate, "r = σ(W_ir x + b_ir + W_hr h' + b_hr)",
     "at 0 the candidate ignores the old state h', at 1 it uses all of it", {eq("10.2.1")},
     "gru.reset"}},
    {"ra", "gru", "z", {"update gate z", gate, "z = σ(W_iz x + b_iz + W_hz h' + b_hz)",
     "0 takes the candidate, 1 keeps the old state", {eq("10.2.1")}, "gru.update"}},
    {"ra", "gru", "n", {"candidate n", gate, "n = tanh(W_in x + b_in + r ⊙ (W_hn h' + b_hn))",
     "the new state if nothing were kept; r is applied after the product, as in PyTorch, "
     "not before it, as in the book", {eq("10.2.2")}, "gru.candidate"}},
    {"ra", "gru", "h", {"state h", output, "h = z ⊙ h' + (1 − z) ⊙ n",
     "the new state, unit by unit a mixture of the old one and the candidate", {eq("10.2.3")},
     "gru.state"}},
    {"ra", "lstm", "i", {"input gate i", gate, "i = σ(W_ii x + b_ii + W_hi h' + b_hi)",
     "how much of the input node enters the memory", {eq("10.1.1")}, "lstm.input"}},
    {"ra", "lstm", "f", {"forget gate f", gate, "f = σ(W_if x + b_if + W_hf h' + b_hf)",
     "how much of the old memory stays", {eq("10.1.1")}, "lstm.forget"}},
    {"ra", "lstm", "g", {"input node g", gate, "g = tanh(W_ig x + b_ig + W_hg h' + b_hg)",
     "what may enter the memory", {eq("10.1.2")}, "lstm.node"}},
    {"ra", "lstm", "o", {"output gate o", gate, "o = σ(W_io x + b_io + W_ho h' + b_ho)",
     "how much of the memory the output shows", {eq("10.1.1")}, "lstm.output"}},
    {"ra", "lstm", "c", {"memory c", inner, "c = f ⊙ c' + i ⊙ g",
     "the cell's memory: part of the old, part of the new", {eq("10.1.3")}, "lstm.memory"}},
    {"ra", "lstm", "h", {"state h", output, "h = o ⊙ tanh(c)",
     "what the rest of the network sees of the memory", {eq("10.1.4")}, "lstm.state"}},

    // between encoder and decoder
    {"r", "unsqueeze", "the source", {"context c", context, "c = the encoder's last state",
     "this one vector is all that the decoder ever sees of the source; its first state is "
     "the encoder's last"}},
    {"r", "cat", "embedding y", {"input x", input, "x = [y; c]",
     "that word and the source, side by side", {eq("10.7.3")}, "seq2seq.input"}},
    {"a", "permute", "the source", {"values V", value, "V = the top encoder states",
     "what a source word hands over when it is looked at"}},
    {"a", "linear", "W_k", {"keys K", key, "K = V W_kᵀ", compared}},
    {"a", "linear", "attention.W", {"keys K", key, "K = V Wᵀ", compared}},
    {"a", "keys", "", {"keys K", key, "K = V", compared, {}, "dot.keys"}},
    {"a", "unsqueeze", "embedding y", {"query q", query, "q = the top state before this word",
     "what the decoder asks of the source: its state before it reads that word"}},
    {"a", "cat", "context c", {"input x", input, "x = [c; y]", beside}},
    {"a", "cat", "query q", {"input x", input, "x = [c; y]", beside}},

    // attention, inside its operation
    {"a", "features", "additive", {"features", inner, "features = tanh(W_q q + k)",
     "the query added to every key", {}, "additive.features"}},
    {"a", "scores", "additive", {"scores a", score, "a(q, k) = w_vᵀ tanh(W_q q + W_k k)", answers,
     {eq("11.3.7"), {"in one pass", "additive.one_pass"}}, "additive.scores"}},
    {"a", "scores", "scaled_dot", {"scores a", score, "a(q, k) = qᵀ k / √d", answers, {eq("11.3.2"),
     at_scores}, "dot.scores"}},
    {"a", "scores", "general", {"scores a", score, "a(q, k) = qᵀ W k", answers, {at_scores},
     "dot.scores"}},
    {"a", "scores", "dot", {"scores a", score, "a(q, k) = qᵀ k", answers, {at_scores},
     "dot.scores"}},
    {"a", "weights", "", {"attention weights", weight, "weights = softmax(a)",
     "how much each source word counts; positive, with sum 1", {at_mask, at_weights},
     "attention.weights"}},
    {"a", "context", "", {"context c", context, "c = Σ weight V",
     "the mean of the values under these weights: the source as this word needs it",
     {eq("11.4.1"), at_context}, "bahdanau.context"}},
    {"t", "scores", "", {"scores", score, "scores = Q Kᵀ / √d",
     "how well each key fits each query", {eq("11.3.2"), at_scores}, "dot.scores"}},
    {"t", "weights", "", {"attention weights", weight, "weights = softmax(Q Kᵀ / √d)",
     "positive, each row with sum 1", {at_mask, at_weights}, "attention.weights"}},
    {"t", "context", "", {"context", context, "context = softmax(Q Kᵀ / √d) V",
     "for each query the weighted mean of the values", {eq("11.3.6"), at_context},
     "attention.context"}},

    // a block of the Transformer
    {"t", "linear", "W_q", {"queries Q", query, "Q = X W_qᵀ, cut into heads",
     "what each word looks for", {at_cut}}},
    {"t", "linear", "W_k", {"keys K", key, "K = X W_kᵀ, cut into heads",
     "by what each word is found", {at_cut}}},
    {"t", "linear", "W_v", {"values V", value, "V = X W_vᵀ, cut into heads",
     "what each word hands over when it is looked at", {at_cut}}},
    {"t", "linear", "W_o", {"output", inner, "output = [head 1; head 2; ..] W_oᵀ",
     "the heads side by side, mixed", {eq("11.5.2"), {"side by side", "heads.join"}}}},
    {"t", "linear", "dense1", {"hidden", inner, "hidden = X W_1ᵀ + b_1", wider}},
    {"t", "relu", "hidden", {"hidden", inner, "hidden = relu(X W_1ᵀ + b_1)", wider}},
    {"t", "gelu", "hidden", {"hidden", inner, "hidden = gelu(X W_1ᵀ + b_1)", wider}},
    {"t", "linear", "dense2", {"output", inner, "output = hidden W_2ᵀ + b_2",
     "and back to the width of the model"}},
    {"t", "add", "output", {"add", inner, "input + output",
     "what was found is added to the input"}},
    {"t", "layer_norm", "coder.ln", {"last norm", inner, "X = LayerNorm(X)",
     join("the sum of all layers: ", unit)}},
    {"t", "norm of sum", "ln", {"add & norm", inner, "LayerNorm(X + output)",
     join("the sum keeps the input; ", unit)}},
    {"t", "norm of input", "ln", {"norm", inner, "X = LayerNorm(input)", join(unit,
     ", for this sublayer alone")}},
    {"t", "layer_norm", "ln", {"norm", inner, "LayerNorm(output)", unit}},
};

}  // namespace

const Caption* caption_of(const std::string& model, const std::string& operation,
                          const std::string& where) {
  for (const Rule& rule : rules)
    if (rule.models.find(model[0]) != std::string::npos && rule.operation == operation &&
        where.ends_with(rule.where))
      return &rule.caption;
  return nullptr;
}

}  // namespace babelgrad::explain
