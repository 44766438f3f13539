#include "data/lexicon.h"

#include <cstddef>

#include "tensor/check.h"

namespace babelgrad {
namespace {
namespace words {                               // where the kinds need no longer names

using namespace kind;
constexpr Gender m = Gender::masculine, f = Gender::feminine;

constexpr Noun all_nouns[] = {
    {{"king", "kings"}, {"roi", "rois"}, m, person},
    {{"queen", "queens"}, {"reine", "reines"}, f, person},
    {{"boy", "boys"}, {"garçon", "garçons"}, m, person},
    {{"girl", "girls"}, {"fille", "filles"}, f, person},
    {{"man", "men"}, {"homme", "hommes"}, m, person},
    {{"woman", "women"}, {"femme", "femmes"}, f, person},
    {{"child", "children"}, {"enfant", "enfants"}, m, person},
    {{"friend", "friends"}, {"ami", "amis"}, m, person},
    {{"student", "students"}, {"étudiant", "étudiants"}, m, person},
    {{"actress", "actresses"}, {"actrice", "actrices"}, f, person},
    {{"cat", "cats"}, {"chat", "chats"}, m, animal},
    {{"dog", "dogs"}, {"chien", "chiens"}, m, animal},
    {{"horse", "horses"}, {"cheval", "chevaux"}, m, animal},
    {{"bird", "birds"}, {"oiseau", "oiseaux"}, m, animal},
    {{"cow", "cows"}, {"vache", "vaches"}, f, animal},
    {{"mouse", "mice"}, {"souris", "souris"}, f, animal},
    {{"house", "houses"}, {"maison", "maisons"}, f, place},
    {{"garden", "gardens"}, {"jardin", "jardins"}, m, place},
    {{"school", "schools"}, {"école", "écoles"}, f, place},
    {{"castle", "castles"}, {"château", "châteaux"}, m, place},
    {{"forest", "forests"}, {"forêt", "forêts"}, f, place},
    {{"hospital", "hospitals"}, {"hôpital", "hôpitaux"}, m, place},
    {{"table", "tables"}, {"table", "tables"}, f, surface},
    {{"bridge", "bridges"}, {"pont", "ponts"}, m, surface},
    {{"tree", "trees"}, {"arbre", "arbres"}, m, tree},
    {{"apple", "apples"}, {"pomme", "pommes"}, f, food},
    {{"orange", "oranges"}, {"orange", "oranges"}, f, food},
    {{"egg", "eggs"}, {"œuf", "œufs"}, m, food},
    {{"book", "books"}, {"livre", "livres"}, m, reading},
    {{"letter", "letters"}, {"lettre", "lettres"}, f, reading},
    {{"key", "keys"}, {"clé", "clés"}, f, object},
    {{"flower", "flowers"}, {"fleur", "fleurs"}, f, object},
    {{"umbrella", "umbrellas"}, {"parapluie", "parapluies"}, m, object},
    {{"door", "doors"}, {"porte", "portes"}, f, opening},
    {{"window", "windows"}, {"fenêtre", "fenêtres"}, f, opening},
    {{"car", "cars"}, {"voiture", "voitures"}, f, vehicle},
    {{"star", "stars"}, {"étoile", "étoiles"}, f, star},
};

constexpr Adjective all_adjectives[] = {
    {"big", {{"grand", "grands"}, {"grande", "grandes"}}, "grand", true, all & ~food},
    {"small", {{"petit", "petits"}, {"petite", "petites"}}, "petit", true, all},
    {"young", {{"jeune", "jeunes"}, {"jeune", "jeunes"}}, "jeune", true, living},
    {"old", {{"vieux", "vieux"}, {"vieille", "vieilles"}}, "vieil", true, all & ~food},
    {"beautiful", {{"beau", "beaux"}, {"belle", "belles"}}, "bel", true, all},
    {"new", {{"nouveau", "nouveaux"}, {"nouvelle", "nouvelles"}}, "nouvel", true,
     person | place | thing},
    {"good", {{"bon", "bons"}, {"bonne", "bonnes"}}, "bon", true, living | food | reading},
    {"red", {{"rouge", "rouges"}, {"rouge", "rouges"}}, "", false, food | thing},
    {"black", {{"noir", "noirs"}, {"noire", "noires"}}, "", false, animal | thing},
    {"white", {{"blanc", "blancs"}, {"blanche", "blanches"}}, "", false,
     animal | place | thing | star},
    {"green", {{"vert", "verts"}, {"verte", "vertes"}}, "", false, place | tree | thing},
    {"blue", {{"bleu", "bleus"}, {"bleue", "bleues"}}, "", false, thing | star},
    {"happy", {{"heureux", "heureux"}, {"heureuse", "heureuses"}}, "", false, person},
    {"tired", {{"fatigué", "fatigués"}, {"fatiguée", "fatiguées"}}, "", false, living},
    {"sad", {{"triste", "tristes"}, {"triste", "tristes"}}, "", false, living},
    {"rich", {{"riche", "riches"}, {"riche", "riches"}}, "", false, person},
    {"expensive", {{"cher", "chers"}, {"chère", "chères"}}, "", false, food | thing},
};

constexpr Determiner all_determiners[] = {
    {{"the", "the"}, {{"le", "les"}, {"la", "les"}}, {"le", "la"}},    // spell() elides them
    {{"a", "some"}, {{"un", "des"}, {"une", "des"}}, {"un", "une"}},
    {{"my", "my"}, {{"mon", "mes"}, {"ma", "mes"}}, {"mon", "mon"}, "possessive"},
    {{"your", "your"}, {{"votre", "vos"}, {"votre", "vos"}}, {"votre", "votre"}, "possessive"},
    {{"his", "his"}, {{"son", "ses"}, {"sa", "ses"}}, {"son", "son"}, "possessive"},
    {{"her", "her"}, {{"son", "ses"}, {"sa", "ses"}}, {"son", "son"}, "possessive"},
    {{"our", "our"}, {{"notre", "nos"}, {"notre", "nos"}}, {"notre", "notre"}, "possessive"},
    {{"their", "their"}, {{"leur", "leurs"}, {"leur", "leurs"}}, {"leur", "leur"}, "possessive"},
    {{"this", "these"}, {{"ce", "ces"}, {"cette", "ces"}}, {"cet", "cette"}, "demonstrative"},
    {{"every", ""}, {{"chaque", ""}, {"chaque", ""}}, {"chaque", "chaque"}},
    {{"", "two"}, {{"", "deux"}, {"", "deux"}}, {"", ""}},
    {{"", "many"}, {{"", "beaucoup de"}, {"", "beaucoup de"}}, {"", ""}},
};

constexpr Pronoun all_pronouns[] = {
    {"i", "je", "me", "me", "me", Person::i, m},
    {"he", "il", "him", "le", "lui", Person::he, m},
    {"she", "elle", "her", "la", "lui", Person::he, f},
    {"we", "nous", "us", "nous", "nous", Person::we, m},
    {"you", "vous", "you", "vous", "vous", Person::you, m},
    {"they", "ils", "them", "les", "leur", Person::they, m},
};

constexpr Verb all_verbs[] = {
    {{"see", "sees"}, {"vois", "voit", "voyons", "voyez", "voient"}, living, all},
    {{"like", "likes"}, {"aime", "aime", "aimons", "aimez", "aiment"}, living, all},
    {{"draw", "draws"}, {"dessine", "dessine", "dessinons", "dessinez", "dessinent"}, person, all},
    {{"find", "finds"}, {"trouve", "trouve", "trouvons", "trouvez", "trouvent"},
     living, living | food | object | reading},
    {{"look for", "looks for"}, {"cherche", "cherche", "cherchons", "cherchez", "cherchent"},
     living, living | food | object | reading},
    {{"take", "takes"}, {"prends", "prend", "prenons", "prenez", "prennent"},
     person, food | object | reading},
    {{"hide", "hides"}, {"cache", "cache", "cachons", "cachez", "cachent"},
     person, food | object | reading},
    {{"have", "has"}, {"ai", "a", "avons", "avez", "ont"},
     person, animal | food | object | reading | vehicle},
    {{"watch", "watches"}, {"regarde", "regarde", "regardons", "regardez", "regardent"},
     living, living | vehicle | star},
    {{"follow", "follows"}, {"suis", "suit", "suivons", "suivez", "suivent"},
     living, living | vehicle},
    {{"hear", "hears"}, {"entends", "entend", "entendons", "entendez", "entendent"},
     living, living},
    {{"know", "knows"}, {"connais", "connaît", "connaissons", "connaissez", "connaissent"},
     person, person | place},
    {{"eat", "eats"}, {"mange", "mange", "mangeons", "mangez", "mangent"}, living, food},
    {{"read", "reads"}, {"lis", "lit", "lisons", "lisez", "lisent"}, person, reading},
    {{"open", "opens"}, {"ouvre", "ouvre", "ouvrons", "ouvrez", "ouvrent"}, person, opening},
    {{"wait for", "waits for"}, {"attends", "attend", "attendons", "attendez", "attendent"},
     person, person},
    {{"listen to", "listens to"}, {"écoute", "écoute", "écoutons", "écoutez", "écoutent"},
     person, person},
    {{"talk", "talks"}, {"parle", "parle", "parlons", "parlez", "parlent"},
     person, person, "to", "à"},
    {{"answer", "answers"}, {"réponds", "répond", "répondons", "répondez", "répondent"},
     person, person, "", "à"},
    {{"go", "goes"}, {"vais", "va", "allons", "allez", "vont"}, living, place, "to", "à"},
    {{"sleep", "sleeps"}, {"dors", "dort", "dormons", "dormez", "dorment"}, living, 0},
    {{"run", "runs"}, {"cours", "court", "courons", "courez", "courent"}, living, 0},
    {{"arrive", "arrives"}, {"arrive", "arrive", "arrivons", "arrivez", "arrivent"}, living, 0},
    {{"sing", "sings"}, {"chante", "chante", "chantons", "chantez", "chantent"}, person, 0},
    {{"dance", "dances"}, {"danse", "danse", "dansons", "dansez", "dansent"}, person, 0},
    {{"work", "works"}, {"travaille", "travaille", "travaillons", "travaillez", "travaillent"},
     person, 0},
};

constexpr Verb all_giving[] = {
    {{"give", "gives"}, {"donne", "donne", "donnons", "donnez", "donnent"},
     person, food | object | reading},
    {{"show", "shows"}, {"montre", "montre", "montrons", "montrez", "montrent"},
     person, animal | object | reading | vehicle},
};

constexpr Verb all_thinking[] = {
    {{"think", "thinks"}, {"pense", "pense", "pensons", "pensez", "pensent"}, person, 0},
    {{"know", "knows"}, {"sais", "sait", "savons", "savez", "savent"}, person, 0},
    {{"say", "says"}, {"dis", "dit", "disons", "dites", "disent"}, person, 0},
};

constexpr Preposition all_prepositions[] = {
    {"in", "dans", place},
    {"near", "près de", place | surface | tree | opening},
    {"behind", "derrière", place | tree | opening},
    {"on", "sur", surface},
    {"under", "sous", surface | tree},
    {"with", "avec", living},
};

constexpr Adverb all_adverbs[] = {
    {"often", "souvent", true}, {"always", "toujours", true},
    {"sometimes", "parfois", false}, {"rarely", "rarement", false}};

constexpr Conjunction all_conjunctions[] = {
    {"and", "et", true}, {"but", "mais", true}, {"because", "parce que", false},
    {"when", "quand", false}, {"if", "si", false}};

constexpr QuestionWord all_question_words[] = {{"where", "où"}, {"why", "pourquoi"}};

// What the ambiguous lexicon adds: the same English, another French.
constexpr Noun automobile = {{"car", "cars"}, {"automobile", "automobiles"}, f, vehicle};
constexpr Pronoun elles = {"they", "elles", "them", "les", "leur", Person::they, f};
constexpr Verb observe = {
    {"watch", "watches"}, {"observe", "observe", "observons", "observez", "observent"},
    living, living | vehicle | star};

template <class Word, std::size_t size>
std::vector<Word> list(const Word (&words)[size]) { return {words, words + size}; }

Lexicon make_lexicon(bool ambiguous) {
  Lexicon words = {list(all_nouns), list(all_adjectives), list(all_determiners), list(all_pronouns),
                   list(all_verbs), list(all_giving), list(all_thinking), list(all_prepositions),
                   list(all_adverbs), list(all_conjunctions), list(all_question_words)};
  if (!ambiguous) return words;
  words.nouns.push_back(automobile);
  words.pronouns.push_back(elles);
  words.verbs.push_back(observe);
  return words;
}

}  // namespace words

std::string_view english(const auto& word) {
  if constexpr (!requires { word.en[0][0]; }) return word.en;
  else return *word.en[0] ? word.en[0] : word.en[1];
}

template <class Word>
const Word& find(const std::vector<Word>& words, std::string_view en, const char* what) {
  for (const Word& word : words)
    if (english(word) == en) return word;
  fail("lexicon: there is no ", what, " \"", en, "\"");
}

}  // namespace

const Verb be = {{"are", "is"}, {"suis", "est", "sommes", "êtes", "sont"}, kind::all, 0};
const Determiner article = words::all_determiners[0], indefinite = words::all_determiners[1];
const Determiner negated_indefinite = {
    {"a", "any"}, {{"de", "de"}, {"de", "de"}}, {"de", "de"}, "partitive"};

const Lexicon& lexicon(bool ambiguous) {
  static const Lexicon plain = words::make_lexicon(false), rich = words::make_lexicon(true);
  return ambiguous ? rich : plain;
}

const Noun& noun(std::string_view en) { return find(lexicon().nouns, en, "noun"); }
const Verb& verb(std::string_view en) { return find(lexicon().verbs, en, "verb"); }
const Pronoun& pronoun(std::string_view en) { return find(lexicon().pronouns, en, "pronoun"); }

const Adjective& adjective(std::string_view en) {
  return find(lexicon().adjectives, en, "adjective");
}

const Determiner& determiner(std::string_view en) {
  return find(lexicon().determiners, en, "determiner");
}

const Preposition& preposition(std::string_view en) {
  return find(lexicon().prepositions, en, "preposition");
}

const Conjunction& conjunction(std::string_view en) {
  return find(lexicon().conjunctions, en, "conjunction");
}

const Adverb& adverb(std::string_view en) { return find(lexicon().adverbs, en, "adverb"); }

}  // namespace babelgrad
