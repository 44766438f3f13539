// Rules for whatever names something: agreement, the place of adjectives, possession.
#include <utility>

#include "data/rules.h"

namespace babelgrad {
namespace {

bool elides_before_noun(const NounGroup& group) {
  return elides_before(group.noun.fr[int(group.number)]);
}

const char* agreeing(const Adjective& adjective, const NounGroup& group) {
  return adjective.fr[int(group.noun.gender)][int(group.number)];
}

// un beau chien, une belle étoile, but un bel oiseau
std::string before_noun(const Adjective& adjective, const NounGroup& group) {
  bool softened = group.noun.gender == Gender::masculine && group.number == Number::singular &&
                  elides_before_noun(group);
  return softened ? adjective.before_vowel : agreeing(adjective, group);
}

std::string first_french_word(const NounGroup& group) {
  if (group.before) return before_noun(*group.before, group);
  return group.noun.fr[int(group.number)];
}

// the -> le, la, les;  my -> ma maison, but mon étoile;  this -> ce chat, but cet ami;
// some -> des pommes, but de belles pommes
std::string french_determiner(const Determiner& determiner, const NounGroup& group) {
  int g = int(group.noun.gender), n = int(group.number);
  if (group.number == Number::singular && elides_before(first_french_word(group)))
    return determiner.before_vowel[g];
  std::string form = determiner.fr[g][n];
  return form == "des" && group.before ? "de" : form;
}

Pair determiner_word(const Determiner& determiner, const NounGroup& group) {
  std::string french = french_determiner(determiner, group);
  std::string usual = determiner.fr[int(group.noun.gender)][int(group.number)];
  Pair phrase = word(determiner.en[int(group.number)], french, determiner.tag);
  if (french != usual) phrase.tags.push_back(usual == "des" ? "partitive" : "euphony");
  return phrase;
}

Pair noun_word(const NounGroup& group) {
  return word(group.noun.en[int(group.number)], group.noun.fr[int(group.number)]);
}

Pair first_adjective(const NounGroup& group) {
  if (!group.before) return {};
  std::string french = before_noun(*group.before, group);
  return word(group.before->en, french, french == agreeing(*group.before, group) ? "" : "euphony");
}

Pair second_adjective(const NounGroup& group) {
  if (!group.after) return {};
  return word(group.after->en, agreeing(*group.after, group), "adjective-order");
}

Person third_person(Number number) {
  return number == Number::plural ? Person::they : Person::he;
}

}  // namespace

NounPhrase pronoun_phrase(const Pronoun& pronoun) {
  return {word(pronoun.en, pronoun.fr), pronoun.person, pronoun.gender};
}

// the small red apples -> les petites pommes rouges
NounPhrase noun_phrase(const Determiner& determiner, const NounGroup& group) {
  Pair words = rule("D B A N", "D B N A",
                    {{'D', determiner_word(determiner, group)}, {'B', first_adjective(group)},
                     {'A', second_adjective(group)}, {'N', noun_word(group)}}, "agreement");
  return {std::move(words), third_person(group.number), group.noun.gender};
}

// the king 's old horse -> le vieux cheval du roi
NounPhrase genitive(const NounPhrase& owner, const NounGroup& owned) {
  std::string french = french_determiner(article, owned) + "?'s B N A de='s O";
  Pair words = rule("O 's B A N", french,
                    {{'O', owner.words}, {'B', first_adjective(owned)},
                     {'A', second_adjective(owned)}, {'N', noun_word(owned)}}, "genitive");
  return {std::move(words), third_person(owned.number), owned.noun.gender};
}

// the king and the queen -> le roi et la reine, masculine unless both are feminine
NounPhrase both(const NounPhrase& first, const NounPhrase& second) {
  Pair words = rule("A and B", "A et=and B", {{'A', first.words}, {'B', second.words}},
                    "coordination");
  bool feminine = first.gender == Gender::feminine && second.gender == Gender::feminine;
  return {std::move(words), Person::they,
          feminine ? Gender::feminine : Gender::masculine, first.has_clause || second.has_clause};
}

// the boy that sings -> le garçon qui chante
NounPhrase subject_relative(const NounPhrase& head, const Predicate& predicate) {
  Pair clause = statement({{}, head.person, head.gender, false}, predicate);
  Pair words = rule("H that C", "H qui=that C", {{'H', head.words}, {'C', clause}}, "relative");
  return {std::move(words), head.person, head.gender, true};
}

// the boy that the queen sees -> le garçon que la reine voit
NounPhrase object_relative(const NounPhrase& head, const NounPhrase& subject,
                           const Predicate& predicate) {
  Pair clause = statement(subject, predicate);
  Pair words = rule("H that C", "H que=that C", {{'H', head.words}, {'C', clause}}, "relative");
  return {std::move(words), head.person, head.gender, true};
}

// near the castle -> près du château
Pair prepositional(const Preposition& preposition, const NounPhrase& where) {
  Pair near = word(preposition.en, preposition.fr, "preposition");
  return rule("P N", "P N", {{'P', near}, {'N', where.words}});
}

}  // namespace babelgrad
