#include "data/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "data/utf8.h"
#include "tensor/check.h"

namespace babelgrad {

namespace {

// UTF-8 goes out as it came, but for quotes, backslashes and control characters.
void write_string(std::string_view s, std::string& out) {
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

std::string numeral(double x) {                 // 3 is 3.0, so that a real number stays one
  if (!std::isfinite(x)) return "null";
  std::string out = text(x);
  return out.find_first_of(".e") == out.npos ? out + ".0" : out;
}

}  // namespace

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
  void operator()(double x) { out += numeral(x); }
  void operator()(const std::string& s) { write_string(s, out); }

  void operator()(const Json::Array& items) {
    list('[', ']', items, [&](const Json& item) { write(item); });
  }
  void operator()(const Json::Object& members) {
    if (const std::string* twin = find_twin(members))
      fail("write_json: key \"", printable(*twin, 60), "\" comes twice");
    list('{', '}', members, [&](const Json::Member& member) {
      write_string(member.first, out);
      out += ':';
      write(member.second);
    });
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

Json Json::array(Array items) {
  Json json;
  json.value_ = std::move(items);
  return json;
}

Json Json::object(Object members) {
  Json json;
  json.value_ = std::move(members);
  return json;
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
  if (!is_object()) fail(name_of(key), " is wanted of ", shown());
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
