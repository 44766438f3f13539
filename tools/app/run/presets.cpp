#include "tools/app/run/presets.h"

#include <algorithm>

#include "tensor/check.h"

namespace babelgrad {

const std::vector<Preset>& presets() {
  static const std::vector<Preset> all{
      {"default", "what suits a small corpus", default_options},
      {"book", "the book's recipe and its preprocessing", book_options},
      {"demo", "that of babelgrad demo", demo_options},
      {"multi30k-ladder", "the three models on the words of Multi30k", multi30k_ladder_options},
      {"multi30k-tiny", "Transformer-Tiny on its subwords", multi30k_tiny_options}};
  return all;
}

const Preset& find_preset(const std::string& name) {
  auto found = std::ranges::find(presets(), name, &Preset::name);
  check(found != presets().end(), "preset: there is no ", name);
  return *found;
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Preset& it : presets()) names.push_back(it.name);
  return names;
}

std::string preset_words() {
  std::string words;
  for (const Preset& it : presets())
    words += join(words.empty() ? "" : "; ", it.name, ", ", it.says);
  return words;
}

}  // namespace babelgrad
