#include "data/subwords.h"

#include <algorithm>
#include <map>
#include <queue>
#include <unordered_set>

#include "data/lines.h"
#include "data/text.h"
#include "data/utf8.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

constexpr std::string_view version = "#version: 0.2";
constexpr std::string_view word_end = "</w>";

std::uint64_t key_of(int left, int right) { return std::uint64_t(left) << 32 | unsigned(right); }

double uniform(Random& random) { return double(random.bits() >> 11) * 0x1p-53; }

// "lower" -> l o w e r</w>
std::vector<std::string> letters_of(const std::string& word) {
  std::vector<std::string> letters;
  each_code_point(word, [&](int, std::string_view bytes) { letters.emplace_back(bytes); });
  if (!letters.empty()) letters.back() += word_end;
  return letters;
}

bool goes_on(const std::string& piece) {        // the mark alone is a word of the text
  return piece.size() > piece_mark.size() && piece.ends_with(piece_mark);
}

// A symbol as a piece. The end of a word that itself ends in the mark would seem to go on, so that
// mark is a piece alone: foo@@ -> foo@@ @@.
Tokens written(const std::string& symbol, bool last) {
  if (!last) return {join(symbol, piece_mark)};
  const std::string piece = symbol.substr(0, symbol.size() - word_end.size());
  return goes_on(piece) ? Tokens{piece, std::string(piece_mark)} : Tokens{piece};
}

// Joins what here(i) holds of, symbols i and i + 1, in place; of two that overlap (a a a) the left.
void join_pairs(std::vector<int>& symbols, int joined, auto here) {
  std::size_t to = 0;
  for (std::size_t from = 0; from < symbols.size(); to++) {
    const bool both = from + 1 < symbols.size() && here(from);
    symbols[to] = both ? joined : symbols[from];
    from += both ? 2 : 1;
  }
  symbols.resize(to);
}

// --- Which merges to make: counts of pairs are kept up to date word by word, and a heap has the
// most frequent pair on top, so that a merge costs what it changes.

struct CountedWord {
  std::vector<int> symbols;
  Index count;
};

struct Neighbours {
  Index count = 0;
  std::unordered_set<int> words = {};           // that have, or had, this pair
};

class Learner {
 public:
  explicit Learner(const std::map<std::string, Index>& counts) : heap_(Less{symbols_}) {
    for (const auto& [word, count] : counts) {
      CountedWord& made = words_.emplace_back(CountedWord{{}, count});
      for (const std::string& letter : letters_of(word)) made.symbols.push_back(number(letter));
    }
    std::unordered_set<std::uint64_t> changed;
    for (int i = 0; i < int(words_.size()); i++) count_pairs(i, 1, changed);
    offer(changed);
  }

  // The most frequent pair as two symbols, merged everywhere; false if none is frequent enough.
  bool merge(Index min_freq, std::string& left, std::string& right) {
    while (!heap_.empty() && heap_.top().count != pairs_[heap_.top().key].count) heap_.pop();
    if (heap_.empty() || heap_.top().count < min_freq) return false;
    const std::uint64_t key = heap_.top().key;
    const int a = int(key >> 32), b = int(key & 0xFFFFFFFF);
    left = symbols_[a], right = symbols_[b];
    const int joined = number(left + right);
    const std::unordered_set<int> affected = std::move(pairs_[key].words);
    std::unordered_set<std::uint64_t> changed;
    for (int word : affected) {
      count_pairs(word, -1, changed);
      std::vector<int>& symbols = words_[word].symbols;
      join_pairs(symbols, joined,
                 [&](std::size_t i) { return symbols[i] == a && symbols[i + 1] == b; });
      count_pairs(word, 1, changed);
    }
    offer(changed);
    return true;
  }

 private:
  struct Entry {
    Index count;                                // when it was put here; outdated entries are passed
    std::uint64_t key;
  };
  struct Less {
    const std::vector<std::string>& symbols;
    bool operator()(const Entry& a, const Entry& b) const {
      if (a.count != b.count) return a.count < b.count;
      if (int order = symbols[a.key >> 32].compare(symbols[b.key >> 32])) return order < 0;
      return symbols[a.key & 0xFFFFFFFF] < symbols[b.key & 0xFFFFFFFF];
    }
  };

  int number(const std::string& symbol) {
    auto [place, is_new] = numbers_.try_emplace(symbol, int(symbols_.size()));
    if (is_new) symbols_.push_back(symbol);
    return place->second;
  }

  void count_pairs(int word, int sign, std::unordered_set<std::uint64_t>& changed) {
    const std::vector<int>& symbols = words_[word].symbols;
    for (std::size_t i = 0; i + 1 < symbols.size(); i++) {
      const std::uint64_t key = key_of(symbols[i], symbols[i + 1]);
      Neighbours& pair = pairs_[key];
      pair.count += sign * words_[word].count;
      if (sign > 0) pair.words.insert(word);
      changed.insert(key);
    }
  }

  void offer(const std::unordered_set<std::uint64_t>& changed) {
    for (std::uint64_t key : changed)
      if (pairs_[key].count > 0) heap_.push({pairs_[key].count, key});
  }

  std::vector<CountedWord> words_;
  std::vector<std::string> symbols_;
  std::unordered_map<std::string, int> numbers_;
  std::unordered_map<std::uint64_t, Neighbours> pairs_;
  std::priority_queue<Entry, std::vector<Entry>, Less> heap_;
};

}  // namespace

int Subwords::symbol(const std::string& letters) {
  auto [place, is_new] = numbers_.try_emplace(letters, int(symbols_.size()));
  if (is_new) symbols_.push_back(letters);
  return place->second;
}

// Of a pair that is there twice the first counts.
void Subwords::add(const Merge& merge) {
  const int left = symbol(merge.left), right = symbol(merge.right);
  pairs_.try_emplace(key_of(left, right), Found{merges(), symbol(merge.left + merge.right)});
  made_by_.try_emplace(merge.left + merge.right, merges());
  merges_.push_back(merge);
}

// A CR alone may be a letter, as in the lists of subword-nmt, unless it ends the first line; and so
// is a byte order mark behind that.
Subwords Subwords::read(std::string_view file, const std::string& name) {
  const auto check_line = [](std::string_view line, std::string_view of, Index number) {
    if (invalid_utf8(line) >= 0) fail(of, ":", number, ": is not UTF-8");
  };
  const auto first = file.substr(0, file.find_first_of("\r\n") + 1);
  Lines lines = Lines::of_text(file, name, check_line, first.ends_with('\r'), false);
  Subwords read;
  std::string line;
  if (!lines.next(line) || line != version)
    fail(printable(name), ":1: must be \"", version, "\", as subword-nmt writes it");
  std::string blank;                            // where the first blank line is; none may follow it
  while (lines.next(line)) {
    const Tokens symbols = split_at_spaces(line);
    if (symbols.empty() && blank.empty()) blank = lines.where();
    if (symbols.empty()) continue;
    if (symbols.size() != 2 || !blank.empty())
      fail(blank.empty() ? lines.where() : blank, "would be two symbols with a space between");
    read.add({symbols[0], symbols[1]});
  }
  return read;
}

std::string Subwords::file() const {
  std::string file = join(version, "\n");
  for (const Merge& merge : merges_) file += merge.left + " " + merge.right + "\n";
  return file;
}

Tokens Subwords::encode(const Tokens& words, const Known& known) const {
  return spell(words, 0, nullptr, known);
}

Tokens Subwords::encode(const Tokens& words, double p, Random& random, const Known& known) const {
  check(p >= 0 && p <= 1, "Subwords: a dropout of ", p, "; it must be between 0 and 1");
  return spell(words, p, &random, known);
}

Tokens Subwords::spell(const Tokens& words, double p, Random* random, const Known& known) const {
  if (empty()) return words;
  Tokens pieces;
  for (const std::string& word : words) {
    const Tokens symbols = symbols_of(word, p, random);
    for (const std::string& it : symbols) spell(it, &it == &symbols.back(), known, pieces);
  }
  return pieces;
}

void Subwords::spell(const std::string& symbol, bool last, const Known& known,
                     Tokens& pieces) const {
  const Tokens spelt = written(symbol, last);
  const auto put = [&] { pieces.insert(pieces.end(), spelt.begin(), spelt.end()); };
  const auto made = made_by_.find(symbol);
  if (!known || std::ranges::all_of(spelt, known) || made == made_by_.end()) return put();
  const Merge& merge = merges_[std::size_t(made->second)];
  const bool whole_end = merge.right.ends_with(word_end) && merge.right.size() > word_end.size();
  if (last && !whole_end) return put();         // of a list that no text has made
  spell(merge.left, false, known, pieces);
  spell(merge.right, last, known, pieces);
}

// Where the pair learnt first stands, from the left, and what it becomes; none: nothing to merge.
std::vector<std::size_t> Subwords::first_learnt(const std::vector<int>& symbols, double p,
                                                Random* random, int& joined) const {
  std::vector<std::size_t> places;
  Found best{merges(), -1};
  for (std::size_t i = 0; i + 1 < symbols.size(); i++) {
    auto pair = pairs_.find(key_of(symbols[i], symbols[i + 1]));
    if (pair == pairs_.end() || pair->second.rank > best.rank) continue;
    if (p > 0 && uniform(*random) < p) continue;
    if (pair->second.rank < best.rank) places.clear(), best = pair->second;
    places.push_back(i);
  }
  joined = best.symbol;
  return places;
}

// Until no pair of neighbours is known.
Tokens Subwords::symbols_of(const std::string& word, double p, Random* random) const {
  const Tokens letters = letters_of(word);
  std::vector<int> symbols;                     // -1, -2, ...: a letter that no merge has
  for (const std::string& letter : letters) {
    auto known = numbers_.find(letter);
    symbols.push_back(known == numbers_.end() ? -1 - int(symbols.size()) : known->second);
  }
  std::vector<std::size_t> places;
  int joined = -1;
  const auto here = [&](std::size_t i) { return std::ranges::binary_search(places, i); };
  while (!(places = first_learnt(symbols, p, random, joined)).empty())
    join_pairs(symbols, joined, here);
  Tokens spelt;
  for (int symbol : symbols) spelt.push_back(symbol < 0 ? letters[-1 - symbol] : symbols_[symbol]);
  return spelt;
}

Tokens join_pieces(const Tokens& pieces) {
  Tokens words;
  bool inside = false;
  for (std::string piece : pieces) {
    const bool more = goes_on(piece);
    if (more) piece.resize(piece.size() - piece_mark.size());
    if (inside) words.back() += piece;
    else words.push_back(piece);
    inside = more;
  }
  return words;
}

Subwords Subwords::learn(const std::vector<Tokens>& sentences, int merges, int min_freq) {
  check(merges >= 1, "Subwords: ", merges, " merges to learn; it must be at least one");
  std::map<std::string, Index> counts;
  for (const Tokens& sentence : sentences)
    for (const std::string& word : sentence) counts[word]++;
  Learner learner(counts);
  Subwords learnt;
  Merge merge;
  while (learnt.merges() < merges && learner.merge(min_freq, merge.left, merge.right))
    learnt.add(merge);
  return learnt;
}

}  // namespace babelgrad
