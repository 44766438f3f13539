#include "data/bleu.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <span>
#include <string_view>
#include <utility>

#include "data/text.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

// --- n-grams of words or of characters: a text is a span or a view of these

constexpr auto words_before = [](const auto& a, const auto& b) {
  return std::ranges::lexicographical_compare(a, b);
};

// Sorted, each as often as it occurs.
template <class Text>
std::vector<Text> grams_of(Text text, std::size_t n) {
  std::vector<Text> grams;
  for (std::size_t i = 0; i + n <= text.size(); i++) grams.push_back({text.data() + i, n});
  std::ranges::sort(grams, words_before);
  return grams;
}

// How many are in both, each as often as in both.
template <class Text>
Index common_grams(const std::vector<Text>& a, const std::vector<Text>& b) {
  std::vector<Text> both;
  std::ranges::set_intersection(a, b, std::back_inserter(both), words_before);
  return Index(both.size());
}

// --- BLEU

constexpr int max_order = 4;

using babelgrad::join, babelgrad::split;       // beside those of the book below

// As in Python: "" is one empty word.
Tokens split(std::string_view s, char separator) {
  Tokens words(1);
  for (char c : s) {
    if (c == separator) words.emplace_back();
    else words.back() += c;
  }
  return words;
}

std::string join(const char* separator, const Tokens& words, int begin, int end) {
  std::string out = words[begin];
  for (int i = begin + 1; i < end; i++) out += separator + words[i];
  return out;
}

void replace_all(std::string& s, std::string_view from, std::string_view to) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t next; (next = s.find(from, at)) != s.npos; at = next + from.size())
    out.append(s, at, next - at).append(to);
  s = out.append(s, at);
}

bool stop(char c) { return c == '.' || c == ','; }
bool symbol(char c) {                           // ASCII punctuation without ' , - .
  return std::string_view("!\"#$%&()*+/:;<=>?@[\\]^_`{|}~").find(c) != std::string_view::npos;
}

// Neighbours a, b for which `apart` holds become head + "a b" + tail. Each character is part of one
// such couple only, as where a regular expression replaces from left to right.
template <class Apart>
std::string space_couples(const std::string& s, Apart apart, const char* head, const char* tail) {
  std::string out;
  for (std::size_t i = 0; i < s.size(); i++) {
    if (i + 1 == s.size() || !apart(s[i], s[i + 1])) { out += s[i]; continue; }
    out += head;
    out += {s[i], ' ', s[i + 1]};
    out += tail;
    i++;
  }
  return out;
}

std::string strip_end(std::string_view s) {     // without the blanks at its end
  Tokens words = split(s);
  if (words.empty()) return "";
  return std::string(s.substr(0, s.rfind(words.back()) + words.back().size()));
}

Tokens bleu_words(std::string_view sentence, BleuTokens tokens) {
  return split(tokens == BleuTokens::none ? sentence : tokenize_13a(strip_end(sentence)));
}

// The reference length nearest to the hypothesis', the shorter of two equally near.
Index closest_length(const std::vector<Tokens>& refs, Index hyp_len) {
  auto distance = [&](const Tokens& ref) {
    return std::pair(std::abs(Index(ref.size()) - hyp_len), ref.size());
  };
  return Index(std::ranges::min(refs, std::less(), distance).size());
}

using Words = std::span<const std::string>;

// A sentence's row: both lengths, then the matched n-grams of each order, then all of each.
void add_sentence(std::vector<Index>& rows, const Tokens& hyp, const std::vector<Tokens>& refs) {
  std::array<Index, max_order> counts, totals;
  for (int n = 1; n <= max_order; n++) {
    std::vector<Words> most, more;              // each as often as any one reference has it
    for (const Tokens& ref : refs) {
      std::ranges::set_union(most, grams_of(Words(ref), n), std::back_inserter(more), words_before);
      most = std::exchange(more, {});
    }
    counts[n - 1] = common_grams(grams_of(Words(hyp), n), most);
    totals[n - 1] = std::max<Index>(0, Index(hyp.size()) - n + 1);
  }
  rows.insert(rows.end(), {Index(hyp.size()), closest_length(refs, Index(hyp.size()))});
  rows.insert(rows.end(), counts.begin(), counts.end());
  rows.insert(rows.end(), totals.begin(), totals.end());
}

// Smoothing: the first order without a match counts as 1/2 a match, the next as 1/4, ...
void finish(BleuScore& s) {
  if (s.hyp_len < s.ref_len) s.bp = s.hyp_len ? std::exp(1 - double(s.ref_len) / s.hyp_len) : 0;
  if (s.counts[0] == 0) return;
  double part = 1, log_sum = 0;
  for (int n = 0; n < max_order; n++) {
    if (s.totals[n] == 0) return;               // no sentence is so long: the score stays 0
    double matched = s.counts[n] ? double(s.counts[n]) : part /= 2;
    s.precisions[n] = 100 * matched / s.totals[n];
    log_sum += std::log(s.precisions[n]);
  }
  s.score = std::min(100.0, s.bp * std::exp(log_sum / max_order));       // rounding may go beyond
}

void take_sums(BleuScore& s, std::span<const Index> sums) {
  s.hyp_len = sums[0], s.ref_len = sums[1];
  std::ranges::copy(sums.subspan(2, max_order), s.counts.begin());
  std::ranges::copy(sums.subspan(2 + max_order), s.totals.begin());
  finish(s);
}

double score_of(std::span<const Index> sums) {
  BleuScore s;
  take_sums(s, sums);
  return s.score;
}

double share_of(std::span<const Index> sums) { return double(sums[0]) / double(sums[1]); }

// --- references

void check_counts(const char* name, std::size_t hyps, std::size_t refs) {
  check(hyps > 0, name, ": no sentences");
  check(hyps == refs, name, ": ", hyps, " hypotheses and ", refs, " references; one for each");
}

std::vector<Tokens> one_each(const std::vector<std::string>& refs) {
  std::vector<Tokens> lists;
  for (const std::string& ref : refs) lists.push_back(Tokens(1, ref));
  return lists;
}

// Those that are not empty; every sentence needs one.
std::vector<Tokens> given_references(const char* name, const std::vector<std::string>& hyps,
                                     const std::vector<Tokens>& refs) {
  check_counts(name, hyps.size(), refs.size());
  std::vector<Tokens> given = refs;
  for (std::size_t i = 0; i < given.size(); i++) {
    std::erase(given[i], "");
    check(!given[i].empty(), name, ": sentence ", i + 1, " has no reference; it needs one");
  }
  return given;
}

int references_each(const std::vector<Tokens>& refs) {     // -1: it varies
  auto differs = [&](const Tokens& some) { return some.size() != refs[0].size(); };
  return std::ranges::any_of(refs, differs) ? -1 : int(refs[0].size());
}

// --- chrF

constexpr std::size_t orders = ChrfScore::orders;
using GramCounts = std::array<Index, 3 * orders>;   // hyp, ref, matches for n = 1, 2, ...

// A malformed byte is a character of its own, one that no text can spell (a low surrogate).
std::u32string without_blanks(std::string_view text) {
  std::u32string out;
  each_code_point(text, [&](int c, std::string_view bytes) {
    if (c < 0) out += char32_t(0xDC00 + static_cast<unsigned char>(bytes[0]));
    else if (!is_blank(char32_t(c))) out += char32_t(c);
  });
  return out;
}

// The n-grams of each order.
struct CharGrams {
  std::u32string text;
  std::array<std::vector<std::u32string_view>, orders> of;

  explicit CharGrams(std::string_view sentence) : text(without_blanks(sentence)) {
    for (std::size_t n = 1; n <= orders; n++) of[n - 1] = grams_of(std::u32string_view(text), n);
  }
  CharGrams(const CharGrams&) = delete;                 // the views look at this text
};

// If the reference has no n-grams of an order, the hypothesis' n-grams do not count either.
GramCounts compare(const CharGrams& hyp, const CharGrams& ref) {
  GramCounts counts = {};
  for (std::size_t n = 0; n < orders; n++) {
    counts[3 * n] = ref.of[n].empty() ? 0 : Index(hyp.of[n].size());
    counts[3 * n + 1] = Index(ref.of[n].size());
    counts[3 * n + 2] = common_grams(hyp.of[n], ref.of[n]);
  }
  return counts;
}

double f_score(std::span<const Index> counts) {
  constexpr double beta = 2, weight = beta * beta;
  double precision = 0, recall = 0;
  int effective = 0;                            // orders
  for (std::size_t i = 0; i < counts.size(); i += 3) {
    if (counts[i] == 0 || counts[i + 1] == 0) continue;
    precision += double(counts[i + 2]) / double(counts[i]);
    recall += double(counts[i + 2]) / double(counts[i + 1]);
    effective++;
  }
  if (precision == 0) return 0;                 // then nothing matches, and recall is 0, too
  precision /= effective, recall /= effective;
  return 100 * (1 + weight) * precision * recall / (weight * precision + recall);
}

GramCounts best_counts(const std::string& hyp, const Tokens& refs) {
  const CharGrams grams(hyp);
  GramCounts best = {};
  double best_score = -1;
  for (const std::string& ref : refs) {
    const GramCounts counts = compare(grams, CharGrams(ref));
    if (double score = f_score(counts); score > best_score) best_score = score, best = counts;
  }
  return best;
}

}  // namespace

// D2L 10.7.8 Evaluation of Predicted Sequences
double bleu(std::string_view pred_seq, std::string_view label_seq, int k) {
  check(k > 0, "bleu: k must be 1 or more, got ", k);
  Tokens pred_tokens = split(pred_seq, ' '), label_tokens = split(label_seq, ' ');
  int len_pred = int(pred_tokens.size()), len_label = int(label_tokens.size());
  double score = std::exp(std::min(0.0, 1 - double(len_label) / len_pred));      // Eq. (10.7.4)
  for (int n = 1; n < std::min(k, len_pred) + 1; n++) {
    int num_matches = 0;
    std::map<std::string, int> label_subs;
    for (int i = 0; i < len_label - n + 1; i++) label_subs[join(" ", label_tokens, i, i + n)] += 1;
    for (int i = 0; i < len_pred - n + 1; i++) {
      if (label_subs[join(" ", pred_tokens, i, i + n)] > 0) {
        num_matches += 1;
        label_subs[join(" ", pred_tokens, i, i + n)] -= 1;
      }
    }
    score *= std::pow(double(num_matches) / (len_pred - n + 1), std::pow(0.5, n));
  }
  return score;
}

std::string tokenize_13a(std::string_view line) {
  std::string s(line);
  constexpr std::pair<std::string_view, std::string_view> plain[] = {
      {"<skipped>", ""}, {"-\n", ""}, {"\n", " "}, {"&quot;", "\""}, {"&amp;", "&"}, {"&lt;", "<"},
      {"&gt;", ">"}};
  for (auto [from, to] : plain) replace_all(s, from, to);
  std::string spaced = " ";
  for (char c : s) spaced += symbol(c) ? std::string{' ', c, ' '} : std::string{c};
  spaced += ' ';
  spaced = space_couples(spaced, [](char a, char b) { return !is_digit(a) && stop(b); }, "", " ");
  spaced = space_couples(spaced, [](char a, char b) { return stop(a) && !is_digit(b); }, " ", "");
  spaced = space_couples(spaced, [](char a, char b) { return is_digit(a) && b == '-'; }, "", " ");
  return join(split(spaced));
}

std::string BleuScore::signature(const char* casing) const {
  return join("BLEU|nrefs:", num_refs < 0 ? "var" : text(num_refs), "|case:", casing,
              "|eff:no|tok:", tokens == BleuTokens::none ? "none" : "13a",
              "|smooth:exp|version:babelgrad-0.1");
}

std::string BleuScore::verbose() const {
  std::string out = fixed(precisions[0], 1);
  for (int n = 1; n < max_order; n++) out += join("/", fixed(precisions[n], 1));
  double ratio = ref_len ? double(hyp_len) / ref_len : 0;
  return join(out, " (BP = ", fixed(bp, 3), " ratio = ", fixed(ratio, 3), " hyp_len = ", hyp_len,
              " ref_len = ", ref_len, ")");
}

BleuScore corpus_bleu(const std::vector<std::string>& hyps, const std::vector<std::string>& refs,
                      BleuTokens tokens) {
  return corpus_bleu(hyps, one_each(refs), tokens);
}

BleuScore corpus_bleu(const std::vector<std::string>& hyps, const std::vector<Tokens>& refs,
                      BleuTokens tokens) {
  const std::vector<Tokens> given = given_references("corpus_bleu", hyps, refs);
  BleuScore score;
  score.tokens = tokens;
  score.num_refs = references_each(given);
  score.sentences = {2 + 2 * max_order, {}, score_of};
  for (std::size_t i = 0; i < hyps.size(); i++) {
    std::vector<Tokens> words;
    for (const std::string& ref : given[i]) words.push_back(bleu_words(ref, tokens));
    add_sentence(score.sentences.values, bleu_words(hyps[i], tokens), words);
  }
  take_sums(score, score.sentences.sums());
  return score;
}

double exact_match(const std::vector<std::string>& hyps, const std::vector<std::string>& refs) {
  return exact_matches(hyps, one_each(refs)).score();
}

SentenceCounts exact_matches(const std::vector<std::string>& hyps,
                             const std::vector<Tokens>& refs) {
  check_counts("exact_match", hyps.size(), refs.size());
  SentenceCounts counts{2, {}, share_of};       // is it equal, and one
  for (std::size_t i = 0; i < hyps.size(); i++)
    counts.values.insert(counts.values.end(), {std::ranges::count(refs[i], hyps[i]) > 0, 1});
  return counts;
}

std::string ChrfScore::signature(const char* casing) const {
  return join("chrF2|nrefs:", num_refs < 0 ? "var" : text(num_refs), "|case:", casing,
              "|eff:yes|nc:", orders, "|nw:0|space:no|version:babelgrad-0.1");
}

ChrfScore corpus_chrf(const std::vector<std::string>& hyps, const std::vector<std::string>& refs) {
  return corpus_chrf(hyps, one_each(refs));
}

ChrfScore corpus_chrf(const std::vector<std::string>& hyps, const std::vector<Tokens>& refs) {
  const std::vector<Tokens> given = given_references("corpus_chrf", hyps, refs);
  ChrfScore out;
  out.num_refs = references_each(given);
  out.sentences = {3 * orders, {}, f_score};
  for (std::size_t i = 0; i < hyps.size(); i++)
    std::ranges::copy(best_counts(hyps[i], given[i]),
                      std::back_inserter(out.sentences.values));
  const std::vector<Index> sums = out.sentences.sums();
  for (std::size_t n = 0; n < orders; n++) {
    out.hyp_counts[n] = sums[3 * n], out.ref_counts[n] = sums[3 * n + 1];
    out.matches[n] = sums[3 * n + 2];
  }
  out.score = f_score(sums);
  return out;
}

}  // namespace babelgrad
