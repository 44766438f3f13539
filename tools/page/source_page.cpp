#include "tools/page/source_page.h"

#include <algorithm>

#include "tensor/check.h"
#include "tools/app/view/heatmap.h"
#include "tools/page/paint.h"
#include "tools/page/prose.h"

namespace babelgrad::page {
namespace {

bool is_comment(const SourceLine& line) {
  std::size_t at = line.text.find_first_not_of(' ');
  return line.code.empty() && at != std::string::npos &&
         (!line.comment.empty() || line.text.compare(at, 2, "//") == 0);
}

struct Row {                                    // lines [comment, code) beside [code, end)
  int comment, code, end;
};

// What a definition leads to: the tests that hold it, or else one that uses it.
std::string note(const NamedDefinition& named, const Linker& linker) {
  const Place& place = named.place;
  const bool told = linker.atlas().book.at(place.path, place.line, place.line) != nullptr;
  std::string out, label;
  for (const TestCase& test : linker.atlas().tests_of(named)) {
    label = told || has_word(test.title, named.definition->name) ? "Test: " : "Used in: ";
    out += (out.empty() ? label : "; ") +
           link_html(linker.place(test.place), escape_markup(test.title));
  }
  return out.empty() ? "" : "<p class=\"note\">" + out + "</p>";
}

class SourcePage {
 public:
  SourcePage(const Source& source, const Linker& linker)
      : source_(source), linker_(linker), count_(int(source.lines.size())) {
    if (room_of(source.path) == "tests") return;
    for (const auto* named : linker.atlas().names.in(source.path))
      if (named->visible && named->definition->scope.empty()) noted_[named->place.line] = named;
  }

  std::string html() const {
    int lead = 1;
    while (lead <= count_ && is_comment(source_.line(lead))) lead++;
    std::string out =
        "<div class=\"lead\">" + prose_html(source_, 1, lead, linker_) + "</div>\n" + contents();
    out += "<div class=\"rows\">\n";
    for (int at = lead; at <= count_;) {
      Row row = row_from(at);
      out += row_html(row);
      at = row.end;
    }
    return out + "</div>\n";
  }

 private:
  std::string contents() const {
    std::string out;
    auto add = [&](const Place& place, const std::string& name) {
      out += "<li>" + link_html(join("#L", place.line), escape_markup(name)) + "</li>";
    };
    std::set<std::string> seen;
    if (room_of(source_.path) == "tests") {
      for (const TestCase& test : test_cases(source_)) add(test.place, test.title);
      return out.empty()
                 ? ""
                 : "<details class=\"contents\"><summary>The facts it states</summary><ul>" + out +
                       "</ul></details>\n";
    }
    for (const auto& [line, named] : noted_)
      if (seen.insert(named->definition->name).second) add(named->place, named->definition->name);
    return out.empty() ? "" : "<ul class=\"contents\">" + out + "</ul>\n";
  }

  // A row begins with a comment of whole lines, or where a definition with a note does.
  bool begins(int line) const {
    if (is_comment(source_.line(line))) return line == 1 || !is_comment(source_.line(line - 1));
    return noted_.count(line) && !is_comment(source_.line(line - 1));
  }
  Row row_from(int at) const {
    Row row{at, at, at};
    while (row.code <= count_ && is_comment(source_.line(row.code))) row.code++;
    row.end = std::max(row.code, at + 1);
    while (row.end <= count_ && !begins(row.end)) row.end++;
    return row;
  }
  std::string row_html(const Row& row) const {
    std::string prose = prose_html(source_, row.comment, row.code, linker_), code;
    for (auto it = noted_.lower_bound(row.comment); it != noted_.end() && it->first < row.end; ++it)
      if (first_of_name(*it->second)) prose += note(*it->second, linker_);
    for (int i = row.code; i < row.end; i++) code += line_html(i);
    const std::string kind = prose.empty() ? "row silent" : "row";
    return "<div class=\"" + kind + "\"><div class=\"prose\">" + prose +
           "</div><pre class=\"code\">" + code + "</pre></div>\n";
  }
  bool first_of_name(const NamedDefinition& named) const {      // overloads share their tests
    for (const auto& [line, other] : noted_)
      if (other->definition->name == named.definition->name) return other == &named;
    return false;
  }
  std::string line_html(int number) const {
    const SourceLine& line = source_.line(number);
    const std::string id = std::to_string(number), kind = line.bare() ? "l bare" : "l";
    return "<span class=\"" + kind + "\" id=\"L" + id + "\"><a class=\"n\" href=\"#L" + id + "\">" +
           id + "</a>" + painted_line(line, number, linker_) + "\n</span>";
  }

  const Source& source_;
  const Linker& linker_;
  int count_;
  std::map<int, const NamedDefinition*> noted_;
};

}  // namespace

std::string source_html(const Source& source, const Linker& linker) {
  return SourcePage(source, linker).html();
}

std::string listing_html(const std::string& text) {
  std::string out;
  int number = 1;
  for (std::size_t at = 0, end; at < text.size(); at = end + 1, number++) {
    end = std::min(text.find('\n', at), text.size());
    std::string line;
    for (char c : text.substr(at, end - at))
      line += c == '\t' ? std::string(4 - line.size() % 4, ' ') : std::string(1, c);
    const std::string id = std::to_string(number);
    out += "<span class=\"l\" id=\"L" + id + "\"><a class=\"n\" href=\"#L" + id + "\">" + id +
           "</a>" + escape_markup(line) + "\n</span>";
  }
  return "<pre class=\"code whole\">" + out + "</pre>\n";
}

std::string first_sentence(const Source& source) {
  std::string text;
  for (const SourceLine& line : source.lines) {
    if (!is_comment(line) || line.comment.empty()) break;
    text += (text.empty() ? "" : " ") + line.comment;
  }
  std::size_t end = text.find(". ");
  return end == text.npos ? text : text.substr(0, end + 1);
}

}  // namespace babelgrad::page
