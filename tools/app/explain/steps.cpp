// Steps chosen from a walk, put together, and as JSON.
#include <algorithm>

#include "autograd/ops.h"
#include "data/text.h"
#include "tools/app/explain/tour.h"

namespace babelgrad::explain {
namespace {

bool has_heads(const Step& step) { return step.axes[0].name == heads_axis; }

Step one_head(Step step, int head) {
  step.value = select(step.value, 0, head - 1);
  step.axes.erase(step.axes.begin());
  step.where.head = head;
  return step;
}

bool belong_together(const Step& a, const Step& b) {
  return a.caption.name == b.caption.name && a.where.side == b.where.side &&
         a.where.layer == b.where.layer && a.where.head == b.where.head && a.where.time != 0 &&
         b.where.time != 0 && a.value.rank() == 2 && b.value.rank() == 2 &&
         a.value.dim(1) == b.value.dim(1);
}

Json to_json(const Step& step) {
  Json axes = Json::array(), shape = Json::array();
  for (const Axis& axis : step.axes) axes.push_back(axis.name);
  for (int dim : step.value.shape()) shape.push_back(dim);
  Json out = Json::object({{"name", step.caption.name},
                           {"kind", text(step.caption.kind)},
                           {"side", step.where.side == Side::encoder ? "encoder" : "decoder"},
                           {"layer", step.where.layer},
                           {"head", step.where.head},
                           {"time", step.where.time},
                           {"equation", step.caption.equation},
                           {"axes", axes},
                           {"shape", shape},
                           {"values", Json(step.value.values())}});
  out["file"] = step.at.file, out["line"] = step.at.line;
  if (!step.at.section.empty()) out["section"] = step.at.section, out["title"] = step.at.title;
  Json also = Json::array();
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

std::vector<Step> chosen_steps(const Walk& walk, const View& view) {
  std::vector<Step> out;
  for (const Step& step : walk.steps) {
    const Where& at = step.where;
    if (view.word > 0 && (at.side == Side::encoder || at.time != view.word)) continue;
    if (view.layer > 0 && at.layer > 0 && at.layer != view.layer) continue;
    out.push_back(view.head > 0 && has_heads(step) ? one_head(step, view.head) : step);
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

}  // namespace babelgrad::explain
