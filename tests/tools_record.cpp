// A run remembers itself: what its files say of it, and what other commands and later calls of
// train take from that.
#include "tools/app/run/record.h"

#include <algorithm>

#include "data/grammar.h"
#include "tests/program.h"
#include "tests/tools_small_run.h"
#include "tools/app/cli/commands.h"
#include "tools/app/report/report.h"

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

const char* const small_model = " --model attention --hidden 6 --embed 6 --layers 1 --epochs 2 ";

std::string train_own(const Folder& folder, const std::string& more = "") {
  write_file_atomically(folder.path + "/own.tsv", own_pairs());
  const Said said = said_by(folder, "train --data own.tsv --swap --seed 3 --out run" +
                                        std::string(small_model) + more);
  REQUIRE_MESSAGE(said.status == 0, said.err);
  return said.err;
}

std::string option_in(const Folder& folder, const std::string& run, const std::string& name) {
  for (const auto& [key, value] : recorded_options(folder.path + "/" + run))
    if (key == name) return value;
  return "none";
}

// A paragraph as one line again.
std::string unfolded(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
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

TEST_CASE("record: the log's last call, or else the model's file, which alone is enough") {
  Folder folder;
  const std::string said = train_own(folder);
  CHECK(says(said, "the first pair as it is read: the word 0 sleeps . -> le mot 0 dort ."));
  CHECK(says(said, "--tokenizer cased"));
  CHECK(option_in(folder, "run", "swap") == "true");
  CHECK(option_in(folder, "run", "hidden") == "6");
  CHECK(option_in(folder, "run/model.safetensors", "data") == "own.tsv");
  append_line(folder.path + "/run/log.jsonl", "{\"config\": 7}");
  append_line(folder.path + "/run/log.jsonl", "{\"config\": {\"hidden\":");
  CHECK(option_in(folder, "run", "hidden") == "6");
  remove_file(folder.path + "/run/log.jsonl");
  CHECK(option_in(folder, "run", "seed") == "3");
  CHECK(recorded_options(folder.path).empty());
}

TEST_CASE("record: evaluate, analyse and report take the run's own pairs, and say which") {
  Folder folder;
  train_own(folder);
  const std::string held = " on own.tsv, columns swapped, held out of the training, 3 pairs: ";
  for (const char* run : {"run", "run/model.safetensors"}) {
    const Said said = said_by(folder, join("evaluate ", run));
    CHECK_MESSAGE(unfolded(said.out).starts_with(run + held), said.out, said.err);
  }
  const Said analysed = said_by(folder, "analyse run --by length");
  CHECK_MESSAGE(unfolded(analysed.out).starts_with("run on own.tsv, columns swapped, held out of "
                                                   "the training, 3 pairs"), analysed.out);
  CHECK(says(unfolded(said_by(folder, "evaluate run --pairs 300").out),
             "on the built-in corpus, its test pairs"));
  const Said wrong = said_by(folder, "evaluate run --data own.tsv");
  CHECK_MESSAGE(says(wrong.err, "; source and target look as if they were the wrong way round; "
                                "see --swap"), wrong.err);
  CHECK(says(wrong.err, "note: own.tsv, to run: only "));
  CHECK(!says(said_by(folder, "evaluate run --data own.tsv --swap").err, "wrong way"));

  write_file_atomically(folder.path + "/own.tsv", own_pairs() + "un\tone\n");
  CHECK(says(said_by(folder, "evaluate run").err, "no longer those of the training; was own.tsv"));
  remove_file(folder.path + "/own.tsv");
  const Said gone = said_by(folder, "evaluate run");
  CHECK(gone.status == 1);
  CHECK(gone.err.starts_with("error: run: the pairs to score it on are not available (own.tsv: "));
  CHECK(gone.err.ends_with("; give --data\n"));
}

TEST_CASE("record: of the built-in corpus the pairs are those of the run's lengths and seed") {
  Folder folder;
  const std::string train = "train --pairs 200 --max-length 6 --seed 5 --out run";
  REQUIRE(said_by(folder, train + std::string(small_model)).status == 0);
  const Said said = said_by(folder, "evaluate run");
  const Splits splits = splits_of(built_in_corpus({.pairs = 200, .seed = 5, .max_length = 6}));
  const std::string which = "run on the built-in corpus, its test pairs with sources of 3 to 6 ";
  CHECK_MESSAGE(unfolded(said.out).starts_with(
                    join(which, "tokens, ", splits.test.size(), " pairs: ")), said.out);
  CHECK(says(unfolded(said_by(folder, "evaluate run --max-length 9").out),
             "sources of 3 to 9 tokens, "));
  const RunPairs own = pairs_of_run(folder.path + "/run", Tokenizer::standard);
  CHECK((own.same == SamePairs::yes && own.longest_source() == 6));
}

TEST_CASE("resume: the run has its options; some may change, the others are refused by name") {
  Folder folder;
  train_own(folder, "--max-steps 1");
  const Said other = said_by(folder, "train --resume --out run --hidden 8");
  CHECK(other.status == 1);
  CHECK(other.err == "error: train: run: was trained with --hidden \"6\", not \"8\"; --resume "
                     "continues with that, --from run begins another run\n");
  for (const char* refused : {"--seed 4", "--limit 5", "--batch-size 9", "--hold-out 0.2"})
    CHECK(says(said_by(folder, join("train --resume --out run ", refused)).err,
               "was trained with --"));
  const Said on = said_by(folder, "train --resume --out run --swap --hidden 6");
  CHECK_MESSAGE(on.status == 0, on.err);
  Folder whole;
  train_own(whole);
  for (const char* file : {"/run/trainer.safetensors", "/run/model.safetensors"})
    CHECK(read_file(folder.path + file) == read_file(whole.path + file));

  const Said again = said_by(folder, "train --resume --out run");
  CHECK(says(again.err, "nothing to do: 2 epochs are done, all of --epochs 2; --epochs 4 goes on"));
  CHECK(!says(again.err, "trained "));
  const Said longer = said_by(folder, "train --resume --out run --epochs 3 --lr 0.001 --dropout 0.4"
                                      " --threads 1");
  CHECK_MESSAGE(longer.status == 0, longer.err);
  CHECK(option_in(folder, "run", "epochs") == "3");
  CHECK(option_in(folder, "run", "attention-dropout") == "0.4");
  const Json now = stored_of(folder.path + "/run").run;
  CHECK((now.get_double("dropout") == 0.4 && now.get_double("lr") == 0.001));
  CHECK(option_in(folder, "run", "lr") == "0.001");
  CHECK(option_in(folder, "run", "hidden") == "6");
}

TEST_CASE("resume: a run of a program that held nothing out has all its pairs to train on") {
  Folder folder;
  train_own(folder, "--hold-out 0 --max-steps 1");
  NamedValues options = recorded_options(folder.path + "/run");
  std::erase_if(options, [](const auto& it) {
    return it.first == "hold-out" || it.first == "from" || it.first == "preset";
  });
  remove_file(folder.path + "/run/log.jsonl");
  log_settings(folder.path + "/run", options);
  const Said on = said_by(folder, "train --resume --out run");
  CHECK_MESSAGE(on.status == 0, on.err);
  CHECK(says(on.err, "note: nothing is held out of 30 pairs; give --val or a larger --hold-out"));
}

TEST_CASE("from: another run begins with the weights and words of one, and resumes without it") {
  Folder folder;
  train_own(folder);
  write_file_atomically(folder.path + "/more.tsv",
                        "le mot 1\tthe word 1\nle mot zyx\tthe word 2\n");
  const Said other = said_by(folder, "train --from run --out new --hidden 8");
  CHECK(other.status == 2);
  CHECK(other.err == "error: train: --hidden 8 differs from that of --from run, \"6\"\n");
  CHECK(said_by(folder, "train --from run --out run --overwrite").status == 2);
  CHECK(said_by(folder, "train --from run --out new --min-freq 2").status == 2);

  const Said tuned = said_by(folder, "train --from run --out new --data more.tsv --swap --epochs 4 "
                                     "--lr 1e-12 --max-steps 2 --threads 1");
  REQUIRE_MESSAGE(tuned.status == 0, tuned.err);
  const auto one = load_model(folder.path + "/run"), two = load_model(folder.path + "/new");
  CHECK((one->src_vocab == two->src_vocab && one->tgt_vocab == two->tgt_vocab));
  const Parameter before = named_parameters(one->module())[0];
  const Parameter after = named_parameters(two->module())[0];
  for (Index i = 0; i < before.tensor.numel(); i++)
    CHECK(std::abs(before.tensor.data()[i] - after.tensor.data()[i]) < 1e-6);

  std::filesystem::remove_all(folder.path + "/run");
  const Said on = said_by(folder, "train --resume --out new");
  CHECK_MESSAGE(on.status == 0, on.err);
  CHECK(says(on.err, "4/4"));
}

TEST_CASE("from: without pairs of its own the new run has those of the old one") {
  Folder folder;
  train_own(folder);
  const Said again = said_by(folder, "train --from run --out new --epochs 1");
  CHECK_MESSAGE(says(again.err, "own.tsv: 30 pairs of 30 lines"), again.err);
  CHECK(option_in(folder, "new", "swap") == "true");
  CHECK(option_in(folder, "new", "hidden") == "6");
}

TEST_CASE("train: a file that is no run's is never replaced unasked") {
  Folder folder;
  write_file_atomically(folder.path + "/own.tsv", own_pairs());
  for (const char* name : {"report.html", "log.jsonl", "best.safetensors"}) {
    const std::string mine = folder.path + "/" + name;
    write_file_atomically(mine, "mine\n");
    const std::string train = "train --data own.tsv --out ." + std::string(small_model);
    const Said refused = said_by(folder, train);
    CHECK(refused.status == 1);
    CHECK_MESSAGE(says(refused.err, join("error: .: holds a ", name, " that belongs to no run")),
                  refused.err);
    CHECK(read_file(mine) == "mine\n");
    remove_file(mine);
  }
}
