#include "tools/test_pairs.h"

#include "tensor/check.h"
#include "tools/output.h"

namespace babelgrad {

TsvCorpus read_test_pairs(const std::string& path, const TsvOptions& options) {
  TsvCorpus corpus = read_tsv(path, options);
  note(note_on_left_out(path, corpus));
  return corpus;
}

std::string note_on_left_out(const std::string& path, const TsvCorpus& corpus) {
  const Index dropped = corpus.dropped_empty + corpus.dropped_long;
  if (dropped + corpus.passed_over == 0) return "";
  return join("note: ", printable(path), ": ", corpus.counts(),
              dropped > Index(corpus.pairs.size()) ? "; most are left out" : "");
}

}  // namespace babelgrad
