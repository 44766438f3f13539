#include "data/rules.h"

#include <algorithm>
#include <array>
#include <utility>

#include "data/text.h"
#include "tensor/check.h"

namespace babelgrad {

// --- both sides of a rule

namespace {

std::string_view next_item(std::string_view& text) {
  std::size_t end = std::min(text.find(' '), text.size());
  std::string_view item = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return item;
}

bool is_part(std::string_view item) { return item.size() == 1 && item[0] >= 'A' && item[0] <= 'Z'; }

struct Span { std::string_view item; int begin, end; };    // the English words of an item

class Rewriting {                               // one application of one rule
 public:
  explicit Rewriting(std::initializer_list<Slot> parts) : parts_(parts) {}

  void write_english(std::string_view side) {
    while (!side.empty()) {
      std::string_view item = next_item(side);
      int begin = int(result_.src.size());
      if (!is_part(item)) result_.src.emplace_back(item);
      else if (const Pair* part = find(item)) append(result_.src, part->src);
      check(count_ < int(spans_.size()), "rule: more than ", spans_.size(), " items: ", side);
      spans_[count_++] = {item, begin, int(result_.src.size())};
    }
  }

  void write_french(std::string_view side) {
    while (!side.empty()) {
      std::string_view links = next_item(side);
      std::size_t end = std::min(links.find_first_of("=?", 1), links.size());
      int begin = int(result_.tgt.size());
      write_french_item(links.substr(0, end));
      for (links.remove_prefix(end); !links.empty(); links.remove_prefix(end)) {
        end = std::min(links.find_first_of("=?", 2), links.size());
        link(span(links.substr(1, end - 1)), begin, links[0] == '=');
      }
    }
  }

  Pair result() {
    for (const Slot& part : parts_) append(result_.tags, part.phrase.tags);
    return std::move(result_);
  }

 private:
  void write_french_item(std::string_view item) {
    if (!is_part(item)) { result_.tgt.emplace_back(item); return; }
    const Pair* part = find(item);
    if (!part) return;
    int source = span(item).begin, target = int(result_.tgt.size());
    append(result_.tgt, part->tgt);
    for (const Link& l : part->gold)
      result_.gold.push_back({l.src + source, l.tgt + target, l.sure});
  }

  void link(const Span& english, int french_begin, bool sure) {
    for (int j = french_begin; j < int(result_.tgt.size()); j++)
      for (int i = english.begin; i < english.end; i++) result_.gold.push_back({i, j, sure});
  }

  const Pair* find(std::string_view name) const {
    for (const Slot& part : parts_)
      if (part.name == name[0]) return &part.phrase;
    return nullptr;
  }

  const Span& span(std::string_view item) const {
    for (int k = 0; k < count_; k++)
      if (spans_[k].item == item) return spans_[k];
    fail("rule: the English side has no item \"", item, "\"");
  }

  static void append(Tokens& words, const Tokens& more) {
    words.insert(words.end(), more.begin(), more.end());
  }

  std::initializer_list<Slot> parts_;
  std::array<Span, 12> spans_;
  int count_ = 0;
  Pair result_;
};

}  // namespace

Pair word(std::string_view english, std::string_view french, const char* tag) {
  Pair phrase{split_at_spaces(english), split_at_spaces(french)};
  for (int i = 0; i < int(phrase.src.size()); i++)
    for (int j = 0; j < int(phrase.tgt.size()); j++) phrase.gold.push_back({i, j});
  if (*tag) phrase.tags.push_back(tag);
  return phrase;
}

Pair rule(std::string_view english, std::string_view french, std::initializer_list<Slot> parts,
          const char* tag) {
  Rewriting rewriting(parts);
  rewriting.write_english(english);
  rewriting.write_french(french);
  Pair phrase = rewriting.result();
  if (*tag) phrase.tags.push_back(tag);
  return phrase;
}

// --- whatever names something: agreement, the place of adjectives, possession

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

Pair first_adjective(const NounGroup& group) {
  if (!group.before) return {};
  std::string french = before_noun(*group.before, group);
  return word(group.before->en, french, french == agreeing(*group.before, group) ? "" : "euphony");
}

Pair second_adjective(const NounGroup& group) {
  if (!group.after) return {};
  return word(group.after->en, agreeing(*group.after, group), "adjective-order");
}

// A rule of a noun N with its adjectives, B before it and A behind, and of one part more.
NounPhrase named(const char* english, const std::string& french, const Slot& part,
                 const NounGroup& group, const char* tag) {
  const int number = int(group.number);
  Pair words = rule(english, french,
                    {part, {'B', first_adjective(group)}, {'A', second_adjective(group)},
                     {'N', word(group.noun.en[number], group.noun.fr[number])}}, tag);
  const bool plural = group.number == Number::plural;
  return {std::move(words), plural ? Person::they : Person::he, group.noun.gender};
}

NounPhrase relative(const NounPhrase& head, const char* french, const Pair& clause) {
  Pair words = rule("H that C", french, {{'H', head.words}, {'C', clause}}, "relative");
  return {std::move(words), head.person, head.gender, true};
}

}  // namespace

NounPhrase pronoun_phrase(const Pronoun& pronoun) {
  return {word(pronoun.en, pronoun.fr), pronoun.person, pronoun.gender};
}

// the small red apples -> les petites pommes rouges
NounPhrase noun_phrase(const Determiner& determiner, const NounGroup& group) {
  return named("D B A N", "D B N A", {'D', determiner_word(determiner, group)}, group, "agreement");
}

// the king 's old horse -> le vieux cheval du roi
NounPhrase genitive(const NounPhrase& owner, const NounGroup& owned) {
  std::string french = french_determiner(article, owned) + "?'s B N A de='s O";
  return named("O 's B A N", french, {'O', owner.words}, owned, "genitive");
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
  return relative(head, "H qui=that C", statement({{}, head.person, head.gender}, predicate));
}

// the boy that the queen sees -> le garçon que la reine voit
NounPhrase object_relative(const NounPhrase& head, const NounPhrase& subject,
                           const Predicate& predicate) {
  return relative(head, "H que=that C", statement(subject, predicate));
}

// near the castle -> près du château
Pair prepositional(const Preposition& preposition, const NounPhrase& where) {
  Pair near = word(preposition.en, preposition.fr, "preposition");
  return rule("P N", "P N", {{'P', near}, {'N', where.words}});
}

// --- whatever says something: negation, clitics, questions, adverbs, clauses in clauses

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

// --- where two words meet: an apple; l'oiseau, s'il, n'aime; du, aux; de for de + des

namespace {

template <std::size_t size>
bool among(std::string_view word, const std::string_view (&words)[size]) {
  return std::find(words, words + size, word) != words + size;
}

bool starts_with_vowel(std::string_view word) {  // é, œ and the like are vowels; h is not
  constexpr std::string_view accented[] = {"é", "è", "ê", "â", "î", "ô", "œ"};
  if (word.empty()) return false;
  if (among(word.substr(0, 1), {"a", "e", "i", "o", "u"})) return true;
  return among(word.substr(0, 2), accented);
}

void a_to_an(Tokens& english) {
  for (std::size_t i = 0; i + 1 < english.size(); i++)
    if (english[i] == "a" && starts_with_vowel(english[i + 1])) english[i] = "an";
}

bool elides_here(std::string_view word, std::string_view next) {
  if (word == "si") return next == "il" || next == "ils";
  return among(word, {"le", "la", "je", "me", "ne", "de", "que"}) && elides_before(next);
}

// What two neighbours fuse to; empty when they do not. près de + des arbres is près d'arbres.
std::string_view fusion(std::string_view a, std::string_view b) {
  if (a != "de" && a != "à") return "";
  if (b == "le") return a == "de" ? "du" : "au";
  if (b == "les") return a == "de" ? "des" : "aux";
  return a == "de" && among(b, {"des", "de"}) ? "de" : "";
}

// The next word takes the place of this one, which keeps its links.
void fuse(Pair& sentence, int at, std::string_view fused) {
  sentence.tgt[at] = fused;
  sentence.tgt.erase(sentence.tgt.begin() + at + 1);
  for (Link& l : sentence.gold)
    if (l.tgt > at) l.tgt--;
  sentence.tags.push_back("contraction");
}

void contract(Pair& sentence) {
  Tokens& words = sentence.tgt;
  for (int i = 0; i + 1 < int(words.size()); i++) {
    bool elided = i + 2 < int(words.size()) && elides_here(words[i + 1], words[i + 2]);
    std::string_view fused = fusion(words[i], words[i + 1]);
    if (!fused.empty() && !(elided && words[i + 1] == "le")) fuse(sentence, i, fused);
  }
}

void elide(Pair& sentence) {
  Tokens& words = sentence.tgt;
  for (std::size_t i = 0; i + 1 < words.size(); i++) {
    if (!elides_here(words[i], words[i + 1])) continue;
    words[i].back() = '\'';
    sentence.tags.push_back("elision");
  }
}

// Sorted by place, each once; a link that is sure in one way and possible in another is sure.
void tidy(std::vector<Link>& links) {
  auto same_place = [](const Link& a, const Link& b) { return a.src == b.src && a.tgt == b.tgt; };
  std::sort(links.begin(), links.end(), [](const Link& a, const Link& b) {
    return Link{a.src, a.tgt, !a.sure} < Link{b.src, b.tgt, !b.sure};    // the sure one first
  });
  links.erase(std::unique(links.begin(), links.end(), same_place), links.end());
}

}  // namespace

bool elides_before(std::string_view french) {
  return starts_with_vowel(french) || french.substr(0, 1) == "h";
}

Pair spell(Pair sentence) {
  a_to_an(sentence.src);
  contract(sentence);
  elide(sentence);
  tidy(sentence.gold);
  sort_once(sentence.tags);
  return sentence;
}

}  // namespace babelgrad
