#include "tools/app/view/explorer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "tensor/check.h"
#include "tests/close.h"
#include "tools/app/view/heatmap.h"
#include "tools/app/view/sha256.h"

using namespace babelgrad;

namespace {

struct Tag {
  std::string name;                             // "/p" for </p>
  std::map<std::string, std::string> attributes;
};

bool named(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-'; }

// The tags of a page in order. Error if one is not well formed or not closed in its turn, or text
// holds a bare < > or &. What stands in <script> and <style> is passed over.
std::vector<Tag> tags_of(const std::string& page) {
  std::vector<Tag> tags;
  std::vector<std::string> open;
  std::size_t at = page.find('\n');             // after the doctype
  const auto name = [&] {
    const std::size_t begin = at;
    while (at < page.size() && named(page[at])) at++;
    return page.substr(begin, at - begin);
  };
  const auto reference = [&](std::size_t i) {   // does page[i], an &, begin one of ours?
    for (const char* known : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"})
      if (page.compare(i, std::string(known).size(), known) == 0) return true;
    return false;
  };
  for (; at < page.size(); at++) {
    check(page[at] != '>' && (page[at] != '&' || reference(at)), "stray ", page.substr(at, 20));
    if (page[at] != '<') continue;
    at++;
    const bool closing = page[at] == '/';
    if (closing) at++;
    Tag tag{name(), {}};
    check(!tag.name.empty(), "no name at ", page.substr(at, 20));
    while (page[at] == ' ') {
      at++;
      const std::string attribute = name();
      check(page.compare(at, 2, "=\"") == 0, "no value: ", attribute, " in ", tag.name);
      const std::size_t begin = at += 2, end = page.find('"', begin);
      for (; at < end; at++)
        check(page[at] != '<' && (page[at] != '&' || reference(at)), "in a value: ", attribute);
      at++;
      check(tag.attributes.emplace(attribute, page.substr(begin, end - begin)).second, "twice: ",
            attribute);
    }
    const bool empty = page[at] == '/';
    if (empty) at++;
    check(page[at] == '>', "unended ", tag.name);
    if (closing) {
      check(!open.empty() && open.back() == tag.name, "stray </", tag.name, ">");
      open.pop_back();
      tag.name = "/" + tag.name;
    } else if (tag.name != "meta" && !empty) {
      open.push_back(tag.name);
      if (tag.name == "script" || tag.name == "style") at = page.find("</" + tag.name, at) - 1;
    }
    tags.push_back(tag);
  }
  check(open.empty(), "not closed: ", open.empty() ? "" : open.back());
  return tags;
}

// Names of tags and attributes only: what no word may change.
std::string skeleton(const std::string& page) {
  std::string out;
  for (const Tag& tag : tags_of(page)) {
    out += "<" + tag.name;
    for (const auto& [name, value] : tag.attributes) out += " " + name;
  }
  return out;
}

std::string between(const std::string& page, const std::string& begin, const std::string& end) {
  const std::size_t at = page.rfind(begin) + begin.size();
  return page.substr(at, page.find(end, at) - at);
}
std::string data_of(const std::string& page) {
  return between(page, "<script type=\"application/json\" id=\"data\">", "</script>");
}

// Two layers of two heads, cross and encoder, whose weights are all different and written short.
Exploration example(const Tokens& src = {"the", "cat", "sees"},
                    const Tokens& tgt = {"le", "chat"}) {
  Exploration e{"Transformer", src, tgt};
  Tokens rows = tgt, columns = src;
  rows.push_back("<eos>"), columns.push_back("<eos>");
  for (auto [kind, sides] : {std::pair{"cross", std::pair{rows, columns}},
                             {"encoder", {columns, columns}}}) {
    AttentionMaps maps{kind, sides.first, sides.second, {}};
    for (int l = 0; l < 2; l++) {
      auto& heads = maps.weights.emplace_back();
      for (int h = 0; h < 2; h++) {
        heads.emplace_back(sides.first.size(), std::vector<double>(sides.second.size()));
        for (std::size_t i = 0; i < sides.first.size(); i++)
          for (std::size_t j = 0; j < sides.second.size(); j++)
            heads.back()[i][j] = double(float(0.01 * double(i * 7 + j * 3 + l + h * 13)));
      }
    }
    e.maps.push_back(maps);
  }
  e.hypotheses = {{tgt, -0.25, -0.125, true}, {{"la"}, -3, -2, false}};
  return e;
}

int count(const std::string& text, const std::string& what) {
  int n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) n++;
  return n;
}

}  // namespace

TEST_CASE("tags_of: the checker finds what it is for") {
  for (const char* bad : {"\n<p>", "\n<p></b>", "\n<p a=b></p>", "\n<p a=\"1\" a=\"2\"></p>",
                          "\na & b", "\n</p>", "\n<p>]]></p>", "\n<p a=\"<\"></p>", "\n< p></p>",
                          "\n<p a=\"1\"b=\"2\"></p>", "\n<p onclick></p>"})
    CHECK_THROWS_AS(tags_of(bad), Error);
  CHECK(skeleton("\n<p a=\"1\">&lt;<meta b=\"&amp;\"><g/></p>") == "<p a<meta b<g</p");
}

TEST_CASE("explorer: the page is well formed and asks for nothing from elsewhere") {
  const std::string page = explorer_page(example());
  for (const Tag& tag : tags_of(page)) {
    CHECK(tag.name != "link");
    for (const auto& [name, value] : tag.attributes) {
      CHECK(!name.starts_with("on"));
      CHECK(name != "style");
      CHECK(name != "src");
      if (name == "href") CHECK(value.starts_with("#"));
    }
  }
  for (const char* outside : {"http:", "https:", "url(", "@import", "fetch(", "eval(", "innerHTML"})
    CHECK_MESSAGE(page.find(outside) == std::string::npos, outside);
}

TEST_CASE("explorer: the policy admits the one style and the one script, by their hashes") {
  const std::string page = explorer_page(example());
  const std::string policy = tags_of(page)[3].attributes.at("content");
  CHECK(policy == "default-src 'none'; style-src " +
                      csp_hash(between(page, "<style>", "</style>")) + "; script-src " +
                      csp_hash(between(page, "<script>", "</script>")) +
                      "; base-uri 'none'; form-action 'none'");
  CHECK(count(page, "<style") == 1);
  CHECK(count(page, "<script") == 2);           // the data, and the one that runs
}

TEST_CASE("explorer: hostile words change neither tag nor attribute, in any context") {
  const std::string calm = skeleton(explorer_page(example()));
  for (const std::string word :
       {"</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "]]>", "<!--",
        "' onmouseover='alert(1)", "</title><b>", "</style>", "</svg></text>", "&lt;&#60;&amp;",
        "\u2028\u2029", "\u202Eevil\u202C", "\u200F\u05D0\u05D1", "\x01\x1B[31m", "javascript:0",
        "{{constructor}}", "${alert(1)}", "\\u003c/script>", "--></script>"}) {
    CAPTURE(word);
    Exploration e = example({word, word, word}, {word, word});
    e.facts = word;
    const std::string page = explorer_page(e);
    CHECK(skeleton(page) == calm);
    CHECK(parse_json(data_of(page), "data") == explorer_data(e));
    for (const char* raw : {"\u2028", "\u2029", "\u202E", "\x1B", "<img", "<b>", "<!--"})
      CHECK(page.find(raw) == std::string::npos);
  }
  const std::string longest(20000, 'w');
  CHECK(skeleton(explorer_page(example({longest, longest, longest}, {longest, longest}))) == calm);
}

TEST_CASE("script_json: the same value in other letters, none of which ends a script") {
  const Json json = Json::object({{"</script>", "<!-- & \u2028\u2029 ' \" \\u003c -->"}});
  const std::string safe = script_json(json);
  for (const char* raw : {"<", ">", "&", "\u2028", "\u2029"})
    CHECK(safe.find(raw) == std::string::npos);
  CHECK(parse_json(safe, "safe") == json);
}

TEST_CASE("explorer: the data block holds the weights, links and figures") {
  Exploration e = example();
  e.gold = {{0, 0}, {1, 1, false}};
  e.layer = 1, e.head = 0;
  const Json data = parse_json(data_of(explorer_page(e)), "data");
  CHECK(data.get_int("layer") == 1);
  CHECK(data.get_int("head") == 0);
  REQUIRE(data.get_array("maps").size() == 2);
  for (std::size_t k = 0; k < 2; k++) {
    const Json& layers = data.get_array("maps")[k].at("weights");
    for (int l = 0; l < 2; l++)
      for (int h = 0; h < 2; h++)
        for (std::size_t i = 0; i < e.maps[k].rows.size(); i++)
          for (std::size_t j = 0; j < e.maps[k].columns.size(); j++)
            CHECK(float(layers.as_array()[l].as_array()[h].as_array()[i].as_array()[j].as_double())
                  == float(e.maps[k].weights[l][h][i][j]));
  }
  CHECK(write_json(data.at("gold")) ==
        R"([{"src":0,"tgt":0,"sure":true},{"src":1,"tgt":1,"sure":false}])");
  CHECK(write_json(data.at("hypotheses")) ==
        R"([{"score":-0.125,"log_prob":-0.25,"length":2},)"
        R"({"score":-2.0,"log_prob":-3.0,"length":1}])");
}

TEST_CASE("explorer: each side is written as its language writes it, hypotheses as the target") {
  Exploration e{"", {"who", "?"}, {"a", "?"}};
  e.hypotheses = {{{"b", "?"}}};
  const auto shows = [&](const std::string& text) {
    return explorer_page(e).find("<bdi>" + text + "</bdi>") != std::string::npos;
  };
  for (const char* text : {"who?", "a ?", "b ?"}) CHECK_MESSAGE(shows(text), text);
  e.src_language = Language::french, e.tgt_language = Language::german;
  for (const char* text : {"who ?", "a?", "b?"}) CHECK_MESSAGE(shows(text), text);
}
