// Rules for whatever says something: negation, clitics, questions, adverbs, clauses in clauses.
#include "data/rules.h"

namespace babelgrad {
namespace {

struct Sides { const char *en, *fr; };

// S subject, D do or does, A adverb, V verb, C clitic, O object, J adjunct. By polarity.
constexpr Sides statements[] = {
    {"S A V C O J", "S C V A O J"},                          // he often sees me: il me voit souvent
    {"S D not A V C O J", "S ne?D?not C V pas=not A O J"},   // he does not see: il ne voit pas
    {"S never V C O J", "S ne?never C V jamais=never O J"},  // he never sees: il ne voit jamais
};

// Q question word. where does he sleep ?  où est-ce qu' il dort ?
constexpr Sides questions[] = {
    {"Q D S A V C O J", "Q est-ce?D que?D S C V A O J"},
    {"Q D S not A V C O J", "Q est-ce?D que?D S ne?not C V pas=not A O J"},
    {"Q D S never V C O J", "Q est-ce?D que?D S ne?never C V jamais=never O J"},
};

// The verb be, which needs no do. O is the adjective. she is tired: elle est fatiguée.
constexpr Sides be_statements[] = {
    {"S V A O", "S V A O"},
    {"S V not A O", "S ne?not V pas=not A O"},
    {"S V never O", "S ne?never V jamais=never O"},
};

constexpr Sides be_questions[] = {
    {"Q V S A O", "Q est-ce?V que?V S V A O"},
    {"Q V S not A O", "Q est-ce?V que?V S ne?not V pas=not A O"},
    {"Q V S never O", "Q est-ce?V que?V S ne?never V jamais=never O"},
};

bool is_third_singular(const NounPhrase& subject) { return subject.person == Person::he; }

// English inflects the verb or do, never both; French always the verb.
Pair inflected(const Predicate& predicate, const NounPhrase& subject, bool with_do) {
  const Verb& verb = predicate.verb;
  const char* english = verb.en[is_third_singular(subject) && !with_do];
  return word(english, verb.fr[int(subject.person)]);
}

Pair attribute_of(const Predicate& predicate, const NounPhrase& subject) {
  Number number = subject.person == Person::they ? Number::plural : Number::singular;
  const char* french = predicate.attribute->fr[int(subject.gender)][int(number)];
  return word(predicate.attribute->en, french, "agreement");
}

void tag_clause(Pair& clause, const NounPhrase& subject, const Predicate& predicate) {
  if (predicate.polarity != Polarity::affirmative) clause.tags.push_back("negation");
  if (predicate.adverb) clause.tags.push_back("adverb");
  if (!predicate.clitic.src.empty()) clause.tags.push_back("clitic");
  if (subject.has_clause) clause.tags.push_back("long-agreement");
}

// Which of the sides above, and every part they may name.
Pair put_together(const Sides& sides, const NounPhrase& subject, const Predicate& predicate,
              bool with_do, const QuestionWord* asks = nullptr) {
  Pair verb = inflected(predicate, subject, with_do);
  Pair object = predicate.attribute ? attribute_of(predicate, subject) : predicate.object;
  Pair adverb = predicate.adverb ? word(predicate.adverb->en, predicate.adverb->fr) : Pair{};
  Pair clause = rule(sides.en, sides.fr,
                     {{'S', subject.words}, {'V', verb}, {'A', adverb}, {'C', predicate.clitic},
                      {'O', object}, {'J', predicate.adjunct},
                      {'D', word(is_third_singular(subject) ? "does" : "do", "")},
                      {'Q', asks ? word(asks->en, asks->fr) : Pair{}}});
  tag_clause(clause, subject, predicate);
  return clause;
}

}  // namespace

Pair statement(const NounPhrase& subject, const Predicate& predicate) {
  int polarity = int(predicate.polarity);
  if (predicate.attribute)
    return put_together(be_statements[polarity], subject, predicate, false);
  bool with_do = predicate.polarity == Polarity::negative;
  return put_together(statements[polarity], subject, predicate, with_do);
}

Pair question(const NounPhrase& subject, const Predicate& predicate, const QuestionWord* asks) {
  bool is_be = predicate.attribute;
  const Sides& sides = (is_be ? be_questions : questions)[int(predicate.polarity)];
  Pair clause = put_together(sides, subject, predicate, !is_be, asks);
  clause.tags.push_back("question");
  return clause;
}

// see the king -> voir le roi;  talk to the king -> parler au roi;  answer him -> lui répondre
Pair object_of(const Verb& verb, const NounPhrase& object) {
  Pair to = word(verb.en_preposition, verb.fr_preposition);
  return rule("P O", "P O", {{'P', to}, {'O', object.words}});
}

// see him -> le voir;  talk to him -> lui parler
Pair clitic_of(const Verb& verb, const Pronoun& object) {
  bool direct = *verb.fr_preposition == 0;
  Pair pronoun = word(object.object, direct ? object.direct : object.indirect);
  return *verb.en_preposition ? rule("to P", "P=to", {{'P', pronoun}}) : pronoun;
}

// give the book to the boy -> donner le livre au garçon
Pair gift(const NounPhrase& thing, const NounPhrase& receiver) {
  return rule("T to R", "T à=to R", {{'T', thing.words}, {'R', receiver.words}});
}

// give him the book -> lui donner le livre
Pair gift_clitic(const Pronoun& receiver) { return word(receiver.object, receiver.indirect); }

// know that the boy sings -> savoir que le garçon chante
Pair that_clause(const Pair& clause) {
  return rule("that C", "que=that C", {{'C', clause}}, "subordinate");
}

// A because B -> A parce que B
Pair joined(const Pair& first, const Conjunction& conjunction, const Pair& second) {
  const char* tag = conjunction.coordinates ? "coordination" : "subordinate";
  Pair link = word(conjunction.en, conjunction.fr, tag);
  return rule("A K B", "A K B", {{'A', first}, {'K', link}, {'B', second}});
}

// when B , A -> quand B , A
Pair fronted(const Conjunction& conjunction, const Pair& subordinate, const Pair& main) {
  Pair link = word(conjunction.en, conjunction.fr, "subordinate");
  return rule("K B , A", "K B ,=, A", {{'K', link}, {'B', subordinate}, {'A', main}});
}

// the king sings and dances -> le roi chante et danse
Pair also(const Pair& clause, const NounPhrase& subject, const Predicate& second) {
  Pair more = statement({{}, subject.person, subject.gender}, second);
  return rule("A and B", "A et=and B", {{'A', clause}, {'B', more}}, "coordination");
}

Pair sentence(const Pair& clause) { return spell(rule("C .", "C .=.", {{'C', clause}})); }

Pair asked(const Pair& clause) { return spell(rule("C ?", "C ?=?", {{'C', clause}})); }

}  // namespace babelgrad
