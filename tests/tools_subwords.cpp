// A model that reads pieces of words: its file, its translations, its attention, its training.
#include "data/file.h"
#include "data/grammar.h"
#include "data/text.h"
#include "tests/close.h"
#include "tests/folder.h"
#include "tools/app/run/evaluate.h"
#include "tools/app/run/train.h"
#include "tools/app/view/alignment_view.h"

using namespace babelgrad;

namespace {

TrainingCorpus corpus() {
  TrainingCorpus all;
  all.train = make_corpus(60, 3, {3, 8});
  all.validation = {all.train.begin(), all.train.begin() + 5};
  return all;
}

TrainSettings settings(const std::string& model) {
  TrainSettings s;
  s.model = {.model = model, .embed = 8, .hidden = 8, .layers = 1, .heads = 2, .ffn = 16,
             .dropout = 0};
  s.model.merges = 30;
  s.batch_size = 8, s.epochs = 2, s.seed = 5;
  return s;
}

std::unique_ptr<Translator> trained(const TrainSettings& s, const std::string& folder) {
  Progress silent({.fd = -1});
  make_folder(folder);
  return run_training(s, corpus(), folder, false, silent).model;
}

}  // namespace

TEST_CASE("subwords: the model's file holds them, and what is read is what was written") {
  Folder folder;
  auto model = trained(settings("attention"), folder.path);
  CHECK(model->src_subwords.merges() == 30);
  CHECK(model->src_subwords == model->tgt_subwords);           // joint
  save_model(*model, folder.path + "/again.safetensors");
  auto again = load_model(folder.path + "/again.safetensors");
  CHECK(again->config.merges == 30);
  CHECK(again->src_subwords == model->src_subwords);
  CHECK(again->src_vocab == model->src_vocab);
  CHECK(again->translate({split("the dog sleeps .")}) ==
        model->translate({split("the dog sleeps .")}));
  CHECK(read_file(folder.path + "/again.safetensors").find("#version: 0.2") != std::string::npos);
}

TEST_CASE("subwords: apart for each language, if so wanted") {
  Folder folder;
  TrainSettings s = settings("rnn");
  s.model.joint = false;
  auto model = trained(s, folder.path);
  CHECK(model->src_subwords.merges() == 30);
  CHECK(!(model->src_subwords == model->tgt_subwords));
}

TEST_CASE("subwords: merges that are given are those of the model, and of its run") {
  Folder folder;
  TrainSettings s = settings("rnn");
  s.model.joint = false;
  s.src_codes = Subwords::learn({split("the dog the dog")}, 3);
  s.tgt_codes = Subwords::learn({split("le chien le chien")}, 5);
  auto model = trained(s, folder.path);
  CHECK(model->src_subwords == s.src_codes);
  CHECK(model->tgt_subwords == s.tgt_codes);
  CHECK(load_model(folder.path)->tgt_subwords == s.tgt_codes);
  Progress silent({.fd = -1});
  s.epochs = 3, s.tgt_codes = s.src_codes;
  CHECK(error_of([&] { run_training(s, corpus(), folder.path, true, silent); }).find("codes") !=
        std::string::npos);
}

TEST_CASE("subwords: every word is known, translations are words, references too") {
  Folder folder;
  for (const char* kind : {"rnn", "attention", "transformer"}) {
    auto model = trained(settings(kind), folder.path + "/" + kind);
    for (const Pair& pair : corpus().train) {
      const Pair pieces = model->pieces(pair);
      CHECK(pieces.src.size() > pair.src.size());
      CHECK(join_pieces(pieces.src) == pair.src);
      for (const std::string& piece : pieces.src) CHECK(model->src_vocab.contains(piece));
      CHECK(model->target_words(model->tgt_vocab.ids(pieces.tgt)) == pair.tgt);
    }
    const Pair other = model->pieces({split("cats . kingdoms ; thes"), {}});
    CHECK(join_pieces(other.src) == split("cats . kingdoms ; thes"));
    for (const std::string& piece : other.src)                 // of letters that are known
      CHECK_MESSAGE((model->src_vocab.contains(piece) || piece == ";"), piece);
    CHECK(model->pieces({{}, {"<unk>"}}).tgt == Tokens{"<unk>"});
    const Evaluation e = evaluate(*model, corpus().validation, 2);
    for (const Tokens& said : e.translations) CHECK(join(said).find("@@ ") == std::string::npos);
    CHECK(std::isfinite(e.loss));
  }
}

TEST_CASE("subwords: attention is told by words, and no weight is lost") {
  Folder folder;
  const Pair pair = corpus().train[0];
  for (const char* kind : {"attention", "transformer"}) {
    auto model = trained(settings(kind), folder.path + "/" + kind);
    for (const AttentionMaps& maps : attention_maps(*model, pair.src, pair.tgt)) {
      const Weights& weights = maps.weights.at(0).at(0);
      REQUIRE(weights.size() == maps.rows.size());
      for (const auto& row : weights) {
        REQUIRE(row.size() == maps.columns.size());
        double sum = 0;
        for (double w : row) sum += w;
        CHECK(sum == doctest::Approx(1).epsilon(1e-5));
      }
    }
    CHECK(attention_matrix(*model, pair.src, pair.tgt, {0, 0}).size() == pair.tgt.size());
  }
}

TEST_CASE("subwords: with one table for all words, dropout leaves one vocabulary") {
  Folder folder;
  TrainSettings s = settings("transformer");
  s.model.tie = "all", s.bpe_dropout = 0.3;
  auto model = trained(s, folder.path);
  CHECK(model->src_vocab == model->tgt_vocab);
  CHECK(model->src_subwords == model->tgt_subwords);
  Tokens words = model->tgt_vocab.words();
  std::swap(words[words.size() - 1], words[words.size() - 2]);
  CHECK(error_of([&] { make_translator(s.model, model->src_vocab, Vocab::from_words(words)); })
            .starts_with("tie all: one table is of one vocabulary"));
  model->tgt_vocab = Vocab::from_words(words);
  save_model(*model, folder.path + "/lie.safetensors");
  CHECK(error_of([&] { load_model(folder.path + "/lie.safetensors"); }).starts_with("tie all"));
}

TEST_CASE("subwords: dropout splits words anew in each epoch, and a stop changes nothing") {
  Folder folder;
  TrainSettings s = settings("attention");
  trained(s, folder.path + "/a");
  const std::string without = read_file(folder.path + "/a/trainer.safetensors");
  s.bpe_dropout = 0.3;
  auto model = trained(s, folder.path + "/b");
  const std::string whole = read_file(folder.path + "/b/trainer.safetensors");
  CHECK(whole != without);
  Progress silent({.fd = -1});
  TrainSettings part = s;
  part.max_steps = 11;                          // within the second epoch
  make_folder(folder.path + "/c");
  CHECK(!run_training(part, corpus(), folder.path + "/c", false, silent).complete);
  CHECK(run_training(s, corpus(), folder.path + "/c", true, silent).complete);
  CHECK(read_file(folder.path + "/c/trainer.safetensors") == whole);
  Random dice(1);                               // what dropout may leave is known, too
  for (const Pair& pair : corpus().train)
    for (const std::string& piece : model->src_subwords.encode(pair.src, 1, dice))
      CHECK(model->src_vocab.contains(piece));
  s.vocab_size = model->src_vocab.size() - 20;  // some pieces are not in it: they come apart
  auto small = trained(s, folder.path + "/d");
  const auto unknown = [&](const Tokens& pieces) {
    return std::ranges::count_if(
        pieces, [&](const std::string& piece) { return !small->src_vocab.contains(piece); });
  };
  Index bare = 0, apart = 0;
  Random one(1), other(1);
  for (const Pair& pair : corpus().train) {
    bare += unknown(small->src_subwords.encode(pair.src, 0.3, one));
    apart += unknown(small->pieces(pair, 0.3, &other).src);
  }
  CHECK(bare > 0);
  CHECK(apart < bare);
}
