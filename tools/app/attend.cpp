// babelgrad attend: a sentence, its translation, and where each target word looked in the source,
// or which source words it depends on.
#include <algorithm>
#include <set>

#include "data/alignment.h"
#include "data/file.h"
#include "data/grammar.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/run/alignment_view.h"
#include "tools/app/run/record.h"
#include "tools/app/run/unknown.h"
#include "tools/app/view/explorer.h"
#include "tools/app/view/heatmap.h"

namespace babelgrad {
namespace {

enum class LookBy { attention, occlusion };
Tokens words_of(LookBy) { return {"attention", "occlusion"}; }

struct AttendOptions {
  std::string run, like, sentence, target, gold, svg, html;
  Named<LookBy> by = LookBy::attention;
  int layer = 0, head = 0, beam = 5;
  double alpha = 0.75;
  bool json = false;
};

void declare_attend(Args& args, AttendOptions& o) {
  args.about("Translates a sentence and shows which source word each word looked at while it was "
             "written: in the terminal, as SVG, or as a page to explore. It takes a second.");
  declare_run(args, o.run, o.like);
  args.positional("sentence", &o.sentence, "the source, as plain text, in quotes");
  args.string("target", &o.target, "TEXT",
              "a target to look at instead of the model's own translation");
  args.choice("by", &o.by,
              "what links words: the model's attention, or how much of its probability a target "
              "word loses when a source word is hidden; a model without attention has only that");
  args.counted("layer", &o.layer, 1000, {{"last", 0}}, "of the Transformer, from 1");
  args.counted("head", &o.head, 1024, {{"mean", 0}}, "from 1, or the mean of all");
  args.string("gold", &o.gold, "LINKS",
              "links known to be right, to outline: \"0-0 1-2 2?1\", source-target, ? possible");
  args.string("svg", &o.svg, "FILE",
              "also draw it; for the Transformer every layer and head, unless one is named");
  args.string("html", &o.html, "FILE",
              "also write it as one page to explore: all attention, and what the beam found");
  args.integer("beam", &o.beam, 1, 100,
               "hypotheses of the page; the best is the translation that is looked at");
  args.number("alpha", &o.alpha, 0, 10, "length normalisation of the beam: log P / length^alpha");
  args.flag("json", &o.json, "tokens and weights as one JSON object");
}

std::vector<Panel> every_head(Translator& model, const Pair& pair, const Panel& mean) {
  std::vector<Panel> panels;
  for (int layer = 0; layer < attention_layers(model); layer++) {
    for (int head = 0; head < attention_heads(model); head++) {
      AttentionView view{layer, head};
      panels.push_back({attention_matrix(model, pair.src, pair.tgt, view), mean.rows, mean.columns,
                        view.name(), mean.gold});
    }
  }
  return panels;
}

Tokens greedily(Translator& model, const Tokens& src) {
  const Batch one = model.source_batch({src});
  return model.target_words(model.greedy(one.src, one.lens.src, model.longest(one.src))[0]);
}

std::vector<ShownHypothesis> search(Translator& model, const Tokens& src, const AttendOptions& o) {
  constexpr std::size_t most = 100;             // a page of more is no longer read
  check(src.size() <= most, "attend: --html shows sentences of up to ", most, " words, not ",
        src.size());
  std::vector<ShownHypothesis> shown;
  const auto found = model.search({src}, {o.beam, o.alpha, 0});
  for (const Hypothesis& h : found[0])
    shown.push_back({model.target_words(h.tokens), h.log_prob, h.score, h.finished});
  return shown;
}

// As the user gave them, or as the run's built-in corpus has them for just this pair.
std::vector<Link> gold_of(const Pair& pair, const AttendOptions& o, Tokenizer tokenizer) {
  if (!o.gold.empty()) return parse_pharaoh(o.gold, int(pair.src.size()), int(pair.tgt.size()));
  if (o.html.empty()) return {};
  try {
    const TrainingCorpus corpus = pairs_of_run(o.run, tokenizer).corpus;
    for (const auto* pairs : {&corpus.train, &corpus.validation, &corpus.test})
      for (const Pair& known : *pairs)
        if (known.src == pair.src && known.tgt == pair.tgt) return known.gold;
  } catch (const Error&) {                      // its files are gone; a page can do without
  }
  return {};
}

std::string facts(const Translator& model, const Tokens& src) {
  const ModelConfig& c = model.config;
  const auto counted = [](int n, const char* what) { return join(n, what, n == 1 ? "" : "s"); };
  const std::string layers = counted(c.layers, " layer");
  const std::string cell = Tokens{"RNN", "GRU", "LSTM"}[std::size_t(Cell(c.cell))];
  std::string out = c.model == "transformer"
                        ? join("Transformer, ", layers, " of ", counted(c.heads, " head"))
                        : join("Encoder and decoder with ", layers, " of ", cell, " cells",
                               c.model == "rnn" ? "" : join(", ", c.score, " attention"));
  out += join(", width ", c.hidden);
  std::string unknown;
  const Tokens words = unknown_words(model, src);
  for (const std::string& word : std::set(words.begin(), words.end()))
    unknown += (unknown.empty() ? "" : ", ") + word;
  return unknown.empty() ? out : out + ". Not in its vocabulary: " + unknown;
}

void print_panel(Translator& model, const Pair& pair, const Panel& panel,
                 const std::string& looked_at, bool json) {
  if (json) {
    const Json looked = Json::object(
        {{"source", pair.src}, {"target", pair.tgt}, {"weights", panel.weights}});
    print(write_json(looked, Json::unlimited));
    return;
  }
  const Screen out = screen(1);
  print(on_screen(model.source_text(pair.src), out));
  print(on_screen(model.target_text(pair.tgt), out));
  if (panel.weights.empty()) return;
  print(looked_at + "\n");
  print(heatmap_text(panel, {out.utf8, out.width, out.safe}));
  print("alignment (source-target, counted from 0): " +
        pharaoh(links_from_attention(panel.weights)));
}

void write_svg(Translator& model, const Pair& pair, const Panel& panel, const AttendOptions& o) {
  const int heads = attention_heads(model), maps = attention_layers(model) * heads;
  const bool grid = o.by == LookBy::attention && o.layer == 0 && o.head == 0 && maps > 1;
  write_file_atomically(o.svg, grid ? heatmap_grid_svg(every_head(model, pair, panel), heads,
                                                       panel.title)
                                    : heatmap_svg(panel));
  say(join("wrote ", printable(o.svg)));
}

void write_page(const Translator& model, Exploration shown, const AttendOptions& o) {
  for (Tokens* words : {&shown.src, &shown.tgt}) *words = model.as_written(*words);
  for (AttentionMaps& map : shown.maps)
    map.rows = model.as_written(map.rows), map.columns = model.as_written(map.columns);
  for (ShownHypothesis& found : shown.hypotheses) found.words = model.as_written(found.words);
  write_file_atomically(o.html, explorer_page(shown));
  say(join("wrote ", printable(o.html)));
}

// The model by whose layers and heads the options are checked.
std::unique_ptr<Translator> load(const AttendOptions& o) {
  auto model = load_model(o.run, o.like);
  const int layers = attention_layers(*model), heads = attention_heads(*model);
  if (o.layer > layers) usage_error("attend: --layer ", o.layer, " of a model with ", layers);
  if (o.head > heads) usage_error("attend: --head ", o.head, " of a model with ", heads);
  return model;
}

}  // namespace

int attend_command(int argc, const char* const* argv) {
  AttendOptions o;
  Args args("attend", "babelgrad attend run/ \"the king 's horse sleeps .\" --head 2\n"
                      "babelgrad attend run/ \"the dog sleeps .\" --html attention.html");
  declare_attend(args, o);
  args.parse(argc, argv);
  const bool shown = !o.html.empty(), drawn = shown || !o.svg.empty();
  note(args.note_on({{{"beam", "alpha"}, !shown, "no effect; it applies to the page of --html"},
                     {{"alpha"}, shown && o.beam == 1, "no effect; --beam is 1"},
                     {{"gold"}, o.json && !drawn, "no effect on --json, only on pictures"}}));
  const std::vector<std::string> read{o.run, o.like};
  check_not_read("attend", "--svg", o.svg, read, svg_file);
  check_not_read("attend", "--html", o.html, read, page_file);
  if (!o.svg.empty() && o.svg == o.html)
    usage_error("attend: --svg and --html name one file, ", in_quotes(o.svg));
  auto model = load(o);
  const int layers = attention_layers(*model);
  if (layers == 0 && !args.given("by")) o.by = LookBy::occlusion;
  const bool occluded = o.by == LookBy::occlusion;
  note(args.note_on({{{"layer", "head"}, occluded, "no effect; --by occlusion looks at none"}}));
  Tokens src = tokenize(o.sentence, model->tokenizer());
  if (src.empty()) usage_error("attend: the sentence has no words");
  UnknownWords().note(*model, src);
  const bool page = !o.html.empty(), given = !o.target.empty();
  std::vector<ShownHypothesis> found;
  if (page) found = search(*model, src, o);
  Tokens tgt = given  ? tokenize(o.target, model->tokenizer())
               : page ? found[0].words
                      : greedily(*model, src);
  check(!tgt.empty(), "attend: the translation has no words");

  AttentionView view{o.layer > 0 ? o.layer - 1 : std::max(layers - 1, 0), o.head - 1};
  const Pair pair{src, tgt};
  const Tokens columns = labelled(*model, src), rows = model->as_written(tgt);
  Panel panel{{}, rows, columns, join(columns) + " → " + join(rows),
              gold_of(pair, o, model->tokenizer()), !occluded};
  if (occluded) panel.weights = shares_lost(occlusion(*model, src, tgt));
  else if (layers > 0 || !page || !o.svg.empty())  // else there is only the page
    panel.weights = attention_matrix(*model, src, tgt, view);
  print_panel(*model, pair, panel,
              occluded ? "occlusion: the share of its probability that a target word loses"
                       : join("attention: ", view.name_in(*model)), o.json);
  if (!o.svg.empty()) write_svg(*model, pair, panel, o);
  std::vector<AttentionMaps> maps = attention_maps(*model, src, tgt);
  if (occluded) maps.push_back({"occlusion", tgt, src, {{panel.weights}}});
  if (page)
    write_page(*model, {facts(*model, src), src, tgt, given, maps,
                        view.layer, view.head, panel.gold, o.beam, o.alpha, found,
                        model->config.source_language, model->config.language}, o);
  return 0;
}

}  // namespace babelgrad
