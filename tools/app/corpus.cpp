// babelgrad corpus: the built-in pairs as text, source TAB target TAB alignment.
#include "tools/app/corpus.h"

#include <algorithm>

#include "data/alignment.h"
#include "data/grammar.h"
#include "data/text.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad {
namespace {

struct Kind {
  std::string name;
  bool (*has)(const Pair& pair);
};

const std::vector<Kind>& kinds_to_keep_out() {
  static const std::vector<Kind> kinds = {
      {"combinations", unseen_combination},
      {"depth", [](const Pair& pair) { return genitive_depth(pair) > 1; }}};
  return kinds;
}

std::vector<std::string> listed(std::string list) {
  std::ranges::replace(list, ',', ' ');
  return split(list);
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

void declare_corpus(Args& args, CorpusOptions& o, int fewest) {
  args.choice("task", &o.task, task_names(), "what the built-in corpus consists of");
  args.integer("pairs", &o.pairs, fewest, 10000000,
               "how many pairs of it are drawn, for training, validation and testing together");
  args.integer("min-length", &o.min_length, 1, 400,
               "words of its shortest source; for tasks other than the grammar 1 by default");
  args.integer("max-length", &o.max_length, 1, 400,
               "words of its longest source; the grammar has up to 40, numbers up to 14");
  args.integer("alphabet", &o.alphabet, 2, 676, "symbols of copy, reverse, sort and swap");
}

std::vector<std::string> corpus_options() {
  return {"pairs", "min-length", "max-length", "alphabet"};
}

Idle built_in_beside(const std::string& data) {
  return {corpus_options(), !data.empty(), "no effect on --data; it is for the built-in corpus"};
}

void settle_corpus(const std::string& command, Args& args, const CorpusOptions& o,
                   const std::string& data) {
  if (!data.empty() && args.given("task"))
    usage_error(command, ": --task names a built-in corpus and --data a file; choose one of them");
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

Splits splits_of(std::vector<Pair> pairs) {
  Splits parts;
  for (Pair& pair : pairs) {
    const Split split = split_of(pair.src);
    auto& part = split == Split::train  ? parts.train
                 : split == Split::test ? parts.test
                                        : parts.validation;
    part.push_back(std::move(pair));
  }
  return parts;
}

void declare_keep_out(Args& args, std::string& kinds) {
  args.string("keep-out", &kinds, "KINDS",
              "kinds of the grammar's pairs that are not trained on: combinations (of an adjective "
              "and a noun), depth (a genitive in another)");
}

void settle_keep_out(const std::string& command, const std::string& kinds, const std::string& task,
                     const std::string& data) {
  std::vector<std::string> names;
  for (const Kind& kind : kinds_to_keep_out()) names.push_back(kind.name);
  for (const std::string& name : listed(kinds))
    if (!has(names, name))
      usage_error(command, ": --keep-out must name ", names[0], " or ", names[1], ", not ",
                  in_quotes(name), did_you_mean(name, names));
  if (listed(kinds).empty()) return;
  if (!data.empty())
    usage_error(command, ": --keep-out is for the grammar, and --data names a file; ",
                "choose one of them");
  if (task != "grammar")
    usage_error(command, ": --keep-out is for the grammar; --task is ", task);
}

// Counted before any is removed: a pair may be of both kinds.
std::string keep_out(const std::string& list, std::vector<Pair>& pairs) {
  const std::vector<std::string> names = listed(list);
  std::vector<Kind> kinds = kinds_to_keep_out();
  std::erase_if(kinds, [&](const Kind& kind) { return !has(names, kind.name); });
  const std::size_t before = pairs.size();
  std::string counts;
  for (const Kind& kind : kinds)
    counts += join(counts.empty() ? "" : ", ", kind.name, " ",
                   std::ranges::count_if(pairs, kind.has));
  std::erase_if(pairs, [&](const Pair& pair) {
    return std::ranges::any_of(kinds, [&](const Kind& kind) { return kind.has(pair); });
  });
  return join("kept out ", before - pairs.size(), " of ", before, " pairs: ", counts);
}

std::string left_out(const TsvCorpus& corpus, int longest) {
  std::string all;
  const auto add = [&](Index count, const std::string& what) {
    if (count > 0) all += join(all.empty() ? "" : ", ", count, " ", what);
  };
  add(corpus.dropped_empty, "pairs with an empty side");
  add(corpus.dropped_long, join("pairs of more than ", longest, " words"));
  add(corpus.passed_over, "third columns that are no links");
  if (all.empty()) return "";
  return all + (mostly_left_out(corpus) ? " are left out, most of the file" : " are left out");
}

bool mostly_left_out(const TsvCorpus& corpus) {
  return corpus.dropped_empty + corpus.dropped_long > Index(corpus.pairs.size());
}

int corpus_command(int argc, const char* const* argv) {
  CorpusOptions options;
  std::string split = "all";
  bool tags = false;
  Args args("corpus", "babelgrad corpus --pairs 1000 --split test > test.tsv");
  args.about("Writes the built-in corpus to stdout: source TAB target TAB alignment. A thousand "
             "pairs take a blink.");
  declare_corpus(args, options, 1);
  args.integer("seed", &options.seed, 0, UINT64_MAX, "same seed, same pairs");
  args.choice("split", &split, {"all", "train", "validation", "test"}, "by a hash of the source");
  args.flag("tags", &tags, "the phenomena of each pair, instead of its alignment");
  args.flag("ambiguous", &options.ambiguous, "with sources that have several right translations");
  args.parse(argc, argv);
  settle_corpus("corpus", args, options);
  if (options.ambiguous && options.task != "grammar")
    usage_error("corpus: --ambiguous is for the grammar; --task is ", options.task);
  int printed = 0;
  for (const Pair& pair : built_in_corpus(options)) {
    const char* names[] = {"train", "validation", "test"};
    if (split != "all" && split != names[int(split_of(pair.src))]) continue;
    printed++;
    print(join(join(pair.src), '\t', join(pair.tgt), '\t',
               tags ? join(pair.tags) : pharaoh(pair.gold)));
  }
  if (printed == 0)
    say(join("note: --split ", split, " has none of ", options.pairs, " --pairs; take more"));
  return 0;
}

}  // namespace babelgrad
