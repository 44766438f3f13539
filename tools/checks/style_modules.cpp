// What a module names in fields() is what is trained and saved: each parameter and each child, by
// its own name. A member that is neither says in its comment that it is "not a parameter".
#include <algorithm>
#include <set>

#include "tensor/check.h"
#include "tools/checks/source_lines.h"
#include "tools/checks/style_rules.h"

namespace babelgrad::checks {
namespace {

bool has_modules(const File& file) { return file.folder() == "nn" || file.folder() == "models"; }

std::string path_of(const Definition& it) {
  return it.scope.empty() ? it.name : it.scope + "::" + it.name;
}

std::string code_of(const Source& source, int begin, int end) {
  std::string code;
  for (int i = begin; i <= end; i++) code += source.line(i).code + '\n';
  return code;
}

std::vector<std::string> words(const std::string& s) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < s.size(); i++) {
    std::size_t begin = i;
    while (i < s.size() && is_name(s[i])) i++;
    if (i > begin) found.push_back(s.substr(begin, i - begin));
  }
  return found;
}

std::vector<std::string> bases(const Source& source, const Definition& type) {
  std::string head = code_of(source, type.begin, type.body);
  head = head.substr(0, head.find('{'));
  std::size_t colon = head.find(" : ");
  return colon == std::string::npos ? std::vector<std::string>() : words(head.substr(colon));
}

// The parameters of `template <class EncoderType, class DecoderType>`, which stand for modules.
std::set<std::string> type_parameters(const Source& source, const Definition& type) {
  const std::string head = code_of(source, type.begin, type.body);
  std::set<std::string> names;
  if (!head.starts_with("template")) return names;
  const std::vector<std::string> all = words(head.substr(0, head.find('>')));
  for (std::size_t i = 1; i < all.size(); i++)
    if (all[i - 1] == "class") names.insert(all[i]);
  return names;
}

struct Member {
  int line;
  std::vector<std::string> type, names;         // the words of each
};

// `std::vector<Tensor> a, b = {}` -> std vector Tensor; a b. A function has no names.
Member member(const std::string& declaration, int line) {
  std::string before = trimmed(declaration.substr(0, declaration.find_first_of("={")));
  for (const char* qualifier : {"static ", "inline ", "mutable ", "const "})
    if (before.starts_with(qualifier)) before = before.substr(before.find(' ') + 1);
  std::size_t end = before.rfind('>');
  if (end == std::string::npos) end = before.find(' ');
  if (end == std::string::npos || before.find('(') != std::string::npos ||
      before.find("operator") != std::string::npos)
    return {line, {}, {}};
  return {line, words(before.substr(0, end)), words(before.substr(end))};
}

// The lines of a type that are not within its functions and inner types.
std::vector<bool> own_lines(const Source& source, const Definition& type) {
  std::vector<bool> own(source.lines.size() + 1, false);
  for (int i = type.body + 1; i < type.end; i++) own[i] = true;
  for (const Definition& inner : source.definitions)
    if (inner.begin > type.begin && inner.end < type.end)
      std::fill(own.begin() + inner.begin, own.begin() + inner.end + 1, false);
  return own;
}

std::vector<Member> members(const Source& source, const Definition& type) {
  const std::vector<bool> own = own_lines(source, type);
  std::vector<Member> found;
  std::string declaration;
  for (int i = type.body + 1; i < type.end; i++) {
    const std::string& code = source.line(i).plain;
    if (own[i]) declaration += code + ' ';
    if (!own[i] || code.ends_with(':')) declaration.clear();
    for (std::size_t end; (end = declaration.find(';')) != std::string::npos;) {
      found.push_back(member(declaration.substr(0, end), i));
      declaration.erase(0, end + 1);
    }
  }
  return found;
}

// The text of the type's fields(), wherever it is; "" if it has none of its own.
std::string fields_of(const Files& files, const Definition& type) {
  for (const File& file : files)
    for (const Definition& it : file.source.definitions)
      if (it.kind == Definition::function && it.name == "fields" && it.scope == path_of(type))
        return code_of(file.source, it.begin, it.end);
  return "";
}

bool holds(const Member& member, const std::set<std::string>& trained) {
  for (const auto& word : member.type)
    if (trained.count(word)) return true;
  return false;
}

void check_members(Complaints& all, const Files& files, const File& file, const Definition& type,
                   std::set<std::string> trained) {
  trained.merge(type_parameters(file.source, type));
  for (const Definition& inner : file.source.definitions)       // Weights { Tensor w, b; }
    if (inner.kind == Definition::type && inner.scope == path_of(type))
      for (const Member& member : members(file.source, inner))
        if (holds(member, trained)) trained.insert(inner.name);
  const std::string fields = fields_of(files, type);
  for (const Member& member : members(file.source, type)) {
    if (!holds(member, trained) ||
        has_word(file.source.line(member.line).comment, "not a parameter"))
      continue;
    for (const auto& name : member.names)
      if (!has_word(fields, name))
        all.push_back({file.path, member.line,
                       join(type.name, "::", name, " is missing in fields(), or its comment says "
                            "it is not a parameter")});
  }
}

}  // namespace

std::vector<std::string> module_types(const Files& files) {
  std::set<std::string> modules = {"Module"};
  for (std::size_t before = 0; before != modules.size();) {
    before = modules.size();
    for (const File& file : files)
      for (const Definition& it : file.source.definitions)
        for (const auto& base : bases(file.source, it))
          if (has_modules(file) && it.kind == Definition::type && modules.count(base))
            modules.insert(it.name);
  }
  return {modules.begin(), modules.end()};
}

Complaints field_names(const Files& files) {
  Complaints all;
  for (const File& file : files) {
    for (const Definition& it : file.source.definitions) {
      if (it.name != "fields" || file.folder() == "tests") continue;
      for (int i = it.begin; i <= it.end; i++) {
        const std::string& code = file.source.line(i).code;
        for (std::size_t at = code.find("f(\""); at != std::string::npos;) {
          std::size_t close = code.find("\", ", at + 3), end = code.find(')', at);
          if (close > end) break;               // the name is made of parts
          std::string name = code.substr(at + 3, close - at - 3);
          std::string value = code.substr(close + 3, end - close - 3);
          if (value != name && value != '*' + name)
            all.push_back({file.path, i, join("f(\"", name, "\", ", value, "), write f(\"", name,
                                              "\", ", name, ")")});
          at = code.find("f(\"", end);
        }
      }
    }
  }
  return all;
}

Complaints unnamed_members(const Files& files) {
  const std::vector<std::string> modules = module_types(files);
  std::set<std::string> trained(modules.begin(), modules.end());
  trained.insert("Tensor");
  Complaints all;
  for (const File& file : files)
    for (const Definition& it : file.source.definitions)
      if (has_modules(file) && it.kind == Definition::type && trained.count(it.name) &&
          it.scope.empty() && it.name != "Tensor")
        check_members(all, files, file, it, trained);
  return all;
}

}  // namespace babelgrad::checks
