#include "tools/app/run/settings.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "data/file.h"
#include "data/safetensors.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/run/record.h"
#include "tools/app/run/without.h"

namespace babelgrad {
namespace {

constexpr int most_merges = 1000000;

void declare_data(Args& args, TrainOptions& o) {
  TrainSettings& s = o.settings;
  ModelConfig& m = s.model;
  args.group("Data");
  declare_files(args, o.pairs);
  declare_corpus(args, o.pairs.built_in, 10);
  declare_keep_out(args, o.pairs.keep_out);
  args.group("Words");
  args.choice("tokenizer", &m.tokenizer, {"standard", "cased", "book", "moses"},
              "how text becomes words; all but cased make letters small; standard and cased also "
              "split apostrophes; moses reads text like Multi30k's");
  args.choice("language", &m.language, {"french", "english", "german"},
              "of the target: how its tokens are written as text");
  args.choice("source-language", &m.source_language,
              "the same of the source, where it is shown");
  args.integer("num-steps", &m.num_steps, 0, 100000,
               "cut and pad to this as in the book; 0: never cut");
  args.integer("min-freq", &s.min_freq, 1, 1000000, "rarer words become <unk>");
  args.integer("vocab-size", &s.vocab_size, 0, 100000000, "at most this many words; 0: all");
  args.integer("merges", &m.merges, 0, most_merges,
               "merges of byte-pair encoding, which splits rare words; 0: words stay whole");
  args.string("codes", &o.codes, "FILE",
              "take merges from a file of subwords learn or subword-nmt, instead of learning them");
  args.string("tgt-codes", &o.tgt_codes, "FILE", "other merges for the target language");
  args.flag("separate", &o.separate, "merges for each language, instead of one list for both");
  args.number("bpe-dropout", &s.bpe_dropout, 0, 1,
              "chance that a merge is skipped, so that words are split in many ways");
}

void declare_model(Args& args, TrainOptions& o) {
  ModelConfig& m = o.settings.model;
  args.group("Model");
  args.choice("cell", &m.cell, "recurrent cell");
  args.choice("score", &m.score, "scoring function of attention");
  args.choice("activation", &m.activation, "in the Transformer's feed-forward networks");
  args.choice("norm", &m.norm,
              "in the Transformer: after each sum, or before each sublayer");
  args.integer("embed", &m.embed, 1, 65536, "size of word vectors (recurrent models)");
  args.integer("hidden", &m.hidden, 1, 65536, "size of states; the Transformer's width");
  args.integer("layers", &m.layers, 1, 1000, "recurrent layers, or blocks");
  args.integer("heads", &m.heads, 1, 1024, "attention heads");
  args.integer("ffn", &m.ffn, 1, 1000000, "width of the feed-forward networks");
  args.number("dropout", &m.dropout, 0, 0.999, "share of numbers dropped in training");
  args.number("attention-dropout", &m.attention_dropout, 0, 0.999,
              "share of attention weights dropped in training");
  args.tell_default("attention-dropout", "that of --dropout");
  args.number("label-smoothing", &m.label_smoothing, 0, 0.999,
              "share of the probability that is spread over all words");
  args.number("embedding-std", &m.embedding_std, 1e-6, 1000,
              "standard deviation of new word vectors");
  args.choice("tie", &m.tie,
              "one table for the decoder's word vectors and its last layer, or for all words");
  std::string names;
  for (const Part& part : parts()) names += (names.empty() ? "" : ", ") + part.name;
  args.string("without", &o.without, "PARTS", "parts to take away, one or more of " + names);
}

void declare_training(Args& args, TrainOptions& o) {
  TrainSettings& s = o.settings;
  args.group("Training");
  args.integer("epochs", &s.epochs, 1, 1000000, "passes over the training pairs");
  args.integer("max-steps", &s.max_steps, 0, INT64_MAX,
               "stop after this many updates in all, to be resumed; 0: no limit");
  args.choice("batching", &s.batching, "like lengths together, shuffled, or by tokens");
  args.integer("batch-size", &s.batch_size, 1, 1000000,
               "sentences to a batch (or tokens, with --batching tokens)");
  args.choice("optimizer", &s.optimizer, "how gradients become updates");
  args.number("lr", &s.schedule.peak, 1e-12, 1000, "learning rate, at its highest");
  args.choice("schedule", &o.schedule, "how the learning rate changes after the warm-up");
  args.integer("warmup", &s.schedule.warmup, 0, INT64_MAX,
               "updates until the learning rate is at its highest");
  args.integer("decay-steps", &s.schedule.total, 0, INT64_MAX,
               "cosine: the update at which it is 0; 0: the last");
  args.integer("accumulate", &s.accumulate, 1, 100000, "batches to an update");
  args.choice("valid-by", &s.valid_by,
              "what makes a model the best on the validation pairs");
  args.integer("patience", &s.patience, 0, 1000000,
               "end after this many epochs without a better model; 0: never");
  args.integer("average", &s.average, 0, 1000,
               "keep the mean weights of this many epochs, even if the best of them, which is "
               "best.safetensors, is better; 0: keep the best epoch's");
  args.choice("average-of", &s.average_of, "which epochs those are");
  args.number("ema", &s.ema, 0, 0.999999, "validate and keep a moving mean of the weights");
  args.number("clip", &s.clip, 0, 1e9, "largest norm of the gradient; 0: any");
  args.number("weight-decay", &s.weight_decay, 0, 100,
              "pull of the weights towards 0; with adamw 0.01");
  args.number("momentum", &s.momentum, 0, 0.9999, "momentum of sgd");
  args.integer("seed", &s.seed, 0, UINT64_MAX, "same seed, same model, on any number of threads");
  args.threads();
  args.choice("precision", &s.precision,
              "of what products multiply; bf16, half of the digits, is fast where there is AMX");
  args.integer("save-every", &s.save_every, 0, 1000000000,
               "updates between checkpoints within an epoch; 0: none");
  args.flag("check-nan", &s.check_nan, "name the operation that makes a NaN or Inf");
}

constexpr double adamw_decay = 0.01;            // PyTorch's

// In the order of --help: what is wanted of every run, then of the data, the model, its training.
void declare(Args& args, TrainOptions& o) {
  ModelConfig& model = o.settings.model;
  args.about("Trains one model on pairs of sentences and writes it into a folder, with its log, a "
             "page about it, and what --resume needs to go on. Ctrl-C saves and says how.");
  args.group("The run");
  args.choice("model", &model.model, "which of the book's three");
  args.string("out", &o.out, "FOLDER", "where model, log and checkpoint go");
  args.choice("preset", &o.preset, preset_names(), "a whole recipe: " + preset_words());
  args.flag("resume", &o.resume,
            "go on where the run in --out stopped, bit for bit, with the options that it had; of "
            "these only --epochs, --lr, --dropout and --attention-dropout may change");
  args.string("from", &o.from, "RUN",
              "begin with the weights of another run, on its pairs unless others are named");
  args.flag("overwrite", &o.overwrite, "replace the run that is in --out");
  args.flag("dump-config", &o.dump_config, "print the effective options and stop");
  declare_data(args, o);
  declare_model(args, o);
  declare_training(args, o);
  for (ModelKind kind : {ModelKind::rnn, ModelKind::attention, ModelKind::transformer})
    for (const auto& [name, value] : preset_options(o.preset, kind))
      args.tell_default(name, "by --preset, --model and the number of pairs");
}

// Merges from files, and how many they are.
void take_codes(const Args& args, TrainOptions& o) {
  if (o.codes.empty()) {
    if (o.tgt_codes.empty()) return;
    usage_error("train: --tgt-codes needs --codes, the merges of the source language");
  }
  for (const char* learning : {"merges", "separate"})
    if (args.given(learning))
      usage_error("train: --codes takes merges from a file, --", learning, " would learn them; ",
                  "choose one of them");
  const auto read = [](const std::string& file) {
    Subwords codes = Subwords::read(read_file(file), file);
    check(!codes.empty(), printable(file), ": has no merges; words stay whole without --codes");
    check(codes.merges() <= most_merges, printable(file), ": has ", codes.merges(),
          " merges; at most ", most_merges, " are read");
    return codes;
  };
  TrainSettings& s = o.settings;
  s.src_codes = s.tgt_codes = read(o.codes);
  if (!o.tgt_codes.empty()) s.tgt_codes = read(o.tgt_codes);
  s.model.merges = s.src_codes.merges();
  o.separate = !(s.src_codes == s.tgt_codes);
}

// Error if the model has no such parts.
void take_parts(TrainOptions& o) {
  ModelConfig& model = o.settings.model;
  model.without = parts_from(o.without);
  try {
    check_parts(model);
  } catch (const Error& error) {
    usage_error("train: --", error.what());
  }
}

void check_together(const TrainOptions& o) {
  const ModelConfig& model = o.settings.model;
  check(model.model != ModelKind::transformer || model.hidden % model.heads == 0,
        "train: --hidden ", model.hidden, " is not a multiple of --heads ", model.heads);
  if (const int most = o.settings.vocab_size; most > 0 && most < 4)
    usage_error("train: --vocab-size ", most, " has no room for the four special words; 0: all");
  const bool books = model.tokenizer == Tokenizer::book;
  const bool transformer = model.model == ModelKind::transformer;
  if (model.tie != Tying::none && !transformer && model.embed != model.hidden)
    usage_error("train: --tie needs --embed and --hidden to be the same, not ", model.embed,
                " and ", model.hidden);
  if (model.tie == Tying::all && (books || (model.merges > 0 && !model.joint)))
    usage_error("train: --tie all needs one vocabulary: not --separate, not --tgt-codes, not "
                "--tokenizer book");
  if (model.merges == 0 && (o.separate || o.settings.bpe_dropout > 0))
    usage_error("train: --separate and --bpe-dropout are of subwords; give --merges or --codes, "
                "too");
  if (model.merges > 0 && books)
    usage_error("train: the book's tokenizer reads whole words; --merges and --codes need "
                "standard or moses");
  if (books && model.num_steps == 0)
    usage_error("train: --tokenizer book needs --num-steps: the book's vocabulary is counted over "
                "cut sentences");
}

// What would do something else than was asked for is refused; the rest of what the user gave and
// nothing comes of, is noted.
void check_effect(const Args& args, TrainOptions& o) {
  const ModelConfig& model = o.settings.model;
  const PairSource& pairs = o.pairs;
  const TrainSettings& s = o.settings;
  const bool files = !pairs.data.empty();
  const bool told = !pairs.val.empty() || pairs.num_train > 0;
  const bool validates = !files || told || pairs.hold_out > 0;
  const bool attends = model.model == ModelKind::transformer || model.attends_to_source();
  args.refuse(
      {{{"val", "swap", "limit", "num-train", "hold-out", "max-tokens"}, !files,
        "needs --data FILE"},
       {corpus_options(), files, "applies to the built-in corpus, and --data names a file"},
       {{"num-train"}, !pairs.val.empty(),
        "would take validation pairs from --data, but --val names them"},
       {{"hold-out"}, told,
        "would take validation pairs from --data, but --val or --num-train says which"},
       {{"valid-by", "patience", "average-of"}, !validates,
        "needs validation pairs; give --val, --num-train or --hold-out"},
       {{"decay-steps"}, o.schedule != Schedule::cosine,
        "says where a cosine ends; it needs --schedule cosine"},
       {{"attention-dropout"}, !attends, "needs a model with attention"},
       {{"codes", "tgt-codes", "min-freq", "vocab-size"}, !o.from.empty(),
        "would make a vocabulary, and --from brings one"},
       {{"momentum"}, s.optimizer != Descent::sgd, "needs --optimizer sgd"},
       {{"average-of"}, s.average == 0, "says which epochs; it needs --average, their number"},
       {{"resume"}, o.overwrite,
        "continues the run that --overwrite replaces; choose one of them"}});
  const std::string epochs = join("--epochs is ", s.epochs);
  std::vector<Idle> idle = idle_of_model(model);
  idle.insert(idle.end(),
              {{{"patience"}, s.patience >= s.epochs, epochs + ", so no run ends by it"},
               {{"average", "average-of"}, s.average > s.epochs,
                epochs + ", so the mean is that of all epochs"},
               {{"vocab-size"}, model.tokenizer == Tokenizer::book,
                "no effect; the book's vocabulary has every word seen --min-freq times"}});
  o.note = args.note_on(idle);
}

// --- what the user left open

// Updates of the run, about: batches of tokens are not quite full.
double updates_of(const TrainSettings& s, const CorpusSize& size) {
  const double items = double(size.pairs) * (s.batching == Batching::tokens ? size.length : 1);
  return std::ceil(items / s.batch_size / s.accumulate) * s.epochs;
}

std::string preset_value(const std::string& word, const TrainSettings& s, const CorpusSize& size) {
  return word == "4*hidden"     ? text(4 * s.model.hidden)
         : word == "1/√hidden"  ? text(1 / std::sqrt(s.model.hidden))
         : word == "epochs/6"   ? text(s.epochs / 6)
         : word == "updates/12" ? text(long(updates_of(s, size) / 12))
                                : word;
}

void take_preset(Args& args, TrainOptions& o, const CorpusSize& size) {
  const ModelKind kind = o.settings.model.model;
  const bool built_in = o.preset == "auto" && o.pairs.data.empty();
  for (const auto& [name, value] : built_in ? built_in_options(kind, size.pairs)
                                            : preset_options(o.preset, kind, size.pairs))
    if (name != "merges" || o.settings.model.tokenizer != Tokenizer::book)
      args.preset(name, preset_value(value, o.settings, size));
  // What is learnt already is to be bent, not broken.
  if (!o.from.empty() && o.preset == "auto") args.preset("lr", text(o.settings.schedule.peak / 4));
  if (o.settings.optimizer == Descent::adamw) args.preset("weight-decay", text(adamw_decay));
}

bool is_one_of(const std::string& name, const std::vector<std::string>& names) {
  return std::ranges::find(names, name) != names.end();
}

// The options of a run are those of another call where the user gave none; what makes it this run
// stays, and the pairs are known by their checksum, wherever their files are now.
void resume_options(Args& args, TrainOptions& o) {
  args.need("out");
  check_resumable(o.out);
  const NamedValues recorded = recorded_options(o.out);
  if (recorded.empty()) return;                 // then the user's are believed, and compared
  const std::vector<std::string> of_the_call{"out",     "resume",    "overwrite", "dump-config",
                                             "threads", "max-steps", "from"};
  const std::vector<std::string> may_change{"epochs", "lr",  "dropout",    "attention-dropout",
                                            "data",   "val", "save-every", "check-nan"};
  if (!o.from.empty())
    usage_error("train: --from begins a run, and --resume continues one; choose one of them");
  std::map<std::string, std::string> before(recorded.begin(), recorded.end());
  o.settings.from = before["from"].empty() ? "" : o.out;
  before.try_emplace("hold-out", "0");          // of a program that held nothing out
  const std::string& most = before["most-valid"];              // of a demo
  std::from_chars(most.data(), most.data() + most.size(), o.pairs.most_valid);
  before.try_emplace("preset", "default");
  // What was not given then is as the other dropout.
  const bool one_dropout = same_value(before["dropout"], before["attention-dropout"]);
  if (one_dropout && args.given("dropout")) before.erase("attention-dropout");
  for (const auto& [name, now] : args.values()) {
    const auto found = before.find(name);
    if (found == before.end() || is_one_of(name, of_the_call)) continue;
    check(!args.given(name) || is_one_of(name, may_change) || same_value(now, found->second),
          "train: ", printable(o.out), ": was trained with --", name, " ",
          in_quotes(found->second), ", not ", in_quotes(now), "; --resume continues with that, ",
          "--from ", printable(o.out), " begins another run");
    const bool learns = name == "lr" || name == "dropout" || name == "attention-dropout";
    if (learns && args.given(name) && !same_value(now, found->second))
      o.changed += join(o.changed.empty() ? "note: from here on --" : ", --", name, " ", now,
                        ", was ", found->second);
    args.preset(name, found->second);
  }
}

// With --from, the options that make the model, as its file has them.
void take_model(Args& args, TrainOptions& o) {
  const std::unique_ptr<Translator> model = load_model(o.from);
  TrainOptions its;
  its.settings.model = model->config, its.separate = !model->config.joint;
  for (const std::string& part : model->config.without)
    its.without += (its.without.empty() ? "" : ",") + part;
  Args table("train", "");
  declare(table, its);
  const std::vector<std::string> fixed{
      "model", "cell",  "score", "activation", "norm",      "embed",     "hidden",
      "layers", "heads", "ffn",  "tie",        "without",   "tokenizer", "language",
      "source-language", "num-steps", "merges", "separate", "embedding-std"};
  const NamedValues mine = args.values();
  for (const auto& [name, value] : table.values()) {
    if (!is_one_of(name, fixed)) continue;
    const auto it = std::ranges::find(mine, name, &NamedValues::value_type::first);
    if (args.given(name) && !same_value(it->second, value))
      usage_error("train: --", name, " ", printable(it->second), " differs from that of --from ",
                  printable(o.from), ", ", in_quotes(value));
    args.preset(name, value);
  }
  o.settings.from = o.from;
}

// And its pairs, unless the user names some.
void take_pairs(Args& args, const TrainOptions& o) {
  std::vector<std::string> names = corpus_options();
  for (const char* name : {"data", "task", "val", "swap", "limit", "num-train", "hold-out",
                           "max-tokens", "keep-out"})
    names.push_back(name);
  if (std::ranges::any_of(names, [&](const std::string& name) { return args.given(name); })) return;
  for (const auto& [name, value] : recorded_options(o.from))
    if (is_one_of(name, names) || name == "seed") args.preset(name, value);
}

void fill_in(Args& args, TrainOptions& o, const CorpusSize& size) {
  ModelConfig& model = o.settings.model;
  if (!o.from.empty() && !o.resume) take_pairs(args, o);
  if (!o.resume) take_preset(args, o, size);
  if (!o.from.empty() && !o.resume) take_model(args, o);
  if (model.model != ModelKind::transformer) model.norm = NormPlace::post;
  o.settings.schedule.kind = o.schedule;
  take_codes(args, o);
  model.joint = !o.separate;
  take_parts(o);
  check_together(o);
  check_effect(args, o);
  if (model.attention_dropout < 0) model.attention_dropout = model.dropout;
  settle_corpus("train", args, o.pairs.built_in, o.pairs.data);
  settle_keep_out("train", o.pairs.keep_out, o.pairs.built_in.task, o.pairs.data);
  o.pairs.built_in.seed = o.settings.seed;
}

}  // namespace

void check_resumable(const std::string& folder) {
  if (exists(folder + "/trainer.safetensors")) return;
  check(!exists(folder + "/model.safetensors"), printable(folder),
        ": holds a model, but no trainer.safetensors to go on from, as if killed in its first ",
        "epoch; --overwrite begins anew");
  fail(printable(folder), ": holds no run to resume");
}

CorpusSize size_of(const std::vector<Pair>& pairs) {
  double tokens = 0;
  for (const Pair& pair : pairs) tokens += double(std::max(pair.src.size(), pair.tgt.size()) + 1);
  return {pairs.size(), tokens / double(std::max<std::size_t>(pairs.size(), 1))};
}

void read_options(Args& args, TrainOptions& o, int argc, const char* const* argv) {
  declare(args, o);
  args.parse(argc, argv);
  if (o.resume) resume_options(args, o);
  constexpr double unknown_length = 10;         // until the pairs are read
  fill_in(args, o, {std::size_t(o.pairs.built_in.pairs), unknown_length});
}

void fit_to(Args& args, TrainOptions& o, const CorpusSize& size) {
  if (o.preset != "auto" || o.resume) return;
  if (!args.given("attention-dropout")) o.settings.model.attention_dropout = -1;
  fill_in(args, o, size);
}

std::vector<Idle> idle_of_model(const ModelConfig& m) {
  const bool transformer = m.model == ModelKind::transformer;
  const bool dropped_attention = m.attends_to_source() && m.attention_dropout < 0;
  const std::string taken = "no effect; --without has taken it away";
  return {{{"heads", "ffn", "activation", "norm"}, !transformer,
           "no effect on a model that is no Transformer"},
          {{"cell", "embed"}, transformer,
           "no effect on the Transformer, whose word vectors are as wide as it is"},
          {{"score"}, m.model != ModelKind::attention || !m.attends_to_source(),
           "no effect but on the attention of --model attention"},
          {{"dropout"}, !transformer && m.layers == 1 && m.dropout > 0 && !dropped_attention,
           "no effect; it acts between recurrent layers, and there is one"},
          {{"ffn"}, transformer && m.lacks("ffn"), taken},
          {{"activation"}, transformer && (m.lacks("ffn") || m.lacks("activation")), taken},
          {{"norm"}, transformer && m.lacks("norm"), taken}};
}

// --- how a run is told: in its model's file, and in its checkpoint, which is no other run's

Json to_json(const TrainSettings& s) {
  Json json = to_json(s.model);
  json["batching"] = s.batching.word(), json["batch_size"] = s.batch_size;
  json["optimizer"] = s.optimizer.word(), json["weight_decay"] = s.weight_decay,
  json["momentum"] = s.momentum;
  json["schedule"] = Named(s.schedule.kind).word(), json["lr"] = s.schedule.peak;
  json["warmup"] = s.schedule.warmup, json["decay_steps"] = s.schedule.total, json["clip"] = s.clip;
  json["min_freq"] = s.min_freq, json["vocab_size"] = s.vocab_size, json["seed"] = s.seed;
  if (s.precision == Precision::bf16) json["precision"] = s.precision.word();
  if (!s.src_codes.empty())
    json["codes_checksum"] = crc32(s.src_codes.file() + s.tgt_codes.file());
  json["bpe_dropout"] = s.bpe_dropout, json["accumulate"] = s.accumulate;
  json["valid_by"] = s.valid_by.word(), json["patience"] = s.patience, json["ema"] = s.ema;
  json["average"] = s.average, json["average_of"] = s.average_of.word();
  return json;
}

Json training_of(const TrainSettings& s) {
  Json json = to_json(s);
  json["epochs"] = s.epochs;
  if (!s.options.empty()) json["options"] = Json::object({});
  for (const auto& [name, value] : s.options) json["options"][name] = value;
  return json;
}

}  // namespace babelgrad
