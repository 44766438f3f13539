// Reading JSON by recursive descent: one function for each rule of the grammar. Depth and number of
// values are counted, so no text can exhaust stack or memory.
#include <charconv>
#include <set>

#include "data/json.h"
#include "data/utf8.h"
#include "tensor/check.h"

namespace babelgrad {

class JsonParser {
 public:
  JsonParser(std::string_view text, const std::string& where)
      : text_(text), where_(std::make_shared<const std::string>(printable(where, 160))) {}

  Json document() {
    Json json = value();
    if (at_ < text_.size()) error(at_, "something follows the value");
    return json;
  }

 private:
  [[noreturn]] void error(std::size_t at, std::string_view what) const {
    fail(*where_, ": byte ", at, ": ", what);
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool digit() const { return peek() >= '0' && peek() <= '9'; }
  bool take(char c) { return peek() == c && at_ < text_.size() ? (at_++, true) : false; }

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\n\r").find(text_[at_]) != text_.npos) at_++;
  }

  Json value() {                                // with the space around it
    skip_space();
    if (at_ == text_.size()) error(at_, "expected a value, found the end");
    if (++values_ > Json::max_values)
      error(at_, join("more than ", values_ - 1, " values"));
    Json json = bare_value();
    skip_space();
    return json;
  }

  Json bare_value() {                           // its first byte tells its kind
    switch (peek()) {
    case '{': return object();
    case '[': return array();
    case '"': return string();
    case 't': return word("true", true);
    case 'f': return word("false", false);
    case 'n': return word("null", nullptr);
    default: return number();
    }
  }

  Json word(std::string_view spelling, Json meaning) {
    if (text_.substr(at_, spelling.size()) != spelling) error(at_, "expected a value");
    at_ += spelling.size();
    return meaning;
  }

  void open() {                                 // a list or an object
    if (depth_++ == Json::max_depth) error(at_, join("nested deeper than ", depth_ - 1, " levels"));
    at_++;
    skip_space();
  }

  // '[' value ',' value ... ']'
  Json array() {
    open();
    Json::Array items;
    if (peek() != ']') do items.push_back(value()); while (take(','));
    if (!take(']')) error(at_, "expected ',' or ']'");
    depth_--;
    return Json::array(std::move(items));
  }

  // '{' "key" ':' value ',' "key" ':' value ... '}'
  Json object() {
    open();
    Json json;
    Json::Object& members = json.value_.emplace<Json::Object>();
    std::set<std::string> keys;
    if (peek() != '}') do members.push_back(member(keys)); while (take(','));
    if (!take('}')) error(at_, "expected ',' or '}'");
    depth_--;
    json.where_ = where_;
    return json;
  }

  Json::Member member(std::set<std::string>& keys) {
    skip_space();
    std::size_t start = at_;
    if (peek() != '"') error(at_, "expected a key in double quotes");
    std::string key = string();
    if (!keys.insert(key).second)
      error(start, join("key \"", printable(key, 60), "\" comes twice"));
    skip_space();
    if (!take(':')) error(at_, "expected ':' after a key");
    return {std::move(key), value()};
  }

  std::string string() {                        // at its opening quote
    std::string out;
    at_++;
    while (!take('"')) {
      if (at_ == text_.size()) error(at_, "the text ends inside a string");
      if (peek() == '\\') { escape(out); continue; }
      if (std::uint8_t(peek()) < 0x20) error(at_, "control byte in a string");
      CodePoint c = first_code_point(text_.substr(at_));
      if (c.value < 0) error(at_, "not UTF-8");
      out.append(text_, at_, c.bytes);
      at_ += c.bytes;
    }
    return out;
  }

  void escape(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    std::size_t start = at_++;
    if (peek() == 'u') { out += encode_utf8(code_point()); return; }
    std::size_t which = at_ < text_.size() ? letters.find(text_[at_]) : letters.npos;
    if (which == letters.npos) error(start, "unknown escape");
    out += meanings[which];
    at_++;
  }

  // \uXXXX, or two of them: characters past U+FFFF come as a high and a low surrogate.
  int code_point() {
    std::size_t start = at_ - 1;
    unsigned high = four_hex_digits();
    if (high < 0xD800 || high > 0xDFFF) return high;
    if (high > 0xDBFF || !take('\\') || peek() != 'u') error(start, "lone surrogate");
    unsigned low = four_hex_digits();
    if (low < 0xDC00 || low > 0xDFFF) error(start, "lone surrogate");
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
  }

  unsigned four_hex_digits() {                  // after the u
    std::string_view digits = text_.substr(at_ + 1, 4);
    unsigned code = 0;
    auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (digits.size() < 4 || end != digits.data() + 4) error(at_, "\\u needs four hex digits");
    at_ += 5;
    return code;
  }

  void digits(std::string_view what) {
    if (!digit()) error(at_, what);
    while (digit()) at_++;
  }

  // '-'? ('0' | digits) ('.' digits)? ([eE] [+-]? digits)?
  Json number() {
    std::size_t start = at_;
    bool whole = true;
    take('-');
    if (!take('0')) digits("expected a value");
    else if (digit()) error(start, "a number may not begin with 0");
    if (take('.')) { whole = false; digits("expected digits after the point"); }
    if (take('e') || take('E')) {
      whole = false;
      if (!take('+')) take('-');
      digits("expected digits in the exponent");
    }
    return numeral(start, whole);
  }

  // A whole number of 64 bits, with or without a sign, is exact; a larger one becomes a double, and
  // so does -0, which no integer can be.
  Json numeral(std::size_t start, bool whole) {
    const char *first = text_.data() + start, *last = text_.data() + at_;
    auto fits = [&](auto& n) { return std::from_chars(first, last, n).ec == std::errc(); };
    std::int64_t small;
    std::uint64_t large;
    double real;
    bool minus_zero = text_.substr(start, at_ - start) == "-0";
    if (whole && !minus_zero && fits(small)) return small;
    if (whole && !minus_zero && fits(large)) return large;
    if (!fits(real)) error(start, "number out of range");
    return real;
  }

  std::string_view text_;
  std::shared_ptr<const std::string> where_;
  std::size_t at_ = 0;
  int depth_ = 0, values_ = 0;
};

Json parse_json(std::string_view text, const std::string& where) {
  return JsonParser(text, where).document();
}

}  // namespace babelgrad
