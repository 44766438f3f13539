// A model's file, and a checkpoint: what is written can be read, and what does not fit is named.
#include "data/safetensors.h"
#include "tests/tools_small_run.h"
#include "tools/app/run/memory.h"

using namespace babelgrad;

namespace {

TrainSettings narrow(const std::string& model) {
  TrainSettings s = settings(model);
  s.model.hidden = 12, s.epochs = 1, s.ema = 0.5;
  return s;
}

using Tensors = std::vector<StoredTensor>;
using Change = std::function<void(Tensors&)>;

Change take_out(const std::string& name) {
  return [=](Tensors& all) { std::erase_if(all, [&](auto& it) { return it.name == name; }); };
}

Change turn(const std::string& name) {
  return [=](Tensors& all) {
    for (StoredTensor& it : all)
      if (it.name == name) it.shape = Shape{it.shape[1], it.shape[0]};
  };
}

Change put_in(const std::string& name, Shape shape) {             // of whole numbers
  static const std::vector<std::int32_t> zeros(1000);
  return [=](Tensors& all) {
    take_out(name)(all);
    all.push_back(stored(name, shape, zeros.data()));
  };
}

// Why read() refuses the file as another program leaves it, that has been at the tensors and at no
// checksum, without what every such message has.
std::string no_load(const std::string& path, const Change& change,
                    const std::function<void()>& read) {
  const std::string before = read_file(path);
  const SafeTensors file = read_safetensors(path, Checksum::required);
  Tensors tensors = file.tensors;
  change(tensors);
  std::string bytes = to_safetensors_bytes(tensors, file.metadata);
  bytes.replace(bytes.find(checksum_key) + checksum_key.size(), 8, "00000000");
  write_file_atomically(path, bytes);
  const std::string message = error_of(read);
  write_file_atomically(path, before);
  const std::string begins = path + ": ", ends = "; and checksum 00000000 does not match: the file "
                                                 "is damaged, or another program changed it";
  REQUIRE_MESSAGE(message.starts_with(begins), message);
  REQUIRE_MESSAGE(message.ends_with(ends), message);
  return message.substr(begins.size(), message.size() - begins.size() - ends.size());
}

const std::string unfit = "does not fit the model: ";
const std::string turned = " is (8, 36) in the file and (36, 8) in the model";

}  // namespace

TEST_CASE("model file: a tensor that is missing, extra, transposed or of another type is named, "
          "even if the checksum is wrong, too") {
  Folder folder;
  quiet_run(narrow("attention"), corpus_of(20), folder.path);
  const auto why = [&](const Change& change) {
    return no_load(folder.path + "/model.safetensors", change,
                        [&] { load_model(folder.path); });
  };
  CHECK(why(take_out("decoder.dense.bias")) == unfit + "missing decoder.dense.bias");
  CHECK(why(take_out("decoder.dense.weight")) == "has no tensor \"decoder.dense.weight\"");
  CHECK(why(put_in("decoder.more", {12})) == unfit + "unexpected decoder.more");
  CHECK(why(turn("encoder.rnn.weight_ih_l0")) == unfit + "encoder.rnn.weight_ih_l0" + turned);
  CHECK(why(turn("encoder.embedding.weight")).starts_with("encoder.embedding.weight is (8, "));
  CHECK(why(put_in("encoder.rnn.weight_ih_l0", {36, 8})) ==
        unfit + "encoder.rnn.weight_ih_l0 is I32 in the file, not F32 or F64");
  load_model(folder.path);                      // as it was
}

TEST_CASE("checkpoint: likewise, of weights, moments and means") {
  const TrainSettings s = narrow("attention");
  const TrainingCorpus corpus = corpus_of(20);
  Folder folder;
  quiet_run(s, corpus, folder.path);
  const auto why = [&](const Change& change) {
    return no_load(folder.path + "/trainer.safetensors", change,
                [&] { quiet_run(s, corpus, folder.path, true); });
  };
  for (const std::string kind : {"param.", "optim.exp_avg.", "ema."}) {
    const std::string name = kind + "encoder.rnn.weight_ih_l0";
    CHECK(why(take_out(name)) == unfit + "missing " + name);
    CHECK(why(turn(name)) == unfit + name + turned);
  }
  for (const std::string name : {"more", "ema.more"})
    CHECK(why(put_in(name, {12})) == unfit + "unexpected " + name);
  quiet_run(s, corpus, folder.path, true);          // as it was
}

TEST_CASE("a model file gives back the same model, whole or without a part") {
  OneThread guard;
  const std::vector<Pair> pairs = make_corpus(24, 3, {3, 8});
  const std::vector<Tokens> some{pairs[0].src, pairs[1].src, pairs[2].src};
  const auto check_file = [&](const ModelConfig& config) {
    auto model = untrained(config, pairs);
    Folder folder;
    save_model(*model, folder.path + "/model.safetensors");
    auto read = load_model(folder.path);
    CHECK(to_json(read->config) == to_json(config));
    CHECK(read->src_vocab == model->src_vocab);
    check_same_numbers(model->module(), read->module());
    eval(model->module());
    CHECK(read->translate(some) == model->translate(some));
    CHECK(loss_of(*read, pairs) == loss_of(*model, pairs));
    Batch batch = read->source_batch({pairs[0].src});
    bool looks = !read->attention(batch.src, batch.lens.src, Ints(Shape{1, 2}, 5)).empty();
    CHECK(looks == (config.model != "rnn" && !config.lacks("attention")));
    save_model(*read, folder.path + "/again.safetensors");
    CHECK(read_file(folder.path + "/again.safetensors") ==
          read_file(folder.path + "/model.safetensors"));
  };
  for (const char* model : {"rnn", "attention", "transformer"}) check_file(narrow(model).model);
  every_part(check_file);
}

TEST_CASE("how many numbers a model learns is known before it is made") {
  const std::vector<Pair> pairs = make_corpus(24, 3, {3, 8});
  const auto check_count = [&](const ModelConfig& config) {
    auto model = untrained(config, pairs);
    CHECK(parameters_of(config, model->src_vocab.size(), model->tgt_vocab.size()) ==
          double(parameter_count(model->module())));
  };
  for (int layers : {1, 3}) {
    for (Cell cell : {Cell::rnn, Cell::gru, Cell::lstm})
      check_count({.model = "rnn", .cell = cell, .embed = 6, .hidden = 10, .layers = layers});
    for (Score score : {Score::additive, Score::dot, Score::scaled_dot, Score::general})
      check_count({.model = "attention", .score = score, .embed = 6, .hidden = 10,
                   .layers = layers});
    for (NormPlace norm : {NormPlace::post, NormPlace::pre})
      check_count({.norm = norm, .hidden = 8, .layers = layers, .ffn = 6});
  }
  for (const char* model : {"attention", "transformer"})
    check_count({.model = model, .embed = 8, .hidden = 8, .tie = Tying::decoder});
  const ModelConfig large{.hidden = 1 << 20, .layers = 1000};
  const std::string said = error_of([&] { check_fits(large, 9, 9, 4, "all"); });
  CHECK_MESSAGE(said.starts_with("a transformer of over 999T parameters needs "), said);
  check_fits({}, 9, 9, 4, "all");
}

TEST_CASE("a file of one model is no other's, and sizes that are not stored cost nothing") {
  Folder folder;
  const std::string path = folder.path + "/model.safetensors";
  const std::vector<Pair> pairs = make_corpus(24, 3, {3, 8});
  const auto made = [&](const char* part) {
    return untrained(without_part("transformer", part), pairs);
  };
  const auto refusal_of = [&](Translator& model) {
    save_model(model, path);
    return error_of([&] { load_model(path); });
  };
  auto tied = made("W_v"), whole = made(""), flat = made("ffn");
  tied->config.without = {};                    // lies
  whole->config.without = {"W_v"};
  flat->config.ffn = 1 << 20;
  CHECK(says(refusal_of(*tied), "missing encoder.blks.0.attention.W_v.weight"));
  CHECK(says(refusal_of(*whole), "unexpected encoder.blks.0.attention.W_v"));
  CHECK(refusal_of(*flat).empty());
  CHECK(load_model(path)->config.ffn == 1 << 20);
}

TEST_CASE("a model's text is written as the target's language writes it, which the model knows") {
  Folder folder;
  const Vocab some(std::vector<Tokens>{split("he sleeps ?")});
  const auto fresh = [&] { return make_translator(narrow("rnn").model, some, some); };
  const Tokens words{"he", "sleeps", "?"};
  auto model = fresh();
  CHECK(model->target_text(words) == "he sleeps ?");         // French
  for (const char* language : {"english", "german"}) {
    model->config.language = language;
    save_model(*model, folder.path + "/model.safetensors");
    CHECK(load_model(folder.path)->target_text(words) == "he sleeps?");
  }
  CHECK(!to_json(fresh()->config).find("language"));     // a file of before has none
  CHECK(model->source_text(words) == "he sleeps?");          // English
  model->config.source_language = "french";
  save_model(*model, folder.path + "/model.safetensors");
  CHECK(load_model(folder.path)->source_text(words) == "he sleeps ?");
  CHECK(!to_json(fresh()->config).find("source_language"));
}

TEST_CASE("a model that its file could not hold is refused before anything is trained") {
  OneThread guard;
  Tokens words = {"<unk>", "<pad>", "<bos>", "<eos>"};
  while (int(words.size()) < Json::max_values) words.push_back(text(words.size()));
  ModelConfig config = narrow("rnn").model;
  config.embed = config.hidden = config.layers = 1;
  const Vocab small, large = Vocab::from_words(words);
  Folder folder;
  const std::string path = folder.path + "/model.safetensors";
  auto model = make_translator(config, large, small);
  const std::string why = error_of([&] { check_storable(*model); });
  CHECK(why == "save_model: a vocabulary of 2000000 entries; a file holds at most 1999999, as "
               "--vocab-size or --min-freq would leave");
  CHECK(error_of([&] { save_model(*model, path); }) == why);
  CHECK(!exists(path));
  words.pop_back();
  model = make_translator(config, Vocab::from_words(words), small);
  save_model(*model, path);
  CHECK(load_model(path)->src_vocab.size() == 1'999'999);

  model = make_translator(config, small, small);
  model->config.dropout = 1;                    // which load_model() would not take
  CHECK(error_of([&] { check_storable(*model); }) == "config: dropout 1 is outside [0, 1)");
  TrainSettings s = narrow("rnn");
  s.options = {{"data", std::string(60'000'000, '"')}};        // the quotes are escaped, twice
  Progress silent({.fd = -1});
  CHECK(error_of([&] { run_training(s, corpus_of(20), folder.path, false, silent, [] {
          FAIL("it begins");
        }); }).find("safetensors: the header has ") == 0);
}
