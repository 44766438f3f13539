#include "data/phrase.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tensor/check.h"

namespace babelgrad {
namespace {

std::string_view next_item(std::string_view& text) {
  std::size_t end = std::min(text.find(' '), text.size());
  std::string_view item = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return item;
}

Tokens words_of(std::string_view text) {
  Tokens words;
  while (!text.empty()) words.emplace_back(next_item(text));
  return words;
}

bool is_part(std::string_view item) { return item.size() == 1 && item[0] >= 'A' && item[0] <= 'Z'; }

struct Span { std::string_view item; int begin, end; };    // the English words of an item

class Rewriting {                               // one application of one rule
 public:
  explicit Rewriting(std::initializer_list<Slot> parts) : parts_(parts) {}

  void write_english(std::string_view side) {
    while (!side.empty()) {
      std::string_view item = next_item(side);
      int begin = int(result_.src.size());
      if (!is_part(item)) result_.src.emplace_back(item);
      else if (const Pair* part = find(item)) append(result_.src, part->src);
      check(count_ < int(spans_.size()), "rule: more than ", spans_.size(), " items: ", side);
      spans_[count_++] = {item, begin, int(result_.src.size())};
    }
  }

  void write_french(std::string_view side) {
    while (!side.empty()) {
      std::string_view links = next_item(side);
      std::size_t end = std::min(links.find_first_of("=?", 1), links.size());
      int begin = int(result_.tgt.size());
      write_french_item(links.substr(0, end));
      for (links.remove_prefix(end); !links.empty(); links.remove_prefix(end)) {
        end = std::min(links.find_first_of("=?", 2), links.size());
        link(span(links.substr(1, end - 1)), begin, links[0] == '=');
      }
    }
  }

  Pair result() {
    for (const Slot& part : parts_) append(result_.tags, part.phrase.tags);
    return std::move(result_);
  }

 private:
  void write_french_item(std::string_view item) {
    if (!is_part(item)) { result_.tgt.emplace_back(item); return; }
    const Pair* part = find(item);
    if (!part) return;
    int source = span(item).begin, target = int(result_.tgt.size());
    append(result_.tgt, part->tgt);
    for (const Link& l : part->gold)
      result_.gold.push_back({l.src + source, l.tgt + target, l.sure});
  }

  void link(const Span& english, int french_begin, bool sure) {
    for (int j = french_begin; j < int(result_.tgt.size()); j++)
      for (int i = english.begin; i < english.end; i++) result_.gold.push_back({i, j, sure});
  }

  const Pair* find(std::string_view name) const {
    for (const Slot& part : parts_)
      if (part.name == name[0]) return &part.phrase;
    return nullptr;
  }

  const Span& span(std::string_view item) const {
    for (int k = 0; k < count_; k++)
      if (spans_[k].item == item) return spans_[k];
    fail("rule: the English side has no item \"", item, "\"");
  }

  static void append(Tokens& words, const Tokens& more) {
    words.insert(words.end(), more.begin(), more.end());
  }

  std::initializer_list<Slot> parts_;
  std::array<Span, 12> spans_;
  int count_ = 0;
  Pair result_;
};

}  // namespace

Pair word(std::string_view english, std::string_view french, const char* tag) {
  Pair phrase{words_of(english), words_of(french)};
  for (int i = 0; i < int(phrase.src.size()); i++)
    for (int j = 0; j < int(phrase.tgt.size()); j++) phrase.gold.push_back({i, j});
  if (*tag) phrase.tags.push_back(tag);
  return phrase;
}

Pair rule(std::string_view english, std::string_view french, std::initializer_list<Slot> parts,
          const char* tag) {
  Rewriting rewriting(parts);
  rewriting.write_english(english);
  rewriting.write_french(french);
  Pair phrase = rewriting.result();
  if (*tag) phrase.tags.push_back(tag);
  return phrase;
}

}  // namespace babelgrad
