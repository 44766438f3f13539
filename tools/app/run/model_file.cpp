// A model as one file: what is stored beside its weights, and how a file is doubted before it is
// believed.
#include "data/file.h"
#include "nn/weights.h"
#include "tools/app/run/model.h"
#include "tools/app/run/without.h"

namespace babelgrad {
namespace {

std::string words_as_json(const Vocab& vocab) {
  constexpr int most = Json::max_values - 1;    // the list itself is a value
  check(vocab.size() <= most, "save_model: a vocabulary of ", vocab.size(), " entries; a file ",
        "holds at most ", most, ", as --vocab-size or --min-freq would leave");
  return write_json(Json(vocab.words()));
}

// What the file tells beside the weights. The configuration is one that load_model() takes.
Metadata metadata_of(Translator& model) {
  const Json config = to_json(model.config);
  config_from_json(parse_json(write_json(config), "save_model"));
  Metadata about{{"format_version", "1"},
                 {"program", "babelgrad"},
                 {"config", write_json(config)},
                 {"src_vocab", words_as_json(model.src_vocab)},
                 {"tgt_vocab", words_as_json(model.tgt_vocab)}};
  if (!model.training.empty()) about.emplace_back("training", model.training);
  if (model.config.merges > 0) {
    about.emplace_back("src_subwords", model.src_subwords.file());
    about.emplace_back("tgt_subwords", model.tgt_subwords.file());
  }
  return about;
}

Vocab vocab_from(const SafeTensors& file, const char* key) {
  Tokens words;
  Json list = parse_json(file.metadata_at(key), printable(file.path) + ": " + key);
  for (const Json& word : list.as_array(key)) words.push_back(word.as_string(key));
  return Vocab::from_words(words);
}

Subwords subwords_from(const SafeTensors& file, const std::string& key) {
  return Subwords::read(file.metadata_at(key), file.path + ": " + key);
}

// Before anything of the configured size is allocated: do the stored tables have these sizes?
void check_sizes(const SafeTensors& file, const ModelConfig& c, const Vocab& src,
                 const Vocab& tgt) {
  int width = c.model == "transformer" ? c.hidden : c.embed;
  auto expect = [&](const char* name, Shape shape) {
    const Shape& stored = file.at(name).shape;
    check(stored == shape, printable(file.path), ": ", name, " is ", stored,
          ", but its vocabulary and configuration say ", shape);
  };
  expect("encoder.embedding.weight", {src.size(), width});
  if (c.tie != "all") expect("decoder.embedding.weight", {tgt.size(), width});
  if (c.tie == "none") expect("decoder.dense.weight", {tgt.size(), c.hidden});
  Index stored_numbers = 0;
  for (const StoredTensor& t : file.tensors) stored_numbers += t.shape.numel();
  bool plausible = c.layers <= int(file.tensors.size()) &&
                   Index(c.hidden) * c.hidden <= stored_numbers &&
                   (c.model != "transformer" || Index(c.hidden) * c.ffn <= stored_numbers);
  check(plausible, printable(file.path), ": the configuration is larger than the weights");
}

std::unique_ptr<Translator> model_of(const SafeTensors& file) {
  const std::string& version = file.metadata_at("format_version");
  check(version == "1", file.path, ": is of format version ", printable(version),
        "; this program reads version 1");
  ModelConfig config =
      config_from_json(parse_json(file.metadata_at("config"), file.path + ": config"));
  Vocab src = vocab_from(file, "src_vocab"), tgt = vocab_from(file, "tgt_vocab");
  ModelConfig stored = config;
  if (config.lacks("ffn")) stored.ffn = 1;      // nothing of that size is there, to be believed
  check_sizes(file, stored, src, tgt);
  auto model = make_translator(stored, src, tgt);
  model->config = config;
  if (const std::string* training = file.find_metadata("training")) model->training = *training;
  if (config.merges > 0)
    model->src_subwords = subwords_from(file, "src_subwords"),
    model->tgt_subwords = subwords_from(file, "tgt_subwords");
  load(named_parameters(model->module()), file);
  eval(model->module());
  return model;
}

}  // namespace

void check_storable(Translator& model) {
  std::vector<StoredTensor> tensors = stored(named_parameters(model.module()));
  safetensors_header(tensors, metadata_of(model));
}

void save_model(Translator& model, const std::string& path) {
  write_safetensors(path, stored(named_parameters(model.module())), metadata_of(model));
}

std::unique_ptr<Translator> load_model(const std::string& path_or_folder) {
  std::string path =
      is_folder(path_or_folder) ? path_or_folder + "/model.safetensors" : path_or_folder;
  const SafeTensors file = read_safetensors(path, Checksum::wanted);
  std::unique_ptr<Translator> model;
  check_use(file, [&] { model = model_of(file); });
  return model;
}

}  // namespace babelgrad
