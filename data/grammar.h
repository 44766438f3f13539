// The built-in corpus: English-French pairs drawn from the rules of data/rules.h, with their gold
// links and the phenomena they show. The target is a function of the source (they is always ils,
// you always vous, no free synonyms) unless `ambiguous` is set: every miss is the model's.
#pragma once

#include <cstdint>

#include "data/pair.h"
#include "tensor/random.h"

namespace babelgrad {

struct GrammarOptions {
  int min_length = 3, max_length = 40;          // source tokens, the final one included; 3 to 40
  bool ambiguous = false;                       // they: ils or elles; car and watch: two words each
};

class Grammar {
 public:
  explicit Grammar(GrammarOptions options = {});          // error if the lengths are out of order
  Pair sample(Random& random) const;            // first a band of lengths, then a sentence in it

 private:
  GrammarOptions options_;
};

// `count` pairs with distinct sources, the same for the same seed. Error if there are too few.
std::vector<Pair> make_corpus(int count, std::uint64_t seed, const GrammarOptions& options = {});

// Every tag a pair may carry, sorted.
std::vector<std::string> phenomena();

// Where a sentence belongs, by a hash of its source alone: 90, 5 and 5 per cent of all sentences.
// D2L 10.5.4 Reading the Dataset
// Departs from D2L (D8): no sentence is in two splits, where three of the book's four examples are
// training sentences, and ours are longer than four words.
// The hash is FNV-1a over the tokens, each followed by a zero byte, then mixed as splitmix64 does.
enum class Split { train, validation, test };
Split split_of(const Tokens& src);
std::uint64_t hash_of(const Tokens& src);

// Held-out splits of another kind, which the caller keeps from training. One in 25 combinations of
// an adjective with the noun it stands before, chosen by hash, counts as unseen ...
bool unseen_combination(const Pair& pair);
// ... and this is how deep the genitives nest: 2 for the king 's friend 's house; 0 without any.
int genitive_depth(const Pair& pair);

}  // namespace babelgrad
