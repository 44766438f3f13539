// Searching for many translations at once, and babelgrad translate, which reads as much as comes.
#include <sys/wait.h>

#include <cstdlib>
#include <set>

#include "data/grammar.h"
#include "nn/file.h"
#include "nn/weights.h"
#include "tests/close.h"
#include "tests/folder.h"
#include "tests/pseudo.h"
#include "tools/model.h"

using namespace babelgrad;

namespace {

const std::vector<Pair>& pairs() {
  static const std::vector<Pair> made = make_corpus(150, 3, {3, 12});
  return made;
}

std::vector<Tokens> sentences() {
  std::vector<Tokens> out;
  for (const Pair& pair : pairs()) out.push_back(pair.src);
  return out;
}

std::unique_ptr<Translator> made(const std::string& kind, int num_steps = 0) {
  ModelConfig config{.model = kind, .embed = 8, .hidden = 8, .layers = 1, .heads = 2, .ffn = 16,
                     .dropout = 0};
  config.num_steps = num_steps;
  std::vector<Tokens> src, tgt;
  for (const Pair& pair : pairs()) src.push_back(pair.src), tgt.push_back(pair.tgt);
  manual_seed(4);
  auto model = make_translator(config, Vocab(src), Vocab(tgt));
  for (Parameter& p : named_parameters(model->module()))     // large weights: it has opinions
    for (Index i = 0; i < p.tensor.numel(); i++) p.tensor.data()[i] *= 3;
  eval(model->module());
  return model;
}

// Its sentences end more, or less, readily.
void lean_to_the_end(Translator& model, Real by) {
  for (Parameter& p : named_parameters(model.module()))
    if (p.name == "decoder.dense.bias") p.tensor.data()[model.tgt_vocab.eos()] += by;
}

// Hypotheses of equal scores, but for rounding, may stand in either order.
bool tied(const std::vector<Hypothesis>& found, std::size_t j) {
  auto near = [&](std::size_t k) {
    return k < found.size() && std::abs(found[j].score - found[k].score) < 1e-5;
  };
  return near(j - 1) || near(j + 1);
}

struct Run { int status; std::string out, err; };

// `babelgrad translate model ARGUMENTS < in`, in the folder that has the model; `feed` makes `in`.
Run translate(const Folder& folder, const std::string& arguments, const std::string& input,
              const std::string& feed = "cat in", const std::string& before = "") {
  const char* program = std::getenv("BABELGRAD");
  std::string absolute = std::filesystem::absolute(program ? program : "build/babelgrad").string();
  write_file_atomically(folder.path + "/in", input);
  const std::string command = "cd '" + folder.path + "' && rm -f out && " + before + "(" + feed +
                              ") | '" + absolute + "' translate model.safetensors " + arguments +
                              " > out 2> err";
  int status = std::system(command.c_str());
  return {WEXITSTATUS(status), read_file(folder.path + "/out"), read_file(folder.path + "/err")};
}

std::vector<std::string> lines(const std::string& all) {
  std::vector<std::string> out(1);
  for (char c : all) {
    if (c == '\n') out.emplace_back();
    else out.back() += c;
  }
  CHECK(out.back().empty());                    // the last line has its end, too
  out.pop_back();
  return out;
}

std::string joined(const std::vector<std::string>& all) {
  std::string out;
  for (const std::string& line : all) out += line + "\n";
  return out;
}

// A saved model whose sentences end, and `count` lines for it, some of them empty.
std::vector<std::string> prepare(const Folder& folder, int count) {
  auto model = made("attention");
  lean_to_the_end(*model, 1);
  save_model(*model, folder.path + "/model.safetensors");
  std::vector<std::string> out;
  for (int i = 0; i < count; i++)
    out.push_back(i % 50 == 7 ? "" : join(pairs()[i * 7 % pairs().size()].src));
  return out;
}

}  // namespace

TEST_CASE("search: many sentences find what each finds alone, in the order they came in") {
  const std::vector<Tokens> all = sentences();
  std::size_t different = 0;
  for (const char* kind : {"rnn", "attention", "transformer"}) {
    CAPTURE(kind);
    auto model = made(kind);
    lean_to_the_end(*model, 1);
    for (int beam : {1, 4, 30}) {
      auto found = model->search(all, {.beam_size = beam, .max_len = 0});
      REQUIRE(found.size() == all.size());
      for (std::size_t i = 0; i < all.size(); i += 7) {
        auto alone = model->search({all[i]}, {.beam_size = beam, .max_len = 0})[0];
        REQUIRE(found[i].size() == alone.size());
        for (std::size_t j = 0; j < alone.size(); j++) {
          CHECK((tied(alone, j) || found[i][j].tokens == alone[j].tokens));
          CHECK(std::abs(found[i][j].score - alone[j].score) < tol(1e-12, 1e-5));
        }
      }
    }
    auto greedy = model->translate(all);
    auto one = model->search(all, {.beam_size = 1, .max_len = 0});
    different += std::set(greedy.begin(), greedy.end()).size();
    for (std::size_t i = 0; i < all.size(); i++) {
      CHECK(model->translate({all[i]})[0] == greedy[i]);
      CHECK(model->target_words(one[i][0].tokens) == greedy[i]);
    }
  }
  CHECK(different > 3 * all.size() / 2);
  CHECK(made("rnn")->search({}, {}).empty());
  CHECK(made("rnn")->translate({}).empty());
}

TEST_CASE("search: how long a translation may be depends on its own source alone") {
  const std::vector<Tokens> all{Tokens(40, "the"), {"the"}, {"the", "dog"}, {}, Tokens(9, "dog")};
  const std::vector<std::size_t> own{92, 14, 16, 12, 30};    // 2 (words + <eos>) + 10
  for (const char* kind : {"rnn", "attention", "transformer"}) {
    auto model = made(kind), cut = made(kind, 5);
    lean_to_the_end(*model, Real(-1e9)), lean_to_the_end(*cut, Real(-1e9));
    auto greedy = model->translate(all);
    auto found = model->search(all, {.beam_size = 3, .max_len = 0});
    auto short_ones = model->search(all, {.beam_size = 3, .max_len = 4});
    for (std::size_t i = 0; i < all.size(); i++) {
      CHECK(greedy[i].size() == own[i]);
      CHECK(model->translate(all, 4)[i].size() == 4);
      REQUIRE(found[i].size() == 3);
      for (const Hypothesis& h : found[i]) CHECK(h.tokens.size() == own[i]);
      for (const Hypothesis& h : short_ones[i]) CHECK(h.tokens.size() == 4);
      CHECK(cut->translate(all)[i].size() == 5);             // as the book cuts
      CHECK(cut->search(all, {.beam_size = 2, .max_len = 0})[i][0].tokens.size() == 5);
    }
  }
}

TEST_CASE("translate: a line for a line, however many, whatever stands beside it") {
  Folder folder;
  std::vector<std::string> in = prepare(folder, 1200), back(in.rbegin(), in.rend());
  std::vector<std::string> greedy;
  for (const char* options : {"", "--beam 2", "--beam 3 --json", "--json"}) {
    CAPTURE(options);
    Run run = translate(folder, options, joined(in));
    REQUIRE_MESSAGE(run.status == 0, run.err);
    auto out = lines(run.out), turned = lines(translate(folder, options, joined(back)).out);
    REQUIRE(out.size() == in.size());
    REQUIRE(turned.size() == in.size());
    if (greedy.empty()) greedy = out;
    std::size_t spoken = 0;
    for (std::size_t i = 0; i < in.size(); i++) {
      if (*options == '\0' || std::string(options) == "--beam 2") {
        CHECK(out[i] == turned[in.size() - 1 - i]);
        CHECK((out[i].empty() || !in[i].empty()));
      } else {
        CHECK(out[i].starts_with("{\"line\":" + std::to_string(i + 1) + ","));
        const Json told = parse_json(out[i], "line");
        CHECK(told.get_double("log_prob") <= 0);
        if (std::string(options) == "--json") CHECK(told.get_string("translation") == greedy[i]);
      }
      spoken += !out[i].empty();
    }
    CHECK(spoken > 1000);
  }
}

TEST_CASE("translate: --n-best is in the Moses form, best first, by line; --capitals begins so") {
  Folder folder;
  std::vector<std::string> in = prepare(folder, 600);
  auto out = lines(translate(folder, "--beam 4 --n-best 3 --tokens", joined(in)).out);
  std::vector<int> count(in.size() + 1);
  int before = 0, rises = 0;
  double best = 0;
  for (const std::string& line : out) {
    std::size_t first = line.find(" ||| "), second = line.rfind(" ||| ");
    REQUIRE(first < second);
    int number = std::stoi(line.substr(0, first));
    double score = std::stod(line.substr(second + 5));
    CHECK((number == before || number == before + 1));
    if (number != before) rises = 0;
    else rises += score > best;                 // from the finished ones to those that were cut
    CHECK(rises <= 1);
    before = number, best = score, count[number]++;
  }
  for (std::size_t i = 0; i < in.size(); i++) CHECK(count[i + 1] == (in[i].empty() ? 1 : 3));
  CHECK(out[0].starts_with("1 ||| "));
  auto plain = lines(translate(folder, "", joined(in)).out);
  auto large = lines(translate(folder, "--capitals", joined(in)).out);
  for (std::size_t i = 0; i < in.size(); i++) CHECK(large[i] == capitalized(plain[i]));
  CHECK(large != plain);
  CHECK(std::ranges::count(out, "8 |||  ||| 0.0000") == 1);  // the empty line
}

TEST_CASE("translate: what is read is translated before the end of the input has come") {
  Folder folder;
  std::vector<std::string> in = prepare(folder, 520);
  // The input stays open until something has come out, or a minute is over.
  std::string feed = "cat in; for i in $(seq 600); do if [ -s out ]; then touch streamed; break; "
                     "fi; sleep 0.1; done";
  Run run = translate(folder, "", joined(in), feed);
  CHECK(run.status == 0);
  CHECK(lines(run.out).size() == 520);
  CHECK(exists(folder.path + "/streamed"));
}

TEST_CASE("translate: lines before one that is no text, or too long, are not lost") {
  Folder folder;
  std::vector<std::string> in = prepare(folder, 4);
  const Run before = translate(folder, "--beam 2", in[0] + "\n" + in[1] + "\n");
  CHECK(lines(before.out).size() == 2);
  struct { std::string line, says; } table[] = {
      {"\xFF", "stdin:3:1: this byte is not UTF-8; save the file as UTF-8"},
      {std::string("dog\0", 4), "stdin:3:4: a NUL byte; text has none"},
      {std::string((1 << 20) + 1, 'a'), "stdin:3: a line of more than 1048576 bytes"},
  };
  for (const auto& row : table) {
    Run run = translate(folder, "--beam 2",
                        in[0] + "\n" + in[1] + "\n" + row.line + "\n" + in[2] + "\n");
    CHECK(run.status == 1);
    CHECK(run.err == "error: " + row.says + "\n");
    CHECK(run.out == before.out);
  }
}

TEST_CASE("translate: a long line is cut and named, an unknown word named once") {
  Folder folder;
  prepare(folder, 1);
  Run cut = translate(folder, "--max-source 2", "\nthe king sleeps .\nthe king\n");
  CHECK(cut.err == "note: stdin:2: only the first 2 of 4 words are translated, as --max-source is "
                   "2\n");
  CHECK(lines(cut.out)[1] == lines(translate(folder, "", "the king\n").out)[0]);
  CHECK(translate(folder, "", "the\nxyz xyz\nqq\nxyz\n").err ==
        "note: stdin:2: \"xyz\" is not in the vocabulary; read as <unk>\n"
        "note: stdin:3: \"qq\" is not in the vocabulary; read as <unk>\n"
        "note: 4 unknown words in all; those named are 2\n");
  CHECK(translate(folder, "--no-unk --replace-unk", "the\n").status == 2);
  CHECK(translate(folder, "--capitals --tokens", "the\n").status == 2);
  CHECK(translate(folder, "--alpha 1", "the\n").err.find("needs --beam 2") != std::string::npos);
  const Run marked = translate(folder, "", "\xEF\xBB\xBFthe king\n");      // a byte order mark
  CHECK(marked.err.empty());
  CHECK(marked.out == translate(folder, "", "the king\n").out);
}

// What was typed waits in the terminal; all that is drawn fits into it.
std::string at_terminal(const std::string& folder, const std::string& typed) {
  Pseudo pseudo;
  termios raw = pseudo.settings();
  ::cfmakeraw(&raw);
  REQUIRE(tcsetattr(pseudo.terminal, TCSANOW, &raw) == 0);
  REQUIRE(::write(pseudo.keyboard, typed.data(), typed.size()) == ssize_t(typed.size()));
  const char* program = std::getenv("BABELGRAD");
  const std::string name = ::ptsname(pseudo.keyboard);
  REQUIRE(std::system(join("TERM=xterm '", program ? program : "build/babelgrad", "' translate '",
                           folder, "' < ", name, " > ", name, " 2>&1").c_str()) == 0);
  char drawn[1 << 16];
  return {drawn, std::size_t(std::max<ssize_t>(0, ::read(pseudo.keyboard, drawn, sizeof drawn)))};
}

TEST_CASE("translate: at a terminal, a prompt with a history, and :align") {
  Folder folder;
  prepare(folder, 1);
  const std::string typed = ":align\rthe king sleeps .\r\r:align\r:alien\r\x04";
  const std::string drawn = at_terminal(folder.path, typed);
  CAPTURE(drawn);
  CHECK(drawn.find("no sentence so far") < drawn.find("rows: target tokens"));
  CHECK(drawn.find("rows: target tokens") < drawn.find("there is no :alien"));
  CHECK(read_file(folder.path + "/history.txt") ==
        "# babelgrad history\n:align\nthe king sleeps .\n:align\n:alien\n");
}

TEST_CASE("translate: the prompt trims its commands, sets the beam, helps and ends") {
  Folder folder;
  prepare(folder, 1);
  const std::string drawn = at_terminal(
      folder.path, "the king sleeps .\r  :align \r:beam 0\r:beam 3\r:beam\r:help\r:quit\rlate\r");
  CHECK(drawn.find("rows: target tokens") < drawn.find("it is 1"));
  CHECK(drawn.find("it is 1") < drawn.find(":beam needs a number from 1 to 1000; it is 3"));
  CHECK(drawn.find("it is 3") < drawn.find(":help    this"));
  CHECK(read_file(folder.path + "/history.txt").ends_with(":help\n:quit\n"));
}

#ifndef BABELGRAD_NO_POOL  // sanitizers need memory of their own
TEST_CASE("translate: a line that needs more memory than there is costs only itself") {
  Folder folder;
  auto model = made("transformer");
  lean_to_the_end(*model, 1);
  save_model(*model, folder.path + "/model.safetensors");
  const std::string few = join(pairs()[0].src) + "\n", other = join(pairs()[1].src) + "\n";
  const std::string alone = translate(folder, "", few + other).out;
  REQUIRE(lines(alone).size() == 2);

  // 30,000 words see each other with every head: 7 GB of weights, where 2 are allowed.
  std::string endless;
  for (int i = 0; i < 30000; i++) endless += pairs()[0].src[0] + " ";
  for (const std::string options :
       {"--max-source 30000 --threads 2", "--max-source 30000 --threads 1 --beam 2"}) {
    const Run limited = translate(folder, options, few + endless + "\n" + other, "cat in",
                                  "ulimit -v 2000000; ");
    CHECK(limited.status == 1);
    const std::vector<std::string> said = lines(limited.out);
    REQUIRE(said.size() == 3);
    CHECK(said[1].empty());
    if (!options.ends_with("--beam 2")) CHECK(said[0] + "\n" + said[2] + "\n" == alone);
    CHECK(limited.err.find("stdin:2: out of memory") != std::string::npos);
    CHECK(limited.err.find("error: translate: 1 line could not be translated") !=
          std::string::npos);
  }
}
#endif
