// Someone who speaks by chance: draws words and rules for a sentence of about the length asked for.
#pragma once

#include "data/rules.h"
#include "tensor/random.h"

namespace babelgrad {

class Speaker {
 public:
  Speaker(const Lexicon& words, Random& random) : words_(words), random_(random) {}

  Pair sentence(int room);                      // of about `room` source tokens, often fewer

 private:
  // `room` is how many source tokens the phrase should take at most; kinds is what it may name.
  Pair statements(int room);
  Pair questions(int room);
  const Conjunction& subordinator();
  Pair clause(int room);
  Pair question_clause(int room);
  Pair be_clause(int room, bool asks);

  NounPhrase subject(unsigned kinds, int room);
  NounPhrase described(unsigned kinds, int room, bool negated);
  NounPhrase possessed(unsigned kinds, int room);
  NounPhrase owner(int room);
  NounPhrase with_relative(const NounPhrase& head, unsigned kinds, int room);
  NounPhrase with_object_relative(const NounPhrase& head, unsigned kinds, int room);
  NounGroup group(unsigned kinds, int room);
  const Adjective* adjective(unsigned kinds, bool before_noun);
  const Determiner& determiner(Number number, bool negated);

  Predicate predicate(const NounPhrase& subject, unsigned kinds, int room, bool may_think);
  Predicate doing(const NounPhrase& subject, unsigned kinds, int room);
  Predicate intransitive(unsigned kinds, int room);
  Predicate giving(const NounPhrase& subject, int room);
  Predicate thinking(int room);
  const Pronoun& clitic(const NounPhrase& subject, bool people);
  void colour(Predicate& predicate, int& room); // negation, adverb; takes what they need of `room`
  Pair somewhere(int room);

  bool chance(int percent) { return random_.below(100) < percent; }
  template <class Word, class Accept>
  const Word& pick(const std::vector<Word>& words, Accept accept);
  template <class Word>
  const Word& pick(const std::vector<Word>& words) {
    return words[random_.below(int(words.size()))];
  }

  const Lexicon& words_;
  Random& random_;
};

// One of the words that are accepted, all equally likely. Error if there is none.
template <class Word, class Accept>
const Word& Speaker::pick(const std::vector<Word>& words, Accept accept) {
  int count = 0;
  for (const Word& word : words) count += bool(accept(word));
  int chosen = random_.below(count);
  for (const Word& word : words)
    if (accept(word) && chosen-- == 0) return word;
  return words.back();
}

}  // namespace babelgrad
