// The words of the built-in corpus, with what a rule must know of each: its forms, its gender, and
// what it goes with, so that no window is tired. Every French h here is mute: le elides before it.
#pragma once

#include <string_view>
#include <vector>

namespace babelgrad {

enum class Gender { masculine, feminine };
enum class Number { singular, plural };
enum class Person { i, he, we, you, they };     // he: also she and any singular noun

namespace kind {                                // what a noun is, what a verb or adjective takes
constexpr unsigned person = 1, animal = 2, place = 4, surface = 8, tree = 16, food = 32,
                   object = 64, reading = 128, opening = 256, vehicle = 512, star = 1024;
constexpr unsigned living = person | animal, all = 2047;
constexpr unsigned thing = surface | object | reading | opening | vehicle;
}  // namespace kind

struct Noun {
  const char *en[2], *fr[2];                    // singular, plural
  Gender gender;
  unsigned kinds;
};

struct Adjective {
  const char* en;
  const char* fr[2][2];                         // [gender][number]
  const char* before_vowel;                     // masculine singular: un bel oiseau
  bool before_noun;                             // un grand chien, but un chien noir
  unsigned kinds;                               // what it may describe
};

struct Determiner {
  const char* en[2];                            // singular, plural; empty: has no such form
  const char* fr[2][2];                         // [gender][number]
  const char* before_vowel[2];                  // singular, by gender: mon étoile, cet ami
  const char* tag = "agreement";                // the phenomenon it shows
};

struct Pronoun {
  const char *en, *fr;                          // as a subject
  const char *object, *direct, *indirect;       // him: il le voit, il lui parle
  Person person;
  Gender gender;
};

struct Verb {
  const char* en[2];                            // base form, third person singular
  const char* fr[5];                            // by Person
  unsigned subjects, objects;                   // objects 0: takes none
  const char *en_preposition = "", *fr_preposition = "";    // of objects: talk to, parler à
};

struct Preposition { const char *en, *fr; unsigned kinds; };
struct Adverb { const char *en, *fr; bool negatable; };    // not often, but never "not rarely"
struct Conjunction { const char *en, *fr; bool coordinates; };
struct QuestionWord { const char *en, *fr; };

struct Lexicon {
  std::vector<Noun> nouns;
  std::vector<Adjective> adjectives;
  std::vector<Determiner> determiners;
  std::vector<Pronoun> pronouns;
  std::vector<Verb> verbs, giving, thinking;    // see; give a book to a boy; think that ...
  std::vector<Preposition> prepositions;
  std::vector<Adverb> adverbs;
  std::vector<Conjunction> conjunctions;
  std::vector<QuestionWord> question_words;
};

// The one lexicon, or the one where some English words have two translations.
const Lexicon& lexicon(bool ambiguous = false);

extern const Verb be;                           // takes an adjective where others take an object
extern const Determiner article, indefinite;    // the, a
extern const Determiner negated_indefinite;     // il ne voit pas de chien

// The word with this English (base or singular) form. Error if there is none.
const Noun& noun(std::string_view en);
const Adjective& adjective(std::string_view en);
const Determiner& determiner(std::string_view en);
const Pronoun& pronoun(std::string_view en);
const Verb& verb(std::string_view en);
const Preposition& preposition(std::string_view en);
const Adverb& adverb(std::string_view en);
const Conjunction& conjunction(std::string_view en);

}  // namespace babelgrad
