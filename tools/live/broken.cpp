// The same weights in a model that lacks a part: what each part is for, seen in a trained model.
#include "models/positional_encoding.h"
#include "nn/weights.h"
#include "tools/live/session.h"

namespace babelgrad::live {
namespace {

// The book's trap: decoding a word at a time, every word stands at place 0.
void forget_positions(Module& model) {
  struct Find : Visitor {
    void on_module(const std::string& name, Module& module) override {
      auto* encoding = dynamic_cast<PositionalEncoding*>(&module);
      if (!encoding || name.find("decoder") == std::string::npos) return;
      const int width = encoding->P.dim(1);
      Tensor still({encoding->P.dim(0), width});
      for (Index i = 0; i < still.numel(); i++)
        still.data()[i] = encoding->P.data()[i % width];
      encoding->P = still;
    }
  } find;
  model.fields(find);
}

// What a head found never gets through W_o: its columns become 0.
void silence_head(Module& model, const std::string& attention, int layer, int head, int heads) {
  const std::string name = attention == "encoder" ? join("encoder.blks.", layer, ".attention")
                           : attention == "self"  ? join("decoder.blks.", layer, ".attention1")
                                                  : join("decoder.blks.", layer, ".attention2");
  for (Parameter& p : named_parameters(model)) {
    if (p.name != name + ".W_o.weight") continue;
    const int width = p.tensor.dim(1), share = width / heads;
    Real* w = overwrite(p.tensor, "silence_head");
    for (int row = 0; row < p.tensor.dim(0); row++)
      for (int i = head * share; i < (head + 1) * share; i++) w[Index(row) * width + i] = 0;
    return;
  }
  fail("page: there is no ", name);
}

}  // namespace

// {"model": of a Transformer, "into": a seat, "without": parts, "still": decoding at place 0,
//  "head": {"attention": encoder, self or cross, "layer", "head"} or nothing}
Json break_model(Session& session, const Json& request) {
  Translator& whole = session.model(request);
  ModelConfig config = whole.config;
  check(config.model == ModelKind::transformer, "page: only the Transformer can be broken here");
  config.without.clear();
  for (const Json& part : request.get_array("without"))
    config.without.push_back(part.as_string("without"));
  check_parts(config);
  auto broken = make_translator(config, whole.src_vocab, whole.tgt_vocab);
  std::vector<Parameter> from = named_parameters(whole.module());
  for (Parameter& to : named_parameters(broken->module()))
    for (const Parameter& p : from)
      if (p.name == to.name)
        std::copy_n(p.tensor.data(), p.tensor.numel(), overwrite(to.tensor, "break"));
  eval(broken->module());
  if (request.get_bool("still")) forget_positions(broken->module());
  if (const Json* head = request.find("head"); head && !head->is_null())
    silence_head(broken->module(), head->get_string("attention"),
                 int(head->get_int("layer", 0, config.layers - 1)),
                 int(head->get_int("head", 0, config.heads - 1)), config.heads);
  const AttentionView view = session.seat(request).view;
  const auto seat = std::size_t(request.get_int("into", 0, 15));
  session.put(seat, std::move(broken));
  session.seats[seat].view = view;
  return Json::object({{"model", seat}});
}

}  // namespace babelgrad::live
