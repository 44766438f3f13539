// The gradient of the loss, from the last word to the first: what arrives where, as norms.
#include <algorithm>
#include <cmath>

#include "autograd/ops.h"
#include "tools/app/explain/explain.h"

namespace babelgrad::explain {
namespace {

// What came back to a step's value: zeros where nothing did.
Tensor gradient(const Step& step) {
  const Tensor d = grad(step.made);
  return d ? reshape(d, step.value.shape()) : Tensor(step.value.shape());
}

std::vector<double> row_norms(const Tensor& x) {
  std::vector<double> out(x.dim(0));
  const std::vector<Real> values = x.values();
  for (std::size_t i = 0; i < values.size(); i++)
    out[i / (values.size() / out.size())] += double(values[i]) * double(values[i]);
  for (double& norm : out) norm = std::sqrt(norm);
  return out;
}

// The steps of one kind, each with its gradient in the place of its value.
std::vector<Step> gradients_of(const Walk& walk, Kind kind) {
  std::vector<Step> out;
  for (const Step& step : walk.steps) {
    if (step.caption.kind != kind) continue;
    out.push_back(step);
    out.back().value = gradient(step);
  }
  return gathered(out);
}

Profile profile_of(const Step& step, const std::string& name) {
  return {name, step.axes[0].labels, row_norms(step.value), place_text(step.at)};
}

// encoder.blks.0.attention.W_q.weight belongs to encoder.blks.0.attention, decoder.dense.bias to
// decoder.dense.
std::string module_of(const std::string& parameter) {
  std::size_t end = 0;
  for (int names = 0; names < 4; names++) {
    const std::size_t dot = parameter.find('.', end + 1);
    if (dot == std::string::npos) break;
    end = dot;
  }
  return parameter.substr(0, end);
}

Profile profile_of(const std::vector<Parameter>& parameters) {
  Profile out{"dL/d(parameters), module by module", {}, {}};
  for (const Parameter& parameter : parameters) {
    const std::string module = module_of(parameter.name);
    if (out.labels.empty() || out.labels.back() != module)
      out.labels.push_back(module), out.norms.push_back(0);
    if (const Tensor d = grad(parameter.tensor))
      for (Real v : d.values()) out.norms.back() += double(v) * double(v);
  }
  for (double& norm : out.norms) norm = std::sqrt(norm);
  return out;
}

// --- as text

std::string vanishing(const Profile& p, const Screen& screen) {
  const auto most = std::ranges::max_element(p.norms);
  if (!(*most > 0)) return "  nothing comes back here\n";
  auto least = most;
  for (auto at = p.norms.begin(); at != p.norms.end(); ++at)
    if (*at > 0 && *at < *least) least = at;
  const auto label = [&](auto at) {
    return cut(on_screen(p.labels[at - p.norms.begin()], screen), 28);
  };
  const auto nothing = std::ranges::count(p.norms, 0);
  std::string out;
  if (least != most)
    out = join("  largest at ", label(most), ", smallest at ", label(least), ": ",
               number(*most / *least), " times smaller\n");
  if (nothing) out += join("  nothing comes back to ", nothing, " of ", p.norms.size(), "\n");
  return out;
}

std::string profile_text(const Profile& p, const Screen& screen) {
  std::vector<Bar> items;
  for (std::size_t i = 0; i < p.norms.size(); i++) items.push_back({p.labels[i], p.norms[i]});
  const std::string made = p.place.empty() ? "" : line("  made at " + p.place);
  return heading(written(p.name, screen), screen) + made +
         bars(items, 48, 0, screen, small_number) + vanishing(p, screen);
}

const char* moral(const std::string& model) {
  if (model == "rnn")
    return "The only way from a target word to a source word leads through the context and then "
           "through every encoder step after that word: each of them scales the gradient.";
  if (model == "attention")
    return "Attention gives short ways back: from each target word one weighted sum to every "
           "encoder state, in proportion to the weight, beside the long way through the states.";
  return "Attention gives short ways back: from any word one weighted sum to any other. The "
         "residual sums hand the gradient past each sublayer, from layer to layer.";
}

std::string loss_line(const WayBack& back) {
  const std::string of =
      back.word > 0 ? join("target word ", back.word)
                    : join("the translation, the mean over its ", back.words,
                           back.words == 1 ? " word" : " words");
  return join("L = cross-entropy of ", of, ": ", small_number(back.loss), "\n");
}

Json as_json(const std::vector<Profile>& profiles) {
  Json out = Json::array();
  for (const Profile& p : profiles)
    out.push_back(Json::object(
        {{"name", p.name},
         {"made_at", p.place},
         {"labels", Json(p.labels)},
         {"norms", Json(p.norms)}}));
  return out;
}

}  // namespace

WayBack way_back(Translator& model, const Walk& walk, int word) {
  const int words = int(walk.labels.numel());
  check(word >= 0 && word <= words, "explain: word ", word, " of a translation of ", words);
  std::vector<Parameter> parameters = named_parameters(model.module());
  for (const Parameter& parameter : parameters) zero_grad(parameter.tensor);
  Ints labels = walk.labels;
  constexpr int ignored = -100;
  if (word > 0) labels = Ints(labels.shape(), ignored), labels[word - 1] = walk.labels[word - 1];
  Tensor loss = cross_entropy(walk.logits, labels, {.ignore_index = ignored});
  backward(loss);
  for (const auto& [y, cells] : walk.written_out)
    if (grad(y)) backward(cells, grad(y));      // from what arrived at a recurrence into its steps
  WayBack back{double(loss.item()), word, words, {}, {}, {}, {}};
  for (const Step& step : gradients_of(walk, Kind::embedding)) {
    const bool reads_source = step.where.side == Side::encoder;
    (reads_source ? back.source : back.target)
        .push_back(profile_of(step, reads_source ? "dL/d(embedding), source word by source word"
                                                 : "dL/d(embedding), target word by target word"));
  }
  const char* x = model.config.model == "transformer" ? "dL/d(block output), " : "dL/dh, ";
  for (const Step& step : gradients_of(walk, Kind::output)) {
    const char* side = step.where.side == Side::encoder ? "encoder, layer " : "decoder, layer ";
    back.layers.push_back(profile_of(step, join(x, side, step.where.layer)));
  }
  back.modules.push_back(profile_of(parameters));
  return back;
}

std::string text(const WayBack& back, const Translator& model, const Screen& screen) {
  std::string out = heading("THE BACKWARD PASS", screen) +
                    loss_line(back) + "  " + place_text(*place(loss_place)) + "\n" +
                    "Each number is the norm of dL/dx, the gradient that arrives at x.\n" +
                    "  " + place_text(*place(backward_place)) + "\n";
  for (auto* profiles : {&back.target, &back.source, &back.layers, &back.modules})
    for (const Profile& profile : *profiles) out += profile_text(profile, screen);
  out += "\n" + paragraph(moral(model.config.model.word()), screen.width);
  out.pop_back();
  return out;
}

Json to_json(const WayBack& back) {
  return Json::object({{"loss", back.loss},
                       {"loss_at", place_text(*place(loss_place))},
                       {"backward_at", place_text(*place(backward_place))},
                       {"word", back.word},
                       {"words", back.words},
                       {"source", as_json(back.source)},
                       {"target", as_json(back.target)},
                       {"layers", as_json(back.layers)},
                       {"modules", as_json(back.modules)}});
}

}  // namespace babelgrad::explain
