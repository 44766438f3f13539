// A model as one file: what is stored beside its weights, and how a file is doubted before it is
// believed.
#include <algorithm>

#include "data/file.h"
#include "nn/weights.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/output.h"
#include "tools/app/run/model.h"
#include "tools/app/run/without.h"

namespace babelgrad {
namespace {

// What the configuration of every model has, in the order of its file.
template <class Config, class Field>
void each_field(Config& c, const Field& field) {
  field("model", c.model), field("cell", c.cell), field("score", c.score);
  field("activation", c.activation);
  field("embed", c.embed), field("hidden", c.hidden), field("layers", c.layers);
  field("heads", c.heads), field("ffn", c.ffn), field("dropout", c.dropout);
  field("label_smoothing", c.label_smoothing), field("embedding_std", c.embedding_std);
  field("tokenizer", c.tokenizer), field("num_steps", c.num_steps);
}

struct Configured {                             // reads the fields of a configuration
  const Json& json;

  template <class E>
  void operator()(const char* key, Named<E>& value) const {
    const std::string& word = json.get_string(key);
    check(value.read(word), "config: ", key, " is ", printable(word),
          ", which this version does not know");
  }
  void operator()(const char* key, int& value) const {
    constexpr int most = 1 << 20;
    value = int(json.get_int(key, key == std::string_view("num_steps") ? 0 : 1, most));
  }
  void operator()(const char* key, double& value) const {
    value = json.get_double(key);
    const bool share = key != std::string_view("embedding_std");
    check(!share || (value >= 0 && value < 1), "config: ", key, " ", value, " is outside [0, 1)");
  }
};

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
  const bool transformer = c.model == ModelKind::transformer;
  const int width = transformer ? c.hidden : c.embed;
  auto expect = [&](const char* name, Shape shape) {
    const Shape& stored = file.at(name).shape;
    check(stored == shape, printable(file.path), ": ", name, " is ", stored,
          ", but its vocabulary and configuration say ", shape);
  };
  expect("encoder.embedding.weight", {src.size(), width});
  if (c.tie != Tying::all) expect("decoder.embedding.weight", {tgt.size(), width});
  if (c.tie == Tying::none) expect("decoder.dense.weight", {tgt.size(), c.hidden});
  Index stored_numbers = 0;
  for (const StoredTensor& t : file.tensors) stored_numbers += t.shape.numel();
  bool plausible = c.layers <= int(file.tensors.size()) &&
                   Index(c.hidden) * c.hidden <= stored_numbers &&
                   (!transformer || Index(c.hidden) * c.ffn <= stored_numbers);
  check(plausible, printable(file.path), ": the configuration is larger than the weights");
}

std::unique_ptr<Translator> model_of(const SafeTensors& file) {
  const std::string& version = file.metadata_at("format_version");
  check(version == "1", file.path, ": has format version ", printable(version),
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

// --- what other programs write

// The names that one table may have in files of a tied model; ours has the first alone.
Tokens names_of_tied(Tying tie) {
  Tokens names{"encoder.embedding.weight", "decoder.embedding.weight", "decoder.dense.weight"};
  if (tie == Tying::decoder) names.erase(names.begin());
  return tie == Tying::none ? Tokens() : names;
}

// encoder.blks.0 for module._orig_mod.encoder.blks.0, and wherever else a wrapper's name stands.
std::string without_wrappers(const std::string& name) {
  constexpr std::string_view wrappers[] = {"module", "_orig_mod", "_fsdp_wrapped_module",
                                           "_checkpoint_wrapped_module"};
  std::string kept;
  std::size_t begin = 0;
  for (std::size_t end; begin <= name.size(); begin = end + 1) {
    end = std::min(name.find('.', begin), name.size());
    const std::string part = name.substr(begin, end - begin);
    const bool side = part == "encoder" || part == "decoder";
    if (side && kept.find("coder.") == kept.npos) kept.clear();          // ours begin with these
    if (std::ranges::find(wrappers, part) == std::end(wrappers)) kept += part + ".";
  }
  if (!kept.empty()) kept.pop_back();
  return kept;
}

// Gives the tensors the names that save_model() would, and a tied table once. Error: two tensors of
// one name, or copies of a tied table that differ.
void name_as_ours(SafeTensors& file, std::string& notes) {
  std::vector<StoredTensor>& all = file.tensors;
  for (StoredTensor& tensor : all) {
    const std::string name = without_wrappers(tensor.name);
    if (name == tensor.name) continue;
    check(!file.find(name), file.path, ": ", printable(tensor.name, 60), " and ",
          printable(name, 60), " are one tensor under two names");
    if (notes.empty())
      notes = join("; ", printable(tensor.name, 60), " is read as ", printable(name, 60),
                   ", and others alike");
    tensor.name = name;
  }
  const ModelConfig config =
      config_from_json(parse_json(file.metadata_at("config"), file.path + ": config"));
  StoredTensor* first = nullptr;
  const Tokens tied = names_of_tied(config.tie);
  for (const std::string& name : tied) {
    const auto found = std::ranges::find(all, name, &StoredTensor::name);
    if (found == all.end()) continue;
    if (!first) { first = &*found; continue; }
    const bool same = first->dtype == found->dtype && first->shape == found->shape &&
                      first->bytes == found->bytes;
    check(same, file.path, ": ", first->name, " and ", name, " differ, but are one table of this ",
          "model, which is --tie ", config.tie);
  }
  if (!first) return;
  const std::string kept = first->name;
  std::erase_if(all, [&](const StoredTensor& it) {
    return it.name != kept && std::ranges::find(tied, it.name) != tied.end();
  });
  std::ranges::find(all, kept, &StoredTensor::name)->name = tied[0];
}

std::string model_path(const std::string& run) {
  const std::string path = is_folder(run) ? run + "/model.safetensors" : run;
  if (exists(path)) return path;
  Tokens within;
  for (const std::string& name : names_in(run))
    if (exists(run + "/" + name + "/model.safetensors"))
      within.push_back(join(run, run.ends_with('/') ? "" : "/", name));
  fail(printable(run), ": is no run: neither a folder with a model.safetensors, as train writes ",
       "it, nor such a file",
       within.empty() ? "" : join(" (did you mean one of ", printable(join(within), 200), "?)"));
}

std::unique_ptr<Translator> checked_model_of(const SafeTensors& file) {
  std::unique_ptr<Translator> model;
  check_use(file, [&] { model = model_of(file); });
  return model;
}

}  // namespace

std::vector<std::string> parts_from(const std::string& list) {
  std::string apart = list;
  std::ranges::replace(apart, ',', ' ');
  std::vector<std::string> names = split(apart);
  std::ranges::stable_sort(names, {}, [](const std::string& name) {
    return std::ranges::find(parts(), name, &Part::name) - parts().begin();
  });
  return names;
}

Json to_json(const ModelConfig& c) {
  Json json = Json::object({});
  each_field(c, [&]<class Value>(const char* key, const Value& value) {
    if constexpr (std::is_arithmetic_v<Value>) json[key] = value;
    else json[key] = value.word();
  });
  const ModelConfig usual;                      // a usual model's file is as it ever was
  if (!c.without.empty()) json["without"] = c.without;
  if (c.language != usual.language) json["language"] = c.language.word();
  if (c.source_language != usual.source_language)
    json["source_language"] = c.source_language.word();
  if (c.tie != usual.tie) json["tie"] = c.tie.word();
  if (c.norm != usual.norm) json["norm"] = c.norm.word();
  if (c.attention_dropout >= 0 && c.attention_dropout != c.dropout)
    json["attention_dropout"] = c.attention_dropout;
  if (c.merges > 0) json["merges"] = c.merges, json["joint"] = c.joint;
  return json;
}

ModelConfig config_from_json(const Json& json) {
  ModelConfig c;
  const Configured read{json};
  each_field(c, read);
  const auto read_if_there = [&](const char* key, auto& value) {
    if (json.find(key)) read(key, value);
  };
  read_if_there("language", c.language), read_if_there("source_language", c.source_language);
  read_if_there("tie", c.tie), read_if_there("norm", c.norm);
  read_if_there("attention_dropout", c.attention_dropout);
  read_if_there("merges", c.merges);
  if (c.merges > 0) c.joint = json.at("joint").as_bool();
  if (const Json* parts = json.find("without"))
    for (const Json& part : parts->as_array("without"))
      c.without.push_back(part.as_string("without"));
  if (c.norm == NormPlace::pre || !c.without.empty()) check_parts(c);
  return c;
}

void check_storable(Translator& model) {
  std::vector<StoredTensor> tensors = stored(named_parameters(model.module()));
  safetensors_header(tensors, metadata_of(model));
}

void save_model(Translator& model, const std::string& path) {
  write_safetensors(path, stored(named_parameters(model.module())), metadata_of(model));
}

std::unique_ptr<Translator> load_model(const std::string& path_or_folder,
                                       const std::string& like) {
  SafeTensors file = read_safetensors(model_path(path_or_folder), Checksum::wanted);
  if (like.empty() && !file.without_checksum) return checked_model_of(file);
  check(!like.empty() || file.find_metadata("config"), file.path, ": has neither a checksum nor a ",
        "configuration, so another program wrote it; --like RUN says of which run it is");
  if (!like.empty()) {
    const SafeTensors run = read_safetensors(model_path(like));
    run.metadata_at("config");                  // else it is that file which is no run's
    file.metadata = run.metadata;
  }
  std::string notes;
  name_as_ours(file, notes);
  auto model = model_of(file);
  if (!file.checksummed)
    notes = join(file.without_checksum ? "has no checksum" : "does not match its checksum",
                 ", so another program wrote it; read by name and shape") + notes;
  if (!notes.empty()) say(join("note: ", file.path, ": ", notes));
  return model;
}

std::string model_bytes(Translator& model) {
  return to_safetensors_bytes(stored(named_parameters(model.module())), metadata_of(model));
}

std::unique_ptr<Translator> model_from_bytes(std::string bytes, const std::string& name) {
  return checked_model_of(parse_safetensors(std::move(bytes), name, Checksum::wanted));
}

void declare_run(Args& args, std::string& run, std::string& like, bool needed) {
  const char* help = "the folder train wrote, or a model file";
  if (needed) args.positional("run", &run, help);
  else args.optional("run", &run, help);
  args.string("like", &like, "RUN",
              "RUN's file comes from another program; take the rest of the model from this run");
}

}  // namespace babelgrad
