// The ledger of claims: fixtures that must fail, and the house's own, which must not.
#include "tests/close.h"

#include "nn/file.h"
#include "tools/checks/claims_ledger.h"

using namespace babelgrad;
using namespace babelgrad::checks;

namespace {

const std::vector<Source> tests = {
    read_source("tests/nn_a.cpp",
                "TEST_CASE(\"tower: stands\") {\n}\nTEST_CASE(\"tower: leans, \"\n"
                "          \"a little\") {\n}\nTEST_CASE(\"roof: one\") {\n}\n"
                "TEST_CASE(\"roof: two\") {\n}\n")};
const std::vector<lab::Experiment> both = {{"tilt", "S5 P4", "?", nullptr},
                                           {"fall", "S1", "?", nullptr}};

// A ledger that is in order, but for `id`, whose row is `row`.
std::string ledger(const std::string& id, const std::string& row) {
  std::string lines;
  for (const std::string& it : claim_ids()) {
    std::string where = it == "S5" || it == "P4" ? "lab:tilt" : it == "S1" ? "lab:fall" : "open";
    if (it == "L1") where = "test:tests/nn_a.cpp: \"tower: stands\"";
    lines += it == id ? row : it + "\tIt is so.\t" + where + "\n";
  }
  return lines;
}

std::string told(const std::string& text) {
  std::string lines;
  for (const std::string& line : claim_complaints(text, tests, both))
    lines += (lines.empty() ? "" : "\n") + line;
  return lines;
}

std::string told_of_Q1(const std::string& where) {
  return told(ledger("Q1", "Q1\tA\t" + where + "\n"));
}

const std::string at_Q1 = "tools/lab/claims.tsv:9: Q1: ";

}  // namespace

TEST_CASE("claims: thirty-one ids, each once, in order") {
  CHECK(claim_ids().size() == 31);
  CHECK(claim_ids().front() == "L1");
  CHECK(claim_ids().back() == "T3");
  CHECK(told(ledger("", "")) == "");
  CHECK(told(ledger("Q1", "")) == "tools/lab/claims.tsv:0: Q1 is missing");
  CHECK(told(ledger("Q1", "Q1\tA\topen\nQ1\tA\topen\n")) ==
        "tools/lab/claims.tsv:10: Q1 is in line 9 already");
  CHECK(told(ledger("Q1", "Q9\tA\topen\n")) ==
        "tools/lab/claims.tsv:9: Q9 is no claim\ntools/lab/claims.tsv:0: Q1 is missing");
}

TEST_CASE("claims: a row has an id, a statement and a place") {
  for (const char* row : {"Q1\topen\n", "Q1\t\topen\n", "\n", "Q1\tA\topen\tmore\n", "\xFF\t\n"})
    CHECK(told(ledger("Q1", row)).starts_with(
        "tools/lab/claims.tsv:9: would be: id, statement, where, with tabs between"));
  for (const char* where : {"", "closed", "Open", "tests/nn_a.cpp", "open "})
    CHECK(told_of_Q1(where) == at_Q1 + "would be test:FILE: \"NAME\", lab:EXPERIMENT or open");
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
  CHECK(told(ledger("S5", "S5\tA\topen\n")) ==
        "tools/lab/claims.tsv:22: the experiment tilt claims S5, which is not lab:tilt");
  CHECK(told(ledger("S5", "S5\tA\tlab:fall\n")) ==
        "tools/lab/claims.tsv:22: S5: the experiment fall claims only S1\n"
        "tools/lab/claims.tsv:22: the experiment tilt claims S5, which is not lab:tilt");
}

TEST_CASE("claims: the count of what is open") {
  const ClaimCount count = count_claims(ledger("", ""));
  CHECK(count.tests == 1);
  CHECK(count.lab == 3);
  CHECK(count.open == 27);
}

TEST_CASE("claims: the house's own ledger is in order") {
  const std::string text = read_file(ledger_path);
  for (const std::string& line : claim_complaints(text, read_sources("."), lab::experiments()))
    FAIL_CHECK(line);
  const ClaimCount count = count_claims(text);
  CHECK(count.tests + count.lab + count.open == 31);
}
