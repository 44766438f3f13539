// How a Speaker draws what is said: predicates, clauses, whole sentences.
#include "data/speaker.h"

#include <algorithm>

namespace babelgrad {
namespace {

int length(const Pair& phrase) { return int(phrase.src.size()); }

bool first_person(Person p) { return p == Person::i || p == Person::we; }

// I see me, you see you: both languages would use a reflexive, which this grammar lacks.
bool reflexive(Person subject, Person object) {
  if (object == Person::he || object == Person::they) return false;
  return subject == object || (first_person(subject) && first_person(object));
}

}  // namespace

Pair Speaker::somewhere(int room) {
  const Preposition& preposition = pick(words_.prepositions);
  return prepositional(preposition, described(preposition.kinds, room - 1, false));
}

void Speaker::colour(Predicate& predicate, int& room) {
  if (room >= 2 && chance(20)) predicate.polarity = Polarity::negative;
  else if (room >= 1 && chance(8)) predicate.polarity = Polarity::never;
  room -= predicate.polarity == Polarity::negative ? 2 : predicate.polarity == Polarity::never;
  if (room < 1 || predicate.polarity == Polarity::never || !chance(18)) return;
  bool negated = predicate.polarity == Polarity::negative;
  auto fits = [&](const Adverb& a) { return a.negatable || !negated; };
  predicate.adverb = &pick(words_.adverbs, fits);
  room--;
}

// Things are only ever them: one it would be both le and la.
const Pronoun& Speaker::clitic(const NounPhrase& subject, bool people) {
  return pick(words_.pronouns, [&](const Pronoun& p) {
    return (people || p.person == Person::they) && !reflexive(subject.person, p.person);
  });
}

Predicate Speaker::intransitive(unsigned kinds, int room) {
  auto fits = [&](const Verb& v) { return !v.objects && (v.subjects & kinds); };
  Predicate said = {pick(words_.verbs, fits)};
  colour(said, --room);
  if (room >= 3 && chance(55)) said.adjunct = somewhere(room);
  return said;
}

// he sees the dog, he sees it, he goes to the garden
Predicate Speaker::doing(const NounPhrase& subject, unsigned kinds, int room) {
  auto fits = [&](const Verb& v) { return v.objects && (v.subjects & kinds); };
  Predicate said = {pick(words_.verbs, fits)};
  const Verb& verb = said.verb;
  colour(said, --room);
  bool goes = verb.objects == kind::place, people = verb.objects & kind::person;
  if (!goes && (room < 2 || chance(25))) {
    said.clitic = clitic_of(verb, clitic(subject, people));
  } else {
    bool negated = said.polarity != Polarity::affirmative && !*verb.fr_preposition;
    said.object = object_of(verb, described(verb.objects, room, negated));
  }
  room -= length(said.clitic) + length(said.object);
  if (!goes && room >= 3 && chance(35)) said.adjunct = somewhere(room);
  return said;
}

// he gives the book to the queen, he gives her the book
Predicate Speaker::giving(const NounPhrase& subject, int room) {
  const Verb& verb = pick(words_.giving);
  Predicate said = {verb};
  colour(said, --room);
  bool negated = said.polarity != Polarity::affirmative;
  NounPhrase thing = described(verb.objects, room / 2, negated);
  room -= length(thing.words);
  if (room < 3 || chance(50)) {
    said.clitic = gift_clitic(clitic(subject, true));
    said.object = thing.words;
  } else {
    said.object = gift(thing, described(kind::person, room - 1, false));
  }
  return said;
}

Predicate Speaker::thinking(int room) {
  Predicate said = {pick(words_.thinking)};
  said.object = that_clause(clause(room - 2));
  return said;
}

Predicate Speaker::predicate(const NounPhrase& subject, unsigned kinds, int room, bool may_think) {
  bool person = kinds & kind::person;
  if (may_think && person && room >= 5 && chance(12)) return thinking(room);
  if (person && room >= 4 && chance(12)) return giving(subject, room);
  return room < 2 || chance(30) ? intransitive(kinds, room) : doing(subject, kinds, room);
}

// the apple is red, the boy that sings is not tired
Pair Speaker::be_clause(int room, bool asks) {
  NounGroup named = group(kind::all, 2);
  NounPhrase subject = noun_phrase(determiner(named.number, false), named);
  if (room >= 6 && chance(25)) subject = genitive(owner(room - 4), named);
  else if (room >= 6 && chance(40)) subject = with_relative(subject, named.noun.kinds, room - 4);
  Predicate said = {be};
  room -= length(subject.words) + 2;
  colour(said, room);
  auto fits = [&](const Adjective& a) { return a.kinds & named.noun.kinds; };
  said.attribute = &pick(words_.adjectives, fits);
  return asks ? question(subject, said) : statement(subject, said);
}

Pair Speaker::clause(int room) {
  if (room >= 4 && chance(12)) return be_clause(room, false);
  unsigned kinds = chance(80) ? kind::person : kind::animal;
  NounPhrase who = subject(kinds, 2 + random_.below(std::max(1, room / 2)) - (room < 3));
  room -= length(who.words);
  bool more = room >= 4 && chance(12);
  Pair said = statement(who, predicate(who, kinds, more ? room / 2 : room, !more));
  room -= length(said) - length(who.words) + 1;
  return more ? also(said, who, predicate(who, kinds, room, false)) : said;
}

// does he sleep ?  why do they sing ?  where, of an intransitive verb that names no place itself
Pair Speaker::question_clause(int room) {
  if (chance(20)) return be_clause(room, true);
  unsigned kinds = chance(80) ? kind::person : kind::animal;
  const QuestionWord* asks = room >= 4 && chance(30) ? &pick(words_.question_words) : nullptr;
  NounPhrase who = subject(kinds, 2 + random_.below(std::max(1, room / 2)) - (room < 4));
  room -= length(who.words) + 1 + bool(asks);
  bool where = asks == &words_.question_words[0];
  return question(who, where ? intransitive(kinds, 2) : predicate(who, kinds, room, false), asks);
}

// One clause after the other until the room is taken.
Pair Speaker::statements(int room) {
  Pair text = clause(std::min(room, 3 + random_.below(15)));
  while (room - length(text) >= 4) {
    const Conjunction& conjunction = pick(words_.conjunctions);
    int left = room - length(text) - 1;
    text = joined(text, conjunction, clause(std::min(left, 3 + random_.below(15))));
  }
  return text;
}

// A question, and when there is room a reason or a condition.
Pair Speaker::questions(int room) {
  Pair text = question_clause(std::min(room, 3 + random_.below(15)));
  int left = room - length(text) - 1;
  if (left < 3) return text;
  const Conjunction& conjunction = subordinator();
  return joined(text, conjunction, statements(left));
}

const Conjunction& Speaker::subordinator() {
  return pick(words_.conjunctions, [](const Conjunction& c) { return !c.coordinates; });
}

Pair Speaker::sentence(int room) {
  if (chance(20)) return asked(questions(room));
  if (room < 8 || !chance(12)) return babelgrad::sentence(statements(room));
  Pair first = clause(std::min(room / 2, 12));
  Pair main = statements(room - 2 - length(first));
  return babelgrad::sentence(fronted(subordinator(), first, main));
}

}  // namespace babelgrad
