#include "data/apostrophes.h"

#include <algorithm>

namespace babelgrad {

bool elides(std::u32string_view stem) {
  constexpr std::u32string_view stems[] = {U"c", U"d", U"j", U"l", U"m", U"n", U"s", U"t", U"qu",
    U"jusqu", U"lorsqu", U"puisqu", U"quoiqu", U"quelqu"};
  return std::ranges::count(stems, stem) > 0;
}

bool leans_left(std::u32string_view tail) {
  constexpr std::u32string_view tails[] = {U"'s", U"'t", U"'m", U"'d", U"'re", U"'ve", U"'ll"};
  return std::ranges::count(tails, tail) > 0;
}

std::size_t tail_at(std::u32string_view word, std::size_t at) {
  for (std::size_t length : {2, 3}) {
    bool ends = at + length >= word.size() || word[at + length] == '\'';
    if (leans_left(word.substr(at, length)) && ends) return length;
  }
  return 0;
}

}  // namespace babelgrad
