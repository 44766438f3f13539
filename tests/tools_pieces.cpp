// babelgrad pieces: plain text as what a model reads, and back.
#include "tests/program.h"
#include "tests/tools_small_run.h"

using namespace babelgrad;

namespace {

// A model of pieces and one of words, in files of these names.
const Folder& piece_models() {
  static const Folder folder;
  static const bool made = [] {
    for (int merges : {0, 30}) {
      TrainSettings s = settings();
      s.model.merges = merges, s.epochs = 1, s.model.language = Language::english;
      const auto ran = run(s, corpus_of(60));
      save_model(*ran->outcome.model, folder.path + (merges ? "/subwords" : "/words"));
    }
    return true;
  }();
  REQUIRE(made);
  return folder;
}

std::string pieces_said(const std::string& arguments, const std::string& input) {
  return said_by(piece_models(), "pieces " + arguments, input).out;
}

}  // namespace

TEST_CASE("pieces: those of a model, a line for a line, and back to text") {
  const std::string text = "The dog sleeps.\n\nthe king's horse sees her .\n";
  CHECK(pieces_said("words", text) == "the dog sleeps .\n\nthe king 's horse sees her .\n");
  CHECK(pieces_said("subwords --words", text) == pieces_said("words", text));
  const std::string pieces = pieces_said("subwords", text);
  CHECK(says(pieces, "@@ "));
  const auto model = load_model(piece_models().path + "/subwords");
  CHECK(pieces.substr(0, pieces.find('\n')) ==
        join(model->pieces({split("the dog sleeps ."), {}}).src));
  CHECK(pieces_said("subwords --join", pieces) ==
        "the dog sleeps.\n\nthe king's horse sees her.\n");
  CHECK(pieces_said("subwords --join --capitals", "<bos> the d@@ og sleeps . <eos> <pad>\n") ==
        "The dog sleeps.\n");
}

TEST_CASE("pieces: no text brings a special token in") {
  for (const char* model : {"words", "subwords"})
    for (const char* more : {"", " --words", " --target"}) {
      const std::string text = "the <eos> dog <pad> <bos>\n";
      const std::string said = pieces_said(model + std::string(more), text);
      for (const char* special : {"<eos>", "<pad>", "<bos>"}) CHECK(!says(said, special));
    }
}

TEST_CASE("pieces: options that come to nothing are refused") {
  CHECK(says(said_by(piece_models(), "pieces words --join --target").err, "--target applies to"));
  CHECK(says(said_by(piece_models(), "pieces words --capitals").err, "--capitals applies to"));
}
