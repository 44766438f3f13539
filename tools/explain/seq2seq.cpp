// The walk through the plain encoder-decoder: of the source it knows the last encoder state alone.
#include "tools/explain/recurrent.h"

namespace babelgrad::explain {
namespace {

struct RnnWalker : Walker {
  Seq2Seq<Seq2SeqEncoder, Seq2SeqDecoder>& model;
  Tensor context;                               // (1, units)
  std::vector<Memory> memory;

  explicit RnnWalker(Seq2Seq<Seq2SeqEncoder, Seq2SeqDecoder>& model) : model(model) {}

  void encode(const std::vector<int>& ids, const Tokens& words, const Teller& tell) override {
    memory = encode_recurrently(model.encoder, ids, words, tell).memory;
    context = memory.back().H;
    Teller bridge = tell;
    bridge.where.side = Side::decoder;
    bridge({"context c", Kind::context, "c = the encoder's last state", "seq2seq.context",
            "one vector is all the decoder ever sees of the source; its states begin as the "
            "encoder's end"}, context, {source({words.back()}), units()});
  }

  Tensor decode(int id, const std::string& word, const Teller& tell) override {
    const std::vector<Axis> axes{target({word}), units()};
    Tensor emb = model.decoder.embedding(Ints{id});
    tell({"embedding y", Kind::embedding, "y = row `id` of the embedding table",
          "seq2seq.decoder.embedding", "the word before the one that is sought"}, emb, axes);
    Tensor x = cat({emb, context}, -1);
    tell({"input x", Kind::input, "x = [y; c]", "seq2seq.input",
          "that word, and the source beside it", {equation("10.7.3")}}, x, axes);
    Tensor h = recurrent_layers(model.decoder.rnn, x, memory, axes, tell);
    Tensor logits = model.decoder.dense(h);
    tell({"logits", Kind::logit, "logits = W h + b", "seq2seq.logits",
          "for each word of the vocabulary, the larger the likelier"}, logits,
         {target({word}), {"words"}});
    return logits;
  }
};

}  // namespace

std::unique_ptr<Walker> walker_of_rnn(Module& model) {
  auto* rnn = dynamic_cast<Seq2Seq<Seq2SeqEncoder, Seq2SeqDecoder>*>(&model);
  return rnn ? std::make_unique<RnnWalker>(*rnn) : nullptr;
}

}  // namespace babelgrad::explain
