// The commands of the program. argv[0] is the command's own name; each returns the exit status.
#pragma once

namespace babelgrad {

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
int subwords_command(int argc, const char* const* argv);
int ids_command(int argc, const char* const* argv);
int lab_command(int argc, const char* const* argv);

}  // namespace babelgrad
