// A training in the page: the grammar makes the sentences, the recipe is the demo's.
#include <algorithm>
#include <cmath>

#include "data/grammar.h"
#include "nn/trainer.h"
#include "tools/app/run/settings.h"
#include "tools/live/session.h"

namespace babelgrad::live {

struct Lesson {
  std::vector<Pair> pairs;
  std::unique_ptr<Translator> model;
  std::unique_ptr<Adam> adam;
  Schedule schedule;
  Random dice;
  int batch_size = 64;
  Epoch batches;                                // of this epoch, those to come; the next one last
};

namespace {

// The demo's recipe by the names of train's options.
void take_recipe(const std::string& kind, ModelConfig& config, Lesson& lesson) {
  config.model = Named<ModelKind>(kind);
  for (const auto& [name, value] : preset_options("demo", config.model, config.hidden)) {
    const double number = std::strtod(value.c_str(), nullptr);
    const int whole = int(number);
    if (name == "embed") config.embed = whole;
    if (name == "hidden") config.hidden = whole;
    if (name == "layers") config.layers = whole;
    if (name == "heads") config.heads = whole;
    if (name == "ffn") config.ffn = whole;
    if (name == "dropout") config.dropout = number;
    if (name == "embedding-std") config.embedding_std = number;
    if (name == "lr") lesson.schedule.peak = number;
    if (name == "warmup") lesson.schedule.warmup = long(whole);
    if (name == "batch-size") lesson.batch_size = whole;
  }
}

std::vector<int> next_batch(Lesson& lesson) {
  if (lesson.batches.empty())
    lesson.batches = bucketed_batches(lesson.pairs, lesson.batch_size, lesson.dice);
  std::vector<int> rows = std::move(lesson.batches.back());
  lesson.batches.pop_back();
  return rows;
}

Lesson& of(Session& session) {
  check(session.lesson != nullptr, "page: no training has begun");
  return *session.lesson;
}

}  // namespace

// {"kind": rnn, attention or transformer, "without": parts, "pairs", "steps", "seed"}
Json begin_lesson(Session& session, const Json& request) {
  auto lesson = std::make_shared<Lesson>();
  ModelConfig config;
  take_recipe(request.get_string("kind"), config, *lesson);
  for (const Json& part : request.get_array("without"))
    config.without.push_back(part.as_string("without"));
  if (!config.without.empty()) check_parts(config);
  const long steps = long(request.get_int("steps", 1, 100000));
  const std::uint64_t seed = request.get_uint("seed");
  lesson->schedule.kind = Schedule::cosine, lesson->schedule.total = steps;
  lesson->schedule.warmup = std::min(lesson->schedule.warmup, steps / 4);
  lesson->pairs = make_corpus(int(request.get_int("pairs", 100, 100000)), seed, {3, 12});
  std::erase_if(lesson->pairs, [](const Pair& pair) {
    return split_of(pair.src) != Split::train;
  });
  std::vector<Tokens> sources, targets;
  for (const Pair& pair : lesson->pairs)
    sources.push_back(pair.src), targets.push_back(pair.tgt);
  manual_seed(seed);
  lesson->dice = Random(seed);
  lesson->model = make_translator(config, Vocab(sources), Vocab(targets));
  train(lesson->model->module());
  lesson->adam = std::make_unique<Adam>(named_parameters(lesson->model->module()),
                                        Real(lesson->schedule.peak));
  session.lesson = lesson;
  return Json::object({{"parameters", parameter_count(lesson->model->module())},
                       {"pairs", lesson->pairs.size()}});
}

// {"steps"}: so many updates -> their mean loss per word, and how many words they read
Json go_on(Session& session, const Json& request) {
  Lesson& lesson = of(session);
  double sum = 0;
  Index tokens = 0;
  for (auto left = request.get_int("steps", 1, 1000); left > 0; left--) {
    const Translator& model = *lesson.model;
    const Batch batch = make_batch(model.config, lesson.pairs, next_batch(lesson),
                                   model.src_vocab, model.tgt_vocab);
    lesson.adam->lr = Real(lesson.schedule.at(lesson.adam->steps));
    const Update update = learn(*lesson.model, std::vector<Batch>{batch}, *lesson.adam, 1);
    sum += update.loss * double(batch.tokens), tokens += batch.tokens;
  }
  return Json::object({{"loss", sum / double(tokens)},
                       {"tokens", tokens},
                       {"step", lesson.adam->steps}});
}

// {"into"}: the model takes that seat, and the training is over.
Json end_lesson(Session& session, const Json& request) {
  Lesson& lesson = of(session);
  eval(lesson.model->module());
  lesson.model->training = write_json(Json::object({{"by", "the page"},
                                                    {"preset", "demo"},
                                                    {"steps", lesson.adam->steps}}));
  session.put(std::size_t(request.get_int("into", 0, 15)), std::move(lesson.model));
  session.lesson.reset();
  return Json::object({});
}

}  // namespace babelgrad::live
