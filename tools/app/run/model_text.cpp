// What a model reads and writes: words as pieces, pieces as numbers, and back to text.
#include "data/text.h"
#include "tools/app/run/model.h"

namespace babelgrad {

Batch make_batch(const ModelConfig& config, const std::vector<Pair>& pairs,
                 const std::vector<int>& rows, const Vocab& src_vocab, const Vocab& tgt_vocab) {
  return make_batch(pairs, rows, src_vocab, tgt_vocab, config.num_steps);
}

Pair Translator::pieces(const Pair& words, double dropout, Random* dice) const {
  const auto spelt = [&](const Subwords& subwords, const Vocab& vocab, const Tokens& sentence) {
    const auto known = [&](const std::string& piece) { return vocab.contains(piece); };
    Tokens out;
    for (const std::string& word : sentence) {
      const Tokens parts = word == unk_token ? Tokens{word}
                           : dice ? subwords.encode({word}, dropout, *dice, known)
                                  : subwords.encode({word}, known);
      out.insert(out.end(), parts.begin(), parts.end());
    }
    return out;
  };
  return {spelt(src_subwords, src_vocab, words.src), spelt(tgt_subwords, tgt_vocab, words.tgt)};
}

Tokens Translator::target_words(const std::vector<int>& ids) const {
  const Tokens pieces = tgt_vocab.words(ids);
  return tgt_subwords.empty() ? pieces : join_pieces(pieces);
}

Tokens Translator::as_written(const Tokens& words) const {
  return tokenizer() == Tokenizer::book ? words : unescape_moses(words);
}

Tokens Translator::joined(const Tokens& pieces) const {
  return config.merges > 0 ? join_pieces(pieces) : pieces;
}

std::string Translator::source_text(const Tokens& words) const {
  return detokenize(words, source_language_of(config));
}

std::string Translator::target_text(const Tokens& words) const {
  return detokenize(words, language_of(config));
}

Batch Translator::source_batch(const std::vector<Tokens>& sentences) const {
  std::vector<Pair> pairs;
  std::vector<int> rows;
  for (const Tokens& sentence : sentences) {
    rows.push_back(int(pairs.size()));
    pairs.push_back(pieces({sentence, {}}));
  }
  return make_batch(config, pairs, rows, src_vocab, tgt_vocab);
}

}  // namespace babelgrad
