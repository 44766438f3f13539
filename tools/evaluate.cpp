// babelgrad evaluate: scores with their signatures.
#include "tools/evaluate.h"

#include <cmath>

#include "data/grammar.h"
#include "data/tsv.h"
#include "tensor/parallel.h"
#include "tools/alignment_view.h"
#include "tools/commands.h"
#include "tools/corpus.h"
#include "tools/lab/splits.h"
#include "tools/output.h"
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
  for (const Pair& pair : pairs) {
    Batch batch = model.source_batch({pair.src});
    out.push_back(model.target_words(
        model.beam(batch.src, {beam, alpha, model.longest(batch.src)})[0].tokens));
  }
  return out;
}

struct LengthRow {
  std::string name;
  std::size_t pairs;
  double bleu, exact;
};

std::vector<LengthRow> by_length(const std::vector<Pair>& pairs,
                                 const std::vector<Tokens>& translations) {
  std::vector<LengthRow> out;
  for (const analysis::Band& band : analysis::length_bands()) {
    std::vector<std::string> hyps, refs;
    for (std::size_t i = 0; i < pairs.size(); i++) {
      if (!band.holds(int(pairs[i].src.size()))) continue;
      hyps.push_back(join(translations[i]));
      refs.push_back(join(pairs[i].tgt));
    }
    if (hyps.empty()) continue;
    out.push_back({band.name(), hyps.size(), corpus_bleu(hyps, refs, BleuTokens::none).score,
                   exact_match(hyps, refs)});
  }
  return out;
}

void print_report(const Evaluation& e, const std::vector<LengthRow>& lengths, std::size_t pairs,
                  const std::string& alignment) {
  print(join("pairs        ", pairs));
  print(join("BLEU         ", fixed(e.bleu.score, 2), "  ", e.bleu.verbose()));
  print(join("             ", e.bleu.signature()));
  print(join("BLEU, tokens ", fixed(e.bleu_tokens.score, 2), "  ", e.bleu_tokens.signature()));
  print(join("exact match  ", fixed(100 * e.exact, 1), " %"));
  print(join("perplexity   ", fixed(std::exp(e.loss), 3)));
  if (!alignment.empty()) print("AER          " + alignment);
  std::vector<std::vector<std::string>> rows{{"source length", "pairs", "BLEU, tokens", "exact %"}};
  for (const LengthRow& b : lengths)
    rows.push_back({b.name, text(b.pairs), fixed(b.bleu, 2), fixed(100 * b.exact, 1)});
  print(table(rows, "lr"));
}

Json report_json(const Evaluation& e, const std::vector<LengthRow>& lengths, std::size_t pairs) {
  Json json = Json::object({{"pairs", pairs},
                            {"bleu", e.bleu.score},
                            {"signature", e.bleu.signature()},
                            {"bleu_tokens", e.bleu_tokens.score},
                            {"exact", e.exact},
                            {"loss", e.loss}});
  for (const LengthRow& b : lengths) {
    json["by_length"].push_back(Json::object(
        {{"length", b.name}, {"pairs", b.pairs}, {"bleu_tokens", b.bleu}, {"exact", b.exact}}));
  }
  return json;
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

}  // namespace

Evaluation evaluate(Translator& model, const std::vector<Pair>& pairs, int beam, double alpha) {
  Evaluation e;
  e.translations = search_all(model, pairs, beam, alpha);
  std::vector<std::string> hyps, refs, plain_hyps, plain_refs;
  for (std::size_t i = 0; i < pairs.size(); i++) {
    hyps.push_back(join(e.translations[i]));
    refs.push_back(join(pairs[i].tgt));
    plain_hyps.push_back(detokenize(e.translations[i]));
    plain_refs.push_back(detokenize(pairs[i].tgt));
  }
  e.bleu = corpus_bleu(plain_hyps, plain_refs);
  e.bleu_tokens = corpus_bleu(hyps, refs, BleuTokens::none);
  e.exact = exact_match(hyps, refs);
  e.loss = loss_of(model, pairs);
  return e;
}

int evaluate_command(int argc, const char* const* argv) {
  std::string run, data;
  int beam = 1, limit = 0, threads = 0;
  double alpha = 0.75;
  bool swap = false, json = false;
  CorpusOptions built_in{.max_length = 15};
  Args args("evaluate", "babelgrad evaluate run/ --data test.tsv");
  args.positional("run", &run, "the folder train wrote, or a model file");
  args.string(
      "data", &data, "FILE",
      "pairs, source TAB target, and gold links TAB if known; none: the built-in test pairs");
  args.integer("beam", &beam, 1, 1000, "hypotheses kept at every step; 1: greedy");
  args.number("alpha", &alpha, 0, 10, "length normalisation of the beam");
  args.integer("limit", &limit, 0, 1000000000, "only so many pairs; 0: all");
  args.flag("swap", &swap, "the second column is the source");
  args.flag("json", &json, "one JSON object");
  args.integer("threads", &threads, 0, 256, "0: as many as there are cores");
  declare_corpus(args, built_in, 1);
  args.parse(argc, argv);
  settle_corpus("evaluate", args, built_in, data);
  if (threads > 0) set_threads(threads);
  auto model = load_model(run);
  std::vector<Pair> pairs =
      data.empty() ? built_in_test(built_in, limit)
                   : read_tsv(data, {limit, model->tokenizer(), 0, swap}).pairs;
  Evaluation e = evaluate(*model, pairs, beam, alpha);
  auto lengths = by_length(pairs, e.translations);
  if (json) return print(write_json(report_json(e, lengths, pairs.size()))), 0;
  bool gold = std::ranges::any_of(pairs, [](const Pair& p) { return !p.gold.empty(); });
  std::string alignment;
  if (gold && attention_layers(*model) > 0) {
    AttentionView view = best_view(*model, pairs);
    alignment = join(fixed(alignment_error(*model, pairs, view), 3), "  ", view.name(),
                     ", the best of all on these pairs");
  }
  print_report(e, lengths, pairs.size(), alignment);
  return 0;
}

}  // namespace babelgrad
