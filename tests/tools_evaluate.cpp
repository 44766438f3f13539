// babelgrad evaluate: grouped references, scores from a file, and two systems side by side.
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
const std::string tsv = "run !\tcours !\ngo on .\tcontinue .\nrun !\tcourez !\ni see .\tje vois .\n"
                        "run !\tcours !\n";

void train_in(const Folder& folder, const std::string& more) {
  REQUIRE(said_by(folder, "train --model rnn --pairs 120 --max-length 6 --hidden 8 --embed 8 "
                          "--layers 1 --out run " + more).status == 0);
}
Json told_of(const Folder& folder, const std::string& arguments) {
  const Said said = said_by(folder, "evaluate --json " + arguments);
  REQUIRE_MESSAGE(said.status == 0, said.err);
  return parse_json(said.out, "evaluate");
}

Report report_of(const TestSet& set, const std::vector<Tokens>& said) {
  return {five_pairs().size(), set, {"mine", score(set, said)}, {}, {200, 3}};
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

TEST_CASE("report: a sentence first, then what is wrong, scores, and signatures last") {
  const TestSet set = test_set(five_pairs(), true);
  Report r = report_of(set, {split("courez !"), split("continue ."), split("je sais .")});
  r.of = "t.tsv";
  const std::string alone = report_text(r);
  CHECK(alone.starts_with("mine on t.tsv, 5 pairs, which are 3 sources:\n66.7 % are exactly "
                          "right;"));
  CHECK(says(alone, "\n1 of 3 is wrong:\n\n  source       "));
  CHECK(says(alone, "\n  translation  "));
  CHECK(says(alone, "\nscore             value      ±\nBLEU "));
  CHECK(says(alone, "\nexactly right, %  66.67"));
  CHECK(!says(alone, "perplexity"));  // a file of translations has none
  CHECK(!says(alone, "source length"));
  CHECK(says(alone, "±: half of a 95 % interval, by 200 bootstrap resamples, seed 3."));
  const std::string signature = r.system.evaluation.bleu.signature("lc");
  CHECK(alone.ends_with("\n" + signature));
  r.all = true;
  CHECK(says(report_text(r), "\nsource length  sentences  BLEU  exact %\n1-5"));
  CHECK(says(report_text(r), "\nBLEU of the text"));
  r.all = false;
  r.system.evaluation.loss = std::log(4);
  r.against.push_back({"theirs", score(set, {{}, {}, {}})});
  r.against[0].evaluation.loss = std::log(6.5);
  const std::string both = report_text(r);
  CHECK(says(both, "mine and theirs") == (r.system.evaluation.bleu_tokens.score == 0));
  CHECK(says(both, "\nscore              mine  theirs  difference"));
  CHECK(says(both, "\nexactly right, %  66.67    0.00      +66.67"));
  CHECK(says(both, "\nperplexity         4.00    6.50       -2.50"));
  CHECK(!says(both, "\n\n\n"));
}

TEST_CASE("report: a comparison says in words which is better, and whether that may be chance") {
  std::vector<Pair> pairs;
  std::vector<Tokens> right, wrong;
  for (int i = 0; i < 20; i++) {
    pairs.push_back({split("go on now ."), split(join("va ", i, " tout de suite ."))});
    right.push_back(pairs.back().tgt), wrong.push_back(split("non ."));
  }
  const TestSet set = test_set(pairs);
  auto said = [&](const std::vector<Tokens>& ours, const std::vector<Tokens>& theirs) {
    Report r = report_of(set, ours);
    r.against.push_back({"theirs", score(set, theirs)});
    return report_text(r);
  };
  CHECK(says(said(right, wrong), "mine is better than theirs by "));
  CHECK(says(said(wrong, right), "mine is worse than theirs by "));
  CHECK(says(said(right, right), "mine and theirs have the same BLEU."));
  CHECK(says(said(right, right), "All are right."));
  std::vector<Tokens> nearly = right;
  nearly[3] = wrong[3];
  CHECK(says(said(right, nearly), "No difference is shown between mine and theirs"));
}

TEST_CASE("report: JSON has all of it") {
  const TestSet set = test_set(five_pairs());
  const std::vector<Tokens> said = {split("courez !"), split("continue ."), split("cours !"),
                                    split("je sais ."), {}};
  Report r = report_of(set, said);
  r.against.push_back({"theirs", score(set, said)});
  const Json json = parse_json(write_json(report_json(r)), "report");
  CHECK(json.get_double("bleu") == r.system.evaluation.bleu.score);
  CHECK(json.get_double("chrf") == r.system.evaluation.chrf.score);
  CHECK(json.get_double("exact") == 0.2);
  CHECK(json.at("loss").is_null());
  CHECK(json.get_string("signature_chrf").starts_with("chrF2|nrefs:1|"));
  const Interval chrf = bootstrap_interval(r.system.evaluation.chrf.sentences, {200, 3});
  CHECK(json.at("intervals").at("chrf").get_double("half_width") == chrf.half_width);
  CHECK(chrf.half_width > 0);
  CHECK(json.at("against").get_string("run") == "theirs");
  const Json& parts = json.at("bleu_tokens_parts");          // 9 words said, 11 in the references
  CHECK(parts.get_int("hyp_len") == 9);
  CHECK(parts.get_int("ref_len") == 11);
  CHECK(parts.get_double("brevity_penalty") == doctest::Approx(std::exp(1 - 11 / 9.)));
  CHECK(parts.get_array("precisions")[0].as_double() == doctest::Approx(100 * 6 / 9.));
  CHECK(json.get_array("by_length")[0].get_int("sentences") == 5);
  CHECK(json.at("against").at("by_length") == json.at("by_length"));
  for (const char* key : {"bleu", "bleu_tokens", "chrf", "exact"}) {
    CHECK(json.at("comparison").at(key).get_double("difference") == 0);
    CHECK(json.at("comparison").at(key).get_double("p") == 1);
    CHECK(json.at("comparison").at(key).get_double("p_paired_bs") == 1);
  }
}

TEST_CASE("read_translations: a line for a sentence, empty ones too") {
  Folder folder;
  const std::string path = folder.path + "/said";
  write_file_atomically(path, "Cours !\r\n\nL'été.");
  CHECK(read_translations(path, Tokenizer::standard) ==
        std::vector<Tokens>{split("cours !"), {}, split("l' été .")});
  write_file_atomically(path, "\xEF\xBB\xBF" "Cours !\r\xEF\xBB\xBFL'e\u0301te\u0301.\n");
  CHECK(read_translations(path, Tokenizer::standard) ==
        std::vector<Tokens>{split("cours !"), split("l' été .")});
  CHECK(read_translations(path, Tokenizer::standard, true) ==
        std::vector<Tokens>{split("Cours !"), split("L'été.")});
  write_file_atomically(path, "ça\nvoil\xE0 !\n");
  CHECK(error_of([&] { read_translations(path, Tokenizer::standard); }) ==
        path + ":2:5: this byte is not UTF-8; save the file as UTF-8");
  write_file_atomically(path + "\x1B", std::string("a\0", 2));
  CHECK(error_of([&] { read_translations(path + "\x1B", Tokenizer::standard); }) ==
        path + "\\x1B:1:2: a NUL byte; text has none");
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

TEST_CASE("evaluate: wrong use and wrong files are one line, and cost no file") {
  Folder folder;
  write_file_atomically(folder.path + "/t.tsv", tsv);
  write_file_atomically(folder.path + "/three", "cours !\ncontinue .\nje vois .\n");
  const Said right = said_by(folder, "evaluate --hyp three --data t.tsv --group");
  CHECK(right.status == 0);
  CHECK(says(right.out, "100.0 % are exactly right"));
  write_file_atomically(folder.path + "/drop.tsv", tsv + "\tdormez !\n");
  struct { const char* arguments; int status; const char* says; } table[] = {
      {"--hyp three --data drop.tsv", 1, "1 more with an empty side is passed over"},
      {"--hyp drop.tsv --data t.tsv --group", 1, "5 pairs are 3 sources: give a line for each"},
      {"--hyp three --data t.tsv --group --out no/x", 1, "there is no folder \"no\""},
      {"--hyp three --data t.tsv --alpha 1", 2, "needs --beam 2"},
      {"--hyp three --data t.tsv --no-unk", 2, "of a run's translations"},
      {"--hyp three --data t.tsv --int8", 2, "of RUN's weights"},
      {"", 2, "needs RUN or --hyp, and has neither"},
      {"run --hyp three --data t.tsv", 2, "has both"},
      {"--hyp three", 2, "needs --data"},
      {"run --against a --against-hyp three --data t.tsv", 2, "give one of them"},
      {"--hyp three --data t.tsv", 1, "3 translations of 5 sentences"},
      {"--hyp none --data t.tsv", 1, "none"},
      {"--hyp three --data t.tsv --group --out ./t.tsv", 2, "is a file to be read"},
      {"--hyp three --data t.tsv --group --out ./three", 2, "is a file to be read"},
      {"--hyp three --data t.tsv --group --resamples 0", 2, "--resamples"},
  };
  for (const auto& row : table) {
    CAPTURE(row.arguments);
    const Said said = said_by(folder, join("evaluate ", row.arguments));
    CHECK(said.status == row.status);
    CHECK_MESSAGE(says(said.err, row.says), said.err);
    CHECK(std::ranges::count(said.err, '\n') == 1);
    CHECK(said.out.empty());
  }
  CHECK(read_file(folder.path + "/t.tsv") == tsv);
}
