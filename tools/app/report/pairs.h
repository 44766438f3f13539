// Which pairs a report scores: the validation pairs of the training, found again.
#pragma once

#include "data/tasks.h"
#include "tools/app/report/report.h"

namespace babelgrad::report {

// The run's validation pairs, as the options in its log name them: of its files, read as train read
// them, or of the built-in corpus. Of a run without logged options, those of the default built-in
// corpus, if the checkpoint was made from it. Otherwise none, and a remark says why; another says
// so if the pairs are no longer those of the checkpoint. No error but of memory.
void take_own_pairs(ReportedRun& run, const RunLog& log, Tokenizer tokenizer);

// Of the built-in corpus of these options and the run's seed, whatever the run was trained on; a
// remark says so if that was another corpus.
void take_built_in_pairs(ReportedRun& run, CorpusOptions options);

// The files that train read, as far as the log names them.
std::vector<std::string> files_read(const RunLog& log);

}  // namespace babelgrad::report
