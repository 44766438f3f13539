// The statements of a range of C++ lines, each as canonical words.
#include <algorithm>
#include <set>

#include "tools/checks/book_lines.h"
#include "tools/checks/book_words.h"

namespace babelgrad::checks {
namespace {

struct Placed { Words words; std::vector<int> lines; };          // a word and where it stands

Placed placed_words(const Source& source, int begin, int end) {
  Placed all;
  for (int number = begin; number <= end; number++) {
    const std::string& code = source.line(number).code;
    if (!code.empty() && code[0] == '#') continue;
    for (auto& word : split_words(code)) {
      all.words.push_back(word);
      all.lines.push_back(number);
    }
  }
  return all;
}

bool control(const std::string& word) {
  return word == "for" || word == "if" || word == "while" || word == "switch";
}

// std::vector<Tensor> -> vector: what stands between < and > after a template's name.
void without_template_arguments(Words& words) {
  static const std::set<std::string> templates = {"vector", "pair",     "tuple",  "make_shared",
                                                  "shared_ptr", "function", "map", "min", "max",
                                                  "array", "arange", "optional"};
  for (std::size_t i = 0; i + 1 < words.size(); i++) {
    if (!templates.count(words[i]) || words[i + 1] != "<") continue;
    std::size_t end = i + 1;
    int depth = 0;
    do {
      depth += words[end] == "<" ? 1 : words[end] == ">" ? -1 : 0;
      end++;
    } while (depth > 0 && end < words.size());
    words.erase(words.begin() + i + 1, words.begin() + end);
  }
}

// `const Tensor& query = ...` -> `query = ...`: two names side by side are a type and its variable.
void without_type(Words& words) {
  static const std::set<std::string> not_types = {"return", "else", "for", "if", "in", "using"};
  if (words.empty() || not_types.count(words[0])) return;
  std::size_t i = 0;
  while (i < words.size() && (words[i] == "const" || words[i] == "static" ||
                              words[i] == "typename")) i++;
  if (i >= words.size() || !is_name(words[i])) return;
  std::size_t name = i + 1;
  while (name + 1 < words.size() && words[name] == "::") name += 2;
  while (name < words.size() && (words[name] == "&" || words[name] == "*")) name++;
  if (name < words.size() && is_name(words[name])) words.erase(words.begin(), words.begin() + name);
}

// for (int t = 0; t < n; t++) -> for t in range(n);  for (const Tensor& X : Xs) -> for X in Xs
void loop(Words& words) {
  if (words[0] != "for" || words.size() < 4) return;
  std::size_t end = words.size() - 1;                            // its closing parenthesis
  auto semicolon = std::find(words.begin(), words.end(), ";");
  if (semicolon != words.end()) {
    auto less = std::find(words.begin(), words.end(), "<");
    auto second = std::find(semicolon + 1, words.end(), ";");
    auto equals = std::find(words.begin(), words.end(), "=");
    if (less >= second || equals >= semicolon) return;
    Words range = {"for", *(equals - 1), "in", "range", "("};
    if (*(equals + 1) != "0") range.insert(range.end(), equals + 1, semicolon);
    range.insert(range.end(), less + 1, second);
    range.push_back(")");
    words = range;
    return;
  }
  auto colon = std::find(words.begin(), words.end(), ":");
  if (colon == words.end()) return;
  Words each = {"for"};
  auto from = *(colon - 1) == "]" ? std::find(words.begin(), words.end(), "[") : colon - 1;
  each.insert(each.end(), from, colon);
  each.push_back("in");
  each.insert(each.end(), colon + 1, words.begin() + end);
  words = each;
}

// xs.back() -> select(xs, 0, -1), as the book's xs[-1]
void last(Words& words) {
  for (std::size_t i = 1; i + 3 < words.size(); i++) {
    if (words[i] != "." || words[i + 1] != "back" || !is_name(words[i - 1])) continue;
    Words select = {"select", "(", words[i - 1], ",", "0", ",", "-", "1", ")"};
    words.erase(words.begin() + i - 1, words.begin() + i + 4);
    words.insert(words.begin() + i - 1, select.begin(), select.end());
  }
}

// std::get<1>(state) -> state[1];  dynamic_cast<Linear&>(module) -> module;
// typeid(Linear) -> Linear
void without_get_and_casts(Words& words) {
  for (std::size_t i = 0; i + 3 < words.size(); i++) {
    if (words[i] != "typeid" || !is_type_name(words[i + 2]) || words[i + 3] != ")") continue;
    words.erase(words.begin() + i + 3);
    words.erase(words.begin() + i, words.begin() + i + 2);
  }
  for (std::size_t i = 0; i + 4 < words.size(); i++) {
    bool get = words[i] == "get", cast = words[i].ends_with("_cast");
    if ((!get && !cast) || words[i + 1] != "<") continue;
    auto more = std::find(words.begin() + i, words.end(), ">");
    if (words.end() - more < 3 || *(more + 1) != "(") continue;
    std::size_t open = more - words.begin() + 1, close = closing(words, open);
    Words of(words.begin() + open + 1, words.begin() + close);
    if (get) of.insert(of.end(), {"[", words[i + 2], "]"});
    std::size_t begin = i > 1 && words[i - 1] == "::" ? i - 2 : i;      // with its std::
    words.erase(words.begin() + begin, words.begin() + close + 1);
    words.insert(words.begin() + begin, of.begin(), of.end());
  }
}

// [&](const Shape& s) { return e; } -> e
void without_lambdas(Placed& all) {
  auto& words = all.words;
  auto erase = [&](std::size_t begin, std::size_t end) {
    words.erase(words.begin() + begin, words.begin() + end);
    all.lines.erase(all.lines.begin() + begin, all.lines.begin() + end);
  };
  for (std::size_t i = 1; i < words.size(); i++) {
    if (words[i] != "[" || (is_name(words[i - 1]) && words[i - 1] != "return") ||
        is_closing(words[i - 1])) {
      continue;
    }
    std::size_t body = closing(words, i) + 1;
    if (body < words.size() && words[body] == "(") body = closing(words, body) + 1;
    if (body + 1 >= words.size() || words[body] != "{" || words[body + 1] != "return") continue;
    std::size_t end = closing(words, body);
    erase(end - 1, end + 1);                                     // ; }
    erase(i, body + 2);                                          // [&](..) { return
  }
}

// The next on this level, or the end.
std::size_t comma(const Words& words, std::size_t begin) {
  int depth = 0;
  for (std::size_t i = begin; i < words.size(); i++) {
    depth += is_opening(words[i]) ? 1 : is_closing(words[i]) ? -1 : 0;
    if (depth == 0 && words[i] == ",") return i;
  }
  return words.size();
}

class Statements {
 public:
  Statements(const Source& source, int begin, int end) : all_(placed_words(source, begin, end)) {
    without_lambdas(all_);
    find_types_with_inputs();
    for (std::size_t i = 0; i < all_.words.size(); i++) take(i);
  }
  std::vector<CanonicalLine> lines;

 private:
  Placed all_;
  Words words_;                                 // of the statement so far
  int line_ = 0, depth_ = 0;
  std::set<std::string> with_inputs_;

  // Members whose in-features are written out first, where the book's layers are lazy.
  void find_types_with_inputs() {
    for (std::size_t i = 0; i + 1 < all_.words.size(); i++) {
      if (all_.words[i] != "Linear" && all_.words[i] != "PositionWiseFFN") continue;
      for (std::size_t k = i + 1; k < all_.words.size() && is_name(all_.words[k]); k += 2) {
        with_inputs_.insert(all_.words[k]);
        if (k + 1 >= all_.words.size() || all_.words[k + 1] != ",") break;
      }
    }
  }

  void take(std::size_t i) {
    const std::string& word = all_.words[i];
    if (words_.empty()) line_ = all_.lines[i];
    bool block = word == "{" && depth_ == 0 && opens_block();
    if (block) return header();
    if (word == "}" && depth_ == 0) return words_.clear();
    if (word == ";" && depth_ == 0) return statement();
    if (is_opening(word)) depth_++;
    if (is_closing(word)) depth_--;
    words_.push_back(word);
  }

  bool opens_block() const {
    static const std::set<std::string> before = {")", "const", "override", "else", "do", "try"};
    static const std::set<std::string> types = {"struct", "class", "enum", "template", "namespace"};
    if (words_.empty()) return true;
    return before.count(words_.back()) || types.count(words_[0]) ||
           std::ranges::count(words_, "->") > 0;
  }

  void header() {
    if (words_.empty() || words_[0] == "struct" || words_[0] == "template") words_.clear();
    else if (words_[0] == "else" && words_.size() > 1) words_.erase(words_.begin());
    if (!words_.empty() && control(words_[0])) emit(words_);
    else if (!words_.empty()) initialisers();
    words_.clear();
  }

  void statement() {
    while (!words_.empty() && (control(words_[0]) || words_[0] == "else")) {
      if (words_[0] == "else") {
        words_.erase(words_.begin());
        continue;
      }
      auto end = words_.begin() + closing(words_, 1) + 1;
      emit(Words(words_.begin(), end));
      words_.erase(words_.begin(), end);
    }
    if (!words_.empty()) emit(words_);
    words_.clear();
  }

  // Of `Linear(...) : weight(..), bias(..)`, the items after the colon.
  void initialisers() {
    auto colon = std::find(words_.begin(), words_.end(), ":");
    Words item;
    int depth = 0;
    for (auto word = colon; word != words_.end() && ++word != words_.end();) {
      depth += is_opening(*word) ? 1 : is_closing(*word) ? -1 : 0;
      item.push_back(*word);
      if (depth > 0 || (word + 1 != words_.end() && *(word + 1) != ",")) continue;
      if (with_inputs_.count(item[0])) {
        auto comma = std::find(item.begin(), item.end(), ",");
        if (comma != item.end()) item.erase(item.begin() + 2, comma + 1);
      }
      emit(item);
      item.clear();
      if (word + 1 != words_.end()) ++word;                      // the comma
    }
  }

  void emit(Words words) {
    loop(words);
    without_get_and_casts(words);
    without_template_arguments(words);
    std::size_t before = words.size();
    without_type(words);
    bool declaration = words.size() < before;
    for (std::size_t begin = 0; begin < words.size();) {         // Tensor a = x, b = y;
      std::size_t end = declaration ? comma(words, begin) : words.size();
      Words one(words.begin() + begin, words.begin() + end);
      last(one);
      std::string text = joined(canonical(one));
      if (!text.empty()) lines.push_back({line_, text});
      begin = end + 1;
    }
  }
};

}  // namespace

std::vector<CanonicalLine> cpp_lines(const Source& source, int begin, int end) {
  return Statements(source, begin, end).lines;
}

}  // namespace babelgrad::checks
