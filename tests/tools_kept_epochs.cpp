// The epochs that a run keeps for a mean of weights: which, until when, and what if one is gone.
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "tests/tools_small_run.h"
#include "tools/app/run/checkpoint.h"

using namespace babelgrad;

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
  double best = INFINITY;                       // and the best of them is there, too
  for (const Json& line : log_of(*ran))
    if (line.find("train_loss")) best = std::min(best, line.get_double("valid_loss"));
  auto kept = load_model(ran->folder.path + "/best.safetensors");
  CHECK(loss_of(*kept, corpus.validation) == doctest::Approx(best));
  clear_run(ran->folder.path);
  CHECK(std::filesystem::is_empty(ran->folder.path));
}

TEST_CASE("average: an epoch that is gone is a note, and the mean is of the others") {
  TrainingCorpus corpus = corpus_of(40);
  TrainSettings s = settings();
  s.average = 2;
  const auto ran = run(s, corpus);
  const std::string run_folder = ran->folder.path, before = ran->file("model.safetensors");
  const auto resume = [&] {
    const int err = ::open((run_folder + "/said").c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
    Progress progress({.fd = err});
    run_training(s, corpus, run_folder, true, progress);
    ::close(err);
    return ran->file("said");
  };
  remove_file(run_folder + "/epoch-2.safetensors");
  CHECK(resume().find("note: " + run_folder + "/epoch-2.safetensors: is gone; the mean of "
                      "--average is without it\n") != std::string::npos);
  const auto mean = load_model(run_folder), third = load_model(run_folder + "/epoch-3.safetensors");
  const auto a = named_parameters(mean->module()), b = named_parameters(third->module());
  for (std::size_t i = 0; i < a.size(); i++) CHECK(same_bits(a[i].tensor, b[i].tensor));

  remove_file(run_folder + "/epoch-3.safetensors");
  const std::string kept = ran->file("model.safetensors");
  CHECK(resume().find("note: no epoch is left for the mean of --average; the model stays\n") !=
        std::string::npos);
  CHECK(ran->file("model.safetensors") == kept);
  s.epochs = 5;                                 // and the run goes on
  resume();
  CHECK(exists(run_folder + "/epoch-4.safetensors"));
  CHECK(exists(run_folder + "/epoch-5.safetensors"));
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
