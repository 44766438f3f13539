#include "data/subwords.h"

#include <algorithm>

#include "data/lines.h"
#include "data/text.h"
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

// Joins the pairs at these places; of two that overlap (a a a) the left one.
void merge(const std::vector<std::size_t>& places, int joined, std::vector<int>& symbols,
           Tokens& pieces) {
  std::size_t from = 0, to = 0, next = 0;       // read and write ends, in place
  while (from < symbols.size()) {
    while (next < places.size() && places[next] < from) next++;
    const bool here = next < places.size() && places[next] == from;
    std::string piece = here ? pieces[from] + pieces[from + 1] : std::move(pieces[from]);
    symbols[to] = here ? joined : symbols[from];
    pieces[to++] = std::move(piece);
    from += here ? 2 : 1;
  }
  symbols.resize(to), pieces.resize(to);
}

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
  check(p >= 0 && p <= 1, "Subwords: a dropout of ", p, "; it must lie in 0 to 1");
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
  Tokens pieces = letters_of(word);
  std::vector<int> symbols;                     // -1: a letter that no merge has
  for (const std::string& letter : pieces) {
    auto known = numbers_.find(letter);
    symbols.push_back(known == numbers_.end() ? -1 : known->second);
  }
  std::vector<std::size_t> places;
  int joined = -1;
  while (!(places = first_learnt(symbols, p, random, joined)).empty())
    merge(places, joined, symbols, pieces);
  return pieces;
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

}  // namespace babelgrad
