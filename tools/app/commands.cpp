// The list of commands, from which come help, pages for man and completions.
#include "tools/app/cli/commands.h"

#include "tools/app/cli/terminal.h"

namespace babelgrad {

const std::vector<Command>& all_commands() {
  static const std::vector<Command> all{
      {"demo", demo_command, "demo",
       "train the three models on the built-in corpus and show what they learned"},
      {"train", train_command, "train --model M --out run/",
       "train one model: rnn, attention or transformer"},
      {"translate", translate_command, "translate run/",
       "stdin to stdout, a line each; at a terminal, a prompt"},
      {"evaluate", evaluate_command, "evaluate run/ --data t.tsv",
       "BLEU and chrF with intervals, exact match, by length"},
      {"report", report_command, "report run/",
       "the run on one page: curves, samples, alignments"},
      {"analyse", analyse_command, "analyse run/",
       "where it goes wrong: phenomenon, length, place, head"},
      {"attend", attend_command, "attend run/ \"a sentence\"",
       "which source word each target word looked at"},
      {"explain", explain_command, "explain run/ \"a sentence\"",
       "one sentence through the model, step by step"},
      {"graph", graph_command, "graph run/ \"a sentence\"",
       "the autograd graph of a training step, or a formula's"},
      {"subwords", subwords_command, "subwords",
       "byte-pair encoding: learn, apply, join, show", {"learn", "apply", "join", "show"}},
      {"ids", ids_command, "ids run/ --data p.tsv",
       "pairs as tensors of a model's ids, for other engines"},
      {"pieces", pieces_command, "pieces run/",
       "text as what a model reads, a line each; --join: and back"},
      {"export", export_command, "export run/ out/ --to E",
       "a Transformer for another engine: ctranslate2, huggingface"},
      {"import", import_command, "import out/ new/ --like run/",
       "what Hugging Face has trained further, as a model again"},
      {"corpus", corpus_command, "corpus",
       "write the built-in corpus, with its gold alignments"},
      {"bench", bench_command, "bench", "how fast the kernels and the three models are"},
      {"lab", lab_command, "lab", "what the chapter says, as experiments with verdicts"},
      {"manual", manual_command, "manual",
       "these pages for man, or what a shell completes"}};
  return all;
}

std::string commands_help() {
  std::string help;
  for (const Command& it : all_commands())
    help += padded(join("babelgrad ", it.example), 39) + it.summary + "\n";
  return help + "\n" + padded("babelgrad COMMAND --help", 38) + "the command's options\n" +
         padded("babelgrad --version", 38) + "version, precision, vector width, threads";
}

}  // namespace babelgrad
