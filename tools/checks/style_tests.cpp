// What must be tested, and what tests are called.
#include <map>
#include <set>

#include "tensor/check.h"
#include "tools/checks/source_lines.h"
#include "tools/checks/style_rules.h"

namespace babelgrad::checks {
namespace {

bool includes(const File& file, const std::set<std::string>& paths) {
  for (const SourceLine& line : file.source.lines) {
    const std::string path = included(line);
    if (!path.empty() && paths.count(path.substr(1))) return true;
  }
  return false;
}

// The code of the tests of autograd/ that include the gradient checker, or a helper that does.
std::string gradient_test_code(const Files& files) {
  std::set<std::string> checkers = {"autograd/gradcheck.h"};
  for (const File& file : files)
    if (file.folder() == "tests" && file.is(".h") && includes(file, checkers))
      checkers.insert(file.path);
  std::string code;
  for (const File& file : files)
    if (file.path.starts_with("tests/autograd_") && file.is(".cpp") && includes(file, checkers))
      for (const SourceLine& line : file.source.lines) code += line.plain + '\n';
  return code;
}

// name( that is neither std::name( nor x.name(.
bool is_called(const std::string& code, const std::string& name) {
  std::size_t at = find_word(code, name);
  for (; at != std::string::npos; at = find_word(code, name, at + 1)) {
    bool of_others = at > 0 && (code[at - 1] == ':' || code[at - 1] == '.');
    if (!of_others && code.compare(at + name.size(), 1, "(") == 0) return true;
  }
  return false;
}

// x[0] + x[1], 2 + x[0] or -x[0]: an operator beside one of the inputs x of a gradient test.
bool is_applied(const std::string& code, const std::string& sign) {
  for (const auto& before : {sign + " x[", sign + "x["})
    if (code.find(before) != std::string::npos) return true;
  for (std::size_t at = code.find("x["); at != std::string::npos; at = code.find("x[", at + 1)) {
    std::size_t close = code.find(']', at);
    if (close != std::string::npos && code.compare(close, sign.size() + 3, "] " + sign + " ") == 0)
      return true;
  }
  return false;
}

// The operation that a line of ops.h declares: its result is a Tensor or a struct of ops.h.
std::string declared_operation(const std::string& line, const std::set<std::string>& results) {
  std::size_t space = line.find(' '), open = line.find('(');
  if (open == std::string::npos || space > open || !results.count(line.substr(0, space))) return "";
  return line.substr(space + 1, open - space - 1);
}

std::string code_of(const Files& files, const std::string& prefix) {
  std::string code;
  for (const File& file : files)
    if (file.path.starts_with(prefix) && file.is(".cpp"))
      for (const SourceLine& line : file.source.lines) code += line.plain + '\n';
  return code;
}

bool is_test(const Definition& it) { return it.name.starts_with("TEST_CASE"); }

std::string test_name(const Source& source, const Definition& test) {
  std::string name;
  for (int i = test.begin; i <= test.body; i++) {
    std::vector<std::string> parts = literals(source.line(i));
    if (!parts.empty()) name += parts[0];
  }
  return name;
}

}  // namespace

Complaints gradient_tests(const Files& files) {
  const std::string tests = gradient_test_code(files);
  std::set<std::string> seen;
  Complaints all;
  for (const File& file : files) {
    if (file.path != "autograd/ops.h") continue;
    std::set<std::string> results = {"Tensor"};
    for (const Definition& it : file.source.definitions) results.insert(it.name);
    for (std::size_t i = 0; i < file.source.lines.size(); i++) {
      const std::string name = declared_operation(file.source.lines[i].plain, results);
      if (name.empty() || !seen.insert(name).second) continue;
      bool sign = name.starts_with("operator");
      if (!(sign ? is_applied(tests, name.substr(8)) : is_called(tests, name)))
        all.push_back({file.path, int(i + 1), join(name, " is in no gradient test, add it to "
                                                   "tests/autograd_gradients.cpp")});
    }
  }
  return all;
}

Complaints model_tests(const Files& files) {
  const std::string tests = code_of(files, "tests/models_");
  const std::vector<std::string> types = module_types(files);
  const std::set<std::string> modules(types.begin(), types.end());
  Complaints all;
  for (const File& file : files)
    for (const Definition& it : file.source.definitions)
      if (file.folder() == "models" && it.kind == Definition::type && it.scope.empty() &&
          modules.count(it.name) && !has_word(tests, it.name))
        all.push_back({file.path, it.begin, join(it.name, " is in no test of models/, test it")});
  return all;
}

Complaints test_files(const Files& files) {
  Complaints all;
  for (const File& file : files) {
    for (const Definition& it : file.source.definitions) {
      if (!is_test(it)) continue;
      std::string name = file.path.substr(file.path.rfind('/') + 1);
      bool named = file.path == "tests/" + name && name.find('_') != std::string::npos &&
                   is_room(name.substr(0, name.find('_'))) && file.is(".cpp");
      if (!named) all.push_back({file.path, it.begin, "a test is in tests/ROOM_subject.cpp"});
      break;
    }
  }
  return all;
}

Complaints test_names(const Files& files) {
  std::map<std::string, std::string> places;
  Complaints all;
  for (const File& file : files) {
    for (const Definition& it : file.source.definitions) {
      if (!is_test(it)) continue;
      const std::string name = test_name(file.source, it);
      auto [place, first] = places.insert({name, join(file.path, ":", it.begin)});
      if (!first)
        all.push_back({file.path, it.begin, join("\"", name, "\" is the test of ", place->second,
                                                 ", another fact has another name")});
    }
  }
  return all;
}

}  // namespace babelgrad::checks
