// The layers of the book's models against PyTorch, built from the sizes and options in the file.
#include "models/attention_scoring.h"
#include "models/multihead_attention.h"
#include "models/positional_encoding.h"
#include "models/seq2seq.h"
#include "models/transformer.h"
#include "tests/golden.h"

using namespace babelgrad;

namespace {

GoldenOutputs add_norm(GoldenCase& c) {
  AddNorm layer(c.shape("param/ln.weight")[0], 0);
  layer.ln.eps = Real(c.number("eps", 1e-5));
  c.load(layer);
  return {{"y", layer(c.leaf("in/x"), c.leaf("in/y"))}};
}

GoldenOutputs ffn(GoldenCase& c) {
  Shape inner = c.shape("param/dense1.weight"), outer = c.shape("param/dense2.weight");
  PositionWiseFFN layer(inner[1], inner[0], outer[0]);
  c.load(layer);
  return {{"y", layer(c.leaf("in/x"))}};
}

// A layer keeps its weights as plain numbers to look at; PyTorch's file wants a gradient through
// them. So they are computed a second time in plain operations, and must be the same.
GoldenOutputs dot_attention(GoldenCase& c) {
  DotProductAttention layer(0);
  Tensor queries = c.leaf("in/q"), keys = c.leaf("in/k"), values = c.leaf("in/v");
  Ints lens = c.ints("in/lens");
  Tensor Y = layer(queries, keys, values, lens);
  Real d = Real(queries.dim(-1));
  Tensor weights;
  dot_attention_plain(queries, keys, values, lens, d, 0, weights);
  CHECK(distance(layer.attention_weights, weights) < tol(1e-14, 1e-6));
  return {{"y", Y}, {"weights", weights}};
}

GoldenOutputs additive_attention(GoldenCase& c) {
  Shape W_k = c.shape("param/W_k.weight"), W_q = c.shape("param/W_q.weight");
  AdditiveAttention layer(W_k[0], W_k[1], W_q[1], 0);
  c.load(layer);
  Tensor queries = c.leaf("in/q"), keys = c.leaf("in/k"), values = c.leaf("in/v");
  Ints lens = c.ints("in/lens");
  Tensor Y = layer(queries, keys, values, lens);
  Tensor weights;
  additive_attention_plain(layer.W_q(queries), layer.W_k(keys), layer.w_v.weight, values, lens, 0,
                           weights);
  CHECK(distance(layer.attention_weights, weights) < tol(1e-14, 1e-6));
  return {{"y", Y}, {"weights", weights}};
}

GoldenOutputs multihead_attention(GoldenCase& c) {
  int num_heads = c.integer("heads", 1);
  MultiHeadAttention layer(c.shape("param/W_q.weight")[0], num_heads, 0, c.has("param/W_q.bias"));
  c.load(layer);
  Tensor queries = c.leaf("in/q"), keys = c.leaf("in/k"), values = c.leaf("in/v");
  Ints lens = c.ints("in/lens"), for_heads = lens ? repeat_interleave(lens, num_heads) : lens;
  Tensor Y = layer(queries, keys, values, lens);
  auto [K, V] = layer.project(keys, values);
  Tensor Q = layer.transpose_qkv(layer.W_q(queries));
  Tensor weights;
  dot_attention_plain(Q, K, V, for_heads, Real(Q.dim(-1)), 0, weights);
  CHECK(distance(layer.attention.attention_weights, weights) < tol(1e-14, 1e-6));
  return {{"y", Y}, {"weights", weights}};
}

GoldenOutputs encoder_block(GoldenCase& c) {
  Shape dense1 = c.shape("param/ffn.dense1.weight");
  TransformerEncoderBlock block(dense1[1], dense1[0], c.integer("heads", 1), 0,
                                c.has("param/attention.W_q.bias"));
  c.load(block);
  return {{"y", block(c.leaf("in/x"), c.ints("in/lens"))}};
}

GoldenOutputs decoder_block(GoldenCase& c) {
  Shape dense1 = c.shape("param/ffn.dense1.weight"), x = c.shape("in/x");
  TransformerDecoderBlock block(dense1[1], dense1[0], c.integer("heads", 1), 0, 0);
  c.load(block);
  Ints causal(Shape{x[0], x[1]});
  for (Index i = 0; i < causal.numel(); i++) causal[i] = int(i % x[1]) + 1;
  Ints lens = c.ints("in/lens"), seen = c.flag("causal") ? causal : Ints();
  TransformerState state{c.leaf("in/enc"), lens, {{}}, lens, 0, seen};
  return {{"y", block(c.leaf("in/x"), state).first}};
}

GoldenOutputs positional_encoding(GoldenCase& c) {
  Shape table = c.shape("out/table");
  PositionalEncoding layer(table[1], 0, table[0]);
  Tensor x = c.leaf("in/x");
  return {{"y", layer(x, positions({x.dim(1)}))}, {"table", layer.P}};
}

GoldenOutputs masked_loss(GoldenCase& c) {
  Seq2Seq<Seq2SeqEncoder, Seq2SeqDecoder> model({1, 1, 1, 1}, {1, 1, 1, 1}, c.integer("pad", 0));
  return {{"y", model.loss(c.leaf("in/x"), c.ints("in/labels"))}};
}

const GoldenTable layers{
    {"add_norm", add_norm},
    {"ffn", ffn},
    {"dot_attention", dot_attention},
    {"additive_attention", additive_attention},
    {"multihead_attention", multihead_attention},
    {"encoder_block", encoder_block},
    {"decoder_block", decoder_block},
    {"positional_encoding", positional_encoding},
    {"masked_loss", masked_loss},
};

}  // namespace

TEST_CASE(
    "golden layers: TransformerEncoderBlock, TransformerDecoderBlock, their parts, the loss") {
  check_golden_file("layers", layers, golden_layer_of_models);
}
