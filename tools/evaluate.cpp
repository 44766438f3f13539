// babelgrad evaluate: translates a test set, or reads translations of it, and scores them.
#include "tools/evaluate.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

#include "data/grammar.h"
#include "data/tsv.h"
#include "nn/file.h"
#include "tensor/parallel.h"
#include "tools/alignment_view.h"
#include "tools/commands.h"
#include "tools/corpus.h"
#include "tools/output.h"
#include "tools/terminal.h"
#include "tools/training.h"

namespace babelgrad {
namespace {

std::vector<Tokens> sources(const std::vector<Pair>& pairs) {
  std::vector<Tokens> out;
  for (const Pair& pair : pairs) out.push_back(pair.src);
  return out;
}

std::vector<Tokens> search_all(Translator& model, const std::vector<Pair>& pairs, int beam,
                               double alpha) {
  if (beam == 1) return model.translate(sources(pairs));
  std::vector<Tokens> out;
  for (const auto& found : model.search(sources(pairs), {beam, alpha, 0}))
    out.push_back(model.target_words(found[0].tokens));
  return out;
}

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

struct Options {
  std::string run, hyp, against, against_hyp, data, out;
  int beam = 1, limit = 0, threads = 0;
  double alpha = 0.75;
  bool swap = false, json = false, group = false;
  Resampling resampling = {};
  CorpusOptions built_in{.max_length = 15};
};

void read_options(Options& o, int argc, const char* const* argv) {
  Args args("evaluate", "babelgrad evaluate run/ --data test.tsv");
  args.optional("run", &o.run, "the folder train wrote, or a model file");
  args.string(
      "data", &o.data, "FILE",
      "pairs, source TAB target, and gold links TAB if known; none: the built-in test pairs");
  args.flag("group", &o.group, "pairs with the same source are one sentence, and any target right");
  args.string("hyp", &o.hyp, "FILE", "translations, one per line, instead of a run's");
  args.string("against", &o.against, "RUN", "another run, to tell whether the first is better");
  args.string("against-hyp", &o.against_hyp, "FILE", "its translations, instead of another run's");
  args.string("out", &o.out, "FILE", "write the translations, one per line");
  args.integer("beam", &o.beam, 1, 1000, "hypotheses kept at every step; 1: greedy");
  args.number("alpha", &o.alpha, 0, 10, "length normalisation of the beam");
  args.integer("limit", &o.limit, 0, 1000000000, "only so many pairs; 0: all");
  args.flag("swap", &o.swap, "the second column is the source");
  args.integer("resamples", &o.resampling.samples, 1, 1000000, "of the bootstrap, for intervals");
  args.integer("seed", &o.resampling.seed, 0, UINT64_MAX, "same seed, same resamples");
  args.flag("json", &o.json, "one JSON object");
  args.integer("threads", &o.threads, 0, 256, "0: as many as there are cores");
  declare_corpus(args, o.built_in, 1);
  args.parse(argc, argv);
  settle_corpus("evaluate", args, o.built_in, o.data);
  if (o.run.empty() == o.hyp.empty())
    usage_error("evaluate: needs RUN or --hyp, and ", o.run.empty() ? "has neither" : "has both");
  if (!o.against.empty() && !o.against_hyp.empty())
    usage_error("evaluate: --against is a run and --against-hyp a file; give one of them");
  if (o.data.empty() && !(o.hyp + o.against_hyp).empty())
    usage_error("evaluate: a file of translations needs --data, which has the references");
}

// The translations must not take the place of what they are made from.
void check_out(const Options& o) {
  for (const std::string& in : {o.data, o.hyp, o.against_hyp}) {
    std::error_code missing;
    if (!o.out.empty() && !in.empty() && std::filesystem::equivalent(o.out, in, missing))
      usage_error("evaluate: --out ", babelgrad::quoted(o.out), " is a file to be read");
  }
}

struct Candidate {                              // one to be judged
  std::string run, hyp;                         // one of them is given, or none
  std::unique_ptr<Translator> model = {};
};

Tokenizer common_tokenizer(const std::vector<Candidate>& candidates) {
  const Translator* first = nullptr;
  for (const Candidate& c : candidates) {
    if (!c.model) continue;
    if (!first) first = c.model.get();
    if (c.model->tokenizer() != first->tokenizer())
      usage_error("evaluate: the two runs have other tokenizers, so other references; score the ",
                  "--out of one with --against-hyp");
  }
  return first ? first->tokenizer() : Tokenizer::standard;
}

System judge(Candidate& candidate, const std::vector<Pair>& pairs, const TestSet& set,
             const Options& o, Tokenizer tokenizer) {
  if (!candidate.model)
    return {candidate.hyp, score(set, read_translations(candidate.hyp, tokenizer))};
  Translator& model = *candidate.model;
  System out{candidate.run, evaluate(model, pairs, o.beam, o.alpha, o.group)};
  const bool gold = std::ranges::any_of(pairs, [](const Pair& p) { return !p.gold.empty(); });
  if (!gold || attention_layers(model) == 0) return out;
  const AttentionView view = best_view(model, pairs);
  out.aer = alignment_error(model, pairs, view);
  out.view = view.name();
  return out;
}

Report judge_all(const Options& o) {
  std::vector<Candidate> candidates;
  candidates.push_back({o.run, o.hyp});
  if (!(o.against + o.against_hyp).empty()) candidates.push_back({o.against, o.against_hyp});
  for (Candidate& c : candidates)
    if (!c.run.empty()) c.model = load_model(c.run);
  const Tokenizer tokenizer = common_tokenizer(candidates);
  const std::vector<Pair> pairs = o.data.empty()
                                      ? built_in_test(o.built_in, o.limit)
                                      : read_tsv(o.data, {o.limit, tokenizer, 0, o.swap}).pairs;
  Report report{pairs.size(), test_set(pairs, o.group), {}, {}, o.resampling};
  for (const Candidate& c : candidates)
    if (c.model) report.set.language = language_of(c.model->config);
  report.system = judge(candidates[0], pairs, report.set, o, tokenizer);
  if (candidates.size() > 1)
    report.against.push_back(judge(candidates[1], pairs, report.set, o, tokenizer));
  return report;
}

}  // namespace

TestSet test_set(const std::vector<Pair>& pairs, bool group) {
  TestSet set;
  std::map<Tokens, std::size_t> places;
  for (const Pair& pair : pairs) {
    auto [place, fresh] = places.try_emplace(pair.src, set.refs.size());
    if (fresh || !group) {
      set.sentences.push_back(pair);
      set.refs.push_back({pair.tgt});
    } else if (auto& refs = set.refs[place->second]; !std::ranges::count(refs, pair.tgt)) {
      refs.push_back(pair.tgt);
    }
  }
  return set;
}

Evaluation score(const TestSet& set, const std::vector<Tokens>& translations) {
  check(translations.size() == set.refs.size(), "evaluate: ", translations.size(),
        " translations of ", set.refs.size(), " sentences; one for each");
  std::vector<std::string> hyps, plain_hyps;
  std::vector<Tokens> refs, plain_refs;
  for (std::size_t i = 0; i < translations.size(); i++) {
    hyps.push_back(join(translations[i]));
    plain_hyps.push_back(detokenize(translations[i], set.language));
    refs.emplace_back(), plain_refs.emplace_back();
    for (const Tokens& ref : set.refs[i]) {
      refs.back().push_back(join(ref));
      plain_refs.back().push_back(detokenize(ref, set.language));
    }
  }
  Evaluation e;
  e.translations = translations;
  e.bleu = corpus_bleu(plain_hyps, plain_refs);
  e.bleu_tokens = corpus_bleu(hyps, refs, BleuTokens::none);
  e.chrf = corpus_chrf(plain_hyps, plain_refs);
  e.exact_sentences = exact_matches(hyps, refs);
  e.exact = e.exact_sentences.score();
  return e;
}

Evaluation evaluate(Translator& model, const std::vector<Pair>& pairs, int beam, double alpha,
                    bool group) {
  TestSet set = test_set(pairs, group);
  set.language = language_of(model.config);
  Evaluation e = score(set, search_all(model, set.sentences, beam, alpha));
  e.loss = loss_of(model, pairs);
  return e;
}

std::vector<Tokens> read_translations(const std::string& path, Tokenizer tokenizer) {
  std::istringstream in(read_file(path));
  std::vector<Tokens> out;
  for (std::string line; std::getline(in, line);) {
    if (line.ends_with('\r')) line.pop_back();
    const Index bad = invalid_utf8(line);
    check(bad < 0, path, ":", out.size() + 1, ":", bad + 1, ": not UTF-8");
    out.push_back(tokenize(line, tokenizer));
  }
  return out;
}

// The report comes first: it is there whatever becomes of the file.
int evaluate_command(int argc, const char* const* argv) {
  Options o;
  read_options(o, argc, argv);
  check_out(o);
  if (o.threads > 0) set_threads(o.threads);
  const Report report = judge_all(o);
  print(o.json ? write_json(report_json(report)) : report_text(report));
  std::string lines;
  for (const Tokens& words : report.system.evaluation.translations)
    lines += detokenize(words, report.set.language) + "\n";
  if (!o.out.empty()) write_file_atomically(o.out, lines);
  return 0;
}

}  // namespace babelgrad
