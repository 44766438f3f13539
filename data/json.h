// JSON (RFC 8259), strictly: configurations, log lines, --json output, the headers of weight files.
// Bad text gives one Error, whole numbers of 64 bits stay exact, and keys keep their order.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace babelgrad {

class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;
  // What is read, and so what is written: levels of lists within lists, values in all.
  static constexpr int max_depth = 64, max_values = 2'000'000;
  static constexpr int unlimited = std::numeric_limits<int>::max();

  Json() = default;                             // null
  Json(std::nullptr_t) {}
  Json(bool b) : value_(b) {}
  Json(const char* s) : value_(std::string(s)) {}
  Json(std::string_view s) : value_(std::string(s)) {}
  Json(std::string s) : value_(std::move(s)) {}
  Json(double x) : value_(x) {}                 // NaN and the infinities are written as null
  Json(float x);                                // 0.1f is written 0.1
  template <std::integral N>
  Json(N n) {
    if (std::in_range<std::int64_t>(n)) value_ = std::int64_t(n);
    else value_ = std::uint64_t(n);
  }
  template <class T>
  Json(const std::vector<T>& items) : value_(Array(items.begin(), items.end())) {}

  // Json::array({1, "two"}), Json::object({{"step", 3}, {"loss", 0.25}}), json["key"] = value.
  // The keys of an object differ.
  static Json array(Array items = {}) { return Json(Value(std::move(items))); }
  static Json object(Object members = {}) { return Json(Value(std::move(members))); }
  Json& operator[](std::string_view key);       // made if missing; null becomes an object
  void push_back(Json item);                    // null becomes an array

  bool is_null() const { return value_.index() == 0; }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  // What it holds, or an Error `what: expected a string, found 3`. Every number is a double, too.
  bool as_bool(std::string_view what = "json") const;
  std::int64_t as_int(std::string_view what = "json") const;
  std::uint64_t as_uint(std::string_view what = "json") const;
  double as_double(std::string_view what = "json") const;
  double as_real(std::string_view what = "json") const;  // of null, too: NaN, which is written so
  const std::string& as_string(std::string_view what = "json") const;
  const Array& as_array(std::string_view what = "json") const;
  const Object& as_object(std::string_view what = "json") const;

  // Members of an object. The Error names the key and the text it came from.
  const Json* find(std::string_view key) const;  // null if there is none
  const Json& at(std::string_view key) const;
  bool get_bool(std::string_view key) const;
  std::int64_t get_int(std::string_view key, std::int64_t low = INT64_MIN,
                       std::int64_t high = INT64_MAX) const;  // refused outside low .. high
  std::uint64_t get_uint(std::string_view key) const;
  double get_double(std::string_view key) const;
  const std::string& get_string(std::string_view key) const;
  const Array& get_array(std::string_view key) const;

  friend bool operator==(const Json& a, const Json& b) { return a.value_ == b.value_; }

 private:
  friend class JsonParser;
  friend struct JsonWriter;
  // A whole number is an int64, or a uint64 when it is too large for one.
  using Value = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string,
                             Array, Object>;
  explicit Json(Value value) : value_(std::move(value)) {}
  template <class T>
  const T& held(std::string_view what, std::string_view expected) const;
  std::string name_of(std::string_view key) const;
  std::string shown() const;                    // short, for messages

  Value value_;
  std::shared_ptr<const std::string> where_;    // objects: the text they were read from
};

// Error `where: byte N: what`, bytes counted from 0.
Json parse_json(std::string_view text, const std::string& where);

// One line, no spaces, the same bytes everywhere; numbers are the shortest that read back equal.
// Error if it could not be read again: a string that is not UTF-8, a key that comes twice, more
// levels or values than there may be; `unlimited` values are for other programs to read.
std::string write_json(const Json& json, int max_values = Json::max_values);

// A key that comes twice; null if there is none.
const std::string* find_twin(const Json::Object& members);

}  // namespace babelgrad
