// babelgrad translate: plain sentences in, plain sentences out.
#include "nn/file.h"
#include "tensor/parallel.h"
#include "tools/alignment_view.h"
#include "tools/args.h"
#include "tools/commands.h"
#include "tools/heatmap.h"
#include "tools/output.h"
#include "tools/prompt.h"
#include "tools/terminal.h"

namespace babelgrad {
namespace {

struct Options {
  std::string run;
  int beam = 1, n_best = 1, max_len = 0, threads = 0;
  double alpha = 0.75;
  bool tokens = false, capitals = false, json = false;
};

void name_unknown_words(const Translator& model, const Tokens& sentence) {
  for (const std::string& word : model.pieces({sentence, {}}).src) {
    if (!model.src_vocab.contains(word))
      say(join("note: ", quoted(word), " is not in the vocabulary; read as <unk>"));
  }
}

std::string as_text(const Translator& model, const Tokens& words, const Options& o) {
  if (o.tokens) return printable(join(words));
  const std::string text = model.target_text(words);
  return printable(o.capitals ? capitalized(text) : text);
}

// The best translations of a sentence, in the Moses form when several are asked for.
void print_found(const Translator& model, const std::vector<Hypothesis>& found, const Options& o,
                 Index line) {
  for (int i = 0; i < std::min<int>(o.n_best, int(found.size())); i++) {
    std::string words = as_text(model, model.target_words(found[i].tokens), o);
    if (o.json) {
      print(write_json(Json::object({{"line", line},
                                     {"translation", words},
                                     {"log_prob", found[i].log_prob},
                                     {"score", found[i].score},
                                     {"finished", found[i].finished}})));
    } else {
      print(o.n_best > 1 ? join(line, " ||| ", words, " ||| ", fixed(found[i].score, 4)) : words);
    }
  }
}

// A line without words is not shown to the model: its translation is as empty.
void print_some(Translator& model, const std::vector<Tokens>& sentences, const Options& o,
                Index line) {
  std::vector<Tokens> some;
  for (const Tokens& sentence : sentences)
    if (!sentence.empty()) some.push_back(sentence);
  if (o.beam > 1) {
    const std::vector<Hypothesis> nothing{{.tokens = {}, .finished = true}};
    auto found = model.search(some, {o.beam, o.alpha, o.max_len});
    auto next = found.begin();
    for (const Tokens& sentence : sentences)
      print_found(model, sentence.empty() ? nothing : *next++, o, line++);
    return;
  }
  std::vector<Tokens> said = model.translate(some, o.max_len);
  auto next = said.begin();
  for (const Tokens& sentence : sentences) {
    std::string words = as_text(model, sentence.empty() ? Tokens() : *next++, o);
    print(o.json ? write_json(Json::object({{"line", line}, {"translation", words}})) : words);
    line++;
  }
}

// All of stdin in parts: enough lines for batches of like lengths, but never all of a large file.
void translate_stdin(Translator& model, const Options& o) {
  constexpr std::size_t most_lines = 512, most_bytes = 1 << 20;
  std::vector<Tokens> waiting;
  std::size_t bytes = 0;
  Index line = 1;
  std::string text_line;
  auto translate_waiting = [&] {
    print_some(model, waiting, o, line - Index(waiting.size()));
    flush_output();
    waiting.clear(), bytes = 0;
  };
  while (read_line(text_line)) {
    Index bad = invalid_utf8(text_line);
    if (bad >= 0) translate_waiting();          // those before it are not lost
    check(bad < 0, "stdin:", line, ":", bad + 1, ": not UTF-8");
    waiting.push_back(tokenize(text_line, model.tokenizer()));
    name_unknown_words(model, waiting.back());
    bytes += text_line.size(), line++;
    if (waiting.size() == most_lines || bytes >= most_bytes) translate_waiting();
  }
  translate_waiting();
}

// Where the translation looked, in the last layer and the mean of its heads.
void show_alignment(Translator& model, const Tokens& src, const Tokens& tgt) {
  const int layers = attention_layers(model);
  if (src.empty() || tgt.empty()) return say("no sentence so far");
  if (layers == 0) return say("this model has no attention");
  const Weights weights = attention_matrix(model, src, tgt, {layers - 1, -1});
  const Screen out = screen(1);
  print(heatmap_text({weights, tgt, src, "", {}}, {out.utf8, out.width}));
}

// Lines typed by somebody, with a history in the run's folder.
void translate_at_prompt(Translator& model, const Options& o) {
  say("type a sentence; :align shows where its translation looked; Ctrl-D ends");
  Prompt prompt("> ", is_folder(o.run) ? o.run + "/history.txt" : "");
  Tokens src, tgt;
  for (std::string line; prompt.read(line); flush_output()) {
    if (invalid_utf8(line) >= 0) {
      say("not UTF-8");
    } else if (line == ":align") {
      show_alignment(model, src, tgt);
    } else if (line.starts_with(':')) {
      say(join("there is no ", printable(line), ", only :align"));
    } else {
      src = tokenize(line, model.tokenizer());
      name_unknown_words(model, src);
      const auto found = model.search({src}, {o.beam, o.alpha, o.max_len});
      tgt = src.empty() ? Tokens() : model.target_words(found[0][0].tokens);
      if (!src.empty()) print_found(model, found[0], o, 1);
    }
  }
}

}  // namespace

int translate_command(int argc, const char* const* argv) {
  Options o;
  Args args("translate", "echo \"the dog sleeps .\" | babelgrad translate run/");
  args.positional("run", &o.run, "the folder train wrote, or a model file");
  args.integer("beam", &o.beam, 1, 1000, "hypotheses kept at every step; 1: greedy");
  args.integer("n-best", &o.n_best, 1, 1000, "translations of each sentence, best first");
  args.number("alpha", &o.alpha, 0, 10, "length normalisation of the beam: log P / length^alpha");
  args.integer("max-len", &o.max_len, 0, 100000,
               "longest translation in tokens; 0: twice the source and ten");
  args.flag("tokens", &o.tokens, "tokens with spaces between, instead of plain text");
  args.flag("capitals", &o.capitals, "begin each with a capital letter");
  args.flag("json", &o.json, "one JSON object per line");
  args.integer("threads", &o.threads, 0, 256, "0: as many as there are cores");
  args.parse(argc, argv);
  if (o.n_best > o.beam)
    usage_error("translate: --n-best ", o.n_best, " needs a --beam of at least that, not ", o.beam);
  if (o.threads > 0) set_threads(o.threads);
  auto model = load_model(o.run);
  if (stdin_is_terminal()) translate_at_prompt(*model, o);
  else translate_stdin(*model, o);
  return 0;
}

}  // namespace babelgrad
