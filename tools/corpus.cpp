// babelgrad corpus: the built-in pairs as text, source TAB target TAB alignment.
#include "tools/corpus.h"

#include <algorithm>

#include "data/alignment.h"
#include "data/grammar.h"
#include "data/text.h"
#include "tools/commands.h"
#include "tools/output.h"

namespace babelgrad {

void declare_corpus(Args& args, CorpusOptions& o, int fewest) {
  args.choice("task", &o.task, task_names(), "what the built-in corpus is of");
  args.integer("pairs", &o.pairs, fewest, 10000000, "of it, with distinct sources, in all splits");
  args.integer("min-length", &o.min_length, 1, 400,
               "of its sources, in tokens; but for the grammar, 1 unless given");
  args.integer("max-length", &o.max_length, 1, 400,
               "of its sources; of the grammar at most 40, of numbers 14");
  args.integer("alphabet", &o.alphabet, 2, 676, "symbols of copy, reverse, sort and swap");
}

void settle_corpus(const std::string& command, Args& args, const CorpusOptions& o,
                   const std::string& data) {
  if (!data.empty() && args.given("task"))
    usage_error(command, ": --task is a built-in corpus and --data a file; give one of them");
  if (!data.empty()) return;
  auto [low, high] = lengths_of(o.task);
  if (o.task != "grammar") {
    args.preset("min-length", text(low));
    args.preset("max-length", text(std::min(o.max_length, high)));
  }
  if (o.min_length > o.max_length)
    usage_error(command, ": --min-length ", o.min_length, " is above --max-length ", o.max_length);
  if (o.min_length < low || o.max_length > high)
    usage_error(command, ": --task ", o.task, " has lengths from ", low, " to ", high, ", not ",
                o.min_length, " to ", o.max_length);
  if (args.given("alphabet") && !has_alphabet(o.task))
    usage_error(command, ": --alphabet is for copy, reverse, sort and swap; --task is ", o.task);
}

int corpus_command(int argc, const char* const* argv) {
  CorpusOptions options;
  std::string split = "all";
  bool tags = false;
  Args args("corpus", "babelgrad corpus --pairs 1000 --split test > test.tsv");
  declare_corpus(args, options, 1);
  args.integer("seed", &options.seed, 0, UINT64_MAX, "same seed, same pairs");
  args.choice("split", &split, {"all", "train", "validation", "test"}, "by a hash of the source");
  args.flag("tags", &tags, "the phenomena of each pair, instead of its alignment");
  args.flag("ambiguous", &options.ambiguous, "with sources that have several right translations");
  args.parse(argc, argv);
  settle_corpus("corpus", args, options);
  if (options.ambiguous && options.task != "grammar")
    usage_error("corpus: --ambiguous is for the grammar; --task is ", options.task);
  for (const Pair& pair : built_in_corpus(options)) {
    const char* names[] = {"train", "validation", "test"};
    if (split != "all" && split != names[int(split_of(pair.src))]) continue;
    print(join(join(pair.src), '\t', join(pair.tgt), '\t',
               tags ? join(pair.tags) : pharaoh(pair.gold)));
  }
  return 0;
}

}  // namespace babelgrad
