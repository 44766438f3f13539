// How a Speaker draws what is named: determiners, adjectives, owners, relative clauses.
#include "data/speaker.h"

#include <algorithm>

namespace babelgrad {
namespace {

int length(const NounPhrase& phrase) { return int(phrase.words.src.size()); }

// A girl 's, children 's, but never girls ': the apostrophe would be a token of its own.
NounGroup as_owner(const NounGroup& group) {
  bool plural_in_s = std::string_view(group.noun.en[1]).back() == 's';
  return {group.noun, plural_in_s ? Number::singular : group.number, group.before, group.after};
}

}  // namespace

const Adjective* Speaker::adjective(unsigned kinds, bool before_noun) {
  return &pick(words_.adjectives, [&](const Adjective& a) {
    return a.before_noun == before_noun && (a.kinds & kinds);
  });
}

NounGroup Speaker::group(unsigned kinds, int room) {
  const Noun& noun = pick(words_.nouns, [&](const Noun& n) { return n.kinds & kinds; });
  Number number = chance(30) ? Number::plural : Number::singular;
  const Adjective* before = room >= 3 && chance(35) ? adjective(noun.kinds, true) : nullptr;
  bool fits = room >= (before ? 4 : 3);
  const Adjective* after = fits && chance(30) ? adjective(noun.kinds, false) : nullptr;
  return {noun, number, before, after};
}

// Under negation neither some nor every: il ne voit pas de chien.
const Determiner& Speaker::determiner(Number number, bool negated) {
  if (chance(45)) return article;
  if (chance(35)) return negated ? negated_indefinite : indefinite;
  return pick(words_.determiners, [&](const Determiner& d) {
    return *d.en[int(number)] && (!negated || d.tag != std::string_view("agreement"));
  });
}

NounPhrase Speaker::owner(int room) {
  if (room >= 4 && chance(30)) {
    NounPhrase first = owner(std::min(room, 7) - 2);
    return genitive(first, as_owner(group(kind::person, 2)));
  }
  NounGroup owner = as_owner(group(kind::person, room));
  const Determiner& drawn = determiner(owner.number, false);
  bool some = owner.number == Number::plural && std::string_view(drawn.en[1]) == "some";
  return noun_phrase(some ? article : drawn, owner);
}

NounPhrase Speaker::possessed(unsigned kinds, int room) {
  NounPhrase person = owner(room - 2);
  return genitive(person, group(kinds, room - length(person)));
}

NounPhrase Speaker::described(unsigned kinds, int room, bool negated) {
  if (room >= 4 && chance(25)) return possessed(kinds, room);
  NounGroup drawn = group(kinds, room);
  NounPhrase head = noun_phrase(determiner(drawn.number, negated), drawn);
  room -= length(head);
  return room >= 3 && chance(45) ? with_relative(head, drawn.noun.kinds, room) : head;
}

NounPhrase Speaker::with_relative(const NounPhrase& head, unsigned kinds, int room) {
  if (!(kinds & kind::living) || chance(50)) return with_object_relative(head, kinds, room);
  return subject_relative(head, predicate(head, kinds, room - 1, false));
}

NounPhrase Speaker::with_object_relative(const NounPhrase& head, unsigned kinds, int room) {
  auto fits = [&](const Verb& v) { return (v.objects & kinds) && !*v.fr_preposition; };
  const Verb& verb = pick(words_.verbs, fits);
  Predicate said = {verb};
  room -= 2;
  colour(said, room);
  unsigned who = chance(75) || !(verb.subjects & kind::animal) ? kind::person : kind::animal;
  if (room < 2 || chance(50))
    return object_relative(head, pronoun_phrase(pick(words_.pronouns)), said);
  NounGroup drawn = group(who, room);
  NounPhrase subject = noun_phrase(determiner(drawn.number, false), drawn);
  return object_relative(head, subject, said);
}

NounPhrase Speaker::subject(unsigned kinds, int room) {
  if (room < 2 || (kinds == kind::person && chance(30)))
    return pronoun_phrase(pick(words_.pronouns));
  if (room < 5 || !chance(12)) return described(kinds, room, false);
  NounPhrase first = described(kinds, room / 2, false);
  return both(first, described(kinds, room - 1 - length(first), false));
}

}  // namespace babelgrad
