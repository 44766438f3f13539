// babelgrad translate, which reads as much as comes.
#include <sys/wait.h>

#include <cstdlib>

#include "data/file.h"
#include "tests/folder.h"
#include "tests/pseudo.h"
#include "tests/translate_small.h"

using namespace babelgrad;

namespace {

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

TEST_CASE("translate: a NUL ends no line, but is a blank") {
  Folder folder;
  prepare(folder, 1);
  const Run run = translate(folder, "", std::string("the\0king\0\nthe\1king\n", 19));
  CHECK(run.err.empty());
  CHECK(run.out == translate(folder, "", "the king\nthe king\n").out);
}

TEST_CASE("translate: CR ends a line, a byte order mark begins none") {
  Folder folder;
  prepare(folder, 1);
  const Run run = translate(folder, "", "the king\r\xEF\xBB\xBFthe dog\r\nthe king");
  CHECK(run.err.empty());
  CHECK(run.out == translate(folder, "", "the king\nthe dog\nthe king\n").out);
}

// A model that only ever says this word.
void save_speaker_of(const std::string& word, const std::string& folder) {
  ModelConfig config{.model = "rnn", .embed = 4, .hidden = 4, .layers = 1, .dropout = 0};
  auto model = make_translator(config, Vocab({{"a"}}), Vocab({{word}}));
  lean_to(*model, model->tgt_vocab[word], 50);
  save_model(*model, folder + "/model.safetensors");
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

TEST_CASE("translate: a pipe gets the text itself, a terminal one that cannot steer it") {
  Folder folder;
  const std::string word = "\u200Fשלום\u202E";
  save_speaker_of(word, folder.path);
  for (const char* options : {"--max-len 1", "--max-len 1 --tokens"})
    CHECK(translate(folder, options, "a\n").out == word + "\n");
  const Json told = parse_json(translate(folder, "--max-len 1 --json", "a\n").out, "line");
  CHECK(told.get_string("translation") == word);
  const std::string drawn = at_terminal(folder.path, "a\r\x04");
  CHECK(drawn.find("\\xE2\\x80\\x8Fשלום\\xE2\\x80\\xAE") != drawn.npos);
  CHECK(drawn.find(word) == drawn.npos);
}
