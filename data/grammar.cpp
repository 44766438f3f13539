#include "data/grammar.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "data/speaker.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

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
        "; they must rise and lie in 3 to 40");
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
