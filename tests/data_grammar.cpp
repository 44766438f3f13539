#include "data/grammar.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "data/alignment.h"
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

std::string spelled(const NounPhrase& phrase) { return both_sides(spell(phrase.words)); }

constexpr Number plural = Number::plural;

bool has(const Tokens& words, const std::string& word) {
  return std::ranges::find(words, word) != words.end();
}

// 50,000 pairs of every length, drawn once for all tests.
const std::vector<Pair>& corpus() {
  static const std::vector<Pair> pairs = make_corpus(50000, 7);
  return pairs;
}

}  // namespace

TEST_CASE("noun_phrase: articles, adjectives and determiners agree and elide") {
  CHECK(spelled(some_noun("the", "bird")) == "the bird = l' oiseau");
  CHECK(spelled(some_noun("a", "bird", "old")) == "an old bird = un vieil oiseau");
  CHECK(spelled(some_noun("a", "school", "new", "white")) ==
        "a new white school = une nouvelle école blanche");
  CHECK(spelled(some_noun("this", "friend")) == "this friend = cet ami");
  CHECK(spelled(some_noun("this", "friend", "beautiful")) == "this beautiful friend = ce bel ami");
  CHECK(spelled(some_noun("her", "star")) == "her star = son étoile");
  CHECK(spelled(some_noun("his", "star", "beautiful")) == "his beautiful star = sa belle étoile");
  CHECK(spelled(some_noun("a", "apple", "", "red", plural)) ==
        "some red apples = des pommes rouges");
  CHECK(spelled(some_noun("a", "apple", "beautiful", "", plural)) ==
        "some beautiful apples = de belles pommes");
  CHECK(spelled(some_noun("many", "egg", "", "", plural)) == "many eggs = beaucoup d' œufs");
}

TEST_CASE("genitive: the owner goes last, with du, des, de l' and d'") {
  NounGroup old_horse = {noun("horse"), Number::singular, &adjective("old")};
  NounPhrase horse = genitive(some_noun("the", "king"), old_horse);
  CHECK(spelled(horse) == "the king 's old horse = le vieux cheval du roi");
  CHECK(pharaoh(spell(horse.words).gold) == "0-3 1-4 2?0 2-3 3-1 4-2");
  NounPhrase cat = genitive(some_noun("the", "child", "", "", plural), {noun("cat")});
  CHECK(spelled(cat) == "the children 's cat = le chat des enfants");
  NounPhrase house = genitive(genitive(some_noun("a", "queen"), {noun("friend")}), {noun("house")});
  CHECK(spelled(house) == "a queen 's friend 's house = la maison de l' ami d' une reine");
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
  CHECK(spelled(dog) == "the dog that he sees = le chien qu' il voit");
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

TEST_CASE("make_corpus: the same bytes for the same seed, on every machine") {
  std::string all;
  for (const Pair& p : make_corpus(1000, 1))
    all += both_sides(p) + " " + pharaoh(p.gold) + join(p.tags);
  CHECK(hash_of({all}) == 520507663874669020u);
  CHECK(make_corpus(3, 1)[2].src != make_corpus(3, 2)[2].src);
}

TEST_CASE("make_corpus: the target is a function of the source") {
  std::map<std::string, std::string> target;
  Grammar any, brief({3, 7, false});
  Random random(11);
  for (int i = 0; i < 100000; i++) {
    Pair pair = (i % 2 ? any : brief).sample(random);
    auto [known, first] = target.emplace(join(pair.src), join(pair.tgt));
    if (known->second != join(pair.tgt)) FAIL_CHECK(join(pair.src));
  }
  CHECK(target.size() < 90000);                 // so that repeats did occur
}

TEST_CASE("make_corpus: an ambiguous grammar gives one source several targets") {
  std::map<std::string, std::set<std::string>> targets;
  Grammar grammar({3, 4, true});
  Random random(1);
  for (int i = 0; i < 3000; i++) {
    Pair pair = grammar.sample(random);
    targets[join(pair.src)].insert(join(pair.tgt));
  }
  CHECK(targets["they sing ."] == std::set<std::string>{"elles chantent .", "ils chantent ."});
}

TEST_CASE("make_corpus: sources are distinct, lengths within bounds, short and long") {
  std::set<Tokens> sources;
  std::map<int, int> by_tens;
  for (const Pair& p : corpus()) {
    sources.insert(p.src);
    by_tens[int(p.src.size()) / 10]++;
    if (p.src.size() < 3 || p.src.size() > 40) FAIL_CHECK(join(p.src));
  }
  CHECK(sources.size() == corpus().size());
  for (int tens : {0, 1, 2, 3}) CHECK(by_tens[tens] > 7000);
  for (const Pair& p : make_corpus(500, 1, {9, 9})) CHECK(p.src.size() == 9);
  CHECK_THROWS_AS(make_corpus(1, 1, {2, 9}), Error);
  CHECK_THROWS_AS(make_corpus(1, 1, {9, 8}), Error);
  CHECK_THROWS_AS(make_corpus(1, 1, {3, 41}), Error);
  CHECK_THROWS_AS(make_corpus(-1, 1), Error);
  CHECK_THROWS_WITH(
      make_corpus(1000, 1, {3, 3}),
      "make_corpus: asked for 1000 distinct sentences of 3 to 3 tokens, found only 36");
}

TEST_CASE("make_corpus: links are in range, sorted, each once") {
  for (const Pair& p : corpus()) {
    for (const Link& l : p.gold)
      if (l.src < 0 || l.src >= int(p.src.size()) || l.tgt < 0 || l.tgt >= int(p.tgt.size()))
        FAIL_CHECK(both_sides(p));
    if (parse_pharaoh(pharaoh(p.gold), int(p.src.size()), int(p.tgt.size())) != p.gold)
      FAIL_CHECK(both_sides(p));
  }
}

TEST_CASE("make_corpus: every phenomenon occurs, and no tag is unknown") {
  std::vector<std::string> tags = phenomena();
  std::map<std::string, int> count;
  for (const Pair& p : corpus())
    for (const std::string& tag : p.tags) count[tag]++;
  CHECK(count.size() == tags.size());
  for (const std::string& tag : tags) CHECK_MESSAGE(count[tag] > 1000, tag);
  CHECK(std::is_sorted(tags.begin(), tags.end()));
}

TEST_CASE("make_corpus: the lexicon's every word occurs") {
  std::set<std::string> seen;
  for (const Pair& p : corpus()) {
    seen.insert(p.src.begin(), p.src.end());
    seen.insert(p.tgt.begin(), p.tgt.end());
  }
  for (const Noun& n : lexicon().nouns)
    for (const char* w : {n.en[0], n.en[1], n.fr[0], n.fr[1]}) CHECK_MESSAGE(seen.count(w), w);
  for (const Verb& v : lexicon().verbs)
    for (const char* form : v.fr) CHECK_MESSAGE(seen.count(form), form);
}

TEST_CASE("make_corpus: no vowel clash, no missed contraction, no elision before a consonant") {
  const Tokens clash = {"le", "la", "je", "me", "ne", "de", "que", "ma", "sa", "ce", "du", "au"};
  const Tokens soft = {"cet", "bel", "vieil", "nouvel"}, hard = {"beau", "nouveau", "vieux"};
  const Tokens nouns = {"ami", "arbre", "enfant", "homme", "hôpital", "oiseau", "étudiant", "œuf"};
  for (const Pair& p : corpus())
    for (std::size_t i = 0; i + 1 < p.tgt.size(); i++) {
      const std::string &a = p.tgt[i], &b = p.tgt[i + 1];
      bool vowel = elides_before(b), le = b == "le" || b == "les", il = b == "il" || b == "ils";
      bool bad = (vowel && has(clash, a)) || (!vowel && (a.back() == '\'' || has(soft, a))) ||
                 ((a == "de" || a == "à") && le) || (a == "de" && b == "des") ||
                 (has(hard, a) && has(nouns, b)) || (a == "si" && il) || (a == "s'" && !il);
      if (bad) FAIL_CHECK(a << " " << b << " in " << join(p.tgt));
    }
}

TEST_CASE("make_corpus: no 's after a plural in s") {
  std::set<std::string> plurals;
  for (const Noun& n : lexicon().nouns)
    if (std::string(n.en[1]).back() == 's') plurals.insert(n.en[1]);
  for (const Pair& p : corpus())
    for (std::size_t i = 1; i < p.src.size(); i++)
      if (p.src[i] == "'s" && plurals.count(p.src[i - 1])) FAIL_CHECK(join(p.src));
}

TEST_CASE("make_corpus: every sentence ends in . or ?, and every ne has its pas or jamais") {
  for (const Pair& p : corpus()) {
    auto count = [&](const char* w) { return std::count(p.tgt.begin(), p.tgt.end(), w); };
    bool asks = has(p.tags, "question"), negated = count("ne") + count("n'") > 0;
    if (p.src.back() != (asks ? "?" : ".") || p.tgt.back() != p.src.back()) FAIL_CHECK(join(p.src));
    if (count("ne") + count("n'") != count("pas") + count("jamais")) FAIL_CHECK(join(p.tgt));
    if (has(p.tags, "negation") != negated) FAIL_CHECK(join(p.tgt));
  }
}

TEST_CASE("(D8) split_of: about 90, 5 and 5 per cent, by the source alone") {
  std::map<Split, int> count;
  for (const Pair& p : corpus()) count[split_of(p.src)]++;
  CHECK(std::abs(count[Split::train] - 45000) < 400);
  CHECK(std::abs(count[Split::validation] - 2500) < 250);
  CHECK(std::abs(count[Split::test] - 2500) < 250);
  CHECK(hash_of({"ab", "c"}) != hash_of({"a", "bc"}));
  CHECK(hash_of({"he", "sings", "."}) == 8982306567171422940u);
}

TEST_CASE("unseen_combination: some combinations, all their sentences and both numbers") {
  std::map<bool, std::set<std::string>> combinations;
  for (const Adjective& a : lexicon().adjectives)
    for (const Noun& n : lexicon().nouns) {
      Pair one = {{"the", a.en, n.en[0]}, {}}, more = {{"the", a.en, "red", n.en[1]}, {}};
      combinations[unseen_combination(one)].insert(join(a.en, " ", n.en[0]));
      if (unseen_combination(one)) CHECK(unseen_combination(more));
    }
  CHECK(combinations[true].size() > 10);
  CHECK(combinations[true].size() < 40);
  CHECK_FALSE(unseen_combination({{"he", "sings", "."}, {}}));
}
