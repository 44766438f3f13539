#include "tools/page/names.h"

#include <algorithm>
#include <set>

#include "tools/checks/source_lines.h"

namespace babelgrad::page {
namespace {

using checks::is_name;

// A room sees those before it; data only tensor, but nothing in between has its names.
int rank_of(const std::string& path) {
  static const std::vector<std::string> order = {"tensor", "autograd", "nn",   "models",
                                                 "data",   "tools",    "tests"};
  return int(std::find(order.begin(), order.end(), room_of(path)) - order.begin());
}

std::string folder_of(const std::string& path) {
  return path.substr(0, path.find_last_of('/') + 1);
}

// For each folder the words of its headers that a ( follows.
std::map<std::string, std::set<std::string>> declared_functions(const House& house) {
  std::map<std::string, std::set<std::string>> out;
  for (const Source& source : house.sources) {
    if (!source.path.ends_with(".h")) continue;
    for (const SourceLine& line : source.lines) {
      const std::string& s = line.plain;
      for (std::size_t at = s.find('('); at != s.npos; at = s.find('(', at + 1)) {
        std::size_t begin = at;
        while (begin > 0 && is_name(s[begin - 1])) begin--;
        if (begin < at) out[folder_of(source.path)].insert(s.substr(begin, at - begin));
      }
    }
  }
  return out;
}

bool indexed(const Definition& d) {
  const std::string owner = d.scope.substr(d.scope.rfind(':') + 1);
  return d.name != owner && d.name[0] != '~';
}

}  // namespace

std::string NamedDefinition::full_name() const {
  return definition->scope.empty() ? definition->name : definition->scope + "::" + definition->name;
}

Names::Names(const House& house) {
  const auto declared = declared_functions(house);
  for (const Source& source : house.sources) {
    auto in_headers = declared.find(folder_of(source.path));
    for (const Definition& d : source.definitions) {
      if (!indexed(d)) continue;
      bool visible = source.path.ends_with(".h");
      if (!visible && in_headers != declared.end() && d.scope.empty() &&
          d.kind == Definition::function)
        visible = in_headers->second.count(d.name) > 0;
      by_name_.insert({d.name, all_.size()});
      all_.push_back({{source.path, d.begin}, &d, visible});
    }
  }
}

Place Names::find(const std::string& name, const std::string& qualifier, bool call,
                  const std::string& from) const {
  const bool plain = qualifier.empty() || qualifier == "raw" || qualifier == "babelgrad";
  const int own = qualifier == "raw" ? 0 : rank_of(from);
  Place best;
  int best_rank = -1;
  bool doubt = false;
  auto [begin, end] = by_name_.equal_range(name);
  for (auto it = begin; it != end; ++it) {
    const NamedDefinition& named = all_[it->second];
    const bool type = named.definition->kind == Definition::type, here = named.place.path == from;
    const std::string& scope = named.definition->scope;
    if (!(type || call) || !(here || named.visible)) continue;
    if (plain ? !(scope.empty() || (type && here)) : scope != qualifier) continue;
    int rank = here && qualifier != "raw" ? 100 : rank_of(named.place.path);
    if (rank < 100 && rank > own) continue;
    if (rank == best_rank && named.place.path != best.path)
      doubt = doubt || room_of(named.place.path) != room_of(best.path) || type;
    if (rank <= best_rank) continue;
    best = named.place;
    best_rank = rank;
    doubt = false;
  }
  return doubt ? Place{} : best;
}

std::vector<const NamedDefinition*> Names::in(const std::string& path) const {
  std::vector<const NamedDefinition*> out;
  for (const auto& named : all_)
    if (named.place.path == path) out.push_back(&named);
  return out;
}

bool has_word(const std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    std::size_t end = at + word.size();
    if ((at == 0 || !is_name(text[at - 1])) && (end >= text.size() || !is_name(text[end])))
      return true;
  }
  return false;
}

}  // namespace babelgrad::page
