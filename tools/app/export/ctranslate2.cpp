// The files of CTranslate2 4.8.5 (https://github.com/OpenNMT/CTranslate2): binary version 6 of a
// TransformerSpec of revision 7, which later versions read, too. It needs no Python to be written.
#include <cstring>
#include <map>

#include "models/positional_encoding.h"
#include "tools/app/export/export.h"

namespace babelgrad {
namespace {

constexpr std::uint32_t binary_version = 6, spec_revision = 7;
constexpr Real never_said_bias = -10000;        // finite as a half-precision number, too

template <class Number>
std::string bytes_of(Number x) {
  std::string bytes(sizeof x, '\0');
  std::memcpy(bytes.data(), &x, sizeof x);
  return bytes;
}

// The length, which counts the zero byte at the end.
std::string counted(const std::string& text) {
  return bytes_of(std::uint16_t(text.size() + 1)) + text + '\0';
}

class Variables {
 public:
  explicit Variables(Translator& model) {
    for (Parameter& p : named_parameters(model.module())) ours_.emplace(p.name, p.tensor);
  }

  // Matrices with as many columns below each other, or vectors behind each other.
  void numbers(const std::string& name, const std::vector<Tensor>& parts) {
    std::string bytes;
    int rows = 0;
    for (const Tensor& part : parts) {
      rows += part.dim(0);
      for (Index i = 0; i < part.numel(); i++) bytes += bytes_of(float(part.data()[i]));
    }
    std::vector<int> dims{rows};
    if (parts[0].shape().rank() == 2) dims.push_back(parts[0].dim(1));
    add(name, dims, 0, bytes);
  }
  void flag(const std::string& name, int value) { add(name, {}, 1, bytes_of(std::int8_t(value))); }
  void count(const std::string& name, int n) { add(name, {}, 2, bytes_of(std::int16_t(n))); }
  void alias(const std::string& name, const std::string& of) { aliases_[name] = of; }

  const Tensor& ours(const std::string& name) const { return ours_.at(name); }
  bool has(const std::string& name) const { return ours_.contains(name); }

  std::string file() const {
    std::string file = bytes_of(binary_version) + counted("TransformerSpec") +
                       bytes_of(spec_revision) + bytes_of(std::uint32_t(all_.size()));
    for (const auto& [name, rest] : all_) file += counted(name) + rest;
    file += bytes_of(std::uint32_t(aliases_.size()));
    for (const auto& [name, of] : aliases_) file += counted(name) + counted(of);
    return file;
  }

 private:
  void add(const std::string& name, const std::vector<int>& dims, int type,
           const std::string& bytes) {
    check(bytes.size() <= UINT32_MAX, "export: ", name, " is of ", bytes.size(), " bytes; a ",
          "variable of CTranslate2 holds at most 4294967295");
    std::string& out = all_[name];
    out = bytes_of(std::uint8_t(dims.size()));
    for (int dim : dims) out += bytes_of(std::uint32_t(dim));
    out += bytes_of(std::uint8_t(type)) + bytes_of(std::uint32_t(bytes.size())) + bytes;
  }

  std::map<std::string, Tensor> ours_;
  std::map<std::string, std::string> all_, aliases_;       // by name, as the file has them
};

void add_linear(Variables& v, const std::string& to, const std::vector<std::string>& names) {
  std::vector<Tensor> weights, biases;
  for (const std::string& name : names) {
    weights.push_back(v.ours(name + ".weight"));
    if (v.has(name + ".bias")) biases.push_back(v.ours(name + ".bias"));
  }
  v.numbers(to + "/weight", weights);
  if (!biases.empty()) v.numbers(to + "/bias", biases);
}

void add_norm(Variables& v, const std::string& to, const std::string& name) {
  v.numbers(to + "/gamma", {v.ours(name + ".weight")});
  v.numbers(to + "/beta", {v.ours(name + ".bias")});
}

// Self-attention has queries, keys and values in one product; else only keys and values are.
void add_attention(Variables& v, const std::string& to, const std::string& name, bool self) {
  const std::string q = name + ".W_q", k = name + ".W_k", values = name + ".W_v";
  if (self) add_linear(v, to + "/linear_0", {q, k, values});
  else add_linear(v, to + "/linear_0", {q}), add_linear(v, to + "/linear_1", {k, values});
  add_linear(v, to + (self ? "/linear_1" : "/linear_2"), {name + ".W_o"});
}

void add_block(Variables& v, const std::string& to, const std::string& name, bool decoder) {
  add_attention(v, to + "/self_attention", name + (decoder ? ".attention1" : ".attention"), true);
  add_norm(v, to + "/self_attention/layer_norm", name + ".addnorm1.ln");
  if (decoder) {
    add_attention(v, to + "/attention", name + ".attention2", false);
    add_norm(v, to + "/attention/layer_norm", name + ".addnorm2.ln");
  }
  add_linear(v, to + "/ffn/linear_0", {name + ".ffn.dense1"});
  add_linear(v, to + "/ffn/linear_1", {name + ".ffn.dense2"});
  add_norm(v, to + "/ffn/layer_norm", name + (decoder ? ".addnorm3.ln" : ".addnorm2.ln"));
}

// Tables of equal numbers are there once.
void add_tables(Variables& v, Tying tie) {
  const std::string embeddings = "decoder/embeddings/weight";
  const Tensor& source = v.ours("encoder.embedding.weight");
  v.numbers(embeddings, {tie == Tying::all ? source : v.ours("decoder.embedding.weight")});
  if (tie == Tying::all) v.alias("encoder/embeddings_0/weight", embeddings);
  else v.numbers("encoder/embeddings_0/weight", {source});
  if (tie == Tying::none)
    v.numbers("decoder/projection/weight", {v.ours("decoder.dense.weight")});
  else v.alias("decoder/projection/weight", embeddings);
}

// <pad> and <bos> are never said, whatever the caller asks for.
void add_output_bias(Variables& v, const Vocab& vocab) {
  const Tensor& bias = v.ours("decoder.dense.bias");
  std::vector<Real> numbers(bias.data(), bias.data() + bias.numel());
  for (int id : vocab.never_said()) numbers[std::size_t(id)] = never_said_bias;
  v.numbers("decoder/projection/bias", {Tensor({int(numbers.size())}, numbers)});
}

std::string model_bin(Translator& model) {
  Variables v(model);
  const ModelConfig& c = model.config;
  const bool pre = c.norm == NormPlace::pre;
  for (const std::string side : {"encoder", "decoder"}) {
    v.count(side + "/num_heads", c.heads);
    v.flag(side + "/pre_norm", pre);
    v.flag(side + "/activation", c.activation == ActivationKind::gelu ? 3 : 0);    // 3: with erf
    v.flag(side + "/scale_embeddings", 1);                     // by the root of the width
    v.flag(side + "/multi_query_attention", 0);
    if (pre) add_norm(v, side + "/layer_norm", side + ".ln");
    for (int i = 0; i < c.layers; i++)
      add_block(v, join(side, "/layer_", i), join(side, ".blks.", i), side == "decoder");
  }
  v.flag("encoder/embeddings_merge", 0);
  v.count("decoder/alignment_layer", -1), v.count("decoder/alignment_heads", 1);
  for (const char* no : {"start_from_zero_embedding", "alibi", "alibi_use_positive_positions",
                         "scale_alibi"})
    v.flag(std::string("decoder/") + no, 0);
  // The book's sinusoids: sines and cosines alternate, and the first word is at 0. Theirs do not.
  const std::string waves = "/position_encodings/encodings";
  v.numbers("decoder" + waves, {PositionalEncoding::table(exported_positions, c.hidden)});
  v.alias("encoder" + waves, "decoder" + waves);
  add_tables(v, c.tie);
  add_output_bias(v, model.tgt_vocab);
  return v.file();
}

}  // namespace

FolderFiles ctranslate2_files(Translator& model) {
  const Json config = Json::object({{"unk_token", unk_token},
                                    {"bos_token", bos_token},
                                    {"eos_token", eos_token},
                                    {"decoder_start_token", bos_token},
                                    {"add_source_bos", false},
                                    {"add_source_eos", true},
                                    {"layer_norm_epsilon", 1e-5}});
  FolderFiles files{{"model.bin", model_bin(model)}, {"config.json", write_json(config)}};
  const auto add = [&](const char* name, const Vocab& vocab) {
    files.emplace_back(name, write_json(Json(vocab.words()), Json::unlimited));
  };
  if (model.src_vocab == model.tgt_vocab) add("shared_vocabulary.json", model.src_vocab);
  else
    add("source_vocabulary.json", model.src_vocab), add("target_vocabulary.json", model.tgt_vocab);
  return files;
}

}  // namespace babelgrad
