// babelgrad COMMAND [arguments]: finds the command, and turns whatever goes wrong into one line on
// stderr and an exit status (1 failed, 2 wrong use, 128 + n stopped by signal n).
#include <map>

#include "tensor/parallel.h"
#include "tensor/simd.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/compiler.h"
#include "tools/app/cli/guarded.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad {
namespace {

constexpr const char* commands_help =
    "babelgrad demo                         train the three models on the built-in corpus and show "
    "what they learned\n"
    "babelgrad train --model M --out run/   train one model: rnn, attention or transformer\n"
    "babelgrad translate run/               stdin to stdout, a line each; at a terminal, a prompt\n"
    "babelgrad evaluate run/ --data t.tsv   BLEU and chrF with intervals, exact match, by length\n"
    "babelgrad report run/                  the run on one page: curves, samples, alignments\n"
    "babelgrad analyse run/                 where it goes wrong: phenomenon, length, place, head\n"
    "babelgrad attend run/ \"a sentence\"     which source word each target word looked at\n"
    "babelgrad explain run/ \"a sentence\"    one sentence through the model, step by step\n"
    "babelgrad graph run/ \"a sentence\"      the autograd graph of a training step, or a "
    "formula's\n"
    "babelgrad subwords                     byte-pair encoding: learn, apply, join, show\n"
    "babelgrad corpus                       write the built-in corpus, with its gold alignments\n"
    "babelgrad bench                        how fast the kernels and the three models are\n"
    "babelgrad lab                          what the chapter says, as experiments with verdicts\n"
    "\n"
    "babelgrad COMMAND --help               the command's options\n"
    "babelgrad --version                    version, precision, vector width, threads";

const std::map<std::string, int (*)(int, const char* const*)> commands = {
    {"train", train_command},   {"translate", translate_command}, {"evaluate", evaluate_command},
    {"attend", attend_command}, {"corpus", corpus_command},       {"demo", demo_command},
    {"bench", bench_command},   {"explain", explain_command},
    {"graph", graph_command},   {"analyse", analyse_command},
    {"report", report_command}, {"lab", lab_command},             {"subwords", subwords_command}};

std::string version() {
  return join("babelgrad 0.1 ", is_double ? "double" : "float", ", vectors of ", lanes,
              ", threads ", threads(), ", ", compiler);
}

int run(int argc, char** argv) {
  std::string name = argc > 1 ? argv[1] : "--help";
  if (name == "--help" || name == "-h" || name == "help") return print(commands_help), 0;
  if (name == "--version") return print(version()), 0;
  auto command = commands.find(name);
  if (command == commands.end()) {
    std::vector<std::string> names;
    for (const auto& [known, _] : commands) names.push_back(known);
    usage_error("unknown command ", in_quotes(name), did_you_mean(name, names),
                "; babelgrad --help lists them");
  }
  return command->second(argc - 1, argv + 1);
}

}  // namespace
}  // namespace babelgrad

int main(int argc, char** argv) {
  if (argc > 0 && *argv[0]) babelgrad::name_program(argv[0]);
  return babelgrad::program([=] { return babelgrad::run(argc, argv); });
}
