#include "data/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "data/utf8.h"
#include "tensor/check.h"

namespace babelgrad {

// --- reading, by recursive descent: one function for each rule of the grammar. Depth and number of
// values are counted, so no text can exhaust stack or memory.

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
    if (++values_ > Json::max_values) error(at_, join("more than ", values_ - 1, " values"));
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

  // From '[' or '{' to its fellow, with ',' between the items that read_item() reads.
  void list(char close, auto read_item) {
    if (depth_++ == Json::max_depth) error(at_, join("nested deeper than ", depth_ - 1, " levels"));
    at_++;
    skip_space();
    if (peek() != close) do read_item(); while (take(','));
    if (!take(close)) error(at_, join("expected ',' or '", close, "'"));
    depth_--;
  }

  Json array() {
    Json::Array items;
    list(']', [&] { items.push_back(value()); });
    return Json::array(std::move(items));
  }

  Json object() {
    Json::Object members;
    std::set<std::string> keys;
    list('}', [&] { members.push_back(member(keys)); });
    Json json = Json::object(std::move(members));
    json.where_ = where_;
    return json;
  }

  // "key" ':' value

  Json::Member member(std::set<std::string>& keys) {
    skip_space();
    std::size_t start = at_;
    if (peek() != '"') error(at_, "expected a key in double quotes");
    std::string key = string();
    if (!keys.insert(key).second)
      error(start, join("key \"", printable(key, 60), "\" occurs twice"));
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

// --- writing

// One operator() for each kind of value, which std::visit chooses among.
struct JsonWriter {
  int max_values;
  std::string out = {};
  int depth = 0, values = 0;

  void write(const Json& json) {
    check(values++ < max_values, "write_json: more than ", max_values, " values");
    std::visit(*this, json.value_);
  }

  void operator()(std::nullptr_t) { out += "null"; }
  void operator()(bool b) { out += text(b); }
  void operator()(std::int64_t n) { out += text(n); }
  void operator()(std::uint64_t n) { out += text(n); }
  void operator()(const std::string& s) { write_string(s); }
  void operator()(double x) {                   // 3 is 3.0, so that a real number stays one
    const std::string digits = std::isfinite(x) ? text(x) : "null";
    out += digits;
    if (std::isfinite(x) && digits.find_first_of(".e") == digits.npos) out += ".0";
  }

  void operator()(const Json::Array& items) {
    list('[', ']', items, [&](const Json& item) { write(item); });
  }
  void operator()(const Json::Object& members) {
    if (const std::string* twin = find_twin(members))
      fail("write_json: key \"", printable(*twin, 60), "\" occurs twice");
    list('{', '}', members, [&](const Json::Member& member) {
      write_string(member.first);
      out += ':';
      write(member.second);
    });
  }

  // UTF-8 goes out as it came, but for quotes, backslashes and control characters.
  void write_string(std::string_view s) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    each_code_point(s, [&](int c, std::string_view bytes) {
      if (c < 0) fail("write_json: \"", printable(s, 60), "\" is not UTF-8");
      if (c == '"' || c == '\\') (out += '\\') += char(c);
      else if (c == '\n') out += "\\n";
      else if (c == '\t') out += "\\t";
      else if (c < 0x20 || (c >= 0x7F && c < 0xA0))
        ((out += "\\u00") += hex[c >> 4]) += hex[c & 15];
      else out += bytes;
    });
    out += '"';
  }

  void list(char open, char close, const auto& items, auto write_item) {
    constexpr int limit = Json::max_depth;
    check(++depth <= limit, "write_json: nested deeper than ", limit, " levels");
    out += open;
    for (const auto& item : items) {
      if (&item != &items.front()) out += ',';
      write_item(item);
    }
    out += close;
    depth--;
  }
};

std::string write_json(const Json& json, int max_values) {
  JsonWriter writer{max_values};
  writer.write(json);
  return std::move(writer.out);
}

const std::string* find_twin(const Json::Object& members) {
  std::vector<const std::string*> keys;
  for (const Json::Member& member : members) keys.push_back(&member.first);
  const auto text = [](const std::string* key) -> std::string_view { return *key; };
  std::ranges::sort(keys, {}, text);
  const auto twin = std::ranges::adjacent_find(keys, {}, text);
  return twin == keys.end() ? nullptr : *twin;
}

// The double nearest to the float's shortest decimal, if that is the same float.
Json::Json(float x) : value_(double(x)) {
  std::string decimal = text(x);
  double d = x;
  std::from_chars(decimal.data(), decimal.data() + decimal.size(), d);
  if (float(d) == x) value_ = d;
}

Json& Json::operator[](std::string_view key) {
  if (is_null()) *this = object();
  if (const Json* found = find(key)) return const_cast<Json&>(*found);
  return std::get<Object>(value_).emplace_back(key, nullptr).second;
}

void Json::push_back(Json item) {
  if (is_null()) *this = array();
  as_array("push_back");
  std::get<Array>(value_).push_back(std::move(item));
}

// "expected a whole number, found [this]"
std::string Json::shown() const {
  return is_array() ? "an array" : is_object() ? "an object" : printable(write_json(*this), 60);
}

template <class T>
const T& Json::held(std::string_view what, std::string_view expected) const {
  const T* value = std::get_if<T>(&value_);
  if (!value) fail(what, ": expected ", expected, ", found ", shown());
  return *value;
}

bool Json::as_bool(std::string_view what) const { return held<bool>(what, "true or false"); }

std::int64_t Json::as_int(std::string_view what) const {
  return held<std::int64_t>(what, "a whole number");
}

std::uint64_t Json::as_uint(std::string_view what) const {
  if (auto small = std::get_if<std::int64_t>(&value_); small && *small >= 0) return *small;
  return held<std::uint64_t>(what, "a whole number of at least 0");
}

double Json::as_double(std::string_view what) const {
  if (auto small = std::get_if<std::int64_t>(&value_)) return double(*small);
  if (auto large = std::get_if<std::uint64_t>(&value_)) return double(*large);
  return held<double>(what, "a number");
}

double Json::as_real(std::string_view what) const { return is_null() ? NAN : as_double(what); }

const std::string& Json::as_string(std::string_view what) const {
  return held<std::string>(what, "a string");
}
const Json::Array& Json::as_array(std::string_view what) const {
  return held<Array>(what, "an array");
}
const Json::Object& Json::as_object(std::string_view what) const {
  return held<Object>(what, "an object");
}

// The file and the key, for messages: run/config.json: "hidden"
std::string Json::name_of(std::string_view key) const {
  return join(where_ ? *where_ : "json", ": \"", printable(key, 60), "\"");
}

// Members stand in the order they were made, and are few: a search from the front does.
const Json* Json::find(std::string_view key) const {
  if (!is_object()) fail(name_of(key), " cannot be looked up in ", shown(), ": not an object");
  for (const auto& [name, value] : std::get<Object>(value_))
    if (name == key) return &value;
  return nullptr;
}

const Json& Json::at(std::string_view key) const {
  const Json* value = find(key);
  if (!value) fail(name_of(key), " is missing");
  return *value;
}

bool Json::get_bool(std::string_view key) const { return at(key).as_bool(name_of(key)); }

std::int64_t Json::get_int(std::string_view key, std::int64_t low, std::int64_t high) const {
  std::int64_t n = at(key).as_int(name_of(key));
  if (n < low || n > high) fail(name_of(key), ": expected ", low, " to ", high, ", found ", n);
  return n;
}

std::uint64_t Json::get_uint(std::string_view key) const { return at(key).as_uint(name_of(key)); }
double Json::get_double(std::string_view key) const { return at(key).as_double(name_of(key)); }

const std::string& Json::get_string(std::string_view key) const {
  return at(key).as_string(name_of(key));
}
const Json::Array& Json::get_array(std::string_view key) const {
  return at(key).as_array(name_of(key));
}

}  // namespace babelgrad
