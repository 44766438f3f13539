// Every claim is in the ledger once, and what the ledger points at is there.
#include "tools/checks/claims_ledger.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "tensor/check.h"
#include "tools/page/house.h"

namespace babelgrad::checks {
namespace {

struct Test { std::string path, name; };        // path "": what was written is no test

struct Claim {
  int line;
  std::string id, where;                        // of a row that is none: id is ""
  bool tested = false, tried = false;           // says test: and lab:
  Test test = {};
  std::string experiment = {};
  bool open() const { return where == "open"; }
};

// tests/FILE.cpp: "name"
Test test_of(const std::string& place) {
  const std::size_t colon = place.find(": \"");
  if (colon == std::string::npos || !place.ends_with('"') || colon + 4 > place.size()) return {};
  return {place.substr(0, colon), place.substr(colon + 3, place.size() - colon - 4)};
}

Claim claim_of(int line, const std::string& id, const std::string& where) {
  Claim claim{line, id, where};
  claim.tested = where.starts_with("test:");
  const std::size_t plus = claim.tested ? where.find("\" + ") : std::string::npos;
  const bool both = plus != std::string::npos;
  const std::string last = both ? where.substr(plus + 4) : claim.tested ? "" : where;
  claim.tried = last.starts_with("lab:") && last.find(' ') == std::string::npos;
  if (claim.tried) claim.experiment = last.substr(4);
  if (claim.tested) claim.test = test_of(where.substr(5, both ? plus - 4 : std::string::npos));
  if (both && !claim.tried) claim.tested = false;         // what follows is no experiment
  return claim;
}

std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells(1);
  for (char c : row) {
    if (c == '\t') cells.emplace_back();
    else cells.back() += c;
  }
  return cells;
}

std::vector<Claim> rows_of(const std::string& ledger) {
  std::vector<Claim> rows;
  std::istringstream lines(ledger);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> cells = cells_of(line);
    const bool whole = cells.size() == 3 && !cells[0].empty() && !cells[1].empty();
    rows.push_back(claim_of(int(rows.size()) + 1, whole ? cells[0] : "", whole ? cells[2] : ""));
  }
  return rows;
}

bool is_named(const std::string& title, const std::string& name) {
  if (!name.ends_with("...")) return title == name;
  const std::string beginning = name.substr(0, name.size() - 3);
  return !beginning.empty() && title.starts_with(beginning);
}

std::string test_problem(const Test& test, const std::vector<Source>& sources) {
  if (test.path.empty()) return "a test is tests/FILE.cpp: \"its name\"";
  bool there = false;
  int found = 0;
  for (const Source& source : sources) {
    if (source.path != test.path) continue;
    there = true;
    for (const page::TestCase& it : page::test_cases(source))
      found += is_named(it.title, test.name);
  }
  if (!there) return test.path + " is not there";
  if (found == 0) return join(test.path, " has no test case \"", test.name, "\"");
  return found > 1 ? join(test.path, " has ", found, " test cases \"", test.name, "\"") : "";
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

bool says(const lab::Experiment& experiment, const std::string& id) {
  const std::vector<std::string> ids = words_of(experiment.claims);
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

std::string lab_problem(const Claim& claim, const std::vector<lab::Experiment>& experiments) {
  for (const lab::Experiment& it : experiments)
    if (claim.experiment == it.name)
      return says(it, claim.id) ? "" : join("the experiment ", it.name, " claims only ", it.claims);
  return "there is no experiment " + claim.experiment;
}

std::vector<std::string> problems_of(const Claim& claim, const std::vector<Source>& sources,
                                     const std::vector<lab::Experiment>& experiments) {
  if (claim.open()) return {"is shown nowhere"};
  if (!claim.tested && !claim.tried)
    return {"would be test:FILE: \"NAME\", lab:EXPERIMENT, or both with + between"};
  std::vector<std::string> all;
  if (claim.tested) all.push_back(test_problem(claim.test, sources));
  if (claim.tried) all.push_back(lab_problem(claim, experiments));
  std::erase(all, "");
  return all;
}

using Rows = std::map<std::string, Claim>;

void check_experiments(const Rows& rows, const std::vector<lab::Experiment>& experiments,
                       std::vector<std::string>& complaints) {
  for (const lab::Experiment& it : experiments)
    for (const std::string& id : words_of(it.claims)) {
      auto row = rows.find(id);
      if (row != rows.end() && row->second.experiment == it.name) continue;
      complaints.push_back(join(ledger_path, ":", row == rows.end() ? 0 : row->second.line,
                                ": the experiment ", it.name, " claims ", id, ", which is not lab:",
                                it.name));
    }
}

// "Q4: ..." is the test of Q4.
void check_names(const Rows& rows, const std::vector<Source>& sources,
                 std::vector<std::string>& complaints) {
  const std::vector<std::string> ids = claim_ids();
  for (const Source& source : sources) {
    if (!source.path.starts_with("tests/")) continue;
    for (const page::TestCase& it : page::test_cases(source)) {
      const std::size_t colon = it.title.find(": ");
      const std::string id = colon == std::string::npos ? "" : it.title.substr(0, colon);
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) continue;
      auto row = rows.find(id);
      if (row != rows.end() && row->second.test.path == source.path &&
          is_named(it.title, row->second.test.name))
        continue;
      complaints.push_back(join(source.path, ":", it.place.line, ": \"", it.title,
                                "\" is not the test of ", id, " in ", ledger_path));
    }
  }
}

}  // namespace

std::vector<std::string> claim_ids() {
  std::vector<std::string> all;
  for (auto [letter, count] : {std::pair{"L", 8}, {"Q", 4}, {"P", 5}, {"S", 7}, {"N", 4}, {"T", 3}})
    for (int i = 1; i <= count; i++) all.push_back(letter + text(i));
  return all;
}

ClaimCount count_claims(const std::string& ledger) {
  ClaimCount count;
  for (const Claim& it : rows_of(ledger)) {
    count.tests += it.tested, count.lab += it.tried;
    count.both += it.tested && it.tried;
  }
  return count;
}

std::vector<std::string> claim_complaints(const std::string& ledger,
                                          const std::vector<Source>& sources,
                                          const std::vector<lab::Experiment>& experiments) {
  std::vector<std::string> all;
  auto complain = [&](int line, const std::string& what) {
    all.push_back(join(ledger_path, ":", line, ": ", what));
  };
  Rows rows;
  const std::vector<std::string> ids = claim_ids();
  for (const Claim& it : rows_of(ledger)) {
    if (it.id.empty()) complain(it.line, "would be: id, statement, where, with tabs between");
    else if (std::find(ids.begin(), ids.end(), it.id) == ids.end())
      complain(it.line, it.id + " is no claim");
    else if (auto [first, is_new] = rows.insert({it.id, it}); !is_new)
      complain(it.line, join(it.id, " is in line ", first->second.line, " already"));
    else
      for (const std::string& problem : problems_of(it, sources, experiments))
        complain(it.line, join(it.id, ": ", problem));
  }
  for (const std::string& id : ids)
    if (!rows.count(id)) complain(0, id + " is missing");
  check_experiments(rows, experiments, all);
  check_names(rows, sources, all);
  return all;
}

}  // namespace babelgrad::checks
