// Python's ways of taking a part of something.
#include "tools/checks/book_subscripts.h"

#include <algorithm>

namespace babelgrad::checks {
namespace {

// The call that picks `part` on an axis: [1] select, [:n] slice, [None] unsqueeze. None if there is
// no telling where the slice ends.
Words picking(const Words& part, std::size_t axis) {
  const std::string number = std::to_string(axis);
  auto colon = std::find(part.begin(), part.end(), ":");
  if (part == Words{"None"}) return {".", "unsqueeze", "(", number, ")"};
  Words call = {".", colon == part.end() ? "select" : "slice", "(", number, ","};
  if (colon == part.begin()) call.push_back("0");
  for (auto word = part.begin(); word != part.end(); ++word)
    call.push_back(word == colon ? "," : *word);
  call.push_back(")");
  bool known = std::ranges::count(part, ":") < 2 && !contains(part, "::") && !part.empty() &&
               part.back() != ":";
  return known ? call : Words();
}

}  // namespace

bool contains(const Words& words, const std::string& word) {
  return std::ranges::count(words, word) > 0;
}

void erase_range(Words& words, std::size_t begin, std::size_t end) {
  words.erase(words.begin() + begin, words.begin() + end);
}

std::vector<Words> parts(const Words& words) {
  std::vector<Words> all(1);
  int depth = 0;
  for (const auto& word : words) {
    depth += is_opening(word) ? 1 : is_closing(word) ? -1 : 0;
    if (depth == 0 && word == ",") all.emplace_back();
    else all.back().push_back(word);
  }
  return all;
}

void without_super(Words& words) {
  auto super = std::find(words.begin(), words.end(), "super");
  if (words.end() - super < 2 || *(super + 1) != "(") return;
  std::size_t begin = super - words.begin();
  erase_range(words, begin, std::min(closing(words, begin + 1) + 2, words.size()));
}

void filled_where(Words& words) {
  if (words.size() < 6 || words[1] != "[" || words[2] != "~" || words[5] != "=") return;
  Words rewritten = {words[0], "=", words[0], ".", "masked_fill", "(", "~", words[3], ","};
  rewritten.insert(rewritten.end(), words.begin() + 6, words.end());
  rewritten.push_back(")");
  words = rewritten;
}

void subscripts(Words& words) {
  for (std::size_t i = 1; i < words.size(); i++) {
    bool of_something = is_closing(words[i - 1]) || (is_name(words[i - 1]) &&
                        words[i - 1] != "return" && words[i - 1] != "in");
    if (words[i] != "[" || !of_something) continue;
    std::size_t end = closing(words, i);
    if (end <= i) continue;                     // of a line cut off
    std::vector<Words> axes = parts(Words(words.begin() + i + 1, words.begin() + end));
    Words call;
    if (axes.size() == 1 && axes[0].size() == 2 && axes[0][1] == ":") {
      call = {".", "drop", "(", axes[0][0], ")"};
    } else if (axes.size() > 1 && std::ranges::count(axes, Words{":"}) + 1 == int(axes.size())) {
      for (std::size_t k = 0; k < axes.size(); k++)
        if (axes[k] != Words{":"}) call = picking(axes[k], k);
    }
    if (call.empty()) continue;
    erase_range(words, i, end + 1);
    words.insert(words.begin() + i, call.begin(), call.end());
  }
}

}  // namespace babelgrad::checks
