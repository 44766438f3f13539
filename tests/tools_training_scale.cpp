// What training at scale adds: several batches to an update, means of weights, patience, ties.
#include "data/safetensors.h"
#include "tests/tools_small_run.h"
#include "tools/app/run/checkpoint.h"

using namespace babelgrad;

namespace {

void check_resumes(TrainSettings s, const TrainingCorpus& corpus) {
  const auto whole = run(s, corpus);
  Ran pieces;
  Progress silent({.fd = -1});
  s.max_steps = 4;
  for (bool resume = false;
       !run_training(s, corpus, pieces.folder.path, resume, silent).complete; resume = true)
    s.max_steps += 4;
  CHECK(pieces.file("trainer.safetensors") == whole->file("trainer.safetensors"));
  CHECK(pieces.file("model.safetensors") == whole->file("model.safetensors"));
}

}  // namespace

TEST_CASE("accumulation: two batches to an update are as one of both, but for rounding") {
  TrainingCorpus corpus = corpus_of(16);
  for (const char* model : {"rnn", "attention", "transformer"}) {
    TrainSettings s = settings(model);
    s.epochs = 1, s.batch_size = 16;
    const auto one = run(s, corpus);
    s.batch_size = 8, s.accumulate = 2;
    const auto two = run(s, corpus);
    CHECK(one->outcome.steps == 1);
    CHECK(two->outcome.steps == 1);
    const double a = log_of(*one).back().get_double("train_loss");
    CHECK(log_of(*two).back().get_double("train_loss") == doctest::Approx(a).epsilon(1e-5));
    // One step of Adam is lr times the gradient's sign, wherever that is not next to zero.
    CHECK(loss_of(*two->outcome.model, corpus.train) ==
          doctest::Approx(loss_of(*one->outcome.model, corpus.train)).epsilon(1e-3));
  }
  TrainSettings s = settings();
  s.accumulate = 3, s.epochs = 1;               // 16 pairs: two batches, one update
  CHECK(run(s, corpus)->outcome.steps == 1);
  s.accumulate = 1;
  CHECK(run(s, corpus)->outcome.steps == 2);
}

TEST_CASE("patience: a run ends after so many epochs without a better model") {
  TrainingCorpus corpus = corpus_of(20);
  TrainSettings s = settings("rnn");
  s.epochs = 50, s.patience = 2;
  s.schedule.peak = 0;                          // nothing is learnt: the first epoch is the best
  const auto ran = run(s, corpus);
  CHECK(ran->outcome.complete);
  CHECK(ran->outcome.steps == 3 * 3);
  const std::string before = ran->file("trainer.safetensors");
  Progress silent({.fd = -1});
  CHECK(run_training(s, corpus, ran->folder.path, true, silent).complete);
  CHECK(ran->file("trainer.safetensors") == before);           // a run that has ended stays so
}

TEST_CASE("patience: stopped in its last validation, a run still ends with the mean, once") {
  TrainingCorpus corpus = corpus_of(20);
  TrainSettings s = settings("rnn");
  s.epochs = 50, s.patience = 2, s.average = 2;
  s.schedule.peak = 0;
  const auto ran = run(s, corpus);
  const std::string mean = ran->file("model.safetensors");
  auto averages = [&] {
    return std::ranges::count_if(log_of(*ran), [](const Json& it) { return it.find("average"); });
  };
  CHECK(averages() == 1);
  const std::string epoch = read_file(ran->folder.path + "/epoch-2.safetensors");
  write_file_atomically(ran->folder.path + "/model.safetensors", epoch);
  Progress silent({.fd = -1});
  CHECK(run_training(s, corpus, ran->folder.path, true, silent).complete);
  CHECK(ran->file("model.safetensors") == mean);
  CHECK(averages() == 1);                       // and without it in the log it is written there
  write_file_atomically(ran->folder.path + "/log.jsonl", "{\"average\": 2, \"st");
  run_training(s, corpus, ran->folder.path, true, silent);
  CHECK(ran->file("log.jsonl").find("valid_loss") != std::string::npos);
}

TEST_CASE("a run with another number of epochs is resumed, from old checkpoints, too") {
  TrainingCorpus corpus = corpus_of(20);
  TrainSettings s = settings("rnn");
  s.schedule = {Schedule::cosine, 0.01, 2, 0};
  const auto ran = run(s, corpus);
  const std::string path = ran->folder.path + "/trainer.safetensors";
  SafeTensors file = read_safetensors(path, Checksum::required);
  Json place = parse_json(file.metadata_at("place"), "place");
  CHECK(place.get_int("epochs", 0, 9) == 3);
  Json old = Json::object({});
  for (const auto& [key, value] : place.as_object())
    if (key != "epochs") old[key] = value;
  Metadata about{{"place", write_json(old)}, {"run", file.metadata_at("run")}};
  write_safetensors(path, file.tensors, about);
  s.epochs = 4;
  Progress silent({.fd = -1});
  CHECK(run_training(s, corpus, ran->folder.path, true, silent).steps == 12);
}

TEST_CASE("validation by BLEU is logged, and chooses") {
  TrainSettings s = settings("attention");
  s.valid_by = "bleu", s.epochs = 12, s.schedule.peak = 0.05;
  const TrainingCorpus corpus = corpus_of(20);
  const auto ran = run(s, corpus);
  double best = -1;
  int epoch = 0;
  for (const Json& line : log_of(*ran))
    if (line.find("train_loss") && line.get_double("valid_bleu") > best)
      best = line.get_double("valid_bleu"), epoch = int(line.get_int("epoch", 1, 12));
  const SafeTensors file = read_safetensors(ran->folder.path + "/trainer.safetensors",
                                            Checksum::required);
  const Json place = parse_json(file.metadata_at("place"), "place");
  CHECK(best > 0);
  CHECK(place.get_int("best_epoch", 1, 12) == epoch);
  CHECK(place.get_double("best") == -best);
  CHECK(greedy_bleu(*ran->outcome.model, corpus.validation) == doctest::Approx(best));
}

TEST_CASE("ema: the moving mean, by hand; it is what is kept, and never what is trained") {
  Tensor w({2}, {1, 2});
  MovingAverage ema({{"w", w}}, 0.5);
  w.data()[0] = 3;
  ema.update(0);                                // d = min(0.5, 1 / 10)
  CHECK(ema.means[0].tensor.data()[0] == doctest::Approx(0.1 * 1 + 0.9 * 3));
  w.data()[0] = 5;
  ema.update(100);                              // d = 0.5
  CHECK(ema.means[0].tensor.data()[0] == doctest::Approx(0.5 * 2.8 + 0.5 * 5));
  CHECK(ema.means[0].tensor.data()[1] == 2);
  ema.swap();
  CHECK(w.data()[0] == doctest::Approx(3.9));
  CHECK(ema.means[0].tensor.data()[0] == 5);
  CHECK_THROWS_AS(MovingAverage({}, 1), Error);

  TrainSettings s = settings("rnn");
  const auto plain = run(s, corpus_of(20));
  s.ema = 0.9;
  const auto mean = run(s, corpus_of(20));
  CHECK(mean->file("model.safetensors") != plain->file("model.safetensors"));
  const auto trainer = [](const auto& it) {
    return read_safetensors(it->folder.path + "/trainer.safetensors", Checksum::required);
  };
  const SafeTensors before = trainer(plain), now = trainer(mean);
  for (const StoredTensor& t : before.tensors) CHECK(now.at(t.name).bytes == t.bytes);
  CHECK(now.tensors.size() > before.tensors.size());           // ema. beside param. and optim.
}

TEST_CASE("scale: stopped and resumed, all of it ends with the same bytes") {
  TrainingCorpus corpus = corpus_of(40);
  TrainSettings s = settings();
  s.model.dropout = 0.2;
  s.accumulate = 2, s.ema = 0.8, s.average = 2, s.average_of = "best", s.valid_by = "bleu";
  check_resumes(s, corpus);
}

TEST_CASE("tie: one table serves, counted, trained and stored once") {
  TrainingCorpus corpus = corpus_of(30);
  for (const char* model : {"rnn", "attention", "transformer"}) {
    TrainSettings s = settings(model);
    const auto none = run(s, corpus);
    s.model.tie = "decoder";
    const auto decoder = run(s, corpus);
    s.model.tie = "all";
    const auto all = run(s, corpus);
    auto count = [](const Ran& ran) { return parameter_count(ran.outcome.model->module()); };
    const Translator& translator = *decoder->outcome.model;
    CHECK(count(*decoder) == count(*none) - 8 * translator.tgt_vocab.size());
    CHECK(all->outcome.model->src_vocab == all->outcome.model->tgt_vocab);
    auto again = load_model(all->folder.path);
    CHECK(parameter_count(again->module()) == count(*all));
    CHECK(again->translate({corpus.train[0].src}) ==
          all->outcome.model->translate({corpus.train[0].src}));
  }
  TrainSettings s = settings("rnn");
  s.model.tie = "decoder", s.model.embed = 4;
  CHECK(error_of([&] { run(s, corpus); }).find("cannot be") != std::string::npos);
}

TEST_CASE("norm: a pre-norm model is trained, resumed and stored as itself") {
  TrainingCorpus corpus = corpus_of(30);
  TrainSettings s = settings();
  CHECK(!to_json(s.model).find("norm"));
  s.model.norm = "pre", s.model.tie = "all";
  s.ema = 0.8, s.average = 2;
  check_resumes(s, corpus);
  const auto ran = run(s, corpus);
  std::vector<double> losses;                   // of each epoch
  for (const Json& line : log_of(*ran))
    if (line.find("train_loss")) losses.push_back(line.get_double("train_loss"));
  REQUIRE(losses.size() == 3);
  CHECK(losses[2] < 0.9 * losses[0]);
  auto again = load_model(ran->folder.path);
  CHECK(again->config.norm == "pre");
  const auto own = named_parameters(ran->outcome.model->module());
  const auto read = named_parameters(again->module());
  REQUIRE(own.size() == read.size());
  for (std::size_t i = 0; i < own.size(); i++) {
    CHECK(own[i].name == read[i].name);
    CHECK(same_bits(own[i].tensor, read[i].tensor));
  }
  CHECK(again->translate({corpus.train[0].src}) ==
        ran->outcome.model->translate({corpus.train[0].src}));
  again->config.norm = "post";                  // a lie
  save_model(*again, ran->folder.path + "/lie.safetensors");
  CHECK(error_of([&] { load_model(ran->folder.path + "/lie.safetensors"); })
            .find("unexpected encoder.ln.weight") != std::string::npos);
  Json json = to_json(s.model);
  json["model"] = "rnn";
  CHECK(error_of([&] { config_from_json(json); }) == "norm pre is of the Transformer, not of rnn");
  json["norm"] = "sideways";
  CHECK(error_of([&] { config_from_json(json); }).starts_with("config: norm is sideways"));
}
