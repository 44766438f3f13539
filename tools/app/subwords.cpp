// babelgrad subwords: byte-pair encoding as filters, with the files of subword-nmt. A sentence to a
// line; the errors of lines are those of Lines.
#include <algorithm>
#include <functional>

#include "data/file.h"
#include "data/lines.h"
#include "data/text.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/run/model.h"

namespace babelgrad {
namespace {

using Splitter = std::function<Tokens(std::string_view)>;      // of a sentence into words

void declare_tokenizer(Args& args, std::string& tokenizer) {
  args.choice("tokenizer", &tokenizer, {"none", "standard", "book", "moses"},
              "how lines become words; none: they are tokenised, with spaces between");
}

Splitter splitter_of(const std::string& tokenizer) {
  if (tokenizer == "none") return split_at_spaces;
  const Tokenizer kind = Named<Tokenizer>(tokenizer);
  return [kind](std::string_view line) { return tokenize(line, kind); };
}

// Does the last word of most sentences end in a mark that a tokenizer would have parted from it?
bool raw_text(const std::vector<Tokens>& sentences) {
  const auto glued = [](const Tokens& sentence) {
    const std::string& last = sentence.back();
    return last.size() > 1 && std::string_view(".?!").find(last.back()) != std::string_view::npos;
  };
  return 2 * std::size_t(std::ranges::count_if(sentences, glued)) > sentences.size();
}

void print_file(const Subwords& subwords) {
  std::string file = subwords.file();
  file.pop_back();                              // the last line end is the printer's
  print(file);
}

// A line for a line of stdin. What can be read should not wait for the end of a long text, nor cost
// a system call a line.
void each_line(const Splitter& words, const std::function<Tokens(const Tokens&)>& change) {
  Lines lines = lines_of_input();
  for (std::string line; lines.next(line);) {
    print(join(change(words(line))));
    if (lines.number() % 512 == 0) flush_output();
  }
}

int learn(int argc, const char* const* argv) {
  std::string tokenizer = "none";
  int merges = 0, min_freq = 2;
  Args args("subwords learn", "babelgrad subwords learn --merges 10000 < text > codes");
  args.integer("merges", &merges, 1, 1000000, "how many pairs to merge, the most frequent first");
  args.integer("min-freq", &min_freq, 1, 1000000000, "merge no pair that occurs less often");
  declare_tokenizer(args, tokenizer);
  args.tell_default("merges", "");
  args.parse(argc, argv);
  args.need("merges");
  const Splitter words = splitter_of(tokenizer);
  Lines lines = lines_of_input();
  std::vector<Tokens> sentences;
  for (std::string line; lines.next(line);)
    if (const Tokens sentence = words(line); !sentence.empty()) sentences.push_back(sentence);
  check(!sentences.empty(), "stdin: no words to learn from; a line is a sentence");
  note(unspaced_note("stdin", sentences));
  if (tokenizer == "none" && raw_text(sentences))
    say("note: most lines end in a word with its full stop; for raw text: --tokenizer standard");
  const Subwords learnt = Subwords::learn(sentences, merges, min_freq);
  print_file(learnt);
  if (learnt.merges() < merges)
    say(join("note: only ", learnt.merges(), " merges; no other pair occurs ", min_freq,
             " times"));
  return 0;
}

int apply(int argc, const char* const* argv) {
  std::string codes, tokenizer = "none";
  double dropout = 0;
  std::uint64_t seed = 0;
  Args args("subwords apply", "babelgrad subwords apply codes < text > pieces");
  args.positional("codes", &codes, "merges from subwords learn or subword-nmt");
  declare_tokenizer(args, tokenizer);
  args.number("dropout", &dropout, 0, 1, "chance that a merge is skipped");
  args.integer("seed", &seed, 0, UINT64_MAX, "same seed, same dropout");
  args.parse(argc, argv);
  note(args.note_on({{{"seed"}, dropout == 0, "no effect without --dropout"}}));
  const Subwords subwords = Subwords::read(read_file(codes), codes);
  Random dice(seed);
  each_line(splitter_of(tokenizer), [&](const Tokens& words) {
    return dropout > 0 ? subwords.encode(words, dropout, dice) : subwords.encode(words);
  });
  return 0;
}

int join_command(int argc, const char* const* argv) {
  Args args("subwords join", "babelgrad subwords join < pieces > text");
  args.parse(argc, argv);
  each_line(split_at_spaces, join_pieces);
  return 0;
}

int show(int argc, const char* const* argv) {
  std::string run, like;
  bool target = false;
  Args args("subwords show", "babelgrad subwords show run/ > codes");
  declare_run(args, run, like);
  args.flag("target", &target, "merges of the target's language, where they are not the source's");
  args.parse(argc, argv);
  const auto model = load_model(run, like);
  const bool joint = model->src_subwords == model->tgt_subwords;
  note(args.note_on({{{"target"}, joint, "no effect; both languages have the same merges"}}));
  const Subwords& subwords = target ? model->tgt_subwords : model->src_subwords;
  check(!subwords.empty(), printable(run), ": this model reads whole words; it has no merges");
  print_file(subwords);
  return 0;
}

struct Action {
  const char* name;
  int (*run)(int argc, const char* const* argv);
};
constexpr Action actions[] = {
    {"learn", learn}, {"apply", apply}, {"join", join_command}, {"show", show}};

}  // namespace

int subwords_command(int argc, const char* const* argv) {
  std::vector<std::string> names;
  for (const Action& action : actions) {
    if (argc > 1 && std::string_view(argv[1]) == action.name)
      return action.run(argc - 1, argv + 1);
    names.push_back(action.name);
  }
  std::string action;
  Args args("subwords", "babelgrad subwords learn --merges 10000 < text > codes");
  args.positional("action", &action,
                  "learn: merges of a text; apply: words into pieces; join: pieces into words; "
                  "show: the merges of a model. Each has its own --help");
  if (argc > 1 && argv[1][0] != '-') action = argv[1];
  else args.parse(argc, argv);
  usage_error("subwords: ACTION must be learn, apply, join or show, not ", in_quotes(action),
              did_you_mean(action, names));
}

}  // namespace babelgrad
