// The statements of a method in Python, each as canonical words.
#include <algorithm>

#include "tools/checks/book_lines.h"
#include "tools/checks/book_subscripts.h"
#include "tools/checks/book_words.h"

namespace babelgrad::checks {
namespace {

// A line without its comment. Strings in the book's code span no lines but as docstrings.
std::string without_comment(const std::string& line) {
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); i++) {
    if (quote) {
      if (line[i] == '\\') i++;
      else if (line[i] == quote) quote = 0;
    } else if (line[i] == '"' || line[i] == '\'') {
      quote = line[i];
    } else if (line[i] == '#') {
      return line.substr(0, i);
    }
  }
  return line;
}

int depth_of(const Words& words) {
  return int(std::ranges::count_if(words, is_opening) - std::ranges::count_if(words, is_closing));
}

// Lines that are open at a bracket or end in a backslash go on: one statement, at its first line.
std::vector<std::pair<int, Words>> statements(const std::string& code, int first_line) {
  std::vector<std::pair<int, Words>> all;
  bool open = false;
  int number = first_line;
  for (std::size_t i = 0; i < code.size(); number++) {
    std::size_t end = std::min(code.find('\n', i), code.size());
    Words words = split_words(without_comment(code.substr(i, end - i)));
    i = end + 1;
    if (words.empty()) continue;
    bool goes_on = words.back() == "\\";
    if (goes_on) words.pop_back();
    if (open) all.back().second.insert(all.back().second.end(), words.begin(), words.end());
    else all.emplace_back(number, words);
    open = goes_on || depth_of(all.back().second) > 0;
  }
  return all;
}

bool moves_to_device(const Words& words) {      // batch = [to(a, device) for a in batch]
  auto device = std::find(words.begin(), words.end(), "device");
  return device != words.end() && device - words.begin() > 4 && *(device - 1) == "," &&
         *(device - 4) == "to";
}

// What has nothing to say in C++; moving numbers to a device and `x, = x` among it.
bool ceremony(const Words& words) {
  return words[0] == "@" || words[0] == "def" || words[0] == "class" || words[0] == "pass" ||
         words[0] == "raise" || words[0] == "%" || words[0] == "%%" || words[0][0] == '"' ||
         words == Words{"else", ":"} || moves_to_device(words) ||
         (words.size() == 4 && words[1] == "," && words[2] == "=" && words[0] == words[3]) ||
         contains(words, "save_hyperparameters") ||
         contains(words, "__init__");
}

// `a if c else b` -> `c ? a : b`, within the bracket or comma that it stands in.
void conditional(Words& words) {
  auto at = std::find(words.begin() + 1, words.end(), "if");
  if (at == words.end()) return;
  std::size_t begin = at - words.begin(), test = begin + 1, depth = 0;
  while (begin > 0) {
    const std::string& word = words[begin - 1];
    if (is_closing(word)) depth++;
    if (depth == 0 && (is_opening(word) || word == "," || word == "=" || word == "return")) break;
    if (is_opening(word)) depth--;
    begin--;
  }
  std::size_t other = std::find(words.begin() + test, words.end(), "else") - words.begin();
  if (other == words.size()) return;
  Words rewritten(words.begin(), words.begin() + begin);
  rewritten.insert(rewritten.end(), words.begin() + test, words.begin() + other);
  rewritten.push_back("?");
  rewritten.insert(rewritten.end(), words.begin() + begin, words.begin() + test - 1);
  rewritten.push_back(":");
  rewritten.insert(rewritten.end(), words.begin() + other + 1, words.end());
  words = rewritten;
}

// f(x, dim=1, device=d) -> f(x, 1): the names of arguments, and where the numbers live.
void without_keywords(Words& words) {
  int depth = 0;
  for (std::size_t i = 0; i + 1 < words.size(); i++) {
    depth += is_opening(words[i]) ? 1 : is_closing(words[i]) ? -1 : 0;
    if (depth == 0 || !is_name(words[i]) || words[i + 1] != "=") continue;
    std::size_t end = i + 2;
    if (words[i] == "device" || words[i] == "dtype") {
      while (!is_closing(words[end]) && words[end] != ",") end++;
    }
    words.erase(words.begin() + i, words.begin() + end);
    i--;
  }
}

// Notations without a twin: X[-1], x**2, a@b, *args, lambda, [None] * n, X.T, enumerate, .type(..).
void notations(Words& words) {
  for (std::size_t i = 0; i < words.size(); i++) {
    auto next = [&](std::size_t k) { return i + k < words.size() ? words[i + k] : std::string(); };
    bool last = next(1) == "[" && next(2) == "-" && next(3) == "1" && next(4) == "]";
    bool shape_of = words[i] == "shape" && i > 0 && words[i - 1] == ".";
    if (last && is_name(words[i]) && !shape_of) {
      Words select = {"select", "(", words[i], ",", "0", ",", "-", "1", ")"};
      erase_range(words, i, i + 5);
      words.insert(words.begin() + i, select.begin(), select.end());
    } else if (is_name(words[i]) && next(1) == "**" && next(2) == "2") {
      words[i + 1] = words[i], words[i] = "square";
      erase_range(words, i + 2, i + 3);
    } else if (is_name(words[i]) && next(1) == "@") {
      words[i + 1] = words[i], words[i] = "matmul";
    } else if (words[i] == "*" && (i == 0 || is_opening(words[i - 1]) || words[i - 1] == ",")) {
      erase_range(words, i, i + 1);
    } else if (words[i] == "lambda") {
      std::size_t colon = std::find(words.begin() + i, words.end(), ":") - words.begin();
      erase_range(words, i, std::min(colon + 1, words.size()));
    } else if (words[i] == "." && next(1) == "T") {
      words[i + 1] = "t", words.insert(words.begin() + i + 2, {"(", ")"});
    } else if (words[i] == "." && (next(1) == "type" || next(1) == "to") && next(2) == "(") {
      erase_range(words, i, closing(words, i + 2) + 1);
    } else if (words[i] == "[" && next(1) == "None" && next(2) == "]" && next(3) == "*") {
      words[i] = "vector";                                       // [None] * n: n absent things
      erase_range(words, i + 1, i + 4);
    } else if (words[i] == "." && next(1) == "shape" && next(2) != "[" && next(2) != "(") {
      words.insert(words.begin() + i + 2, {"(", ")"});
    } else if (words[i] == "." && next(1) == "dim" && next(2) == "(" && next(3) == ")") {
      words[i + 1] = "rank";
    } else if (words[i] == "." && next(1) == "size" && next(2) == "(" && next(3) != ")") {
      words[i + 1] = "dim";
    } else if (words[i] == "add_module") {                       // without the name of the block
      erase_range(words, i + 2, std::find(words.begin() + i, words.end(), ",") - words.begin() + 1);
    } else if (words[i] == "in" && next(1) == "enumerate") {
      words[i - 3] = words[i - 1];                               // for i, x in enumerate(xs):
      words[i - 2] = "in", words[i - 1] = "";
      erase_range(words, i, i + 2);
      std::erase(words, "");
    }
  }
}

void truth(Words& words) {
  for (std::size_t i = 1; i < words.size(); i++) {
    if (words[i] == "_" && words[i - 1] == "for") words[i] = "t";    // any name will do
    if (words[i] != "is") continue;
    bool negated = i + 1 < words.size() && words[i + 1] == "not";
    erase_range(words, i, i + (negated ? 3 : 2));
    auto test = std::find_if(words.begin(), words.end(),
                             [](auto& word) { return word == "if" || word == "elif"; });
    if (!negated && test != words.end()) words.insert(test + 1, "!");
  }
  if (!words.empty() && words[0] == "elif") words[0] = "if";
}

// `b, n, _ = X.shape`: the values are X.shape[0] and X.shape[1]; what is called _ nobody asks for.
void sizes(std::vector<Words>& names, std::vector<Words>& values) {
  const Words shape = values[0];
  if (names.size() < 2 || values.size() > 1 || shape.empty() || shape.back() != "shape") return;
  for (std::size_t i = 0; i < names.size(); i++) {
    values.resize(i + 1, shape);
    values[i].insert(values[i].end(), {"[", std::to_string(i), "]"});
  }
  while (names.size() > 2 && names.back() == Words{"_"}) names.pop_back(), values.pop_back();
}

// `a, b = x, y` -> `a = x` and `b = y`; none if it is no such statement.
std::vector<Words> pairwise(const Words& words) {
  auto equals = std::find(words.begin(), words.end(), "=");
  if (equals == words.end()) return {};
  std::vector<Words> names = parts(Words(words.begin(), equals)),
                     values = parts(Words(equals + 1, words.end()));
  sizes(names, values);
  if (names.size() < 2 || names.size() != values.size()) return {};
  for (std::size_t i = 0; i < names.size(); i++) {
    names[i].push_back("=");
    names[i].insert(names[i].end(), values[i].begin(), values[i].end());
  }
  return names;
}

// `xs = [e for x in s]` -> `xs`, `for x in s`, `xs.push_back(e)`; else the statement itself, and
// `if c: do` and `a, b = x, y` as two.
std::vector<Words> unfolded(const Words& words) {
  auto loop = std::find(words.begin(), words.end(), "for");
  auto open = std::find(words.begin(), words.end(), "[");
  auto equals = std::find(words.begin(), words.end(), "=");
  if (words[0] != "for" && loop != words.end() && open < loop && equals < open) {
    auto close = words.begin() + closing(words, open - words.begin());
    if (close - loop < 2) return {words};       // cut off
    Words name(words.begin(), equals), element = name, head(loop, close);
    element.insert(element.end(), {".", "push_back", "("});
    element.insert(element.end(), open + 1, loop);
    element.push_back(")");
    return {name, head, element};
  }
  if (words[0] == "if" && words.back() != ":") {
    auto colon = std::find(words.begin(), words.end(), ":");
    if (colon != words.end()) return {Words(words.begin(), colon), Words(colon + 1, words.end())};
  }
  std::vector<Words> both = pairwise(words);
  return both.empty() ? std::vector<Words>{words} : both;
}

}  // namespace

std::vector<CanonicalLine> python_lines(const std::string& code, int first_line) {
  std::vector<CanonicalLine> lines;
  for (auto& [number, statement] : statements(code, first_line)) {
    if (ceremony(statement)) continue;
    for (Words words : unfolded(statement)) {
      without_keywords(words);
      without_super(words);
      filled_where(words);
      subscripts(words);
      conditional(words);
      notations(words);
      truth(words);
      std::string text = joined(canonical(words));
      if (!text.empty()) lines.push_back({number, text});
    }
  }
  return lines;
}

}  // namespace babelgrad::checks
