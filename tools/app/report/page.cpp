// The report's sections, in the order of a reader's questions.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "data/file.h"
#include "data/text.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/report/report.h"
#include "tools/app/run/evaluate.h"
#include "tools/app/view/explorer.h"
#include "tools/app/view/heatmap.h"

namespace babelgrad {
namespace report {
namespace {

// --- what it says: pairs chosen by fixed rules, with the differences marked

using analysis::Fate;
using analysis::Scored;

constexpr std::size_t most_of_all = 8, most_of_a_kind = 3;

// Words with those that are marked in an element of their own, neighbours in one.
std::string marked_words(const Tokens& words, const std::vector<bool>& marks, const char* name) {
  std::string out;
  bool open = false;
  for (std::size_t i = 0; i < words.size(); i++) {
    if (open && !marks[i]) out += join("</", name, ">");
    if (i > 0) out += " ";
    if (marks[i] && !open) out += join("<", name, ">");
    open = marks[i];
    out += escape_markup(words[i]);
  }
  return open ? out + join("</", name, ">") : out;
}

std::string line_html(const char* side, const std::string& words) {
  return join("<div class=\"line\"><span class=\"side\">", side, "</span><bdi>",
              words.empty() ? "<em>no words</em>" : words, "</bdi></div>\n");
}

std::string verdict_of(const analysis::Edits& edits) {
  const auto count = [&](Fate fate) { return std::ranges::count(edits.words, fate); };
  std::string words;
  auto add = [&](Index n, const char* what) {
    if (n > 0) words += join(words.empty() ? "" : ", ", n, " ", what);
  };
  add(count(Fate::replaced), "replaced"), add(count(Fate::missing), "missing");
  add(edits.extra, "too many");
  return words.empty() ? "✓ right" : "✗ " + words;
}

// The first few of an order that hold and that no earlier choice has.
template <class Holds>
Choice first_of(const std::string& rule, const std::vector<std::size_t>& order,
                std::set<std::size_t>& taken, const Holds& holds) {
  Choice choice{rule};
  for (std::size_t i : order)
    if (choice.pairs.size() < most_of_a_kind && holds(i) && taken.insert(i).second)
      choice.pairs.push_back(i);
  return choice;
}

std::string ordinal(std::size_t n) {
  const std::size_t last = n % 10, two = n % 100;
  const char* end = two >= 11 && two <= 13 ? "th"
                    : last == 1            ? "st"
                    : last == 2            ? "nd"
                    : last == 3            ? "rd"
                                           : "th";
  return join(n, end);
}

std::string words_html(const Tokens& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + escape_markup(word);
  return out;
}

// --- where it looked: maps of short translations

constexpr std::size_t shortest = 4, longest = 8, most_maps = 3;          // source words, pairs

// Words right or wrong: whoever reads the maps should see both.
std::vector<std::size_t> short_ones(const std::vector<Scored>& pairs) {
  std::vector<std::size_t> found;
  std::set<Tokens> sources;
  for (std::size_t i = 0; i < pairs.size() && found.size() < most_maps; i++) {
    const std::size_t words = pairs[i].pair.src.size(), said = pairs[i].said.size();
    const bool fits = words >= shortest && words <= longest && said > 0 && said <= 2 * longest;
    if (fits && sources.insert(pairs[i].pair.src).second) found.push_back(i);
  }
  return found;
}

std::string map_html(Translator& model, const Scored& scored, std::size_t number) {
  AttentionMaps cross = attention_maps(model, scored.pair.src, scored.said).front();
  for (Tokens* words : {&cross.rows, &cross.columns}) *words = model.as_written(*words);
  const bool right = scored.said == scored.pair.tgt;
  return join("<figure class=\"scroll\">\n<figcaption>pair ", readable(double(number)), ": <bdi>",
              words_html(model.as_written(scored.pair.src)), "</bdi> → <bdi>",
              words_html(model.as_written(scored.said)), "</bdi></figcaption>\n",
              heatmap_element({mean_of_heads(cross.weights.back()), cross.rows, cross.columns, "",
                               right ? scored.pair.gold : std::vector<Link>{}}),
              "</figure>\n");
}

std::string attention_html(Translator& model, const std::vector<Scored>& pairs) {
  std::string out;
  if (attention_layers(model) == 0) return out;
  for (std::size_t i : short_ones(pairs)) out += map_html(model, pairs[i], i + 1);
  if (out.empty()) return out;
  const bool gold = out.find("class=\"gold ") != std::string::npos;
  return "<div class=\"maps\">\n" + out + "</div>\n" +
         (gold ? "<p class=\"facts\">Outlined: gold links; dashed: possible ones.</p>\n" : "");
}

// --- the sections

// All that the page is made from.
struct Facts {
  Translator& model;
  const ReportedRun& run;
  Stored stored = stored_of(run.folder);
  bool has_log = exists(run.folder + "/log.jsonl");
  RunLog log = {};
  Evaluation scores = {};
  analysis::Study study = {};
};

Facts facts_of(Translator& model, const ReportedRun& run) {
  Facts f{model, run};
  f.log = log_of(run.folder);
  if (!run.pairs.empty()) f.scores = evaluate(model, run.pairs);
  for (std::size_t i = 0; i < run.pairs.size(); i++)
    f.study.pairs.push_back({run.pairs[i], f.scores.translations[i]});
  return f;
}

std::string whole(double x) { return std::isfinite(x) ? readable(std::round(x)) : "not known"; }

std::int64_t updates(const Facts& f) {
  std::int64_t most = f.log.steps.empty() ? 0 : f.log.steps.back().step;
  if (!f.log.epochs.empty()) most = std::max(most, f.log.epochs.back().step);
  if (!f.stored.problem.empty()) return most;
  return std::max(most, f.stored.place.get_int("step"));
}

std::string best_loss(const RunLog& log) {
  const LogLine* best = log.best_by_loss();
  if (!best) return "not measured";
  return join(readable(best->valid_loss), " (perplexity ", readable(std::exp(best->valid_loss)),
              "), epoch ", whole(best->epoch));
}

std::string best_bleu(const RunLog& log) {
  const LogLine* best = log.best_by_bleu();
  return best ? join(readable(best->valid_bleu), ", epoch ", whole(best->epoch)) : "not measured";
}

std::string mean_scores(const LogLine& mean) {
  std::string out = "not measured";
  if (std::isfinite(mean.valid_loss))
    out = join("loss ", readable(mean.valid_loss), " (perplexity ",
               readable(std::exp(mean.valid_loss)), ")");
  if (std::isfinite(mean.valid_bleu)) out += join(", BLEU ", readable(mean.valid_bleu));
  return join(out, ", after update ", whole(double(mean.step)));
}

// The last of them is the run's model.
void add_mean(PageTable& table, const RunLog& log) {
  if (log.means.empty()) return;
  const LogLine& mean = log.means.back();
  table.rows.push_back({join("mean of ", mean.epochs, mean.epochs == 1 ? " epoch" : " epochs"),
                        mean_scores(mean)});
}

PageTable summary(const Facts& f) {
  const Translator& m = f.model;
  const std::string entries = m.config.merges > 0
                                  ? join(" pieces, by ", readable(double(m.config.merges)),
                                         m.config.joint ? " merges for both" : " merges each")
                                  : " words";
  return {"The run",
          {{"quantity", "value"},
           {"model", m.config.model.word()},
           {"parameters", whole(double(parameter_count(f.model.module())))},
           {"vocabulary", join(whole(m.src_vocab.size()), " to ", whole(m.tgt_vocab.size()),
                               entries)},
           {"updates", whole(double(updates(f)))},
           {"epochs", f.log.epochs.empty() ? "none logged" : whole(f.log.epochs.back().epoch)},
           {"time", f.log.calls > 0 ? duration(f.log.seconds) : "not known"},
           {"target tokens per second", whole(f.log.speed())},
           {"best validation loss", best_loss(f.log)},
           {"best validation BLEU", best_bleu(f.log)}},
          "l"};
}

std::string pairs_name(const ReportedRun& run) {
  return join(whole(double(run.pairs.size())), run.pairs.size() == 1 ? " pair" : " pairs",
              run.pairs_from.empty() ? "" : " of " + run.pairs_from);
}

// Of the 95 % interval.
std::string half(const SentenceCounts& counts, int digits, double scale = 1) {
  return fixed(scale * bootstrap_interval(counts).half_width, digits);
}

PageTable scores_table(const Facts& f) {
  if (f.run.pairs.empty()) return {};
  const Evaluation& e = f.scores;
  return {join("This model on ", pairs_name(f.run), ", greedy"),
          {{"score", "value", "±", "how"},
           {"BLEU", fixed(e.bleu_tokens.score, 2), half(e.bleu_tokens.sentences, 2),
            e.bleu_tokens.signature(e.letters)},
           {"sacreBLEU of the text", fixed(e.bleu.score, 2), half(e.bleu.sentences, 2),
            e.bleu.signature(e.letters)},
           {"chrF2", fixed(e.chrf.score, 2), half(e.chrf.sentences, 2),
            e.chrf.signature(e.letters)},
           {"exactly right", fixed(100 * e.exact, 1) + " %", half(e.exact_sentences, 1, 100), ""},
           {"loss", fixed(e.loss, 4), "", join("perplexity ", fixed(std::exp(e.loss), 3))}},
          "l"};
}

Exhibit brief(const Facts& f) {
  Exhibit e{"", "In brief"};
  e.tables = {summary(f), scores_table(f)};
  add_mean(e.tables[0], f.log);
  e.remarks = f.run.remarks;
  if (f.run.pairs.empty())
    e.remarks.push_back("There were no pairs to translate: no scores, no samples.");
  else
    e.remarks.push_back(join("±: half of a 95 % interval, by ", readable(Resampling().samples),
                             " bootstrap resamples of the pairs."));
  return e;
}

Exhibit training(const Facts& f) {
  Exhibit e{"", "How it learned"};
  e.charts = curves(f.log);
  e.remarks = f.has_log ? log_remarks(f.log)
                        : std::vector<std::string>{"There is no log.jsonl: there are no curves."};
  return e;
}

std::vector<analysis::Scored> as_written(const Facts& f) {
  std::vector<analysis::Scored> pairs = f.study.pairs;
  for (analysis::Scored& it : pairs)
    for (Tokens* side : {&it.pair.src, &it.pair.tgt, &it.said}) *side = f.model.as_written(*side);
  return pairs;
}

Exhibit samples(const Facts& f) {
  Exhibit e{"", samples_title};
  e.claim = "Words of the reference that the translation lacks are struck out, words that it has "
            "instead or besides are underlined. The headings are the rules by which the pairs "
            "were chosen.";
  e.markup = samples_html(as_written(f));
  return e;
}

Exhibit attention(const Facts& f) {
  Exhibit e{"", "Where it looked"};
  e.claim = join("Rows: the words it wrote. Columns: the words of the source. The first ",
                 most_maps, " pairs with sources of ", shortest, " to ", longest, " words; ",
                 AttentionView{attention_layers(f.model) - 1}.name(), ".");
  e.markup = attention_html(f.model, f.study.pairs);
  if (e.markup.empty()) e.remarks = {"No pair is of that length."};
  return e;
}

Exhibit settings(const Facts& f) {
  Exhibit e{"", "What it was made of"};
  e.tables = {settings_table(f.model, f.stored, f.log)};
  if (!f.stored.problem.empty()) e.remarks = {f.stored.problem};
  return e;
}

// What trained it, if it said so; what made the page, where that is another.
NamedValues machines(const RunLog& log) {
  NamedValues all = log.environment;
  for (const auto& here : this_machine())
    if (std::ranges::find(log.environment, here) == log.environment.end())
      all.push_back({here.first + ", of this page", here.second});
  return all;
}

std::string name_of(std::string folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder.substr(folder.find_last_of('/') + 1);
}

}  // namespace

std::string sample_html(const Scored& scored, std::size_t number) {
  const analysis::Edits edits = analysis::edits(scored.pair.tgt, scored.said);
  std::vector<bool> lost;
  for (Fate fate : edits.words) lost.push_back(fate != Fate::right);
  return join("<div class=\"sample\">\n<p class=\"side\">pair ", readable(double(number)), ": ",
              verdict_of(edits), "</p>\n", line_html("source", words_html(scored.pair.src)),
              line_html("reference", marked_words(scored.pair.tgt, lost, "del")),
              line_html("translation", marked_words(scored.said, edits.wrong, "ins")),
              "</div>\n");
}

std::vector<Choice> chosen_samples(const std::vector<Scored>& pairs) {
  if (pairs.empty()) return {};
  const std::size_t stride = (pairs.size() + most_of_all - 1) / most_of_all;
  std::vector<Choice> all{
      {stride == 1 ? "All pairs" : "Every " + ordinal(stride) + " pair, from the first"}};
  std::set<std::size_t> taken;
  for (std::size_t i = 0; i < pairs.size(); i += stride) all[0].pairs.push_back(i), taken.insert(i);
  std::vector<std::size_t> order(pairs.size());
  std::iota(order.begin(), order.end(), 0);
  const auto right = [&](std::size_t i) { return pairs[i].said == pairs[i].pair.tgt; };
  all.push_back(first_of("The first that are right, but for those above", order, taken, right));
  all.push_back(first_of("The first that are not right, but for those above", order, taken,
                         [&](std::size_t i) { return !right(i); }));
  std::ranges::stable_sort(order, std::greater(),
                           [&](std::size_t i) { return pairs[i].pair.src.size(); });
  all.push_back(first_of("The longest sources, but for those above", order, taken,
                         [](std::size_t) { return true; }));
  std::erase_if(all, [](const Choice& choice) { return choice.pairs.empty(); });
  return all;
}

std::string samples_html(const std::vector<Scored>& pairs) {
  std::string out;
  for (const Choice& choice : chosen_samples(pairs)) {
    out += join("<h3>", choice.rule, "</h3>\n");
    for (std::size_t i : choice.pairs) out += sample_html(pairs[i], i + 1);
  }
  return out;
}

Exhibit lengths(const analysis::Study& study) {
  Exhibit e{"", "Short and long sentences"};
  const auto rows = rows_of(study, by_length(study.pairs).groups);
  PageTable table{"By length of the source",
                  {{"source tokens", "pairs", "BLEU", "exact %"}}};
  Chart chart{"Translations by length of the source", {"source tokens"}, {"BLEU, and % exact"}};
  chart.kind = ChartKind::bars;
  chart.series = {{"BLEU"}, {"exactly right, %"}};
  for (const analysis::Row& row : rows) {
    chart.names.push_back(row.name);
    chart.series[0].y.push_back(row.bleu);
    chart.series[1].y.push_back(100 * row.exact);
    table.rows.push_back({row.few() ? row.name + " *" : row.name, readable(row.pairs),
                          std::isfinite(row.bleu) ? fixed(row.bleu, 2) : "–",
                          fixed(100 * row.exact, 1)});
  }
  e.charts = {chart};
  e.tables = {table};
  if (std::ranges::any_of(rows, &analysis::Row::few))
    e.remarks = {join("* fewer than ", analysis::few_pairs, " pairs, which say little")};
  return e;
}

}  // namespace report

std::string report_page(Translator& model, const ReportedRun& run) {
  const report::Facts f = report::facts_of(model, run);
  FigurePage page{"Run " + report::name_of(run.folder),
                  join(model.config.model, ", ",
                       report::whole(double(parameter_count(model.module()))), " parameters")};
  if (!run.pairs.empty())
    page.lead += join(": BLEU ", fixed(f.scores.bleu_tokens.score, 2), " and ",
                      fixed(100 * f.scores.exact, 1), " % exactly right on ",
                      report::pairs_name(run));
  page.exhibits = {report::brief(f), report::training(f)};
  if (!run.pairs.empty()) {
    page.exhibits.push_back(report::samples(f));
    page.exhibits.push_back(report::lengths(f.study));
    if (attention_layers(model) > 0) page.exhibits.push_back(report::attention(f));
  }
  page.exhibits.push_back(report::settings(f));
  for (Exhibit& exhibit : page.exhibits)
    exhibit.name = text(&exhibit - page.exhibits.data() + 1);
  page.environment = report::machines(f.log);
  page.kicker = "babelgrad, a training run";
  page.kind = "run";
  return figure_page(page);
}

void write_report(Translator& model, const ReportedRun& run, const std::string& path) {
  write_file_atomically(path.empty() ? run.folder + "/report.html" : path, report_page(model, run));
}

}  // namespace babelgrad
