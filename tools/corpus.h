// The options that choose a built-in corpus, for every command that makes one.
#pragma once

#include "data/tasks.h"
#include "tools/args.h"

namespace babelgrad {

// --task, --pairs (at least `fewest`), --min-length, --max-length and --alphabet, bound to options.
void declare_corpus(Args& args, CorpusOptions& options, int fewest);

// After args.parse(): where the user gave no lengths, those of the task (but for the grammar, whose
// defaults stay). UsageError for lengths or an alphabet that the task does not have, and for a task
// beside `data`, the file that is read instead, if any.
void settle_corpus(const std::string& command, Args& args, const CorpusOptions& options,
                   const std::string& data = "");

}  // namespace babelgrad
