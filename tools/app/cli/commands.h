// The commands of the program. argv[0] is the command's own name; each returns the exit status.
#pragma once

#include <string>
#include <vector>

namespace babelgrad {

inline constexpr const char* program_version = "0.1";

int train_command(int argc, const char* const* argv);
int translate_command(int argc, const char* const* argv);
int evaluate_command(int argc, const char* const* argv);
int analyse_command(int argc, const char* const* argv);
int attend_command(int argc, const char* const* argv);
int explain_command(int argc, const char* const* argv);
int corpus_command(int argc, const char* const* argv);
int demo_command(int argc, const char* const* argv);
int graph_command(int argc, const char* const* argv);
int bench_command(int argc, const char* const* argv);
int report_command(int argc, const char* const* argv);
int pieces_command(int argc, const char* const* argv);
int export_command(int argc, const char* const* argv);
int import_command(int argc, const char* const* argv);
int subwords_command(int argc, const char* const* argv);
int ids_command(int argc, const char* const* argv);
int lab_command(int argc, const char* const* argv);
int manual_command(int argc, const char* const* argv);

struct Command {
  const char *group, *name, *arguments;         // group: its heading in --help, "" that of the last
  const char* summary;
  int (*run)(int argc, const char* const* argv);
  std::vector<std::string> actions = {};        // words behind the name, each with its own options
};
const std::vector<Command>& all_commands();     // in the order of babelgrad --help
std::string commands_help(int width);           // in lines of `width` columns

}  // namespace babelgrad
