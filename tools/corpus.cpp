// babelgrad corpus: the built-in pairs as text, source TAB target TAB alignment.
#include "data/alignment.h"
#include "data/grammar.h"
#include "data/text.h"
#include "tools/args.h"
#include "tools/commands.h"
#include "tools/output.h"

namespace babelgrad {

int corpus_command(int argc, const char* const* argv) {
  int pairs = 20000, min_length = 3, max_length = 40;
  std::uint64_t seed = 0;
  std::string split = "all";
  bool tags = false, ambiguous = false;
  Args args("corpus", "babelgrad corpus --pairs 1000 --split test > test.tsv");
  args.integer("pairs", &pairs, 1, 10000000, "with distinct sources, before the split");
  args.integer("seed", &seed, 0, UINT64_MAX, "same seed, same pairs");
  args.integer("min-length", &min_length, 3, 40, "of the source, in tokens");
  args.integer("max-length", &max_length, 3, 40, "of the source, in tokens");
  args.choice("split", &split, {"all", "train", "validation", "test"}, "by a hash of the source");
  args.flag("tags", &tags, "the phenomena of each pair, instead of its alignment");
  args.flag("ambiguous", &ambiguous, "with sources that have several right translations");
  args.parse(argc, argv);
  if (min_length > max_length)
    usage_error("corpus: --min-length ", min_length, " is above --max-length ", max_length);
  for (const Pair& pair : make_corpus(pairs, seed, {min_length, max_length, ambiguous})) {
    const char* names[] = {"train", "validation", "test"};
    if (split != "all" && split != names[int(split_of(pair.src))]) continue;
    print(join(join(pair.src), '\t', join(pair.tgt), '\t',
               tags ? join(pair.tags) : pharaoh(pair.gold)));
  }
  return 0;
}

}  // namespace babelgrad
