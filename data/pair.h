// A sentence and its translation, as tokens; where a grammar made them, also the gold alignment and
// the phenomena they show.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace babelgrad {

using Tokens = std::vector<std::string>;

struct Link {                                   // target token `tgt` translates source token `src`
  int src, tgt;
  bool sure = true;                             // false: possible, neither demanded nor punished
  friend bool operator==(const Link&, const Link&) = default;
  friend auto operator<=>(const Link&, const Link&) = default;
};

struct Pair {
  Tokens src, tgt;
  std::vector<Link> gold = {};                  // sorted; empty when unknown
  std::vector<std::string> tags = {};           // e.g. "genitive"; sorted, each once
};

// Sorted, each once: as the links and tags of a pair are.
template <class Item>
void sort_once(std::vector<Item>& items) {
  std::ranges::sort(items);
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

}  // namespace babelgrad
