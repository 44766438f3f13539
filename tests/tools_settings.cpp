// What train is told: recipes by name, what follows from the pairs, what a run's files say of it.
// Which options are refused or noted is in tests/cli/options.txt and notes.txt.
#include <algorithm>
#include <cmath>
#include <set>

#include "models/attention_scoring.h"
#include "tests/program.h"
#include "tests/tools_small_run.h"

using namespace babelgrad;

namespace {

// As they are for so many pairs of eight tokens, unless that is 0.
TrainOptions options_of(std::vector<const char*> words, std::size_t pairs = 0) {
  words.insert(words.begin(), "train");
  Args args("train", "");
  TrainOptions o;
  read_options(args, o, int(words.size()), words.data());
  if (pairs > 0) fit_to(args, o, {pairs, 8});
  return o;
}

std::string refused_without(const Json& value) {
  Json json = to_json(without_part("transformer", ""));
  json["without"] = value;
  return error_of([&] { config_from_json(json); });
}

}  // namespace

TEST_CASE("Named: every enum's words stand in the order of its values") {
  CHECK((Named<Cell>("rnn") == Cell::rnn && Named<Cell>("lstm") == Cell::lstm));
  CHECK((Named<Score>("dot") == Score::dot && Named<Score>("general") == Score::general));
  CHECK(Named<Tokenizer>("standard") == Tokenizer::standard);
  CHECK(Named<Language>("french") == Language::french);
  CHECK(text(Named(Language::german)) == "german");
  CHECK(Named<Schedule::Kind>("inverse_sqrt") == Schedule::inverse_sqrt);
  CHECK((Named<ModelKind>("attention") == "attention" && Named<Tying>("all") == Tying::all));
  CHECK((Named<Batching>("fixed") == Batching::fixed && Named<Descent>("sgd") == Descent::sgd));
  CHECK(error_of([] { Named<NormPlace>("sideways"); }) == "post|pre, not sideways");
  CHECK((Named<Precision>("bf16") == Precision::bf16 && text(Named(Precision::full)) != "bf16"));
  Named<ValidBy> by = ValidBy::bleu;
  CHECK((!by.read("blue") && by == ValidBy::bleu && by.read("loss") && by == ValidBy::loss));
}

TEST_CASE("presets: every one is a set of options that train takes, for every model") {
  for (const std::string& preset : preset_names())
    for (const char* model : {"rnn", "attention", "transformer"}) {
      CAPTURE(preset);
      const auto tried = [&] { options_of({"--model", model, "--preset", preset.c_str()}); };
      if (preset == "multi30k-tiny" && model != std::string("transformer")) {
        CHECK(error_of(tried) == join("train: --preset multi30k-tiny is a Transformer's; --model ",
                                      model, " may take multi30k-ladder"));
        continue;
      }
      CHECK_NOTHROW(tried());
      std::set<std::string> names;
      for (const auto& option : preset_options(preset, Named<ModelKind>(model)))
        CHECK(names.insert(option.first).second);
    }
  CHECK_THROWS_AS(preset_options("cook", ModelKind::rnn), Error);
}

TEST_CASE("auto: width, warm-up, epochs and dropout follow from the pairs, and the user's stay") {
  const auto fitted = [](std::vector<const char*> words, std::size_t pairs) {
    words.insert(words.begin(), {"--data", "d"});
    return options_of(words, pairs).settings;
  };
  int most_epochs = 1000000, least_hidden = 0;
  for (std::size_t pairs : {1, 200, 2000, 16000, 100000, 5000000}) {
    for (const char* model : {"rnn", "attention", "transformer"}) {
      CAPTURE(pairs);
      const TrainSettings s = fitted({"--model", model}, pairs);
      const double items = double(pairs) * 8 / s.batch_size;
      const double updates = std::ceil(items) * s.epochs;
      CHECK(double(s.schedule.warmup) <= updates / 12);
      CHECK(double(s.schedule.warmup) > updates / 12 - 1);
      CHECK(s.schedule.kind == Schedule::cosine);
      CHECK(s.average == s.epochs / 6);
      if (s.model.model != ModelKind::transformer) continue;
      CHECK(s.model.ffn == 4 * s.model.hidden);
      CHECK((s.epochs <= most_epochs && s.model.hidden >= least_hidden));
      most_epochs = s.epochs, least_hidden = s.model.hidden;
    }
  }
  CHECK(least_hidden > fitted({}, 200).model.hidden);
  CHECK(fitted({}, 200).model.dropout < fitted({}, 2000).model.dropout);
  const TrainSettings mine =
      fitted({"--hidden", "64", "--epochs", "6", "--dropout", "0.5", "--warmup", "7"}, 2000);
  CHECK((mine.model.hidden == 64 && mine.model.ffn == 256 && mine.epochs == 6));
  CHECK((mine.model.dropout == 0.5 && mine.schedule.warmup == 7 && mine.average == 1));
  CHECK(fitted({"--tokenizer", "book", "--num-steps", "9"}, 20000).model.merges == 0);
  CHECK(fitted({"--preset", "default"}, 200).model.hidden == 256);
  CHECK(fitted({"--preset", "default"}, 200).schedule.warmup == 400);
}

TEST_CASE("auto: on the built-in corpus it is the demo's recipe, longer for fewer pairs") {
  const auto fitted = [](const char* pairs, std::size_t count) {
    const TrainOptions o = options_of({"--pairs", pairs}, count);
    CHECK(o.pairs.built_in.max_length == 15);
    return o.settings;
  };
  const TrainSettings whole = fitted("24000", 21600), few = fitted("120", 108);
  CHECK((whole.epochs == 4 && whole.model.dropout == 0 && whole.schedule.peak == 0.002));
  CHECK(few.epochs == 120);
  CHECK((few.schedule.warmup > 0 && few.schedule.warmup <= few.epochs * 2 / 12));
}

TEST_CASE("presets: merges from files are in the place of those of a preset") {
  Folder folder;
  const std::string one = folder.path + "/one", two = folder.path + "/two";
  write_file_atomically(one, "#version: 0.2\na b\nab c\n");
  write_file_atomically(two, "#version: 0.2\nd e\n");
  const TrainOptions joint = options_of({"--preset", "multi30k-tiny", "--codes", one.c_str()});
  CHECK(joint.settings.model.merges == 2);
  CHECK(joint.settings.model.joint);
  CHECK(joint.settings.tgt_codes.file() == "#version: 0.2\na b\nab c\n");
  const TrainOptions apart = options_of({"--codes", one.c_str(), "--tgt-codes", two.c_str()});
  CHECK(!apart.settings.model.joint);
  CHECK(apart.settings.src_codes == joint.settings.src_codes);
  CHECK(apart.settings.tgt_codes.file() == "#version: 0.2\nd e\n");
  const auto sum = [](const TrainOptions& o) { return to_json(o.settings).at("codes_checksum"); };
  CHECK(sum(apart) != sum(joint));
  write_file_atomically(two, "#version: 0.2\n");
  CHECK(says(error_of([&] { options_of({"--codes", two.c_str()}); }), ": has no merges"));
}

TEST_CASE("attention-dropout: of attention weights alone, and otherwise what --dropout is") {
  const auto shares = [](std::vector<const char*> words) {
    words.insert(words.begin(), {"--hidden", "8", "--embed", "8", "--heads", "2"});
    const ModelConfig config = config_from_json(to_json(options_of(words).settings.model));
    std::pair<std::set<Real>, std::set<Real>> found;           // of attention, of the rest
    std::set<const Dropout*> attentions;
    const auto model = make_translator(config, Vocab(), Vocab());
    model->module().apply([&](Module& module) {
      if (auto* it = dynamic_cast<Attention*>(&module)) attentions.insert(&it->dropout);
    });
    model->module().apply([&](Module& module) {
      auto* it = dynamic_cast<Dropout*>(&module);
      if (it) (attentions.contains(it) ? found.first : found.second).insert(it->p);
    });
    return found;
  };
  using Sets = std::pair<std::set<Real>, std::set<Real>>;
  CHECK(shares({"--dropout", "0.5"}) == Sets{{0.5}, {0.5}});
  CHECK(shares({"--dropout", "0.5", "--attention-dropout", "0"}) == Sets{{0}, {0.5}});
  CHECK(shares({"--dropout", "0", "--attention-dropout", "0.25"}) == Sets{{0.25}, {0}});
  CHECK(shares({"--model", "attention", "--attention-dropout", "0.25"}).first ==
        std::set<Real>{0.25});
  CHECK(!to_json(options_of({"--dropout", "0.5"}).settings.model).find("attention_dropout"));
}

TEST_CASE("presets: a model's file says how it was trained") {
  TrainOptions o = options_of({"--model", "rnn", "--hidden", "8", "--embed", "8", "--epochs", "1",
                               "--preset", "default"});
  std::vector<Pair> pairs{{{"a", "b"}, {"c"}}, {{"b"}, {"d", "c"}}};
  Folder folder;
  quiet_run(o.settings, {pairs, {}}, folder.path);
  const Json told = parse_json(load_model(folder.path)->training, "training");
  CHECK(told.get_double("lr") == 0.002);
  CHECK(told.get_int("epochs", 1, 9) == 1);
  CHECK(!told.find("options"));
  const Json settings = to_json(o.settings);
  for (const auto& member : settings.as_object())
    CHECK(told.at(member.first) == member.second);
  o.settings.options = {{"data", "a 'b'.tsv"}, {"limit", "3"}};
  quiet_run(o.settings, {pairs, {}}, folder.path);
  const Json more = parse_json(load_model(folder.path)->training, "training");
  CHECK(more.at("options").get_string("data") == "a 'b'.tsv");
  CHECK(more.at("options").get_string("limit") == "3");
}

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
  std::string opening = "without: this model has no ", has = "; parts that it has: ";
  CHECK(refused_without(Json::array({"zebra\x1b"})).starts_with(opening + "zebra\\x1B" + has));
  CHECK(refused_without(Json::array({"mask", "mask"})).starts_with(opening + "mask" + has));
  CHECK(refused_without(std::vector<std::string>(11, "mask")) ==
        "config: without has 11 parts; there are 10");
  CHECK(refused_without("mask") == "without: expected an array, found \"mask\"");
  CHECK(refused_without(Json::array({7})) == "without: expected a string, found 7");
  CHECK(refused_without(Json::array({})).empty());
  for (const Part& part : parts()) {
    for (const char* model : {"rnn", "attention", "transformer"}) {
      bool has_it = says(part.models, model);
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
