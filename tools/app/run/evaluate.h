// How good a model is on pairs it has not seen, how sure that is, and whether another is better.
#pragma once

#include <limits>

#include "data/bleu.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/run/model.h"

namespace babelgrad {

struct TestSet {
  std::vector<Pair> sentences;                  // to translate, with the first of their references
  std::vector<std::vector<Tokens>> refs;        // all of them
  Language language = Language::french;         // of the references, to write them as text
  Language source_language = Language::english;
  Tokenizer tokenizer = Tokenizer::standard;    // whose tokens these are
};
// group: pairs with the same source are one sentence, in the place of the first of them. What it
// has twice is one reference.
TestSet test_set(const std::vector<Pair>& pairs, bool group = false);

struct Evaluation {
  BleuScore bleu_tokens;                        // of the tokens as they are: what is called BLEU
  BleuScore bleu;                               // of detokenised text, as by sacreBLEU
  ChrfScore chrf;
  const char* letters = "lc";                   // of all signatures; "mixed": capitals were kept
  double exact = 0;                             // share of sentences
  double loss = std::numeric_limits<double>::quiet_NaN();   // per target token; NaN: no model
  std::vector<Tokens> translations;
  SentenceCounts exact_sentences = {};
};

// The translations are one for each sentence, in order, or an Error.
Evaluation score(const TestSet& set, const std::vector<Tokens>& translations);
// The loss is that of all pairs, grouped or not, by the model alone; no_unk forbids <unk> from
// then on.
Evaluation evaluate(Translator& model, const std::vector<Pair>& pairs, int beam = 1,
                    double alpha = 0.75, bool group = false, bool no_unk = false,
                    bool replace_ended = false);

// --- the command's report
struct System {                                 // a model, or a file of translations
  std::string name;
  Evaluation evaluation;
  double aer = std::numeric_limits<double>::quiet_NaN();    // NaN: no gold links, or no attention
  std::string view = {};                        // whose rate it is: "layer 2, head 3"
};
struct Report {
  std::size_t pairs;
  TestSet set;
  System system;
  std::vector<System> against = {};             // none or one
  Resampling resampling = {};                   // ten times as many samples decide a p-value
  Json settings = {};                           // how it was made: data, beam, alpha ...
  Index dropped = 0;                            // pairs with an empty side, in no score
  std::string of = "these pairs";               // what pairs they are
  bool all = false;                             // as text, too, everything is to be said
};
std::string report_text(const Report& report, const Screen& screen = {});
Json report_json(const Report& report);

// A translation on each line, tokenised as references are, but for <unk> and the other special
// spellings, which stay whole as detokenize() left them; `tokens`: only split at blanks. Error
// `path:line:column` if it is no text.
std::vector<Tokens> read_translations(const std::string& path, Tokenizer tokenizer,
                                      bool tokens = false);

}  // namespace babelgrad
