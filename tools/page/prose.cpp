#include "tools/page/prose.h"

#include "tools/app/view/heatmap.h"
#include "tools/page/paint.h"

namespace babelgrad::page {
namespace {

struct ProseLine {
  enum Kind { blank, flowing, set, title } kind;
  std::string text;
};

ProseLine read_line(const SourceLine& line) {
  std::size_t mark = line.text.find("//");
  std::string text = mark == std::string::npos ? line.comment : line.text.substr(mark + 2);
  if (text.starts_with(" ")) text.erase(0, 1);
  text.erase(text.find_last_not_of(" \r") + 1);
  if (text.empty()) return {ProseLine::blank, ""};
  if (text.starts_with("---")) {
    text.erase(0, text.find_first_not_of("- "));
    text.erase(text.find_last_not_of("- ") + 1);
    return {ProseLine::title, text};
  }
  const bool columns = text.starts_with("  ") || text.find("   ") != std::string::npos;
  return {columns ? ProseLine::set : ProseLine::flowing, text};
}

}  // namespace

std::string prose_html(const Source& source, int begin, int end, const Linker& linker) {
  std::string out, close;
  ProseLine::Kind open = ProseLine::blank;
  for (int i = begin; i < end; i++) {
    const ProseLine line = read_line(source.line(i));
    if (line.kind != open || line.kind == ProseLine::title) {
      out += close;
      const char* tag = line.kind == ProseLine::set     ? "pre"
                        : line.kind == ProseLine::title ? "h2"
                                                        : "p";
      out += line.kind == ProseLine::blank ? "" : std::string("<") + tag + ">";
      close = line.kind == ProseLine::blank ? "" : std::string("</") + tag + ">";
      open = line.kind;
    }
    out += "<span class=\"cl\" id=\"L" + std::to_string(i) + "\">" +
           comment_html(line.text, i, linker) + "\n</span>";
  }
  return out + close;
}

}  // namespace babelgrad::page
