#include "tools/app/run/model_config.h"

#include <algorithm>
#include <sstream>

#include "tools/app/cli/terminal.h"
#include "tools/app/run/without.h"

namespace babelgrad {

bool ModelConfig::lacks(const std::string& part) const {
  return std::ranges::find(without, part) != without.end();
}

std::vector<std::string> parts_from(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream in(list);
  for (std::string name; std::getline(in, name, ',');) {
    std::erase(name, ' ');
    if (!name.empty()) names.push_back(name);
  }
  std::ranges::stable_sort(names, {}, [](const std::string& name) {
    return std::ranges::find(parts(), name, &Part::name) - parts().begin();
  });
  return names;
}

Tokenizer tokenizer_of(const ModelConfig& config) {
  return config.tokenizer == "book"    ? Tokenizer::book
         : config.tokenizer == "moses" ? Tokenizer::moses
                                       : Tokenizer::standard;
}

Language language_named(const std::string& name) {
  return name == "english" ? Language::english
         : name == "german" ? Language::german
                            : Language::french;
}

Language language_of(const ModelConfig& config) { return language_named(config.language); }
Language source_language_of(const ModelConfig& config) {
  return language_named(config.source_language);
}

Json to_json(const ModelConfig& c) {
  Json json = Json::object({{"model", c.model},
                            {"cell", c.cell},
                            {"score", c.score},
                            {"activation", c.activation},
                            {"embed", c.embed},
                            {"hidden", c.hidden},
                            {"layers", c.layers},
                            {"heads", c.heads},
                            {"ffn", c.ffn},
                            {"dropout", c.dropout},
                            {"label_smoothing", c.label_smoothing},
                            {"embedding_std", c.embedding_std},
                            {"tokenizer", c.tokenizer},
                            {"num_steps", c.num_steps}});
  if (!c.without.empty()) json["without"] = c.without;   // a whole model's file is as it ever was,
  if (c.language != "french") json["language"] = c.language;
  if (c.source_language != "english") json["source_language"] = c.source_language;
  if (c.tie != "none") json["tie"] = c.tie;
  if (c.norm != "post") json["norm"] = c.norm;
  if (c.attention_dropout >= 0 && c.attention_dropout != c.dropout)
    json["attention_dropout"] = c.attention_dropout;
  if (c.merges > 0) json["merges"] = c.merges, json["joint"] = c.joint;   // as is one of words
  return json;
}

ModelConfig config_from_json(const Json& json) {
  constexpr int most = 1 << 20;
  auto word = [&](const char* key, std::initializer_list<const char*> allowed) {
    std::string value = json.get_string(key);
    bool known = std::ranges::any_of(allowed, [&](const char* w) { return value == w; });
    check(known, "config: ", key, " is ", printable(value), ", which this version does not know");
    return value;
  };
  auto size = [&](const char* key, int low) { return int(json.get_int(key, low, most)); };
  auto share = [&](const char* key) {
    double value = json.get_double(key);
    check(value >= 0 && value < 1, "config: ", key, " ", value, " is outside [0, 1)");
    return value;
  };
  ModelConfig c;
  c.model = word("model", {"rnn", "attention", "transformer"});
  c.cell = word("cell", {"rnn", "gru", "lstm"});
  c.score = word("score", {"additive", "dot", "scaled_dot", "general"});
  c.activation = word("activation", {"relu", "gelu"});
  c.tokenizer = word("tokenizer", {"book", "standard", "moses"});
  c.embed = size("embed", 1), c.hidden = size("hidden", 1), c.layers = size("layers", 1);
  c.heads = size("heads", 1), c.ffn = size("ffn", 1), c.num_steps = size("num_steps", 0);
  c.dropout = share("dropout"), c.label_smoothing = share("label_smoothing");
  c.embedding_std = json.get_double("embedding_std");
  for (auto [key, language] : {std::pair{"language", &c.language},
                               {"source_language", &c.source_language}})
    if (json.find(key)) *language = word(key, {"english", "french", "german"});
  if (json.find("tie")) c.tie = word("tie", {"none", "decoder", "all"});
  if (json.find("norm")) c.norm = word("norm", {"post", "pre"});
  if (json.find("attention_dropout")) c.attention_dropout = share("attention_dropout");
  if (json.find("merges")) c.merges = size("merges", 1), c.joint = json.at("joint").as_bool();
  if (const Json* parts = json.find("without")) {
    for (const Json& part : parts->as_array("without"))
      c.without.push_back(part.as_string("without"));
  }
  if (c.norm == "pre" || !c.without.empty()) check_parts(c);
  return c;
}

}  // namespace babelgrad
