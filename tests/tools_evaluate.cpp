// babelgrad evaluate: grouped references, and scores of a model. Those of files of translations are
// in tests/cli/evaluate.txt.
#include "tools/app/run/evaluate.h"

#include <doctest/doctest.h>

#include "tests/close.h"
#include "tests/program.h"

using namespace babelgrad;

namespace {

const std::vector<Pair>& five_pairs() {
  static const std::vector<Pair> all = {{split("run !"), split("cours !")},
                                        {split("go on ."), split("continue .")},
                                        {split("run !"), split("courez !")},
                                        {split("i see ."), split("je vois .")},
                                        {split("run !"), split("cours !")}};
  return all;
}

void train_in(const Folder& folder, const std::string& more) {
  REQUIRE(said_by(folder, "train --model rnn --pairs 120 --max-length 6 --hidden 8 --embed 8 "
                          "--layers 1 --out run " + more).status == 0);
}
Json told_of(const Folder& folder, const std::string& arguments) {
  const Said said = said_by(folder, "evaluate --json " + arguments);
  REQUIRE_MESSAGE(said.status == 0, said.err);
  return parse_json(said.out, "evaluate");
}

}  // namespace

TEST_CASE("test_set: pairs with the same source become one sentence") {
  TestSet plain = test_set(five_pairs()), grouped = test_set(five_pairs(), true);
  CHECK(plain.sentences.size() == 5);
  CHECK(plain.refs[2] == std::vector<Tokens>{split("courez !")});
  REQUIRE(grouped.sentences.size() == 3);
  CHECK(join(grouped.sentences[2].src) == "i see .");
  CHECK(grouped.refs[0] == std::vector<Tokens>{split("cours !"), split("courez !")});
  CHECK(grouped.refs[1] == std::vector<Tokens>{split("continue .")});
}

TEST_CASE("score: any reference will do") {
  const std::vector<Tokens> said = {split("courez !"), split("continue ."), split("je sais .")};
  const Evaluation e = score(test_set(five_pairs(), true), said);
  CHECK(e.exact == doctest::Approx(2 / 3.));
  CHECK(e.bleu.counts == std::array<Index, 4>{6, 2, 0, 0});        // of 7, 4, 1, 0
  CHECK(e.bleu.num_refs == -1);
  CHECK(e.chrf.matches[0] == 7 + 9 + 5);        // of "jevois.", "jesais." has  j e i s .
  CHECK(e.translations == said);
  CHECK(std::isnan(e.loss));
  CHECK_THROWS_WITH_AS(score(test_set(five_pairs()), said),
                       "evaluate: 3 translations of 5 sentences; one for each", Error);
}

TEST_CASE("report: perplexities stand beside each other, where translations have one") {
  const TestSet set = test_set(five_pairs(), true);
  Report r{five_pairs().size(), set, {"mine", score(set, {{}, {}, {}})}, {}, {200, 3}};
  CHECK(!says(report_text(r), "perplexity"));   // a file of translations has none
  r.against.push_back({"theirs", r.system.evaluation});
  r.system.evaluation.loss = std::log(4), r.against[0].evaluation.loss = std::log(6.5);
  CHECK(says(report_text(r), "\nperplexity        4.00    6.50       -2.50"));
}

TEST_CASE("read_translations: what a model says for an unknown word is a word, as it was") {
  Folder folder;
  const std::string path = folder.path + "/said";
  write_file_atomically(path, "L'<unk>, the <unk>'s dog.\n<eos> (<pad>)\n");
  CHECK(read_translations(path, Tokenizer::standard) ==
        std::vector<Tokens>{split("l' <unk> , the <unk> 's dog ."), split("<eos> ( <pad> )")});
  CHECK(read_translations(path, Tokenizer::moses) ==
        std::vector<Tokens>{split("l&apos; <unk> , the <unk> &apos;s dog ."),
                            split("<eos> ( <pad> )")});
  CHECK(read_translations(path, Tokenizer::moses, true)[0] == split("L'<unk>, the <unk>'s dog."));
}

TEST_CASE("evaluate: what it writes it reads, and finds itself no better than itself") {
  Folder folder;
  train_in(folder, "--epochs 1");
  write_file_atomically(folder.path + "/t.tsv",
                        said_by(folder, "corpus --pairs 120 --max-length 6 --split test").out);
  const Json model = told_of(folder, "run --data t.tsv --out said");
  const Json file = told_of(folder, "--hyp said --data t.tsv");
  for (const char* key : {"bleu", "bleu_tokens", "chrf", "exact"})
    CHECK(model.get_double(key) == file.get_double(key));
  CHECK(model.at("intervals") == file.at("intervals"));
  CHECK(model.at("settings").get_string("data") == "t.tsv");
  CHECK(model.at("settings").get_int("beam") == 1);
  const std::string kept = read_file(folder.path + "/run/model.safetensors");
  for (const char* out : {"model.safetensors", "log.jsonl", "report.html"})
    CHECK(said_by(folder, join("evaluate run --data t.tsv --limit 3 --out run/", out)).status == 2);
  CHECK(read_file(folder.path + "/run/model.safetensors") == kept);
  const Json both = told_of(folder, "run --against run --data t.tsv --threads 2");
  CHECK(both.at("intervals") == model.at("intervals"));
  CHECK(both.at("against").at("loss") == model.at("loss"));
  CHECK(both.at("comparison").at("chrf").get_double("p") == 1);
}

TEST_CASE("evaluate: --no-unk leaves <unk> out of what is said, and the loss as it was") {
  Folder folder;
  train_in(folder, "--epochs 3 --lr 0.02 --vocab-size 8");
  const Json with = told_of(folder, "run --pairs 120 --max-length 6 --out with");
  const Json without = told_of(folder, "run --pairs 120 --max-length 6 --out without --no-unk");
  CHECK(says(read_file(folder.path + "/with"), "<unk>"));
  CHECK(!says(read_file(folder.path + "/without"), "<unk>"));
  CHECK(with.at("loss") == without.at("loss"));
}

TEST_CASE("evaluate: --int8 is of the run, so that it can be compared with itself") {
  Folder folder;
  train_in(folder, "--epochs 3 --lr 0.02");
  const Json both = told_of(folder, "run --against run --pairs 120 --max-length 6 --int8");
  const double rounded = both.get_double("loss"), exact = both.at("against").get_double("loss");
  CHECK(rounded != exact);
  CHECK(rounded == doctest::Approx(exact).epsilon(0.05));
  CHECK(both.at("settings").at("int8").as_bool());
}
