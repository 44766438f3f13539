// babelgrad evaluate: translates a test set, or reads translations of it, and scores them, by
// length, with intervals, two systems side by side.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "data/file.h"
#include "nn/prepacked.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/analyse.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/corpus.h"
#include "tools/app/run/alignment_view.h"
#include "tools/app/run/analysis.h"
#include "tools/app/run/evaluate.h"
#include "tools/app/run/record.h"
#include "tools/app/run/unknown.h"

namespace babelgrad {
namespace {

// --- the report

using Rows = std::vector<std::vector<std::string>>;

struct Metric {
  const char* key;
  const char* name;
  double scale;                                 // from the score to what is printed
  const SentenceCounts& (*counts)(const Evaluation& e);
  bool asked = false;                           // shown only if more is asked for
};
constexpr Metric metrics[] = {
    {"bleu_tokens", "BLEU", 1,
     [](const Evaluation& e) -> const auto& { return e.bleu_tokens.sentences; }},
    {"bleu", "BLEU of the text", 1,
     [](const Evaluation& e) -> const auto& { return e.bleu.sentences; }, true},
    {"chrf", "chrF2", 1, [](const Evaluation& e) -> const auto& { return e.chrf.sentences; }},
    {"exact", "exactly right, %", 100,
     [](const Evaluation& e) -> const auto& { return e.exact_sentences; }}};

struct Comparison {                             // the system minus the other
  double difference;
  Interval interval;
  double p, p_paired_bs;
};

Comparison compare(const Metric& metric, const Report& r) {
  const SentenceCounts& ours = metric.counts(r.system.evaluation);
  const SentenceCounts& theirs = metric.counts(r.against[0].evaluation);
  const Resampling more = {10 * r.resampling.samples, r.resampling.seed};
  return {ours.score() - theirs.score(), paired_bootstrap_interval(theirs, ours, r.resampling),
          paired_randomization_p(ours, theirs, more),
          paired_bootstrap_p(ours, theirs, r.resampling)};
}

struct LengthRow {
  std::string name;
  std::size_t sentences;
  double bleu, exact;
};

std::vector<LengthRow> by_length(const Report& r, const System& system) {
  const Evaluation& e = system.evaluation;
  std::vector<LengthRow> out;
  for (const analysis::Band& band : analysis::length_bands()) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < r.set.sentences.size(); i++)
      if (band.holds(int(r.set.sentences[i].src.size()))) rows.push_back(i);
    if (rows.empty()) continue;
    out.push_back({band.name(), rows.size(), e.bleu_tokens.sentences.of(rows).score(),
                   e.exact_sentences.of(rows).score()});
  }
  return out;
}

std::string with_sign(double x) { return (x < 0 ? "" : "+") + fixed(x, 2); }

// What a reader calls it: the last part of its path, short enough for the head of a column.
std::string short_name(const System& system) {
  std::string name = system.name;
  while (name.size() > 1 && name.ends_with('/')) name.pop_back();
  return cut(printable(name.substr(name.find_last_of('/') + 1)), 16, "…");
}

std::string half_width(const Metric& m, const SentenceCounts& counts, const Report& r) {
  return fixed(m.scale * bootstrap_interval(counts, r.resampling).half_width, 2);
}

std::string head_text(const Report& r, const Screen& out) {
  const Evaluation& e = r.system.evaluation;
  const std::size_t n = r.set.sentences.size();
  std::string pairs = join(r.pairs, r.pairs == 1 ? " pair" : " pairs");
  if (n < r.pairs) pairs += join(", which are ", n, " sources");
  if (r.dropped > 0) pairs += join(" (and ", r.dropped, " with an empty side, left out)");
  const std::string of = join(as_utf8(r.system.name), " on ", r.of, ", ", pairs, ": "),
                    score = join(fixed(100 * e.exact, 1), " % are exactly right; BLEU ",
                                 fixed(e.bleu_tokens.score, 2), " ± ",
                                 half_width(metrics[0], e.bleu_tokens.sentences, r), ".");
  return paragraph(of, out.width) + paragraph(score, out.width);
}

std::string wrong_text(const Report& r, const Screen& out) {
  const Evaluation& e = r.system.evaluation;
  std::vector<std::size_t> wrong;
  for (std::size_t i = 0; i < r.set.sentences.size(); i++)
    if (e.exact_sentences.of({i}).score() < 1) wrong.push_back(i);
  return wrong_samples(r.set.sentences, e.translations, wrong, 3, r.set.source_language,
                       r.set.language, out);
}

std::string scores_text(const Report& r, const Screen& out) {
  const Evaluation& e = r.system.evaluation;
  Rows rows{{"score", "value", "±"}};
  for (const Metric& m : metrics)
    if (const SentenceCounts& counts = m.counts(e); r.all || !m.asked)
      rows.push_back({m.name, fixed(m.scale * counts.score(), 2), half_width(m, counts, r)});
  if (!std::isnan(e.loss)) rows.push_back({"perplexity", fixed(std::exp(e.loss), 3)});
  return table(rows, "lr", out);
}

std::string lengths_text(const Report& r, const Screen& out) {
  const bool grouped = r.set.sentences.size() < r.pairs;
  Rows rows{{"source length", grouped ? "sentences" : "pairs", "BLEU", "exact %"}};
  for (const LengthRow& b : by_length(r, r.system))
    rows.push_back({b.name, text(b.sentences), fixed(b.bleu, 2), fixed(100 * b.exact, 1)});
  return table(rows, "lr", out);
}

std::string p_value(double p) { return p < 0.0001 ? "< 0.0001" : fixed(p, 4); }

// Which is better by BLEU, and could that be chance?
std::string verdict(const Report& r) {
  const Comparison c = compare(metrics[0], r);
  const std::string ours = as_utf8(r.system.name), theirs = as_utf8(r.against[0].name);
  if (c.difference == 0) return join(ours, " and ", theirs, " have the same BLEU.");
  const std::string by = join(fixed(std::abs(c.difference), 2), " BLEU");
  const std::string p = join(c.p < 0.0001 ? "p " : "p = ", p_value(c.p));
  if (c.p >= 0.05)
    return join("No difference is shown between ", ours, " and ", theirs, ": ", by, ", which may ",
                "be chance (", p, ").");
  return join(ours, " is ", c.difference < 0 ? "worse" : "better", " than ", theirs, " by ", by,
              ", more than chance makes likely (", p, ").");
}

std::string comparison_text(const Report& r, const Screen& out) {
  const System& other = r.against[0];
  const std::string name = short_name(r.system), its = short_name(other);
  Rows rows{{"score", name, name == its ? its + " (2)" : its, "difference", "±", "p"}};
  for (const Metric& m : metrics) {
    if (m.asked && !r.all) continue;
    const Comparison c = compare(m, r);
    rows.push_back({m.name, fixed(m.scale * m.counts(r.system.evaluation).score(), 2),
                    fixed(m.scale * m.counts(other.evaluation).score(), 2),
                    with_sign(m.scale * c.difference), fixed(m.scale * c.interval.half_width, 2),
                    p_value(c.p)});
  }
  const double ours = std::exp(r.system.evaluation.loss), theirs = std::exp(other.evaluation.loss);
  if (!std::isnan(ours - theirs))
    rows.push_back({"perplexity", fixed(ours, 2), fixed(theirs, 2), with_sign(ours - theirs)});
  return "\n" + paragraph(verdict(r), out.width) + "\n" + table(rows, "lr", out);
}

// How each number is made, for who wants to quote it.
std::string signatures_text(const Report& r, const Screen& out) {
  const Evaluation& e = r.system.evaluation;
  std::string words = "\n";
  if (!r.system.view.empty())
    words += paragraph(join("AER ", fixed(r.system.aer, 3), ": of ", r.system.view,
                            ", the best of all on these pairs."), out.width);
  words += paragraph(join("±: half of a 95 % interval, by ", r.resampling.samples,
                          " bootstrap resamples, seed ", r.resampling.seed, "."), out.width);
  if (!r.against.empty())
    words += paragraph(join("p: by approximate randomisation, ", 10 * r.resampling.samples,
                            " samples."), out.width);
  words += paragraph("BLEU is computed on tokens, as by train, analyse and report.", out.width);
  words += e.bleu_tokens.signature(e.letters) + "\n" + e.chrf.signature(e.letters) + "\n";
  words += paragraph(join("sacreBLEU of the same, as text, is ", fixed(e.bleu.score, 2), "."),
                     out.width);
  words += e.bleu.signature(e.letters) + "\n";
  return r.all ? words + e.bleu.verbose() + "\n" : words;
}

// What a BLEU score is made of.
Json to_json(const BleuScore& bleu) {
  return Json::object({{"precisions", Json(std::vector(bleu.precisions.begin(),
                                                       bleu.precisions.end()))},
                       {"brevity_penalty", bleu.bp},
                       {"hyp_len", bleu.hyp_len},
                       {"ref_len", bleu.ref_len}});
}

void add_scores(Json& json, const System& system) {
  const Evaluation& e = system.evaluation;
  json["bleu"] = e.bleu.score;
  json["signature"] = e.bleu.signature(e.letters);
  json["bleu_tokens"] = e.bleu_tokens.score;
  json["exact"] = e.exact;
  json["loss"] = e.loss;
  json["perplexity"] = std::exp(e.loss);
  json["signature_tokens"] = e.bleu_tokens.signature(e.letters);
  json["chrf"] = e.chrf.score;
  json["signature_chrf"] = e.chrf.signature(e.letters);
  json["bleu_parts"] = to_json(e.bleu);
  json["bleu_tokens_parts"] = to_json(e.bleu_tokens);
  if (!system.view.empty()) json["aer"] = system.aer, json["aer_view"] = system.view;
}

Json to_json(const Interval& interval) {
  return Json::object({{"mean", interval.mean}, {"half_width", interval.half_width}});
}

Json lengths_json(const Report& r, const System& system) {
  Json json;
  for (const LengthRow& b : by_length(r, system))
    json.push_back(Json::object({{"length", b.name},
                                 {"sentences", b.sentences},
                                 {"bleu_tokens", b.bleu},
                                 {"exact", b.exact}}));
  return json;
}

Json intervals_json(const System& system, const Resampling& resampling) {
  Json json;
  for (const Metric& m : metrics)
    json[m.key] = to_json(bootstrap_interval(m.counts(system.evaluation), resampling));
  return json;
}

Json comparison_json(const Report& r) {
  Json json;
  for (const Metric& m : metrics) {
    const Comparison c = compare(m, r);
    json[m.key] = Json::object({{"difference", c.difference},
                                {"interval", to_json(c.interval)},
                                {"p", c.p},
                                {"p_paired_bs", c.p_paired_bs}});
  }
  return json;
}

// --- what is evaluated

struct EvaluateOptions {
  std::string run, like, hyp, against, against_hyp, data, out;
  Named<Tokenizer> tokenizer = Tokenizer::standard;
  Named<Language> language = Language::french;
  int beam = 1, limit = 0;
  double alpha = 0.75;
  std::string ended = "narrow";
  bool swap = false, json = false, group = false, tokens = false, no_unk = false, all = false;
  bool int8 = false;
  bool told_tokenizer = false, told_language = false;
  Resampling resampling = {};
  CorpusOptions built_in{.max_length = 15};
};

void declare_evaluate(Args& args, EvaluateOptions& o) {
  args.about("Translates pairs that were not trained on, and says how many translations are right, "
             "how close the others are, and shows some that are wrong. With --against it says "
             "which of two is better. 1,000 short sentences take seconds.");
  declare_run(args, o.run, o.like, false);
  args.group("Which pairs");
  args.string(
      "data", &o.data, "FILE",
      "pairs, source TAB target, and gold links TAB if known; none: those that the run was "
      "validated on, or of the built-in corpus its test pairs");
  args.flag("swap", &o.swap, "the second column is the source");
  args.integer("limit", &o.limit, 0, 1000000000, "only this many pairs; 0: all");
  args.flag("group", &o.group, "pairs with the same source are one sentence, and any target right");
  declare_corpus(args, o.built_in, 1);
  args.group("Which translations");
  args.string("against", &o.against, "RUN", "another run, to tell whether the first is better");
  args.string("hyp", &o.hyp, "FILE", "translations, one per line, instead of a run's");
  args.string("against-hyp", &o.against_hyp, "FILE", "its translations, instead of another run's");
  args.integer("beam", &o.beam, 1, 1000, "hypotheses kept at every step; 1: greedy");
  args.number("alpha", &o.alpha, 0, 10, "length normalisation of the beam");
  args.choice("ended", &o.ended, {"narrow", "replaced"}, "as in translate");
  args.flag("no-unk", &o.no_unk, "never say <unk>, but the likeliest of all other words");
  args.flag("int8", &o.int8, "as in translate, for RUN but not for --against; so they compare");
  args.flag("tokens", &o.tokens,
            "files of translations, read or written, are tokens with spaces between, not text");
  args.choice("tokenizer", &o.tokenizer,
              "how references and --hyp are tokenised; with a run, as the run does it");
  args.choice("language", &o.language, {"french", "english", "german"},
              "language of the references as text; with a run, the run's");
  args.group("What is said");
  args.flag("all", &o.all, "also by length, n-gram by n-gram, and sacreBLEU with its interval");
  args.string("out", &o.out, "FILE", "write the translations, one per line");
  args.flag("json", &o.json, "one JSON object, with everything");
  args.integer("resamples", &o.resampling.samples, 1, 1000000,
               "resamples of the bootstrap, for intervals");
  args.integer("seed", &o.resampling.seed, 0, UINT64_MAX, "same seed, same resamples");
  args.threads();
}

void read_options(Args& args, EvaluateOptions& o, int argc, const char* const* argv) {
  declare_evaluate(args, o);
  args.parse(argc, argv);
  settle_corpus("evaluate", args, o.built_in, o.data);
  args.refuse({{{"swap"}, o.data.empty(), "exchanges the columns of --data, which is missing"},
               {{"like"}, o.run.empty(), "describes RUN's file; it needs RUN"},
               {{"int8"}, o.run.empty(),
                "applies to RUN's weights; translations of a file are taken as they are"},
               {{"no-unk"}, (o.run + o.against).empty(),
                "applies to translations of a run; those of a file are taken as they are"},
               {{"alpha", "ended"}, o.beam == 1, "is for beam search; it needs --beam 2 or more"}});
  note(args.note_on({{{"beam", "alpha", "ended"}, (o.run + o.against).empty(),
                      "no effect; translations of a file are taken as they are"},
                     {{"tokens"}, (o.hyp + o.against_hyp + o.out).empty(),
                      "no effect; no file of translations is read or written"},
                     {{"all"}, o.json, "no effect; --json has everything"},
                     built_in_beside(o.data)}));
  if (o.run.empty() == o.hyp.empty())
    usage_error("evaluate: needs RUN or --hyp, and ", o.run.empty() ? "has neither" : "has both");
  if (!o.against.empty() && !o.against_hyp.empty())
    usage_error("evaluate: --against is a run and --against-hyp a file; choose one of them");
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
  std::vector<Tokens> said = read_translations(path, text.tokenizer, tokens);
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

System judged(Candidate& candidate, const std::vector<Pair>& pairs, const Report& report,
             const EvaluateOptions& o, const ModelConfig& text) {
  if (!candidate.model)
    return {candidate.hyp,
            score(report.set, translations_in(candidate.hyp, report, text, o.tokens))};
  Translator& model = *candidate.model;
  System out{candidate.run, evaluate(model, pairs, o.beam, o.alpha, o.group, o.no_unk,
                                      o.ended == "replaced")};
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
                       {"ended", o.ended},
                       {"no_unk", o.no_unk},
                       {"int8", o.int8},
                       {"tokenizer", text.tokenizer.word()},
                       {"language", text.language.word()}});
}

struct TestPairs {
  TsvCorpus corpus;
  std::string from;                             // which these are
  bool swapped;                                 // their columns
};

// Those of --data, or the run's own.
TestPairs test_pairs(const EvaluateOptions& o, const Args& args, Tokenizer tokenizer) {
  if (!o.data.empty())
    return {read_tsv(o.data, {o.limit, tokenizer, 0, o.swap}),
            o.data + (o.swap ? ", columns swapped" : ""), o.swap};
  const RunPairs own = scored_pairs_of_run(o.run, tokenizer, args);
  note(args.note_on({{{"group"}, own.built_in(), "no effect; built-in sources are distinct"}}));
  TestPairs test{{own.scored()}, own.scored_on(), own.source.swap};
  if (o.limit > 0 && int(test.corpus.pairs.size()) > o.limit) test.corpus.pairs.resize(o.limit);
  return test;
}

// Of several right translations only one is the reference of a pair.
std::string note_on_sources(const std::vector<Pair>& pairs) {
  std::map<Tokens, std::set<Tokens>> targets;
  for (const Pair& pair : pairs) targets[pair.src].insert(pair.tgt);
  const auto several = std::ranges::count_if(
      targets, [](const auto& source) { return source.second.size() > 1; });
  if (several == 0) return "";
  return join("note: sources with several targets: ", several, " of ", targets.size(),
              "; each pair takes its own alone for right, --group any of them");
}

Report judge_all(const EvaluateOptions& o, const Args& args) {
  std::vector<Candidate> candidates;
  candidates.push_back({o.run, o.hyp});
  if (!(o.against + o.against_hyp).empty()) candidates.push_back({o.against, o.against_hyp});
  for (Candidate& c : candidates)
    if (!c.run.empty()) c.model = load_model(c.run, &c == &candidates[0] ? o.like : "");
  if (o.int8) decode_in_int8(candidates[0].model->module());
  const ModelConfig text = common_text(candidates, o);
  const auto [corpus, from, swapped] = test_pairs(o, args, text.tokenizer);
  const std::vector<Pair>& pairs = corpus.pairs;
  if (corpus.passed_over > 0 || mostly_left_out(corpus))       // the report says how many others
    say(join("note: ", printable(o.data), ": ", left_out(corpus)));
  if (!o.group) note(note_on_sources(pairs));
  for (const Candidate& c : candidates)
    if (c.model) note(note_on_known(*c.model, pairs, join(from, ", to ", c.run)));
  Report report{pairs.size(), test_set(pairs, o.group), {}, {}, o.resampling,
                settings_of(o, text), corpus.dropped_empty};
  report.settings["data"] = as_utf8(from), report.settings["swap"] = swapped;
  report.set.language = text.language, report.set.source_language = text.source_language;
  report.set.tokenizer = text.tokenizer;
  report.of = from, report.all = o.all;
  report.system = judged(candidates[0], pairs, report, o, text);
  if (candidates.size() > 1)
    report.against.push_back(judged(candidates[1], pairs, report, o, text));
  return report;
}

}  // namespace

std::string report_text(const Report& r, const Screen& screen) {
  std::string out = head_text(r, screen);
  if (!r.against.empty()) out += comparison_text(r, screen);
  out += wrong_text(r, screen);
  if (r.against.empty() || r.all) out += "\n" + scores_text(r, screen);
  if (r.all) out += "\n" + lengths_text(r, screen);
  out += signatures_text(r, screen);
  out.pop_back();                               // the last line end is the printer's
  return out;
}

Json report_json(const Report& r) {
  Json json = Json::object({{"pairs", r.pairs}});
  add_scores(json, r.system);
  json["by_length"] = lengths_json(r, r.system);
  json["run"] = as_utf8(r.system.name);
  json["sentences"] = r.set.sentences.size();
  json["resamples"] = r.resampling.samples, json["seed"] = r.resampling.seed;
  json["intervals"] = intervals_json(r.system, r.resampling);
  json["settings"] = r.settings, json["dropped"] = r.dropped;
  if (r.against.empty()) return json;
  Json other = Json::object({{"run", as_utf8(r.against[0].name)}});
  add_scores(other, r.against[0]);
  other["by_length"] = lengths_json(r, r.against[0]);
  other["intervals"] = intervals_json(r.against[0], r.resampling);
  json["against"] = other;
  json["comparison"] = comparison_json(r);
  return json;
}

// The report comes first: it is there whatever becomes of the file.
int evaluate_command(int argc, const char* const* argv) {
  EvaluateOptions o;
  Args args("evaluate", "babelgrad evaluate run/ --data test.tsv\n"
                        "babelgrad evaluate run/ --data test.tsv --against other/ --beam 5");
  read_options(args, o, argc, argv);
  check_not_read("evaluate", "--out", o.out,
                 {o.run, o.like, o.against, o.data, o.hyp, o.against_hyp}, lines_file);
  const Report report = judge_all(o, args);
  print(o.json ? write_json(report_json(report)) : report_text(report, screen(1)));
  std::string lines;
  for (const Tokens& words : report.system.evaluation.translations)
    lines += (o.tokens ? join(words) : detokenize(words, report.set.language)) + "\n";
  if (!o.out.empty()) write_file_atomically(o.out, lines);
  return 0;
}

}  // namespace babelgrad
