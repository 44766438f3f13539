// An enum whose values have words: those of options, configurations and messages.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tensor/check.h"

namespace babelgrad {

// One of the values of E. words_of(E), found beside E, has a word for each, in the enum's order.
template <class E>
class Named {
 public:
  constexpr Named(E value) : value_(value) {}
  // Error: not one of the words.
  template <std::convertible_to<std::string> Word>
  Named(const Word& word) : value_(E{}) {
    check(read(word), in_words(), ", not ", std::string(word));
  }
  constexpr operator E() const { return value_; }

  static std::vector<std::string> words() { return words_of(E{}); }
  std::string word() const { return words()[std::size_t(value_)]; }
  bool read(const std::string& word) {          // false, and unchanged: not one of the words
    const auto all = words();
    const auto found = std::ranges::find(all, word);
    if (found != all.end()) value_ = E(found - all.begin());
    return found != all.end();
  }

  friend bool operator==(Named a, Named b) { return a.value_ == b.value_; }
  friend bool operator==(Named a, E b) { return a.value_ == b; }
  friend std::string text(Named named) { return named.word(); }

 private:
  static std::string in_words() {
    std::string all;
    for (const std::string& word : words()) all += (all.empty() ? "" : "|") + word;
    return all;
  }

  E value_;
};

}  // namespace babelgrad
