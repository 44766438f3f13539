// Which merges to make: counts of pairs are kept up to date word by word, and a heap has the most
// frequent pair on top, so that a merge costs what it changes.
#include <map>
#include <queue>
#include <unordered_set>

#include "data/subwords.h"
#include "data/utf8.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

struct CountedWord {
  std::vector<int> symbols;
  Index count;
};

struct Neighbours {
  Index count = 0;
  std::unordered_set<int> words = {};           // that have, or had, this pair
};

class Learner {
 public:
  explicit Learner(const std::map<std::string, Index>& counts) : heap_(Less{symbols_}) {
    for (const auto& [word, count] : counts) {
      CountedWord& made = words_.emplace_back(CountedWord{{}, count});
      each_code_point(word, [&](int, std::string_view letter) {
        made.symbols.push_back(number(std::string(letter)));
      });
      if (made.symbols.empty()) continue;
      made.symbols.back() = number(symbols_[made.symbols.back()] + "</w>");
    }
    std::unordered_set<std::uint64_t> changed;
    for (int i = 0; i < int(words_.size()); i++) count_pairs(i, 1, changed);
    offer(changed);
  }

  // The most frequent pair as two symbols, merged everywhere; false if none is frequent enough.
  bool merge(Index min_freq, std::string& left, std::string& right) {
    while (!heap_.empty() && heap_.top().count != pairs_[heap_.top().key].count) heap_.pop();
    if (heap_.empty() || heap_.top().count < min_freq) return false;
    const std::uint64_t key = heap_.top().key;
    const int a = int(key >> 32), b = int(key & 0xFFFFFFFF);
    left = symbols_[a], right = symbols_[b];
    const int joined = number(left + right);
    const std::unordered_set<int> affected = std::move(pairs_[key].words);
    std::unordered_set<std::uint64_t> changed;
    for (int word : affected) {
      count_pairs(word, -1, changed);
      replace(words_[word].symbols, a, b, joined);
      count_pairs(word, 1, changed);
    }
    offer(changed);
    return true;
  }

 private:
  struct Entry {
    Index count;                                // when it was put here; outdated entries are passed
    std::uint64_t key;
  };
  struct Less {
    const std::vector<std::string>& symbols;
    bool operator()(const Entry& a, const Entry& b) const {
      if (a.count != b.count) return a.count < b.count;
      if (int order = symbols[a.key >> 32].compare(symbols[b.key >> 32])) return order < 0;
      return symbols[a.key & 0xFFFFFFFF] < symbols[b.key & 0xFFFFFFFF];
    }
  };

  int number(const std::string& symbol) {
    auto [place, is_new] = numbers_.try_emplace(symbol, int(symbols_.size()));
    if (is_new) symbols_.push_back(symbol);
    return place->second;
  }

  void count_pairs(int word, int sign, std::unordered_set<std::uint64_t>& changed) {
    const std::vector<int>& symbols = words_[word].symbols;
    for (std::size_t i = 0; i + 1 < symbols.size(); i++) {
      const std::uint64_t key = std::uint64_t(symbols[i]) << 32 | unsigned(symbols[i + 1]);
      Neighbours& pair = pairs_[key];
      pair.count += sign * words_[word].count;
      if (sign > 0) pair.words.insert(word);
      changed.insert(key);
    }
  }

  void offer(const std::unordered_set<std::uint64_t>& changed) {
    for (std::uint64_t key : changed)
      if (pairs_[key].count > 0) heap_.push({pairs_[key].count, key});
  }

  static void replace(std::vector<int>& symbols, int a, int b, int joined) {
    std::size_t to = 0;
    for (std::size_t from = 0; from < symbols.size(); to++) {
      const bool here = from + 1 < symbols.size() && symbols[from] == a && symbols[from + 1] == b;
      symbols[to] = here ? joined : symbols[from];
      from += here ? 2 : 1;
    }
    symbols.resize(to);
  }

  std::vector<CountedWord> words_;
  std::vector<std::string> symbols_;
  std::unordered_map<std::string, int> numbers_;
  std::unordered_map<std::uint64_t, Neighbours> pairs_;
  std::priority_queue<Entry, std::vector<Entry>, Less> heap_;
};

}  // namespace

Subwords Subwords::learn(const std::vector<Tokens>& sentences, int merges, int min_freq) {
  check(merges >= 1, "Subwords: ", merges, " merges to learn; it must be at least one");
  std::map<std::string, Index> counts;
  for (const Tokens& sentence : sentences)
    for (const std::string& word : sentence) counts[word]++;
  Learner learner(counts);
  Subwords learnt;
  Merge merge;
  while (learnt.merges() < merges && learner.merge(min_freq, merge.left, merge.right))
    learnt.add(merge);
  return learnt;
}

}  // namespace babelgrad
