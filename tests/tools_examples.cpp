// The programs of tools/examples, run as their opening comments say: each learns what it is for.
#include <filesystem>

#include "data/lines.h"
#include "data/tasks.h"
#include "data/text.h"
#include "tests/program.h"

namespace babelgrad {
namespace {

// The lines that `examples/NAME ARGUMENTS` prints; it lies beside the program. Its messages go to
// the file err.
std::vector<std::string> lines_of_example(const Folder& folder, const std::string& name,
                                          const std::string& arguments = "") {
  const std::filesystem::path program = program_path();
  const std::string example = (program.parent_path() / "examples" / name).string();
  // Products this small gain nothing from threads, which on a busy machine wait for each other.
  REQUIRE(std::system(join("cd '", folder.path, "' && OMP_NUM_THREADS=1 '", example, "' ",
                           arguments, " > out 2> err").c_str()) == 0);
  Lines out = Lines::of_file(folder.path + "/out");
  std::vector<std::string> lines;
  for (std::string line; out.next(line);) lines.push_back(line);
  return lines;
}

// Of "191 of 200 right", the share.
double share(const std::string& line) {
  const Tokens words = split(line);
  REQUIRE(words.size() > 3);
  return std::stod(words[0]) / std::stod(words[2]);
}

}  // namespace

TEST_CASE("examples: letters writes lines of words that it has read") {
  Folder folder;
  const auto lines = lines_of_example(folder, "letters");
  REQUIRE(lines.size() == 14);
  CHECK(share(lines.back()) > 0.8);
}

TEST_CASE("examples: translator learns a file of pairs, and says what is wrong with another") {
  Folder folder;
  std::vector<std::string> pairs;
  for (const Pair& pair : built_in_corpus({.pairs = 2000, .max_length = 5}))
    pairs.push_back(join(pair.src) + "\t" + join(pair.tgt));
  write_file_atomically(folder.path + "/pairs.tsv", of_lines(pairs));
  write_file_atomically(folder.path + "/in", "the dog sleeps .\n\nthe cat sleeps .\n");
  CHECK(lines_of_example(folder, "translator", "pairs.tsv < in") ==
        std::vector<std::string>{"le chien dort .", "", "le chat dort ."});
  const std::string messages = read_file(folder.path + "/err");
  CHECK(share(messages.substr(messages.rfind('\n', messages.size() - 2) + 1)) > 0.4);

  write_file_atomically(folder.path + "/pairs.tsv", "no tab\n");
  const std::filesystem::path program = program_path();
  CHECK(std::system(join("cd '", folder.path, "' && '",
                         (program.parent_path() / "examples/translator").string(),
                         "' pairs.tsv < in > out 2> err").c_str()) != 0);
  CHECK(read_file(folder.path + "/err").starts_with("pairs.tsv:1: "));
}

TEST_CASE("examples: own_attention writes backwards, and its weights run backwards") {
  Folder folder;
  const auto lines = lines_of_example(folder, "own_attention");
  REQUIRE(lines.size() > 7);
  CHECK(share(lines[4]) > 0.9);
  int last = 1000;                              // each row looks further to the left
  for (std::size_t row = 6; row < lines.size(); row++) {
    const Tokens words = split(lines[row]);
    const auto largest = std::max_element(words.begin() + 1, words.end());
    CHECK(largest - words.begin() < last);
    last = int(largest - words.begin());
  }
}

}  // namespace babelgrad
