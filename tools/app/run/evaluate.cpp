#include "tools/app/run/evaluate.h"

#include <algorithm>
#include <map>

#include "data/lines.h"
#include "tools/app/run/train.h"
#include "tools/app/run/unknown.h"

namespace babelgrad {
namespace {

std::vector<Tokens> sources(const std::vector<Pair>& pairs) {
  std::vector<Tokens> out;
  for (const Pair& pair : pairs) out.push_back(pair.src);
  return out;
}

std::vector<Tokens> search_all(Translator& model, const std::vector<Pair>& pairs, int beam,
                               double alpha, bool replace_ended) {
  if (beam == 1) return model.translate(sources(pairs));
  std::vector<Tokens> out;
  for (const auto& found : model.search(sources(pairs), {.beam_size = beam, .alpha = alpha,
                                                        .max_len = 0,
                                                        .replace_ended = replace_ended}))
    out.push_back(model.target_words(found[0].tokens));
  return out;
}

}  // namespace

TestSet test_set(const std::vector<Pair>& pairs, bool group) {
  TestSet set;
  std::map<Tokens, std::size_t> places;
  for (const Pair& pair : pairs) {
    auto [place, fresh] = places.try_emplace(pair.src, set.refs.size());
    if (fresh || !group) {
      set.sentences.push_back(pair);
      set.refs.push_back({pair.tgt});
    } else if (auto& refs = set.refs[place->second]; !std::ranges::count(refs, pair.tgt)) {
      refs.push_back(pair.tgt);
    }
  }
  return set;
}

Evaluation score(const TestSet& set, const std::vector<Tokens>& translations) {
  check(translations.size() == set.refs.size(), "evaluate: ", translations.size(),
        " translations of ", set.refs.size(), " sentences; one for each");
  std::vector<std::string> hyps, plain_hyps;
  std::vector<Tokens> refs, plain_refs;
  for (std::size_t i = 0; i < translations.size(); i++) {
    hyps.push_back(join(translations[i]));
    plain_hyps.push_back(detokenize(translations[i], set.language));
    refs.emplace_back(), plain_refs.emplace_back();
    for (const Tokens& ref : set.refs[i]) {
      refs.back().push_back(join(ref));
      plain_refs.back().push_back(detokenize(ref, set.language));
    }
  }
  Evaluation e;
  e.translations = translations;
  e.bleu = corpus_bleu(plain_hyps, plain_refs);
  e.bleu_tokens = corpus_bleu(hyps, refs, BleuTokens::none);
  e.chrf = corpus_chrf(plain_hyps, plain_refs);
  e.letters = set.tokenizer == Tokenizer::cased ? "mixed" : "lc";
  e.exact_sentences = exact_matches(hyps, refs);
  e.exact = e.exact_sentences.score();
  return e;
}

Evaluation evaluate(Translator& model, const std::vector<Pair>& pairs, int beam, double alpha,
                    bool group, bool no_unk, bool replace_ended) {
  TestSet set = test_set(pairs, group);
  set.language = model.config.language, set.tokenizer = model.tokenizer();
  const double loss = loss_of(model, pairs);
  if (no_unk) never_say_unknown(model);
  Evaluation e = score(set, search_all(model, set.sentences, beam, alpha, replace_ended));
  e.loss = loss;
  return e;
}

// A special spelling is put out of the tokenizer's reach as a character of no script, which every
// tokenizer takes for a letter; a line that has such characters itself is read as it is.
std::vector<Tokens> read_translations(const std::string& path, Tokenizer tokenizer, bool tokens) {
  constexpr std::string_view spellings[] = {unk_token, pad_token, bos_token, eos_token};
  const auto letter = [&](std::size_t i) { return encode_utf8(0xE000 + int(i)); };
  Lines lines = Lines::of_file(path);
  std::vector<Tokens> out;
  for (std::string line; lines.next(line);) {
    const bool apart = !tokens && line.find("\xEE\x80") == line.npos;
    for (std::size_t i = 0; apart && i < std::size(spellings); i++)
      for (std::size_t at; (at = line.find(spellings[i])) != line.npos;)
        line.replace(at, spellings[i].size(), letter(i));
    out.push_back(tokens ? split(encode_utf8(composed(decode_utf8(line))))
                         : tokenize(line, tokenizer));
    for (std::string& token : out.back())
      for (std::size_t i = 0; apart && i < std::size(spellings); i++)
        if (token == letter(i)) token = spellings[i];
  }
  return out;
}

}  // namespace babelgrad
