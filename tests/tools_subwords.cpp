// A model that reads pieces of words: its file, its translations, its attention, its training.
#include "tests/tools_small_run.h"
#include "tools/app/run/alignment_view.h"
#include "tools/app/run/evaluate.h"

using namespace babelgrad;

namespace {

const TrainingCorpus& words() {
  static const TrainingCorpus all = corpus_of(60);
  return all;
}

TrainSettings of_pieces(const std::string& model) {
  TrainSettings s = settings(model);
  s.model.merges = 30, s.epochs = 2, s.seed = 5, s.schedule = {};
  return s;
}

std::unique_ptr<Translator> learnt(const TrainSettings& s, const std::string& folder) {
  make_folder(folder);
  return quiet_run(s, words(), folder).model;
}

Translator* learnt_of_pieces(const std::string& kind) {          // once, for all cases
  static std::map<std::string, std::unique_ptr<Translator>> all;
  if (!all[kind]) all[kind] = std::move(run(of_pieces(kind), words())->outcome.model);
  return all[kind].get();
}

}  // namespace

TEST_CASE("subwords: the model's file holds them, and what is read is what was written") {
  Folder folder;
  Translator* model = learnt_of_pieces("attention");
  CHECK(model->src_subwords.merges() == 30);
  CHECK(model->src_subwords == model->tgt_subwords);           // joint
  save_model(*model, folder.path + "/again.safetensors");
  auto again = load_model(folder.path + "/again.safetensors");
  CHECK(again->config.merges == 30);
  CHECK(again->src_subwords == model->src_subwords);
  CHECK(again->src_vocab == model->src_vocab);
  CHECK(again->translate({split("the dog sleeps .")}) ==
        model->translate({split("the dog sleeps .")}));
  CHECK(says(read_file(folder.path + "/again.safetensors"), "#version: 0.2"));
}

TEST_CASE("subwords: apart for each language, if so wanted") {
  Folder folder;
  TrainSettings s = of_pieces("rnn");
  s.model.joint = false;
  auto model = learnt(s, folder.path);
  CHECK(model->src_subwords.merges() == 30);
  CHECK(!(model->src_subwords == model->tgt_subwords));
}

TEST_CASE("subwords: merges that are given are those of the model, and of its run") {
  Folder folder;
  TrainSettings s = of_pieces("rnn");
  s.model.joint = false;
  s.src_codes = Subwords::learn({split("the dog the dog")}, 3);
  s.tgt_codes = Subwords::learn({split("le chien le chien")}, 5);
  auto model = learnt(s, folder.path);
  CHECK(model->src_subwords == s.src_codes);
  CHECK(model->tgt_subwords == s.tgt_codes);
  CHECK(load_model(folder.path)->tgt_subwords == s.tgt_codes);
  s.epochs = 3, s.tgt_codes = s.src_codes;
  CHECK(says(error_of([&] { quiet_run(s, words(), folder.path, true); }), "codes"));
}

TEST_CASE("subwords: every word is known, translations are words, references too") {
  OneThread guard;
  for (const char* kind : {"rnn", "attention", "transformer"}) {
    Translator* model = learnt_of_pieces(kind);
    for (const Pair& pair : words().train) {
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
    const Evaluation e = evaluate(*model, words().validation, 2);
    for (const Tokens& said : e.translations) CHECK(!says(join(said), "@@ "));
    CHECK(std::isfinite(e.loss));
  }
}

TEST_CASE("subwords: attention is told by words, and no weight is lost") {
  OneThread guard;
  const Pair pair = words().train[0];
  for (const char* kind : {"attention", "transformer"}) {
    Translator* model = learnt_of_pieces(kind);
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
  OneThread guard;
  Folder folder;
  TrainSettings s = of_pieces("transformer");
  s.model.tie = "all", s.bpe_dropout = 0.3;
  auto model = learnt(s, folder.path);
  CHECK(model->src_vocab == model->tgt_vocab);
  CHECK(model->src_subwords == model->tgt_subwords);
  Tokens words = model->tgt_vocab.words();
  std::swap(words[words.size() - 1], words[words.size() - 2]);
  CHECK(error_of([&] { make_translator(s.model, model->src_vocab, Vocab::from_words(words)); })
            .starts_with("tie all: one table needs one vocabulary"));
  model->tgt_vocab = Vocab::from_words(words);
  save_model(*model, folder.path + "/lie.safetensors");
  CHECK(error_of([&] { load_model(folder.path + "/lie.safetensors"); }).starts_with("tie all"));
}

TEST_CASE("subwords: dropout splits words anew in each epoch, and a stop changes nothing") {
  OneThread guard;
  Folder folder;
  TrainSettings s = of_pieces("attention");
  learnt(s, folder.path + "/a");
  const std::string without = read_file(folder.path + "/a/trainer.safetensors");
  s.bpe_dropout = 0.3;
  auto model = learnt(s, folder.path + "/b");
  const std::string whole = read_file(folder.path + "/b/trainer.safetensors");
  CHECK(whole != without);
  TrainSettings part = s;
  part.max_steps = 11;                          // within the second epoch
  make_folder(folder.path + "/c");
  CHECK(!quiet_run(part, words(), folder.path + "/c").complete);
  CHECK(quiet_run(s, words(), folder.path + "/c", true).complete);
  CHECK(read_file(folder.path + "/c/trainer.safetensors") == whole);
  Random dice(1);                               // what dropout may leave is known, too
  for (const Pair& pair : words().train)
    for (const std::string& piece : model->src_subwords.encode(pair.src, 1, dice))
      CHECK(model->src_vocab.contains(piece));
  s.vocab_size = model->src_vocab.size() - 20;  // some pieces are not in it: they come apart
  auto small = learnt(s, folder.path + "/d");
  const auto unknown = [&](const Tokens& pieces) {
    return std::ranges::count_if(
        pieces, [&](const std::string& piece) { return !small->src_vocab.contains(piece); });
  };
  Index bare = 0, apart = 0;
  Random one(1), other(1);
  for (const Pair& pair : words().train) {
    bare += unknown(small->src_subwords.encode(pair.src, 0.3, one));
    apart += unknown(small->pieces(pair, 0.3, &other).src);
  }
  CHECK(bare > 0);
  CHECK(apart < bare);
}
