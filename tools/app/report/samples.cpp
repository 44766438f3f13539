// What the model says, chosen by rules that a page cannot bend, with what differs marked.
#include <algorithm>
#include <numeric>
#include <set>

#include "data/text.h"
#include "tensor/check.h"
#include "tools/app/report/report.h"
#include "tools/app/run/analysis_words.h"
#include "tools/app/view/heatmap.h"
#include "tools/app/view/chart.h"

namespace babelgrad::report {
namespace {

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

std::string verdict_of(const Scored& scored) {
  if (scored.said == scored.pair.tgt) return "✓ right";
  const analysis::Edits edits = analysis::edits(scored.pair.tgt, scored.said);
  const auto count = [&](Fate fate) { return std::ranges::count(edits.words, fate); };
  std::string words;
  auto add = [&](Index n, const char* what) {
    if (n > 0) words += join(words.empty() ? "" : ", ", n, " ", what);
  };
  add(count(Fate::replaced), "replaced"), add(count(Fate::missing), "missing");
  add(edits.extra, "too many");
  return "✗ " + words;
}

// The first so many of an order that hold and that no choice before has.
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

}  // namespace

std::string words_html(const Tokens& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + escape_markup(word);
  return out;
}

// The earliest place for each right word, after as many words as stand for replaced ones: what the
// fates leave open is only which of the words between are the extra ones.
std::vector<bool> marks_said(const Tokens& reference, const Tokens& said) {
  std::vector<bool> wrong(said.size(), true);
  const analysis::Edits edits = analysis::edits(reference, said);
  std::size_t j = 0;
  for (std::size_t i = 0; i < reference.size(); i++) {
    if (edits.words[i] == Fate::replaced) j++;
    if (edits.words[i] != Fate::right) continue;
    while (said[j] != reference[i]) j++;
    wrong[j++] = false;
  }
  return wrong;
}

std::string sample_html(const Scored& scored, std::size_t number) {
  const Tokens& reference = scored.pair.tgt;
  std::vector<bool> lost;
  for (Fate fate : analysis::edits(reference, scored.said).words)
    lost.push_back(fate != Fate::right);
  return join("<div class=\"sample\">\n<p class=\"side\">pair ", readable(double(number)), ": ",
              verdict_of(scored), "</p>\n",
              line_html("source", words_html(scored.pair.src)),
              line_html("reference", marked_words(reference, lost, "del")),
              line_html("translation",
                        marked_words(scored.said, marks_said(reference, scored.said), "ins")),
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

}  // namespace babelgrad::report
