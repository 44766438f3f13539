// tools/whole.cpp beside the library: the same Transformer with the same weights has the same loss,
// gradients and steps of Adam; and the program, compiled as its first line says, translates.
#include <doctest/doctest.h>

#include <filesystem>
#include <map>

#include "data/text.h"
#include "models/seq2seq.h"
#include "models/transformer.h"
#include "nn/optim.h"
#include "tests/program.h"
#include "tools/whole.cpp"

namespace babelgrad {
namespace {

using LibraryTransformer = Seq2Seq<TransformerEncoder<>, TransformerDecoder<>>;

// The library's name of each matrix of whole.cpp, which has (in, out) where a Linear has (out, in).
std::map<std::string, whole::Tensor> library_names(const whole::Transformer& model) {
  std::map<std::string, whole::Tensor> all = {
      {"encoder.embedding.weight", model.source}, {"decoder.embedding.weight", model.target},
      {"encoder.blks.0.ffn.dense1.weight", model.W_1},
      {"encoder.blks.0.ffn.dense2.weight", model.W_2},
      {"decoder.blks.0.ffn.dense1.weight", model.W_3},
      {"decoder.blks.0.ffn.dense2.weight", model.W_4},
      {"decoder.dense.weight", model.dense}};
  auto add = [&](const std::string& name, const whole::Attention& attention) {
    all[name + ".W_q.weight"] = attention.W_q, all[name + ".W_k.weight"] = attention.W_k;
    all[name + ".W_v.weight"] = attention.W_v, all[name + ".W_o.weight"] = attention.W_o;
  };
  add("encoder.blks.0.attention", model.self1);
  add("decoder.blks.0.attention1", model.self2);
  add("decoder.blks.0.attention2", model.cross);
  return all;
}

// A matrix of whole.cpp as the library's parameter of this name has it.
Tensor as_library(const std::string& name, whole::Matrix M) {
  if (!name.ends_with("embedding.weight")) M = whole::transposed(M);
  Tensor x({M.rows, M.cols});
  for (Index i = 0; i < x.numel(); i++) x.data()[i] = Real(M.numbers[std::size_t(i)]);
  return x;
}

// Its weights in the library's model: there is no bias, and what norms scale by stays 1.
void copy_weights(const whole::Transformer& from, LibraryTransformer& to) {
  auto known = library_names(from);
  for (Parameter& p : named_parameters(to)) {
    Real* w = overwrite(p.tensor, "copy_weights");
    if (known.contains(p.name)) {
      Tensor ours = as_library(p.name, known[p.name]->value);
      REQUIRE(ours.shape() == p.tensor.shape());
      std::copy_n(ours.data(), ours.numel(), w);
    } else if (p.name.ends_with("bias")) {
      std::fill_n(w, p.tensor.numel(), Real(0));
    }
  }
}

Ints row_of(const std::vector<int>& ids) { return Ints(Shape{1, int(ids.size())}, ids); }

}  // namespace

TEST_CASE("whole: loss, gradients and Adam are the library's on the same model") {
  const int words = 9, d = 8, hidden = 12;
  whole::parameters.clear();
  whole::Transformer ours(words, d, hidden);
  whole::Adam our_adam;
  LibraryTransformer library({words, d, hidden, 1, 1, 0}, {words, d, hidden, 1, 1, 0}, -1);
  copy_weights(ours, library);
  std::vector<Parameter> params;
  for (Parameter& p : named_parameters(library))
    if (library_names(ours).contains(p.name)) params.push_back(p);
  REQUIRE(params.size() == whole::parameters.size());
  Adam adam(params, Real(our_adam.rate));

  struct Sentences { Ints src, tgt; Lens lens; Ints label; };
  const std::vector<int> source = {3, 1, 4, 1, 5}, read = {0, 2, 7, 8}, asked = {2, 7, 8, 0};
  for (int step = 0; step < 3; step++) {
    whole::Tensor our_loss = whole::cross_entropy(ours.decode(ours.encode(source), read), asked);
    whole::backward(our_loss);
    adam.zero_grad();
    Tensor loss = library.training_step(Sentences{row_of(source), row_of(read), {},
                                                  row_of(asked)});
    backward(loss);
    CHECK(double(loss.item()) == doctest::Approx(our_loss->value(0, 0)).epsilon(tol(1e-12, 1e-5)));
    for (const Parameter& p : params) {
      CAPTURE(p.name);
      Tensor expected = as_library(p.name, library_names(ours)[p.name]->grad);
      CHECK(distance(grad(p.tensor), expected) < tol(1e-10, 1e-4));
      CHECK(distance(expected, Tensor(expected.shape())) > 1e-4);        // there is a gradient
    }
    // Where a gradient is nearly 0, Adam makes a step of a rounding error: a wider bound.
    our_adam.step();
    adam.step();
    for (const Parameter& p : params) {
      CAPTURE(p.name);
      Tensor expected = as_library(p.name, library_names(ours)[p.name]->value);
      CHECK(distance(p.tensor, expected) < tol(1e-9, 1e-3));
    }
  }
}

TEST_CASE("whole: the program learns, translates what it never saw, and looks at the right words") {
  const std::filesystem::path program = program_path();
  const std::string whole_program = (program.parent_path() / "whole").string();
  Folder folder;
  REQUIRE(std::system(join("'", whole_program, "' > '", folder.path, "/out'").c_str()) == 0);
  std::vector<Tokens> lines;
  std::istringstream out(read_file(folder.path + "/out"));
  for (std::string line; std::getline(out, line);) lines.push_back(split(line));
  REQUIRE(lines.size() == 17);
  CHECK(lines.back() == Tokens{"right"});
  const Tokens english = lines[6];
  CHECK(english == Tokens{"the", "king", "'s", "horse", "sees", "the", "black", "dog", "."});
  const std::vector<std::pair<std::string, int>> aligned = {
      {"le", 0}, {"cheval", 3}, {"du", 2}, {"roi", 1}, {"voit", 4}, {"le", 5}, {"chien", 7},
      {"noir", 6}, {".", 8}};
  for (std::size_t i = 0; i < aligned.size(); i++) {
    const Tokens& row = lines[7 + i];
    REQUIRE(row.size() == english.size() + 1);
    CHECK(row[0] == aligned[i].first);
    std::vector<double> weights;
    for (std::size_t j = 1; j < row.size(); j++) weights.push_back(std::stod(row[j]));
    CHECK(std::ranges::max_element(weights) - weights.begin() == aligned[i].second);
  }
}

}  // namespace babelgrad
