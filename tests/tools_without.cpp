// babelgrad train --without: a model without a part keeps its name through file, checkpoint and
// program, and no other model is taken for it.
#include "nn/weights.h"
#include "tests/program.h"
#include "tests/tools_small_run.h"
#include "tools/app/run/without.h"

using namespace babelgrad;

namespace {

ModelConfig without_part(const std::string& model, const std::string& part) {
  ModelConfig config{.model = model, .score = "scaled_dot", .embed = 8, .hidden = 8, .layers = 2,
                     .heads = 2, .ffn = 16, .dropout = 0.3};
  config.without = parts_from(part);
  return config;
}

// test(configuration) without each part, of each model that has it.
template <class Test>
void every_part(const Test& test) {
  for (const Part& part : parts()) {
    for (const char* model : {"attention", "transformer"}) {
      if (part.models.find(model) == std::string::npos) continue;
      INFO(model, " without ", part.name);
      test(without_part(model, part.name));
    }
  }
}

const std::vector<Pair>& few_pairs() {
  static const std::vector<Pair> made = make_corpus(24, 3, {3, 8});
  return made;
}

std::unique_ptr<Translator> ablated(const ModelConfig& config) {
  std::vector<Tokens> src, tgt;
  for (const Pair& pair : few_pairs()) src.push_back(pair.src), tgt.push_back(pair.tgt);
  manual_seed(4);
  return make_translator(config, Vocab(src), Vocab(tgt));
}

std::string refused(const std::string& key, const Json& value) {
  Json json = to_json(without_part("transformer", ""));
  json[key] = value;
  return error_of([&] { config_from_json(json); });
}

}  // namespace

TEST_CASE("parts_from: a list in any order is one list") {
  using Names = std::vector<std::string>;
  CHECK(parts_from("").empty());
  CHECK(parts_from(" , ,") == Names{});
  CHECK(parts_from("residual, mask,positions") == Names{"mask", "positions", "residual"});
  CHECK(parts_from("zebra,attention,ape,mask") == Names{"mask", "attention", "zebra", "ape"});
  CHECK(parts_from("mask,mask") == Names{"mask", "mask"});
}

TEST_CASE("config: parts are written and read; a whole model's file does not name them") {
  CHECK(!to_json(without_part("transformer", "")).find("without"));
  CHECK(config_from_json(to_json(without_part("transformer", ""))).without.empty());
  every_part([](const ModelConfig& config) {
    ModelConfig read = config_from_json(parse_json(write_json(to_json(config)), "test"));
    CHECK(read.without == config.without);
    CHECK(read.lacks(config.without[0]));
    CHECK(!read.lacks("zebra"));
  });
}

TEST_CASE("config: a part that the model has not is refused, as is all that is no list of them") {
  std::string opening = "without: this model has no ", has = " to lose; it has ";
  CHECK(refused("without", Json::array({"zebra\x1b"})).starts_with(opening + "zebra\\x1B" + has));
  CHECK(refused("without", Json::array({"mask", "mask"})).starts_with(opening + "mask" + has));
  CHECK(refused("without", std::vector<std::string>(11, "mask")) ==
        "config: without has 11 parts; there are 10");
  CHECK(refused("without", "mask") == "without: expected an array, found \"mask\"");
  CHECK(refused("without", Json::array({7})) == "without: expected a string, found 7");
  CHECK(refused("without", Json::array({})).empty());
  for (const Part& part : parts()) {
    for (const char* model : {"rnn", "attention", "transformer"}) {
      bool has_it = part.models.find(model) != std::string::npos;
      CHECK(error_of([&] { check_parts(without_part(model, part.name)); }).empty() == has_it);
    }
  }
  ModelConfig additive = without_part("attention", "scaling");
  additive.score = "additive";
  CHECK(error_of([&] { check_parts(additive); }) == opening + "scaling" + has + "attention");
  manual_seed(9);
  std::uint64_t before = generator().counter();
  check_parts(without_part("transformer", "ffn"));
  CHECK(error_of([&] { check_parts(without_part("rnn", "ffn")); }) != "");
  CHECK(generator().counter() == before);
}

TEST_CASE("without each part a model file gives back the same model") {
  every_part([](const ModelConfig& config) {
    auto model = ablated(config);
    Folder folder;
    save_model(*model, folder.path + "/model.safetensors");
    auto read = load_model(folder.path);
    CHECK(to_json(read->config) == to_json(config));
    check_same_numbers(model->module(), read->module());
    eval(model->module());
    std::vector<Tokens> some{few_pairs()[0].src, few_pairs()[1].src, few_pairs()[2].src};
    CHECK(read->translate(some) == model->translate(some));
    CHECK(loss_of(*read, few_pairs()) == loss_of(*model, few_pairs()));
    Batch batch = read->source_batch({few_pairs()[0].src});
    bool looks = !read->attention(batch.src, batch.lens.src, Ints(Shape{1, 2}, 5)).empty();
    CHECK(looks == !config.lacks("attention"));
    save_model(*read, folder.path + "/again.safetensors");
    CHECK(read_file(folder.path + "/again.safetensors") ==
          read_file(folder.path + "/model.safetensors"));
  });
}

TEST_CASE("a file of one model is no other's, and sizes that are not stored cost nothing") {
  Folder folder;
  std::string path = folder.path + "/model.safetensors";
  auto tied = ablated(without_part("transformer", "W_v"));
  tied->config.without = {};                    // a lie
  save_model(*tied, path);
  CHECK(error_of([&] { load_model(path); }).find("missing encoder.blks.0.attention.W_v.weight") !=
        std::string::npos);
  auto whole = ablated(without_part("transformer", ""));
  whole->config.without = {"W_v"};
  save_model(*whole, path);
  CHECK(error_of([&] { load_model(path); }).find("unexpected encoder.blks.0.attention.W_v") !=
        std::string::npos);
  auto flat = ablated(without_part("transformer", "ffn"));
  flat->config.ffn = 1 << 20;
  save_model(*flat, path);
  CHECK(load_model(path)->config.ffn == 1 << 20);
}

TEST_CASE("without each part a run stopped and resumed ends with the bytes of one that was not") {
  TrainingCorpus corpus{few_pairs(), {few_pairs().begin(), few_pairs().begin() + 5}};
  every_part([&](const ModelConfig& config) {
    TrainSettings s{.model = config, .batch_size = 4, .epochs = 1,
                    .schedule = {Schedule::constant, 0.003, 0, 0}, .seed = 7};
    Folder one, two;
    CHECK(quiet_run(s, corpus, one.path).complete);
    s.max_steps = 3;
    CHECK(!quiet_run(s, corpus, two.path).complete);
    s.max_steps = 0;
    TrainSettings other = s;
    other.model.without = {};
    CHECK(error_of([&] { quiet_run(other, corpus, two.path, true); })
              .find("was trained with without [") != std::string::npos);
    CHECK(quiet_run(s, corpus, two.path, true).complete);
    for (const char* file : {"/trainer.safetensors", "/model.safetensors"})
      CHECK(read_file(one.path + file) == read_file(two.path + file));
    if (!config.lacks("mask")) return;          // the other way about, once
    other.max_steps = 3;
    quiet_run(other, corpus, one.path);
    CHECK(error_of([&] { quiet_run(s, corpus, one.path, true); })
              .find("was trained with without unset, not [") != std::string::npos);
  });
}

TEST_CASE("program: train --without names what it takes, and refuses what is not there") {
  Folder folder;
  std::string tiny = " --pairs 80 --max-length 6 --hidden 8 --embed 8 --layers 1 --heads 2 "
                     "--ffn 8 --epochs 1 --out run ";
  Said shown = said_by(folder, "train --model transformer --without norm,mask --dump-config");
  CHECK(says(shown.out, "\nwithout = norm,mask\n"));
  CHECK(says(said_by(folder, "train --model rnn --dump-config").out, "\nwithout = \n"));
  for (const char* wrong : {"rnn --without attention", "attention --without residual",
                            "transformer --without=mask,residul", "attention --without scaling"}) {
    Said refusal = said_by(folder, std::string("train --model ") + wrong + tiny);
    CHECK_MESSAGE(refusal.status == 2, refusal.err);
    CHECK(refusal.err.starts_with("error: train: --without: this model has no "));
    CHECK(std::ranges::count(refusal.err, '\n') == 1);
    CHECK(!exists(folder.path + "/run"));
  }
  std::string all = "mask,positions,residual,norm,ffn,scaling,W_v,self-attention,attention";
  CHECK(said_by(folder, "train --model transformer --without " + all + tiny).status == 0);
  CHECK(said_by(folder, "evaluate run --limit 3").status == 0);
  CHECK(said_by(folder, "evaluate run --limit 3 --beam 2").status == 0);
  Said blind = said_by(folder, "attend run 'the dog sleeps .'");
  CHECK(blind.status == 1);
  CHECK(blind.err == "error: attention: this model has none; train --model attention or "
                     "transformer\n");
  CHECK(said_by(folder, "attend run 'the dog sleeps .' --html page.html").status == 0);
  Said told = said_by(folder, "explain run 'the dog sleeps .'");
  CHECK(told.status == 0);
  CHECK(says(told.out, "scaled embeddings"));
  CHECK(says(told.out, "self-attention: scores"));   // of the decoder
  for (const char* gone : {"cross-attention", "feed-forward", "norm"})
    CHECK_MESSAGE(told.out.find(gone) == std::string::npos, gone);
}
