#include "tools/app/explain/listener.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tensor/views.h"
#include "tools/app/explain/captions.h"
#include "tools/app/explain/cells.h"

namespace babelgrad::explain {
namespace {

// Of the book's definitions in that file the last that begins above the line says the section.
Place place_of(const Site& site) {
  static const char* const definitions[] = {
      "Seq2SeqEncoder", "Seq2SeqDecoder", "Seq2SeqAttentionDecoder", "DotProductAttention",
      "AdditiveAttention", "attention.luong", "MultiHeadAttention", "PositionalEncoding",
      "PositionWiseFFN", "AddNorm", "TransformerEncoder", "TransformerDecoder"};
  std::string_view file = site.file;
  if (file.starts_with("./")) file.remove_prefix(2);
  Place at{file, site.line, "", ""};
  int begin = 0;
  for (const char* name : definitions) {
    const Place* it = place(name);
    if (!it || it->file != file || it->line > site.line || it->line < begin) continue;
    begin = it->line, at.section = it->section, at.title = it->title;
  }
  return at;
}

Tensor as_matrix(const Tensor& y) { return raw::reshape(detach(y), {-1, y.dim(-1)}); }

// (.., n, d) -> (heads, n, d / heads)
Tensor by_head(const Tensor& y, int heads) {
  return raw::permute(raw::reshape(detach(y), {-1, heads, y.dim(-1) / heads}), {1, 0, 2});
}

// Of the plain definition of an operation, the last result of each of its own.
struct Plain : Observer {
  std::map<std::string, Tensor> made;
  void forward(const char* operation, const Tensor& y, std::initializer_list<Edge>) override {
    made[operation] = y;
  }
};

}  // namespace

Listener::Listener(Translator& model, Walk& walk) : config_(model.config), walk_(walk) {
  struct Names : Visitor {
    std::map<const Real*, std::vector<std::string>>* names;
    void on_parameter(const std::string& name, Tensor& parameter) override {
      const std::string kind = ".weight";       // said of nearly all: not part of the name
      (*names)[parameter.data()].push_back(
          name.ends_with(kind) ? name.substr(0, name.size() - kind.size()) : name);
    }
  } collect;
  collect.names = &names_;
  model.module().fields(collect);
}

void Listener::enter(Side side, int time, const std::string& reads) {
  where_ = {side, 0, 0, time};
  sublayer_ = "", told_ = "the source";
  if (time > 0) target_.push_back(reads);
}

const Caption* Listener::caption(const std::string& operation, const std::string& where) const {
  return caption_of(config_.model.word(), operation, where);
}

// Of several names of the same numbers those take turns of which something can be told.
std::string Listener::parameter_of(const std::string& operation,
                                   std::initializer_list<Edge> edges) {
  const std::string side = where_.side == Side::encoder ? "encoder." : "decoder.";
  for (const Edge& edge : edges) {
    const auto found = edge.input ? names_.find(edge.input.data()) : names_.end();
    if (found == names_.end()) continue;
    std::vector<std::string>& names = found->second;
    const auto name = std::ranges::find_if(names, [&](const std::string& it) {
      return it.starts_with(side) && caption(operation, it);
    });
    if (name == names.end()) return names[0];
    const std::string chosen = *name;
    std::rotate(name, name + 1, names.end());
    return chosen;
  }
  return "";
}

// encoder.blks.0.attention.W_q: layer 1, self-attention. decoder.rnn.weight_hh_l1: layer 2
void Listener::go_to(const std::string& parameter) {
  const auto has = [&](const char* part) { return parameter.find(part) != std::string::npos; };
  const auto number_after = [&](const char* part) {
    return std::stoi(parameter.substr(parameter.find(part) + std::strlen(part)));
  };
  where_.layer = has(".blks.")         ? 1 + number_after(".blks.")
                 : has(".weight_hh_l") ? 1 + number_after(".weight_hh_l")
                                       : 0;
  const bool cross = has(".attention2") || (has(".addnorm2") && where_.side == Side::decoder);
  sublayer_ = !has(".blks.")                          ? ""
              : cross                                 ? "cross-attention: "
              : has(".attention") || has(".addnorm1") ? "self-attention: "
                                                      : "feed-forward: ";
}

void Listener::forward(const char* operation, const Tensor& y,
                       std::initializer_list<Edge> edges) {
  Watch nobody(nullptr);                        // what is computed here is not the model's
  std::string made_by = operation;
  if (made_by == "attention_weights") return tell_attention(y);
  const std::string parameter = parameter_of(made_by, edges);
  if (!parameter.empty()) go_to(parameter);
  if (made_by == "recurrence") return tell_cells(y, edges);
  if (made_by.ends_with("_attention")) {
    looking_.clear();
    for (const Edge& edge : edges) looking_.push_back(detach(edge.input));
    looking_.push_back(y);
  }
  if (made_by == "layer_norm" && where_.layer > 0) {
    if (config_.norm == "pre") made_by = "norm of input";
    else if (told_ == "add") made_by = "norm of sum", walk_.steps.pop_back();
  }
  if (const Caption* found = caption(made_by, parameter.empty() ? told_ : parameter))
    tell(*found, y);
}

Axis Listener::rows(int count, bool of_source) const {
  const Tokens& words = of_source ? walk_.src : target_;
  return {of_source ? source_axis : target_axis, Tokens(words.end() - count, words.end())};
}

void Listener::add(const Caption& caption, const Where& where, const Axis& rows,
                   const Axis& columns, const Tensor& value, const Tensor& made) {
  if (made) retain_grad(made);
  std::vector<Axis> axes{rows, columns};
  if (value.rank() == 3) axes.insert(axes.begin(), {heads_axis});
  const Place at = caption.place.empty() ? place_of(here) : *place(caption.place);
  Step step{caption, where, at, axes, detach(value), made};
  step.caption.name = sublayer_ + caption.name;
  told_ = caption.name;
  // `hidden` again, bent: more of the same step.
  const bool more = !walk_.steps.empty() && walk_.steps.back().caption.name == step.caption.name &&
                    walk_.steps.back().where == where;
  if (more) walk_.steps.pop_back();
  walk_.steps.push_back(step);
}

void Listener::tell(const Caption& caption, const Tensor& y) {
  Caption said = caption;
  Where at = where_;
  const bool transformer = config_.model == "transformer";
  const bool keys = said.kind == Kind::key || said.kind == Kind::value;
  if (keys && sublayer_.starts_with("cross")) at.time = 0;
  if (said.kind == Kind::key && transformer && at.side == Side::decoder)
    said.meaning += at.time > 0 ? "; kept for the words to come" : "; once for all target words";
  if (said.kind == Kind::query && transformer && config_.lacks("scaling"))
    said.equation = "Q = √d X W_qᵀ, cut into heads";
  if (said.kind == Kind::position && config_.lacks("positions"))
    said.equation = "P = 0", said.meaning = "without positions, nothing", said.also.clear();
  const Tensor value = transformer && (keys || said.kind == Kind::query)
                           ? by_head(y, config_.heads)
                           : as_matrix(y);
  const Axis words = rows(value.dim(-2), at.side == Side::encoder || at.time == 0);
  const Axis columns{said.kind == Kind::logit ? "words"
                     : said.name == "hidden"  ? "hidden units"
                                              : "units"};
  add(said, at, words, columns, value, y);
}

// Between the inputs of an attention and its result, scores are those of its plain definition, and
// weights its own. Nothing is masked: all keys are real words, and later ones are not there yet.
void Listener::tell_attention(const Tensor& weights) {
  const bool transformer = config_.model == "transformer", additive = looking_.size() == 5;
  const bool self = sublayer_.starts_with("self"), encoder = where_.side == Side::encoder;
  const int heads = weights.dim(0), queries = weights.dim(1), keys = weights.dim(2);
  const auto of_heads = [&](const Tensor& x) {
    return raw::reshape(detach(x), {heads, -1, x.dim(-1)});
  };
  const Tensor Q = of_heads(looking_[0]), K = of_heads(looking_[1]), y = looking_.back();
  const Tensor V = of_heads(looking_[looking_.size() - 2]);
  const std::string score = transformer                     ? "scaled_dot"
                            : config_.lacks("scaling")      ? "dot"
                                                            : config_.score.word();
  const Real d = score == "scaled_dot" ? Real(Q.dim(-1)) : 1;
  Plain plain;
  {
    NoGrad guard;
    Watch watch(&plain);
    Tensor plain_weights;
    if (additive) additive_attention_plain(Q, K, looking_[2], V, {}, 0, plain_weights);
    else dot_attention_plain(Q, K, V, {}, d, 0, plain_weights);
  }
  const Axis asking = rows(queries, encoder);
  const Axis asked = rows(keys, encoder || !self);
  const auto show = [&](const std::string& what, const Tensor& x, const Axis& columns) {
    Caption said = *caption(what, score);
    if (what == "weights" && self && !encoder && !config_.lacks("mask"))
      said.also = {{"the causal mask", "transformer.causal_mask"}};
    add(said, where_, asking, columns, transformer ? of_heads(x) : as_matrix(x), x);
  };
  if (!transformer && !additive && K.data() == V.data() && where_.time == 1) {
    const Where before{Side::decoder, 0, 0, 0};
    add(*caption("keys", ""), before, asked, {"units"}, as_matrix(K));
  }
  if (additive)
    add(*caption("features", score), where_, asked, {"units"}, as_matrix(plain.made["tanh"]));
  show("scores", plain.made[additive ? "squeeze" : "div"], asked);
  show("weights", weights, asked);
  show("context", y, {"units"});
}

// A recurrence is one operation. Written out in plain ones, and recorded if it is, it has the gates
// of each step, and on the way back the gradient at each state; the states are its own.
void Listener::tell_cells(const Tensor& y, std::initializer_list<Edge> edges) {
  const Edge* inputs = edges.begin();
  const bool encoder = where_.side == Side::encoder;
  const Cells cells(y, inputs[0].input, inputs[1].input, inputs[2].input, inputs[3].input,
                    inputs[4].input);
  for (int t = 0; t < int(cells.steps.size()); t++) {
    Where at = where_;
    if (encoder) at.time = t + 1;
    const Axis word = encoder ? Axis{source_axis, {walk_.src[t]}} : rows(1, false);
    for (const auto& [name, value] : cells.steps[t]) {
      const bool state = std::string_view(name) == "h";
      const Tensor own = state ? raw::slice(y, 0, t, t + 1) : value;
      add(*caption(config_.cell.word(), name), at, word, {"units"}, own, value);
    }
  }
  if (has_grad(y)) retain_grad(y), walk_.written_out.push_back({y, cells.all});
}

}  // namespace babelgrad::explain
