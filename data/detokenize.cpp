// From tokens to sentences: which of the blanks between them a reader does not want to see.
#include <algorithm>
#include <utility>

#include "data/text.h"

namespace babelgrad {
namespace {

template <std::size_t n>
bool is_one_of(const std::string& token, const std::string_view (&set)[n]) {
  return std::ranges::count(set, token) > 0;
}

bool is_word_byte(char c) {                          // any byte beyond ASCII counts
  bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || is_digit(c) || static_cast<unsigned char>(c) > '~';
}

class Joiner {
 public:
  Joiner(const Tokens& tokens, Language language) : language_(language) {
    for (const std::string& token : tokens)
      if (!token.empty()) tokens_.push_back(unescape_moses(token));
    for (i_ = 0; i_ < tokens_.size(); i_++) apostrophes_ += token() == "'" && !torn();
  }

  std::string joined() {
    for (i_ = 0; i_ < tokens_.size(); i_++) {
      Blanks blanks = around();
      if (blanks.before && !glued_) out_ += ' ';
      if (!ends_twice()) out_ += tokens_[i_] == "@-@" ? "-" : tokens_[i_];
      glued_ = !blanks.after;
    }
    return out_;
  }

 private:
  struct Blanks {
    bool before = true, after = true;
  };
  static constexpr Blanks opening = {true, false}, closing = {false, true}, joint = {false, false};

  const std::string& token() const { return tokens_[i_]; }
  char last_before() const { return i_ > 0 ? tokens_[i_ - 1].back() : ' '; }
  std::string_view after() const {
    return i_ + 1 < tokens_.size() ? std::string_view(tokens_[i_ + 1]) : "";
  }
  char first_after() const { return after().empty() ? ' ' : after()[0]; }

  Blanks around() {
    constexpr std::string_view closers[] = {",", ".", ")", "]", "}", "…"};
    constexpr std::string_view openers[] = {"(", "[", "{", "¿", "¡"};
    constexpr std::string_view stops[] = {"?", "!", ":", ";"};
    const std::string& t = token();
    if (is_one_of(t, closers) || t.starts_with("..")) return closing;
    if (is_one_of(t, openers)) return opening;
    if (in_number() || t == "@-@") return joint;
    if (is_one_of(t, stops)) return stop();
    if (t == "'") return apostrophe();
    if (t.size() > 1 && t[0] == '\'') return {false, t.back() != '\''};
    if (t.size() > 1 && t.back() == '\'') return opening;
    const CodePoint first = first_code_point(t);
    if (first.bytes == int(t.size()) && of_another_script(first.value)) return mark(first.value);
    return t.size() <= 3 ? sign() : Blanks();
  }

  static bool of_another_script(int c) {
    const bool latin = c < 0x370 || (c >= 0x2000 && c < 0x2070);
    return !latin && is_punctuation(char32_t(c));
  }

  // ؟ and । close, as ? does, and what is as wide as a letter, as 。 and 「, has its blank in it.
  Blanks mark(int c) const {
    if (display_width(token()) == 2) return joint;
    return is_opening(char32_t(c)) ? opening : closing;
  }

  bool in_number() const {                      // 10:30, and words as in: his/her
    if (token() == ":") return is_digit(last_before()) && is_digit(first_after());
    return token() == "/" && is_word_byte(last_before()) && is_word_byte(first_after());
  }

  Blanks stop() const {                         // a row of them, ?! , holds together
    bool row = last_before() == '?' || last_before() == '!';
    return {language_ == Language::french && !row, true};
  }

  // What Moses tears apart in German, and in all three where blanks stood: wendy ' s.
  bool torn() const {
    constexpr std::string_view tails[] = {"s", "t", "m", "d", "re", "ve", "ll"};
    std::string tail(after().substr(0, after().find_first_of("-.")));
    return is_word_byte(last_before()) && is_one_of(tail, tails);
  }

  // The dogs' tail, the 'big' one. Of an odd number of them one is no quote.
  Blanks apostrophe() {
    if (torn()) return joint;
    bool odd = apostrophes_-- % 2 == 1;         // with this one
    if (std::exchange(single_open_, false)) return closing;
    bool after_tail = i_ > 0 && tokens_[i_ - 1][0] == '\'';
    if (odd && ((last_before() == 's' && !after_tail) || after().empty())) return closing;
    single_open_ = !odd;
    return opening;
  }

  Blanks sign() {
    constexpr std::string_view before_digits[] = {"$", "£", "€", "#"};
    if (is_one_of(token(), before_digits)) return {true, !is_digit(first_after())};
    bool percent = token() == "%" && language_ == Language::english && is_digit(last_before());
    return percent ? closing : quote();
  }

  // A quote opens when none is open; „ and ” are never in doubt.
  Blanks quote() {
    constexpr std::string_view doubles[] = {"\"", "“", "«", "»"};
    const std::string& t = token();
    bool french = language_ == Language::french && (t == "«" || t == "»");
    if (french || !(is_one_of(t, doubles) || t == "„" || t == "”")) return {};
    double_open_ = t == "„" || (t != "”" && !double_open_);
    return double_open_ ? opening : closing;
  }

  bool ends_twice() const {                     // in the u.s. .
    if (token() != "." || i_ == 0 || tokens_[i_ - 1].size() < 2) return false;
    const std::string& before = tokens_[i_ - 1];
    return before.back() == '.' && is_word_byte(before[before.size() - 2]);
  }

  Language language_;
  Tokens tokens_;
  std::size_t i_ = 0;
  Index apostrophes_ = 0;                       // free ones that are still to come
  bool glued_ = true;                           // the next token follows without a blank
  bool single_open_ = false, double_open_ = false;
  std::string out_;
};

}  // namespace

std::string detokenize(const Tokens& tokens, Language language) {
  return Joiner(tokens, language).joined();
}

}  // namespace babelgrad
