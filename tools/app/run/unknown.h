// Words that a model does not know: of a source to be named, of a translation to be avoided.
#pragma once

#include <set>
#include <string>

#include "tools/app/run/model.h"

namespace babelgrad {

// Those of a sentence, as readers write them, each as often as it stands there. A word is unknown
// if the vocabulary lacks it, or any of its pieces.
Tokens unknown_words(const Translator& model, const Tokens& sentence);

// The sentence as a picture labels it: as written, but an unknown word is <unk>, as it is read.
Tokens labelled(const Translator& model, const Tokens& sentence);

// Names each unknown word once, on stderr, however much text there is.
class UnknownWords {
 public:
  // `where` is what the note begins with: "stdin:3: ", or nothing.
  void note(const Translator& model, const Tokens& sentence, const std::string& where = "");
  void sum_up() const;                          // says how many there were, if not all were named

 private:
  static constexpr std::size_t most = 1000;     // named; of text without end memory has one
  std::set<std::string> named_;
  Index times_ = 0;
};

// `note: NAME: only 1 of 9 source words are known; ...` if more than a quarter of the words of the
// pairs' sources, or of their targets, are unknown, so that a model reads little of them; and if
// the columns look swapped. "" otherwise.
std::string note_on_known(const Translator& model, const std::vector<Pair>& pairs,
                          const std::string& name);

// Masks the logit of <unk>: no search with this model finds it any more. Its probability is shared
// out among all other words as they stand.
void never_say_unknown(Translator& model);

// Each word of the translation that is, or has in it, <unk> becomes the source word with the most
// attention, in the last layer and the mean of its heads (Jean et al. 2015, "On Using Very Large
// Target Vocabulary", copy so). Error: a model without attention.
Tokens replace_unknown(Translator& model, const Tokens& src, Tokens said);

}  // namespace babelgrad
