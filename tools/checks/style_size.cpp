// How much of everything: lines, columns, comments.
#include <algorithm>
#include <map>

#include "tensor/check.h"
#include "tools/checks/style_rules.h"

namespace babelgrad::checks {
namespace {

int length(const Definition& it) { return it.end - it.begin + 1; }

int columns(const std::string& line) {          // Unicode code points, not bytes
  return int(std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

int median(std::vector<int> numbers) {          // the upper one of two
  std::sort(numbers.begin(), numbers.end());
  return numbers.empty() ? 0 : numbers[numbers.size() / 2];
}

// A line with code and a comment counts as both; one within a long literal, as a table has it, as
// neither.
struct Share {
  int code = 0, comments = 0;

  void add(const Source& source) {
    for (const SourceLine& line : source.lines)
      code += !line.plain.empty(), comments += !line.comment.empty();
  }
  double value() const { return code > 0 ? double(comments) / code : 0; }
};

void complain_about_share(Complaints& all, const std::string& where, double is, double low,
                          double high) {
  if (is < low)
    all.push_back({where, 0, join(fixed(is, 2), " per line of code, at least ", fixed(low, 2))});
  if (is > high)
    all.push_back({where, 0, join(fixed(is, 2), " per line of code, at most ", fixed(high, 2))});
}

}  // namespace

Figures figures(const Files& files) {
  Figures all;
  std::vector<int> file_lengths, function_lengths;
  Share core;
  std::map<std::string, Share> by_folder;
  for (const File& file : files) {
    if (!file.is_code()) continue;
    all.files++;
    by_folder[file.folder()].add(file.source);
    if (!file.is_core()) continue;
    core.add(file.source);
    file_lengths.push_back(int(file.source.lines.size()));
    for (const Definition& it : file.source.definitions)
      if (it.kind == Definition::function) function_lengths.push_back(length(it));
  }
  all.median_file = median(file_lengths);
  all.median_function = median(function_lengths);
  all.core_code = core.code;
  all.core_comments = core.value();
  for (const char* folder : {"tensor", "autograd", "nn", "models", "data", "tools"})
    if (by_folder[folder].code > 0) all.comments.push_back({folder, by_folder[folder].value()});
  return all;
}

Complaints long_files(const Files& files) {
  Complaints all;
  for (const File& file : files) {
    int lines = int(file.source.lines.size());
    if (lines > 500) all.push_back({file.path, lines, join(lines, " lines, at most 500")});
  }
  return all;
}

Complaints long_functions(const Files& files) {
  Complaints all;
  for (const File& file : files)
    for (const Definition& it : file.source.definitions)
      if (it.kind == Definition::function && length(it) > 50)
        all.push_back({file.path, it.begin,
                       join(it.name, " has ", length(it), " lines, at most 50")});
  return all;
}

Complaints long_lines(const Files& files) {
  Complaints all;
  for (const File& file : files) {
    if (file.is(".md")) continue;               // prose breaks its lines where it is shown
    for (std::size_t i = 0; i < file.source.lines.size(); i++) {
      int count = columns(file.source.lines[i].text);
      if (count > 100) all.push_back({file.path, int(i + 1), join(count, ", at most 100")});
    }
  }
  return all;
}

Complaints core_size(const Files& files) {
  Figures core = figures(files);
  Complaints all;
  if (core.core_code > 7500)
    all.push_back({"core", 0, join(core.core_code, " lines of code, at most 7500")});
  if (core.median_file >= 150)
    all.push_back({"core", 0, join("the median file has ", core.median_file, " lines, below 150")});
  if (core.median_function >= 12)
    all.push_back({"core", 0, join("the median function has ", core.median_function,
                                   " lines, below 12")});
  return all;
}

Complaints comment_share(const Files& files) {
  Figures core = figures(files);
  Complaints all;
  if (core.core_code > 0) complain_about_share(all, "core", core.core_comments, 0.15, 0.35);
  for (const auto& [folder, is] : core.comments)
    complain_about_share(all, folder + "/", is, 0.10, 0.40);
  return all;
}

}  // namespace babelgrad::checks
