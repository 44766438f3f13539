// The list of commands, from which come help, pages for man and completions.
#include "tools/app/cli/commands.h"

#include "tools/app/cli/terminal.h"

namespace babelgrad {

const std::vector<Command>& all_commands() {
  static const std::vector<Command> all{
      {"See it work", "demo", "",
       "train the three models on the built-in corpus, in minutes, and show what they learned",
       demo_command},
      {"A model of your own", "train", "--data pairs.tsv --out run/",
       "train one: rnn, attention or transformer", train_command},
      {"", "translate", "run/", "stdin to stdout, a line each; at a terminal, a prompt",
       translate_command},
      {"How good it is", "evaluate", "run/ --data test.tsv",
       "BLEU and other scores, what is wrong; is it better than another?", evaluate_command},
      {"", "analyse", "run/", "where it goes wrong: phenomenon, length, place, head",
       analyse_command},
      {"", "report", "run/", "the run on one page: curves, samples, alignments", report_command},
      {"How it works", "attend", "run/ \"a sentence\"",
       "which source word each target word looked at", attend_command},
      {"", "explain", "run/ \"a sentence\"", "one sentence through the model, step by step",
       explain_command},
      {"", "graph", "run/ \"a sentence\"",
       "the autograd graph of a training step, or a formula's", graph_command},
      {"", "lab", "", "what the chapter says, as experiments with verdicts", lab_command},
      {"Other engines", "ids", "run/ --data pairs.tsv",
       "pairs as tensors of a model's ids, for PyTorch", ids_command},
      {"", "pieces", "run/", "text as what a model reads, a line each; --join: and back",
       pieces_command},
      {"", "export", "run/ out/ --to ENGINE",
       "a Transformer for another engine: ctranslate2, huggingface", export_command},
      {"", "import", "out/ new/ --like run/",
       "what Hugging Face has trained further, as a model again", import_command},
      {"Tools", "corpus", "", "write the built-in corpus, with its gold alignments",
       corpus_command},
      {"", "subwords", "", "byte-pair encoding: learn, apply, join, show", subwords_command,
       {"learn", "apply", "join", "show"}},
      {"", "bench", "", "how fast the kernels and the three models are", bench_command},
      {"", "manual", "", "these pages for man, or what a shell completes", manual_command}};
  return all;
}

std::string commands_help(int width) {
  std::string out;
  for (const Command& it : all_commands()) {
    if (*it.group) out += (out.empty() ? "" : "\n") + std::string(it.group) + "\n";
    out += entry(join("  ", it.name, *it.arguments ? " " : "", it.arguments), it.summary, width);
  }
  out += "\n" + entry("  help COMMAND", "what the command does, examples, its options", width);
  out += entry("  --version", "version, precision, vector width, threads", width);
  return "Usage: babelgrad COMMAND [arguments]\n\n" + out.substr(0, out.size() - 1);
}

}  // namespace babelgrad
