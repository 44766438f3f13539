// What train is told: recipes by name and what they set, that the user has the last word, options
// that come to nothing, and what is said of a run before it begins that can come to little.
#include <algorithm>
#include <cmath>
#include <set>

#include "models/attention_scoring.h"
#include "tests/program.h"
#include "tests/tools_small_run.h"

using namespace babelgrad;

namespace {

TrainOptions options_of(std::vector<const char*> words) {
  words.insert(words.begin(), "train");
  Args args("train", "");
  TrainOptions o;
  read_options(args, o, int(words.size()), words.data());
  return o;
}

std::string refused_without(const Json& value) {
  Json json = to_json(without_part("transformer", ""));
  json["without"] = value;
  return error_of([&] { config_from_json(json); });
}

// Twelve pairs, three of which validate; batches of four.
struct Small {
  TrainSettings settings;
  TrainingCorpus corpus;

  Small() {
    settings.model = {.model = "rnn", .embed = 4, .hidden = 4, .layers = 1};
    settings.batch_size = 4, settings.epochs = 5;
    corpus.train = make_corpus(12, 3, {3, 8});
    corpus.validation = {corpus.train.begin(), corpus.train.begin() + 3};
  }
  std::vector<std::string> notes() const {
    const Beginning begin = begin_training(settings, corpus);
    TrainingData data{settings, corpus.train, *begin.model};
    return notes_on(settings, corpus, *begin.model, data,
                    schedule_of(settings, data, settings.epochs));
  }
  std::string note() const {                    // the only one
    const std::vector<std::string> all = notes();
    REQUIRE(all.size() == 1);
    return all[0];
  }
};

using Notes = std::vector<std::string>;

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
    words.insert(words.begin(), {"train", "--data", "d"});
    Args args("train", "");
    TrainOptions o;
    read_options(args, o, int(words.size()), words.data());
    fit_to(args, o, {pairs, 8});
    return o.settings;
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
    std::vector<const char*> words{"train", "--pairs", pairs};
    Args args("train", "");
    TrainOptions o;
    read_options(args, o, int(words.size()), words.data());
    fit_to(args, o, {count, 8});
    CHECK(o.pairs.built_in.max_length == 15);
    return o.settings;
  };
  const TrainSettings whole = fitted("24000", 21600), few = fitted("120", 108);
  CHECK((whole.epochs == 4 && whole.model.dropout == 0 && whole.schedule.peak == 0.002));
  CHECK(few.epochs == 120);
  CHECK((few.schedule.warmup > 0 && few.schedule.warmup <= few.epochs * 2 / 12));
}

TEST_CASE("presets: the book's and the others', and the user's word above them") {
  const TrainOptions book = options_of({"--model", "transformer", "--preset", "book"});
  CHECK(book.settings.schedule.peak == 0.001);
  CHECK(book.settings.model.num_steps == 9);
  CHECK(book.pairs.num_train == 512);
  const TrainOptions mine =
      options_of({"--model", "rnn", "--preset", "book", "--hidden", "32", "--lr", "0.5"});
  CHECK(mine.settings.model.hidden == 32);
  CHECK(mine.settings.schedule.peak == 0.5);
  CHECK(mine.settings.model.embed == 256);
  const TrainOptions demo = options_of({"--model", "rnn", "--preset", "demo"});
  CHECK(demo.pairs.built_in.max_length == 12);
  CHECK(demo.settings.schedule.kind == Schedule::cosine);
  const TrainOptions tiny = options_of({"--model", "transformer", "--preset", "multi30k-tiny"});
  CHECK(tiny.settings.model.merges == 10000);
  CHECK(tiny.settings.model.tie == "all");
  CHECK((tiny.settings.model.dropout == 0.3 && tiny.settings.model.attention_dropout == 0));
  CHECK(tiny.settings.average == 10);
  const TrainOptions ladder = options_of({"--model", "rnn", "--preset", "multi30k-ladder"});
  CHECK(ladder.settings.model.merges == 0);
  CHECK(ladder.settings.min_freq == 2);
  CHECK(ladder.settings.model.language == "english");
  const TrainOptions wide =
      options_of({"--model", "transformer", "--hidden", "64", "--preset", "default"});
  CHECK(wide.settings.model.ffn == 256);
  CHECK(wide.settings.model.embedding_std == 0.125);
}

TEST_CASE("presets: what goes not together is refused") {
  auto refused = [](std::vector<const char*> words) {
    words.insert(words.begin(), {"--model", "rnn"});
    return error_of([&] { options_of(words); });
  };
  CHECK(says(refused({"--separate"}), "--merges"));
  CHECK(says(refused({"--codes", "c", "--merges", "9"}), "give one of them"));
  CHECK(says(refused({"--tgt-codes", "c"}), "give --codes, too"));
  CHECK(refused({"--codes", "/nowhere/c"}).starts_with("/nowhere/c"));
  CHECK(says(refused({"--bpe-dropout", "0.1"}), "--merges"));
  CHECK(says(refused({"--merges", "9", "--preset", "book"}), "whole words"));
  CHECK(says(refused({"--tie", "decoder", "--embed", "8"}), "--hidden"));
  CHECK(says(refused({"--tie", "all", "--merges", "9", "--separate"}), "one vocabulary"));
  CHECK(says(refused({"--hidden", "30", "--model", "transformer"}),
             "train: --hidden 30 is not a multiple of --heads 4"));
  for (const char* part : {"norm", "residual"}) {
    auto torn = [&] { options_of({"--norm", "pre", "--model", "transformer", "--without", part}); };
    CHECK(says(error_of(torn), std::string("--norm pre cannot be without ") + part));
  }
  CHECK_NOTHROW(options_of({"--norm", "pre", "--model", "transformer", "--without", "mask"}));
}

TEST_CASE("options of train: a model by default, and nothing given is without effect") {
  CHECK(options_of({"--preset", "book"}).settings.model.model == "transformer");
  auto refuses = [](std::vector<const char*> words, const char* what) {
    const std::string error = error_of([&] { options_of(words); });
    CHECK_MESSAGE(says(error, what), words[0], ": ", error);
  };
  for (const char* name : {"--val", "--limit", "--num-train", "--max-tokens"})
    refuses({name, "3"}, "give --data");
  refuses({"--swap"}, "give --data");
  refuses({"--data", "d", "--pairs", "50"}, "is of the built-in corpus");
  refuses({"--data", "d", "--val", "v", "--num-train", "9"}, "they come from --val");
  refuses({"--data", "d", "--hold-out", "0", "--patience", "2"}, "give --val, --num-train or");
  refuses({"--data", "d", "--hold-out", "0", "--valid-by", "bleu"}, "give --val, --num-train or");
  refuses({"--data", "d", "--hold-out", "0.2", "--num-train", "9"}, "says which");
  refuses({"--hold-out", "0.2"}, "give --data");
  CHECK_NOTHROW(options_of({"--data", "d", "--valid-by", "bleu"}));
  CHECK_NOTHROW(options_of({"--data", "d", "--num-train", "9", "--patience", "2"}));
  CHECK_NOTHROW(options_of({"--valid-by", "bleu"}));           // the built-in corpus validates
  refuses({"--decay-steps", "9", "--preset", "default"}, "--schedule cosine");
  refuses({"--momentum", "0.9"}, "--optimizer sgd");
  refuses({"--model", "rnn", "--attention-dropout", "0"}, "of attention, which this model has not");
  refuses({"--average-of", "best", "--preset", "default"}, "give --average");
  refuses({"--data", "d", "--average", "2", "--average-of", "best", "--hold-out", "0"},
          "give --val, --num-train or");
  Folder folder;
  write_file_atomically(folder.path + "/trainer.safetensors", "");
  refuses({"--resume", "--overwrite", "--out", folder.path.c_str()}, "give one of them");
  CHECK(options_of({"--optimizer", "adamw"}).settings.weight_decay == 0.01);
  CHECK(options_of({"--optimizer", "adamw", "--weight-decay", "0"}).settings.weight_decay == 0);
  CHECK(options_of({"--optimizer", "adam"}).settings.weight_decay == 0);
}

TEST_CASE("options of train: what a model of this kind has not is noted, and only that") {
  const auto note = [](std::vector<const char*> words) { return options_of(words).note; };
  const std::string others = ": no effect on a model that is no Transformer";
  for (const char* model : {"rnn", "attention"}) {
    for (const char* name : {"--heads", "--ffn"})
      CHECK(note({"--model", model, name, "8"}) == "note: " + (name + others));
    CHECK(note({"--model", model, "--norm", "pre", "--activation", "relu"}) ==
          "note: --activation, --norm" + others);
    CHECK(note({"--model", model, "--cell", "lstm", "--embed", "8"}).empty());
  }
  CHECK(note({"--heads", "2", "--ffn", "8", "--norm", "pre", "--activation", "gelu"}).empty());
  CHECK(note({"--cell", "rnn", "--embed", "9"}).starts_with("note: --cell, --embed: no effect on"));
  CHECK(note({"--ffn", "8", "--activation", "gelu", "--without", "ffn"}) ==
        "note: --ffn: no effect; --without has taken it away; --activation: no effect; --without "
        "has taken it away");
  CHECK(note({"--ffn", "8", "--without", "activation"}).empty());
  CHECK(!note({"--norm", "post", "--without", "norm"}).empty());
  for (const char* model : {"rnn", "transformer"})
    CHECK(note({"--model", model, "--score", "dot"}).starts_with("note: --score: no effect but"));
  CHECK(note({"--model", "attention", "--score", "dot"}).empty());
  CHECK(!note({"--model", "attention", "--score", "dot", "--without", "attention"}).empty());
  CHECK(note({"--preset", "book", "--model", "rnn"}).empty());           // not the user's
}

TEST_CASE("options of train: --dropout of one recurrent layer is noted, if no attention has it") {
  const auto noted = [](std::vector<const char*> words) {
    words.insert(words.begin(), {"--dropout", "0.5"});
    const std::string note = options_of(words).note;
    CHECK((note.empty() || note.starts_with("note: --dropout: no effect; it acts between")));
    return !note.empty();
  };
  CHECK(noted({"--model", "rnn", "--layers", "1"}));
  CHECK(noted({"--model", "rnn", "--preset", "multi30k-ladder"}));
  CHECK(!noted({"--model", "rnn", "--layers", "2"}));
  CHECK(!noted({"--model", "attention", "--layers", "1"}));
  CHECK(noted({"--model", "attention", "--layers", "1", "--attention-dropout", "0.5"}));
  CHECK(noted({"--model", "attention", "--layers", "1", "--without", "attention"}));
  CHECK(!noted({"--model", "transformer", "--layers", "1"}));
  CHECK(options_of({"--model", "rnn", "--layers", "1", "--dropout", "0"}).note.empty());
}

TEST_CASE("options of train: what the length of the run leaves nothing of is noted") {
  const auto note = [](std::vector<const char*> words) {
    words.insert(words.begin(), {"--epochs", "3"});
    return options_of(words).note;
  };
  CHECK(note({"--patience", "2", "--average", "3", "--average-of", "best"}).empty());
  CHECK(note({"--patience", "3"}) == "note: --patience: --epochs is 3, so no run ends by it");
  CHECK(note({"--average", "4", "--average-of", "best"}) ==
        "note: --average, --average-of: --epochs is 3, and the mean is of all");
  CHECK(note({"--tokenizer", "book", "--num-steps", "9", "--vocab-size", "50"})
            .starts_with("note: --vocab-size: no effect; the book's vocabulary"));
  CHECK(note({"--vocab-size", "50"}).empty());
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
  std::string opening = "without: this model has no ", has = " to lose; it has ";
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

TEST_CASE("notes on a run: none, where something can come of all of it") {
  Small small;
  CHECK(small.notes() == Notes{});
  small.settings.schedule = {Schedule::inverse_sqrt, 0.01, 15, 0};       // as long as the run
  CHECK(small.notes() == Notes{});
  small.settings.schedule = {Schedule::cosine, 0.01, 3, 15};
  CHECK(small.notes() == Notes{});
  small.settings.batch_size = 12, small.settings.accumulate = 1, small.settings.save_every = 5;
  small.settings.schedule = {};
  CHECK(small.notes() == Notes{});
  small.corpus.validation.clear();
  CHECK(small.notes() == Notes{});
}

TEST_CASE("notes on a run: vocabularies that know few of the words, and what made them so") {
  Small small;
  small.settings.min_freq = 50;
  Notes notes = small.notes();
  REQUIRE(notes.size() == 2);
  CHECK(notes[0].starts_with("note: the training pairs: only 0 of "));
  CHECK(notes[0].ends_with("; --min-freq is 50"));
  CHECK(notes[1].starts_with("note: the validation pairs: only 0 of "));
  small.settings.min_freq = 1, small.settings.vocab_size = 5;
  CHECK(small.notes().at(0).ends_with("; --vocab-size is 5"));
}

TEST_CASE("notes on a run: fewer merges than were asked for, or none") {
  Small small;
  small.settings.model.merges = 5;
  CHECK(small.notes() == Notes{});
  small.settings.model.merges = 100000;
  CHECK(small.note().ends_with(
      " of --merges 100000 are learnt; no other pair of pieces occurs twice"));
  small.settings.src_codes = Subwords::read("#version: 0.2\nt h\n", "codes");
  small.settings.tgt_codes = small.settings.src_codes;
  CHECK(small.notes() == Notes{});
  Small bare;
  bare.settings.model.merges = 3;
  bare.corpus = {{{{"a"}, {"b"}}, {{"c"}, {"d"}}}, {}};
  bare.settings.batch_size = 2;
  CHECK(bare.note().starts_with("note: only 0 of --merges 3 are learnt"));
}

TEST_CASE("notes on a run: sentences of which most are cut short") {
  Small small;
  small.settings.model.num_steps = 20;
  CHECK(small.notes() == Notes{});
  small.settings.model.num_steps = 3;
  CHECK(small.note() == "note: --num-steps 3 cuts 12 of 12 pairs short");
  small.corpus.train = {{{"a", "b"}, {"c"}}, {{"a"}, {"b", "c"}}, {{"a"}, {"b"}}};
  small.corpus.validation.clear(), small.settings.batch_size = 3;
  CHECK(small.notes() == Notes{});              // two words and <eos>
  small.settings.model.num_steps = 2;
  CHECK(small.note() == "note: --num-steps 2 cuts 2 of 3 pairs short");
}

TEST_CASE("notes on a run: validation pairs in a language that the model does not read") {
  Small small;
  for (Pair& pair : small.corpus.validation) std::swap(pair.src, pair.tgt);
  CHECK(small.note().starts_with("note: the validation pairs: only "));
  CHECK(says(small.note(), "source words and "));
}

TEST_CASE("notes on a run: a schedule that the run is too short for, or ends before it") {
  Small small;
  for (Schedule::Kind kind : {Schedule::constant, Schedule::inverse_sqrt}) {
    small.settings.schedule = {kind, 0.01, 16, 0};
    CHECK(small.note() == "note: --warmup 16 is longer than the run, of 15 updates; the learning "
                          "rate never comes to --lr 0.01");
  }
  small.settings.schedule = {Schedule::cosine, 0.01, 3, 9};
  CHECK(small.note() == "note: --decay-steps 9 is before the end of the run; nothing is learnt in "
                        "the last 6 of its 15 updates");
  small.settings.accumulate = 3;                // an update an epoch
  CHECK(small.notes() == Notes{});
}

TEST_CASE("notes on a run: batches, updates and checkpoints larger than there are") {
  Small small;
  small.settings.batch_size = 13;
  CHECK(small.note() ==
        "note: --batch-size 13 is more than there is; an epoch is one batch of 12 pairs");
  small.settings.batching = Batching::tokens, small.settings.batch_size = 10000;
  CHECK(small.note() ==
        "note: --batch-size 10000 tokens is more than there is; an epoch is one batch of 12 pairs");
  small = Small();
  small.settings.accumulate = 4;
  CHECK(small.note() == "note: --accumulate 4 batches are more than an epoch has, 3");
  small = Small();
  small.settings.save_every = 16;
  CHECK(small.note() ==
        "note: --save-every 16 is longer than the run, of 15 updates; only whole epochs are saved");
}
