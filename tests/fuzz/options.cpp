// A command line of babelgrad train, a word to a line: what is read is a list of values, and who
// types all of them gets the same.
#include "tests/fuzz/fuzz.h"
#include "tools/app/run/settings.h"

namespace babelgrad::fuzz {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

// Merges are read from a file that is named: of a name made up, that could be any.
bool names_files(const std::vector<std::string>& words) {
  for (const std::string& word : words)
    if (word.starts_with("--codes") || word.starts_with("--tgt-codes")) return true;
  return false;
}

Values values_of(const std::vector<std::string>& words) {
  std::vector<const char*> argv{"train"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  Args args("train", "babelgrad train");
  TrainOptions options;
  read_options(args, options, int(argv.size()), argv.data());
  return args.values();
}

}  // namespace

std::vector<std::string> seeds() {
  return {"--model\nrnn\n--layers=1\n--lr\n2e-3\n--out\nrun", "--preset\nbook\n--data\na.tsv",
          "--model=transformer\n--preset\nmulti30k-tiny\n--data=d\n--val=v\n--ema\n.99",
          "--task\nsort\n--alphabet\n9\n--min-length\n2\n--max-length=5\n--without\nmask,norm",
          "--merges\n50\n--separate\n--schedule\ncosine\n--warmup\n3\n--decay-steps\n18",
          "--\n--help\n-", "--help", "--epoch\n3"};
}

void read(std::string_view input) {
  const std::vector<std::string> words = lines_of(input);
  if (words.size() > 64 || names_files(words) || input.find('\0') != input.npos) return;
  try {
    const auto values = accepted([&] { return values_of(words); });
    if (!values) return;
    std::vector<std::string> all;               // each said out loud, flags only if they are set
    for (const auto& [name, value] : *values) {
      if (value == "true") all.push_back("--" + name);
      else if (value != "false") all.push_back("--" + name + "=" + value);
    }
    const auto again = accepted([&] { return values_of(all); });         // some go not together
    holds(!again || *again == *values, "the same values");
  } catch (const HelpWanted& help) {
    holds(help.help.usage().starts_with("Usage:"), "help is help");
  }
}

}  // namespace babelgrad::fuzz
