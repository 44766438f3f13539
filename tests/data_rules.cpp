#include <doctest/doctest.h>

#include <algorithm>

#include "data/alignment.h"
#include "data/grammar.h"
#include "data/rules.h"
#include "data/text.h"
#include "tensor/check.h"

using namespace babelgrad;

namespace {

std::string both_sides(const Pair& pair) { return join(pair.src) + " = " + join(pair.tgt); }

std::string said(const Pair& clause) { return both_sides(sentence(clause)); }

NounPhrase some_noun(const char* det, const char* en, const char* before = "",
                     const char* after = "", Number number = Number::singular) {
  return noun_phrase(determiner(det), {noun(en), number, *before ? &adjective(before) : nullptr,
                                       *after ? &adjective(after) : nullptr});
}

NounPhrase they(const char* en) { return pronoun_phrase(pronoun(en)); }

Pair spelled(const NounPhrase& phrase) { return spell(phrase.words); }

constexpr Number plural = Number::plural;

bool has(const Tokens& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

TEST_CASE("noun_phrase: articles, adjectives and determiners agree and elide") {
  CHECK(both_sides(spelled(some_noun("the", "bird"))) == "the bird = l' oiseau");
  CHECK(both_sides(spelled(some_noun("a", "bird", "old"))) == "an old bird = un vieil oiseau");
  CHECK(both_sides(spelled(some_noun("a", "school", "new", "white"))) ==
        "a new white school = une nouvelle école blanche");
  CHECK(both_sides(spelled(some_noun("this", "friend"))) == "this friend = cet ami");
  CHECK(both_sides(spelled(some_noun("this", "friend", "beautiful"))) ==
        "this beautiful friend = ce bel ami");
  CHECK(both_sides(spelled(some_noun("her", "star"))) == "her star = son étoile");
  CHECK(both_sides(spelled(some_noun("his", "star", "beautiful"))) ==
        "his beautiful star = sa belle étoile");
  CHECK(both_sides(spelled(some_noun("a", "apple", "", "red", plural))) ==
        "some red apples = des pommes rouges");
  CHECK(both_sides(spelled(some_noun("a", "apple", "beautiful", "", plural))) ==
        "some beautiful apples = de belles pommes");
  CHECK(both_sides(spelled(some_noun("many", "egg", "", "", plural))) ==
        "many eggs = beaucoup d' œufs");
}

TEST_CASE("genitive: the owner goes last, with du, des, de l' and d'") {
  NounGroup old_horse = {noun("horse"), Number::singular, &adjective("old")};
  NounPhrase horse = genitive(some_noun("the", "king"), old_horse);
  CHECK(both_sides(spelled(horse)) == "the king 's old horse = le vieux cheval du roi");
  CHECK(pharaoh(spelled(horse).gold) == "0-3 1-4 2?0 2-3 3-1 4-2");
  NounPhrase cat = genitive(some_noun("the", "child", "", "", plural), {noun("cat")});
  CHECK(both_sides(spelled(cat)) == "the children 's cat = le chat des enfants");
  NounPhrase house = genitive(genitive(some_noun("a", "queen"), {noun("friend")}), {noun("house")});
  CHECK(both_sides(spelled(house)) ==
        "a queen 's friend 's house = la maison de l' ami d' une reine");
  CHECK(genitive_depth(house.words) == 2);
  CHECK(genitive_depth(horse.words) == 1);
  CHECK(genitive_depth(some_noun("the", "king").words) == 0);
}

TEST_CASE("place: près de, du, des and d'") {
  auto near = [](const NounPhrase& n) {
    return both_sides(spell(prepositional(preposition("near"), n)));
  };
  CHECK(near(some_noun("the", "castle")) == "near the castle = près du château");
  CHECK(near(some_noun("the", "hospital")) == "near the hospital = près de l' hôpital");
  CHECK(near(some_noun("a", "tree", "", "", plural)) == "near some trees = près d' arbres");
  CHECK(near(some_noun("a", "tree", "big", "", plural)) ==
        "near some big trees = près de grands arbres");
}

TEST_CASE("statement: negation surrounds the verb and its clitic") {
  Predicate sees = {verb("see")};
  sees.polarity = Polarity::negative;
  sees.clitic = clitic_of(verb("see"), pronoun("she"));
  CHECK(said(statement(they("i"), sees)) == "i do not see her . = je ne la vois pas .");
  CHECK(pharaoh(sentence(statement(they("i"), sees)).gold) == "0-0 1?1 2?1 2-4 3-3 4-2 5-5");
  Predicate likes = {verb("like"), Polarity::never};
  likes.object = object_of(verb("like"), noun_phrase(negated_indefinite, {noun("egg"), plural}));
  CHECK(said(statement(they("she"), likes)) ==
        "she never likes any eggs . = elle n' aime jamais d' œufs .");
  Predicate listens = {verb("listen to"), Polarity::affirmative, &adverb("often")};
  listens.clitic = clitic_of(verb("listen to"), pronoun("i"));
  CHECK(said(statement(some_noun("the", "woman", "", "", plural), listens)) ==
        "the women often listen to me . = les femmes m' écoutent souvent .");
}

TEST_CASE("statement: to and à, as a noun phrase and as a clitic") {
  Predicate talks = {verb("talk")}, answers = {verb("answer")}, gives = {lexicon().giving[0]};
  talks.clitic = clitic_of(verb("talk"), pronoun("they"));
  CHECK(said(statement(they("he"), talks)) == "he talks to them . = il leur parle .");
  answers.object = object_of(verb("answer"), some_noun("the", "king"));
  CHECK(said(statement(they("we"), answers)) == "we answer the king . = nous répondons au roi .");
  gives.object = gift(some_noun("the", "key"), some_noun("the", "boy", "", "", plural));
  CHECK(said(statement(they("you"), gives)) ==
        "you give the key to the boys . = vous donnez la clé aux garçons .");
}

TEST_CASE("question: est-ce que, with do and with be") {
  Predicate sings = {verb("sing")}, tired = {be, Polarity::negative};
  tired.attribute = &adjective("tired");
  CHECK(both_sides(asked(question(they("they"), sings))) ==
        "do they sing ? = est-ce qu' ils chantent ?");
  CHECK(pharaoh(asked(question(they("they"), sings)).gold) == "0?0 0?1 1-2 2-3 3-4");
  CHECK(both_sides(asked(question(some_noun("the", "boy"), sings, &lexicon().question_words[0]))) ==
        "where does the boy sing ? = où est-ce que le garçon chante ?");
  CHECK(both_sides(asked(question(they("she"), tired))) ==
        "is she not tired ? = est-ce qu' elle n' est pas fatiguée ?");
  NounPhrase pair = both(some_noun("the", "queen"), some_noun("the", "girl"));
  Predicate happy = {be};
  happy.attribute = &adjective("happy");
  CHECK(said(statement(pair, happy)) ==
        "the queen and the girl are happy . = la reine et la fille sont heureuses .");
}

TEST_CASE("relative and subordinate clauses: qui, que, qu', s', parce qu'") {
  Predicate sleeps = {verb("sleep")}, sees = {verb("see")};
  NounPhrase girls = subject_relative(some_noun("the", "girl", "", "", plural), sleeps);
  Pair dream = sentence(statement(girls, sleeps));
  CHECK(both_sides(dream) == "the girls that sleep sleep . = les filles qui dorment dorment .");
  CHECK(has(dream.tags, "long-agreement"));
  NounPhrase dog = object_relative(some_noun("the", "dog"), they("he"), sees);
  CHECK(both_sides(spelled(dog)) == "the dog that he sees = le chien qu' il voit");
  Pair he = statement(they("he"), sleeps), she = statement(they("she"), sleeps);
  CHECK(said(joined(she, conjunction("if"), he)) ==
        "she sleeps if he sleeps . = elle dort s' il dort .");
  CHECK(said(fronted(conjunction("if"), she, he)) ==
        "if she sleeps , he sleeps . = si elle dort , il dort .");
  CHECK(said(joined(he, conjunction("because"), she)) ==
        "he sleeps because she sleeps . = il dort parce qu' elle dort .");
  Predicate thinks = {lexicon().thinking[0]};
  thinks.object = that_clause(he);
  CHECK(said(statement(they("i"), thinks)) == "i think that he sleeps . = je pense qu' il dort .");
}

TEST_CASE("rule: a French side that names what the English lacks is refused") {
  CHECK_THROWS_WITH(rule("a b", "x=c", {}), "rule: the English side has no item \"c\"");
  CHECK_THROWS_WITH(noun("unicorn"), "lexicon: there is no noun \"unicorn\"");
}
