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

// "3 of 40 source words", if these are less than half; else "".
std::string few_known(const Translator& model, const std::vector<Pair>& pairs, Tokens Pair::*side) {
  std::map<std::string, Index> times;
  for (const Pair& pair : pairs)
    for (const std::string& word : pair.*side) times[word]++;
  Index all = 0, known = 0;
  for (const auto& [word, count] : times) all += count, known += knows(model, word, side) * count;
  return 2 * known >= all
             ? ""
             : join(known, " of ", all, side == &Pair::src ? " source words" : " target words");
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
  const std::string src = few_known(model, pairs, &Pair::src);
  const std::string tgt = few_known(model, pairs, &Pair::tgt);
  if (src.empty() && tgt.empty()) return "";
  return join("note: ", printable(name), ": only ", src, src.empty() || tgt.empty() ? "" : " and ",
              tgt, " are known; the others are read as <unk>");
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
