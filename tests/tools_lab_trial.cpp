// The small trainings of the lab: deterministic, as long as asked for, and honest about a failure.
#include "tools/lab/trial.h"

#include <limits>
#include <set>

#include "tests/tools_small_run.h"

using namespace babelgrad;
using namespace babelgrad::lab;

namespace {

const char* const models[] = {"rnn", "attention", "transformer"};

const std::vector<Pair>& pairs() {
  static const std::vector<Pair> made = make_corpus(48, 3, {3, 8});
  return made;
}

// Eight batches to an epoch.
TrainSettings tiny(const std::string& model, int steps = 10) {
  TrainSettings s = small_training(model, 8, 1, steps, 0.01);
  s.model.heads = 2, s.model.dropout = 0.3;
  s.batch_size = 6;
  return s;
}

Trained trained(const TrainSettings& settings, const LabOptions& options = {}) {
  return Trials(options, 1).train("it", settings, pairs());
}

bool same(const Trained& a, const Trained& b) {
  auto x = named_parameters(a.model->module()), y = named_parameters(b.model->module());
  return a.losses == b.losses && a.grad_norms == b.grad_norms &&
         std::ranges::equal(x, y, [](const auto& p, const auto& q) {
           return p.name == q.name && same_bits(p.tensor, q.tensor);
         });
}

}  // namespace

TEST_CASE("trial: the same seed gives the same bits, on 1 and on 2 threads; another gives others") {
  OneThread guard;
  for (const char* model : models) {
    INFO(model);
    TrainSettings s = tiny(model, 2);
    s.model.embed = s.model.hidden = s.model.ffn = 64;    // enough for threads to share the work
    s.batch_size = 16;
    set_threads(1);
    const Trained one = trained(s);
    CHECK(same(one, trained(s)));
    set_threads(2);
    CHECK(same(one, trained(s)));
    s.seed = 1;
    const Trained other = trained(s);
    CHECK(!same(one, other));
    CHECK(one.losses[0] != other.losses[0]);
  }
}

TEST_CASE("trial: exactly as many updates as asked for, over epochs; tiny, a dozen") {
  OneThread guard;
  for (const char* model : models) {
    const Trained epoch = trained(tiny(model, 8));
    Index tokens = 0;
    for (const Pair& pair : pairs()) tokens += Index(pair.tgt.size()) + 1;
    CHECK(epoch.tokens == tokens);
    CHECK(epoch.parameters == parameter_count(epoch.model->module()));
    CHECK(epoch.parameters == parameters_of(tiny(model), pairs()));
    CHECK_FALSE(epoch.diverged);
  }
  const LabOptions tried{.tiny = true, .seed = 5}, quick{.quick = true, .seed = 5},
      whole{.seed = 5};
  for (int steps : {1, 9, 20}) {
    const Trained it = trained(tiny("rnn", steps));
    CHECK(it.losses.size() == std::size_t(steps));
    CHECK(it.grad_norms.size() == std::size_t(steps));
    CHECK(trained(tiny("rnn", steps), tried).losses.size() == std::size_t(std::min(steps, 12)));
  }
  CHECK(trained(tiny("rnn", 60), quick).losses.size() == 20);
  CHECK(quick.seeds() == std::vector<std::uint64_t>{5});
  CHECK(whole.seeds() == std::vector<std::uint64_t>{5, 6, 7});
}

TEST_CASE("trial: trying the model after each update changes nothing that it learns") {
  OneThread guard;
  const LabOptions options;
  for (const char* model : models) {
    Trials trials(options, 1);
    long last = 0;
    const Trained tried = trials.train("it", tiny(model), pairs(), [&](Translator& it, long step) {
      CHECK(step == ++last);
      return loss_of(it, {pairs()[0]}) > 0 && !it.translate({pairs()[1].src}).empty();
    });
    CHECK(last == 10);
    CHECK(same(tried, trained(tiny(model))));
  }
}

TEST_CASE("trial: on_step that has enough ends it, and the model is ready to translate") {
  OneThread guard;
  const LabOptions options;
  for (const char* model : models) {
    const Trained it = Trials(options, 1).train("it", tiny(model, 100), pairs(),
                                                [](Translator&, long step) { return step < 3; });
    CHECK(it.losses.size() == 3);
    CHECK_FALSE(it.model->module().training);
    CHECK_FALSE(it.diverged);
  }
}

TEST_CASE("trial: to diverge is an error that names the training, or a result, if attempted") {
  OneThread guard;
  const LabOptions options;
  for (const char* model : models) {
    INFO(model);
    TrainSettings wild = tiny(model, 30);
    wild.schedule = {Schedule::constant, 0.01 * std::numeric_limits<Real>::max(), 0, 0};
    Trials trials(options, 2);
    const Trained it = trials.attempt("wild", wild, pairs());
    CHECK(it.diverged);
    CHECK(it.losses.size() < 30);
    for (double loss : it.losses) CHECK(std::isfinite(loss));
    CHECK(error_of([&] { trials.train("wild", wild, pairs()); }) ==
          join("lab: wild diverged in update ", it.losses.size() + 1));
  }
}

TEST_CASE("trial: models are made as large as another, within 2 %, or it is an error") {
  OneThread guard;
  const Index asked = 30000;
  for (const char* model : models) {
    TrainSettings s = tiny(model);
    auto size = model == std::string("transformer") ? &ModelConfig::ffn : &ModelConfig::embed;
    match_parameters(s, size, asked, pairs());
    const double share = double(parameters_of(s, pairs())) / asked;
    CHECK_MESSAGE(std::abs(share - 1) <= 0.02, model, " ", share);
    CHECK(s.model.hidden == 8);                 // nothing else has changed
    s.model.*size = 1;
    const Index smallest = parameters_of(s, pairs()), smaller = smallest * 97 / 100;
    match_parameters(s, size, smallest * 99 / 100, pairs());
    CHECK(s.model.*size == 1);
    CHECK(error_of([&] { match_parameters(s, size, smaller, pairs()); }) ==
          join("lab: no such ", model, " has ", smaller, " parameters, give or take 2 %"));
  }
}

TEST_CASE("trial: of several learning rates the one with the lowest loss on validation is kept") {
  OneThread guard;
  const LabOptions options{.seed = 1};
  const Corpus corpus{pairs(), make_corpus(10, 9, {3, 8}), {}};
  Trials trials(options, 3);
  const std::vector<double> rates{1e-9, 0.02, 1e-6};
  const Grid grid = try_rates(trials, "tower", tiny("attention", 20), rates, corpus);
  CHECK(grid.rates == rates);
  CHECK(grid.best == 1);
  CHECK(grid.rate() == 0.02);
  CHECK(std::ranges::min_element(grid.losses) - grid.losses.begin() == 1);
  CHECK(loss_of(*grid.trained.model, corpus.validation) == grid.losses[1]);
  TrainSettings alone = tiny("attention", 20);
  alone.schedule.peak = 0.02;
  CHECK(same(grid.trained, trained(alone)));
  const PageTable table = table_of({&grid});
  CHECK(table.rows.at(0) == std::vector<std::string>{"model", "parameters", "1e-09", "0.02",
                                                     "1e-06"});
  CHECK(table.rows.at(1).at(0) == "tower");
  for (int i = 0; i < 3; i++) CHECK(table.rows[1].at(2 + i).ends_with(" *") == (i == 1));
}

TEST_CASE("trial: a contender has a run of each seed, at the rate that suits the first") {
  OneThread guard;
  const LabOptions options{.seed = 1};
  const Corpus corpus{pairs(), make_corpus(10, 9, {3, 8}), {}};
  Trials trials(options, 4);
  const Contender it = contend(trials, "tower", tiny("rnn", 6), {1e-9, 0.02}, corpus);
  CHECK(it.settings.schedule.peak == 0.02);
  REQUIRE(it.runs.size() == 3);
  TrainSettings alone = tiny("rnn", 6);
  alone.schedule.peak = 0.02;
  for (int i : {0, 2}) {
    alone.seed = 1 + i;
    CHECK(same(it.runs[i], trained(alone)));
  }
}

TEST_CASE("trial: a learning curve has a point for ten updates, of the runs that came so far") {
  std::vector<double> whole(20, 1.0), diverged{2, 4};
  std::fill(whole.begin() + 10, whole.end(), 5.0);
  const Series curve = learning_curve("it", {whole, diverged}, 0.5);
  CHECK(curve.x == std::vector<double>{10, 20});
  CHECK(curve.y == std::vector<double>{2, 5});
  CHECK(curve.low == std::vector<double>{2 - std::sqrt(2.0), 5});
  CHECK(learning_curve("it", {{0.3, 0.5}, {0.7, 0.9}}, 0.5).low[0] == 0.5);
}

TEST_CASE("trial: a corpus has disjoint parts, those to validate and test on of limited size") {
  auto check_parts = [](const Corpus& corpus, std::size_t all, std::size_t most) {
    std::set<Tokens> sources;
    for (auto [part, split] : {std::pair{&corpus.train, Split::train},
                               {&corpus.validation, Split::validation},
                               {&corpus.test, Split::test}})
      for (const Pair& pair : *part) {
        CHECK(split_of(pair.src) == split);
        CHECK(sources.insert(pair.src).second);
      }
    CHECK(corpus.validation.size() == most);
    CHECK(corpus.test.size() == most);
    CHECK(std::abs(double(corpus.train.size()) / double(all) - 0.9) < 0.03);
  };
  const CorpusOptions kind{.task = "reverse", .pairs = 1000, .min_length = 3, .max_length = 8};
  const Corpus corpus = corpus_of({}, kind, 20);
  check_parts(corpus, 1000, 20);
  check_parts(corpus_of({.tiny = true}, kind), 400, 12);
  CHECK(corpus_of({}, kind).test.size() > 30);  // as many as there are
  auto sources = [](const Corpus& it) {
    std::vector<Tokens> all;
    for (const Pair& pair : it.train) all.push_back(pair.src);
    return all;
  };
  CHECK(sources(corpus) == sources(corpus_of({}, kind, 20)));
  CHECK(sources(corpus) != sources(corpus_of({.seed = 1}, kind, 20)));
}

TEST_CASE("trial: progress rises over all trainings, to 1") {
  OneThread guard;
  std::vector<double> fractions;
  std::set<std::string> doings;
  LabOptions options;
  options.progress = [&](const std::string& doing, double fraction) {
    fractions.push_back(fraction), doings.insert(doing);
  };
  Trials trials(options, 4);
  trials.train("rise", tiny("rnn"), pairs());
  trials.train("stop", tiny("rnn"), pairs(), [](Translator&, long step) { return step < 3; });
  try_rates(trials, "grid", tiny("rnn", 5), {0.01, 0.02}, {pairs(), pairs(), {}});
  CHECK(fractions.size() == 10 + 3 + 5 + 5);
  CHECK(std::ranges::is_sorted(fractions));
  CHECK(fractions.front() == 0.1 / 4);
  CHECK(fractions.back() == 1);
  CHECK(doings == std::set<std::string>{"rise, seed 0", "stop, seed 0", "grid at 0.01, seed 0",
                                        "grid at 0.02, seed 0"});
  trials.train("more", tiny("rnn"), pairs());   // more than were announced
  CHECK(*std::ranges::max_element(fractions) == 1);
}
