// babelgrad analyse as a user meets it.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "data/alignment.h"
#include "data/file.h"
#include "data/grammar.h"
#include "data/json.h"
#include "data/tasks.h"
#include "data/text.h"
#include "tests/close.h"
#include "tests/folder.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/run/model.h"

using namespace babelgrad;

namespace {

// stdout of `babelgrad analyse ARGUMENTS`, which must not fail.
std::string output_of(const std::string& arguments) {
  const char* program = std::getenv("BABELGRAD");
  std::string command = join(program ? program : "build/babelgrad", " analyse ", arguments);
  std::FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string out;
  for (int c; (c = std::fgetc(pipe)) != EOF;) out.push_back(char(c));
  CHECK(pclose(pipe) == 0);
  return out;
}

std::string usage_error_of(std::vector<const char*> words) {
  words.insert(words.begin(), "analyse");
  try {
    analyse_command(int(words.size()), words.data());
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

// An untrained model of the grammar's words, saved.
std::string saved_model(const Folder& folder) {
  manual_seed(2);
  std::vector<Tokens> src, tgt;
  for (const Pair& pair : make_corpus(500, 0, {3, 9})) {
    src.push_back(pair.src);
    tgt.push_back(pair.tgt);
  }
  auto model = make_translator({.model = "transformer", .embed = 8, .hidden = 8, .layers = 1,
                                .heads = 2, .ffn = 8}, Vocab(src), Vocab(tgt));
  save_model(*model, folder.path + "/model.safetensors");
  return folder.path;
}

}  // namespace

TEST_CASE("analyse: of the built-in corpus only pairs that no training has seen") {
  Folder folder;
  std::string run = saved_model(folder);
  std::string arguments = run + " --pairs 500 --max-length 9 --seed 6 --threads 1 --json";
  std::string out = output_of(arguments);
  CHECK(out == output_of(arguments));
  auto drawn = built_in_corpus({.pairs = 500, .seed = 6, .max_length = 9});
  auto held_out = std::ranges::count_if(
      drawn, [](const Pair& pair) { return split_of(pair.src) == Split::test; });
  Json json = parse_json(out, "analyse");
  CHECK(json.at("all").get_int("pairs") == held_out);
  CHECK(json.get_string("views_chosen_on") == "validation");
  CHECK(!json.at("all").at("floor_bleu_tokens").is_null());
}

TEST_CASE("analyse: a file is analysed whole; longer sentences than can be read are left out") {
  Folder folder;
  std::string run = saved_model(folder), lines;
  for (const Pair& pair : built_in_corpus({.pairs = 30, .max_length = 9}))
    lines += join(join(pair.src), '\t', join(pair.tgt), '\t', pharaoh(pair.gold), '\n');
  std::string long_line;
  for (int i = 0; i < 401; i++) long_line += "a ";
  write_file_atomically(folder.path + "/pairs.tsv", lines + long_line + "\tun\n");
  Json json = parse_json(output_of(run + " --data " + folder.path + "/pairs.tsv --threads 1" +
                                   " --json 2> " + folder.path + "/err"), "analyse");
  CHECK(json.at("all").get_int("pairs") == 30);
  CHECK(json.at("all").get_int("with_gold") == 30);
  CHECK(json.get_string("views_chosen_on") == "test");
  CHECK(json.at("tables").find("tag") == nullptr);
  CHECK(json.get_array("missing").size() >= 2);
  CHECK(read_file(folder.path + "/err") ==
        "note: 1 pairs of more than 400 words are left out\n");
}

TEST_CASE("analyse: what cannot be meant is wrong use, and the error says so") {
  CHECK(usage_error_of({}).find("RUN is missing") != std::string::npos);
  CHECK(usage_error_of({"run", "--by", "words"}) ==
        "analyse: --by must be tag, length, order, position, head, split or all, not \"words\"");
  CHECK(usage_error_of({"run", "--data", "a.tsv", "--task", "copy"}).find("--data") !=
        std::string::npos);
  CHECK(usage_error_of({"run", "--max-length", "41"}).find("has lengths from 3 to 40") !=
        std::string::npos);
}
