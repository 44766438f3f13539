// What the chapter says, claim by claim, and where each is shown: tools/lab/claims.tsv, with rows
//   ID TAB statement TAB where
// where is `test:tests/FILE.cpp: "name of the test case"`, `lab:EXPERIMENT`, or both with ` + `
// between. A name that ends in "..." is the beginning of one. A test case whose name begins with
// a claim's id, "Q4: ...", is the one that the ledger has for it.
#pragma once

#include <string>
#include <vector>

#include "tools/checks/source.h"
#include "tools/lab/lab.h"

namespace babelgrad::checks {

constexpr const char* ledger_path = "tools/lab/claims.tsv";

std::vector<std::string> claim_ids();           // L1-L8 Q1-Q4 P1-P5 S1-S7 N1-N4 T1-T3

struct ClaimCount { int tests = 0, lab = 0, both = 0; };       // both: counted in either, too
ClaimCount count_claims(const std::string& ledger);

// `tools/lab/claims.tsv:LINE: what is wrong`: a row that is none; an id that is unknown, missing or
// there twice, or whose claim is shown nowhere (`open`); a test case or experiment that is not
// there; an experiment that does not say its claim, or says one that the ledger has elsewhere. And
// `tests/FILE.cpp:LINE: ..`, of a test case that calls itself a claim's and is not.
std::vector<std::string> claim_complaints(const std::string& ledger,
                                          const std::vector<Source>& sources,
                                          const std::vector<lab::Experiment>& experiments);

}  // namespace babelgrad::checks
