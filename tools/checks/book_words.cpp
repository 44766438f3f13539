// Words, their translation from Python, and the canonical form.
#include "tools/checks/book_words.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "tools/checks/book_lines.h"

namespace babelgrad::checks {
namespace {

// Python's name, ours; "" where the word has no twin.
const std::map<std::string, std::string> translations = {
    {"bmm", "matmul"},         {"concat", "cat"},         {"append", "push_back"},
    {"t", "transpose"},        {"reduce_sum", "sum"},     {"expand_dims", "unsqueeze"},
    {"zeros", ""},             {"tensor", ""},            {"swapaxes", "transpose"},
    {"astype", ""},            {"int64", ""},             {"Parameter", "requires_grad"},
    {"int32", ""},             {"float32", ""},           {"add_module", "push_back"},
    {"True", "true"},          {"False", "false"},        {"emplace_back", "push_back"},
    {"and", "&&"},             {"or", "||"},              {"not", "!"},
    {"len", "size"},           {"first", "0"},            {"args", "enc_valid_lens"},
    {"tie", ""},               {"tuple", ""},             {"None", ""},
    {"defaultdict", ""},       {"item", ""},              {"type", "typeid"},
    {"to_string", "str"},      {"unbind", ""},            {"move", ""},
    {"ids", "X"},              {"xavier_uniform_", "xavier_uniform_init"}};

const std::set<std::string> packages = {"self", "d2l",  "torch", "nn",       "functional", "F",
                                        "math", "init", "np",    "std",      "raw",        "this",
                                        "collections", "babelgrad", "optim", "book"};
const std::set<std::string> types = {"Tensor", "Ints", "int",   "Real", "double", "bool",
                                     "auto",   "const", "Index", "Shape", "float", "void",
                                     "inline", "static", "size_t", "string", "explicit"};

bool name_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

std::size_t string_end(const std::string& code, std::size_t i) {
  char quote = code[i];
  for (i++; i < code.size() && code[i] != quote; i++) i += code[i] == '\\';
  return std::min(i + 1, code.size());
}

// Where the expression ends, backwards, that stands before the dot at `dot`.
std::size_t receiver(const Words& words, std::size_t dot) {
  std::size_t i = dot;
  while (i > 0) {
    if (is_closing(words[i - 1])) {
      int depth = 0;
      do {
        i--;
        depth += is_closing(words[i]) ? 1 : is_opening(words[i]) ? -1 : 0;
      } while (i > 0 && depth > 0);
      if (i > 0 && is_name(words[i - 1]) && words[i - 1] != "return" && words[i - 1] != "in") i--;
      else if (i > 0 && words[i - 1] == "]") continue;
    } else {
      i--;
    }
    if (i > 0 && words[i - 1] == ".") i--;
    else break;
  }
  return i;
}

// X.f(a) -> f(X a): the last dot first, so that a receiver is never rewritten half.
void calls_first(Words& words) {
  for (std::size_t i = 0; i + 2 < words.size(); i++) {
    if (words[i] != "." || !is_name(words[i + 1]) || words[i + 2] != "(") continue;
    std::size_t begin = receiver(words, i);
    std::string name = words[i + 1];
    std::rotate(words.begin() + begin, words.begin() + i + 1, words.begin() + i + 3);
    words.erase(words.begin() + i + 2);                          // the dot
  }
}

void without_packages(Words& words) {
  for (std::size_t i = 0; i + 1 < words.size();) {
    bool scope = words[i + 1] == "." || words[i + 1] == "::" || words[i + 1] == "->";
    bool base = words[i + 1] == "::" && is_type_name(words[i]);  // Classifier::loss
    if (scope && (packages.count(words[i]) || base) && (i == 0 || words[i - 1] != ".")) {
      words.erase(words.begin() + i, words.begin() + i + 2);
    } else {
      i++;
    }
  }
}

// X.shape[k] -> X.dim(k)
void dimensions(Words& words) {
  for (std::size_t i = 0; i + 2 < words.size(); i++) {
    if (words[i] != "." || words[i + 1] != "shape" || words[i + 2] != "[") continue;
    std::size_t end = closing(words, i + 2);
    words[i + 1] = "dim", words[i + 2] = "(", words[end] = ")";
  }
}

}  // namespace

bool is_name(const std::string& word) {
  if (word.empty() || std::isdigit(static_cast<unsigned char>(word[0]))) return false;
  return name_character(word[0]);
}

bool is_type_name(const std::string& word) {
  return word.size() > 1 && std::isupper(static_cast<unsigned char>(word[0])) &&
         std::isalpha(static_cast<unsigned char>(word[1]));
}

bool is_opening(const std::string& word) { return word == "(" || word == "[" || word == "{"; }
bool is_closing(const std::string& word) { return word == ")" || word == "]" || word == "}"; }

std::size_t closing(const Words& words, std::size_t opening) {
  int depth = 0;
  for (std::size_t i = opening; i < words.size(); i++) {
    depth += is_opening(words[i]) ? 1 : is_closing(words[i]) ? -1 : 0;
    if (depth == 0) return i;
  }
  return words.size() - 1;
}

std::string joined(const Words& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

Words split_words(const std::string& code) {
  static const std::vector<std::string> operators = {"::", "->", "==", "!=", "<=", ">=", "&&", "||",
                                                     "+=", "-=", "*=", "/=", "++", "--", "**"};
  Words words;
  for (std::size_t i = 0; i < code.size();) {
    std::size_t begin = i;
    if (std::isspace(static_cast<unsigned char>(code[i]))) { i++; continue; }
    if (code[i] == '"' || code[i] == '\'') i = string_end(code, i);
    else if (std::isdigit(static_cast<unsigned char>(code[i]))) {
      while (i < code.size() && (name_character(code[i]) || code[i] == '.')) i++;
    } else if (name_character(code[i])) {
      while (i < code.size() && name_character(code[i])) i++;
    } else {
      std::string two = code.substr(i, 2);
      i += std::ranges::count(operators, two) ? 2 : 1;
    }
    words.push_back(code.substr(begin, i - begin));
  }
  return words;
}

Words canonical(Words words) {
  for (auto& word : words) if (word == "->") word = ".";
  without_packages(words);
  dimensions(words);
  calls_first(words);
  Words out;
  for (std::size_t i = 0; i < words.size(); i++) {
    std::string word = words[i];
    bool call = i + 1 < words.size() && words[i + 1] == "(";
    auto translation = translations.find(word);
    if (translation != translations.end() && (call || word != "t")) {
      word = translation->second;
    }
    static const std::set<std::string> punctuation = {"(", ")", "[", "]", "{", "}", ",", ";", ":",
                                                      "=", ".", "::", "&", ""};
    bool made = call || (i + 1 < words.size() && words[i + 1] == "{");   // State(..), State{..}
    if (punctuation.count(word) || types.count(word) || (is_type_name(word) && made)) continue;
    if (word.ends_with(".0")) word.resize(word.size() - 2);
    if (word[0] == '\'') word = '"' + word.substr(1, word.size() - 2) + '"';
    out.push_back(word);
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> translated_names() {
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& [python, ours] : translations) {
    if (python != ours) names.emplace_back(python, ours);
  }
  return names;
}

std::string line_hash(const std::string& canonical_line) {
  std::uint32_t hash = 2166136261u;                              // FNV-1a
  for (char c : canonical_line) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  std::string digits(8, '0');
  for (int i = 7; i >= 0; i--, hash >>= 4) digits[i] = "0123456789abcdef"[hash & 15];
  return digits;
}

}  // namespace babelgrad::checks
