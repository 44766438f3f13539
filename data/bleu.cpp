#include "data/bleu.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>

#include "data/text.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

constexpr int orders = 4;

using Gram = std::span<const std::string>;
struct Before {
  bool operator()(Gram a, Gram b) const { return std::ranges::lexicographical_compare(a, b); }
};
using Grams = std::map<Gram, Index, Before>;    // how often each n-gram occurs

Grams count_grams(const Tokens& words, std::size_t n) {
  Grams grams;
  for (std::size_t i = 0; i + n <= words.size(); i++) grams[Gram(words).subspan(i, n)]++;
  return grams;
}

// An n-gram matches at most as often as the reference has it.
Index matches(const Grams& hyp, const Grams& ref) {
  Index sum = 0;
  for (const auto& [gram, count] : hyp)
    if (auto found = ref.find(gram); found != ref.end()) sum += std::min(count, found->second);
  return sum;
}

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
  for (std::size_t i = 0; i < s.size();) {
    bool here = std::string_view(s).substr(i).starts_with(from);
    out += here ? to : std::string_view(s).substr(i, 1);
    i += here ? from.size() : 1;
  }
  s = out;
}

bool digit(char c) { return c >= '0' && c <= '9'; }
bool stop(char c) { return c == '.' || c == ','; }
bool symbol(char c) {                           // ASCII punctuation without ' , - .
  return (c >= '!' && c <= '&') || (c >= '(' && c <= '+') || c == '/' || (c >= ':' && c <= '@') ||
         (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
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

void add_sentence(BleuScore& sums, const Tokens& hyp, const std::vector<Tokens>& refs) {
  sums.hyp_len += Index(hyp.size());
  sums.ref_len += closest_length(refs, Index(hyp.size()));
  for (int n = 1; n <= orders; n++) {
    Grams most;                                 // the largest count any one reference has
    for (const Tokens& ref : refs)
      for (const auto& [gram, count] : count_grams(ref, n))
        most[gram] = std::max(most[gram], count);
    sums.counts[n - 1] += matches(count_grams(hyp, n), most);
    sums.totals[n - 1] += std::max<Index>(0, Index(hyp.size()) - n + 1);
  }
}

// Smoothing: the first order without a match counts as 1/2 a match, the next as 1/4, ...
void finish(BleuScore& s) {
  if (s.hyp_len < s.ref_len) s.bp = s.hyp_len ? std::exp(1 - double(s.ref_len) / s.hyp_len) : 0;
  if (s.counts[0] == 0) return;
  double part = 1, log_sum = 0;
  for (int n = 0; n < orders; n++) {
    if (s.totals[n] == 0) return;               // no sentence is so long: the score stays 0
    double matched = s.counts[n] ? double(s.counts[n]) : part /= 2;
    s.precisions[n] = 100 * matched / s.totals[n];
    log_sum += std::log(s.precisions[n]);
  }
  s.score = s.bp * std::exp(log_sum / orders);
}

void check_counts(const char* name, std::size_t hyps, std::size_t refs) {
  check(hyps > 0, name, ": no sentences");
  check(hyps == refs, name, ": ", hyps, " hypotheses and ", refs, " references; one for each");
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
  replace_all(s, "<skipped>", "");
  replace_all(s, "-\n", "");
  replace_all(s, "\n", " ");
  replace_all(s, "&quot;", "\"");
  replace_all(s, "&amp;", "&");
  replace_all(s, "&lt;", "<");
  replace_all(s, "&gt;", ">");
  std::string spaced = " ";
  for (char c : s) spaced += symbol(c) ? std::string{' ', c, ' '} : std::string{c};
  spaced += ' ';
  spaced = space_couples(spaced, [](char a, char b) { return !digit(a) && stop(b); }, "", " ");
  spaced = space_couples(spaced, [](char a, char b) { return stop(a) && !digit(b); }, " ", "");
  spaced = space_couples(spaced, [](char a, char b) { return digit(a) && b == '-'; }, "", " ");
  return join(split(spaced));
}

std::string BleuScore::signature() const {
  return join("BLEU|nrefs:", num_refs < 0 ? "var" : text(num_refs), "|case:mixed|eff:no|tok:",
              tokens == BleuTokens::none ? "none" : "13a", "|smooth:exp|version:babelgrad-0.1");
}

std::string BleuScore::verbose() const {
  std::string out = fixed(precisions[0], 1);
  for (int n = 1; n < orders; n++) out += join("/", fixed(precisions[n], 1));
  double ratio = ref_len ? double(hyp_len) / ref_len : 0;
  return join(out, " (BP = ", fixed(bp, 3), " ratio = ", fixed(ratio, 3), " hyp_len = ", hyp_len,
              " ref_len = ", ref_len, ")");
}

BleuScore corpus_bleu(const std::vector<std::string>& hyps, const std::vector<std::string>& refs,
                      BleuTokens tokens) {
  std::vector<Tokens> lists;
  for (const std::string& ref : refs) lists.push_back(Tokens(1, ref));
  return corpus_bleu(hyps, lists, tokens);
}

BleuScore corpus_bleu(const std::vector<std::string>& hyps, const std::vector<Tokens>& refs,
                      BleuTokens tokens) {
  check_counts("corpus_bleu", hyps.size(), refs.size());
  BleuScore score;
  score.tokens = tokens;
  for (std::size_t i = 0; i < hyps.size(); i++) {
    std::vector<Tokens> words;
    for (const std::string& ref : refs[i])
      if (!ref.empty()) words.push_back(bleu_words(ref, tokens));
    check(!words.empty(), "corpus_bleu: sentence ", i + 1, " has no reference; it needs one");
    if (i == 0) score.num_refs = int(words.size());
    if (int(words.size()) != score.num_refs) score.num_refs = -1;
    add_sentence(score, bleu_words(hyps[i], tokens), words);
  }
  finish(score);
  return score;
}

double exact_match(const std::vector<std::string>& hyps, const std::vector<std::string>& refs) {
  check_counts("exact_match", hyps.size(), refs.size());
  Index equal = 0;
  for (std::size_t i = 0; i < hyps.size(); i++) equal += hyps[i] == refs[i];
  return double(equal) / double(hyps.size());
}

}  // namespace babelgrad
