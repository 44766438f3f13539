// The program as a user meets it: it still says what the transcripts in tests/cli have. There
//
//     ## says what is shown next,
//     $  begins a command for the shell, and
//     >  goes on with it;
//
// what follows is stdout, then stderr, then the exit status in brackets unless it is 0. A line of
// a single \ stands for the end of line that a text has not, `...` in a line for anything in it,
// as a line for any lines. A transcript has a folder of its own, begins with what `setup.sh`
// defines, and is run by -sc="NAME*". TRANSCRIPTS=write puts what is said in the place of what
// does not match.
#include <sstream>

#include "tests/program.h"

using namespace babelgrad;

namespace {

using Output = std::vector<std::string>;

const std::string cli_folder = std::filesystem::absolute("tests/cli").string();

bool line_matches(std::string_view pattern, std::string_view line) {
  const std::size_t dots = pattern.find("...");
  if (dots == pattern.npos) return line == pattern;
  if (!line.starts_with(pattern.substr(0, dots))) return false;
  for (std::size_t at = dots; at <= line.size(); at++)
    if (line_matches(pattern.substr(dots + 3), line.substr(at))) return true;
  return false;
}

bool output_matches(const Output& wanted, const Output& said, std::size_t i = 0,
                    std::size_t j = 0) {
  if (i == wanted.size()) return j == said.size();
  if (wanted[i] == "..." && output_matches(wanted, said, i + 1, j)) return true;
  return j < said.size() && line_matches(wanted[i], said[j]) &&
         output_matches(wanted, said, i + (wanted[i] != "..."), j + 1);
}

Output split_lines(const std::string& text) {
  std::istringstream in(text);
  Output lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// What the command says in this folder. Models this small gain nothing from threads.
Output output_of_shell(const Folder& folder, const std::string& command) {
  write_file_atomically(folder.path + "/command", ". '" + cli_folder + "/setup.sh'\n" + command);
  const std::string programs = std::filesystem::path(program_path()).parent_path().string();
  const int status = std::system(
      join("mkdir -p '", folder.path, "/here' && cd '", folder.path, "/here' && OMP_NUM_THREADS=1 ",
           "PATH=\"", programs, ":", programs, "/examples:$PATH\" ",
           "sh ../command > ../out 2> ../err < /dev/null").c_str());
  Output said;
  for (const char* name : {"/out", "/err"}) {
    const std::string text = read_file(folder.path + name);
    for (const std::string& line : split_lines(text)) said.push_back(line);
    if (!text.empty() && !text.ends_with('\n')) said.push_back("\\");
  }
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (code != 0) said.push_back(join("[", code, "]"));
  return said;
}

void check_transcript(const std::string& path) {
  const Folder folder;
  const Output lines = split_lines(read_file(path));
  Output seen;                                  // the transcript, as it should be
  std::size_t at = 0;
  const auto is = [&](const char* mark) {
    return at < lines.size() && lines[at].starts_with(mark);
  };
  while (at < lines.size()) {
    if (is("## ")) {
      seen.push_back(lines[at++]);
      continue;
    }
    REQUIRE_MESSAGE(is("$ "), path, ":", at + 1, ": a command begins with $");
    const std::size_t first = at + 1;
    std::string command;
    do {
      seen.push_back(lines[at]);
      command += lines[at++].substr(2) + "\n";
    } while (is("> "));
    Output wanted;
    while (at < lines.size() && !is("$ ") && !is("## ")) wanted.push_back(lines[at++]);
    const Output said = output_of_shell(folder, command);
    const bool right = output_matches(wanted, said);
    CHECK_MESSAGE(right, path, ":", first, ": ", command, "should say\n", of_lines(wanted),
                  "and says\n", of_lines(said));
    seen.insert(seen.end(), (right ? wanted : said).begin(), (right ? wanted : said).end());
  }
  const char* write = std::getenv("TRANSCRIPTS");
  if (write && std::string(write) == "write") write_file_atomically(path, of_lines(seen));
}

}  // namespace

TEST_CASE("transcripts: what matches, and what does not") {
  struct { Output wanted, said; bool right; } const cases[] = {
      {{"a"}, {"a"}, true},               {{"a"}, {"a", "b"}, false}, {{"a", "b"}, {"a"}, false},
      {{"a...c"}, {"abbc"}, true},        {{"a...c"}, {"abbcd"}, false},
      {{"...", "b"}, {"a", "b"}, true},   {{"...", "b"}, {"b"}, true},
      {{"...", "b"}, {"b", "c"}, false},  {{"...b...", "..."}, {"a b"}, true}, {{}, {"a"}, false}};
  for (const auto& c : cases) CHECK(output_matches(c.wanted, c.said) == c.right);
}

TEST_CASE("transcripts: the program says what is written there") {
  for (const std::string& name : names_in(cli_folder))
    if (name.ends_with(".txt")) SUBCASE(name.c_str()) { check_transcript(cli_folder + "/" + name); }
}
