// Tokens to types and functions: the second pass of read_source(). Nothing here recurses, so that
// no file can exhaust the stack.
#include "tools/checks/source.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "data/file.h"
#include "tensor/check.h"
#include "tools/checks/source_lines.h"

namespace babelgrad::checks {
namespace {

bool is_name(const std::string& token) { return !token.empty() && checks::is_name(token[0]); }

struct Token {
  std::string text;
  int line;
};

std::size_t token_end(const std::string& s, std::size_t at) {
  std::size_t end = at;
  while (end < s.size() && checks::is_name(s[end])) end++;
  if (s.compare(at, end - at, "operator") == 0) {
    end = s.compare(end, 2, "()") == 0 ? end + 2 : std::min(s.find_first_of("(;", end), s.size());
  } else if (end == at) {
    const std::string pair = s.substr(at, 2);
    end += pair == "::" || pair == "->" || pair == "&&" || pair == "||" ? 2 : 1;
  }
  return end;
}

// Neither directives nor what strings say.
std::vector<Token> tokens_of(const std::vector<SourceLine>& lines) {
  std::vector<Token> tokens;
  bool directive = false;
  for (std::size_t i = 0; i < lines.size(); i++) {
    const std::string& s = lines[i].plain;
    std::size_t at = s.find_first_not_of(" \t");
    directive = directive || (at != std::string::npos && s[at] == '#');
    while (!directive && at != std::string::npos) {
      std::size_t end = token_end(s, at);
      tokens.push_back({right_trimmed(s.substr(at, end - at)), int(i + 1)});
      at = s.find_first_not_of(" \t\"'", end);
    }
    directive = directive && !s.empty() && s.back() == '\\';
  }
  return tokens;
}

std::string path_of(const std::string& scope, const std::string& name) {
  return scope.empty() || name.empty() ? scope + name : scope + "::" + name;
}

// The beginning of a declaration, up to its ; or {. What stands in ( ), [ ] or < > is left out.
struct Head {
  std::vector<std::string> outer;
  int line = 0;                                 // of its first token; 0: it is empty
  std::string open;                             // the brackets around the next token

  bool has(const std::string& token) const {
    return std::find(outer.begin(), outer.end(), token) != outer.end();
  }
  std::string back() const { return outer.empty() ? "" : outer.back(); }
  bool is_access() const {
    return outer.size() == 1 && (has("public") || has("protected") || has("private"));
  }
  void add(const Token& token) {
    if (line == 0) line = token.line;
    const std::string& s = token.text;
    bool in_angles = open.empty() || open.back() == '<';
    if (s == ")" || s == "]") {
      while (!open.empty() && open.back() == '<') open.pop_back();
      if (!open.empty()) open.pop_back();
    } else if (s == ">" && !open.empty() && in_angles) {
      open.pop_back();
    }
    bool angle = s == "<" && in_angles && !has("=") && (!open.empty() || is_name(back()));
    if (open.empty()) outer.push_back(s);
    if (s == "(" || s == "[" || angle) open += s;
  }

  // Before the body of a constructor may stand a{1}, and before that of a template requires {}.
  bool brace_of_a_part(std::size_t parameters) const {
    auto colon = std::find(outer.begin() + parameters, outer.end(), ":");
    if (colon != outer.end()) return is_name(back()) || back() == ">";
    std::size_t n = outer.size();
    if (n >= 2 && outer[n - 1] == ")" && outer[n - 2] == "(") n -= 2;
    const std::set<std::string> before = {"requires", "&&", "||", "!"};
    return n >= 2 && outer[n - 1] == "requires" && before.count(outer[n - 2]);
  }
  std::size_t before_angles(std::size_t at) const {   // at a name, or at the > of name < >
    return at >= 2 && outer[at] == ">" && outer[at - 1] == "<" ? at - 2 : at;
  }
  // Where the ( of a function's parameters is; 0: this is no function.
  std::size_t parameters(std::size_t from, std::size_t to) const {
    const std::set<std::string> others = {"requires", "alignas", "decltype", "noexcept", "explicit",
                                          "__attribute__"};
    for (std::size_t i = std::max<std::size_t>(from, 1); i < to; i++) {
      const std::string& name = outer[before_angles(i - 1)];
      if (outer[i] == "(" && is_name(name) && !others.count(name)) return i;
    }
    return 0;
  }
};

class Structure {
 public:
  explicit Structure(Source& source) : source_(source), tokens_(tokens_of(source.lines)) {}
  void read() {
    for (at_ = 0; at_ < tokens_.size(); at_++) {
      const std::string& token = tokens_[at_].text;
      bool outside = head_.open.empty();
      if (token == "{") open();
      else if (token == "}") close();
      else if (token == ";" && outside) head_ = {};
      else if (token == ":" && outside && head_.is_access()) head_ = {};
      else head_.add(tokens_[at_]);
    }
    if (!scopes_.empty()) source_.unbalanced = scopes_.back().line;
  }

 private:
  struct Scope {
    int definition, line;                       // -1: a namespace
    std::string path;
  };
  const std::set<std::string> keys = {"struct", "class", "union", "enum"};

  std::string scope() const { return scopes_.empty() ? "" : scopes_.back().path; }

  void open() {
    const auto& outer = head_.outer;
    auto key = std::find_if(outer.begin(), outer.end(), [&](auto& s) { return keys.count(s) > 0; });
    std::size_t at = key - outer.begin();
    std::size_t colon = std::find(key, outer.end(), ":") - outer.begin();
    if (!head_.open.empty() || head_.has("=")) return skip_part();
    if (head_.has("namespace") || head_.back() == "extern") return enter(-1, scope());
    if (at < outer.size() && !head_.parameters(at, colon)) return open_type(at, colon);
    std::size_t parameters = head_.parameters(0, outer.size());
    if (!parameters || head_.brace_of_a_part(parameters)) return skip_part();
    open_function(head_.before_angles(parameters - 1));
  }
  void enter(int definition, const std::string& path) {
    scopes_.push_back({definition, tokens_[at_].line, path});
    head_ = {};
  }
  void open_type(std::size_t key, std::size_t end) {
    const auto& outer = head_.outer;
    bool enumeration = outer[key] == "enum";
    if (end > key + 2 && outer[end - 1] == "final") end--;
    std::size_t name = head_.before_angles(end - 1);
    bool named = name > key && is_name(outer[name]) && !keys.count(outer[name]);
    if (named) define(Definition::type, outer[name], qualifier(name));
    if (enumeration) {
      skip_braces();
      if (named) source_.definitions.back().end = tokens_[at_].line;
      head_ = {};
    } else {
      int index = named ? int(source_.definitions.size()) - 1 : -1;
      enter(index, path_of(scope(), named ? path_of(qualifier(name), outer[name]) : ""));
    }
  }
  void open_function(std::size_t name) {
    const auto& outer = head_.outer;
    bool destructor = name > 0 && outer[name - 1] == "~";
    define(Definition::function, (destructor ? "~" : "") + outer[name],
           qualifier(name - destructor));
    skip_braces();
    source_.definitions.back().end = tokens_[at_].line;
    head_ = {};
  }
  std::string qualifier(std::size_t name) const {     // the A::B of A::B::name
    std::string path;
    while (name >= 2 && head_.outer[name - 1] == "::") {
      name = head_.before_angles(name - 2);
      if (!is_name(head_.outer[name])) break;
      path = path_of(head_.outer[name], path);
    }
    return path;
  }
  void define(Definition::Kind kind, const std::string& name, const std::string& qualifier) {
    Definition it{kind, name, path_of(scope(), qualifier), head_.line, tokens_[at_].line, 0, 0};
    it.end = int(source_.lines.size());         // until the brace is found
    for (int above = it.begin - 1; above >= 1; above--) {
      const SourceLine& line = source_.line(above);
      if (!line.code.empty() || line.comment.empty()) break;
      it.comment = above;
    }
    source_.definitions.push_back(it);
  }
  void skip_part() {
    skip_braces();
    if (head_.open.empty()) head_.outer.push_back("}");
  }
  void skip_braces() {                          // from a { to the } that closes it
    int line = tokens_[at_].line, depth = 0;
    for (; at_ < tokens_.size(); at_++) {
      if (tokens_[at_].text == "{") depth++;
      if (tokens_[at_].text == "}" && --depth == 0) return;
    }
    at_ = tokens_.size() - 1;
    source_.unbalanced = line;
  }
  void close() {
    head_ = {};
    if (scopes_.empty()) source_.unbalanced = tokens_[at_].line;
    if (scopes_.empty()) return;
    int index = scopes_.back().definition;
    if (index >= 0) source_.definitions[index].end = tokens_[at_].line;
    scopes_.pop_back();
  }

  Source& source_;
  const std::vector<Token> tokens_;
  std::size_t at_ = 0;
  Head head_;
  std::vector<Scope> scopes_;
};

}  // namespace

Source read_source(const std::string& path, const std::string& text) {
  Source source{path, read_lines(text), {}};
  Structure(source).read();
  return source;
}

std::vector<Source> read_sources(const std::string& root) {
  namespace fs = std::filesystem;
  check(is_folder(root), "checks: ", root, " is no folder");
  std::vector<std::string> paths;
  for (fs::recursive_directory_iterator it(root), end; it != end; ++it) {
    const std::string name = it->path().filename().string();
    if (it->is_directory() && (name[0] == '.' || name == "build")) it.disable_recursion_pending();
    const std::string kind = it->path().extension().string();
    if (it->is_regular_file() && name[0] != '.' && (kind == ".h" || kind == ".cpp"))
      paths.push_back(it->path().lexically_relative(root).generic_string());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Source> sources;
  for (const auto& path : paths) sources.push_back(read_source(path, read_file(root + "/" + path)));
  return sources;
}

int code_lines(const Source& source, int begin, int end) {
  int count = 0;
  for (int i = std::max(begin, 1); i <= end && i <= int(source.lines.size()); i++)
    count += !source.line(i).code.empty();
  return count;
}

}  // namespace babelgrad::checks
