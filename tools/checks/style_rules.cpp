// The table of the rules, and what several of them need.
#include "tools/checks/style_rules.h"

#include <algorithm>
#include <filesystem>

#include "data/file.h"
#include "tensor/check.h"
#include "tools/checks/source_lines.h"

namespace babelgrad::checks {

const std::vector<Rule>& rules() {
  static const std::vector<Rule> table = {
      {"file length", long_files},              // at most 500 lines
      {"function length", long_functions},      // at most 50 lines
      {"columns", long_lines},                  // at most 100
      {"core size", core_size},                 // at most 7500 lines of code, in small pieces
      {"comments", comment_share},              // neither too few nor too many
      {"blanks", blanks},                       // no tabs, none at a line's end; a final newline
      {"opening comment", opening_comments},    // a file, or its header, says what it is
      {"pragma once", pragma_once},             // the first directive of a header
      {"macros", macros},                       // none
      {"braces", braces},                       // balance, or the rules could not see the functions
      {"unfinished work", unfinished_work},     // no note of it
      {"using namespace", using_namespace},     // not in a header
      {"machine paths", machine_paths},         // nothing knows whose machine it is on
      {"float suffix", float_suffixes},         // Real may be double
      {"chance and time", chance_and_time},     // same seed, same bits
      {"compiler flags", compiler_flags},       // none that changes what arithmetic means
      {"layers", layers},                       // includes point downwards
      {"includes", missing_includes},           // from the root, to files that are there
      {"heavy headers", heavy_headers},         // not in the headers of the rooms below tools/
      {"intrinsics", intrinsics},               // simd.h, subnormals.h know the machine
      {"raw verbs", raw_verbs},                 // above nn/ everything is recorded
      {"field names", field_names},             // f("weight", weight)
      {"members", unnamed_members},             // every parameter and child is in fields()
      {"gradient tests", gradient_tests},       // each operation has one
      {"model tests", model_tests},             // each struct of models/ is named in one
      {"test files", test_files},               // tests/ROOM_subject.cpp
      {"test names", test_names},               // a name belongs to one test
      {"repeats", repeats}};                    // six lines alike become a function
  return table;
}

const Rule& rule(const std::string& name) {
  auto same = [&](const Rule& rule) { return rule.name == name; };
  auto found = std::find_if(rules().begin(), rules().end(), same);
  check(found != rules().end(), "style: no rule \"", name, "\"");
  return *found;
}

std::vector<std::string> complaints(const Files& files) {
  std::vector<std::string> lines;
  for (const Rule& rule : rules()) {
    for (const Complaint& it : rule.complaints(files)) {
      std::string at = it.line > 0 ? join(it.path, ":", it.line) : it.path;
      lines.push_back(join(at, ": ", rule.name, ", ", it.right));
    }
  }
  return lines;
}

std::string File::folder() const {
  std::size_t slash = path.find('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

bool File::is_core() const {
  const std::string in = folder();
  return is_code() && (in == "tensor" || in == "autograd" || in == "nn" || in == "models");
}

File house_file(const std::string& path, const std::string& text) {
  File file{path, text, {}};
  file.source.path = path;
  if (file.is_code()) {
    file.source = read_source(path, text);
    return file;
  }
  for (std::size_t at = 0, end; at < text.size(); at = end + 1) {
    end = std::min(text.find('\n', at), text.size());
    file.source.lines.emplace_back().text = text.substr(at, end - at);
  }
  return file;
}

Files read_files(const std::string& root) {
  namespace fs = std::filesystem;
  check(is_folder(root), "style: ", root, " is no folder");
  std::vector<std::string> paths;
  for (fs::recursive_directory_iterator it(root), end; it != end; ++it) {
    const std::string name = it->path().filename().string();
    if (it->is_directory() && (name[0] == '.' || name == "build")) it.disable_recursion_pending();
    const std::string kind = it->path().extension().string();
    bool ours = kind == ".h" || kind == ".cpp" || kind == ".py" || kind == ".md";
    if (it->is_regular_file() && name[0] != '.' && (ours || name == "Makefile"))
      paths.push_back(it->path().lexically_relative(root).generic_string());
  }
  std::sort(paths.begin(), paths.end());
  Files files;
  for (const auto& path : paths) files.push_back(house_file(path, read_file(root + "/" + path)));
  return files;
}

std::size_t find_word(const std::string& line, const std::string& word, std::size_t from) {
  std::size_t at = line.find(word, from);
  for (; at != std::string::npos; at = line.find(word, at + 1)) {
    std::size_t end = at + word.size();
    bool starts = at == 0 || !is_name(line[at - 1]) || !is_name(word[0]);
    if (starts && (end == line.size() || !is_name(line[end]) || !is_name(word.back()))) return at;
  }
  return std::string::npos;
}

bool has_word(const std::string& line, const std::string& word) {
  return find_word(line, word) != std::string::npos;
}

std::vector<std::string> literals(const SourceLine& line) {
  std::vector<std::string> found;
  std::size_t open = line.plain.find('"');
  for (; open != std::string::npos; open = line.plain.find('"', open)) {
    std::size_t close = std::min(line.plain.find('"', open + 1), line.code.size());
    found.push_back(line.code.substr(open + 1, close - open - 1));
    open = std::min(close + 1, line.plain.size());
  }
  return found;
}

std::string included(const SourceLine& line) {
  if (line.plain.empty() || line.plain[0] != '#' || !has_word(line.plain, "include")) return "";
  std::size_t open = line.code.find_first_of("<\"");
  if (open == std::string::npos) return "";
  std::size_t close = line.code.find_first_of(">\"", open + 1);
  return line.code.substr(open, std::min(close, line.code.size()) - open);
}

}  // namespace babelgrad::checks
