// babelgrad evaluate: translates a test set, or reads translations of it, and scores them.
#include <algorithm>

#include "data/grammar.h"
#include "data/file.h"
#include "tensor/parallel.h"
#include "tools/app/view/alignment_view.h"
#include "tools/app/cli/commands.h"
#include "tools/app/corpus.h"
#include "tools/app/run/evaluate.h"
#include "tools/app/cli/left_out.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/cli/unknown.h"

namespace babelgrad {
namespace {

// Of the built-in corpus, the pairs that no training on it has seen, of whatever seed.
std::vector<Pair> built_in_test(const CorpusOptions& options, int limit) {
  std::vector<Pair> pairs;
  for (Pair& pair : built_in_corpus(options))
    if (split_of(pair.src) == Split::test && (limit == 0 || int(pairs.size()) < limit))
      pairs.push_back(std::move(pair));
  check(!pairs.empty(), "evaluate: none of ", options.pairs,
        " built-in pairs is for testing; take more --pairs");
  return pairs;
}

struct EvaluateOptions {
  std::string run, hyp, against, against_hyp, data, out;
  std::string tokenizer = "standard", language = "french";
  int beam = 1, limit = 0, threads = 0;
  double alpha = 0.75;
  bool swap = false, json = false, group = false, tokens = false, no_unk = false;
  bool told_tokenizer = false, told_language = false;
  Resampling resampling = {};
  CorpusOptions built_in{.max_length = 15};
};

void declare_evaluate(Args& args, EvaluateOptions& o) {
  args.optional("run", &o.run, "the folder train wrote, or a model file");
  args.string(
      "data", &o.data, "FILE",
      "pairs, source TAB target, and gold links TAB if known; none: the built-in test pairs");
  args.flag("group", &o.group, "pairs with the same source are one sentence, and any target right");
  args.string("hyp", &o.hyp, "FILE", "translations, one per line, instead of a run's");
  args.string("against", &o.against, "RUN", "another run, to tell whether the first is better");
  args.string("against-hyp", &o.against_hyp, "FILE", "its translations, instead of another run's");
  args.string("out", &o.out, "FILE", "write the translations, one per line");
  args.flag("tokens", &o.tokens,
            "files of translations, read or written, are tokens with spaces between, not text");
  args.choice("tokenizer", &o.tokenizer, {"book", "standard", "moses"},
              "of references and of --hyp; with a run it is the run's");
  args.choice("language", &o.language, {"french", "english", "german"},
              "of the references as text; with a run it is the run's");
  args.integer("beam", &o.beam, 1, 1000, "hypotheses kept at every step; 1: greedy");
  args.number("alpha", &o.alpha, 0, 10, "length normalisation of the beam");
  args.flag("no-unk", &o.no_unk, "never say <unk>, but the likeliest of all other words");
  args.integer("limit", &o.limit, 0, 1000000000, "only so many pairs; 0: all");
  args.flag("swap", &o.swap, "the second column is the source");
  args.integer("resamples", &o.resampling.samples, 1, 1000000, "of the bootstrap, for intervals");
  args.integer("seed", &o.resampling.seed, 0, UINT64_MAX, "same seed, same resamples");
  args.flag("json", &o.json, "one JSON object");
  args.integer("threads", &o.threads, 0, 256, "0: as many as there are cores");
  declare_corpus(args, o.built_in, 1);
}

void read_options(EvaluateOptions& o, int argc, const char* const* argv) {
  Args args("evaluate", "babelgrad evaluate run/ --data test.tsv");
  declare_evaluate(args, o);
  args.parse(argc, argv);
  settle_corpus("evaluate", args, o.built_in, o.data);
  args.refuse({{{"swap"}, o.data.empty(), "is of the columns of --data; give that, too"},
               {{"no-unk"}, (o.run + o.against).empty(),
                "is of a run's translations; a file's are as they are"},
               {{"alpha"}, o.beam == 1, "is of the beam; it needs --beam 2 or more"}});
  note(args.note_on({{{"beam", "alpha"}, (o.run + o.against).empty(),
                      "no effect; a file's translations are as they are"},
                     {{"tokens"}, (o.hyp + o.against_hyp + o.out).empty(),
                      "no effect; no file of translations is read or written"},
                     {{"group"}, o.data.empty(), "no effect; built-in sources are distinct"},
                     built_in_beside(o.data)}));
  if (o.run.empty() == o.hyp.empty())
    usage_error("evaluate: needs RUN or --hyp, and ", o.run.empty() ? "has neither" : "has both");
  if (!o.against.empty() && !o.against_hyp.empty())
    usage_error("evaluate: --against is a run and --against-hyp a file; give one of them");
  if (o.data.empty() && !(o.hyp + o.against_hyp).empty())
    usage_error("evaluate: a file of translations needs --data, which has the references");
  o.told_tokenizer = args.given("tokenizer"), o.told_language = args.given("language");
}

struct Candidate {                              // one to be judged
  std::string run, hyp;                         // one of them is given, or none
  std::unique_ptr<Translator> model = {};
};

// How text is read and written: as the runs have it, or without one as the options say.
ModelConfig common_text(const std::vector<Candidate>& candidates, const EvaluateOptions& o) {
  ModelConfig text;
  text.tokenizer = o.tokenizer, text.language = o.language;
  const Translator* first = nullptr;
  for (const Candidate& c : candidates) {
    if (!c.model) continue;
    if (!first) first = c.model.get();
    if (c.model->tokenizer() != first->tokenizer())
      usage_error("evaluate: the two runs have other tokenizers, so other references; score the ",
                  "--out of one with --against-hyp");
  }
  if (!first) return text;
  const ModelConfig& its = first->config;
  if (o.told_tokenizer && o.tokenizer != its.tokenizer)
    usage_error("evaluate: --tokenizer ", o.tokenizer, " is not the run's, ", its.tokenizer);
  if (o.told_language && o.language != its.language)
    usage_error("evaluate: --language ", o.language, " is not the run's, ", its.language);
  return its;
}

// Translations from a file. When there are more or fewer than sentences, why may that be?
std::vector<Tokens> translations_in(const std::string& path, const Report& report,
                                    const ModelConfig& text, bool tokens) {
  std::vector<Tokens> said = read_translations(path, tokenizer_of(text), tokens);
  const std::size_t wanted = report.set.sentences.size();
  if (said.size() == wanted) return said;
  std::string why;
  if (wanted < report.pairs)
    why = join("; ", report.pairs, " pairs are ", wanted, " sources: give a line for each source");
  if (report.dropped > 0)
    why += join("; ", report.dropped, " more with an empty side ",
                report.dropped == 1 ? "is" : "are", " passed over: give no line for such a pair");
  fail("evaluate: ", printable(path), ": ", said.size(), " translations of ", wanted,
       " sentences; one for each", why);
}

System judge(Candidate& candidate, const std::vector<Pair>& pairs, const Report& report,
             const EvaluateOptions& o, const ModelConfig& text) {
  if (!candidate.model)
    return {candidate.hyp,
            score(report.set, translations_in(candidate.hyp, report, text, o.tokens))};
  Translator& model = *candidate.model;
  System out{candidate.run, evaluate(model, pairs, o.beam, o.alpha, o.group, o.no_unk)};
  const bool gold = std::ranges::any_of(pairs, [](const Pair& p) { return !p.gold.empty(); });
  if (!gold || attention_layers(model) == 0) return out;
  const AttentionView view = best_view(model, pairs);
  out.aer = alignment_error(model, pairs, view);
  out.view = view.name();
  return out;
}

Json settings_of(const EvaluateOptions& o, const ModelConfig& text) {
  return Json::object({{"data", o.data.empty() ? "built-in" : as_utf8(o.data)},
                       {"swap", o.swap},
                       {"limit", o.limit},
                       {"group", o.group},
                       {"beam", o.beam},
                       {"alpha", o.alpha},
                       {"no_unk", o.no_unk},
                       {"tokenizer", text.tokenizer},
                       {"language", text.language}});
}

Report judge_all(const EvaluateOptions& o) {
  std::vector<Candidate> candidates;
  candidates.push_back({o.run, o.hyp});
  if (!(o.against + o.against_hyp).empty()) candidates.push_back({o.against, o.against_hyp});
  for (Candidate& c : candidates)
    if (!c.run.empty()) c.model = load_model(c.run);
  const ModelConfig text = common_text(candidates, o);
  TsvCorpus corpus;
  if (o.data.empty()) corpus.pairs = built_in_test(o.built_in, o.limit);
  else corpus = read_tsv(o.data, {o.limit, tokenizer_of(text), 0, o.swap});
  const std::vector<Pair>& pairs = corpus.pairs;
  if (corpus.passed_over > 0 || mostly_left_out(corpus))       // the report says how many others
    say(join("note: ", printable(o.data), ": ", left_out(corpus)));
  const std::string test = o.data.empty() ? "the built-in pairs" : o.data;
  for (const Candidate& c : candidates)
    if (c.model) note(note_on_known(*c.model, pairs, join(test, ", to ", c.run)));
  Report report{pairs.size(), test_set(pairs, o.group), {}, {}, o.resampling,
                settings_of(o, text), corpus.dropped_empty};
  report.set.language = language_of(text);
  report.system = judge(candidates[0], pairs, report, o, text);
  if (candidates.size() > 1) report.against.push_back(judge(candidates[1], pairs, report, o, text));
  return report;
}

}  // namespace

// The report comes first: it is there whatever becomes of the file.
int evaluate_command(int argc, const char* const* argv) {
  EvaluateOptions o;
  read_options(o, argc, argv);
  check_not_read("evaluate", o.out, {o.run, o.against, o.data, o.hyp, o.against_hyp});
  if (o.threads > 0) set_threads(o.threads);
  const Report report = judge_all(o);
  print(o.json ? write_json(report_json(report)) : report_text(report));
  std::string lines;
  for (const Tokens& words : report.system.evaluation.translations)
    lines += (o.tokens ? join(words) : detokenize(words, report.set.language)) + "\n";
  if (!o.out.empty()) write_file_atomically(o.out, lines);
  return 0;
}

}  // namespace babelgrad
