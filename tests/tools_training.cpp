// Same seed, same bits: on any number of threads, and however often the run is stopped and resumed.
#include "data/file.h"
#include "data/grammar.h"
#include "nn/weights.h"
#include "tensor/parallel.h"
#include "tests/close.h"
#include "tests/folder.h"
#include "tools/app/run/train.h"

using namespace babelgrad;

namespace {

TrainingCorpus small_corpus(int count) {
  TrainingCorpus corpus;
  corpus.train = make_corpus(count, 3, {3, 8});
  corpus.validation = {corpus.train.begin(), corpus.train.begin() + 5};
  return corpus;
}

TrainSettings small_settings(const std::string& model) {
  TrainSettings s;
  s.model = {.model = model, .embed = 8, .hidden = 8, .layers = 2, .heads = 2, .ffn = 16,
             .dropout = 0.3};
  s.batch_size = 4;
  s.epochs = 3;
  s.seed = 7;
  s.schedule = {Schedule::inverse_sqrt, 0.01, 10, 0};
  return s;
}

// Weights, moments and random state after training, as the bytes of the checkpoint.
std::string trained(const TrainSettings& s, const TrainingCorpus& corpus,
                    const std::string& folder) {
  Progress silent({.fd = -1});
  CHECK(run_training(s, corpus, folder, false, silent).complete);
  return read_file(folder + "/trainer.safetensors");
}

// The same run, stopped and resumed after every `stride` steps.
std::string in_pieces(TrainSettings s, const TrainingCorpus& corpus, const std::string& folder,
                      int stride) {
  Progress silent({.fd = -1});
  s.max_steps = stride;
  for (bool resume = false; !run_training(s, corpus, folder, resume, silent).complete;
       resume = true) {
    s.max_steps += stride;
  }
  return read_file(folder + "/trainer.safetensors");
}

}  // namespace

TEST_CASE("the same weights from 1, 2, 3 and 4 threads, every model, dropout on") {
  TrainingCorpus corpus = small_corpus(60);
  for (const char* model : {"rnn", "attention", "transformer"}) {
    TrainSettings s = small_settings(model);
    s.model.embed = s.model.hidden = 64;        // large enough for the threads to share the work
    s.batch_size = 30;
    set_threads(1);
    std::string one = trained(s, corpus, Folder().path);
    for (int n : {2, 3, 4}) {
      set_threads(n);
      CHECK_MESSAGE(trained(s, corpus, Folder().path) == one, model, " with ", n, " threads");
    }
    set_threads(2);
  }
}

TEST_CASE("a run of 60 steps stopped and resumed after every step ends with the same bytes") {
  TrainingCorpus corpus = small_corpus(80);
  for (const char* model : {"rnn", "attention", "transformer"}) {
    TrainSettings s = small_settings(model);
    std::string whole = trained(s, corpus, Folder().path);
    for (int stride : {1, 7, 20, 59}) {
      CHECK_MESSAGE(in_pieces(s, corpus, Folder().path, stride) == whole,
                    model, " in pieces of ", stride);
    }
  }
  for (const char* optimizer : {"sgd", "adamw"}) {
    TrainSettings s = small_settings("rnn");
    s.optimizer = optimizer;
    s.momentum = 0.9, s.weight_decay = 0.01;
    CHECK_MESSAGE(in_pieces(s, corpus, Folder().path, 1) == trained(s, corpus, Folder().path),
                  optimizer);
  }
}

TEST_CASE("resuming on another number of threads changes nothing") {
  TrainingCorpus corpus = small_corpus(60);
  TrainSettings s = small_settings("transformer");
  s.batch_size = 30;
  set_threads(1);
  std::string whole = trained(s, corpus, Folder().path);
  Folder folder;
  Progress silent({.fd = -1});
  s.max_steps = 3;
  run_training(s, corpus, folder.path, false, silent);
  s.max_steps = 0;
  set_threads(4);
  run_training(s, corpus, folder.path, true, silent);
  set_threads(2);
  CHECK(read_file(folder.path + "/trainer.safetensors") == whole);
}

TEST_CASE("another setting or corpus is refused on resume, by its name") {
  TrainingCorpus corpus = small_corpus(20);
  TrainSettings s = small_settings("rnn");
  Folder folder;
  Progress silent({.fd = -1});
  s.max_steps = 2;
  run_training(s, corpus, folder.path, false, silent);
  auto resumed_with = [&](auto change) {
    TrainSettings other = s;
    change(other);
    return error_of([&] { run_training(other, corpus, folder.path, true, silent); });
  };
  CHECK(resumed_with([](auto& o) { o.model.hidden = 16; })
            .find("was trained with hidden 8, not 16") != std::string::npos);
  CHECK(resumed_with([](auto& o) { o.seed = 8; }).find("seed") != std::string::npos);
  CHECK(resumed_with([](auto& o) { o.batch_size = 5; }).find("batch_size") != std::string::npos);
  CHECK(resumed_with([](auto& o) { o.optimizer = "sgd"; }).find("optimizer") != std::string::npos);
  CHECK(resumed_with([](auto& o) { o.schedule.peak = 0.5; }).find("lr") != std::string::npos);
  corpus.train.push_back(corpus.validation.front());           // it is trained on, not validated
  corpus.validation.erase(corpus.validation.begin());
  CHECK(resumed_with([](auto&) {}).find("another corpus") != std::string::npos);
  corpus.train.pop_back();
  CHECK(resumed_with([](auto&) {}).find("another corpus; resume with the same pairs") !=
        std::string::npos);
}

TEST_CASE("a run is ready once its model, checkpoint and schedule are right, and not before") {
  TrainingCorpus corpus = small_corpus(20);
  Folder folder;
  Progress silent({.fd = -1});
  int ready = 0;
  auto tried = [&](TrainSettings s, bool resume) {
    return error_of([&] {
      run_training(s, corpus, folder.path, resume, silent, [&] { ready++; });
    });
  };
  TrainSettings s = small_settings("transformer");
  s.model.heads = 3;
  CHECK(tried(s, false).find("num_heads") != std::string::npos);
  s = small_settings("rnn"), s.vocab_size = 3;
  CHECK(!tried(s, false).empty());
  s = small_settings("rnn"), s.schedule = {Schedule::cosine, 0.01, 99, 0};
  CHECK(tried(s, false) == "train: --warmup 99 leaves nothing of a run of 15 updates; take less, "
                           "or more --epochs");
  s.schedule.total = 50;
  CHECK(tried(s, false) == "train: --decay-steps 50 must be above --warmup 99");
  CHECK(tried(small_settings("rnn"), true).find("trainer.safetensors") != std::string::npos);
  CHECK(ready == 0);
  CHECK(std::filesystem::is_empty(folder.path));
  CHECK(tried(small_settings("rnn"), false).empty());
  CHECK(ready == 1);
  s = small_settings("rnn"), s.seed = 8;
  CHECK(tried(s, true).find("seed") != std::string::npos);
  CHECK(ready == 1);
}

TEST_CASE("max_steps: a run that has had so many takes none when it is resumed") {
  TrainingCorpus corpus = small_corpus(20);
  TrainSettings s = small_settings("rnn");
  s.max_steps = 2;
  Folder folder;
  Progress silent({.fd = -1});
  CHECK(run_training(s, corpus, folder.path, false, silent).steps == 2);
  const std::string before = read_file(folder.path + "/trainer.safetensors");
  for (int again = 0; again < 2; again++) {
    const TrainOutcome out = run_training(s, corpus, folder.path, true, silent);
    CHECK(!out.complete);
    CHECK(out.steps == 2);
    CHECK(read_file(folder.path + "/trainer.safetensors") == before);
  }
}

TEST_CASE("a validation loss that is not finite is the worst, and the run goes on from it") {
  TrainingCorpus corpus = small_corpus(20);
  TrainSettings s = small_settings("transformer");
  s.model.dropout = 0, s.batch_size = 50, s.epochs = 1, s.average = 1;
  s.schedule = {Schedule::constant, is_double ? 1e300 : 1e30, 0, 0};
  Folder folder;
  trained(s, corpus, folder.path);
  CHECK(read_file(folder.path + "/log.jsonl").find("\"valid_loss\":null") != std::string::npos);
  Progress silent({.fd = -1});
  CHECK(run_training(s, corpus, folder.path, true, silent).complete);
}

TEST_CASE("a loss that is not finite stops the run, names the step and harms no file") {
  TrainingCorpus corpus = small_corpus(20);
  TrainSettings s = small_settings("rnn");
  s.optimizer = "sgd";
  s.clip = 0;
  s.schedule = {Schedule::constant, 0.01, 0, 0};
  Folder folder;
  Progress silent({.fd = -1});
  s.max_steps = 2;
  run_training(s, corpus, folder.path, false, silent);
  std::string before = read_file(folder.path + "/model.safetensors");
  s.max_steps = 0;
  s.schedule.peak = is_double ? 1e308 : 3e38;
  Folder other;
  std::string message = error_of([&] { run_training(s, corpus, other.path, false, silent); });
  CHECK_MESSAGE(message.find("not finite") != std::string::npos, message);
  CHECK(read_file(folder.path + "/model.safetensors") == before);
  CHECK(load_model(folder.path) != nullptr);
}
