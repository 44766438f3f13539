// The pairs of a command: the options that choose a built-in corpus, the one of train that keeps
// some of it out, and what a file of pairs had that is not in the corpus made of it.
#pragma once

#include "data/tasks.h"
#include "data/tsv.h"
#include "tools/app/cli/args.h"

namespace babelgrad {

// --task, --pairs (at least `fewest`), --min-length, --max-length and --alphabet, bound to options.
void declare_corpus(Args& args, CorpusOptions& options, int fewest);

std::vector<std::string> corpus_options();      // of a corpus itself: all these but --task
Idle built_in_beside(const std::string& data);  // they come to nothing, if a file is read

// After args.parse(): where the user gave no lengths, those of the task (but for the grammar, whose
// defaults stay). UsageError for lengths or an alphabet that the task does not have, and for a task
// beside `data`, the file that is read instead, if any.
void settle_corpus(const std::string& command, Args& args, const CorpusOptions& options,
                   const std::string& data = "");

// The three parts of a built-in corpus, by split_of(), a hash of the source: no test pair was in
// any training, whatever its seed.
struct Splits { std::vector<Pair> train, validation, test; };
Splits splits_of(std::vector<Pair> pairs);

// --keep-out of train: kinds of the grammar's pairs, with commas between, to be met in testing
// only: "combinations" (see unseen_combination() of data/grammar.h) and "depth" (genitive_depth()
// above 1).
void declare_keep_out(Args& args, std::string& kinds);
// UsageError for a kind that is none, and unless the pairs are the grammar's.
void settle_keep_out(const std::string& command, const std::string& kinds, const std::string& task,
                     const std::string& data = "");
// Leaves these pairs out. "kept out 120 of 2000 pairs: combinations 90, depth 40".
std::string keep_out(const std::string& kinds, std::vector<Pair>& pairs);

// "3 pairs with an empty side, 1 third columns are left out"; "" if nothing is. `longest`: the
// max_tokens that they were read with.
std::string left_out(const TsvCorpus& corpus, int longest = 0);
// Were more pairs left out than read?
bool mostly_left_out(const TsvCorpus& corpus);

}  // namespace babelgrad
