// Lines side by side.
#include "tools/checks/book_show.h"

#include "tensor/check.h"

namespace babelgrad::checks {
namespace {

std::string described(const Match& match) {
  const BookDefinition& book = *match.book;
  std::string out = join(book.section, " ", book.name, ": ");
  if (!match.ours) {
    out += "not found";
    if (!match.elsewhere.empty()) out += join(" (", match.elsewhere, " is under another section)");
    return out + "\n";
  }
  return join(out, match.source->path, ":", match.ours->begin, ", ", match.matched(), " of ",
              book.lines.size(), " lines", match.departs ? ", departs" : "", "\n");
}

std::string lines_of(const Match& match) {
  std::string out, method;
  for (std::size_t i = 0; i < match.book->lines.size(); i++) {
    const BookLine& line = match.book->lines[i];
    if (line.method != method) out += join("  ", method = line.method, "\n");
    out += join(match.ours && match.twins[i] ? "    = " : "    - ",
                line.text.empty() ? line.hash : line.text, "\n");
  }
  if (match.ours) out += "  ours without a twin\n";
  for (const OurLine& ours : match.lines)
    if (!ours.twin)
      out += join("    + ", ours.canonical.text, "    ", ours.file, ":", ours.canonical.line, "\n");
  return out;
}

}  // namespace

std::string lines_text(const std::vector<Match>& matches, const std::string& name) {
  std::string out;
  for (const Match& match : matches)
    if (name == "all" || match.book->name == name) out += described(match) + lines_of(match);
  check(!out.empty(), "book: there is no definition ", name);
  return out;
}

}  // namespace babelgrad::checks
