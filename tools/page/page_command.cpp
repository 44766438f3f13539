// checks page: the house as a static site. A link that points nowhere fails it, each with its line.
#include "data/file.h"
#include "data/utf8.h"
#include "tensor/check.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/output.h"
#include "tools/checks/commands.h"
#include "tools/page/site.h"

namespace babelgrad::checks {

int page_command(int argc, const char* const* argv) {
  std::string folder, root = ".", explorer;
  Args args("checks page", "build/page");
  args.positional("folder", &folder,
                  "where the site goes; a site that is there is replaced as a whole");
  args.string("root", &root, "FOLDER", "the house");
  args.string("explorer", &explorer, "FILE", "a page of attention weights to take in");
  args.parse(argc, argv);
  const auto house = page::read_house(root);
  const auto site = page::build_site(house, explorer.empty() ? "" : read_file(explorer));
  for (const auto& problem : site.problems) say(problem);
  check(site.problems.empty(), "page: ", site.problems.size(),
        " links point nowhere; nothing is written");
  page::check_links(site.files);
  page::write_site(folder, site.files);
  say(join("wrote ", printable(folder), "/index.html and ", site.files.size() - 1, " more"));
  return 0;
}

}  // namespace babelgrad::checks
