// A chapter, read like a notebook: the fences of a README.md are statements of one program, in
// order, and what stands under a fence is what it prints.
//   ```cpp         statements; those that begin with #include, and ```cpp global, go before main();
//                  one with an int main() of its own is a whole program, the chapter's only one
//   ```text        right after a ```cpp fence: what it prints. Without it: its margin comments that
//                  begin with [, as in  print(y);  // [1 2], and if there are none, nothing
//   ```console     $ babelgrad ... and what that writes to stdout; $ make ... is for the reader
// Fences of other kinds, or of none, are drawings. Blanks at the end of lines do not count.
//   chapters write README.md PROGRAM.cpp FOLDER...   with the headers of these folders
//   chapters compare README.md PRINTED BABELGRAD     what PROGRAM printed; what its consoles run
// make test does both with each README.md. This is a program by itself, which needs only the
// standard library and a shell; tests/dev_chapters.py has chapters that must fail.
#include <stdlib.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using std::string;

struct Line {
  int number;                                   // from 1, in the README
  string text;                                  // without blanks at its end
};
using Lines = std::vector<Line>;

struct Example {
  enum Kind { statements, global, program, console } kind;
  int line;                                     // of the fence, or of the $ of a command
  Lines code;                                   // of a console the command, without "$ "
  Lines expected = {};
};

struct Chapter {
  string path;                                  // as compilers and complaints name it
  std::vector<Example> examples = {};
};

// Before each example's output its line in the README, so that one that prints too much is found.
const char mark = '\f';

// What a chapter's program has beside the house: the marks.
const char* const prelude = R"(
#include <cstdio>
#include <exception>

#include "tensor/print.h"

namespace babelgrad::examples {

inline int current = 0;
inline void begin_example(int line) { std::printf("\f%d\n", current = line); }
inline int run(void (*chapter)(), const char* path) {
  try {
    chapter();
    return 0;
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s:%d: %s\n", path, current, error.what());
  }
  return 1;
}

}  // namespace babelgrad::examples
)";

string place(const string& path, int line) { return path + ":" + std::to_string(line) + ": "; }

void check(bool good, const string& path, int line, const string& what) {
  if (!good) throw std::runtime_error(place(path, line) + what);
}

string printable(const string& s) {             // on a terminal, and not without end
  string out = s.substr(0, 200);
  for (char& c : out)
    if ((unsigned char)c < ' ' || c == 127) c = '?';
  return out;
}
string in_quotes(const string& s) { return "\"" + printable(s) + "\""; }

string without_blanks(const string& s) { return s.substr(0, s.find_last_not_of(" \t\r") + 1); }
string trimmed(const string& s) { return s.substr(std::min(s.find_first_not_of(" \t"), s.size())); }

Lines lines_of(const string& text) {
  Lines lines;
  std::istringstream stream(text);
  for (string line; std::getline(stream, line);)
    lines.push_back({int(lines.size()) + 1, without_blanks(line)});
  return lines;
}

string read_file(const string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file) throw std::runtime_error("chapters: cannot read " + path);
  return text.str();
}

void write_file(const string& path, const string& text) {
  std::ofstream file(path, std::ios::binary);
  if (!file.write(text.data(), std::streamsize(text.size())).flush())
    throw std::runtime_error("chapters: cannot write " + path);
}

// --- From a README to its examples

struct Fence {
  string kind;                                  // "cpp", "cpp global", "text", "console", ...
  int line;
  bool follows;                                 // nothing but bare lines since the fence before
  Lines body = {};
};

std::vector<Fence> fences_of(const string& path, const Lines& lines) {
  std::vector<Fence> fences;
  bool open = false, bare = false;
  for (const Line& line : lines) {
    bool marks = trimmed(line.text).starts_with("```");
    if (!open && marks) {
      check(line.text[0] == '`', path, line.number, "a fence begins in the first column");
      fences.push_back({trimmed(line.text.substr(3)), line.number, bare});
      open = true;
    } else if (open && marks) {
      check(line.text == "```", path, line.number,
            "the fence of line " + std::to_string(fences.back().line) +
                " is still open here; it ends with ``` alone");
      open = false, bare = true;
    } else if (open) {
      fences.back().body.push_back(line);
    } else {
      bare = bare && line.text.empty();
    }
  }
  check(!open, path, open ? fences.back().line : 0, "a fence without an end");
  return fences;
}

Example::Kind kind_of(const Fence& fence) {
  for (const Line& line : fence.body)
    if (line.text.starts_with("int main(")) return Example::program;
  auto first = std::ranges::find_if(fence.body, [](const Line& line) {
    return !line.text.empty() && !line.text.starts_with("//");
  });
  bool includes = first != fence.body.end() && first->text.starts_with("#include");
  return includes || fence.kind == "cpp global" ? Example::global : Example::statements;
}

Lines margin(const Lines& code) {
  Lines expected;
  for (const auto& [number, text] : code) {
    std::size_t at = text.rfind("// ");
    if (at == string::npos || at == 0) continue;
    string comment = text.substr(at + 3);
    if (trimmed(comment).starts_with('[')) expected.push_back({number, comment});
  }
  return expected;
}

void add_commands(Chapter& chapter, const Fence& fence) {
  bool run = false;
  check(!fence.body.empty() && fence.body[0].text.starts_with("$ "), chapter.path, fence.line,
        "a console begins with `$ ` and a command");
  for (const auto& [number, text] : fence.body) {
    if (!text.starts_with("$ ")) {
      if (run) chapter.examples.back().expected.push_back({number, text});
      continue;
    }
    run = !text.starts_with("$ make");
    check(!run || text.find("babelgrad") != string::npos, chapter.path, number,
          "a command is `$ babelgrad ...` or `$ make ...`");
    if (run) chapter.examples.push_back({Example::console, number, {{number, text.substr(2)}}});
  }
}

void check_whole(const Chapter& chapter) {
  int programs = 0, others = 0;
  for (const Example& example : chapter.examples) {
    check(!example.code.empty(), chapter.path, example.line, "an example without a line");
    programs += example.kind == Example::program;
    others += example.kind == Example::statements || example.kind == Example::global;
    check(programs == 0 || programs + others == 1, chapter.path, example.line,
          "a program with its own main() is the only C++ of its chapter");
  }
}

Chapter read_chapter(const string& path) {
  Chapter chapter{printable(path)};
  check(path.find_first_of("\"\\\n") == string::npos, chapter.path, 1, "a path without quotes");
  string before;                                // the kind of the fence before
  for (const Fence& fence : fences_of(chapter.path, lines_of(read_file(path)))) {
    bool code = fence.kind == "cpp" || fence.kind == "cpp global";
    check(code || !fence.kind.starts_with("cpp "), chapter.path, fence.line,
          "a fence is cpp or cpp global, not " + printable(fence.kind));
    if (code) {
      Example example{kind_of(fence), fence.line, fence.body};
      if (example.kind != Example::global) example.expected = margin(fence.body);
      chapter.examples.push_back(example);
    } else if (fence.kind == "text") {
      check(fence.follows && before == "cpp" && chapter.examples.back().kind != Example::global,
            chapter.path, fence.line, "a ```text fence stands right after the ```cpp fence that "
            "prints it; a drawing is a fence without a name");
      chapter.examples.back().expected = fence.body;
    } else if (fence.kind == "console") {
      add_commands(chapter, fence);
    }
    before = code ? "cpp" : fence.kind;
  }
  check_whole(chapter);
  return chapter;
}

// --- From examples to one C++ program

bool is_include(const Line& line) { return line.text.starts_with("#include"); }

// The examples of a kind, where a compiler says README.md:42 for what is wrong with them: their
// includes, or all else. A whole program is left as it is.
string all_of(const Chapter& chapter, Example::Kind kind, bool includes = false) {
  std::ostringstream out;
  for (const Example& example : chapter.examples) {
    if (example.kind != kind) continue;
    if (kind == Example::statements) out << "examples::begin_example(" << example.line << ");\n";
    out << "#line " << example.code[0].number << " \"" << chapter.path << "\"\n";
    for (const Line& line : example.code)
      out << (kind != Example::global || is_include(line) == includes ? line.text : "") << "\n";
  }
  return out.str();
}

// In a namespace of its own, a chapter may use names that a room it has not come to has, too.
string program_of(const Chapter& chapter, const std::vector<string>& folders) {
  string program = all_of(chapter, Example::program), includes;
  if (!program.empty()) return program;
  for (const string& folder : folders) {
    std::vector<string> headers;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".h") headers.push_back(entry.path().generic_string());
    std::ranges::sort(headers);
    for (const string& header : headers) includes += "#include \"" + header + "\"\n";
  }
  return includes + all_of(chapter, Example::global, true) + prelude +
         "namespace babelgrad::chapter {\n" +
         all_of(chapter, Example::global) + "static void run() {\n" +
         all_of(chapter, Example::statements) + "}\n}  // namespace babelgrad::chapter\n" +
         "int main() { return babelgrad::examples::run(babelgrad::chapter::run, \"" +
         chapter.path + "\"); }\n";
}

// --- What was printed, beside what a chapter says is printed

// `README.md:42: expected "1", printed "2"`: the first line that differs; "" if none does.
string difference(const Chapter& chapter, const Example& example, const string& printed) {
  Lines is = lines_of(printed), should = example.expected;
  for (Lines* lines : {&is, &should})
    while (!lines->empty() && lines->back().text.empty()) lines->pop_back();
  std::size_t i = 0;
  while (i < is.size() && i < should.size() && is[i].text == should[i].text) i++;
  if (i == is.size() && i == should.size()) return "";
  int line = i < should.size() ? should[i].number
                               : should.empty() ? example.line : should.back().number;
  return place(chapter.path, line) + "expected " +
         (i < should.size() ? in_quotes(should[i].text) : "nothing more") + ", printed " +
         (i < is.size() ? in_quotes(is[i].text) : "nothing more");
}

// What each example printed, by its line in the README.
std::map<int, string> pages_of(const string& printed) {
  std::map<int, string> pages;
  for (std::size_t begin = printed.find(mark); begin != string::npos;) {
    std::size_t next = printed.find(mark, begin + 1);
    string page = printed.substr(begin + 1, next - begin - 1);
    std::size_t end = std::min(page.find('\n'), page.size() - 1);
    pages[std::atoi(page.c_str())] = page.substr(end + 1);
    begin = next;
  }
  return pages;
}

struct Folder {                                 // of a chapter's commands, gone when they are done
  string path = (fs::temp_directory_path() / "chapter-XXXXXX").string();
  Folder() {
    if (!::mkdtemp(path.data())) throw std::runtime_error("chapters: cannot make " + path);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
};

string shell_word(const string& s) {
  string out = "'";
  for (char c : s) out += c == '\'' ? string("'\\''") : string(1, c);
  return out + "'";
}

// Runs a console's command as a reader would, by the shell, in the folder.
string console_difference(const Chapter& chapter, const Example& example, const Folder& folder,
                          const string& babelgrad) {
  write_file(folder.path + "/.command", "babelgrad() { " + shell_word(babelgrad) + " \"$@\"; }\n" +
                                            example.code[0].text + "\n");
  int status = std::system(("cd " + shell_word(folder.path) +
                            " && sh .command < /dev/null > .out 2> .err").c_str());
  if (status == 0) return difference(chapter, example, read_file(folder.path + "/.out"));
  const string said = read_file(folder.path + "/.err");
  return place(chapter.path, example.line) + "exit status " +
         std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)) + ": " +
         printable(said.substr(0, said.find('\n')));
}

int compare(const Chapter& chapter, const string& printed, const string& babelgrad) {
  bool good = true;
  const std::map<int, string> pages = pages_of(printed);
  const Folder folder;
  for (const Example& example : chapter.examples) {
    auto page = pages.find(example.line);
    string found;
    if (example.kind == Example::console)
      found = console_difference(chapter, example, folder, fs::absolute(babelgrad).string());
    else if (example.kind == Example::program) found = difference(chapter, example, printed);
    else if (example.kind == Example::global) continue;
    else if (page != pages.end()) found = difference(chapter, example, page->second);
    else found = place(chapter.path, example.line) + "this example did not run";
    if (!found.empty()) std::fprintf(stderr, "%s\n", found.c_str()), good = false;
  }
  const std::size_t count = chapter.examples.size();
  std::printf("%s: %zu example%s\n", chapter.path.c_str(), count, count == 1 ? "" : "s");
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<string> words(argv + 1, argv + argc);
  if (words.size() == 4 && words[0] == "compare")
    return compare(read_chapter(words[1]), read_file(words[2]), words[3]);
  if (words.size() < 3 || words[0] != "write") {
    std::fputs("chapters: write README.md PROGRAM.cpp FOLDER..., or compare README.md PRINTED "
               "BABELGRAD\n", stderr);
    return 2;
  }
  write_file(words[2], program_of(read_chapter(words[1]), {words.begin() + 3, words.end()}));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
