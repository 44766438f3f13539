// The ledger of claims: fixtures that must fail, and the house's own, which must not.
#include "tests/close.h"

#include "data/file.h"
#include "tools/checks/claims_ledger.h"

using namespace babelgrad;
using namespace babelgrad::checks;

namespace {

const Source nn_a = read_source("tests/nn_a.cpp",
                                "TEST_CASE(\"tower: stands\") {\n}\n"
                                "TEST_CASE(\"tower: leans, \"\n"
                                "          \"a little\") {\n}\nTEST_CASE(\"roof: one\") {\n}\n"
                                "TEST_CASE(\"roof: two\") {\n}\n"
                                "TEST_CASE(\"S7: the roof is on top\") {\n}\n");
const std::vector<lab::Experiment> both = {{"tilt", "S5 P4 S7", "?", nullptr},
                                           {"fall", "S1", "?", nullptr}};
const std::string stands = "test:tests/nn_a.cpp: \"tower: stands\"";
const std::string on_top = "test:tests/nn_a.cpp: \"S7: the roof is on top\"";

std::string row(const std::string& id, const std::string& where) {
  return id + "\tIt is so.\t" + where + "\n";
}

// A ledger that is in order, but for `id`, whose row is `lines`.
std::string ledger(const std::string& id, const std::string& lines) {
  std::string all;
  for (const std::string& it : claim_ids())
    all += it == id                     ? lines
           : it == "S5" || it == "P4" ? row(it, "lab:tilt")
           : it == "S1"               ? row(it, "lab:fall")
           : it == "S7"               ? row(it, on_top + " + lab:tilt")
                                      : row(it, stands);
  return all;
}

std::string told(const std::string& text, const std::vector<Source>& tests = {nn_a}) {
  std::string lines;
  for (const std::string& line : claim_complaints(text, tests, both))
    lines += (lines.empty() ? "" : "\n") + line;
  return lines;
}

std::string told_of_Q1(const std::string& where) { return told(ledger("Q1", row("Q1", where))); }

const std::string at = "tools/lab/claims.tsv:", at_Q1 = at + "9: Q1: ";
const std::string forms = "would be test:FILE: \"NAME\", lab:EXPERIMENT, or both with + between";

}  // namespace

TEST_CASE("claims: thirty-one ids, each once, in order") {
  CHECK(claim_ids().size() == 31);
  CHECK(claim_ids().front() == "L1");
  CHECK(claim_ids().back() == "T3");
  CHECK(told(ledger("", "")) == "");
  CHECK(told(ledger("Q1", "")) == at + "0: Q1 is missing");
  CHECK(told(ledger("Q1", row("Q1", stands) + row("Q1", stands))) ==
        at + "10: Q1 is in line 9 already");
  CHECK(told(ledger("Q1", row("Q9", stands))) ==
        at + "9: Q9 is no claim\n" + at + "0: Q1 is missing");
}

TEST_CASE("claims: a row has an id, a statement and a place") {
  for (const char* line : {"Q1\tlab:fall\n", "Q1\t\tlab:fall\n", "\n", "Q1\tA\tlab:fall\tmore\n",
                           "\xFF\t\n"})
    CHECK(told(ledger("Q1", line)).starts_with(
        at + "9: would be: id, statement, where, with tabs between"));
  for (const char* where : {"", "closed", "Open", "tests/nn_a.cpp", "open ", "open + lab:fall"})
    CHECK(told_of_Q1(where) == at_Q1 + forms);
}

TEST_CASE("claims: an open one is shown nowhere, which is a complaint") {
  CHECK(told_of_Q1("open") == at_Q1 + "is shown nowhere");
  CHECK(told(ledger("S5", row("S5", "open"))) ==
        at + "22: S5: is shown nowhere\n" +
        at + "22: the experiment tilt claims S5, which is not lab:tilt");
}

TEST_CASE("claims: a test case that is pointed at is there, and only once") {
  CHECK(told_of_Q1("test:tests/nn_a.cpp: \"roof: one\"") == "");
  CHECK(told_of_Q1("test:tests/nn_a.cpp: \"tower: leans...\"") == "");
  CHECK(told_of_Q1("test:tests/nn_b.cpp: \"roof: one\"") == at_Q1 + "tests/nn_b.cpp is not there");
  CHECK(told_of_Q1("test:tests/nn_a.cpp: \"roof\"") ==
        at_Q1 + "tests/nn_a.cpp has no test case \"roof\"");
  CHECK(told_of_Q1("test:tests/nn_a.cpp: \"roof...\"") ==
        at_Q1 + "tests/nn_a.cpp has 2 test cases \"roof...\"");
  CHECK(told_of_Q1("test:tests/nn_a.cpp: \"...\"") ==
        at_Q1 + "tests/nn_a.cpp has no test case \"...\"");
  for (const char* place : {"", "tests/nn_a.cpp", "tests/nn_a.cpp: \"", "tests/nn_a.cpp: roof"})
    CHECK(told_of_Q1(std::string("test:") + place) ==
          at_Q1 + "a test is tests/FILE.cpp: \"its name\"");
}

TEST_CASE("claims: the lab and the ledger say the same of each other") {
  CHECK(told_of_Q1("lab:rise") == at_Q1 + "there is no experiment rise");
  CHECK(told_of_Q1("lab:fall") == at_Q1 + "the experiment fall claims only S1");
  CHECK(told(ledger("S5", row("S5", stands))) ==
        at + "22: the experiment tilt claims S5, which is not lab:tilt");
  CHECK(told(ledger("S5", row("S5", "lab:fall"))) ==
        at + "22: S5: the experiment fall claims only S1\n" +
        at + "22: the experiment tilt claims S5, which is not lab:tilt");
  CHECK(told(ledger("S5", "")) == at + "0: S5 is missing\n" +
        at + "0: the experiment tilt claims S5, which is not lab:tilt");
}

TEST_CASE("claims: a row names one test, one experiment, or one of each, the test first") {
  CHECK(told(ledger("S5", row("S5", stands + " + lab:tilt"))) == "");
  CHECK(told_of_Q1(stands + " + lab:fall") == at_Q1 + "the experiment fall claims only S1");
  CHECK(told_of_Q1("test:tests/nn_b.cpp: \"roof: one\" + lab:rise") ==
        at_Q1 + "tests/nn_b.cpp is not there\n" + at_Q1 + "there is no experiment rise");
  for (const std::string& where :
       {stands + " + " + stands, stands + " + ", stands + " + open", "lab:fall + " + stands,
        stands + " + lab:fall lab:tilt", stands + " + " + stands + " + lab:fall",
        std::string("lab:fall + lab:tilt")})
    CHECK_MESSAGE(told_of_Q1(where) == at_Q1 + forms, where);
}

TEST_CASE("claims: a test case that has a claim's name is that claim's in the ledger") {
  const std::string wrong =
      "tests/nn_a.cpp:10: \"S7: the roof is on top\" is not the test of S7 in tools/lab/claims.tsv";
  CHECK(told(ledger("S7", row("S7", "lab:tilt"))) == wrong);
  CHECK(told(ledger("S7", row("S7", stands + " + lab:tilt"))) == wrong);
  CHECK(told(ledger("S7", row("S7", "test:tests/nn_a.cpp: \"S7: the ...\" + lab:tilt"))) == "");
  auto with = [](const std::string& path, const std::string& name) {
    return told(ledger("", ""), {nn_a, read_source(path, "TEST_CASE(\"" + name + "\") {\n}\n")});
  };
  CHECK(with("tests/nn_b.cpp", "S7: the roof is on top") ==
        "tests/nn_b.cpp:1: \"S7: the roof is on top\" is not the test of S7 in "
        "tools/lab/claims.tsv");
  CHECK(with("tests/nn_b.cpp", "L1: x").find("is not the test of L1") != std::string::npos);
  for (const char* name : {"L9: x", "L1 x", "L1:x", "of L1: x", "S10: x", "L1"})
    CHECK(with("tests/nn_b.cpp", name) == "");
  CHECK(with("tools/nn_b.cpp", "L1: x") == "");
}

TEST_CASE("claims: how many are in tests, in the lab and in both") {
  const ClaimCount count = count_claims(ledger("", ""));
  CHECK(count.tests == 28);
  CHECK(count.lab == 4);
  CHECK(count.both == 1);
}

TEST_CASE("claims: the house's own ledger is in order") {
  const std::string text = read_file(ledger_path);
  for (const std::string& line : claim_complaints(text, read_sources("."), lab::experiments()))
    FAIL_CHECK(line);
  const ClaimCount count = count_claims(text);
  CHECK(count.tests + count.lab - count.both == 31);
}
