// Model files that other programs wrote, and the tensors of ids that they are given.
#include "data/safetensors.h"
#include "tests/program.h"
#include "tests/tools_small_run.h"
#include "tools/app/cli/commands.h"

using namespace babelgrad;

namespace {

const std::vector<Pair>& foreign_pairs() {
  static const std::vector<Pair> all = make_corpus(24, 3, {3, 8});
  return all;
}

ModelConfig foreign_config(const std::string& tie) {
  ModelConfig config{.model = "transformer", .embed = 8, .hidden = 8, .layers = 1, .heads = 2,
                     .ffn = 16, .dropout = 0};
  config.tie = tie;
  return config;
}

// An untrained model in run/, of one vocabulary, and other.st, which another program wrote of it.
struct Foreign {
  Folder folder;
  std::string run = folder.path + "/run", other = folder.path + "/other.st";
  std::unique_ptr<Translator> model;
  SafeTensors file;

  explicit Foreign(const std::string& tie = "none") {
    std::vector<Tokens> words;
    for (const Pair& pair : foreign_pairs()) words.push_back(pair.src), words.push_back(pair.tgt);
    manual_seed(4);
    model = make_translator(foreign_config(tie), Vocab(words), Vocab(words));
    make_folder(run);
    save_model(*model, run + "/model.safetensors");
    file = read_safetensors(run + "/model.safetensors", Checksum::required);
  }
  // Without a checksum, and without what `metadata` leaves out.
  void write(const Metadata& metadata) {
    std::string bytes = to_safetensors_bytes(file.tensors, metadata);
    bytes.replace(bytes.find("\"crc32\""), 7, "\"plain\"");
    write_file_atomically(other, bytes);
  }
  std::string refusal(const std::string& like = "") {
    write(like.empty() ? file.metadata : Metadata());
    return error_of([&] { load_model(other, like); });
  }
  StoredTensor& at(const std::string& name) {
    return *std::ranges::find(file.tensors, name, &StoredTensor::name);
  }
  // Read by us and written by us, it is the file that it was made of.
  void check_comes_back(const std::string& like) {
    write(like.empty() ? file.metadata : Metadata());
    auto back = load_model(other, like);
    check_same_numbers(model->module(), back->module());
    save_model(*back, folder.path + "/back.st");
    CHECK(read_file(folder.path + "/back.st") == read_file(run + "/model.safetensors"));
  }
};

const std::string unfitting = ": does not fit the model: ";

}  // namespace

TEST_CASE("foreign model: by its own configuration, or by that of a run like it") {
  Foreign it;
  it.check_comes_back("");
  it.check_comes_back(it.run);
  it.check_comes_back(it.run + "/model.safetensors");
  it.write({});
  CHECK(error_of([&] { load_model(it.other); }) ==
        it.other + ": has neither a checksum nor a configuration, so another program wrote it; "
                   "--like RUN says of which run it is");
  CHECK(says(error_of([&] { load_model(it.other, it.folder.path); }), ": is no run"));
  CHECK(error_of([&] { load_model(it.run, it.other); }) ==
        it.other + ": has no metadata \"config\"");
}

TEST_CASE("foreign model: a wrong checksum is damage, unless a run is named") {
  Foreign it;
  std::string bytes = *it.file.file;
  bytes.back() ^= 1;
  write_file_atomically(it.other, bytes);
  CHECK(says(error_of([&] { load_model(it.other); }), "does not match: the file is damaged"));
  load_model(it.other, it.run);
  bytes = read_file(it.run + "/model.safetensors");
  bytes.back() ^= 1;
  write_file_atomically(it.folder.path + "/damaged.st", bytes);
  CHECK(says(error_of([&] { load_model(it.other, it.folder.path + "/damaged.st"); }),
             "damaged.st: checksum"));
}

TEST_CASE("foreign model: what wrappers put into names comes off, and only that") {
  for (const std::string wrapper : {"module.", "_orig_mod.", "module._orig_mod.", "model.",
                                    "_orig_mod.module.module.", "net.inner."}) {
    CAPTURE(wrapper);
    Foreign it;
    for (StoredTensor& tensor : it.file.tensors) tensor.name = wrapper + tensor.name;
    it.check_comes_back(it.run);
  }
  Foreign nested;
  nested.at("encoder.blks.0.ffn.dense1.weight").name = "encoder.blks.0._orig_mod.ffn.dense1.weight";
  nested.check_comes_back("");
  nested.file.tensors.push_back(nested.at("encoder.blks.0.ffn.dense1.bias"));
  nested.file.tensors.back().name = "module.encoder.blks.0.ffn.dense1.bias";
  CHECK(nested.refusal() == nested.other + ": module.encoder.blks.0.ffn.dense1.bias and "
        "encoder.blks.0.ffn.dense1.bias are one tensor under two names");
}

TEST_CASE("foreign model: a tied table may have any of its names, or several if they agree") {
  const std::string encoder = "encoder.embedding.weight", decoder = "decoder.embedding.weight",
                    dense = "decoder.dense.weight";
  for (const std::string tie : {"decoder", "all"}) {
    CAPTURE(tie);
    const std::string own = tie == "all" ? encoder : decoder;
    for (const std::string& name : {decoder, dense}) {
      Foreign it(tie);
      it.at(own).name = name;
      it.check_comes_back(it.run);
    }
    Foreign twice(tie);
    twice.file.tensors.push_back(twice.at(own));
    twice.file.tensors.back().name = dense;
    twice.check_comes_back("");
    std::string changed(twice.at(own).bytes);
    changed.back() ^= 1;
    twice.at(dense).bytes = changed;
    CHECK(twice.refusal(twice.run) == twice.other + ": " + own + " and " + dense + " differ, but "
          "are one table of this model, which is --tie " + tie);
  }
  Foreign untied;
  std::erase_if(untied.file.tensors, [&](const StoredTensor& it) { return it.name == dense; });
  CHECK(untied.refusal() == untied.other + ": has no tensor \"decoder.dense.weight\"");
}

TEST_CASE("foreign model: what does not fit is named, and nothing is loaded") {
  Foreign it;
  StoredTensor& wide = it.at("encoder.blks.0.ffn.dense1.weight");
  wide.shape = {8, 16};
  CHECK(it.refusal(it.run) == it.other + unfitting +
        "encoder.blks.0.ffn.dense1.weight is (8, 16) in the file and (16, 8) in the model");
  wide.shape = {16, 8}, wide.name = "encoder.blks.0.ffn.dense3.weight";
  CHECK(it.refusal() == it.other + unfitting + "missing encoder.blks.0.ffn.dense1.weight; "
        "unexpected encoder.blks.0.ffn.dense3.weight");
  Foreign small;
  small.model = make_translator(foreign_config("none"), Vocab(), Vocab());
  save_model(*small.model, small.other);
  CHECK(says(error_of([&] { load_model(small.other, small.run); }),
             "encoder.embedding.weight is (4, 8), but its vocabulary and configuration say ("));
}

TEST_CASE("foreign model: the commands take --like, and say what they read") {
  Foreign it;
  for (StoredTensor& tensor : it.file.tensors) tensor.name = "module." + tensor.name;
  it.write({});
  const Said said = said_by(it.folder, "translate other.st --like run", "the dog sleeps .\n");
  CHECK(said.status == 0);
  CHECK(said.out == said_by(it.folder, "translate run", "the dog sleeps .\n").out);
  CHECK(says(said.err, "note: other.st: has no checksum, so another program wrote it; read by name "
                       "and shape; module.decoder."));
  CHECK(says(said_by(it.folder, "graph --model rnn --like run").err,
             "graph: --like describes RUN's file; it needs RUN"));
}

TEST_CASE("ids: what the model reads of each pair, and says of it") {
  Foreign it;
  std::string tsv;
  for (const Pair& pair : foreign_pairs()) tsv += join(join(pair.src), '\t', join(pair.tgt), '\n');
  write_file_atomically(it.folder.path + "/pairs.tsv", tsv);
  const Said said =
      said_by(it.folder, "ids run --data pairs.tsv --out pairs.ids --limit 20 --logits");
  CHECK_MESSAGE(said.status == 0, said.err);
  const SafeTensors ids = read_safetensors(it.folder.path + "/pairs.ids", Checksum::required);
  const Vocab& vocab = it.model->tgt_vocab;
  CHECK(ids.metadata_at("tgt_bos") == text(vocab.bos()));
  const auto src = ids.as_ints("src"), tgt = ids.as_ints("tgt"), lens = ids.as_ints("tgt_lens");
  CHECK(ids.as_ints("src_lens").size() == 20);
  std::size_t row = 0;
  for (int i = 0; i < 20; i++) {
    std::vector<int> sentence(tgt.begin() + row, tgt.begin() + row + lens[i]);
    CHECK(sentence.back() == vocab.eos());
    sentence.pop_back();
    CHECK(vocab.words(sentence) == foreign_pairs()[i].tgt);
    row += lens[i];
  }
  CHECK(row == tgt.size());
  CHECK(src[0] == vocab[foreign_pairs()[0].src[0]]);

  // The logits of a sentence are those it has by itself.
  eval(it.model->module());
  const Batch one = make_batch(it.model->config, foreign_pairs(), {0}, vocab, vocab);
  const Tensor logits = it.model->logits(one);
  const auto all = ids.as_doubles("logits");
  CHECK(all.size() == tgt.size() * vocab.size());
  for (Index i = 0; i < logits.numel(); i++) CHECK(all[i] == doctest::Approx(logits.data()[i]));

  CHECK(said_by(it.folder, "ids run --data pairs.tsv --out pairs.tsv").status == 2);
  CHECK(said_by(it.folder, "ids run --data none.tsv --out none.ids").status == 1);
  CHECK(!exists(it.folder.path + "/none.ids"));
}
