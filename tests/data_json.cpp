#include "data/json.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "data/file.h"
#include "tensor/check.h"
#include "tensor/random.h"

using namespace babelgrad;

namespace {

std::string refusal(auto action) {
  try { action(); } catch (const Error& e) { return e.what(); }
  return "accepted";
}

std::string why(std::string_view text) {
  return refusal([&] { parse_json(text, "t.json"); });
}

void refused(const std::vector<std::pair<std::string, std::string>>& cases) {   // text, reason
  for (const auto& [text, reason] : cases) CHECK(why(text) == "t.json: " + reason);
}

std::string nested(int levels) { return std::string(levels, '[') + std::string(levels, ']'); }

const char* const sample = R"({"name":"a\"b\\ é","n":-12,"big":18446744073709551615,)"
                           R"("x":[0.1,1e+300,-0.0],"t":true,"no":null})";

}  // namespace

TEST_CASE("Json: what is written reads back as the same bytes and the same value") {
  Json json = parse_json(sample, "t.json");
  CHECK(write_json(json) == sample);
  CHECK(parse_json(write_json(json), "t.json") == json);
}

TEST_CASE("Json: values are built with braces and with []") {
  Json json = Json::object({{"step", 3}, {"loss", 0.25}, {"names", Json::array({"a", "b"})}});
  json["step"] = 4;
  json["deep"]["er"] = std::vector<int>{1, 2};
  json["list"].push_back(true);
  json["list"].push_back(nullptr);
  CHECK(write_json(json) ==
        R"({"step":4,"loss":0.25,"names":["a","b"],"deep":{"er":[1,2]},"list":[true,null]})");
  CHECK(write_json(Json()) == "null");
  CHECK(write_json(Json::object()) == "{}");
  CHECK(write_json(Json::array()) == "[]");
}

TEST_CASE("Json: whole numbers of 64 bits stay exact") {
  for (const char* n : {"0", "-1", "9223372036854775807", "-9223372036854775808",
                        "9223372036854775808", "18446744073709551615"})
    CHECK(write_json(parse_json(n, "t")) == n);
  CHECK(parse_json("9223372036854775807", "t").as_int() == INT64_MAX);
  CHECK(parse_json("-9223372036854775808", "t").as_int() == INT64_MIN);
  CHECK(parse_json("18446744073709551615", "t").as_uint() == UINT64_MAX);
  CHECK(parse_json("18446744073709551616", "t").as_double() == 0x1p64);
}

TEST_CASE("Json: real numbers are short, read back equal and stay real") {
  CHECK(write_json(0.1) == "0.1");
  CHECK(write_json(float(0.1)) == "0.1");
  CHECK(write_json(3.0) == "3.0");
  CHECK(write_json(-0.0) == "-0.0");
  CHECK(write_json(1e22) == "1e+22");
  CHECK(std::signbit(parse_json("-0", "t").as_double()));
  CHECK(parse_json("5e-324", "t").as_double() == 5e-324);
  Random random(1);
  for (int i = 0; i < 20000; i++) {
    std::uint64_t bits = random.bits();
    double x;
    std::memcpy(&x, &bits, sizeof x);
    if (!std::isfinite(x)) continue;
    double back = parse_json(write_json(x), "t").as_double();
    CHECK(std::memcmp(&x, &back, sizeof x) == 0);
  }
}

TEST_CASE("Json: every normal float reads back as itself") {
  Random random(2);
  for (int i = 0; i < 20000; i++) {
    std::uint32_t bits = std::uint32_t(random.bits());
    float x;
    std::memcpy(&x, &bits, sizeof x);
    if (std::isnormal(x)) CHECK(float(parse_json(write_json(x), "t").as_double()) == x);
  }
}

TEST_CASE("Json: NaN and the infinities are written as null") {
  double inf = std::numeric_limits<double>::infinity();
  CHECK(write_json(Json::array({std::nan(""), inf, -inf, -float(inf)})) == "[null,null,null,null]");
}

TEST_CASE("Json: no control byte is written") {
  CHECK(write_json("\n\t\x01\x1f\x7f\"\\") == R"("\n\t\u0001\u001f\u007f\"\\")");
  CHECK(write_json("\xC2\x9B é 𝄞") == R"("\u009b é 𝄞")");
  CHECK(write_json(std::string("a\0b", 3)) == R"("a\u0000b")");
  std::string all;
  for (int c = 0; c < 128; c++) all += char(c);
  CHECK(parse_json(write_json(all), "t").as_string() == all);
}

TEST_CASE("Json: escapes are read, surrogate pairs too") {
  CHECK(parse_json(R"("\"\\\/\b\f\n\r\t")", "t").as_string() == "\"\\/\b\f\n\r\t");
  CHECK(parse_json(R"("\u0041\u00e9\u20AC\uD834\uDD1E\uDBFF\uDFFF")", "t").as_string() ==
        "Aé€𝄞\xF4\x8F\xBF\xBF");
}

TEST_CASE("Json: space around values is skipped") {
  CHECK(write_json(parse_json(" \r\n\t{ \"a\" : [ 1 , 2 ] , \"b\" : { } }\n ", "t")) ==
        R"({"a":[1,2],"b":{}})");
}

TEST_CASE("Json: what is no value is refused with the byte and the reason") {
  refused({
      {"", "byte 0: expected a value, found the end"},
      {"  ", "byte 2: expected a value, found the end"},
      {"nul", "byte 0: expected a value"},
      {"True", "byte 0: expected a value"},
      {"NaN", "byte 0: expected a value"},
      {"\xEF\xBB\xBF{}", "byte 0: expected a value"},
      {std::string("\0", 1), "byte 0: expected a value"},
      {"{} x", "byte 3: something follows the value"},
      {std::string("1\0", 2), "byte 1: something follows the value"},
  });
}

TEST_CASE("Json: bad lists and objects are refused with the byte and the reason") {
  refused({
      {"[1 2]", "byte 3: expected ',' or ']'"},
      {"[1,]", "byte 3: expected a value"},
      {"[", "byte 1: expected a value, found the end"},
      {"{\"a\":1 \"b\"", "byte 7: expected ',' or '}'"},
      {"{\"a\":1,}", "byte 7: expected a key in double quotes"},
      {"{a:1}", "byte 1: expected a key in double quotes"},
      {"{\"a\" 1}", "byte 5: expected ':' after a key"},
      {"{\"a\":1,\"b\":2,\"a\":3}", "byte 13: key \"a\" comes twice"},
      {"{\"a\":1,\"\\u0061\":3}", "byte 7: key \"a\" comes twice"},
  });
}

TEST_CASE("Json: bad strings are refused with the byte and the reason") {
  refused({
      {"\"ab", "byte 3: the text ends inside a string"},
      {"\"a\nb\"", "byte 2: control byte in a string"},
      {"\"\\x\"", "byte 1: unknown escape"},
      {"\"\\", "byte 1: unknown escape"},
      {"\"\\u12\"", "byte 2: \\u needs four hex digits"},
      {"\"\\u+123\"", "byte 2: \\u needs four hex digits"},
      {"\"\\u00g0\"", "byte 2: \\u needs four hex digits"},
      {"\"\\uD800\"", "byte 1: lone surrogate"},
      {"\"\\uDC00\"", "byte 1: lone surrogate"},
      {"\"\\uD800\\n\"", "byte 1: lone surrogate"},
      {"\"\\uD800\\u0041\"", "byte 1: lone surrogate"},
      {"\"\\uD800\\uD800\"", "byte 1: lone surrogate"},
      {"\"\xFF\"", "byte 1: not UTF-8"},
      {"\"\xC0\x80\"", "byte 1: not UTF-8"},
      {"\"\xED\xA0\x80\"", "byte 1: not UTF-8"},
      {"\"\xF4\x90\x80\x80\"", "byte 1: not UTF-8"},
      {"\"\xE2\x82\"", "byte 1: not UTF-8"},
  });
}

TEST_CASE("Json: bad numbers are refused with the byte and the reason") {
  refused({
      {"01", "byte 0: a number may not begin with 0"},
      {"-01", "byte 0: a number may not begin with 0"},
      {"-", "byte 1: expected a value"},
      {"+1", "byte 0: expected a value"},
      {".5", "byte 0: expected a value"},
      {"0x10", "byte 1: something follows the value"},
      {"1.", "byte 2: expected digits after the point"},
      {"1e", "byte 2: expected digits in the exponent"},
      {"1e+-2", "byte 3: expected digits in the exponent"},
      {"1e400", "byte 0: number out of range"},
      {"[-1e400]", "byte 1: number out of range"},
      {"1e-400", "byte 0: number out of range"},
  });
}

TEST_CASE("Json: 64 levels are read, a 65th is refused") {
  CHECK(why(nested(64)) == "accepted");
  refused({
      {nested(65), "byte 64: nested deeper than 64 levels"},
      {std::string(1'000'000, '['), "byte 64: nested deeper than 64 levels"},
  });
}

TEST_CASE("Json: more values than two million are refused") {
  std::string text = "[0";
  for (int i = 2; i < 2'000'000; i++) text += ",0";
  CHECK(why(text + "]") == "accepted");
  CHECK(why(text + ",0]") == "t.json: byte 3999999: more than 2000000 values");
}

TEST_CASE("Json: what is written can be read, and more values than that are not written") {
  std::vector<Json> items(Json::max_values - 1, Json(0));      // the list itself is a value
  CHECK(why(write_json(Json::array(items))) == "accepted");
  CHECK(refusal([&] { write_json(Json::array({Json::array(items)})); }) ==
        "write_json: more than 2000000 values");
  CHECK(write_json(Json::array({Json::array(items)}), Json::unlimited).size() > items.size());
  Json twice = Json::object({{"b", 1}, {"a", 2}, {"b", 3}});
  CHECK(refusal([&] { write_json(twice); }) == "write_json: key \"b\" comes twice");
  CHECK(refusal([&] { write_json(Json::array({twice})); }) ==
        "write_json: key \"b\" comes twice");
}

TEST_CASE("Json: a number that was not finite is read as NaN where that is expected") {
  Json json = parse_json(write_json(Json::object({{"x", -INFINITY}, {"y", 2}})), "t");
  CHECK(std::isnan(json.at("x").as_real("x")));
  CHECK(json.at("y").as_real("y") == 2);
  CHECK(refusal([&] { json.get_double("x"); }) == "t: \"x\": expected a number, found null");
  CHECK(refusal([] { Json("z").as_real("x"); }) == "x: expected a number, found \"z\"");
}

TEST_CASE("Json: what cannot be written is refused") {
  CHECK(refusal([] { write_json("a\xFF"); }) == "write_json: \"a\\xFF\" is not UTF-8");
  Json deep = Json::array();
  for (int i = 1; i < 64; i++) deep = Json::array({deep});
  CHECK(write_json(deep) == nested(64));
  CHECK(refusal([&] { write_json(Json::array({deep})); }) ==
        "write_json: nested deeper than 64 levels");
}

TEST_CASE("Json: accessors name the text, the key and what was found") {
  Json json = parse_json(R"({"a":{"n":3,"s":"x\u001b","big":1e99},"l":[1],"t":true})",
                         "run/c.json");
  const Json& a = json.at("a");
  CHECK(a.get_int("n") == 3);
  CHECK(a.get_double("n") == 3);
  CHECK(a.get_uint("n") == 3);
  CHECK(a.get_string("s") == "x\x1b");
  CHECK(json.get_array("l").size() == 1);
  CHECK(json.get_bool("t"));
  CHECK(json.find("zz") == nullptr);
  CHECK(refusal([&] { a.at("zz\n"); }) == "run/c.json: \"zz\\x0A\" is missing");
  CHECK(refusal([&] { a.get_int("s"); }) ==
        R"(run/c.json: "s": expected a whole number, found "x\u001b")");
  CHECK(refusal([&] { a.get_int("big"); }) ==
        R"(run/c.json: "big": expected a whole number, found 1e+99)");
  CHECK(refusal([&] { a.get_int("n", 4, 9); }) == R"(run/c.json: "n": expected 4 to 9, found 3)");
  CHECK(refusal([&] { a.get_int("n", 0, 2); }) == R"(run/c.json: "n": expected 0 to 2, found 3)");
  CHECK(refusal([&] { json.get_bool("a"); }) ==
        R"(run/c.json: "a": expected true or false, found an object)");
  CHECK(refusal([&] { json.get_string("l"); }) ==
        R"(run/c.json: "l": expected a string, found an array)");
  CHECK(refusal([&] { json.get_double("t"); }) ==
        R"(run/c.json: "t": expected a number, found true)");
  CHECK(refusal([&] { json.get_array("t"); }) ==
        R"(run/c.json: "t": expected an array, found true)");
  CHECK(refusal([] { Json(-1).as_uint("seed"); }) ==
        "seed: expected a whole number of at least 0, found -1");
  CHECK(refusal([] { Json(UINT64_MAX).as_int("n"); }) ==
        "n: expected a whole number, found 18446744073709551615");
  CHECK(refusal([] { Json(3).at("k"); }) == "json: \"k\" is wanted of 3");
  CHECK(refusal([] { Json(3)["k"] = 1; }) == "json: \"k\" is wanted of 3");
  CHECK(refusal([] { Json(3).as_object(); }) == "json: expected an object, found 3");
  CHECK(refusal([] { Json(3).push_back(1); }) == "push_back: expected an array, found 3");
}

TEST_CASE("Json: a long or hostile key makes a short, harmless message") {
  std::string message = why("{\"" + std::string(9000, 'k') + "\\u0007\":1,\"k\":nope}");
  CHECK(message.size() < 300);
  message = refusal([] { parse_json("{", std::string(9000, '\x1b')); });
  CHECK(message.size() < 300);
  CHECK(message.find('\x1b') == message.npos);
}

TEST_CASE("Json: cut or changed anywhere, a text is read or refused and nothing else") {
  std::string text = sample;
  for (std::size_t length = 0; length < text.size(); length++)
    CHECK(why(text.substr(0, length)) != "accepted");
  Random random(3);
  for (int i = 0; i < 100'000; i++) {
    std::string changed = text;
    for (int n = random.below(4); n >= 0; n--)
      changed[random.below(int(text.size()))] = char(random.below(256));
    std::string reason = why(changed);
    if (reason != "accepted") { CHECK(reason.starts_with("t.json: byte ")); continue; }
    Json json = parse_json(changed, "t");
    CHECK(parse_json(write_json(json), "t") == json);
  }
}

TEST_CASE("Json: the golden BLEU scores are read") {
  Json scores = parse_json(read_file("tests/golden/bleu.json"), "bleu.json");
  CHECK(scores.as_array().size() > 10);
  CHECK(scores.as_array()[0].get_string("pred") == "va !");
  CHECK(scores.as_array()[0].get_int("k") == 1);
  CHECK(scores.as_array()[0].get_double("score") == 1.0);
}
