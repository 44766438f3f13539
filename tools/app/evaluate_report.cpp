// What babelgrad evaluate prints: scores, scores by length, intervals, two systems side by side.
#include <cmath>

#include "tools/app/run/evaluate.h"
#include "tools/app/run/analysis.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad {
namespace {

constexpr const char* small = "lc";             // every tokenizer makes small letters

using Rows = std::vector<std::vector<std::string>>;

struct Metric {
  const char* key;
  const char* name;
  double scale;                                 // from the score to what is printed
  const SentenceCounts& (*counts)(const Evaluation& e);
};
constexpr Metric metrics[] = {
    {"bleu", "BLEU", 1, [](const Evaluation& e) -> const auto& { return e.bleu.sentences; }},
    {"bleu_tokens", "BLEU, tokens", 1,
     [](const Evaluation& e) -> const auto& { return e.bleu_tokens.sentences; }},
    {"chrf", "chrF2", 1, [](const Evaluation& e) -> const auto& { return e.chrf.sentences; }},
    {"exact", "exact match, %", 100,
     [](const Evaluation& e) -> const auto& { return e.exact_sentences; }}};

struct Comparison {                             // the system less the other
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

std::string scores_text(const Report& r) {
  const Evaluation& e = r.system.evaluation;
  std::string out = join("pairs        ", r.pairs, "\n");
  if (r.set.sentences.size() < r.pairs)
    out += join("sentences    ", r.set.sentences.size(), ", a source's references together\n");
  if (r.dropped > 0) out += join("dropped      ", r.dropped, ", with an empty side\n");
  out += join("BLEU         ", fixed(e.bleu.score, 2), "  ", e.bleu.verbose(), "\n");
  out += join("             ", e.bleu.signature(small), "\n");
  out += join("BLEU, tokens ", fixed(e.bleu_tokens.score, 2), "  ");
  out += e.bleu_tokens.signature(small) + "\n";
  out += join("chrF2        ", fixed(e.chrf.score, 2), "  ", e.chrf.signature(small), "\n");
  out += join("exact match  ", fixed(100 * e.exact, 1), " %\n");
  if (!std::isnan(e.loss)) out += join("perplexity   ", fixed(std::exp(e.loss), 3), "\n");
  if (!r.system.view.empty())
    out += join("AER          ", fixed(r.system.aer, 3), "  ", r.system.view,
                ", the best of all on these pairs\n");
  return out;
}

std::string lengths_text(const Report& r) {
  const bool grouped = r.set.sentences.size() < r.pairs;
  Rows rows{{"source length", grouped ? "sentences" : "pairs", "BLEU, tokens", "exact %"}};
  for (const LengthRow& b : by_length(r, r.system))
    rows.push_back({b.name, text(b.sentences), fixed(b.bleu, 2), fixed(100 * b.exact, 1)});
  return table(rows, "lr");
}

std::string intervals_text(const Report& r) {
  Rows rows{{"95 % intervals", "score", "mean", "±"}};
  for (const Metric& m : metrics) {
    const SentenceCounts& counts = m.counts(r.system.evaluation);
    const Interval found = bootstrap_interval(counts, r.resampling);
    rows.push_back({m.name, fixed(m.scale * counts.score(), 2), fixed(m.scale * found.mean, 2),
                    fixed(m.scale * found.half_width, 2)});
  }
  return join(table(rows, "lr"), r.resampling.samples, " bootstrap resamples, seed ",
              r.resampling.seed, "\n");
}

std::string comparison_text(const Report& r) {
  const System& other = r.against[0];
  Rows rows{{"score", clipped(r.system.name), clipped(other.name), "difference", "±", "p"}};
  for (const Metric& m : metrics) {
    const Comparison c = compare(m, r);
    rows.push_back({m.name, fixed(m.scale * m.counts(r.system.evaluation).score(), 2),
                    fixed(m.scale * m.counts(other.evaluation).score(), 2),
                    with_sign(m.scale * c.difference), fixed(m.scale * c.interval.half_width, 2),
                    fixed(c.p, 4)});
  }
  const double ours = std::exp(r.system.evaluation.loss), theirs = std::exp(other.evaluation.loss);
  if (!std::isnan(ours - theirs))
    rows.push_back({"perplexity", fixed(ours, 2), fixed(theirs, 2), with_sign(ours - theirs)});
  return join(table(rows, "lr"), "± by paired bootstrap; p by approximate randomisation, ",
              10 * r.resampling.samples, " samples\n");
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
  json["signature"] = e.bleu.signature(small);
  json["bleu_tokens"] = e.bleu_tokens.score;
  json["exact"] = e.exact;
  json["loss"] = e.loss;
  json["perplexity"] = std::exp(e.loss);
  json["signature_tokens"] = e.bleu_tokens.signature(small);
  json["chrf"] = e.chrf.score;
  json["signature_chrf"] = e.chrf.signature(small);
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

}  // namespace

std::string report_text(const Report& r) {
  std::string out = scores_text(r) + lengths_text(r) + "\n" + intervals_text(r);
  if (!r.against.empty()) out += "\n" + comparison_text(r);
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

}  // namespace babelgrad
