// The grammar itself: one function per rule of English and French together, nothing left to chance.
// data/grammar.h draws sentences from it. Each rule tags its phrase with the phenomenon it shows.
//
// Gold links. Sure: words that translate each other, all of them: because with parce and with que,
// looks and for with cherche, 's with de, not with pas, never with jamais; a fused du has the links
// of de and of le. Possible: what the other language only implies: ne with not, never, do and does;
// est-ce que with do, does, is and are; 's with the article that it spares. Without a link: the à
// of répondre à, which English does not say.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "data/lexicon.h"
#include "data/pair.h"

namespace babelgrad {

// Synchronous rules: one rule rewrites both languages at once, so that their alignment is known by
// construction. A phrase is a little Pair, whose links count from its own first words.

// An English expression and its French one, each of one or more words, all linked to each other.
// Here and below, `tag` names the phenomenon that the phrase shows, if any.
Pair word(std::string_view english, std::string_view french, const char* tag = "");

struct Slot { char name; const Pair& phrase; };

// One rule, with both its sides: rule("O 's N", "le?'s N de='s O", {{'O', owner}, {'N', horse}}).
// A capital is a part; another item is a word. On the French side `de='s` adds a sure link to the
// English item `'s`, and `le?'s` a possible one; a part's own links come with it. Parts not given
// are empty. Error if the English side lacks an item that the French side names.
Pair rule(std::string_view english, std::string_view french, std::initializer_list<Slot> parts,
          const char* tag = "");

bool elides_before(std::string_view french);    // a vowel or h, which is always mute here

// Spelling, once the words stand side by side: an apple; l'oiseau, s'il; du, aux; de for de + des.
// A word made of two has the links of both. Links and tags come out sorted, each once.
Pair spell(Pair sentence);

struct NounGroup {                              // big red apples: a noun and its adjectives
  const Noun& noun;
  Number number = Number::singular;
  const Adjective* before = nullptr;            // grand; stands before the noun in French too
  const Adjective* after = nullptr;             // rouge; stands after it
};

struct NounPhrase {                             // what can be a subject, and what agrees with it
  Pair words;
  Person person = Person::he;
  Gender gender = Gender::masculine;
  bool has_clause = false;                      // between its head and the verb that agrees with it
};

NounPhrase pronoun_phrase(const Pronoun& pronoun);
NounPhrase noun_phrase(const Determiner& determiner, const NounGroup& group);
NounPhrase genitive(const NounPhrase& owner, const NounGroup& owned);
NounPhrase both(const NounPhrase& first, const NounPhrase& second);     // the king and the queen

enum class Polarity { affirmative, negative, never };

// What is said of a subject: a verb with what belongs to it, or, of the verb be, an adjective.
struct Predicate {
  const Verb& verb;
  Polarity polarity = Polarity::affirmative;
  const Adverb* adverb = nullptr;
  Pair clitic = {}, object = {}, adjunct = {};
  const Adjective* attribute = nullptr;
};

Pair object_of(const Verb& verb, const NounPhrase& object);
Pair clitic_of(const Verb& verb, const Pronoun& object);
Pair gift(const NounPhrase& thing, const NounPhrase& receiver);         // give X to Y
Pair gift_clitic(const Pronoun& receiver);                              // give him X
Pair that_clause(const Pair& clause);                                   // think that ...
Pair prepositional(const Preposition& preposition, const NounPhrase& where);

Pair statement(const NounPhrase& subject, const Predicate& predicate);
Pair question(const NounPhrase& subject, const Predicate& predicate,
              const QuestionWord* asks = nullptr);

// A noun with a clause about it; the predicate of the second has no object, which is the noun.
NounPhrase subject_relative(const NounPhrase& head, const Predicate& predicate);
NounPhrase object_relative(const NounPhrase& head, const NounPhrase& subject,
                           const Predicate& predicate);

Pair joined(const Pair& first, const Conjunction& conjunction, const Pair& second);
Pair fronted(const Conjunction& conjunction, const Pair& subordinate, const Pair& main);
// he sings and dances: the first clause, its subject, what more is said of it
Pair also(const Pair& clause, const NounPhrase& subject, const Predicate& second);

Pair sentence(const Pair& clause);              // with its full stop, spelled
Pair asked(const Pair& clause);                 // with its question mark, spelled

}  // namespace babelgrad
