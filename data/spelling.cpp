// What happens where two words meet: an apple; l'oiseau, s'il, n'aime; du, aux; de for de + des.
#include <algorithm>
#include <utility>

#include "data/phrase.h"

namespace babelgrad {
namespace {

template <std::size_t size>
bool among(std::string_view word, const std::string_view (&words)[size]) {
  return std::find(words, words + size, word) != words + size;
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

bool starts_with_vowel(std::string_view word) {
  constexpr std::string_view accented[] = {"é", "è", "ê", "â", "î", "ô", "œ"};
  if (word.empty()) return false;
  if (among(word.substr(0, 1), {"a", "e", "i", "o", "u"})) return true;
  return among(word.substr(0, 2), accented);
}

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
