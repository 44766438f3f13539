// babelgrad manual: pages, which know of every command and of all its options.
#include "tests/program.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"

using namespace babelgrad;

TEST_CASE("manual: every command has a page, with each option that --help has") {
  Folder folder;
  REQUIRE(said_by(folder, "manual --pages man").status == 0);
  const std::string all = read_file(folder.path + "/man/babelgrad.1");
  for (const Command& command : all_commands()) {
    INFO(command.name);
    CHECK(says(all, join("\\fB", command.name, "\\fR")));
    const std::string page = read_file(join(folder.path, "/man/babelgrad-", command.name, ".1"));
    CHECK(page.starts_with(".TH BABELGRAD\\-"));
    if (std::string(command.name) == "lab") continue;        // a program of its own
    std::vector<std::string> actions = command.actions;
    if (actions.empty()) actions.emplace_back();
    for (const std::string& action : actions) {
      Help help;
      try {
        std::vector<std::string> words{action, "--help"};
        if (action.empty()) words.erase(words.begin());
        called(command.run, command.name, words);
      } catch (const HelpWanted& wanted) { help = wanted.help; }
      REQUIRE(help.options.size() > 0);
      for (const Help::Option& option : help.options) {
        std::string name = "--" + option.name, dashes;
        for (char c : name) dashes += c == '-' ? "\\-" : std::string(1, c);
        CHECK_MESSAGE(says(page, "\\fB" + dashes + "\\fR"), option.name);
      }
    }
  }
}

TEST_CASE("manual: a page is roff: no line of text is a request, no backslash is lost") {
  Folder folder;
  for (const Command& command : all_commands()) {
    const std::string page = said_by(folder, join("manual ", command.name)).out;
    std::size_t begin = 0;
    for (std::size_t end; (end = page.find('\n', begin)) != page.npos; begin = end + 1) {
      const std::string line = page.substr(begin, end - begin);
      if (!line.starts_with('.')) continue;
      const std::string request = line.substr(1, line.find(' ') - 1);
      CHECK_MESSAGE((request == "TH" || request == "SH" || request == "B" || request == "BR" ||
                     request == "br" || request == "TP" || request == "PP" || request == "nf" ||
                     request == "fi" || request == "RS" || request == "RE" || request == "I"),
                    line);
    }
  }
}
