// A model that reads pieces of words: its file, its translations, its attention, its training. And
// byte-pair encoding as filters: lines in, lines out, the place of what is wrong.
#include "tests/program.h"
#include "tests/tools_small_run.h"
#include "tools/app/cli/commands.h"
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

// The paper's four words (Sennrich, Haddow and Birch 2016, section 3.2), a line for each time.
Tokens paper() {
  Tokens lines(5, "low");
  lines.insert(lines.end(), 2, "lowest");
  lines.insert(lines.end(), 6, "newer");
  lines.insert(lines.end(), 3, "wider");
  return lines;
}

// What `babelgrad subwords ARGUMENTS` makes of the lines.
struct Filter {
  Folder folder;

  Filter() { write_file_atomically(folder.path + "/codes", "#version: 0.2\nl o\nlo w</w>\n"); }
  Said said(const std::string& arguments, const std::string& input) const {
    return said_by(folder, "subwords " + arguments, input);
  }
  std::string out(const std::string& arguments, const Tokens& lines) const {
    return said(arguments, of_lines(lines)).out;
  }
  std::string applied(const Tokens& lines, const std::string& more = "") const {
    return out("apply codes " + more, lines);
  }
  std::string joined(const std::string& lines) const { return said("join", lines).out; }
};

int run_subwords(const std::vector<std::string>& words) {
  return called(subwords_command, "subwords", words);
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

TEST_CASE("subwords command: merges are learnt of lines, tokenised or not") {
  const Filter filter;
  // "e r</w>" 9 times, "l o" 7; of those with 6, "w er</w>" is last in byte order, then "n e".
  CHECK(filter.out("learn --merges 4", paper()) ==
        "#version: 0.2\ne r</w>\nl o\nw er</w>\nn e\n");
  CHECK(filter.out("learn --merges 9 --tokenizer standard", {"Ab!", "", "ab!"}) ==
        "#version: 0.2\na b</w>\n");
  const Said few = filter.said("learn --merges 9", "ab!\nab!\n");
  CHECK(std::ranges::count(few.out, '\n') == 3);
  CHECK(few.err == "note: most lines end in a word with its full stop; for raw text: --tokenizer "
                   "standard\nnote: only 2 merges; no other pair occurs 2 times\n");
  CHECK(filter.said("learn --merges 9", "\n \n").err ==
        "error: stdin: no words to learn from; a line is a sentence\n");
}

TEST_CASE("subwords command: a line for a line, there and back") {
  const Filter filter;
  CHECK(filter.applied({"low  lot", "", "slow"}) == "low lo@@ t\n\ns@@ low\n");
  CHECK(filter.joined("low lo@@ t\n\ns@@ low\n") == "low lot\n\nslow\n");
  CHECK(filter.applied({"low\tlow\u00A0low"}) == "lo@@ w@@ \t@@ lo@@ w@@ \u00A0@@ low\n");
  CHECK(filter.applied({"low"}, "--dropout 1") == "l@@ o@@ w\n");
  const Tokens many(600, "low");
  const std::string one = filter.applied(many, "--dropout 0.5 --seed 1");
  CHECK(filter.applied(many, "--dropout 0.5 --seed 1") == one);
  CHECK(filter.applied(many, "--dropout 0.5 --seed 2") != one);
  CHECK(filter.joined(one) == of_lines(many));
  const Tokens marks = {"low@@ a", "@@ low@@", "a@@b @@@"};   // the mark in a text comes back, too
  CHECK(filter.applied({"low@@"}) == "lo@@ w@@ @@@ @\n");
  CHECK(filter.joined(filter.applied(marks)) == of_lines(marks));
}

TEST_CASE("subwords command: what is wrong with a line names it, and lines before it are there") {
  const Filter filter;
  const Said bad = filter.said("join", "a@@ b\nab\xFF\n");
  CHECK(bad.err == "error: stdin:2:3: this byte is not UTF-8; save the file as UTF-8\n");
  CHECK((bad.status == 1 && bad.out == "ab\n"));
  CHECK(filter.said("join", std::string("a\0\n", 3)).err ==
        "error: stdin:1:2: a NUL byte; text has none\n");
}

TEST_CASE("subwords command: a model shows its merges, of either language") {
  const Filter filter;
  ModelConfig config{.model = ModelKind::attention, .embed = 4, .hidden = 4, .layers = 1};
  auto model = make_translator(config, Vocab(), Vocab());
  const auto shown = [&](const std::string& arguments) {
    save_model(*model, filter.folder.path + "/run");
    const Said said = filter.said("show run" + arguments, "");
    return said.out + said.err;
  };
  CHECK(shown("") == "error: run: this model reads whole words; it has no merges\n");
  const std::string one = "#version: 0.2\na b</w>\n", other = "#version: 0.2\nc d\ncd e</w>\n";
  model->config.merges = 3;
  model->src_subwords = Subwords::read(one, "one");
  model->tgt_subwords = Subwords::read(other, "other");
  CHECK(shown("") == one);
  CHECK(shown(" --target") == other);
}

TEST_CASE("subwords command: wrong use is told before anything is read") {
  CHECK_THROWS_AS(run_subwords({}), UsageError);
  CHECK(error_of([] { run_subwords({"aply"}); }) ==
        "subwords: ACTION must be learn, apply, join or show, not \"aply\" (did you mean apply?)");
  CHECK(error_of([] { run_subwords({"learn"}); }).starts_with("subwords learn: --merges N is"));
  CHECK(error_of([] { run_subwords({"join", "--merges", "3"}); })
            .starts_with("subwords join: unknown flag --merges"));
  CHECK(error_of([] { run_subwords({"apply", "/nowhere/codes"}); }).starts_with("/nowhere/codes"));
  Folder folder;
  const std::string codes = folder.path + "/codes";
  write_file_atomically(codes, "#version: 0.2\na b\nabc\n");
  CHECK(error_of([&] { run_subwords({"apply", codes}); }) ==
        codes + ":3: would be two symbols with a space between");
  CHECK_THROWS_AS(run_subwords({"learn", "--help"}), HelpWanted);
}
