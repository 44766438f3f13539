// babelgrad graph: what autograd recorded in one training step, or of an expression, for Graphviz.
#include <algorithm>

#include "data/file.h"
#include "tensor/random.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/graph/graph.h"
#include "tools/app/run/record.h"
#include "tools/app/run/settings.h"
#include "tools/app/run/unknown.h"

namespace babelgrad {
namespace {

struct Options {
  std::string run, like, source, target, expression, set, collapse, expand, dot;
  ModelConfig model{.embed = 16, .hidden = 16, .layers = 1, .heads = 2, .ffn = 32, .dropout = 0};
  std::uint64_t seed = 0;
  bool json = false;
};

void declare(Args& args, Options& o) {
  declare_run(args, o.run, o.like, false);
  args.optional("source", &o.source, "one sentence to learn from, as plain text");
  args.optional("target", &o.target, "its translation; none: the model's own");
  args.choice("model", &o.model.model, {"rnn", "attention", "transformer"},
              "instead of a run: a new small model, on a pair of the built-in corpus");
  args.tell_default("model", "");
  args.choice("cell", &o.model.cell, {"rnn", "gru", "lstm"}, "of the new model");
  args.choice("score", &o.model.score, {"additive", "dot", "scaled_dot", "general"},
              "of the new model's attention");
  args.integer("hidden", &o.model.hidden, 1, 1024, "width of the new model");
  args.integer("layers", &o.model.layers, 1, 100, "of the new model");
  args.integer("heads", &o.model.heads, 1, 1024, "of the new model");
  args.integer("ffn", &o.model.ffn, 1, 4096, "width of its feed-forward networks");
  args.number("dropout", &o.model.dropout, 0, 0.999, "of the new model");
  args.integer("seed", &o.seed, 0, UINT64_MAX, "of the new model, and of what dropout drops");
  args.string("expression", &o.expression, "TEXT",
              "instead of a model: \"tanh(w * x + b)\", \"sum((a - 1) ** 2)\", \"matmul(W, x)\"");
  // --set may be given many times, which the table does not know: gathered() has taken them.
  args.string("set", &o.set, "NAME=VALUE",
              "a leaf of the expression, as in w=0.5 or x=[1,2]; once for each name");
  args.string("collapse", &o.collapse, "DEPTH|NAMES",
              "modules drawn as one box: all so deep, or those named, as in "
              "encoder.blks.0,decoder; 0: none; not given: as deep as leaves 60 nodes");
  args.string("expand", &o.expand, "NAMES", "modules that are opened all the same");
  args.string("dot", &o.dot, "FILE",
              "for Graphviz, which draws it: ... --dot - | dot -Tsvg > graph.svg; -: to stdout, as "
              "without --dot and --json");
  args.flag("json", &o.json, "nodes and edges as one JSON object, to stdout");
}

// Takes every --set out of the words. Graphviz draws, and who asks for a picture is told how.
std::vector<std::string> gathered(std::vector<std::string>& words) {
  std::vector<std::string> settings, others;
  for (std::size_t i = 0; i < words.size(); i++) {
    if (words[i].starts_with("--set=")) settings.push_back(words[i].substr(6));
    else if (words[i] == "--set" && i + 1 < words.size()) settings.push_back(words[++i]);
    else others.push_back(words[i]);
    if (words[i] == "--svg" || words[i].starts_with("--svg="))
      usage_error("graph: --svg is gone, Graphviz draws: "
                  "babelgrad graph ... --dot - | dot -Tsvg > graph.svg");
  }
  words = others;
  return settings;
}

Tokens split_names(const std::string& list) {
  Tokens names{""};
  for (char c : list) {
    if (c == ',') names.emplace_back();
    else names.back() += c;
  }
  return names;
}

void check_modules(const Graph& graph, const Tokens& names, const char* option) {
  Tokens known = modules_of(graph);
  for (const std::string& name : names) {
    if (std::ranges::find(known, name) == known.end())
      usage_error("graph: ", option, ": no module ", in_quotes(name), did_you_mean(name, known));
  }
}

Collapse collapse_of(const Args& args, const Options& o, const Graph& graph) {
  Collapse how;
  if (args.given("expand")) how.open = split_names(o.expand);
  check_modules(graph, how.open, "--expand");
  bool is_depth = !o.collapse.empty() && std::ranges::all_of(o.collapse, [](char c) {
    return c >= '0' && c <= '9';
  });
  if (is_depth) {
    if (o.collapse.size() > 3) usage_error("graph: --collapse ", clipped(o.collapse), " is deep");
    how.depth = std::stoi(o.collapse);
  } else if (args.given("collapse")) {
    how.closed = split_names(o.collapse);
    check_modules(graph, how.closed, "--collapse");
  } else {
    how.depth = readable_depth(graph, how);
  }
  return how;
}

Graph graph_of_run(const Options& o) {
  if (o.source.empty()) usage_error("graph: SOURCE is missing: one sentence to learn from");
  auto model = load_model(o.run, o.like);
  Tokens src = tokenize(o.source, model->tokenizer());
  if (src.empty()) usage_error("graph: the sentence has no words");
  UnknownWords().note(*model, src);
  Tokens tgt = o.target.empty() ? model->translate({src})[0]
                                : tokenize(o.target, model->tokenizer());
  check(!tgt.empty(), "graph: the translation has no words");
  manual_seed(o.seed);
  return training_graph(*model, {src, tgt});
}

Graph graph_of_new_model(Options o) {
  o.model.embed = o.model.hidden;
  NewModel made = new_model(o.model, o.seed);
  return training_graph(*made.model, made.pair);
}

Graph graph_of_expression(const Options& o, const Tokens& settings) {
  Expression expression = evaluate(o.expression, settings);
  Graph graph = differentiate(expression.result, expression.leaves, expression.told);
  graph.title = o.expression;
  return graph;
}

Graph wanted_graph(const Args& args, const Options& o, const Tokens& settings) {
  bool formula = args.given("expression"), fresh = args.given("model"), run = !o.run.empty();
  if (int(formula) + int(fresh) + int(run) != 1)
    usage_error("graph: choose one of RUN with a sentence, --model or --expression");
  if (!settings.empty() && !formula) usage_error("graph: --set is for --expression");
  if (o.json && o.dot == "-") usage_error("graph: --json and --dot - both write to stdout");
  args.refuse({{{"cell", "score", "hidden", "layers", "heads", "ffn", "dropout"}, !fresh,
                "is for --model"},
               {{"like"}, !run, "describes RUN's file; it needs RUN"}});
  if (fresh) note(args.note_on(idle_of_model(o.model)));
  note(args.note_on({{{"seed"}, formula, "no effect; nothing of an expression is drawn"},
                     {{"collapse"}, formula, "no effect; an expression has no modules"},
                     {{"expand"}, o.collapse == "0", "no effect; nothing is collapsed"}}));
  return formula ? graph_of_expression(o, settings) : fresh ? graph_of_new_model(o)
                                                            : graph_of_run(o);
}

}  // namespace

int graph_command(int argc, const char* const* argv) {
  Options o;
  Args args("graph", "babelgrad graph --expression \"tanh(w * x + b)\" --set w=0.5 --set x=2 "
                     "--set b=-1 --dot - | dot -Tsvg > tanh.svg");
  args.about("What autograd recorded of a training step or of a formula, as a graph in DOT, for "
             "Graphviz to draw: | dot -Tsvg > graph.svg. It takes a second.");
  declare(args, o);
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  Tokens settings = gathered(words);
  args.parse(words);
  if (o.dot != "-") check_not_read("graph", "--dot", o.dot, {o.run, o.like}, graph_file);
  Graph whole = wanted_graph(args, o, settings);
  Graph graph = collapsed(whole, collapse_of(args, o, whole));
  bool sideways = args.given("expression");     // a formula is read from left to right
  const bool to_stdout = o.dot == "-" || (o.dot.empty() && !o.json);
  if (!o.dot.empty() && o.dot != "-") {
    write_file_atomically(o.dot, graph_dot(graph, sideways));
    say("wrote " + printable(o.dot));
  }
  if (o.json) print(write_json(graph_json(graph), Json::unlimited));
  if (to_stdout) print(graph_dot(graph, sideways));
  return 0;
}

}  // namespace babelgrad
