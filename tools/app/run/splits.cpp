#include "tools/app/run/splits.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include "data/grammar.h"
#include "data/lexicon.h"
#include "tensor/check.h"

namespace babelgrad::analysis {
namespace {

// Each pair in the group of its kind, which is an index into the names.
std::vector<Group> parted(const std::vector<Scored>& pairs, const std::vector<std::string>& names,
                          const std::function<std::size_t(const Pair&)>& kind) {
  std::vector<Group> groups;
  for (const std::string& name : names) groups.push_back({name});
  for (std::size_t i = 0; i < pairs.size(); i++)
    groups.at(kind(pairs[i].pair)).members.push_back(int(i));
  std::erase_if(groups, [](const Group& g) { return g.members.empty(); });
  return groups;
}

std::size_t band_of(const Pair& pair) {
  auto holds = [&](const Band& b) { return b.holds(std::max(1, int(pair.src.size()))); };
  return std::ranges::find_if(length_bands(), holds) - length_bands().begin();
}

std::vector<std::string> band_names() {
  std::vector<std::string> names;
  for (const Band& band : length_bands()) names.push_back(band.name());
  return names;
}

const std::vector<std::string> orders = {"monotone", "reordered", "no gold links"};

std::size_t order_of(const Pair& pair) {
  return pair.gold.empty() ? 2 : is_reordered(pair) ? 1 : 0;
}

const char* no_links(const std::vector<Scored>& pairs) {
  bool none = std::ranges::all_of(pairs, [](const Scored& s) { return s.pair.gold.empty(); });
  return none ? "no gold links: neither word order nor alignment is known" : "";
}

// Does any adjective stand before a noun?
bool has_combination(const Pair& pair) {
  static const std::set<std::string> adjectives = [] {
    std::set<std::string> words;
    for (const Adjective& a : lexicon().adjectives) words.insert(a.en);
    return words;
  }();
  static const std::set<std::string> nouns = [] {
    std::set<std::string> words;
    for (const Noun& n : lexicon().nouns) words.insert({n.en[0], n.en[1]});
    return words;
  }();
  auto combined = [](const std::string& a, const std::string& n) {
    return adjectives.contains(a) && nouns.contains(n);
  };
  return std::ranges::adjacent_find(pair.src, combined) != pair.src.end();
}

}  // namespace

std::string Band::name() const {
  if (high == 0) return join("over ", low - 1);
  return low == high ? text(low) : join(low, "-", high);
}

std::span<const Band> length_bands() {
  static constexpr Band bands[] = {{1, 5},   {6, 10},  {11, 15}, {16, 20},
                                   {21, 30}, {31, 40}, {41, 0}};
  return bands;
}

Group everything(const std::vector<Scored>& pairs) {
  Group all{"all"};
  for (std::size_t i = 0; i < pairs.size(); i++) all.members.push_back(int(i));
  return all;
}

Grouping by_tag(const std::vector<Scored>& pairs) {
  Grouping out{"tag", "phenomenon"};
  std::map<std::string, Group> tagged;
  Group none{"none of them"};
  for (std::size_t i = 0; i < pairs.size(); i++) {
    const auto& tags = pairs[i].pair.tags;
    for (const std::string& tag : std::set(tags.begin(), tags.end())) {
      tagged[tag].name = tag;
      tagged[tag].members.push_back(int(i));
    }
    if (tags.empty()) none.members.push_back(int(i));
  }
  if (tagged.empty()) out.missing = "no phenomena: only pairs of the built-in corpus have tags";
  for (const auto& [_, group] : tagged) out.groups.push_back(group);
  if (!tagged.empty() && !none.members.empty()) out.groups.push_back(none);
  return out;
}

Grouping by_length(const std::vector<Scored>& pairs) {
  return {"length", "source tokens", parted(pairs, band_names(), band_of)};
}

// Sorted links cross if one goes back in the target.
bool is_reordered(const Pair& pair) {
  std::vector<Link> links = pair.gold;
  std::erase_if(links, [](const Link& l) { return !l.sure; });
  std::ranges::sort(links);
  auto back = [](const Link& a, const Link& b) { return b.tgt < a.tgt; };
  return std::ranges::adjacent_find(links, back) != links.end();
}

Grouping by_order(const std::vector<Scored>& pairs) {
  return {"order", "word order", parted(pairs, orders, order_of), no_links(pairs)};
}

Grouping crossed(const Grouping& outer, const Grouping& inner) {
  Grouping out{outer.key + "_" + inner.key, inner.title, {},
               outer.missing.empty() ? inner.missing : outer.missing};
  for (const Group& a : outer.groups) {
    for (const Group& b : inner.groups) {
      Group both{a.name + ", " + b.name};
      std::ranges::set_intersection(a.members, b.members, std::back_inserter(both.members));
      if (!both.members.empty()) out.groups.push_back(both);
    }
  }
  return out;
}

Grouping split_by_length(const std::vector<Scored>& pairs, int trained) {
  auto longer = [=](const Pair& pair) { return std::size_t(int(pair.src.size()) > trained); };
  Grouping out{"longer", "longer than trained",
               parted(pairs, {join("up to ", trained), join("over ", trained)}, longer)};
  out.note = join("over ", trained, ": unseen only by a training up to there; --trained-length");
  if (out.groups.size() < 2)
    out.missing = join("no sources on both sides of ", trained, " tokens: --trained-length, ",
                       "--max-length");
  return out;
}

Grouping split_by_combination(const std::vector<Scored>& pairs) {
  auto kind = [](const Pair& pair) {
    return unseen_combination(pair) ? std::size_t(2) : std::size_t(has_combination(pair));
  };
  Grouping out{"combination", "adjective with noun",
               parted(pairs, {"none", "combination", "unseen combination"}, kind), "",
               "unseen only by a training with --keep-out combinations"};
  if (out.groups.empty() || out.groups.back().name != "unseen combination")
    out.missing = "no adjective stands with a noun that counts as unseen";
  return out;
}

Grouping split_by_depth(const std::vector<Scored>& pairs) {
  int deepest = 0;
  for (const Scored& s : pairs) deepest = std::max(deepest, genitive_depth(s.pair));
  std::vector<std::string> names;
  for (int depth = 0; depth <= deepest; depth++) names.push_back(join("depth ", depth));
  Grouping out{"depth", "genitives in one another",
               parted(pairs, names, [](const Pair& p) { return std::size_t(genitive_depth(p)); })};
  if (deepest > 1) out.note = "from depth 2: unseen only by a training with --keep-out depth";
  if (deepest == 0) out.missing = "no genitive: no depth of nesting";
  return out;
}

}  // namespace babelgrad::analysis
