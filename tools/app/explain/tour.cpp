// Steps chosen from a walk, put together, and told in order; or as JSON.
#include <algorithm>
#include <functional>
#include <numeric>
#include <set>

#include "autograd/ops.h"
#include "data/text.h"
#include "tools/app/explain/explain.h"
#include "tools/app/run/alignment_view.h"

namespace babelgrad::explain {
namespace {

bool belong_together(const Step& a, const Step& b) {
  return a.caption.name == b.caption.name && a.where.side == b.where.side &&
         a.where.layer == b.where.layer && a.where.head == b.where.head && a.where.time != 0 &&
         b.where.time != 0 && a.value.rank() == 2 && b.value.rank() == 2 &&
         a.value.dim(1) == b.value.dim(1);
}

Json to_json(const Step& step) {
  Json axes = Json::array(), also = Json::array();
  for (const Axis& axis : step.axes) axes.push_back(axis.name);
  const Shape& shape = step.value.shape();
  Json out = Json::object({{"name", step.caption.name},
                           {"kind", text(step.caption.kind)},
                           {"side", step.where.side == Side::encoder ? "encoder" : "decoder"},
                           {"layer", step.where.layer},
                           {"head", step.where.head},
                           {"time", step.where.time},
                           {"equation", step.caption.equation},
                           {"meaning", step.caption.meaning},
                           {"axes", axes},
                           {"shape", Json(std::vector<int>(shape.begin(), shape.end()))},
                           {"values", Json(step.value.values())}});
  out["file"] = step.at.file, out["line"] = step.at.line;
  if (!step.at.section.empty()) out["section"] = step.at.section, out["title"] = step.at.title;
  for (const Mention& mention : step.caption.also)
    if (const Place* at = place(mention.place))
      also.push_back(
          Json::object({{"what", mention.words}, {"file", at->file}, {"line", at->line}}));
  out["also"] = also;
  return out;
}

Json to_json(const Word& word, const Vocab& vocab) {
  Json best = Json::array();
  for (const Candidate& c : word.best)
    best.push_back(Json::object({{"word", vocab.word(c.id)}, {"probability", c.probability}}));
  return Json::object({{"reads", word.reads},
                       {"word", word.word},
                       {"id", word.id},
                       {"probability", word.probability},
                       {"best", best}});
}

}  // namespace

Step one_head(Step step, int head) {
  if (step.axes[0].name != heads_axis) return step;
  step.value = select(step.value, 0, head - 1);
  step.axes.erase(step.axes.begin());
  step.where.head = head;
  return step;
}

std::vector<Step> chosen_steps(const Walk& walk, const View& view) {
  std::vector<Step> out;
  for (const Step& step : walk.steps) {
    const Where& at = step.where;
    if (view.word > 0 && (at.side == Side::encoder || at.time != view.word)) continue;
    if (view.layer > 0 && at.layer > 0 && at.layer != view.layer) continue;
    out.push_back(view.head > 0 ? one_head(step, view.head) : step);
  }
  return out;
}

std::vector<Step> gathered(const std::vector<Step>& steps) {
  constexpr int several = -1;
  std::vector<Step> out;
  for (const Step& step : steps) {
    const auto same = [&](const Step& other) { return belong_together(other, step); };
    const auto group = std::ranges::find_if(out, same);
    if (group == out.end()) {
      out.push_back(step);
      continue;
    }
    Tokens& labels = group->axes[0].labels;
    labels.insert(labels.end(), step.axes[0].labels.begin(), step.axes[0].labels.end());
    group->value = cat({group->value, step.value}, 0);
    group->where.time = several;
  }
  for (Step& step : out) step.where.time = std::max(0, step.where.time);
  return out;
}

Json to_json(const Walk& walk, const Translator& model, const View& view) {
  Json source = Json::array(), words = Json::array(), steps = Json::array();
  for (std::size_t i = 0; i < walk.src.size(); i++)
    source.push_back(Json::object({{"token", walk.src[i]},
                                   {"id", walk.src_ids[i]},
                                   {"known", walk.src_ids[i] != model.src_vocab.unk()}}));
  for (const Word& word : walk.words) words.push_back(to_json(word, model.tgt_vocab));
  for (const Step& step : chosen_steps(walk, view)) steps.push_back(to_json(step));
  return Json::object({{"model", to_json(model.config)},
                       {"source", source},
                       {"target", model.target_text(model.joined(words_of(walk)))},
                       {"forced", walk.forced},
                       {"finished", walk.finished},
                       {"words", words},
                       {"steps", steps}});
}

namespace {

// ENCODER, LAYER 1
std::string section(const Where& at, const std::string& writes) {
  std::string out = at.side == Side::encoder ? "ENCODER"
                    : at.time == 0           ? "DECODER, BEFORE THE FIRST WORD"
                                             : join("TARGET WORD ", at.time, ": ", writes);
  return at.layer > 0 ? join(out, ", LAYER ", at.layer) : out;
}

std::string tokens_of(const Walk& walk, const Vocab& vocab, const Screen& screen) {
  std::vector<std::vector<std::string>> rows{{"token", "id", ""}};
  for (std::size_t i = 0; i < walk.src.size(); i++) {
    const bool unknown = walk.src_ids[i] == vocab.unk();
    rows.push_back({cut(on_screen(walk.src[i], screen), 40), join(walk.src_ids[i]),
                    unknown ? "not in the vocabulary: read as <unk>" : ""});
  }
  return heading("TOKENS AND IDS", screen) + table(rows, "lrl", screen);
}

bool is_tour(const View& view) { return view.word == 0 && view.layer == 0 && view.head == 0; }

bool looks_at_source(const Step& step) {
  return step.caption.kind == Kind::weight && step.axes.back().name == source_axis;
}

// Unasked, of further words nothing, and of further layers where they look, or if they do not look
// what comes out.
bool belongs_to_tour(const Step& step, bool layers_look, const View& view) {
  const Where& at = step.where;
  if (view.word == 0 && at.time > 1 && at.side == Side::decoder) return false;
  return view.layer > 0 || at.layer <= 1 ||
         (layers_look ? looks_at_source(step) : step.caption.kind == Kind::output);
}

std::string details(const Walk& walk, const Translator& model, const View& view,
                    const Screen& screen) {
  const bool layers_look = std::ranges::any_of(walk.steps, [](const Step& step) {
    return step.where.layer > 0 && looks_at_source(step);
  });
  std::vector<Step> steps = chosen_steps(walk, view);
  std::erase_if(steps, [&](auto& step) { return !belongs_to_tour(step, layers_look, view); });
  // A tour says what a step is for when it comes for the first time.
  std::set<std::string> told;
  const auto how_much = [&](const Step& step) {
    std::string words = step.caption.equation + "\n" + step.caption.meaning;
    for (const Mention& mention : step.caption.also) words += "\n" + mention.words;
    const bool news = told.insert(words).second;
    if (view.layer == 0 && step.where.layer > 1) return Detail::brief;
    return !is_tour(view) ? Detail::full : news ? Detail::outline : Detail::brief;
  };
  std::string out, before;
  for (const Step& step : gathered(steps)) {
    const Where& at = step.where;
    const Word* word =
        at.side == Side::decoder && at.time > 0 ? &walk.words[at.time - 1] : nullptr;
    const std::string now = section(at, word ? cut(on_screen(word->word, screen), 24) : "");
    const bool shortened = view.layer == 0 && at.layer > 1;
    const std::string rest = join(" (all of it: --layer ", at.layer, ")");
    if (now != before) out += heading(now + (shortened ? rest : ""), screen);
    before = now;
    const Vocab& vocab = model.tgt_vocab;
    const Kind kind = step.caption.kind;
    out += kind == Kind::probability ? probability_block(step, *word, walk.forced, vocab, screen)
           : kind == Kind::logit     ? logits_block(step, *word, vocab, screen)
                                     : block(step, how_much(step), screen);
  }
  return out;
}

// With which weights the word at `time` looked at the source, in the named layer (none: the last)
// and head (none: the mean of all); nothing without attention.
std::vector<double> looks(const Walk& walk, int time, const View& view) {
  std::vector<double> out;
  for (const Step& step : chosen_steps(walk, {time, view.layer, view.head})) {
    if (!looks_at_source(step)) continue;
    const std::size_t n = walk.src.size();
    const std::vector<Real> values = step.value.values();
    out.assign(n, 0);
    for (std::size_t i = 0; i < values.size(); i++)
      out[i % n] += double(values[i]) * double(n) / double(values.size());
  }
  return out;
}

// The two words it looked at most: "dog 0.71, the 0.22".
std::string looks_text(const Walk& walk, int time, const View& view, const Screen& screen) {
  const std::vector<double> weights = looks(walk, time, view);
  std::vector<int> order(weights.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater<>(), [&](int i) { return weights[i]; });
  std::string out;
  for (std::size_t i = 0; i < std::min<std::size_t>(2, order.size()); i++)
    out += join(i ? ", " : "", cut(on_screen(walk.src[order[i]], screen), 10), " ",
                fixed(weights[order[i]], 2));
  return out;
}

// Whose weights looks() gives, if there are several: "layer 2 of 2, mean of 4 heads".
std::string whose(const Walk& walk, const Translator& model, const View& view) {
  if (looks(walk, 1, view).empty()) return "";
  const int layers = attention_layers(model);
  if (layers * attention_heads(model) == 1) return "";
  const AttentionView shown{std::min(view.layer > 0 ? view.layer : layers, layers) - 1,
                            view.head - 1};
  return "; looks: " + shown.name_in(model);
}

std::string all_words(const Walk& walk, const Translator& model, const View& view,
                      const Screen& screen) {
  const Vocab& vocab = model.tgt_vocab;
  const bool attends = !looks(walk, 1, view).empty();
  std::vector<std::vector<std::string>> rows{
      {"", "reads", "writes", "p", "likeliest other", attends ? "looks most at" : ""}};
  for (std::size_t i = 0; i < walk.words.size(); i++) {
    const Word& word = walk.words[i];
    std::string other;
    for (const Candidate& c : word.best)
      if (c.id != word.id && other.empty())
        other = join(cut(on_screen(vocab.word(c.id), screen), 12), " ", fixed(c.probability, 3));
    const char* as = word.id == vocab.unk() && word.word != unk_token ? " (<unk>)" : "";
    rows.push_back({join(i + 1), cut(on_screen(word.reads, screen), 12),
                    cut(on_screen(word.word, screen), 12) + as, fixed(word.probability, 3), other,
                    looks_text(walk, int(i) + 1, view, screen)});
  }
  return heading("WORD BY WORD" + whose(walk, model, view), screen) + table(rows, "rllrl", screen);
}

constexpr const char *legend =
    "Each block below shows a step: its shape, its equation and purpose, the line of the sources "
    "that says it (where \"in one pass at\" follows, that line ran), and some of its numbers. Rows "
    "are words: of the target, the word just read. Columns are units, the first and the last, or "
    "words.",
    *tour_legend = " Only the first and the last word are shown, and the first head; a step that "
                   "occurs again is brief.",
    *more = "--step N shows a word in full, --layer N and --head N a layer and a head, --grad the "
            "backward pass.";

std::string title(const Walk& walk, const Translator& model, const Screen& screen) {
  const ModelConfig& c = model.config;
  const bool transformer = c.model == "transformer";
  std::string kind = transformer ? join(", ", c.heads, c.heads == 1 ? " head" : " heads", " each")
                                 : join(" of ", c.cell, " cells");
  if (c.model == "attention") kind += join(", ", c.score, " attention");
  Tokens src = walk.src;
  if (walk.src_ids.back() == model.src_vocab.eos()) src.pop_back();
  return line(join(c.model, ": ", c.layers, c.layers == 1 ? " layer" : " layers", kind, ", width ",
                   c.hidden)) +
         line(on_screen(model.source_text(model.joined(src)), screen)) +
         line(on_screen(model.target_text(model.joined(words_of(walk))), screen) +
              (walk.forced ? "  (given)" : walk.finished ? "" : "  (cut: no <eos> so far)"));
}

}  // namespace

std::string in_brief(const Walk& walk, const Translator& model, const View& view,
                     const Screen& screen) {
  return title(walk, model, screen) + tokens_of(walk, model.src_vocab, screen) +
         all_words(walk, model, view, screen);
}

std::string tour(const Walk& walk, const Translator& model, const View& view,
                 const Screen& screen) {
  std::string out = view.word == 0 ? in_brief(walk, model, view, screen)
                                   : title(walk, model, screen) +
                                         tokens_of(walk, model.src_vocab, screen);
  out += "\n" + paragraph(join(legend, is_tour(view) ? tour_legend : ""), screen.width) +
         details(walk, model, view, screen);
  if (view.word == 0) out += "\n" + paragraph(more, screen.width);
  out.pop_back();                               // the last line's end
  return out;
}

}  // namespace babelgrad::explain
