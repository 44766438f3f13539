#include "data/alignment.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "data/text.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

using Place = std::pair<int, int>;

std::set<Place> places(const std::vector<Link>& links, bool sure_only) {
  std::set<Place> result;
  for (const Link& l : links)
    if (l.sure || !sure_only) result.insert({l.src, l.tgt});
  return result;
}

Index common_links(const std::set<Place>& a, const std::set<Place>& b) {
  return std::count_if(a.begin(), a.end(), [&](const Place& p) { return b.count(p) > 0; });
}

int parse_index(std::string_view digits, int length, std::string_view link) {
  int value = -1;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  bool whole = error == std::errc() && end == digits.data() + digits.size() && value >= 0;
  check(whole, "pharaoh: \"", link.substr(0, 30), "\" is no link such as 0-2 or 0?2");
  check(value < length, "pharaoh: link \"", link.substr(0, 30), "\" points past a sentence of ",
        length, " words");
  return value;
}

Link parse_link(std::string_view link, int src_len, int tgt_len) {
  std::size_t middle = link.find_first_of("-?");
  check(middle != link.npos, "pharaoh: \"", link.substr(0, 30), "\" is no link such as 0-2 or 0?2");
  return {parse_index(link.substr(0, middle), src_len, link),
          parse_index(link.substr(middle + 1), tgt_len, link), link[middle] == '-'};
}

std::vector<Link> merged(const std::set<Place>& all, const std::set<Place>& sure) {
  std::vector<Link> links;
  for (const Place& p : all) links.push_back({p.first, p.second, sure.count(p) > 0});
  return links;
}

}  // namespace

std::string pharaoh(const std::vector<Link>& links) {
  std::string line;
  for (const Link& l : links)
    line += join(line.empty() ? "" : " ", l.src, l.sure ? "-" : "?", l.tgt);
  return line;
}

std::vector<Link> parse_pharaoh(std::string_view line, int src_len, int tgt_len) {
  std::vector<Link> links;
  for (const std::string& link : split(line)) links.push_back(parse_link(link, src_len, tgt_len));
  return merged(places(links, false), places(links, true));
}

void AerCount::add(const std::vector<Link>& candidate, const std::vector<Link>& gold) {
  std::set<Place> a = places(candidate, false), s = places(gold, true), p = places(gold, false);
  in_sure += common_links(a, s);
  in_possible += common_links(a, p);
  proposed += Index(a.size());
  sure += Index(s.size());
}

double AerCount::aer() const {
  if (proposed + sure == 0) return 0;
  return 1 - double(in_sure + in_possible) / double(proposed + sure);
}

double aer(const std::vector<Link>& candidate, const std::vector<Link>& gold) {
  AerCount count;
  count.add(candidate, gold);
  return count.aer();
}

std::vector<Link> diagonal(int src_len, int tgt_len) {
  std::vector<Link> links;
  if (src_len <= 0) return links;
  Index steps = std::max(1, tgt_len - 1);
  for (Index j = 0; j < tgt_len; j++)
    links.push_back({int((2 * j * (src_len - 1) + steps) / (2 * steps)), int(j)});
  std::sort(links.begin(), links.end());
  return links;
}

std::vector<Link> links_from_attention(const std::vector<std::vector<double>>& weights) {
  std::vector<Link> links;
  for (const std::vector<double>& row : weights) {
    check(!row.empty() && row.size() == weights[0].size(), "links_from_attention: row ",
          links.size(), " has ", row.size(), " weights, the first has ", weights[0].size());
    int source = int(std::max_element(row.begin(), row.end()) - row.begin());
    links.push_back({source, int(links.size())});
  }
  std::sort(links.begin(), links.end());
  return links;
}

void LexiconFloor::learn(const Pair& pair) {
  std::vector<Tokens> translations(pair.src.size());
  for (const Link& l : pair.gold)               // sorted, so in the order of the target
    if (l.sure) translations[l.src].push_back(pair.tgt[l.tgt]);
  for (std::size_t i = 0; i < pair.src.size(); i++) seen_[pair.src[i]][translations[i]]++;
}

Tokens LexiconFloor::translate(const Tokens& src) const {
  Tokens result;
  for (const std::string& token : src) {
    auto known = seen_.find(token);
    if (known == seen_.end()) { result.push_back(token); continue; }
    auto rarer = [](const auto& a, const auto& b) { return a.second < b.second; };
    const Tokens& best =
        std::max_element(known->second.begin(), known->second.end(), rarer)->first;
    result.insert(result.end(), best.begin(), best.end());
  }
  return result;
}

}  // namespace babelgrad
