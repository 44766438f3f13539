// babelgrad attend: a sentence, its translation, and where each target word looked in the source.
#include "data/alignment.h"
#include "nn/file.h"
#include "tools/alignment_view.h"
#include "tools/args.h"
#include "tools/commands.h"
#include "tools/heatmap.h"
#include "tools/output.h"
#include "tools/terminal.h"

namespace babelgrad {
namespace {

std::vector<Panel> every_head(Translator& model, const Tokens& src, const Tokens& tgt) {
  std::vector<Panel> panels;
  for (int layer = 0; layer < attention_layers(model); layer++) {
    for (int head = 0; head < attention_heads(model); head++) {
      AttentionView view{layer, head};
      panels.push_back({attention_matrix(model, src, tgt, view), tgt, src, view.name()});
    }
  }
  return panels;
}

}  // namespace

int attend_command(int argc, const char* const* argv) {
  std::string run, sentence, target, svg;
  int layer = 0, head = 0;
  bool json = false;
  Args args("attend", "babelgrad attend run/ \"the king 's horse sleeps .\" --svg attention.svg");
  args.positional("run", &run, "the folder train wrote, or a model file");
  args.positional("sentence", &sentence, "the source, as plain text");
  args.string("target", &target, "TEXT",
              "a target to look at instead of the model's own translation");
  args.integer("layer", &layer, 0, 1000, "of the Transformer, from 1; 0: the last");
  args.integer("head", &head, 0, 1024, "from 1; 0: the mean of all heads");
  args.string("svg", &svg, "FILE",
              "also draw it; for the Transformer every layer and head, unless one is named");
  args.flag("json", &json, "tokens and weights as one JSON object");
  args.parse(argc, argv);
  auto model = load_model(run);
  if (layer > attention_layers(*model))
    usage_error("attend: --layer ", layer, " of a model with ", attention_layers(*model));
  if (head > attention_heads(*model))
    usage_error("attend: --head ", head, " of a model with ", attention_heads(*model));
  Tokens src = tokenize(sentence, model->tokenizer());
  if (src.empty()) usage_error("attend: the sentence has no words");
  Tokens tgt = target.empty() ? model->translate({src})[0] : tokenize(target, model->tokenizer());
  check(!tgt.empty(), "attend: the translation has no words");
  AttentionView view{layer > 0 ? layer - 1 : attention_layers(*model) - 1, head - 1};
  Panel panel{attention_matrix(*model, src, tgt, view), tgt, src, join(src) + " → " + join(tgt)};
  if (json) {
    Json weights = Json::array();
    for (const auto& row : panel.weights) weights.push_back(Json(row));
    print(write_json(
        Json::object({{"source", Json(src)}, {"target", Json(tgt)}, {"weights", weights}})));
  } else {
    Screen out = screen(1);
    print(printable(detokenize(src)));
    print(printable(detokenize(tgt)));
    print(heatmap_text(panel, {out.utf8, out.width}));
    print(pharaoh(links_from_attention(panel.weights)));
  }
  if (!svg.empty()) {
    bool grid = layer == 0 && head == 0 && attention_layers(*model) * attention_heads(*model) > 1;
    write_file_atomically(
        svg, grid ? heatmap_grid_svg(every_head(*model, src, tgt), attention_heads(*model))
                  : heatmap_svg(panel));
    say(join("wrote ", printable(svg)));
  }
  return 0;
}

}  // namespace babelgrad
