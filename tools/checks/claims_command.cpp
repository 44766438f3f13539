// checks claims: the ledger of claims against the tests and the lab. Complaints on stdout, one line
// each, or one line of figures.
#include "data/file.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/output.h"
#include "tools/checks/claims_ledger.h"
#include "tools/checks/commands.h"

namespace babelgrad::checks {

int claims_command(int argc, const char* const* argv) {
  std::string root = ".";
  Args args("claims", "checks claims");
  args.optional("root", &root, "the folder of the repository; without it, this one");
  args.parse(argc, argv);
  const std::string ledger = read_file(root + "/" + ledger_path);
  const std::vector<std::string> lines =
      claim_complaints(ledger, read_sources(root), lab::experiments());
  for (const std::string& line : lines) print(line);
  const ClaimCount count = count_claims(ledger);
  if (lines.empty())
    print(join("claims: ", claim_ids().size(), ", ", count.tests, " in tests, ", count.lab,
               " in the lab, ", count.both, " in both"));
  else say(join("claims: ", lines.size(), lines.size() == 1 ? " complaint" : " complaints"));
  return lines.empty() ? 0 : 1;
}

}  // namespace babelgrad::checks
