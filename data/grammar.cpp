#include "data/grammar.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "data/rules.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

// A girl 's, children 's, but never girls ': the apostrophe would be a token of its own.
NounGroup as_owner(const NounGroup& group) {
  bool plural_in_s = std::string_view(group.noun.en[1]).back() == 's';
  return {group.noun, plural_in_s ? Number::singular : group.number, group.before, group.after};
}

int length(const Pair& phrase) { return int(phrase.src.size()); }

// I see me, you see you: both languages would use a reflexive, which this grammar lacks.
bool reflexive(Person subject, Person object) {
  const auto first = [](Person p) { return p == Person::i || p == Person::we; };
  if (object == Person::he || object == Person::they) return false;
  return subject == object || (first(subject) && first(object));
}

// Someone who speaks by chance: draws words and rules for a sentence of about the length asked for.
// `room` is how many source tokens a phrase should take at most; `kinds` is what it may name.
class Speaker {
 public:
  Speaker(const Lexicon& words, Random& random) : words_(words), random_(random) {}

  // Of about `room` source tokens, often fewer.
  Pair sentence(int room) {
    if (chance(20)) return asked(questions(room));
    if (room < 8 || !chance(12)) return babelgrad::sentence(statements(room));
    Pair first = clause(std::min(room / 2, 12));
    Pair main = statements(room - 2 - length(first));
    return babelgrad::sentence(fronted(subordinator(), first, main));
  }

 private:
  bool chance(int percent) { return random_.below(100) < percent; }

  template <class Word>
  const Word& pick(const std::vector<Word>& words) {
    return words[random_.below(int(words.size()))];
  }

  // One of the words that are accepted, all equally likely.
  template <class Word, class Accept>
  const Word& pick(const std::vector<Word>& words, Accept accept) {
    std::vector<const Word*> accepted;
    for (const Word& word : words)
      if (accept(word)) accepted.push_back(&word);
    return *accepted[random_.below(int(accepted.size()))];
  }

  // --- what is named: determiners, adjectives, owners, relative clauses

  const Adjective* adjective(unsigned kinds, bool before_noun) {
    return &pick(words_.adjectives, [&](const Adjective& a) {
      return a.before_noun == before_noun && (a.kinds & kinds);
    });
  }

  NounGroup group(unsigned kinds, int room) {
    const Noun& noun = pick(words_.nouns, [&](const Noun& n) { return n.kinds & kinds; });
    Number number = chance(30) ? Number::plural : Number::singular;
    const Adjective* before = room >= 3 && chance(35) ? adjective(noun.kinds, true) : nullptr;
    bool fits = room >= (before ? 4 : 3);
    const Adjective* after = fits && chance(30) ? adjective(noun.kinds, false) : nullptr;
    return {noun, number, before, after};
  }

  // Under negation neither some nor every: il ne voit pas de chien.
  const Determiner& determiner(Number number, bool negated) {
    if (chance(45)) return article;
    if (chance(35)) return negated ? negated_indefinite : indefinite;
    return pick(words_.determiners, [&](const Determiner& d) {
      return *d.en[int(number)] && (!negated || d.tag != std::string_view("agreement"));
    });
  }

  NounPhrase owner(int room) {
    if (room >= 4 && chance(30)) {
      NounPhrase first = owner(std::min(room, 7) - 2);
      return genitive(first, as_owner(group(kind::person, 2)));
    }
    NounGroup owner = as_owner(group(kind::person, room));
    const Determiner& drawn = determiner(owner.number, false);
    bool some = owner.number == Number::plural && std::string_view(drawn.en[1]) == "some";
    return noun_phrase(some ? article : drawn, owner);
  }

  NounPhrase described(unsigned kinds, int room, bool negated) {
    if (room >= 4 && chance(25)) {
      NounPhrase person = owner(room - 2);
      return genitive(person, group(kinds, room - length(person.words)));
    }
    NounGroup drawn = group(kinds, room);
    NounPhrase head = noun_phrase(determiner(drawn.number, negated), drawn);
    room -= length(head.words);
    return room >= 3 && chance(45) ? with_relative(head, drawn.noun.kinds, room) : head;
  }

  NounPhrase with_relative(const NounPhrase& head, unsigned kinds, int room) {
    if (!(kinds & kind::living) || chance(50)) return with_object_relative(head, kinds, room);
    return subject_relative(head, predicate(head, kinds, room - 1, false));
  }

  NounPhrase with_object_relative(const NounPhrase& head, unsigned kinds, int room) {
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

  NounPhrase subject(unsigned kinds, int room) {
    if (room < 2 || (kinds == kind::person && chance(30)))
      return pronoun_phrase(pick(words_.pronouns));
    if (room < 5 || !chance(12)) return described(kinds, room, false);
    NounPhrase first = described(kinds, room / 2, false);
    return both(first, described(kinds, room - 1 - length(first.words), false));
  }

  // --- what is said: predicates, clauses, whole sentences

  Pair somewhere(int room) {
    const Preposition& preposition = pick(words_.prepositions);
    return prepositional(preposition, described(preposition.kinds, room - 1, false));
  }

  void colour(Predicate& predicate, int& room) {
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
  const Pronoun& clitic(const NounPhrase& subject, bool people) {
    return pick(words_.pronouns, [&](const Pronoun& p) {
      return (people || p.person == Person::they) && !reflexive(subject.person, p.person);
    });
  }

  Predicate intransitive(unsigned kinds, int room) {
    auto fits = [&](const Verb& v) { return !v.objects && (v.subjects & kinds); };
    Predicate said = {pick(words_.verbs, fits)};
    colour(said, --room);
    if (room >= 3 && chance(55)) said.adjunct = somewhere(room);
    return said;
  }

  // he sees the dog, he sees it, he goes to the garden
  Predicate doing(const NounPhrase& subject, unsigned kinds, int room) {
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
  Predicate giving(const NounPhrase& subject, int room) {
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

  Predicate thinking(int room) {
    Predicate said = {pick(words_.thinking)};
    said.object = that_clause(clause(room - 2));
    return said;
  }

  Predicate predicate(const NounPhrase& subject, unsigned kinds, int room, bool may_think) {
    bool person = kinds & kind::person;
    if (may_think && person && room >= 5 && chance(12)) return thinking(room);
    if (person && room >= 4 && chance(12)) return giving(subject, room);
    return room < 2 || chance(30) ? intransitive(kinds, room) : doing(subject, kinds, room);
  }

  // the apple is red, the boy that sings is not tired
  Pair be_clause(int room, bool asks) {
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

  Pair clause(int room) {
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
  Pair question_clause(int room) {
    if (chance(20)) return be_clause(room, true);
    unsigned kinds = chance(80) ? kind::person : kind::animal;
    const QuestionWord* asks = room >= 4 && chance(30) ? &pick(words_.question_words) : nullptr;
    NounPhrase who = subject(kinds, 2 + random_.below(std::max(1, room / 2)) - (room < 4));
    room -= length(who.words) + 1 + bool(asks);
    bool where = asks == &words_.question_words[0];
    return question(who, where ? intransitive(kinds, 2) : predicate(who, kinds, room, false), asks);
  }

  // One clause after the other until the room is taken.
  Pair statements(int room) {
    Pair text = clause(std::min(room, 3 + random_.below(15)));
    while (room - length(text) >= 4) {
      const Conjunction& conjunction = pick(words_.conjunctions);
      int left = room - length(text) - 1;
      text = joined(text, conjunction, clause(std::min(left, 3 + random_.below(15))));
    }
    return text;
  }

  // A question, and when there is room a reason or a condition.
  Pair questions(int room) {
    Pair text = question_clause(std::min(room, 3 + random_.below(15)));
    int left = room - length(text) - 1;
    if (left < 3) return text;
    const Conjunction& conjunction = subordinator();
    return joined(text, conjunction, statements(left));
  }

  const Conjunction& subordinator() {
    return pick(words_.conjunctions, [](const Conjunction& c) { return !c.coordinates; });
  }

  const Lexicon& words_;
  Random& random_;
};

struct Band { int low, high; };                 // of lengths

// Short and long sentences in like numbers: each band is drawn as often as any other.
std::vector<Band> bands(const GrammarOptions& options) {
  std::vector<Band> result;
  for (Band b : {Band{3, 6}, {7, 10}, {11, 15}, {16, 20}, {21, 30}, {31, 40}}) {
    b = {std::max(b.low, options.min_length), std::min(b.high, options.max_length)};
    if (b.low <= b.high) result.push_back(b);
  }
  return result;
}

// Do the links of a pair cross: is any word moved?
bool reordered(const Pair& pair) {
  int furthest = -1;                            // target reached from the source words before
  for (std::size_t i = 0; i < pair.gold.size();) {
    int word = pair.gold[i].src, reached = furthest;
    for (; i < pair.gold.size() && pair.gold[i].src == word; i++) {
      if (!pair.gold[i].sure) continue;
      if (pair.gold[i].tgt < furthest) return true;
      reached = std::max(reached, pair.gold[i].tgt);
    }
    furthest = reached;
  }
  return false;
}

void tag_order(Pair& pair) {
  if (!reordered(pair)) return;
  auto place = std::lower_bound(pair.tags.begin(), pair.tags.end(), "reordering");
  pair.tags.insert(place, "reordering");
}

const Noun* find_noun(const std::string& token) {
  for (const Noun& n : lexicon().nouns)
    if (token == n.en[0] || token == n.en[1]) return &n;
  return nullptr;
}

bool is_adjective(const std::string& token) {
  const auto& words = lexicon().adjectives;
  return std::any_of(words.begin(), words.end(), [&](const Adjective& a) { return token == a.en; });
}

}  // namespace

Grammar::Grammar(GrammarOptions options) : options_(options) {
  check(3 <= options.min_length && options.min_length <= options.max_length &&
            options.max_length <= 40,
        "Grammar: lengths ", options.min_length, " to ", options.max_length,
        "; they must increase, from 3 at least to 40 at most");
}

Pair Grammar::sample(Random& random) const {
  Speaker speaker(lexicon(options_.ambiguous), random);
  std::vector<Band> choices = bands(options_);
  auto [low, high] = choices[random.below(int(choices.size()))];
  while (true) {
    Pair pair = speaker.sentence(low - 1 + random.below(high - low + 1));
    int length = int(pair.src.size());
    if (length < low || length > high) continue;
    tag_order(pair);
    return pair;
  }
}

std::vector<Pair> make_corpus(int count, std::uint64_t seed, const GrammarOptions& options) {
  check(count >= 0, "make_corpus: count is ", count, "; it cannot be negative");
  Grammar grammar(options);
  Random random(seed);
  std::vector<Pair> corpus;
  std::unordered_set<std::string> seen;
  for (int in_vain = 0; int(corpus.size()) < count;) {
    Pair pair = grammar.sample(random);
    std::string source;
    for (const std::string& token : pair.src) source += token + ' ';
    in_vain = seen.insert(source).second ? 0 : in_vain + 1;
    check(in_vain < 10000, "make_corpus: asked for ", count, " distinct sentences of ",
          options.min_length, " to ", options.max_length, " tokens, found only ", corpus.size());
    if (in_vain == 0) corpus.push_back(std::move(pair));
  }
  return corpus;
}

std::vector<std::string> phenomena() {
  return {"adjective-order", "adverb", "agreement", "clitic", "contraction", "coordination",
          "demonstrative", "elision", "euphony", "genitive", "long-agreement", "negation",
          "partitive", "possessive", "preposition", "question", "relative", "reordering",
          "subordinate"};
}

std::uint64_t hash_of(const Tokens& src) {
  std::uint64_t h = 0xCBF29CE484222325u;
  auto add = [&](unsigned char byte) { h = (h ^ byte) * 0x100000001B3u; };
  for (const std::string& token : src) {
    for (char c : token) add(static_cast<unsigned char>(c));
    add(0);
  }
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9u;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EBu;
  return h ^ (h >> 31);
}

Split split_of(const Tokens& src) {
  std::uint64_t twentieth = hash_of(src) % 20;
  return twentieth == 0 ? Split::test : twentieth == 1 ? Split::validation : Split::train;
}

bool unseen_combination(const Pair& pair) {
  for (int i = 0; i < int(pair.src.size()); i++) {
    const Noun* noun = find_noun(pair.src[i]);
    for (int j = i - 1; noun && j >= 0 && is_adjective(pair.src[j]); j--)
      if (hash_of({pair.src[j], noun->en[0]}) % 25 == 0) return true;
  }
  return false;
}

// Between the 's of nested genitives stand adjectives and a noun, never a determiner.
int genitive_depth(const Pair& pair) {
  int depth = 0, deepest = 0;
  bool named = false;                           // only adjectives and nouns since the last 's
  for (const std::string& token : pair.src) {
    bool genitive = token == "'s";
    if (genitive) depth = named ? depth + 1 : 1;
    named = genitive || (named && (is_adjective(token) || find_noun(token)));
    deepest = std::max(deepest, depth);
  }
  return deepest;
}

}  // namespace babelgrad
