// babelgrad translate, which reads as much as comes: the search for many translations at once, what
// a model does not know, a line for a line, and the prompt.
#include <set>

#include "nn/weights.h"
#include "tests/program.h"
#include "tests/pseudo.h"
#include "tests/tools_small_run.h"
#include "tools/app/run/unknown.h"

using namespace babelgrad;

namespace {

const std::vector<Pair>& small_pairs() {
  static const std::vector<Pair> made = make_corpus(150, 3, {3, 12});
  return made;
}

std::vector<Tokens> sentences() {
  std::vector<Tokens> out;
  for (const Pair& pair : small_pairs()) out.push_back(pair.src);
  return out;
}

std::unique_ptr<Translator> small_made(const std::string& kind, int num_steps = 0, int layers = 1) {
  ModelConfig config{.model = kind, .embed = 8, .hidden = 8, .layers = layers, .heads = 2,
                     .ffn = 16, .dropout = 0};
  config.num_steps = num_steps;
  auto model = untrained(config, small_pairs());
  for (Parameter& p : named_parameters(model->module()))     // large weights: it has opinions
    for (Index i = 0; i < p.tensor.numel(); i++) p.tensor.data()[i] *= 3;
  eval(model->module());
  return model;
}

// Its sentences end more, or less, readily.
void lean_to(Translator& model, int word, Real by) {
  for (Parameter& p : named_parameters(model.module()))
    if (p.name == "decoder.dense.bias") p.tensor.data()[word] += by;
}
void lean_to_the_end(Translator& model, Real by) {
  lean_to(model, model.tgt_vocab.eos(), by);
}

// More likely to say <unk> by `lean`.
std::unique_ptr<Translator> unsure(const std::string& kind, Real lean) {
  auto model = small_made(kind, 0, 2);
  lean_to(*model, model->tgt_vocab.unk(), lean);
  return model;
}
std::vector<Tokens> some_sentences() {
  std::vector<Tokens> some = sentences();
  some.resize(60);
  return some;
}

// Hypotheses of equal scores, but for rounding, may stand in either order.
bool tied(const std::vector<Hypothesis>& found, std::size_t j) {
  auto near = [&](std::size_t k) {
    return k < found.size() && std::abs(found[j].score - found[k].score) < 1e-5;
  };
  return near(j - 1) || near(j + 1);
}

Said translated(const Folder& folder, const std::string& arguments, const std::string& input,
                const std::string& feed = "cat in", const std::string& before = "") {
  return said_by(folder, "translate model.safetensors " + arguments, input, feed, before);
}

Tokens lines_in(const std::string& all) {
  Tokens out(1);
  for (char c : all) {
    if (c == '\n') out.emplace_back();
    else out.back() += c;
  }
  CHECK(out.back().empty());                    // the last line has its end, too
  out.pop_back();
  return out;
}

// A saved model whose sentences end, and `count` lines for it, some of them empty.
Tokens prepare(const Folder& folder, int count) {
  auto model = small_made("attention");
  lean_to_the_end(*model, 1);
  save_model(*model, folder.path + "/model.safetensors");
  Tokens out;
  for (int i = 0; i < count; i++)
    out.push_back(i % 50 == 7 ? "" : join(small_pairs()[i * 7 % small_pairs().size()].src));
  return out;
}

// A model that only ever says this word.
void save_speaker_of(const std::string& word, const std::string& folder) {
  ModelConfig config{.model = "rnn", .embed = 4, .hidden = 4, .layers = 1, .dropout = 0};
  auto model = make_translator(config, Vocab({{"a"}}), Vocab({{word}}));
  lean_to(*model, model->tgt_vocab[word], 50);
  save_model(*model, folder + "/model.safetensors");
}

// What was typed waits in the terminal, a line of it for each reading; what comes fits into it.
std::string at_terminal(const std::string& folder, const std::string& typed) {
  Pseudo pseudo;
  termios quiet = pseudo.settings();
  quiet.c_lflag &= ~tcflag_t(ECHO);
  REQUIRE(tcsetattr(pseudo.terminal, TCSANOW, &quiet) == 0);
  REQUIRE(::write(pseudo.keyboard, typed.data(), typed.size()) == ssize_t(typed.size()));
  const std::string name = ::ptsname(pseudo.keyboard);
  REQUIRE(std::system(join("TERM=xterm '", program_path(), "' translate '", folder, "' < ", name,
                           " > ", name, " 2>&1").c_str()) == 0);
  // What was said comes through the kernel a piece at a time; a last character of ours ends it.
  const char end = '\0';
  REQUIRE(::write(pseudo.terminal, &end, 1) == 1);
  std::string said;
  for (char c; ::read(pseudo.keyboard, &c, 1) == 1 && c != end;) said += c;
  return said;
}

}  // namespace

// --- searching

TEST_CASE("search: many sentences find what each finds alone, in the order they came in") {
  OneThread guard;
  const std::vector<Tokens> all = sentences();
  std::size_t different = 0;
  for (const char* kind : {"rnn", "attention", "transformer"}) {
    CAPTURE(kind);
    auto model = small_made(kind);
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
  CHECK(small_made("rnn")->search({}, {}).empty());
  CHECK(small_made("rnn")->translate({}).empty());
}

TEST_CASE("search: how long a translation may be depends on its own source alone") {
  OneThread guard;
  const std::vector<Tokens> all{Tokens(40, "the"), {"the"}, {"the", "dog"}, {}, Tokens(9, "dog")};
  const std::vector<std::size_t> own{92, 14, 16, 12, 30};    // 2 (words + <eos>) + 10
  for (const char* kind : {"rnn", "attention", "transformer"}) {
    auto model = small_made(kind), cut = small_made(kind, 5);
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

TEST_CASE("search: <pad> and <bos> are no words, however likely") {
  OneThread guard;
  std::vector<Tokens> all = sentences();
  all.resize(20);
  for (const char* kind : {"rnn", "attention", "transformer"}) {
    CAPTURE(kind);
    auto model = small_made(kind);
    const Vocab& vocab = model->tgt_vocab;
    const auto before = model->search(all, {.beam_size = 3, .max_len = 8});
    lean_to(*model, vocab.pad(), 40), lean_to(*model, vocab.bos(), 30);
    for (const Tokens& said : model->translate(all, 8))
      for (const std::string& word : said) CHECK((word != "<pad>" && word != "<bos>"));
    for (int beam : {1, 3, vocab.size() + 5}) {
      const auto found = model->search(all, {.beam_size = beam, .max_len = 8});
      for (std::size_t i = 0; i < all.size(); i++) {
        CHECK(Index(found[i].size()) >= std::min(beam, vocab.size() - 2));
        for (const Hypothesis& h : found[i]) {
          CHECK(std::isfinite(h.log_prob));
          for (int word : h.tokens) CHECK((word != vocab.pad() && word != vocab.bos()));
          // 40 of the chance of each word went to <pad>: it is told as the model has it
          if (beam == 3) CHECK(h.log_prob < before[i][0].log_prob - 20);
        }
      }
    }
    CHECK(model->translate({all[0]}, 8) == std::vector<Tokens>{model->translate(all, 8)[0]});
  }
}

// --- what it does not know

TEST_CASE("unknown_words: as readers write them, as often as they stand there") {
  auto model = unsure("rnn", 0);
  const Tokens words{"the", "xyz", "l&apos;", "xyz", "<unk>"};
  CHECK(unknown_words(*model, words) == Tokens{"xyz", "l'", "xyz", "<unk>"});
  model->config.tokenizer = "book";             // to which &apos; is a word like any other
  CHECK(unknown_words(*model, words) == Tokens{"xyz", "l&apos;", "xyz", "<unk>"});
  CHECK(unknown_words(*model, {"the", "."}).empty());
}

TEST_CASE("note_on_known: a side with more than a quarter of unknown words is noted, with counts") {
  const Vocab src({split("a b c")}), tgt({split("x y")});
  const auto model = make_translator({.model = "rnn", .embed = 2, .hidden = 2}, src, tgt);
  const auto note = [&](const char* sources, const char* targets) {
    return note_on_known(*model, {{split(sources), split(targets)}, {{"a"}, {"x"}}}, "it");
  };
  CHECK(note("a b c", "x y x").empty());
  CHECK(note("a a z", "x x z").empty());        // one word in four
  CHECK(note("a z", "x") ==
        "note: it: only 2 of 3 source words are known; the others are read as <unk>");
  CHECK(note("z z z", "y") ==
        "note: it: only 1 of 4 source words are known; the others are read as <unk>");
  CHECK(note("x y", "a b c") == "note: it: only 1 of 3 source words and 1 of 4 target words are "
                                "known; the others are read as <unk>; source and target look as if "
                                "they were the wrong way round; see --swap");
  CHECK(note_on_known(*model, {}, "it").empty());
  CHECK(note_on_known(*model, {{{"z"}, {"z"}}}, "a\nb").starts_with("note: a\\x0Ab: only 0 of 1"));
}

// Its chance must be nothing before and after: then masking it changes no other chance.
TEST_CASE("never_say_unknown: greedy and beam find what they do where <unk> has no chance") {
  OneThread guard;
  for (const char* kind : {"rnn", "attention", "transformer"}) {
    CAPTURE(kind);
    auto often = unsure(kind, 100), never = unsure(kind, Real(-1e9));
    CHECK(often->translate(some_sentences())[0][0] == "<unk>");
    never_say_unknown(*often);
    CHECK(often->translate(some_sentences(), 12) == never->translate(some_sentences(), 12));
    const auto found = often->search(some_sentences(), {.beam_size = 3, .max_len = 12});
    const auto wanted = never->search(some_sentences(), {.beam_size = 3, .max_len = 12});
    for (std::size_t i = 0; i < found.size(); i++) {
      REQUIRE(found[i].size() == wanted[i].size());
      for (std::size_t j = 0; j < found[i].size(); j++) {
        CHECK(found[i][j].tokens == wanted[i][j].tokens);
        CHECK(std::abs(found[i][j].log_prob - wanted[i][j].log_prob) < tol(1e-12, 1e-4));
      }
    }
  }
}

TEST_CASE("replace_unknown: the source word with the most attention stands for <unk>") {
  OneThread guard;
  const Tokens said{"le", "<unk>", "le", "<unk>"};
  for (const char* kind : {"attention", "transformer"}) {
    CAPTURE(kind);
    auto model = unsure(kind, 0);
    std::set<std::string> copied;
    for (const Tokens& src : some_sentences()) {
      const Tokens out = replace_unknown(*model, src, said);
      const Batch batch = make_batch({{src, said}}, {0}, model->src_vocab, model->tgt_vocab);
      const Tensor weights =
          model->attention(batch.src, batch.lens.src, batch.tgt).back();   // (1, heads, T, S)
      for (int t : {1, 3}) {
        std::vector<double> sums(src.size());
        for (int s = 0; s < int(src.size()); s++)
          for (int h = 0; h < weights.dim(1); h++) sums[s] += double(weights.at({0, h, t, s}));
        CHECK(out[t] == src[std::ranges::max_element(sums) - sums.begin()]);
        copied.insert(out[t]);
      }
      CHECK((out[0] == "le" && out[2] == "le"));
    }
    CHECK(copied.size() > 2);
    CHECK(replace_unknown(*model, {"xyz"}, {"<unk>"}) == Tokens{"xyz"});
  }
  CHECK(replace_unknown(*unsure("rnn", 0), {"xyz"}, {"le"}) == Tokens{"le"});
  CHECK_THROWS_AS(replace_unknown(*unsure("rnn", 0), {"xyz"}, {"<unk>"}), Error);
}

// --- the command

TEST_CASE("translate: a line for a line, however many, whatever stands beside it") {
  Folder folder;
  std::vector<std::string> in = prepare(folder, 1200), back(in.rbegin(), in.rend());
  std::vector<std::string> greedy;
  for (const char* options : {"", "--beam 2", "--beam 3 --json", "--json"}) {
    CAPTURE(options);
    Said run = translated(folder, options, of_lines(in));
    REQUIRE_MESSAGE(run.status == 0, run.err);
    auto out = lines_in(run.out);
    auto turned = lines_in(translated(folder, join(options, " --threads 1"), of_lines(back)).out);
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
  auto out = lines_in(translated(folder, "--beam 4 --n-best 3 --tokens", of_lines(in)).out);
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
  auto plain = lines_in(translated(folder, "", of_lines(in)).out);
  auto large = lines_in(translated(folder, "--capitals", of_lines(in)).out);
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
  Said run = translated(folder, "", of_lines(in), feed);
  CHECK(run.status == 0);
  CHECK(lines_in(run.out).size() == 520);
  CHECK(exists(folder.path + "/streamed"));
}

TEST_CASE("translate: --int8 is near what Reals say, and a line's own in any company") {
  Folder folder;
  const std::vector<std::string> in = prepare(folder, 6);
  const Said together = translated(folder, "--int8 --json --beam 2", of_lines(in));
  const Said exact = translated(folder, "--json --beam 2", of_lines(in));
  CHECK(together.status == 0);
  const Tokens lines = lines_in(together.out), before = lines_in(exact.out);
  REQUIRE(lines.size() == 6);
  CHECK(lines != before);                       // the chances differ, if not the words
  for (std::size_t i = 0; i < 6; i++) {
    const double chance = parse_json(lines[i], "test").get_double("log_prob");
    const double exactly = parse_json(before[i], "test").get_double("log_prob");
    CHECK(chance == doctest::Approx(exactly).epsilon(0.2));
    const std::string alone = translated(folder, "--int8 --json --beam 2", in[i] + "\n").out;
    CHECK(std::abs(parse_json(alone, "test").get_double("log_prob") - chance) < 0.05);
  }
}

TEST_CASE("translate: at a terminal, a prompt with :align, until Ctrl-D") {
  Folder folder;
  prepare(folder, 1);
  const std::string drawn =
      at_terminal(folder.path, ":align\nthe king sleeps .\n\n:align\n:alien\nbad \xFF\nx\n\x04");
  CAPTURE(drawn);
  CHECK(drawn.starts_with("Type a sentence, or :help"));
  CHECK(says(drawn, "\n> no sentence so far"));
  CHECK(drawn.find("no sentence so far") < drawn.find("rows: target tokens"));
  CHECK(drawn.find("rows: target tokens") < drawn.find("there is no :alien"));
  CHECK(drawn.find("error: prompt:1:5: this byte is not UTF-8") < drawn.find("\"x\" is not in"));
  CHECK(drawn.ends_with("> \r\n"));
  CHECK(names_in(folder.path) == Tokens{"model.safetensors"}); // and no history
}

TEST_CASE("translate: the prompt trims its commands, sets the beam, helps and ends") {
  Folder folder;
  prepare(folder, 1);
  const std::string drawn = at_terminal(
      folder.path, "the king sleeps .\n  :align \n:beam 0\n:beam 3\n:beam\n:help\n:quit\nlate\n");
  CHECK(drawn.find("rows: target tokens") < drawn.find("it is 1"));
  CHECK(drawn.find("it is 1") < drawn.find(":beam needs a number from 1 to 1000; it is 3"));
  CHECK(drawn.find("it is 3") < drawn.find(":help                   this"));
  CHECK(says(drawn, "beam 3: 3 translations are followed at a time"));
  CHECK(!says(drawn, "\"late\""));
}

TEST_CASE("translate: the prompt shows a layer, a head, the steps and the best, and says so") {
  Folder folder;
  prepare(folder, 1);
  const std::string drawn = at_terminal(
      folder.path, ":explain\n:layer 0\nthe king sleeps .\n:layer 1\n:head 9\n:head 1\n:best 2\n"
                   ":explain\n\x04");
  CAPTURE(drawn);
  std::size_t at = 0;
  for (const char* words : {"no sentence so far", ":layer needs a number from 1 to", "attention: ",
                            ":head needs a number from 1 to", "attention: ", "the best 2 of a beam",
                            "1 ||| ", "2 ||| ", "WORD BY WORD",
                            "how it came about: babelgrad explain"}) {
    const std::size_t found = drawn.find(words, at);
    CHECK_MESSAGE(found != drawn.npos, words);
    at = std::min(found, drawn.size() - 1) + 1;
  }
  CHECK(!says(drawn, "(given)"));               // for who gives the words
}

#ifndef BABELGRAD_NO_POOL  // sanitizers need memory of their own
TEST_CASE("translate: a line that needs more memory than there is costs only itself") {
  Folder folder;
  auto model = small_made("transformer");
  lean_to_the_end(*model, 1);
  save_model(*model, folder.path + "/model.safetensors");
  const std::string few = join(small_pairs()[0].src) + "\n";
  const std::string other = join(small_pairs()[1].src) + "\n";
  const std::string alone = translated(folder, "", few + other).out;
  REQUIRE(lines_in(alone).size() == 2);

  // 30,000 words see each other with every head: 7 GB of weights, where 2 are allowed.
  std::string endless;
  for (int i = 0; i < 30000; i++) endless += small_pairs()[0].src[0] + " ";
  for (const std::string options :
       {"--max-source 30000 --threads 2", "--max-source 30000 --threads 1 --beam 2"}) {
    const Said limited = translated(folder, options, few + endless + "\n" + other, "cat in",
                                  "ulimit -v 2000000; ");
    CHECK(limited.status == 1);
    const std::vector<std::string> said = lines_in(limited.out);
    REQUIRE(said.size() == 3);
    CHECK(said[1].empty());
    if (!options.ends_with("--beam 2")) CHECK(said[0] + "\n" + said[2] + "\n" == alone);
    CHECK(says(limited.err, "stdin:2: out of memory"));
    CHECK(says(limited.err, "error: translate: 1 line could not be translated"));
  }
}
#endif

TEST_CASE("translate: a pipe gets the text itself, a terminal one that cannot steer it") {
  Folder folder;
  const std::string word = "\u200Fשלום\u202E";
  save_speaker_of(word, folder.path);
  for (const char* options : {"--max-len 1", "--max-len 1 --tokens"})
    CHECK(translated(folder, options, "a\n").out == word + "\n");
  const Json told = parse_json(translated(folder, "--max-len 1 --json", "a\n").out, "line");
  CHECK(told.get_string("translation") == word);
  const std::string drawn = at_terminal(folder.path, "a\n\x04");
  CHECK(says(drawn, "\\xE2\\x80\\x8Fשלום\\xE2\\x80\\xAE"));
  CHECK(drawn.find(word) == drawn.npos);
}
