#include "tools/app/explain/tour.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>

#include "data/text.h"
#include "tools/app/explain/blocks.h"

namespace babelgrad::explain {
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

// How much to say of each step. A tour says what a step is for when it comes for the first time.
class Teaching {
 public:
  explicit Teaching(const View& view) : tour_(is_tour(view)), layer_(view.layer) {}
  Detail detail(const Step& step) {
    const Caption& caption = step.caption;
    std::string words = caption.equation + "\n" + caption.meaning;
    for (const Mention& mention : caption.also) words += "\n" + mention.words;
    const bool news = told_.insert(words).second;
    if (layer_ == 0 && step.where.layer > 1) return Detail::brief;
    return !tour_ ? Detail::full : news ? Detail::outline : Detail::brief;
  }

 private:
  bool tour_;
  int layer_;
  std::set<std::string> told_;
};

std::string details(const Walk& walk, const Translator& model, const View& view,
                    const Screen& screen) {
  const bool layers_look = std::ranges::any_of(walk.steps, [](const Step& step) {
    return step.where.layer > 0 && looks_at_source(step);
  });
  std::vector<Step> steps;
  for (const Step& step : chosen_steps(walk, view))
    if (belongs_to_tour(step, layers_look, view)) steps.push_back(step);
  Teaching teaching(view);
  std::string out, before;
  for (const Step& step : gathered(steps)) {
    const int time = step.where.time;
    const bool written_here = step.where.side == Side::decoder && time > 0;
    const std::string now =
        section(step.where,
                written_here ? cut(on_screen(walk.words[time - 1].word, screen), 24) : "");
    const bool shortened = view.layer == 0 && step.where.layer > 1;
    const std::string rest = join(" (all of it: --layer ", step.where.layer, ")");
    if (now != before) out += heading(now + (shortened ? rest : ""), screen);
    before = now;
    const Kind kind = step.caption.kind;
    const Vocab& vocab = model.tgt_vocab;
    if (kind == Kind::probability)
      out += probability_block(step, walk.words[time - 1], walk.forced, vocab, screen);
    else if (kind == Kind::logit) out += logits_block(step, walk.words[time - 1], vocab, screen);
    else out += block(step, teaching.detail(step), screen);
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

std::string all_words(const Walk& walk, const Vocab& vocab, const View& view,
                      const Screen& screen) {
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
  return heading("WORD BY WORD", screen) + table(rows, "rllrl", screen);
}

constexpr const char* legend =
    "\nEach block: a step and its shape, its equation and what it is for, the line of\n"
    "the sources that computes it, and some of its numbers. Rows are words: of the\n"
    "target, the word just read. Columns are units, the first and the last, or words.\n";
constexpr const char* tour_legend =
    "Of words the first and the last, of heads the first; what comes again is brief.\n";

constexpr const char* more =
    "\n--step N tells a word in full, --layer N and --head N a layer and a head, --grad\n"
    "how the gradient comes back.\n";

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

std::string tour(const Walk& walk, const Translator& model, const View& view,
                 const Screen& screen) {
  std::string out = title(walk, model, screen) + legend + (is_tour(view) ? tour_legend : "") +
                    tokens_of(walk, model.src_vocab, screen) + details(walk, model, view, screen);
  if (view.word == 0) out += all_words(walk, model.tgt_vocab, view, screen) + more;
  out.pop_back();                               // the last line's end
  return out;
}

}  // namespace babelgrad::explain
