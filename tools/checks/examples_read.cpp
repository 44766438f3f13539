// From a README to its examples.
#include <algorithm>

#include "data/utf8.h"
#include "tensor/check.h"
#include "tools/checks/examples.h"

namespace babelgrad::checks {
namespace {

using Lines = std::vector<ChapterLine>;

std::string without_blanks(std::string_view s) {
  return std::string(s.substr(0, s.find_last_not_of(" \t\r") + 1));
}

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back({int(lines.size()) + 1, without_blanks(text.substr(0, end))});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string trimmed(std::string_view s) {
  s.remove_prefix(std::min(s.find_first_not_of(" \t"), s.size()));
  return std::string(s);
}

struct Fence {
  std::string kind;                             // "cpp", "cpp global", "text", "console", ...
  int line;
  bool follows;                                 // nothing but bare lines since the fence before
  Lines body;
};

std::vector<Fence> fences_of(const std::string& path, const Lines& lines) {
  std::vector<Fence> fences;
  bool open = false, bare = false;
  for (const ChapterLine& line : lines) {
    bool marks = trimmed(line.text).starts_with("```");
    if (!open && marks) {
      check(line.text.starts_with("```"), path, ":", line.number,
            ": a fence begins in the first column");
      fences.push_back({trimmed(line.text.substr(3)), line.number, bare, {}});
      open = true;
    } else if (open && marks) {
      check(line.text == "```", path, ":", line.number, ": the fence of line ", fences.back().line,
            " is still open here; it ends with ``` alone");
      open = false, bare = true;
    } else if (open) {
      fences.back().body.push_back(line);
    } else {
      bare = bare && line.text.empty();
    }
  }
  check(!open, path, ":", open ? fences.back().line : 0, ": a fence without an end");
  return fences;
}

Example::Kind kind_of(const Fence& fence) {
  for (const ChapterLine& line : fence.body) {
    if (line.text.starts_with("int main(")) return Example::program;
  }
  auto first = std::ranges::find_if(fence.body, [](const ChapterLine& line) {
    return !line.text.empty() && !line.text.starts_with("//");
  });
  bool includes = first != fence.body.end() && first->text.starts_with("#include");
  return includes || fence.kind == "cpp global" ? Example::global : Example::statements;
}

Lines margin(const Lines& code) {
  Lines expected;
  for (const auto& [number, text] : code) {
    std::size_t at = text.rfind("// ");
    if (at == std::string::npos || at == 0) continue;
    std::string comment = text.substr(at + 3);
    if (trimmed(comment).starts_with('[')) expected.push_back({number, comment});
  }
  return expected;
}

void add_commands(const std::string& path, const Fence& fence, std::vector<Example>& examples) {
  bool run = false;
  check(!fence.body.empty() && fence.body[0].text.starts_with("$ "), path, ":", fence.line,
        ": a console begins with `$ ` and a command");
  for (const auto& [number, text] : fence.body) {
    if (!text.starts_with("$ ")) {
      if (run) examples.back().expected.push_back({number, text});
      continue;
    }
    run = !text.starts_with("$ make");
    check(!run || text.find("babelgrad") != std::string::npos, path, ":", number,
          ": a command is `$ babelgrad ...` or `$ make ...`");
    if (run) examples.push_back({Example::console, number, {{number, text.substr(2)}}});
  }
}

void add_text(const std::string& path, const Fence& fence, std::vector<Example>& examples,
              bool after_code) {
  check(after_code && examples.back().kind != Example::global, path, ":", fence.line,
        ": a ```text fence stands right after the ```cpp fence that prints it; a drawing is a "
        "fence without a name");
  examples.back().expected = fence.body;
}

void check_whole(const Chapter& chapter) {
  int programs = 0, others = 0;
  for (const Example& example : chapter.examples) {
    check(!example.code.empty(), chapter.path, ":", example.line, ": an example without a line");
    programs += example.kind == Example::program;
    others += example.kind == Example::statements || example.kind == Example::global;
    check(programs == 0 || programs + others == 1, chapter.path, ":", example.line,
          ": a program with its own main() is the only C++ of its chapter");
  }
}

}  // namespace

Chapter read_chapter(const std::string& path, const std::string& text) {
  Chapter chapter{printable(path), {}};
  std::string before;                           // the kind of the fence before
  for (const Fence& fence : fences_of(chapter.path, lines_of(text))) {
    bool code = fence.kind == "cpp" || fence.kind == "cpp global";
    check(code || !fence.kind.starts_with("cpp "), chapter.path, ":", fence.line,
          ": a fence is cpp or cpp global, not ", printable(fence.kind, 40));
    if (code) {
      Example example{kind_of(fence), fence.line, fence.body};
      if (example.kind != Example::global) example.expected = margin(fence.body);
      chapter.examples.push_back(example);
    } else if (fence.kind == "text") {
      add_text(chapter.path, fence, chapter.examples, fence.follows && before == "cpp");
    } else if (fence.kind == "console") {
      add_commands(chapter.path, fence, chapter.examples);
    }
    before = code ? "cpp" : fence.kind;
  }
  check_whole(chapter);
  return chapter;
}

}  // namespace babelgrad::checks
