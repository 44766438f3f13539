// The files of Hugging Face's transformers 5.24. Marian is the paper's Transformer, and Pegasus the
// same with its norms first; both have all sines before all cosines where the book's sines
// alternate, so every row and column along the model's width is put into that order.
#include <cmath>
#include <map>
#include <set>

#include "models/positional_encoding.h"
#include "nn/weights.h"
#include "tools/app/export/export.h"

namespace babelgrad {
namespace {

constexpr Real never_said_logit = -100;         // of an id that only a tokenizer has

// Where a tensor of ours is there.
struct Place {
  std::string theirs, ours;
  bool rows = false, columns = false;           // along the width: in the other order
  int size = 0;                                 // rows there, if more than here
  Tokens tied = {};                             // names that it may have beside, or instead
};

struct Layout {
  std::vector<Place> places;
  std::vector<std::pair<std::string, Index>> zeros;            // biases, which we do not have
};

// Of the source's and the target's ids, with those that only tokenizers have.
struct Sizes { int src, tgt; };

bool one_tokenizer(const Translator& model) {
  return model.src_vocab == model.tgt_vocab && model.src_subwords == model.tgt_subwords;
}

bool norms_first(const Translator& model) { return model.config.norm == NormPlace::pre; }

// Pegasus has one size for both, as a single table has.
Sizes sizes_of(const Translator& model) {
  const int src = tokenizer_file(model.src_vocab, model.src_subwords).size;
  const int tgt = tokenizer_file(model.tgt_vocab, model.tgt_subwords).size;
  const int both = std::max(src, tgt);
  return norms_first(model) || model.config.tie == Tying::all ? Sizes{both, both}
                                                              : Sizes{src, tgt};
}

// The feature of ours that is number j of theirs, of `width`.
int our_feature(int j, int width) {
  return j < width / 2 ? 2 * j : 2 * (j - width / 2) + 1;
}

void lay_norm(Layout& out, const std::string& theirs, const std::string& ours) {
  for (const char* part : {".weight", ".bias"})
    out.places.push_back({theirs + part, ours + part, true});
}

void lay_attention(Layout& out, const std::string& theirs, const std::string& ours, int width) {
  for (const char* it : {"q", "k", "v"})
    out.places.push_back({theirs + "." + it + "_proj.weight", join(ours, ".W_", it, ".weight"),
                          false, true});
  out.places.push_back({theirs + ".out_proj.weight", ours + ".W_o.weight", true});
  for (const char* it : {"q", "k", "v", "out"})
    out.zeros.emplace_back(join(theirs, ".", it, "_proj.bias"), width);
}

void lay_block(Layout& out, const std::string& theirs, const std::string& ours, bool decoder,
               int width) {
  lay_attention(out, theirs + ".self_attn", ours + (decoder ? ".attention1" : ".attention"), width);
  lay_norm(out, theirs + ".self_attn_layer_norm", ours + ".addnorm1.ln");
  if (decoder) {
    lay_attention(out, theirs + ".encoder_attn", ours + ".attention2", width);
    lay_norm(out, theirs + ".encoder_attn_layer_norm", ours + ".addnorm2.ln");
  }
  const std::string dense1 = ours + ".ffn.dense1", dense2 = ours + ".ffn.dense2";
  out.places.push_back({theirs + ".fc1.weight", dense1 + ".weight", false, true});
  out.places.push_back({theirs + ".fc1.bias", dense1 + ".bias"});
  out.places.push_back({theirs + ".fc2.weight", dense2 + ".weight", true});
  out.places.push_back({theirs + ".fc2.bias", dense2 + ".bias", true});
  lay_norm(out, theirs + ".final_layer_norm", ours + (decoder ? ".addnorm3.ln" : ".addnorm2.ln"));
}

// Pegasus knows its tables by the name that all of them share.
void lay_tables(Layout& out, Tying tie, Sizes sizes, bool pegasus) {
  const auto table = [&](const std::string& theirs, const char* ours, int size,
                         const Tokens& tied = {}) {
    out.places.push_back({theirs, ours, false, true, size, tied});
  };
  const std::string shared = "model.shared.weight", output = "lm_head.weight",
                    encoder = "model.encoder.embed_tokens.weight",
                    decoder = "model.decoder.embed_tokens.weight";
  if (tie == Tying::all)
    return table(shared, "encoder.embedding.weight", sizes.src, {encoder, decoder, output});
  table(encoder, "encoder.embedding.weight", sizes.src);
  if (tie == Tying::decoder && pegasus)
    return table(shared, "decoder.embedding.weight", sizes.tgt, {decoder, output});
  if (tie == Tying::decoder)
    return table(decoder, "decoder.embedding.weight", sizes.tgt, {output});
  table(decoder, "decoder.embedding.weight", sizes.tgt);
  table(output, "decoder.dense.weight", sizes.tgt);
}

// All but the output's bias, which is a buffer of one row there.
Layout layout_of(const Translator& model) {
  Layout out;
  const int width = model.config.hidden;
  for (const std::string side : {"encoder", "decoder"}) {
    for (int i = 0; i < model.config.layers; i++)
      lay_block(out, join("model.", side, ".layers.", i), join(side, ".blks.", i),
                side == "decoder", width);
    if (norms_first(model)) lay_norm(out, "model." + side + ".layer_norm", side + ".ln");
  }
  lay_tables(out, model.config.tie, sizes_of(model), norms_first(model));
  return out;
}

std::map<std::string, Tensor> numbers_of(Translator& model) {
  std::map<std::string, Tensor> all;
  for (Parameter& p : named_parameters(model.module())) all.emplace(p.name, p.tensor);
  return all;
}

// The place in ours of the number at row r, column k of theirs.
Index our_place(const Place& place, const Shape& ours, int r, int k) {
  const int row = place.rows ? our_feature(r, ours[0]) : r;
  if (ours.rank() == 1) return row;
  return Index(row) * ours[1] + (place.columns ? our_feature(k, ours[1]) : k);
}

Shape their_shape(const Place& place, const Shape& ours) {
  const int rows = std::max(place.size, ours[0]);
  return ours.rank() == 1 ? Shape{rows} : Shape{rows, ours[1]};
}

// Tensors in the making, which hold the numbers that a file points to.
struct Written {
  std::vector<std::pair<std::string, Shape>> names;
  std::vector<std::vector<float>> numbers;

  std::vector<float>& add(const std::string& name, const Shape& shape) {
    names.emplace_back(name, shape);
    return numbers.emplace_back(std::size_t(shape.numel()), float(0));
  }
  std::string file() const {
    std::vector<StoredTensor> tensors;
    for (std::size_t i = 0; i < names.size(); i++)
      tensors.push_back(stored(names[i].first, names[i].second, numbers[i].data()));
    return to_safetensors_bytes(tensors, {{"format", "pt"}});
  }
};

// Ids that only a tokenizer has are read as <unk>.
void add_place(Written& out, const Place& place, const Tensor& ours, const Vocab& vocab) {
  const Shape shape = their_shape(place, ours.shape());
  std::vector<float>& to = out.add(place.theirs, shape);
  const int columns = shape.rank() == 1 ? 1 : shape[1];
  for (int r = 0; r < shape[0]; r++)
    for (int k = 0; k < columns; k++)
      to[std::size_t(r) * std::size_t(columns) + std::size_t(k)] =
          float(ours.data()[our_place(place, ours.shape(), r < ours.dim(0) ? r : vocab.unk(), k)]);
}

// All sines, then all cosines.
void add_waves(Written& out, const std::string& name, int width) {
  const Tensor table = PositionalEncoding::table(exported_positions, width);
  const Place columns{.theirs = name, .ours = "", .rows = false, .columns = true};
  add_place(out, columns, table, Vocab());
}

std::string model_file(Translator& model) {
  Written out;
  const Layout layout = layout_of(model);
  const auto ours = numbers_of(model);
  for (const Place& place : layout.places)
    add_place(out, place, ours.at(place.ours),
              place.theirs.starts_with("model.encoder") ? model.src_vocab : model.tgt_vocab);
  for (const auto& [name, size] : layout.zeros) out.add(name, {int(size)});
  const int tgt_size = sizes_of(model).tgt;
  const Tensor& bias = ours.at("decoder.dense.bias");
  std::vector<float>& logits = out.add("final_logits_bias", {1, tgt_size});
  for (int id = 0; id < tgt_size; id++)
    logits[std::size_t(id)] = float(id < bias.dim(0) ? bias.data()[id] : never_said_logit);
  if (norms_first(model)) {                     // Pegasus calls them missing, Marian does not
    for (const char* side : {"encoder", "decoder"})
      add_waves(out, join("model.", side, ".embed_positions.weight"), model.config.hidden);
    if (model.config.tie == Tying::none)        // unused, but asked for
      out.add("model.shared.weight", {tgt_size, model.config.hidden});
  }
  return out.file();
}

// What both configurations have.
Json with_special_ids(const Translator& model, Json json) {
  const Vocab& vocab = model.tgt_vocab;
  json["pad_token_id"] = vocab.pad();
  json["bos_token_id"] = vocab.bos();
  json["eos_token_id"] = vocab.eos();
  json["decoder_start_token_id"] = vocab.bos();
  json["forced_eos_token_id"] = nullptr;
  return json;
}

Json config_of(const Translator& model) {
  const ModelConfig& c = model.config;
  const bool pre = norms_first(model);
  const Sizes sizes = sizes_of(model);
  Json json = Json::object();
  json["architectures"] =
      Json::array({pre ? "PegasusForConditionalGeneration" : "MarianMTModel"});
  json["model_type"] = pre ? "pegasus" : "marian";
  json["is_encoder_decoder"] = true;
  json["d_model"] = c.hidden;
  json["vocab_size"] = sizes.src;
  json["decoder_vocab_size"] = sizes.tgt;
  for (const std::string side : {"encoder", "decoder"}) {
    json[side + "_layers"] = c.layers;
    json[side + "_attention_heads"] = c.heads;
    json[side + "_ffn_dim"] = c.ffn;
  }
  json["activation_function"] = c.activation.word();
  json["scale_embedding"] = true;
  json["max_position_embeddings"] = exported_positions;
  json["tie_word_embeddings"] = c.tie != Tying::none;
  json["share_encoder_decoder_embeddings"] = c.tie == Tying::all;
  json["dropout"] = c.dropout;
  json["attention_dropout"] = c.attention_dropout < 0 ? c.dropout : c.attention_dropout;
  json["activation_dropout"] = 0.0;
  json["dtype"] = "float32";
  return with_special_ids(model, json);
}

// Each default of generate() that would be another one than ours.
Json generation_of(const Translator& model) {
  const int most = model.config.num_steps > 0 ? model.config.num_steps + 1 : 512;
  Json json = Json::object({{"max_length", most},              // <bos> counts
                            {"num_beams", 1},
                            {"do_sample", false}});
  json["suppress_tokens"] = model.tgt_vocab.never_said();
  return with_special_ids(model, json);
}

// --- back

// Tied names may come several times, but only as the same numbers.
const StoredTensor& theirs_at(const SafeTensors& file, const Place& place) {
  const StoredTensor* found = file.find(place.theirs);
  for (const std::string& name : place.tied) {
    const StoredTensor* other = file.find(name);
    check(!found || !other || found->bytes == other->bytes, file.path, ": ", name, " and ",
          found ? found->name : "", " differ, and the model has one table for both");
    if (!found) found = other;
  }
  return found ? *found : file.at(place.theirs);
}

// What was trained there and is a constant here.
void check_constants(const Translator& model, const Layout& layout, const SafeTensors& file) {
  for (const auto& [name, size] : layout.zeros) {
    if (!file.find(name)) continue;
    for (double x : file.as_doubles(name))
      check(x == 0, file.path, ": ", name, " was trained, and our attention has no biases; ",
            "freeze them before training there");
  }
  for (const char* side : {"encoder", "decoder"}) {
    const std::string name = join("model.", side, ".embed_positions.weight");
    if (!file.find(name)) continue;
    Written waves;
    add_waves(waves, name, model.config.hidden);
    const std::vector<double> theirs = file.as_doubles(name);
    const std::vector<float>& ours = waves.numbers[0];
    for (std::size_t i = 0; i < theirs.size(); i++)
      check(theirs.size() == ours.size() && std::abs(theirs[i] - double(ours[i])) < 1e-5, file.path,
            ": ", name, " was trained, and our positions are fixed sinusoids; freeze them before ",
            "training there");
  }
}

// A tensor that belongs to no place would be lost.
void check_nothing_else(const Layout& layout, const SafeTensors& file, bool shared_is_unused) {
  std::set<std::string> known{"final_logits_bias", "model.encoder.embed_positions.weight",
                              "model.decoder.embed_positions.weight"};
  if (shared_is_unused) known.insert("model.shared.weight");
  for (const Place& place : layout.places) {
    known.insert(place.theirs);
    known.insert(place.tied.begin(), place.tied.end());
  }
  for (const auto& [name, size] : layout.zeros) known.insert(name);
  for (const StoredTensor& tensor : file.tensors)
    check(known.contains(tensor.name), file.path, ": unexpected ", printable(tensor.name, 60));
}

void check_shape(const SafeTensors& file, const StoredTensor& theirs, const Shape& wanted) {
  check(theirs.shape == wanted, file.path, ": ", theirs.name, " is ", theirs.shape,
        " and would have to be ", wanted);
  check(theirs.dtype.starts_with('F'), file.path, ": ", theirs.name, " is ", theirs.dtype,
        ", not F32 or F64");
}

}  // namespace

void check_exportable(const Translator& model, const std::string& name,
                      const std::string& engine) {
  const ModelConfig& c = model.config;
  check(c.model == ModelKind::transformer, "export: ", printable(name), " is an ", c.model,
        " model, and ", engine, " has only Transformers; PyTorch reads its model.safetensors ",
        "by our names, see tools/pytorch");
  std::string parts;
  for (const std::string& part : c.without) parts += (parts.empty() ? "" : ", ") + part;
  check(c.without.empty(), "export: ", printable(name), " is without ", parts, ", and ", engine,
        " has only whole Transformers");
}

FolderFiles huggingface_files(Translator& model) {
  FolderFiles files{{"model.safetensors", model_file(model)},
                    {"config.json", write_json(config_of(model))},
                    {"generation_config.json", write_json(generation_of(model))}};
  const auto add = [&](const std::string& folder, const Vocab& vocab, const Subwords& subwords) {
    files.emplace_back(folder + "tokenizer.json", tokenizer_file(vocab, subwords).json);
    files.emplace_back(folder + "tokenizer_config.json", tokenizer_config(vocab));
  };
  add("", model.src_vocab, model.src_subwords);
  if (!one_tokenizer(model)) add("target/", model.tgt_vocab, model.tgt_subwords);
  return files;
}

void load_huggingface(Translator& model, const SafeTensors& file) {
  const Layout layout = layout_of(model);
  check_nothing_else(layout, file, norms_first(model) && model.config.tie == Tying::none);
  check_constants(model, layout, file);
  auto ours = numbers_of(model);
  Tensor& bias = ours.at("decoder.dense.bias");
  const Shape bias_shape{1, sizes_of(model).tgt};
  check_shape(file, file.at("final_logits_bias"), bias_shape);
  for (const Place& place : layout.places)
    check_shape(file, theirs_at(file, place), their_shape(place, ours.at(place.ours).shape()));

  for (const Place& place : layout.places) {
    Tensor& to = ours.at(place.ours);
    const std::vector<double> numbers = file.as_doubles(theirs_at(file, place).name);
    Real* out = overwrite(to, "import");
    const int columns = to.shape().rank() == 1 ? 1 : to.dim(1);
    for (int r = 0; r < to.dim(0); r++)
      for (int k = 0; k < columns; k++)
        out[our_place(place, to.shape(), r, k)] =
            Real(numbers[std::size_t(r) * std::size_t(columns) + std::size_t(k)]);
  }
  const std::vector<double> logits = file.as_doubles("final_logits_bias");
  std::copy_n(logits.begin(), bias.numel(), overwrite(bias, "import"));
}

void check_huggingface_config(const Translator& model, const std::string& json,
                              const std::string& path) {
  const Json theirs = parse_json(json, printable(path)), ours = config_of(model);
  for (const char* key : {"model_type", "encoder_layers", "decoder_layers",
                          "encoder_attention_heads", "decoder_attention_heads",
                          "activation_function", "scale_embedding"})
    check(theirs.at(key) == ours.at(key), printable(path), ": ", key, " is ",
          write_json(theirs.at(key)), ", and the model to be like has ", write_json(ours.at(key)));
}

}  // namespace babelgrad
