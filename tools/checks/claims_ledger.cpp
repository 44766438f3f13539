// Every claim is in the ledger once, and what the ledger points at is there.
#include "tools/checks/claims_ledger.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "tensor/check.h"
#include "tools/checks/book_facts.h"
#include "tools/page/house.h"

namespace babelgrad::checks {
namespace {

struct Claim {
  int line;
  std::string id, statement, where;             // of a row that is none: id is ""
};

std::vector<Claim> rows_of(const std::string& ledger) {
  std::vector<Claim> rows;
  std::istringstream lines(ledger);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> cells = split(line, '\t');
    const bool whole = cells.size() == 3 && !cells[0].empty() && !cells[1].empty();
    rows.push_back({int(rows.size()) + 1, whole ? cells[0] : "", whole ? cells[1] : "",
                    whole ? cells[2] : ""});
  }
  return rows;
}

bool is_named(const std::string& title, const std::string& name) {
  if (!name.ends_with("...")) return title == name;
  const std::string beginning = name.substr(0, name.size() - 3);
  return !beginning.empty() && title.starts_with(beginning);
}

// What is wrong with `tests/FILE.cpp: "name"`; "" if nothing.
std::string test_problem(const std::string& place, const std::vector<Source>& tests) {
  const std::size_t colon = place.find(": \"");
  if (colon == std::string::npos || !place.ends_with('"') || colon + 4 > place.size())
    return "a test is tests/FILE.cpp: \"its name\"";
  const std::string path = place.substr(0, colon);
  const std::string name = place.substr(colon + 3, place.size() - colon - 4);
  bool there = false;
  int found = 0;
  for (const Source& source : tests) {
    if (source.path != path) continue;
    there = true;
    for (const page::TestCase& it : page::test_cases(source)) found += is_named(it.title, name);
  }
  if (!there) return join(path, " is not there");
  if (found == 0) return join(path, " has no test case \"", name, "\"");
  return found > 1 ? join(path, " has ", found, " test cases \"", name, "\"") : "";
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

bool says(const lab::Experiment& experiment, const std::string& id) {
  for (const std::string& word : words_of(experiment.claims))
    if (word == id) return true;
  return false;
}

std::string lab_problem(const std::string& name, const std::string& id,
                        const std::vector<lab::Experiment>& experiments) {
  for (const lab::Experiment& it : experiments)
    if (name == it.name) return says(it, id) ? "" : join("the experiment ", name, " claims only ",
                                                         it.claims);
  return join("there is no experiment ", name);
}

std::string problem_of(const Claim& claim, const std::vector<Source>& tests,
                       const std::vector<lab::Experiment>& experiments) {
  if (claim.where == "open") return "";
  if (claim.where.starts_with("test:")) return test_problem(claim.where.substr(5), tests);
  if (claim.where.starts_with("lab:"))
    return lab_problem(claim.where.substr(4), claim.id, experiments);
  return "would be test:FILE: \"NAME\", lab:EXPERIMENT or open";
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
  for (const Claim& it : rows_of(ledger))
    (it.where == "open" ? count.open : it.where.starts_with("lab:") ? count.lab : count.tests)++;
  return count;
}

std::vector<std::string> claim_complaints(const std::string& ledger,
                                          const std::vector<Source>& tests,
                                          const std::vector<lab::Experiment>& experiments) {
  std::vector<std::string> all;
  auto complain = [&](int line, const std::string& what) {
    all.push_back(join(ledger_path, ":", line, ": ", what));
  };
  std::map<std::string, Claim> seen;
  const std::vector<std::string> ids = claim_ids();
  for (const Claim& it : rows_of(ledger)) {
    if (it.id.empty()) complain(it.line, "would be: id, statement, where, with tabs between");
    else if (std::find(ids.begin(), ids.end(), it.id) == ids.end())
      complain(it.line, it.id + " is no claim");
    else if (auto [first, is_new] = seen.insert({it.id, it}); !is_new)
      complain(it.line, join(it.id, " is in line ", first->second.line, " already"));
    else if (const std::string problem = problem_of(it, tests, experiments); !problem.empty())
      complain(it.line, join(it.id, ": ", problem));
  }
  for (const std::string& id : ids)
    if (!seen.count(id)) complain(0, id + " is missing");
  for (const lab::Experiment& it : experiments)
    for (const std::string& id : words_of(it.claims))
      if (auto row = seen.find(id); row == seen.end() || row->second.where != join("lab:", it.name))
        complain(row == seen.end() ? 0 : row->second.line,
                 join("the experiment ", it.name, " claims ", id, ", which is not lab:", it.name));
  return all;
}

}  // namespace babelgrad::checks
