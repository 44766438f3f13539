// babelgrad export and import: what stands in the files of other engines, the way back, and what is
// refused. That the engines themselves agree is for make doors.
#include <cstring>
#include <set>

#include "models/positional_encoding.h"
#include "nn/weights.h"
#include "tests/tools_small_run.h"
#include "tools/app/export/export.h"

using namespace babelgrad;

namespace {

const std::vector<Pair>& exported_pairs() {
  static const std::vector<Pair> made = make_corpus(60, 3, {3, 8});
  return made;
}

ModelConfig exported_config(const std::string& norm, const std::string& tie) {
  ModelConfig config{.model = "transformer", .norm = norm, .embed = 8, .hidden = 8, .layers = 2,
                     .heads = 2, .ffn = 12, .dropout = 0};
  config.tie = tie;
  return config;
}

// With one vocabulary where one table needs it.
std::unique_ptr<Translator> exportable(const std::string& norm, const std::string& tie) {
  std::vector<Pair> pairs = exported_pairs();
  if (tie == "all")
    for (Pair& pair : pairs) pair.tgt = pair.src;
  auto model = untrained(exported_config(norm, tie), pairs);
  eval(model->module());
  return model;
}

// Of pieces that merges made, some of which the vocabulary does not have.
std::unique_ptr<Translator> of_subwords(const std::string& norm, const std::string& tie) {
  std::vector<Tokens> words, pieces;
  for (const Pair& pair : exported_pairs()) words.push_back(pair.src);
  const Subwords subwords = Subwords::learn(words, 40);
  for (const Tokens& sentence : words) pieces.push_back(subwords.encode(sentence));
  ModelConfig config = exported_config(norm, tie);
  config.merges = 40;
  const Vocab vocab(pieces, {.min_freq = 3});
  manual_seed(5);
  auto model = make_translator(config, vocab, vocab);
  model->src_subwords = model->tgt_subwords = subwords;
  eval(model->module());
  return model;
}

std::string file_named(const FolderFiles& files, const std::string& name) {
  for (const auto& [known, bytes] : files)
    if (known == name) return bytes;
  FAIL("no file ", name);
  return "";
}

std::set<std::string> names_of(const FolderFiles& files) {
  std::set<std::string> names;
  for (const auto& [name, bytes] : files) names.insert(name);
  return names;
}

Tensor ours_named(Translator& model, const std::string& name) {
  for (Parameter& p : named_parameters(model.module()))
    if (p.name == name) return p.tensor;
  FAIL("no parameter ", name);
  return {};
}

// model.bin as its format says, read anew.
struct Binary {
  struct Variable { std::vector<int> dims; int type; std::string bytes; };
  std::vector<std::string> order;
  std::map<std::string, Variable> variables;
  std::map<std::string, std::string> aliases;
  std::string spec;
  std::uint32_t version, revision;

  explicit Binary(const std::string& file) : left_(file) {
    version = number<std::uint32_t>(), spec = string(), revision = number<std::uint32_t>();
    for (auto n = number<std::uint32_t>(); n > 0; n--) {
      const std::string name = string();
      order.push_back(name);
      Variable& it = variables[name];
      for (auto rank = number<std::uint8_t>(); rank > 0; rank--)
        it.dims.push_back(int(number<std::uint32_t>()));
      it.type = number<std::uint8_t>();
      it.bytes = take(number<std::uint32_t>());
    }
    for (auto n = number<std::uint32_t>(); n > 0; n--) {
      const std::string name = string();
      aliases[name] = string();
    }
    CHECK(left_.empty());
  }
  float at(const std::string& name, Index i) const {
    float x;
    std::memcpy(&x, variables.at(name).bytes.data() + i * Index(sizeof x), sizeof x);
    return x;
  }

 private:
  std::string take(std::size_t count) {
    REQUIRE(count <= left_.size());
    const std::string taken(left_.substr(0, count));
    left_.remove_prefix(count);
    return taken;
  }
  template <class Number>
  Number number() {
    Number x;
    std::memcpy(&x, take(sizeof x).data(), sizeof x);
    return x;
  }
  std::string string() {
    std::string text = take(number<std::uint16_t>());
    REQUIRE(text.ends_with('\0'));
    text.pop_back();
    return text;
  }

  std::string_view left_;
};

// The file of Hugging Face, its numbers changed by `change`, which gets tensors by name.
using Numbers = std::map<std::string, std::pair<Shape, std::vector<float>>>;
SafeTensors changed_file(Translator& model, const std::function<void(Numbers&)>& change) {
  const std::string bytes = file_named(huggingface_files(model), "model.safetensors");
  const SafeTensors file = parse_safetensors(bytes, "theirs");
  Numbers numbers;
  for (const StoredTensor& tensor : file.tensors) {
    const auto doubles = file.as_doubles(tensor.name);
    numbers[tensor.name] = {tensor.shape, {doubles.begin(), doubles.end()}};
  }
  change(numbers);
  std::vector<StoredTensor> tensors;
  for (const auto& [name, it] : numbers)
    tensors.push_back(stored(name, it.first, it.second.data()));
  return parse_safetensors(to_safetensors_bytes(tensors), "theirs");
}

void set_all(Translator& model, Real to) {
  for (Parameter& p : named_parameters(model.module()))
    std::fill_n(overwrite(p.tensor, "test"), p.tensor.numel(), to);
}

std::string import_refusal(Translator& model, const std::function<void(Numbers&)>& change) {
  return error_of([&] { load_huggingface(model, changed_file(model, change)); });
}

// To floats, which is what other engines read.
void round_as_a_file(Translator& model) {
  for (Parameter& p : named_parameters(model.module()))
    for (Index i = 0; i < p.tensor.numel(); i++)
      p.tensor.data()[i] = Real(float(p.tensor.data()[i]));
}

}  // namespace

TEST_CASE("export: CTranslate2's file has every variable in its order, and ends where it should") {
  auto model = exportable("pre", "none");
  const FolderFiles files = ctranslate2_files(*model);
  CHECK(names_of(files) == std::set<std::string>{"model.bin", "config.json",
                                                 "source_vocabulary.json",
                                                 "target_vocabulary.json"});
  const std::string file = file_named(files, "model.bin");
  const Binary binary(file);
  CHECK(binary.version == 6);
  CHECK(binary.spec == "TransformerSpec");
  CHECK(binary.revision == 7);
  CHECK(std::ranges::is_sorted(binary.order));
  const int d = 8;
  CHECK(binary.variables.at("encoder/layer_1/self_attention/linear_0/weight").dims ==
        std::vector<int>{3 * d, d});
  CHECK(binary.variables.at("decoder/layer_0/attention/linear_1/weight").dims ==
        std::vector<int>{2 * d, d});
  CHECK(binary.variables.contains("decoder/layer_norm/gamma"));
  CHECK(binary.variables.at("decoder/pre_norm").bytes == std::string(1, '\1'));
  CHECK(binary.variables.at("encoder/num_heads").type == 2);
  const Tensor W_k = ours_named(*model, "encoder.blks.1.attention.W_k.weight");
  for (Index i = 0; i < d * d; i++)
    CHECK(binary.at("encoder/layer_1/self_attention/linear_0/weight", d * d + i) ==
          float(W_k.data()[i]));
  const Tensor waves = PositionalEncoding::table(exported_positions, d);
  for (Index i : {0, 1, d, 5 * d + 3})
    CHECK(binary.at("decoder/position_encodings/encodings", i) == float(waves.data()[i]));
  const Json words = parse_json(file_named(files, "target_vocabulary.json"), "test");
  CHECK(words == Json(model->tgt_vocab.words()));
}

TEST_CASE("export: there <pad> and <bos> are never said, and all other biases are ours") {
  auto model = exportable("post", "decoder");
  const std::string file = file_named(ctranslate2_files(*model), "model.bin");
  const Binary binary(file);
  const Tensor bias = ours_named(*model, "decoder.dense.bias");
  for (int id = 0; id < bias.dim(0); id++) {
    const bool never = id == model->tgt_vocab.pad() || id == model->tgt_vocab.bos();
    CHECK(binary.at("decoder/projection/bias", id) ==
          (never ? float(-10000) : float(bias.data()[id])));
  }
}

TEST_CASE("export: one table is in CTranslate2's file once") {
  for (const char* tie : {"none", "decoder", "all"}) {
    auto model = exportable("post", tie);
    const FolderFiles files = ctranslate2_files(*model);
    const std::string file = file_named(files, "model.bin");
    const Binary binary(file);
    std::set<std::string> aliases;
    for (const auto& [name, of] : binary.aliases) {
      CHECK(binary.variables.contains(of));
      CHECK(!binary.variables.contains(name));
      aliases.insert(name);
    }
    std::set<std::string> wanted{"encoder/position_encodings/encodings"};
    if (std::string(tie) != "none") wanted.insert("decoder/projection/weight");
    if (std::string(tie) == "all") wanted.insert("encoder/embeddings_0/weight");
    CHECK(aliases == wanted);
    CHECK(names_of(files).contains("shared_vocabulary.json") == (std::string(tie) == "all"));
  }
}

TEST_CASE("export: Hugging Face's order of features is all sines, then all cosines") {
  auto model = exportable("pre", "none");
  const SafeTensors file = parse_safetensors(
      file_named(huggingface_files(*model), "model.safetensors"), "theirs");
  const int d = 8, half = d / 2;
  const Tensor W_q = ours_named(*model, "decoder.blks.0.attention2.W_q.weight"),
               W_o = ours_named(*model, "decoder.blks.0.attention2.W_o.weight"),
               gamma = ours_named(*model, "decoder.ln.weight");
  const auto q = file.as_doubles("model.decoder.layers.0.encoder_attn.q_proj.weight"),
             o = file.as_doubles("model.decoder.layers.0.encoder_attn.out_proj.weight"),
             norm = file.as_doubles("model.decoder.layer_norm.weight"),
             waves = file.as_doubles("model.encoder.embed_positions.weight");
  const Tensor table = PositionalEncoding::table(8, d);
  for (int j = 0; j < d; j++) {
    const int ours = j < half ? 2 * j : 2 * (j - half) + 1;
    CHECK(norm[std::size_t(j)] == double(float(gamma.data()[ours])));
    for (int i = 0; i < d; i++) {
      CHECK(q[std::size_t(i * d + j)] == double(float(W_q.data()[i * d + ours])));
      CHECK(o[std::size_t(j * d + i)] == double(float(W_o.data()[ours * d + i])));
      CHECK(waves[std::size_t(i * d + j)] == double(float(table.data()[i * d + ours])));
    }
  }
}

TEST_CASE("export: to Hugging Face and back every number is the same, whatever is tied") {
  for (const char* norm : {"post", "pre"}) {
    for (const char* tie : {"none", "decoder", "all"}) {
      for (bool subwords : {false, true}) {
        INFO(norm, " ", tie, " ", subwords);
        auto model = subwords ? of_subwords(norm, tie) : exportable(norm, tie);
        auto again = subwords ? of_subwords(norm, tie) : exportable(norm, tie);
        round_as_a_file(*model);
        set_all(*again, 7);
        load_huggingface(*again, parse_safetensors(file_named(huggingface_files(*model),
                                                              "model.safetensors"), "theirs"));
        check_same_numbers(model->module(), again->module());
      }
    }
  }
}

TEST_CASE("export: a merge that made no piece has an id of its tokenizer, and is read as <unk>") {
  auto model = of_subwords("post", "all");
  const FolderFiles files = huggingface_files(*model);
  const Json file = parse_json(file_named(files, "tokenizer.json"), "test");
  const Json& tokenizer = file.at("model");
  CHECK(tokenizer.get_string("type") == "BPE");
  const Json::Object& ids = tokenizer.at("vocab").as_object();
  const int known = model->src_vocab.size(), all = int(ids.size());
  CHECK(all > known);
  std::set<std::string> spelt;
  for (const auto& [spelling, id] : ids) {
    const int number = int(id.as_int());
    CHECK(spelt.insert(spelling).second);
    if (number >= known || model->src_vocab.is_special(number)) continue;
    const std::string& word = model->src_vocab.word(number);
    CHECK(spelling == (word.ends_with("@@") ? word.substr(0, word.size() - 2) : word + "</w>"));
  }
  for (const Json& merge : tokenizer.get_array("merges")) {
    const auto& pair = merge.as_array();
    CHECK(spelt.contains(pair.at(0).as_string() + pair.at(1).as_string()));
  }
  const SafeTensors weights =
      parse_safetensors(file_named(files, "model.safetensors"), "theirs");
  CHECK(weights.at("model.shared.weight").shape == Shape{all, 8});
  const auto table = weights.as_doubles("model.shared.weight");
  const auto bias = weights.as_doubles("final_logits_bias");
  for (int i = 0; i < 8; i++)
    CHECK(table[std::size_t(known * 8 + i)] ==
          table[std::size_t(model->src_vocab.unk() * 8 + i)]);
  CHECK(bias[std::size_t(known)] == -100);
  CHECK(parse_json(file_named(files, "config.json"), "test").get_int("vocab_size") == all);
}

TEST_CASE("export: two vocabularies are two tokenizers, each with the special tokens it has") {
  auto model = exportable("post", "none");
  const FolderFiles files = huggingface_files(*model);
  CHECK(names_of(files) ==
        std::set<std::string>{"model.safetensors", "config.json", "generation_config.json",
                              "tokenizer.json", "tokenizer_config.json", "target/tokenizer.json",
                              "target/tokenizer_config.json"});
  const Vocab book = Vocab::from_words({"<eos>", "<pad>", "<unk>", "cat"});    // without <bos>
  const Json config = parse_json(tokenizer_config(book), "test");
  CHECK(config.find("bos_token") == nullptr);
  CHECK(config.get_string("eos_token") == "<eos>");
  const Json tokens = parse_json(tokenizer_file(book, {}).json, "test");
  CHECK(tokens.get_array("added_tokens").size() == 3);
  CHECK(tokens.at("model").at("vocab").get_int("cat") == 3);
}

TEST_CASE("import: what has no place is refused by name, and before anything changes") {
  auto model = exportable("pre", "decoder");
  auto untouched = exportable("pre", "decoder");
  const std::string layer = "model.encoder.layers.0.";
  CHECK(says(import_refusal(*model, [&](Numbers& n) {
    n[layer + "self_attn.q_proj.bias"].second[3] = 1;
  }), "self_attn.q_proj.bias was trained"));
  CHECK(says(import_refusal(*model, [&](Numbers& n) {
    n["model.decoder.embed_positions.weight"].second[9] += 1;
  }), "embed_positions.weight was trained"));
  CHECK(says(import_refusal(*model, [&](Numbers& n) { n.erase(layer + "fc1.weight"); }),
             "encoder.layers.0.fc1.weight"));
  CHECK(says(import_refusal(*model, [&](Numbers& n) { n["lora.A"] = {Shape{1}, {0}}; }),
             "unexpected lora.A"));
  CHECK(says(import_refusal(*model, [&](Numbers& n) {
    n[layer + "fc1.weight"].first = Shape{8, 12};
  }), "fc1.weight is (8, 12) and would have to be (12, 8)"));
  CHECK(says(import_refusal(*model, [&](Numbers& n) {
    n["lm_head.weight"] = n["model.shared.weight"];
    n["lm_head.weight"].second[0] += 1;
  }), "lm_head.weight and model.shared.weight differ"));
  check_same_numbers(model->module(), untouched->module());
}

TEST_CASE("import: a configuration that means another computation is refused") {
  auto model = exportable("post", "none");
  std::string config = file_named(huggingface_files(*model), "config.json");
  check_huggingface_config(*model, config, "config.json");
  const std::size_t at = config.find("\"relu\"");
  REQUIRE(at != config.npos);
  config.replace(at, 6, "\"silu\"");
  CHECK(says(error_of([&] { check_huggingface_config(*model, config, "config.json"); }),
             "activation_function is \"silu\""));
}

TEST_CASE("export: a model that only PyTorch takes is told so") {
  ModelConfig recurrent{.model = "attention", .embed = 4, .hidden = 4, .layers = 1};
  auto model = untrained(recurrent, exported_pairs());
  CHECK(says(error_of([&] { check_exportable(*model, "run/", "CTranslate2"); }),
             "run/ is an attention model, and CTranslate2 has only Transformers; PyTorch"));
  auto less = untrained(without_part("transformer", "ffn"), exported_pairs());
  CHECK(says(error_of([&] { check_exportable(*less, "run/", "Hugging Face"); }), "without ffn"));
}
