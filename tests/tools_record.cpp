// What a run holds out, and what another run begins with. What it remembers of itself is in
// tests/cli/record.txt.
#include "tools/app/run/record.h"

#include "tests/program.h"
#include "tests/tools_small_run.h"

using namespace babelgrad;

namespace {

// Thirty pairs, French in the first column; three sources have two translations each.
std::string own_pairs() {
  std::string lines;
  for (int i = 0; i < 24; i++) lines += join("le mot ", i, " dort .\tthe word ", i, " sleeps .\n");
  for (int i = 0; i < 3; i++)
    lines += join("la note ", i, "\tthe note ", i, "\nune note ", i, "\tthe note ", i, "\n");
  return lines;
}

}  // namespace

TEST_CASE("hold-out: a tenth of the pairs validates, no source is on both sides, always the same") {
  Folder folder;
  write_file_atomically(folder.path + "/own.tsv", own_pairs());
  PairSource source;
  source.data = folder.path + "/own.tsv", source.swap = true;
  const TrainingCorpus corpus = read_pairs(source, Tokenizer::standard);
  CHECK((corpus.train.size() == 27 && corpus.validation.size() == 3));
  for (const Pair& held : corpus.validation)
    for (const Pair& pair : corpus.train) CHECK(held.src != pair.src);
  CHECK(corpus_checksum(corpus) == corpus_checksum(read_pairs(source, Tokenizer::standard)));
  source.hold_out = 0.5;
  CHECK(read_pairs(source, Tokenizer::standard).validation.size() == 15);
  source.hold_out = 0;
  CHECK(read_pairs(source, Tokenizer::standard).train.size() == 30);
  source.hold_out = 0.1, source.limit = 9;
  CHECK(read_pairs(source, Tokenizer::standard).validation.empty());
}

TEST_CASE("from: another run begins with the weights and words of one") {
  Folder folder;
  write_file_atomically(folder.path + "/own.tsv", own_pairs());
  REQUIRE(said_by(folder, "train --data own.tsv --swap --model attention --hidden 6 --embed 6 "
                          "--layers 1 --epochs 2 --out run").status == 0);
  write_file_atomically(folder.path + "/more.tsv",
                        "le mot 1\tthe word 1\nle mot zyx\tthe word 2\n");
  const Said tuned = said_by(folder, "train --from run --out new --data more.tsv --swap --epochs 4 "
                                     "--lr 1e-12 --max-steps 2 --threads 1");
  REQUIRE_MESSAGE(tuned.status == 0, tuned.err);
  const auto one = load_model(folder.path + "/run"), two = load_model(folder.path + "/new");
  CHECK((one->src_vocab == two->src_vocab && one->tgt_vocab == two->tgt_vocab));
  const Parameter before = named_parameters(one->module())[0];
  const Parameter after = named_parameters(two->module())[0];
  for (Index i = 0; i < before.tensor.numel(); i++)
    CHECK(std::abs(before.tensor.data()[i] - after.tensor.data()[i]) < 1e-6);
}
