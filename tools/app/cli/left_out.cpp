#include "tools/app/cli/left_out.h"

#include "tensor/check.h"

namespace babelgrad {

std::string left_out(const TsvCorpus& corpus, int longest) {
  std::string all;
  const auto add = [&](Index count, const std::string& what) {
    if (count > 0) all += join(all.empty() ? "" : ", ", count, " ", what);
  };
  add(corpus.dropped_empty, "pairs with an empty side");
  add(corpus.dropped_long, join("pairs of more than ", longest, " words"));
  add(corpus.passed_over, "third columns that are no links");
  if (all.empty()) return "";
  return all + (mostly_left_out(corpus) ? " are left out, most of the file" : " are left out");
}

bool mostly_left_out(const TsvCorpus& corpus) {
  return corpus.dropped_empty + corpus.dropped_long > Index(corpus.pairs.size());
}

}  // namespace babelgrad
