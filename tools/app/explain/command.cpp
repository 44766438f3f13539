// babelgrad explain: one sentence through a model, step by step, and the gradients' way back.
#include "autograd/node.h"
#include "data/text.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/explain/explain.h"
#include "tools/app/run/unknown.h"

namespace babelgrad {
namespace {

struct Options {
  std::string run, like, sentence, target;
  int word = 0, layer = 0, head = 0;
  bool json = false, grad = false, forced = false;
};

Options parse(int argc, const char* const* argv) {
  Options o;
  Args args("explain", "babelgrad explain run/ \"the dog sleeps .\"\n"
                       "babelgrad explain run/ \"the dog sleeps .\" --step 2 --layer 1 --head 3");
  args.about("One sentence through the model: first what happened, word by word, then how, step by "
             "step, with shapes, numbers, equations, source lines and sections of the book. It "
             "takes a second.");
  declare_run(args, o.run, o.like);
  args.positional("sentence", &o.sentence, "the source, as plain text, in quotes");
  args.integer("step", &o.word, 1, explain::most_target_words,
               "show this target word in full, from 1; by default a tour, with the first one");
  args.tell_default("step", "");
  args.counted("layer", &o.layer, 1000, {}, "only this layer, in full, from 1");
  args.counted("head", &o.head, 1024, {{"mean", 0}},
               "head of the Transformer, from 1; for the mean, numbers are those of head 1");
  args.string("target", &o.target, "TEXT", "explain this translation, not the model's own");
  args.flag("grad", &o.grad,
            "also the backward pass: how much gradient arrives where; with --step, of that word");
  args.flag("json", &o.json, "every step with its numbers, as one JSON object");
  args.parse(argc, argv);
  o.forced = args.given("target");
  return o;
}

void check_options(const Options& o, const ModelConfig& config) {
  const int heads = config.model == "transformer" ? config.heads : 1;
  if (o.layer > config.layers)
    usage_error("explain: --layer ", o.layer, " of a model with ", config.layers);
  if (o.head > heads) usage_error("explain: --head ", o.head, " of a model with ", heads);
  if (o.head > 0 && config.model != "transformer")
    say("note: --head: no effect; only the Transformer has several");
}

Tokens words_of(const std::string& text, const Translator& model, const char* what) {
  Tokens words = tokenize(text, model.tokenizer());
  if (words.empty()) usage_error("explain: the ", what, " has no words");
  return words;
}

}  // namespace

int explain_command(int argc, const char* const* argv) {
  const Options o = parse(argc, argv);
  auto model = load_model(o.run, o.like);
  check_options(o, model->config);
  const Tokens src = words_of(o.sentence, *model, "sentence");
  UnknownWords().note(*model, src);
  const Tokens given = o.forced ? words_of(o.target, *model, "target") : Tokens();
  const Tokens* tgt = o.forced ? &given : nullptr;
  const explain::Walk walk = explain::walk_through(*model, src, tgt);
  if (o.word > int(walk.words.size()))
    usage_error("explain: --step ", o.word, " of a translation of ", walk.words.size(),
                " words, <eos> included");
  const explain::View view{o.word, o.layer, o.head};
  if (o.json) {
    Json json = to_json(walk, *model, view);
    if (o.grad) json["gradients"] = to_json(way_back(*model, walk, o.word));
    print(write_json(json, Json::unlimited));
    return 0;
  }
  const Screen out = screen(1);
  print(tour(walk, *model, view, out));
  if (o.grad) print(text(way_back(*model, walk, o.word), *model, out));
  return 0;
}

}  // namespace babelgrad
