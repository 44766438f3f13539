#include "tools/unknown.h"

#include <algorithm>
#include <limits>

#include "tools/alignment_view.h"
#include "tools/output.h"
#include "tools/terminal.h"

namespace babelgrad {

Tokens unknown_words(const Translator& model, const Tokens& sentence) {
  Tokens unknown;
  for (const std::string& word : sentence) {
    const Tokens pieces = model.pieces({{word}, {}}).src;
    const auto known = [&](const std::string& piece) { return model.src_vocab.contains(piece); };
    if (!std::ranges::all_of(pieces, known)) unknown.push_back(word);
  }
  return model.as_written(unknown);
}

void UnknownWords::note(const Translator& model, const Tokens& sentence,
                        const std::string& where) {
  const char* what = model.src_subwords.empty() ? " is not" : " has a piece that is not";
  for (const std::string& word : unknown_words(model, sentence)) {
    times_++;
    if (named_.size() < most && named_.insert(clipped(word)).second)
      say(join("note: ", where, quoted(word), what, " in the vocabulary; read as <unk>"));
  }
}

void UnknownWords::sum_up() const {
  if (times_ > Index(named_.size()))
    say(join("note: ", times_, " unknown words in all; those named are ", named_.size()));
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
