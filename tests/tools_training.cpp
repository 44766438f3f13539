// Same seed, same bits: on any number of threads, and however often the run is stopped and resumed.
// What a run's record keeps of its data.
#include "data/safetensors.h"
#include "tensor/parallel.h"
#include "tests/program.h"
#include "tests/tools_small_run.h"
#include "tools/app/run/checkpoint.h"
#include "tools/app/run/record.h"

using namespace babelgrad;

namespace {

TrainSettings dropped(const std::string& model) {
  TrainSettings s = settings(model);
  s.model.layers = 2, s.model.dropout = 0.3, s.batch_size = 4;
  s.schedule = {Schedule::inverse_sqrt, 0.01, 10, 0};
  return s;
}

// Weights, moments and random state after training, as the bytes of the checkpoint.
std::string end_of(const Ran& ran) { return ran.file("trainer.safetensors"); }
std::string end_of(const TrainSettings& s, const TrainingCorpus& corpus) {
  return end_of(*run(s, corpus));
}

SafeTensors read_end(const Ran& ran) {
  return read_safetensors(ran.folder.path + "/trainer.safetensors", Checksum::required);
}
Json place_of(const Ran& ran) {
  return parse_json(read_end(ran).metadata_at("place"), "place");
}

void check_resumes(const TrainSettings& s, const TrainingCorpus& corpus) {
  const auto whole = run(s, corpus), pieces = in_pieces(s, corpus, 4);
  CHECK(end_of(*pieces) == end_of(*whole));
  CHECK(pieces->file("model.safetensors") == whole->file("model.safetensors"));
}

std::vector<double> logged(const Ran& ran, const std::string& key) {   // of each epoch
  std::vector<double> values;
  for (const Json& line : log_of(ran))
    if (line.find("train_loss")) values.push_back(line.get_double(key));
  return values;
}

// Thirty pairs, French in the first column; three sources have two translations each.
std::string own_pairs() {
  std::string lines;
  for (int i = 0; i < 24; i++) lines += join("le mot ", i, " dort .\tthe word ", i, " sleeps .\n");
  for (int i = 0; i < 3; i++)
    lines += join("la note ", i, "\tthe note ", i, "\nune note ", i, "\tthe note ", i, "\n");
  return lines;
}

}  // namespace

TEST_CASE("hold-out: a tenth of the pairs validates, no source is on both sides, always the same") {
  Folder folder;
  write_file_atomically(folder.path + "/own.tsv", own_pairs());
  PairSource source;
  source.data = folder.path + "/own.tsv", source.swap = true;
  const TrainingCorpus corpus = read_pairs(source, Tokenizer::standard);
  CHECK((corpus.train.size() == 27 && corpus.validation.size() == 3));
  for (const Pair& held : corpus.validation)
    for (const Pair& pair : corpus.train) CHECK(held.src != pair.src);
  CHECK(corpus_checksum(corpus) == corpus_checksum(read_pairs(source, Tokenizer::standard)));
  source.hold_out = 0.5;
  CHECK(read_pairs(source, Tokenizer::standard).validation.size() == 15);
  source.hold_out = 0;
  CHECK(read_pairs(source, Tokenizer::standard).train.size() == 30);
  source.hold_out = 0.1, source.limit = 9;
  CHECK(read_pairs(source, Tokenizer::standard).validation.empty());
}

TEST_CASE("from: another run begins with the weights and words of one") {
  Folder folder;
  write_file_atomically(folder.path + "/own.tsv", own_pairs());
  REQUIRE(said_by(folder, "train --data own.tsv --swap --model attention --hidden 6 --embed 6 "
                          "--layers 1 --epochs 2 --out run").status == 0);
  write_file_atomically(folder.path + "/more.tsv",
                        "le mot 1\tthe word 1\nle mot zyx\tthe word 2\n");
  const Said tuned = said_by(folder, "train --from run --out new --data more.tsv --swap --epochs 4 "
                                     "--lr 1e-12 --max-steps 2 --threads 1");
  REQUIRE_MESSAGE(tuned.status == 0, tuned.err);
  const auto one = load_model(folder.path + "/run"), two = load_model(folder.path + "/new");
  CHECK((one->src_vocab == two->src_vocab && one->tgt_vocab == two->tgt_vocab));
  const Parameter before = named_parameters(one->module())[0];
  const Parameter after = named_parameters(two->module())[0];
  for (Index i = 0; i < before.tensor.numel(); i++)
    CHECK(std::abs(before.tensor.data()[i] - after.tensor.data()[i]) < 1e-6);
}

TEST_CASE("the same weights from 1, 2, 3 and 4 threads, every model, dropout on") {
  TrainingCorpus corpus = corpus_of(60);
  for (const char* model : {"rnn", "attention", "transformer"}) {
    TrainSettings s = dropped(model);
    s.model.embed = s.model.hidden = 64;        // large enough for the threads to share the work
    s.batch_size = 30;
    set_threads(1);
    std::string one = end_of(s, corpus);
    for (int n : {2, 3, 4}) {
      set_threads(n);
      CHECK_MESSAGE(end_of(s, corpus) == one, model, " with ", n, " threads");
    }
    set_threads(2);
  }
}

TEST_CASE("a run of 60 steps stopped and resumed after every step ends with the same bytes") {
  OneThread guard;
  TrainingCorpus corpus = corpus_of(80);
  for (const char* model : {"rnn", "attention", "transformer"}) {
    TrainSettings s = dropped(model);
    std::string whole = end_of(s, corpus);
    for (int stride : {1, 7, 20, 59})
      CHECK_MESSAGE(end_of(*in_pieces(s, corpus, stride)) == whole, model, " by ", stride);
  }
  for (Descent optimizer : {Descent::sgd, Descent::adamw}) {
    TrainSettings s = dropped("rnn");
    s.optimizer = optimizer;
    s.momentum = 0.9, s.weight_decay = 0.01;
    CHECK_MESSAGE(end_of(*in_pieces(s, corpus, 1)) == end_of(s, corpus), s.optimizer.word());
  }
}

TEST_CASE("resuming on another number of threads changes nothing") {
  TrainingCorpus corpus = corpus_of(60);
  TrainSettings s = dropped("transformer");
  s.batch_size = 30;
  set_threads(1);
  std::string whole = end_of(s, corpus);
  Folder folder;
  s.max_steps = 3;
  quiet_run(s, corpus, folder.path);
  s.max_steps = 0;
  set_threads(4);
  quiet_run(s, corpus, folder.path, true);
  set_threads(2);
  CHECK(read_file(folder.path + "/trainer.safetensors") == whole);
}

TEST_CASE("without each part a run stopped and resumed ends with the bytes of one that was not") {
  OneThread guard;
  const TrainingCorpus corpus = corpus_of(24);
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
    CHECK(says(error_of([&] { quiet_run(other, corpus, two.path, true); }),
               "was trained with --without ["));
    CHECK(quiet_run(s, corpus, two.path, true).complete);
    for (const char* file : {"/trainer.safetensors", "/model.safetensors"})
      CHECK(read_file(one.path + file) == read_file(two.path + file));
    if (!config.lacks("mask")) return;          // the other way about, once
    other.max_steps = 3;
    quiet_run(other, corpus, one.path);
    CHECK(says(error_of([&] { quiet_run(s, corpus, one.path, true); }),
               "was trained with --without unset, not ["));
  });
}

TEST_CASE("precision bf16: other weights, the same on 1, 2, 3 and 8 threads, stopped and resumed") {
  const TrainingCorpus corpus = corpus_of(40);
  for (const char* model : {"rnn", "attention", "transformer"}) {
    CAPTURE(model);
    TrainSettings s = dropped(model);
    s.epochs = 2;
    const std::string full = end_of(s, corpus);
    s.precision = Precision::bf16;
    set_threads(1);
    const auto one = run(s, corpus);
    CHECK(end_of(*one) != full);
    CHECK(parse_json(one->outcome.model->training, "training").get_string("precision") == "bf16");
    for (int n : {2, 3, 8}) {
      set_threads(n);
      CHECK_MESSAGE(end_of(*in_pieces(s, corpus, 7)) == end_of(*one), n, " threads");
    }
    set_threads(2);
    CHECK(precision() == Precision::full);      // and so it is validated, and translates
    CHECK(loss_of(*one->outcome.model, corpus.validation) ==
          std::ranges::min(logged(*one, "valid_loss")));
  }
}

TEST_CASE("a run is ready once its model, checkpoint and schedule are right, and not before") {
  TrainingCorpus corpus = corpus_of(20);
  Folder folder;
  int ready = 0;
  auto tried = [&](TrainSettings s, bool resume) {
    Progress silent({.fd = -1});
    return error_of([&] {
      run_training(s, corpus, folder.path, resume, silent, [&] { ready++; });
    });
  };
  TrainSettings s = dropped("transformer");
  s.model.heads = 3;
  CHECK(says(tried(s, false), "num_heads"));
  s = dropped("rnn"), s.vocab_size = 3;
  CHECK(!tried(s, false).empty());
  s = dropped("rnn"), s.schedule = {Schedule::cosine, 0.01, 99, 0};
  CHECK(says(tried(s, false), "--warmup 99"));
  CHECK(says(tried(dropped("rnn"), true), "trainer.safetensors"));
  CHECK(ready == 0);
  CHECK(std::filesystem::is_empty(folder.path));
  CHECK(tried(dropped("rnn"), false).empty());
  CHECK(ready == 1);
  s = dropped("rnn"), s.seed = 8;
  CHECK(says(tried(s, true), "seed"));
  CHECK(ready == 1);
}

TEST_CASE("a validation loss that is not finite is the worst, and the run goes on from it") {
  TrainingCorpus corpus = corpus_of(20);
  TrainSettings s = dropped("transformer");
  s.model.dropout = 0, s.batch_size = 50, s.epochs = 1, s.average = 1;
  s.schedule = {Schedule::constant, is_double ? 1e300 : 1e30, 0, 0};
  Folder folder;
  CHECK(quiet_run(s, corpus, folder.path).complete);
  CHECK(says(read_file(folder.path + "/log.jsonl"), "\"valid_loss\":null"));
  CHECK(quiet_run(s, corpus, folder.path, true).complete);
}

TEST_CASE("a loss that is not finite stops the run, names the step and harms no file") {
  TrainingCorpus corpus = corpus_of(20);
  TrainSettings s = dropped("rnn");
  s.optimizer = "sgd";
  s.clip = 0;
  s.schedule = {Schedule::constant, 0.01, 0, 0};
  Folder folder;
  s.max_steps = 2;
  quiet_run(s, corpus, folder.path);
  std::string before = read_file(folder.path + "/model.safetensors");
  s.max_steps = 0;
  s.schedule.peak = is_double ? 1e308 : 3e38;
  Folder other;
  std::string message = error_of([&] { quiet_run(s, corpus, other.path); });
  CHECK_MESSAGE(says(message, "not finite"), message);
  CHECK(read_file(folder.path + "/model.safetensors") == before);
  CHECK(load_model(folder.path) != nullptr);
}

// --- at scale: several batches to an update, means of weights, patience, ties

TEST_CASE("accumulation: two batches to an update are as one of both, but for rounding") {
  OneThread guard;
  TrainingCorpus corpus = corpus_of(16);
  for (const char* model : {"rnn", "attention", "transformer"}) {
    TrainSettings s = settings(model);
    s.epochs = 1, s.batch_size = 16;
    const auto one = run(s, corpus);
    s.batch_size = 8, s.accumulate = 2;
    const auto two = run(s, corpus);
    CHECK(one->outcome.steps == 1);
    CHECK(two->outcome.steps == 1);
    CHECK(logged(*two, "train_loss")[0] ==
          doctest::Approx(logged(*one, "train_loss")[0]).epsilon(1e-5));
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
  const std::string before = end_of(*ran);
  CHECK(quiet_run(s, corpus, ran->folder.path, true).complete);
  CHECK(end_of(*ran) == before);           // a run that has ended stays so
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
  CHECK(quiet_run(s, corpus, ran->folder.path, true).complete);
  CHECK(ran->file("model.safetensors") == mean);
  CHECK(averages() == 1);                       // and without it in the log it is written there
  write_file_atomically(ran->folder.path + "/log.jsonl", "{\"average\": 2, \"st");
  quiet_run(s, corpus, ran->folder.path, true);
  CHECK(says(ran->file("log.jsonl"), "valid_loss"));
}

TEST_CASE("a run with another number of epochs is resumed, from old checkpoints, too") {
  TrainingCorpus corpus = corpus_of(20);
  TrainSettings s = settings("rnn");
  s.schedule = {Schedule::cosine, 0.01, 2, 0};
  const auto ran = run(s, corpus);
  const SafeTensors file = read_end(*ran);
  const Json place = place_of(*ran);
  CHECK(place.get_int("epochs", 0, 9) == 3);
  Json old = Json::object({});
  for (const auto& [key, value] : place.as_object())
    if (key != "epochs") old[key] = value;
  Metadata about{{"place", write_json(old)}, {"run", file.metadata_at("run")}};
  write_safetensors(ran->folder.path + "/trainer.safetensors", file.tensors, about);
  s.epochs = 4;
  CHECK(quiet_run(s, corpus, ran->folder.path, true).steps == 12);
}

TEST_CASE("validation by BLEU is logged, and chooses") {
  OneThread guard;
  TrainSettings s = settings("attention");
  s.valid_by = "bleu", s.epochs = 12, s.schedule.peak = 0.05;
  const TrainingCorpus corpus = corpus_of(20);
  const auto ran = run(s, corpus);
  const std::vector<double> bleu = logged(*ran, "valid_bleu");
  const auto first = std::ranges::max_element(bleu);
  const double best = *first;
  CHECK(best > 0);
  CHECK(place_of(*ran).get_int("best_epoch", 1, 12) == first - bleu.begin() + 1);
  CHECK(place_of(*ran).get_double("best") == -best);
  CHECK(greedy_bleu(*ran->outcome.model, corpus.validation) == doctest::Approx(best));
}

TEST_CASE("ema: the moving mean is what is kept, and never what is trained") {
  TrainSettings s = settings("rnn");
  const auto plain = run(s, corpus_of(20));
  s.ema = 0.9;
  const auto mean = run(s, corpus_of(20));
  CHECK(mean->file("model.safetensors") != plain->file("model.safetensors"));
  const SafeTensors before = read_end(*plain), now = read_end(*mean);
  for (const StoredTensor& t : before.tensors) CHECK(now.at(t.name).bytes == t.bytes);
  CHECK(now.tensors.size() > before.tensors.size());           // ema. beside param. and optim.
}

TEST_CASE("scale: stopped and resumed, all of it ends with the same bytes") {
  OneThread guard;
  TrainingCorpus corpus = corpus_of(40);
  TrainSettings s = settings();
  s.model.dropout = 0.2;
  s.accumulate = 2, s.ema = 0.8, s.average = 2, s.average_of = "best", s.valid_by = "bleu";
  check_resumes(s, corpus);
}

TEST_CASE("tie: one table serves, counted, trained and stored once") {
  OneThread guard;
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
  CHECK(says(error_of([&] { run(s, corpus); }), "cannot be"));
}

TEST_CASE("norm: a pre-norm model is trained, resumed and stored as itself") {
  OneThread guard;
  TrainingCorpus corpus = corpus_of(30);
  TrainSettings s = settings();
  CHECK(!to_json(s.model).find("norm"));
  s.model.norm = "pre", s.model.tie = "all";
  s.ema = 0.8, s.average = 2;
  check_resumes(s, corpus);
  const auto ran = run(s, corpus);
  const std::vector<double> losses = logged(*ran, "train_loss");
  REQUIRE(losses.size() == 3);
  CHECK(losses[2] < 0.9 * losses[0]);
  auto again = load_model(ran->folder.path);
  CHECK(again->config.norm == "pre");
  check_same_numbers(ran->outcome.model->module(), again->module());
  CHECK(again->translate({corpus.train[0].src}) ==
        ran->outcome.model->translate({corpus.train[0].src}));
  again->config.norm = "post";                  // a lie
  save_model(*again, ran->folder.path + "/lie.safetensors");
  CHECK(says(error_of([&] { load_model(ran->folder.path + "/lie.safetensors"); }),
             "unexpected encoder.ln.weight"));
  Json json = to_json(s.model);
  json["model"] = "rnn";
  CHECK(error_of([&] { config_from_json(json); }) == "norm pre needs a Transformer, not rnn");
  json["norm"] = "sideways";
  CHECK(error_of([&] { config_from_json(json); }).starts_with("config: norm is sideways"));
}

// --- the epochs that a run keeps for a mean of weights: which, until when, and what if one is gone

TEST_CASE("average: what is kept is the mean of the last epochs' weights") {
  TrainingCorpus corpus = corpus_of(40);
  TrainSettings s = settings();
  s.average = 2;
  const auto ran = run(s, corpus);
  CHECK(!exists(ran->folder.path + "/epoch-1.safetensors"));
  auto second = load_model(ran->folder.path + "/epoch-2.safetensors");
  auto third = load_model(ran->folder.path + "/epoch-3.safetensors");
  auto a = named_parameters(second->module()), b = named_parameters(third->module());
  auto mean = named_parameters(ran->outcome.model->module());
  for (std::size_t i = 0; i < mean.size(); i++)
    for (Index j = 0; j < mean[i].tensor.numel(); j++)
      CHECK(mean[i].tensor.data()[j] ==
            Real((double(a[i].tensor.data()[j]) + double(b[i].tensor.data()[j])) / 2));
  CHECK(log_of(*ran).back().get_int("average", 0, 9) == 2);
  auto kept = load_model(ran->folder.path + "/best.safetensors");       // and the best of them
  CHECK(loss_of(*kept, corpus.validation) ==
        doctest::Approx(std::ranges::min(logged(*ran, "valid_loss"))));
  clear_run(ran->folder.path);
  CHECK(std::filesystem::is_empty(ran->folder.path));
}

TEST_CASE("checkpoint: a score that is not finite is the worst, before a resume and after it") {
  TrainingCorpus corpus = corpus_of(20);
  TrainSettings s = settings("rnn");
  s.average = 2, s.average_of = "best", s.epochs = 2;
  const auto ran = run(s, corpus);
  Learning state;
  state.model = load_model(ran->folder.path);
  state.optim = std::make_unique<SGD>(named_parameters(state.model->module()), Real(0.1));
  state.kept = {ran->folder.path, 2, true, {{1, NAN}, {2, 0.5}, {3, INFINITY}}};
  state.best = -INFINITY;
  const Checkpoint checkpoint{ran->folder.path + "/other.safetensors",
                              Json::object({{"clip", INFINITY}})};
  checkpoint.save(state);
  checkpoint.load(state);
  REQUIRE(state.kept.all.size() == 3);
  CHECK(state.kept.all[0].score == INFINITY);
  CHECK(state.kept.all[1].score == 0.5);
  CHECK(state.kept.all[2].score == INFINITY);
  CHECK(state.best == INFINITY);
}

TEST_CASE("average: of the best epochs, those with the lowest scores stay") {
  Folder folder;
  auto model = run(settings(), corpus_of(20))->outcome.model.release();
  std::unique_ptr<Translator> owner(model);
  KeptEpochs kept{folder.path, 2, true};
  for (auto [epoch, score] : {std::pair{1, 0.5}, {2, 0.9}, {3, 0.4}, {4, 0.6}})
    kept.add(*model, {epoch, score});
  for (int epoch = 1; epoch <= 4; epoch++)      // until the checkpoint is on the disk
    CHECK(exists(join(folder.path, "/epoch-", epoch, ".safetensors")));
  kept.remove_others();
  REQUIRE(kept.all.size() == 2);
  CHECK(kept.all[0].epoch == 1);
  CHECK(kept.all[1].epoch == 3);
  CHECK(!exists(folder.path + "/epoch-2.safetensors"));
  CHECK(!exists(folder.path + "/epoch-4.safetensors"));
  CHECK(error_of([] { KeptEpochs().mean(); }) == "average: no epoch was kept");
}
