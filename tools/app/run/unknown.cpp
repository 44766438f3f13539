#include "tools/app/run/unknown.h"

#include <algorithm>
#include <limits>
#include <map>

#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/run/alignment_view.h"

namespace babelgrad {
namespace {

// Is the word in the vocabulary, or are all its pieces?
bool knows(const Translator& model, const std::string& word, Tokens Pair::*side) {
  Pair alone;
  (alone.*side).push_back(word);
  const Vocab& vocab = side == &Pair::src ? model.src_vocab : model.tgt_vocab;
  return std::ranges::all_of(model.pieces(alone).*side,
                             [&](const std::string& piece) { return vocab.contains(piece); });
}

struct Counts { Index all = 0, known = 0, whole = 0, of_other = 0; };

// Of the words of a side: those that are known; those that are one entry of the vocabulary, and
// those that are one of the other side's, which tells languages apart where pieces know every word.
Counts counts_of(const Translator& model, const std::vector<Pair>& pairs, Tokens Pair::*side) {
  const bool source = side == &Pair::src;
  const Vocab& vocab = source ? model.src_vocab : model.tgt_vocab;
  const Vocab& other = source ? model.tgt_vocab : model.src_vocab;
  std::map<std::string, Index> times;
  for (const Pair& pair : pairs)
    for (const std::string& word : pair.*side) times[word]++;
  Counts counts;
  for (const auto& [word, count] : times) {
    counts.all += count, counts.known += knows(model, word, side) * count;
    counts.whole += vocab.contains(word) * count, counts.of_other += other.contains(word) * count;
  }
  return counts;
}

bool few_known(const Counts& counts) { return 4 * counts.known < 3 * counts.all; }

// Would both sides know far more of their words, were the columns the other way round?
bool looks_swapped(const Counts& src, const Counts& tgt) {
  const auto other = [](const Counts& c) { return 3 * c.whole < 2 * c.of_other; };
  return other(src) && other(tgt);
}

}  // namespace

Tokens unknown_words(const Translator& model, const Tokens& sentence) {
  Tokens unknown;
  for (const std::string& word : sentence)
    if (!knows(model, word, &Pair::src)) unknown.push_back(word);
  return model.as_written(unknown);
}

Tokens labelled(const Translator& model, const Tokens& sentence) {
  Tokens labels = model.as_written(sentence);
  for (std::size_t i = 0; i < labels.size() && labels.size() == sentence.size(); i++)
    if (!knows(model, sentence[i], &Pair::src)) labels[i] = unk_token;
  return labels;
}

void UnknownWords::note(const Translator& model, const Tokens& sentence,
                        const std::string& where) {
  const char* what = model.src_subwords.empty() ? " is not" : " has a piece that is not";
  for (const std::string& word : unknown_words(model, sentence)) {
    times_++;
    if (named_.size() < most && named_.insert(clipped(word)).second)
      say(join("note: ", where, in_quotes(word), what, " in the vocabulary; read as <unk>"));
  }
}

void UnknownWords::sum_up() const {
  if (times_ > Index(named_.size()))
    say(join("note: ", times_, " unknown words in all; those named are ", named_.size()));
}

std::string note_on_known(const Translator& model, const std::vector<Pair>& pairs,
                          const std::string& name) {
  const Counts src = counts_of(model, pairs, &Pair::src), tgt = counts_of(model, pairs, &Pair::tgt);
  std::string few;
  if (few_known(src)) few = join(src.known, " of ", src.all, " source words");
  if (few_known(tgt))
    few += join(few.empty() ? "" : " and ", tgt.known, " of ", tgt.all, " target words");
  const bool swapped = looks_swapped(src, tgt);
  if (few.empty() && !swapped) return "";
  if (!few.empty()) few = join("only ", few, " are known; the others are read as <unk>");
  return join("note: ", printable(name), ": ", few, few.empty() || !swapped ? "" : "; ",
              swapped ? "source and target look as if they were the wrong way round; see --swap"
                      : "");
}

void never_say_unknown(Translator& model) {
  for (Parameter& p : named_parameters(model.module()))
    if (p.name == "decoder.dense.bias")
      p.tensor.data()[model.tgt_vocab.unk()] = -std::numeric_limits<Real>::infinity();
}

Tokens replace_unknown(Translator& model, const Tokens& src, Tokens said) {
  const auto unknown = [](const std::string& word) { return word.find(unk_token) != word.npos; };
  if (src.empty() || std::ranges::none_of(said, unknown)) return said;
  const Weights weights = attention_matrix(model, src, said, {attention_layers(model) - 1, -1});
  for (std::size_t t = 0; t < said.size(); t++) {
    const auto most = std::ranges::max_element(weights[t]) - weights[t].begin();
    if (unknown(said[t])) said[t] = src[std::size_t(most)];
  }
  return said;
}

}  // namespace babelgrad
