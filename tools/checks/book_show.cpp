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
  out += join(match.source->path, ":", match.ours->begin);
  if (match.form) out += join(" and ", match.form_source->path, ":", match.form->begin);
  const std::string more = match.form ? join(" + ", match.matched_in_form()) : "";
  return join(out, ", ", match.matched(), more, " of ", book.lines.size(), " lines",
              match.departs ? ", departs" : "", "\n");
}

std::string without_twin(const std::vector<OurLine>& lines, char sign) {
  std::string out;
  for (const OurLine& line : lines)
    if (!line.twin)
      out += join("    ", sign, " ", line.canonical.text, "    ", line.file, ":",
                  line.canonical.line, "\n");
  return out;
}

std::string lines_of(const Match& match) {
  std::string out, method;
  for (std::size_t i = 0; i < match.book->lines.size(); i++) {
    const BookLine& line = match.book->lines[i];
    if (line.method != method) out += join("  ", method = line.method, "\n");
    const char* sign = match.ours && match.twins[i]      ? "    = "
                       : match.form && match.form_twins[i] ? "    ~ "
                                                           : "    - ";
    out += join(sign, line.text.empty() ? line.hash : line.text, "\n");
  }
  if (match.ours) out += "  ours without a twin\n" + without_twin(match.lines, '+');
  if (match.form) out += "  the tests' form without a twin\n" + without_twin(match.form_lines, '*');
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
