#include "data/moses.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "data/apostrophes.h"
#include "data/text.h"

namespace babelgrad {
namespace {

using View = std::u32string_view;

// --- escapes

constexpr std::pair<char, std::string_view> escapes[] = {
  {'&', "&amp;"}, {'|', "&#124;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'\'', "&apos;"}, {'"', "&quot;"},
  {'[', "&#91;"}, {']', "&#93;"}};

std::string moses_escaped(std::string_view s) {
  std::string out;
  for (char c : s) {
    auto found = std::ranges::find(escapes, c, &std::pair<char, std::string_view>::first);
    if (found == std::end(escapes)) out += c;
    else out += found->second;
  }
  return out;
}

bool is_escaped(const std::string& token) {
  if (token.starts_with("&apos;") || token.ends_with("&apos;")) return true;
  return std::ranges::count(escapes, token, &std::pair<char, std::string_view>::second) > 0;
}

// --- characters

// What stands for c on a plain keyboard.
std::u32string plain(char32_t c) {
  constexpr View apostrophes = U"\u2018\u2019\u201A\u201B\u2032\u2039\u203A\u00B4`",
    quotes = U"\u201C\u201D\u201E\u201F\u2033\u00AB\u00BB",
    hyphens = U"\u2010\u2011\u2012\u2013\u2212";
  if (apostrophes.find(c) != View::npos) return U"'";
  if (quotes.find(c) != View::npos) return U"\"";
  if (hyphens.find(c) != View::npos) return U"-";
  if (c == 0x2014 || c == 0x2015) return U" - ";
  return c == 0x2026 ? U"..." : std::u32string(1, c);
}

std::u32string plain(View sentence) {
  std::u32string out;
  for (char32_t c : sentence) {
    for (char32_t p : plain(c)) {
      bool second = p == '\'' && !out.empty() && out.back() == '\'';
      if (second) out.back() = '"';             // '' is a quote, too
      else out += p;
    }
  }
  return out;
}

bool is_word(char32_t c) { return is_letter(c) || is_digit(c); }
bool stands_apart(char32_t c) { return c != '.' && (is_punctuation(c) || is_symbol(c)); }

// --- full stops

// Abbreviations that no sentence ends with, and those that need a number behind them. English,
// French and German together; what is also a common word of one of the three is left out.
constexpr View titles[] = {U"mr", U"mrs", U"ms", U"dr", U"prof", U"st", U"sr", U"jr", U"messrs",
  U"gov", U"sen", U"sgt", U"capt", U"lt", U"dept", U"ave", U"blvd", U"approx", U"vs", U"mme",
  U"mlle", U"mgr", U"bzw", U"evtl", U"ggf", U"inkl", U"exkl", U"vgl", U"str", U"dipl", U"ing",
  U"frl", U"engl", U"sog", U"bspw", U"zzgl"};
constexpr View before_numbers[] = {U"no", U"nr", U"vol", U"pp", U"art", U"fig", U"tel", U"ca",
  U"env", U"ch", U"chap", U"kap", U"abb", U"bd", U"jan", U"feb", U"aug", U"sept", U"oct", U"okt",
  U"nov", U"dec", U"dez"};
// Before an ordinal in German: am 3. mai, der 2. mann.
constexpr View before_ordinals[] = {U"am", U"im", U"zum", U"zur", U"vom", U"beim", U"der", U"die",
  U"das", U"dem", U"den", U"des", U"bis", U"ab", U"seit"};

bool starts_small(View word) { return lower(word[0]) == word[0] && upper(word[0]) != word[0]; }

// Does the k-th word, stem and full stop, keep that stop before the word that follows?
bool keeps_stop(const std::vector<std::u32string>& words, std::size_t k, View stem) {
  if (stem.empty()) return false;
  View next = words[k + 1];
  if (std::ranges::count(titles, stem) || (stem.size() == 1 && is_letter(stem[0]))) return true;
  if (std::ranges::count(before_numbers, stem)) return is_digit(next[0]);
  bool number = stem.size() <= 2 && std::ranges::all_of(stem, is_digit);
  bool german = k > 0 && std::ranges::count(before_ordinals, small_letters(words[k - 1]));
  return number && (german || starts_small(next));
}

// --- words

// Parts a word at its apostrophes; letters on both sides make it part of one of them.
void cut_apostrophes(View word, Tokens& out) {
  std::size_t start = 0, i = tail_at(word, 0);  // 's alone was parted before
  auto push = [&](std::size_t end) {
    if (end > start) out.push_back(encode_utf8(word.substr(start, end - start)));
    start = end;
  };
  for (i = word.find('\'', i); i != word.npos; i = word.find('\'', i + 1)) {
    View stem = word.substr(start, i - start), after = word.substr(i + 1);
    stem = stem.substr(stem.rfind('-') + 1);    // chef-d' oeuvre
    bool french = elides(stem) || stem == U"aujourd" || stem == U"presqu";
    bool in_word = !stem.empty() && is_word(stem.back()) && !after.empty() && is_letter(after[0]);
    if (french && !tail_at(word, i) && (in_word || after.empty())) push(i + 1);
    else if (in_word) push(i);
    else push(i), push(i + 1);
  }
  push(word.size());
}

class Splitter {                                // of one sentence, made plain
 public:
  explicit Splitter(const Tokens& chunks) {
    for (const std::string& chunk : chunks) words_.push_back(decode_utf8(chunk));
    free_stop_ = std::ranges::count(chunks, ".") > 0;
  }

  Tokens split() {
    for (k_ = 0; k_ < words_.size(); k_++) split_word();
    return std::move(out_);
  }

 private:
  View part(std::size_t start, std::size_t end) const {
    return View(word_).substr(start, end - start);
  }

  void split_word() {
    word_ = small_letters(words_[k_]);
    std::size_t start = 0, i = 0;
    while (i < word_.size()) {
      if (inside(i, start)) { i++; continue; }
      cut_apostrophes(part(start, i), out_);
      start = i++;
      while (word_[start] == '.' && i < word_.size() && word_[i] == '.') i++;
      out_.push_back(encode_utf8(part(start, i)));
      start = i;
    }
    cut_apostrophes(part(start, i), out_);
  }

  // Does word_[i] belong to the token that begins at start?
  bool inside(std::size_t i, std::size_t start) const {
    char32_t before = i > start ? word_[i - 1] : U' ';
    char32_t after = i + 1 < word_.size() ? word_[i + 1] : U' ';
    if (word_[i] == ',') return is_digit(before) && is_digit(after);
    return word_[i] == '.' ? stop_inside(i, start) : !stands_apart(word_[i]);
  }

  bool stop_inside(std::size_t i, std::size_t start) const {
    bool last = i + 1 == word_.size(), last_word = k_ + 1 == words_.size();
    char32_t before = i > start ? word_[i - 1] : U' ', after = last ? U' ' : word_[i + 1];
    if ((i > 0 && word_[i - 1] == '.') || after == '.') return false;  // a row of them
    if (free_stop_ || is_word(after)) return true;
    char32_t next = last && !last_word ? words_[k_ + 1][0] : after;
    bool initials = i >= start + 2 && word_[i - 2] == '.' && is_letter(before);
    bool goes_on = is_word(before) && (next == ',' || next == ';');    // usw., etc.;
    return initials || goes_on || (last && !last_word && keeps_stop(words_, k_, part(start, i)));
  }

  std::vector<std::u32string> words_;           // in small and capital letters, as they came
  bool free_stop_;                              // one stands free, so the others are in words
  std::size_t k_ = 0;
  std::u32string word_;                         // the k-th in small letters
  Tokens out_;
};

}  // namespace

std::string unescape_moses(std::string_view s) {
  std::string out;
  while (!s.empty()) {
    auto here = [&](auto& e) { return s.starts_with(e.second); };
    auto found = std::ranges::find_if(escapes, here);
    bool none = found == std::end(escapes);
    out += none ? s[0] : found->first;
    s.remove_prefix(none ? 1 : found->second.size());
  }
  return out;
}

Tokens unescape_moses(Tokens words) {
  for (std::string& word : words) word = unescape_moses(word);
  return words;
}

Tokens moses_tokens(std::string_view sentence) {
  Tokens chunks = split(sentence);
  if (std::ranges::any_of(chunks, is_escaped))
    return split(encode_utf8(small_letters(decode_utf8(sentence))));
  std::u32string text = plain(decode_utf8(unescape_moses(sentence)));
  Tokens tokens = Splitter(split(encode_utf8(text))).split();
  for (std::string& token : tokens) token = moses_escaped(token);
  return tokens;
}

}  // namespace babelgrad
