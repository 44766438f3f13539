// Recipes by name: what they set, that the user has the last word, and that a model carries it.
#include "tools/app/run/settings.h"

#include <algorithm>
#include <set>

#include "data/file.h"
#include "models/attention_scoring.h"
#include "tests/close.h"
#include "tests/folder.h"
#include "tools/app/run/settings.h"

using namespace babelgrad;

namespace {

TrainOptions options_of(std::vector<const char*> words) {
  words.insert(words.begin(), "train");
  Args args("train", "");
  TrainOptions o;
  read_options(args, o, int(words.size()), words.data());
  return o;
}

}  // namespace

TEST_CASE("presets: every one is a set of options that train takes, for every model") {
  for (const Preset& it : presets())
    for (const char* model : {"rnn", "attention", "transformer"}) {
      CAPTURE(std::string(it.name));
      if (std::string(it.name) == "multi30k-tiny" && model != std::string("transformer")) {
        CHECK(error_of([&] { options_of({"--model", model, "--preset", it.name}); }) ==
              join("train: --preset multi30k-tiny is a Transformer's; --model ", model,
                   " may take multi30k-ladder"));
        continue;
      }
      CHECK_NOTHROW(options_of({"--model", model, "--preset", it.name}));
      std::vector<std::string> names;
      for (const auto& [name, value] : it.options(model, 64)) names.push_back(name);
      std::ranges::sort(names);
      CHECK(std::ranges::adjacent_find(names) == names.end());
    }
  CHECK_THROWS_AS(find_preset("cook"), Error);
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
  const TrainOptions wide = options_of({"--model", "transformer", "--hidden", "64"});
  CHECK(wide.settings.model.ffn == 256);
  CHECK(wide.settings.model.embedding_std == 0.125);
}

TEST_CASE("presets: what goes not together is refused") {
  auto refused = [](std::vector<const char*> words) {
    words.insert(words.begin(), {"--model", "rnn"});
    return error_of([&] { options_of(words); });
  };
  CHECK(refused({"--separate"}).find("--merges") != std::string::npos);
  CHECK(refused({"--codes", "c", "--merges", "9"}).find("give one of them") != std::string::npos);
  CHECK(refused({"--tgt-codes", "c"}).find("give --codes, too") != std::string::npos);
  CHECK(refused({"--codes", "/nowhere/c"}).starts_with("/nowhere/c"));
  CHECK(refused({"--bpe-dropout", "0.1"}).find("--merges") != std::string::npos);
  CHECK(refused({"--merges", "9", "--preset", "book"}).find("whole words") != std::string::npos);
  CHECK(refused({"--tie", "decoder", "--embed", "8"}).find("--hidden") != std::string::npos);
  CHECK(refused({"--tie", "all", "--merges", "9", "--separate"}).find("one vocabulary") !=
        std::string::npos);
  CHECK(refused({"--norm", "pre"}).find("--norm pre is of the Transformer, not of rnn") !=
        std::string::npos);
  for (const char* part : {"norm", "residual"}) {
    auto torn = [&] { options_of({"--norm", "pre", "--model", "transformer", "--without", part}); };
    CHECK(error_of(torn).find(std::string("--norm pre cannot be without ") + part) !=
          std::string::npos);
  }
  CHECK_NOTHROW(options_of({"--norm", "pre", "--model", "transformer", "--without", "mask"}));
}

TEST_CASE("options of train: a model by default, and nothing given is without effect") {
  CHECK(options_of({"--preset", "book"}).settings.model.model == "transformer");
  auto says = [](std::vector<const char*> words, const char* what) {
    const std::string error = error_of([&] { options_of(words); });
    CHECK_MESSAGE(error.find(what) != std::string::npos, words[0], ": ", error);
  };
  for (const char* name : {"--val", "--limit", "--num-train", "--max-tokens"})
    says({name, "3"}, "give --data");
  says({"--swap"}, "give --data");
  says({"--data", "d", "--pairs", "50"}, "is of the built-in corpus");
  says({"--data", "d", "--val", "v", "--num-train", "9"}, "they come from --val");
  says({"--data", "d", "--patience", "2"}, "give --val or --num-train");
  says({"--data", "d", "--valid-by", "bleu"}, "give --val or --num-train");
  CHECK_NOTHROW(options_of({"--data", "d", "--num-train", "9", "--patience", "2"}));
  CHECK_NOTHROW(options_of({"--valid-by", "bleu"}));           // the built-in corpus validates
  says({"--decay-steps", "9"}, "--schedule cosine");
  says({"--momentum", "0.9"}, "--optimizer sgd");
  says({"--model", "rnn", "--attention-dropout", "0"}, "of attention, which this model has not");
  says({"--average-of", "best"}, "give --average");
  says({"--data", "d", "--average", "2", "--average-of", "best"}, "give --val or --num-train");
  says({"--resume", "--overwrite"}, "give one of them");
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
    CHECK(note({"--model", model, "--norm", "post", "--activation", "relu"}) ==
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
  CHECK(error_of([&] { options_of({"--codes", two.c_str()}); }).find(": has no merges") !=
        std::string::npos);
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
  TrainOptions o = options_of({"--model", "rnn", "--hidden", "8", "--embed", "8", "--epochs", "1"});
  std::vector<Pair> pairs{{{"a", "b"}, {"c"}}, {{"b"}, {"d", "c"}}};
  Folder folder;
  Progress silent({.fd = -1});
  run_training(o.settings, {pairs, {}}, folder.path, false, silent);
  const Json told = parse_json(load_model(folder.path)->training, "training");
  CHECK(told.get_double("lr") == 0.002);
  CHECK(told.get_int("epochs", 1, 9) == 1);
  CHECK(!told.find("options"));
  const Json settings = to_json(o.settings);
  for (const auto& member : settings.as_object())
    CHECK(told.at(member.first) == member.second);
  o.settings.options = {{"data", "a 'b'.tsv"}, {"limit", "3"}};
  run_training(o.settings, {pairs, {}}, folder.path, false, silent);
  const Json more = parse_json(load_model(folder.path)->training, "training");
  CHECK(more.at("options").get_string("data") == "a 'b'.tsv");
  CHECK(more.at("options").get_string("limit") == "3");
}
