// Ways to cut a sentence into tokens: the book's, the standard one for translation, and Moses's.
#include "data/text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "tensor/check.h"

namespace babelgrad {
namespace {

using View = std::u32string_view;

// --- where words part at an apostrophe: in French it ends the first one, l' oiseau, in English it
// begins the second, he 's.

bool elides(View stem) {                        // words whose last vowel falls
  constexpr View stems[] = {U"c", U"d", U"j", U"l", U"m", U"n", U"s", U"t", U"qu", U"jusqu",
    U"lorsqu", U"puisqu", U"quoiqu", U"quelqu"};
  return std::ranges::count(stems, stem) > 0;
}

bool ends_at(View word, std::size_t i) {        // or the next apostrophe follows
  return i >= word.size() || word[i] == '\'';
}

// The length of what English hangs on a word, 's, 't, 'll, if that stands at word[at]; 0: nothing.
std::size_t tail_at(View word, std::size_t at) {
  constexpr View tails[] = {U"'s", U"'t", U"'m", U"'d", U"'re", U"'ve", U"'ll"};
  for (std::size_t length : {2, 3})
    if (std::ranges::count(tails, word.substr(at, length)) && ends_at(word, at + length))
      return length;
  return 0;
}

// Parts a word at its marks, an ellipsis being one. inside(i, start) says how many characters from
// word[i] on belong to the token that begins at start, 0 if a mark stands there; cut(part, out)
// parts what has no marks.
void split_at_marks(View word, auto inside, auto cut, Tokens& out) {
  std::size_t start = 0, i = 0;                 // word[start..i) is the token so far
  while (i < word.size()) {
    if (std::size_t more = inside(i, start)) { i += more; continue; }
    cut(word.substr(start, i - start), out);
    start = i++;
    while (word[start] == '.' && i < word.size() && word[i] == '.') i++;
    out.push_back(encode_utf8(word.substr(start, i - start)));
    start = i;
  }
  cut(word.substr(start), out);
}

// --- book and standard

bool in_word(char32_t c) { return !is_punctuation(c) && c != '\''; }
bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

// How much of a word without punctuation is its first token: l'oiseau 2, he's 2, 'tis 1, o'clock 7.
std::size_t first_token(View as_it_is) {
  const std::u32string small = small_letters(as_it_is);
  const View word = small.size() == as_it_is.size() ? View(small) : as_it_is;
  if (word[0] == '\'') return std::max<std::size_t>(1, tail_at(word, 0));
  for (auto at = word.find('\''); at != word.npos; at = word.find('\'', at + 1)) {
    if (tail_at(word, at)) return at;
    if (elides(word.substr(0, at))) return at + 1;
    if (ends_at(word, at + 1)) return at;       // a closing quote
  }
  return word.size();
}

void split_apostrophes(View word, Tokens& out) {
  while (!word.empty()) {
    std::size_t length = first_token(word);
    out.push_back(encode_utf8(word.substr(0, length)));
    word.remove_prefix(length);
  }
}

std::size_t entity_length(View s) {  // &apos; and its like
  std::size_t end = s[0] == '&' ? s.substr(0, 10).find(';') : s.npos;
  if (end == s.npos || end == 1) return 0;
  auto name = [](char32_t c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '#'; };
  return std::all_of(s.begin() + 1, s.begin() + end, name) ? end + 1 : 0;
}

// Does the punctuation at s[i] belong to the word around it? 3.14, 1,000, u.s., and, in a sentence
// whose full stop stands free (so it is tokenised already), every dot that is not in a row: mr. The
// marks of some scripts stand in a word as an apostrophe does: col·lecció, ինչո՞ւ, צה״ל, ٣٫١٤.
bool belongs(View s, std::size_t i, std::size_t start, bool free_stop) {
  char32_t before = i > start ? s[i - 1] : U'.', after = i + 1 < s.size() ? s[i + 1] : U'.';
  constexpr View inner = U"\u00B7\u055B\u055C\u055E\u055F\u05F3\u05F4\u066B\u066C"
                                        U"\u2027";
  if (s[i] == ',') return is_digit(before) && is_digit(after);
  if (inner.find(s[i]) != inner.npos) return in_word(before) && in_word(after);
  if (s[i] != '.') return false;
  bool in_row = (i > 0 && s[i - 1] == '.') || (i + 1 < s.size() && after == '.');
  if (free_stop) return !in_row;
  bool initials = i >= start + 2 && s[i - 2] == '.' && in_word(before) && !in_row;
  return initials || (in_word(before) && in_word(after));
}

void split_punctuation(View s, bool free_stop, Tokens& out) {
  const auto inside = [&](std::size_t i, std::size_t start) -> std::size_t {
    if (auto entity = entity_length(s.substr(i))) return entity;
    return !is_punctuation(s[i]) || belongs(s, i, start, free_stop);
  };
  split_at_marks(s, inside, split_apostrophes, out);
}

// "(https://a.b/c?d=1)." -> {1, 17}, where the address begins and how long it is; {0, 0}: there is
// none. It ends before a quote, a bracket < >, a dash, and before punctuation at its end.
std::pair<std::size_t, std::size_t> address_in(View s) {
  const std::size_t colon = s.find(U"://");
  std::size_t begin = colon;
  if (colon == s.npos) return {0, 0};
  while (begin > 0 && s[begin - 1] >= 'a' && s[begin - 1] <= 'z') begin--;
  if (begin == colon) return {0, 0};
  s = s.substr(0, std::min(s.find_first_of(U"\"<>«»‹›“”„—", colon), s.find(U"&quot;", colon)));
  while (is_punctuation(s.back()) || s.back() == '\'') s.remove_suffix(1);
  return {begin, s.size() - begin};
}

// Without what nobody sees, but for the joiners between two characters of a word.
std::u32string visible(View s) {
  std::u32string out;
  char32_t joiner = 0;                          // that waits for what comes next
  for (char32_t c : s) {
    const bool word = in_word(c) && !is_blank(c);
    if (is_joiner(c)) { joiner = c; continue; }
    if (is_invisible(c)) continue;
    if (joiner && word && !out.empty() && in_word(out.back()) && !is_blank(out.back()))
      out += joiner;
    out += c, joiner = 0;
  }
  return out;
}

Tokens book_tokens(std::string_view sentence) {
  std::string spaced;
  for (char c : sentence) {
    if (std::string_view(",.!?").find(c) != std::string_view::npos) spaced += ' ';
    spaced += c;
  }
  return split(spaced);
}

Tokens standard_tokens(std::string_view sentence) {
  Tokens chunks = split(sentence), out;
  bool free_stop = std::ranges::count(chunks, ".") > 0;
  for (const std::string& chunk : chunks) {
    std::u32string s = decode_utf8(chunk);
    std::ranges::replace(s, U'\u2019', U'\'');
    const auto [begin, length] = address_in(s);
    const auto rest = View(s).substr(begin + length);
    split_punctuation(s.substr(0, begin), free_stop, out);
    if (length > 0) out.push_back(encode_utf8(s.substr(begin, length)));
    split_punctuation(rest, free_stop, out);
  }
  return out;
}

// --- Moses: escapes

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

// Does the full stop at word[i], of the k-th of these words, belong to the token before it?
bool stop_inside(View word, std::size_t i, std::size_t start,
                 const std::vector<std::u32string>& words, std::size_t k, bool free_stop) {
  bool last = i + 1 == word.size(), last_word = k + 1 == words.size();
  char32_t before = i > start ? word[i - 1] : U' ', after = last ? U' ' : word[i + 1];
  if ((i > 0 && word[i - 1] == '.') || after == '.') return false;   // a row of them
  if (free_stop || is_word(after)) return true;
  char32_t next = last && !last_word ? words[k + 1][0] : after;
  bool initials = i >= start + 2 && word[i - 2] == '.' && is_letter(before);
  bool goes_on = is_word(before) && (next == ',' || next == ';');    // usw., etc.;
  return initials || goes_on ||
         (last && !last_word && keeps_stop(words, k, word.substr(start, i - start)));
}

// Sentence: valid UTF-8, composed. A line that holds an escape as a token, or &apos; at the edge of
// one, is tokenised already, and only made small and split at its blanks.
// Unlike Moses, in a word no full stop stays at the end because a small letter follows: of
// lower-cased text Moses makes  he walks. he sleeps .
Tokens moses_tokens(std::string_view sentence) {
  if (std::ranges::any_of(split(sentence), is_escaped))
    return split(encode_utf8(small_letters(decode_utf8(sentence))));
  const Tokens chunks = split(encode_utf8(plain(decode_utf8(unescape_moses(sentence)))));
  std::vector<std::u32string> words;            // in small and capital letters, as they came
  for (const std::string& chunk : chunks) words.push_back(decode_utf8(chunk));
  const bool free_stop = std::ranges::count(chunks, ".") > 0;   // so the others are in words
  Tokens tokens;
  for (std::size_t k = 0; k < words.size(); k++) {
    const std::u32string word = small_letters(words[k]);
    const auto inside = [&](std::size_t i, std::size_t start) {
      char32_t before = i > start ? word[i - 1] : U' ';
      char32_t after = i + 1 < word.size() ? word[i + 1] : U' ';
      if (word[i] == ',') return is_digit(before) && is_digit(after);
      return word[i] == '.' ? stop_inside(word, i, start, words, k, free_stop)
                            : !is_punctuation(word[i]) && !is_symbol(word[i]);
    };
    split_at_marks(word, inside, cut_apostrophes, tokens);
  }
  for (std::string& token : tokens) token = moses_escaped(token);
  return tokens;
}

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

Tokens tokenize(std::string_view sentence, Tokenizer tokenizer) {
  Index bad = invalid_utf8(sentence);
  check(bad < 0, "tokenize: byte ", bad + 1, " is not UTF-8: ", printable(sentence, 200));
  std::u32string text = decode_utf8(sentence);
  std::ranges::replace_if(text, is_control, U' ');
  if (tokenizer == Tokenizer::moses) {
    std::erase_if(text, is_invisible);
    return moses_tokens(encode_utf8(composed(text)));
  }
  const bool cased = tokenizer == Tokenizer::cased;
  text = cased ? composed(visible(text)) : small_letters(visible(text));
  return tokenizer == Tokenizer::book ? book_tokens(encode_utf8(text))
                                      : standard_tokens(encode_utf8(text));
}

}  // namespace babelgrad
