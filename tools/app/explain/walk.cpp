// From a sentence to ids, through the model's own walk, to the words it chooses. Every operation of
// the forward pass is heard, and those that have a caption become steps.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "autograd/observer.h"
#include "autograd/ops.h"
#include "tensor/views.h"
#include "tools/app/explain/explain.h"

namespace babelgrad::explain {
namespace {

// --- the cells of autograd/recurrence.cpp in plain operations, for one sentence

using Gates = std::vector<std::pair<const char*, Tensor>>;               // the state h comes last

// a = W_i x + b_i and b = W_h h + b_h, for all gates side by side. h becomes the next state, and c
// of an LSTM the next memory.
Gates next_gates(const Tensor& a, const Tensor& b, Tensor& h, Tensor& c) {
  const int width = h.dim(1), gates = a.dim(1) / width;
  const auto part = [&](const Tensor& side, int i) {
    return slice(side, 1, i * width, (i + 1) * width);
  };
  const auto sum = [&](int i) { return part(a, i) + part(b, i); };
  if (gates == 1) {
    h = tanh(a + b);
    return {{"h", h}};
  }
  if (gates == 3) {
    Tensor r = sigmoid(sum(0)), z = sigmoid(sum(1)), n = tanh(part(a, 2) + r * part(b, 2));
    h = z * h + (1 - z) * n;
    return {{"r", r}, {"z", z}, {"n", n}, {"h", h}};
  }
  Tensor i = sigmoid(sum(0)), f = sigmoid(sum(1)), g = tanh(sum(2)), o = sigmoid(sum(3));
  c = f * c + i * g;
  h = o * tanh(c);
  return {{"i", i}, {"f", f}, {"g", g}, {"o", o}, {"c", c}, {"h", h}};
}

struct Cells {
  std::vector<Gates> steps;
  Tensor all;                                   // as y: each state, the last one, the last memory
};
// Of a recurrence's result y and its inputs. All is recorded if y is, as something by itself.
Cells plain_cells(const Tensor& y, const std::vector<Tensor>& inputs) {
  std::vector<Tensor> x, states;
  for (const Tensor& input : inputs) x.push_back(detach(input));
  Tensor gi = x[0], W_hh = x[1], b_hh = x[2], h = x[3], c = x[4];
  if (has_grad(y)) h = requires_grad(h);
  Cells cells;
  for (int t = 0; t < gi.dim(0); t++) {
    cells.steps.push_back(next_gates(slice(gi, 0, t, t + 1), linear(h, W_hh, b_hh), h, c));
    states.push_back(h);
  }
  states.push_back(h);
  if (c) states.push_back(c);
  cells.all = cat(states, 0);
  return cells;
}

// --- what the listener needs to know

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
  void forward(const char* operation, const Tensor& y, const std::vector<Tensor>&) override {
    made[operation] = y;
  }
};

// Hears every operation, and makes steps of those that have a caption.
class Listener : public Observer {
 public:
  Listener(Translator& model, Walk& walk) : config_(model.config), walk_(walk) {
    struct Names : Visitor {
      std::map<const Real*, std::vector<std::string>>* names;
      void on_parameter(const std::string& name, Tensor& parameter) override {
        const std::string kind = ".weight";     // said of nearly all: not part of the name
        (*names)[parameter.data()].push_back(
            name.ends_with(kind) ? name.substr(0, name.size() - kind.size()) : name);
      }
    } collect;
    collect.names = &names_;
    model.module().fields(collect);
  }

  // What is heard from now on is of this side. Of the decoder: of the word that it reads at `time`,
  // or of what comes before the first.
  void enter(Side side, int time = 0, const std::string& reads = {}) {
    where_ = {side, 0, 0, time};
    sublayer_ = "", told_ = "the source";
    if (time > 0) target_.push_back(reads);
  }

  void forward(const char* operation, const Tensor& y,
               const std::vector<Tensor>& inputs) override {
    Watch nobody(nullptr);                      // what is computed here is not the model's
    std::string made_by = operation;
    if (made_by == "attention_weights") return tell_attention(y);
    const std::string parameter = parameter_of(made_by, inputs);
    if (!parameter.empty()) go_to(parameter);
    if (made_by == "recurrence") return tell_cells(y, inputs);
    if (made_by.ends_with("_attention")) {
      looking_.clear();
      for (const Tensor& input : inputs) looking_.push_back(detach(input));
      looking_.push_back(y);
    }
    if (made_by == "layer_norm" && where_.layer > 0) {
      if (config_.norm == "pre") made_by = "norm of input";
      else if (told_ == "add") made_by = "norm of sum", walk_.steps.pop_back();
    }
    if (const Caption* found = caption(made_by, parameter.empty() ? told_ : parameter))
      tell(*found, y);
  }

  // `value` is shown, by head if it has three axes; `made`, if there is such, is the model's own
  // tensor, whose gradient is kept.
  void add(const Caption& caption, const Where& where, const Axis& rows, const Axis& columns,
           const Tensor& value, const Tensor& made = {}) {
    if (made) retain_grad(made);
    std::vector<Axis> axes{rows, columns};
    if (value.rank() == 3) axes.insert(axes.begin(), {heads_axis});
    const Place at = caption.place.empty() ? place_of(here) : *place(caption.place);
    Step step{caption, where, at, axes, detach(value), made};
    step.caption.name = sublayer_ + caption.name;
    told_ = caption.name;
    // `hidden` again, bent: more of the same step.
    const Step* last = walk_.steps.empty() ? nullptr : &walk_.steps.back();
    if (last && last->caption.name == step.caption.name && last->where == where)
      walk_.steps.pop_back();
    walk_.steps.push_back(step);
  }

  // The newest target word, or the last of the source.
  Axis rows(int count, bool of_source) const {
    const Tokens& words = of_source ? walk_.src : target_;
    return {of_source ? source_axis : target_axis, Tokens(words.end() - count, words.end())};
  }

 private:
  const Caption* caption(const std::string& operation, const std::string& where) const {
    return caption_of(config_.model.word(), operation, where);
  }

  // Of several names of the same numbers those take turns of which something can be told.
  std::string parameter_of(const std::string& operation, const std::vector<Tensor>& inputs) {
    const std::string side = where_.side == Side::encoder ? "encoder." : "decoder.";
    for (const Tensor& input : inputs) {
      const auto found = input ? names_.find(input.data()) : names_.end();
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
  void go_to(const std::string& parameter) {
    const auto has = [&](const char* part) { return parameter.find(part) != std::string::npos; };
    where_.layer = 0;
    for (const std::string before : {".blks.", ".weight_hh_l"})
      if (const auto at = parameter.find(before); at != std::string::npos)
        where_.layer = 1 + std::stoi(parameter.substr(at + before.size()));
    const bool cross = has(".attention2") || (has(".addnorm2") && where_.side == Side::decoder);
    sublayer_ = !has(".blks.")                          ? ""
                : cross                                 ? "cross-attention: "
                : has(".attention") || has(".addnorm1") ? "self-attention: "
                                                        : "feed-forward: ";
  }

  void tell(const Caption& caption, const Tensor& y) {
    Caption said = caption;
    Where at = where_;
    const bool keys = said.kind == Kind::key || said.kind == Kind::value;
    if (keys && sublayer_.starts_with("cross")) at.time = 0;
    if (said.kind == Kind::key && transformer_ && at.side == Side::decoder)
      said.meaning += at.time > 0 ? "; kept for later words" : "; once for all target words";
    if (said.kind == Kind::query && transformer_ && config_.lacks("scaling"))
      said.equation = "Q = √d X W_qᵀ, cut into heads";
    if (said.kind == Kind::position && config_.lacks("positions"))
      said.equation = "P = 0", said.meaning = "without positions", said.also.clear();
    const Tensor value = transformer_ && (keys || said.kind == Kind::query)
                             ? by_head(y, config_.heads)
                             : as_matrix(y);
    const Axis words = rows(value.dim(-2), at.side == Side::encoder || at.time == 0);
    const Axis columns{said.kind == Kind::logit ? "words"
                       : said.name == "hidden"  ? "hidden units"
                                                : "units"};
    add(said, at, words, columns, value, y);
  }

  // Between the inputs of an attention and its result, scores are those of its plain definition,
  // and weights its own. Nothing is masked: all keys are real words, and later ones are not there.
  void tell_attention(const Tensor& weights) {
    const bool additive = looking_.size() == 5;
    const bool self = sublayer_.starts_with("self"), encoder = where_.side == Side::encoder;
    const int heads = weights.dim(0), queries = weights.dim(1), keys = weights.dim(2);
    const auto of_heads = [&](const Tensor& x) {
      return raw::reshape(detach(x), {heads, -1, x.dim(-1)});
    };
    const Tensor Q = of_heads(looking_[0]), K = of_heads(looking_[1]), y = looking_.back();
    const Tensor V = of_heads(looking_[looking_.size() - 2]);
    const std::string score = transformer_                ? "scaled_dot"
                              : config_.lacks("scaling") ? "dot"
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
      const Caption* known = caption(what, score);
      check(known, "explain: there is no caption for the ", what, " of the score ", score);
      Caption said = *known;
      if (what == "weights" && self && !encoder && !config_.lacks("mask"))
        said.also = {{"the causal mask", "transformer.causal_mask"}};
      add(said, where_, asking, columns, transformer_ ? of_heads(x) : as_matrix(x), x);
    };
    if (!transformer_ && !additive && K.data() == V.data() && where_.time == 1) {
      const Where before{Side::decoder, 0, 0, 0};
      add(*caption("keys", ""), before, asked, {"units"}, as_matrix(K));
    }
    if (additive)
      add(*caption("features", score), where_, asked, {"units"}, as_matrix(plain.made["tanh"]));
    show("scores", plain.made[additive ? "squeeze" : "div"], asked);
    show("weights", weights, asked);
    show("context", y, {"units"});
  }

  // A recurrence is one operation. Written out in plain ones, and recorded if it is, it has the
  // gates of each step, and backwards the gradient of each state; the states are its own.
  void tell_cells(const Tensor& y, const std::vector<Tensor>& inputs) {
    const bool encoder = where_.side == Side::encoder;
    const Cells cells = plain_cells(y, inputs);
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

  const ModelConfig& config_;
  const bool transformer_ = config_.model == "transformer";
  Walk& walk_;
  std::map<const Real*, std::vector<std::string>> names_;  // of each parameter, perhaps several
  Where where_;
  std::string sublayer_;                        // "self-attention: "
  std::string told_;                            // the name of the step told last
  Tokens target_;                               // as far as it has been read
  std::vector<Tensor> looking_;                 // an attention's inputs and its result
};

// --- words

// The first row of a batch, without padding.
std::vector<int> row(const Ints& ids, int length) {
  return {ids.values().begin(), ids.values().begin() + length};
}

// The words as they were written, for as many ids as the model reads; <eos> ends them.
Tokens labels_of(const Tokens& words, std::size_t count) {
  Tokens out(words.begin(), words.begin() + std::min(count, words.size()));
  if (out.size() < count) out.emplace_back(eos_token);
  return out;
}

std::vector<Candidate> likeliest(const std::vector<Real>& p, const std::vector<int>& never) {
  std::vector<int> order(p.size());
  std::iota(order.begin(), order.end(), 0);
  std::erase_if(order, [&](int id) { return std::ranges::count(never, id) > 0; });
  std::ranges::stable_sort(order, std::greater<>(), [&](int id) { return p[id]; });
  order.resize(std::min<std::size_t>(5, order.size()));
  std::vector<Candidate> out;
  for (int id : order) out.push_back({id, double(p[id])});
  return out;
}

// One target word: from its logits the likeliest word.
void choose_word(Listener& listener, Walk& walk, const Vocab& vocab, const Tensor& logits,
                 const std::string& reads) {
  const Tensor probabilities = softmax(logits);
  listener.add({"probabilities p", Kind::probability, "p = softmax(logits)",
                "positive, with sum 1; the likeliest word is chosen",
                {{"the softmax", "choice.softmax"}}, "choice.argmax"},
               {Side::decoder, 0, 0, int(walk.words.size()) + 1},
               listener.rows(1, false), {"words"}, probabilities);
  auto best = likeliest(probabilities.values(), vocab.never_said());
  const int chosen = best[0].id;
  walk.words.push_back({reads, vocab.word(chosen), chosen, best[0].probability, best});
}

// In the place of the word the model would have chosen.
void force(Word& word, int id, const std::string& written, const Walk& walk) {
  word.id = id, word.word = written;
  word.probability = double(walk.steps.back().value.at({0, id}));
}

void decode(Listener& listener, Walk& walk, Translator& model, int most,
            const std::vector<int>& forced_ids, const Tokens& forced) {
  const Vocab& vocab = model.tgt_vocab;
  Watch watch(&listener);                       // which has nothing to say of what is done here
  const Ints src(Shape{1, int(walk.src_ids.size())}, walk.src_ids);
  const auto next = model.word_by_word(src, [&] { listener.enter(Side::decoder); });
  int id = vocab.bos();
  std::string reads(bos_token);
  std::vector<Tensor> logits;
  std::vector<int> labels;
  for (int t = 0; t < most && !walk.finished; t++) {
    listener.enter(Side::decoder, t + 1, reads);
    logits.push_back(reshape(next(id), {1, -1}));
    choose_word(listener, walk, vocab, logits.back(), reads);
    Word& word = walk.words.back();
    if (walk.forced) force(word, forced_ids[t], forced[t], walk);
    id = word.id, reads = word.word;
    labels.push_back(id);
    walk.finished = id == vocab.eos();
  }
  walk.logits = cat(logits, 0);
  walk.labels = Ints(Shape{int(labels.size())}, labels);
}

// What comes before the first target word is told before it, and the last step of a block is what
// the block hands on.
void put_in_order(std::vector<Step>& steps, bool blocks) {
  const auto time = [](const Where& at) { return at.side == Side::decoder ? 1 + at.time : 0; };
  std::ranges::stable_sort(steps, {}, [&](const Step& step) { return time(step.where); });
  for (std::size_t i = 0; i < steps.size() && blocks; i++) {
    const Where& at = steps[i].where;
    const bool last = i + 1 == steps.size() || steps[i + 1].where != at;
    if (!last || at.layer == 0 || time(at) == 1) continue;
    steps[i].caption.name = "block output", steps[i].caption.kind = Kind::output;
    steps[i].caption.meaning = "what this layer passes on";
  }
}

}  // namespace

std::string text(Kind kind) {
  static const char* const names[] = {"embedding", "position", "input",  "gate",    "query",
                                      "key",       "value",    "score",  "weight",  "context",
                                      "inner",     "output",   "logit",  "probability"};
  return names[int(kind)];
}

Walk walk_through(Translator& model, const Tokens& sentence, const Tokens* target) {
  check(!sentence.empty(), "explain: the sentence has no words");
  check(!target || !target->empty(), "explain: the target has no words");
  const auto [src, tgt, _, __] = model.pieces({sentence, target ? *target : Tokens()});
  Batch batch = make_batch(model.config, {{src, tgt}}, {0}, model.src_vocab, model.tgt_vocab);
  Walk walk;
  walk.forced = target != nullptr;
  walk.src_ids = row(batch.src, batch.lens.src[0]);
  walk.src = labels_of(src, walk.src_ids.size());
  const int forced_count = batch.lens.tgt[0];
  const int most =
      walk.forced ? forced_count : std::min(model.longest(batch.src), most_target_words);
  check(int(walk.src.size()) <= most_source_words + 1, "explain: the sentence has ", src.size(),
        " words; at most ", most_source_words, " can be told step by step");
  check(!walk.forced || forced_count <= most_target_words + 1, "explain: the target has ",
        tgt.size(), " words; at most ", most_target_words, " can be told step by step");
  eval(model.module());
  Listener listener(model, walk);
  decode(listener, walk, model, most, row(batch.label, forced_count),
         labels_of(tgt, forced_count));
  put_in_order(walk.steps, model.config.model == "transformer");
  return walk;
}

Tokens words_of(const Walk& walk) {
  Tokens out;
  for (const Word& word : walk.words) out.push_back(word.word);
  if (walk.finished) out.pop_back();
  return out;
}

}  // namespace babelgrad::explain
