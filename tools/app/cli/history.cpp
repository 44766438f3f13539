#include "tools/app/cli/history.h"

#include <utility>

#include "data/file.h"
#include "data/utf8.h"
#include "tensor/check.h"
#include "tools/app/cli/line_editor.h"

namespace babelgrad {
namespace {

constexpr std::string_view title = "# babelgrad history";
constexpr std::size_t longest_kept = 2000;

// False: there is a file, but not one of ours.
bool find_history(const std::string& path, std::vector<std::string>& lines) {
  if (!exists(path)) return true;
  std::string bytes = read_stored_file(path, Index(4) << 20);
  if (bytes.empty()) return true;
  if (bytes.back() != '\n') bytes += '\n';
  std::string line;
  bool first = true;
  for (char c : bytes) {
    if (c != '\n') { line += c; continue; }
    if (first && line != title) return false;
    if (!std::exchange(first, false) && invalid_utf8(line) < 0) lines.push_back(line);
    line.clear();
  }
  return true;
}

}  // namespace

std::vector<std::string> read_history(const std::string& path) {
  std::vector<std::string> lines;
  try {
    if (!path.empty() && find_history(path, lines)) return LineEditor(lines).history();
  } catch (const Error&) {                      // unreadable, or a folder
  }
  return {};
}

bool add_to_history(const std::string& path, const std::string& line) {
  std::vector<std::string> lines;               // another prompt may have added some
  if (!find_history(path, lines)) return false;
  if (line.size() > longest_kept) return true;
  lines.push_back(line);
  std::string bytes = join(title, "\n");
  const LineEditor editor(lines);
  for (const std::string& kept : editor.history()) bytes += kept + "\n";
  write_file_atomically(path, bytes);
  return true;
}

}  // namespace babelgrad
