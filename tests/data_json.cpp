#include "data/json.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>

#include "tests/close.h"

using namespace babelgrad;

namespace {

std::string not_json(std::string_view text) {  // why; empty if it is JSON
  return error_of([&] { parse_json(text, "t.json"); });
}

void refused(const std::string& reason, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) CHECK(not_json(text) == "t.json: byte " + reason);
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
    const double x = std::bit_cast<double>(random.bits());
    if (!std::isfinite(x)) continue;
    const double back = parse_json(write_json(x), "t").as_double();
    CHECK(std::bit_cast<std::uint64_t>(back) == std::bit_cast<std::uint64_t>(x));
  }
}

TEST_CASE("Json: every normal float reads back as itself; what is not finite is null, then NaN") {
  Random random(2);
  for (int i = 0; i < 20000; i++) {
    const float x = std::bit_cast<float>(std::uint32_t(random.bits()));
    if (std::isnormal(x)) CHECK(float(parse_json(write_json(x), "t").as_double()) == x);
  }
  CHECK(write_json(Json::array({NAN, INFINITY, -INFINITY})) == "[null,null,null]");
  CHECK(write_json(Json::array({std::nan(""), -HUGE_VAL})) == "[null,null]");
  CHECK(std::isnan(Json().as_real("x")));
  CHECK(Json(2).as_real("y") == 2);
  CHECK(error_of([] { Json("z").as_real("x"); }) == "x: expected a number, found \"z\"");
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

TEST_CASE("Json: what is no JSON is refused with the byte and the reason") {
  const std::string nul(1, '\0'), twice = R"({"a":1,"b":2,"a":3})";
  refused("0: expected a value, found the end", {""});
  refused("2: expected a value, found the end", {"  "});
  refused("0: expected a value", {"nul", "True", "NaN", "\xEF\xBB\xBF{}", nul, "+1", ".5"});
  refused("1: something follows the value", {"1" + nul, "0x10"});
  refused("3: something follows the value", {"{} x"});
  refused("3: expected ',' or ']'", {"[1 2]"});
  refused("3: expected a value", {"[1,]"});
  refused("1: expected a value, found the end", {"["});
  refused("7: expected ',' or '}'", {R"({"a":1 "b")"});
  refused("7: expected a key in double quotes", {R"({"a":1,})"});
  refused("1: expected a key in double quotes", {"{a:1}"});
  refused("5: expected ':' after a key", {R"({"a" 1})"});
  refused("13: key \"a\" occurs twice", {twice});
  refused("7: key \"a\" occurs twice", {R"({"a":1,"\u0061":3})"});
}

TEST_CASE("Json: bad strings and numbers are refused with the byte and the reason") {
  refused("3: the text ends inside a string", {"\"ab"});
  refused("2: control byte in a string", {"\"a\nb\""});
  refused("1: unknown escape", {R"("\x")", R"("\)"});
  refused("2: \\u needs four hex digits", {R"("\u12")", R"("\u+123")", R"("\u00g0")"});
  refused("1: lone surrogate", {R"("\uD800")", R"("\uDC00")", R"("\uD800\n")", R"("\uD800\u0041")",
                                R"("\uD800\uD800")"});
  refused("1: not UTF-8", {"\"\xFF\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"",
                           "\"\xE2\x82\""});
  refused("0: a number may not begin with 0", {"01", "-01"});
  refused("1: expected a value", {"-"});
  refused("2: expected digits after the point", {"1."});
  refused("2: expected digits in the exponent", {"1e"});
  refused("3: expected digits in the exponent", {"1e+-2"});
  refused("0: number out of range", {"1e400", "1e-400"});
  refused("1: number out of range", {"[-1e400]"});
}

TEST_CASE("Json: 64 levels are read and written, a 65th is refused") {
  CHECK(not_json(nested(64)) == "");
  refused("64: nested deeper than 64 levels", {nested(65), std::string(1'000'000, '[')});
  Json deep = parse_json(nested(64), "t");
  CHECK(write_json(deep) == nested(64));
  CHECK(error_of([&] { write_json(Json::array({deep})); }) ==
        "write_json: nested deeper than 64 levels");
}

TEST_CASE("Json: more values than two million are refused") {
  std::string text = "[0";
  for (int i = 2; i < 2'000'000; i++) text += ",0";
  CHECK(not_json(text + "]") == "");
  CHECK(not_json(text + ",0]") == "t.json: byte 3999999: more than 2000000 values");
}

TEST_CASE("Json: what is written can be read, and more values than that are not written") {
  std::vector<Json> items(Json::max_values - 1, Json(0));      // the list itself is a value
  CHECK(not_json(write_json(Json::array(items))) == "");
  CHECK(error_of([&] { write_json(Json::array({Json::array(items)})); }) ==
        "write_json: more than 2000000 values");
  CHECK(write_json(Json::array({Json::array(items)}), Json::unlimited).size() > items.size());
  Json twice = Json::object({{"b", 1}, {"a", 2}, {"b", 3}});
  CHECK(error_of([&] { write_json(twice); }) == "write_json: key \"b\" occurs twice");
  CHECK(error_of([] { write_json("a\xFF"); }) == "write_json: \"a\\xFF\" is not UTF-8");
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
  const auto wrong = [&](auto read) {
    const std::string message = error_of(read), file = "run/c.json: ";
    CHECK(message.starts_with(file));
    return message.substr(file.size());
  };
  CHECK(wrong([&] { a.at("zz\n"); }) == "\"zz\\x0A\" is missing");
  CHECK(wrong([&] { a.get_int("s"); }) == R"("s": expected a whole number, found "x\u001b")");
  CHECK(wrong([&] { a.get_int("big"); }) == R"("big": expected a whole number, found 1e+99)");
  CHECK(wrong([&] { a.get_int("n", 4, 9); }) == R"("n": expected 4 to 9, found 3)");
  CHECK(wrong([&] { a.get_int("n", 0, 2); }) == R"("n": expected 0 to 2, found 3)");
  CHECK(wrong([&] { json.get_bool("a"); }) == R"("a": expected true or false, found an object)");
  CHECK(wrong([&] { json.get_string("l"); }) == R"("l": expected a string, found an array)");
  CHECK(wrong([&] { json.get_double("t"); }) == R"("t": expected a number, found true)");
  CHECK(wrong([&] { json.get_array("t"); }) == R"("t": expected an array, found true)");
  CHECK(error_of([] { Json(-1).as_uint("seed"); }) ==
        "seed: expected a whole number of at least 0, found -1");
  CHECK(error_of([] { Json(UINT64_MAX).as_int("n"); }) ==
        "n: expected a whole number, found 18446744073709551615");
  CHECK(error_of([] { Json(3).at("k"); }) == "json: \"k\" cannot be looked up in 3: not an object");
  CHECK(error_of([] { Json(3)["k"] = 1; }) ==
        "json: \"k\" cannot be looked up in 3: not an object");
  CHECK(error_of([] { Json(3).as_object(); }) == "json: expected an object, found 3");
  CHECK(error_of([] { Json(3).push_back(1); }) == "push_back: expected an array, found 3");
}

TEST_CASE("Json: a long or hostile key makes a short, harmless message") {
  std::string message = not_json("{\"" + std::string(9000, 'k') + "\\u0007\":1,\"k\":nope}");
  CHECK(message.size() < 300);
  message = error_of([] { parse_json("{", std::string(9000, '\x1b')); });
  CHECK(message.size() < 300);
  CHECK(message.find('\x1b') == message.npos);
}

TEST_CASE("Json: cut or changed anywhere, a text is read or refused and nothing else") {
  std::string text = sample;
  for (std::size_t length = 0; length < text.size(); length++)
    CHECK(not_json(text.substr(0, length)) != "");
  Random random(3);
  for (int i = 0; i < 100'000; i++) {
    std::string changed = text;
    for (int n = random.below(4); n >= 0; n--)
      changed[random.below(int(text.size()))] = char(random.below(256));
    std::string reason = not_json(changed);
    if (reason != "") { CHECK(reason.starts_with("t.json: byte ")); continue; }
    Json json = parse_json(changed, "t");
    CHECK(parse_json(write_json(json), "t") == json);
  }
}
