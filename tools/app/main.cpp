// babelgrad COMMAND [arguments]: finds the command, and turns whatever goes wrong into one line on
// stderr and an exit status (1 failed, 2 wrong use, 128 + n stopped by signal n).
#include <algorithm>

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

struct Command {
  std::string group, name, arguments, what;
  int (*run)(int argc, const char* const* argv);
};

const std::vector<Command> commands = {
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
    {"Tools", "corpus", "", "write the built-in corpus, with its gold alignments", corpus_command},
    {"", "subwords", "", "byte-pair encoding: learn, apply, join, show", subwords_command},
    {"", "bench", "", "how fast the kernels and the three models are", bench_command}};

std::string commands_help(int width) {
  std::string out;
  for (const Command& it : commands) {
    if (!it.group.empty()) out += (out.empty() ? "" : "\n") + it.group + "\n";
    out += entry("  " + it.name + (it.arguments.empty() ? "" : " ") + it.arguments, it.what, width);
  }
  out += "\n" + entry("  help COMMAND", "what the command does, examples, its options", width);
  out += entry("  --version", "version, precision, vector width, threads", width);
  return "Usage: babelgrad COMMAND [arguments]\n\n" + out.substr(0, out.size() - 1);
}

std::string version() {
  return join("babelgrad 0.1 ", is_double ? "double" : "float", ", vectors of ", lanes,
              ", threads ", threads(), ", ", compiler);
}

const Command& known(const std::string& name) {
  const auto found = std::ranges::find(commands, name, &Command::name);
  if (found != commands.end()) return *found;
  std::vector<std::string> names{"help"};
  for (const Command& it : commands) names.push_back(it.name);
  usage_error("unknown command ", in_quotes(name), did_you_mean(name, names),
              "; babelgrad --help lists them");
}

int run(int argc, char** argv) {
  std::string name = argc > 1 ? argv[1] : "--help";
  const bool help = name == "--help" || name == "-h" || name == "help";
  if (help && argc < 3) return print(commands_help(reading_width(screen(1)))), 0;
  if (help) {
    std::vector<const char*> words(argv + 2, argv + argc);
    words.insert(words.end(), {"--help", nullptr});
    return known(words[0]).run(argc - 1, words.data());
  }
  if (name == "--version") return print(version()), 0;
  return known(name).run(argc - 1, argv + 1);
}

}  // namespace
}  // namespace babelgrad

int main(int argc, char** argv) {
  return babelgrad::program([=] { return babelgrad::run(argc, argv); });
}
