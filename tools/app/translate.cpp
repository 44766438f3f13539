// babelgrad translate: plain sentences in, plain sentences out. At a terminal it is a prompt:
// sentences, and commands that begin with a colon.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <new>

#include "data/lines.h"
#include "nn/prepacked.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/explain/explain.h"
#include "tools/app/run/alignment_view.h"
#include "tools/app/run/sample.h"
#include "tools/app/run/unknown.h"
#include "tools/app/view/heatmap.h"

namespace babelgrad {
namespace {

constexpr int widest_beam = 1000;

struct TranslateOptions {
  std::string run, like;
  int beam = 1, n_best = 1, max_len = 0, max_source = 1000;
  double alpha = 0.75, temperature = 0;         // 0: nothing is drawn
  std::string ended = "narrow";
  int top_k = 0;
  std::uint64_t seed = 0;
  bool tokens = false, capitals = false, json = false, no_unk = false, replace_unk = false;
  bool int8 = false;
};

BeamOptions beam_options(const TranslateOptions& o) {
  return {.beam_size = o.beam, .alpha = o.alpha, .max_len = o.max_len,
          .replace_ended = o.ended == "replaced"};
}

// The sentence's words, up to max_source tokens of the model; a note, which begins with `where`,
// says that there were more. A word of endless letters has as many pieces, and is slow to take
// apart: it is cut, too.
Tokens source_words(const Translator& model, const std::string& sentence,
                    const TranslateOptions& options, const std::string& where = "") {
  constexpr std::size_t longest_word = 1000;
  Tokens all = tokenize(sentence, model.tokenizer()), out;
  Index tokens = 0;
  for (const std::string& word : all) {
    const bool endless = !model.src_subwords.empty() && word.size() > longest_word;
    out.push_back(endless ? encode_utf8(decode_utf8(word).substr(0, longest_word)) : word);
    tokens += Index(model.pieces({{out.back()}, {}}).src.size());
    if (tokens <= options.max_source) continue;
    out.pop_back();
    say(join("note: ", where, "only the first ", out.size(), " of ", all.size(),
             " words are translated, as --max-source is ", options.max_source));
    break;
  }
  return out;
}

std::string as_text(Translator& model, const Tokens& src, const Tokens& said,
                    const TranslateOptions& o) {
  const Tokens words = o.replace_unk ? replace_unknown(model, src, said) : said;
  if (o.tokens) return on_screen(join(words), screen(1));
  const std::string text = model.target_text(words);
  return on_screen(o.capitals ? capitalized(text) : text, screen(1));
}

// Hypotheses as words, in as many lines as there are of them, n_best at most; in the Moses form
// when several are asked for.
std::string found_text(Translator& model, const Tokens& src, const std::vector<Hypothesis>& found,
                       const TranslateOptions& o, Index line) {
  std::string out;
  for (int i = 0; i < std::min<int>(o.n_best, int(found.size())); i++) {
    const std::string words = as_text(model, src, model.target_words(found[i].tokens), o);
    if (i > 0) out += "\n";
    if (o.json) {
      out += write_json(Json::object({{"line", line},
                                      {"translation", words},
                                      {"log_prob", found[i].log_prob},
                                      {"score", found[i].score},
                                      {"finished", found[i].finished}}));
    } else {
      const Index number = line > 0 ? line : Index(i) + 1;
      out += o.n_best > 1 ? join(number, " ||| ", words, " ||| ", fixed(found[i].score, 4)) : words;
    }
  }
  return out;
}

// Drawn by chance, the same for the same seed and line.
std::vector<Hypothesis> drawn(Translator& model, const Tokens& src, const TranslateOptions& o,
                              Index line) {
  Random random(o.seed, std::uint64_t(line) << 32);
  return {sample(model, src, {o.temperature, o.top_k, o.max_len}, random)};
}

// --- a line for a line

// What is printed for each sentence. One without words is not shown to the model: its translation
// is as empty.
std::vector<std::string> translations(Translator& model, const std::vector<Tokens>& sentences,
                                      const TranslateOptions& o, Index line) {
  std::vector<Tokens> some;
  for (const Tokens& sentence : sentences)
    if (!sentence.empty()) some.push_back(sentence);
  std::vector<std::string> out;
  const std::vector<Hypothesis> nothing{{.tokens = {}, .finished = true}};
  if (o.temperature > 0) {
    for (const Tokens& src : sentences) {
      const auto found = src.empty() ? nothing : drawn(model, src, o, line);
      out.push_back(found_text(model, src, found, o, line++));
    }
    return out;
  }
  if (o.beam > 1 || o.json) {                   // a beam of one is greedy, and counts chances
    const auto found = model.search(some, beam_options(o));
    auto next = found.begin();
    for (const Tokens& sentence : sentences)
      out.push_back(found_text(model, sentence, sentence.empty() ? nothing : *next++, o, line++));
    return out;
  }
  const std::vector<Tokens> said = model.translate(some, o.max_len);
  auto next = said.begin();
  for (const Tokens& src : sentences)
    out.push_back(as_text(model, src, src.empty() ? Tokens() : *next++, o));
  return out;
}

// Sentences of the lines from `first` on, all together. If that cannot be done, as too long a one
// needs more memory than there is, each is translated alone, and only that one is lost: an empty
// line stands in its place. Returns how many were lost.
Index print_translations(Translator& model, const std::vector<Tokens>& sentences,
                         const TranslateOptions& o, Index first) {
  Index lost = 0;
  std::vector<std::string> all;
  try {
    all = translations(model, sentences, o, first);
  } catch (const std::exception&) {
    for (Index i = 0; i < Index(sentences.size()); i++) {
      try {
        all.push_back(translations(model, {sentences[i]}, o, first + i)[0]);
      } catch (const std::exception& error) {
        const bool memory = dynamic_cast<const std::bad_alloc*>(&error);
        say(join("stdin:", first + i, ": ", memory ? "out of memory" : error.what(),
                 "; its translation is an empty line"));
        all.emplace_back();
        lost++;
      }
    }
  }
  for (const std::string& text : all) print(text);
  flush_output();
  return lost;
}

// All of stdin in parts: enough lines for batches of like lengths, but never all of a large file.
void translate_stdin(Translator& model, const TranslateOptions& o) {
  constexpr std::size_t most_lines = 512, most_bytes = 1 << 20;
  std::vector<Tokens> waiting;
  std::size_t bytes = 0;
  Index lost = 0;
  Lines lines = lines_of_input(0, check_utf8);  // a NUL is a blank as other controls are
  UnknownWords unknown;
  auto translate_waiting = [&](Index last) {
    lost += print_translations(model, waiting, o, last - Index(waiting.size()) + 1);
    waiting.clear(), bytes = 0;
  };
  auto next_line = [&](std::string& text) {
    const Index before = lines.number();
    try {
      return lines.next(text);
    } catch (const Error&) {
      translate_waiting(before);                // those before it are not lost
      throw;
    }
  };
  for (std::string text; next_line(text);) {
    waiting.push_back(source_words(model, text, o, lines.where()));
    unknown.note(model, waiting.back(), lines.where());
    bytes += text.size();
    if (waiting.size() == most_lines || bytes >= most_bytes) translate_waiting(lines.number());
  }
  translate_waiting(lines.number());
  unknown.sum_up();
  check(lost == 0, "translate: ", lost, lost == 1 ? " line" : " lines", " could not be translated");
}

// --- the prompt

struct Talk {
  Translator& model;
  TranslateOptions options;
  Tokens src = {}, tgt = {};                    // the last sentence
  int layer = 0, head = 0;                      // whose attention is shown; 0: the last, the mean
  Index drawn = 0;                              // sentences whose words were drawn by chance
};

AttentionView view_of(const Talk& talk) {
  return {(talk.layer > 0 ? talk.layer : attention_layers(talk.model)) - 1, talk.head - 1};
}

// Where the translation looked.
void show_alignment(Talk& talk) {
  if (talk.src.empty() || talk.tgt.empty()) return say("no sentence so far");
  if (attention_layers(talk.model) == 0) return say("this model has no attention");
  const AttentionView view = view_of(talk);
  const Weights weights = attention_matrix(talk.model, talk.src, talk.tgt, view);
  const Screen out = screen(1);
  print(join("attention: ", view.name_in(talk.model), "\n"));
  print(heatmap_text({weights, talk.model.as_written(talk.tgt), labelled(talk.model, talk.src),
                      "", {}}, {out.utf8, out.width, out.safe}));
}

void show_steps(Talk& talk) {
  if (talk.src.empty() || talk.tgt.empty()) return say("no sentence so far");
  NoGrad none;
  auto walk = explain::walk_through(talk.model, talk.src, &talk.tgt);
  walk.forced = false;                          // the words are the model's, of a beam perhaps
  std::string told = in_brief(walk, talk.model, {0, talk.layer, talk.head}, screen(1));
  told.pop_back();                              // the last line end is the printer's
  print(told);
  say(join("how it came about: babelgrad explain ", printable(talk.options.run), " \"",
           printable(join(talk.src)), "\""));
}

void say_it(Talk& talk) {
  TranslateOptions o = talk.options;
  o.n_best = std::min(o.n_best, o.beam);        // as many as there are, and again all with :beam
  const auto found = o.temperature > 0 ? drawn(talk.model, talk.src, o, ++talk.drawn)
                                       : talk.model.search({talk.src}, beam_options(o))[0];
  talk.tgt = talk.model.target_words(found[0].tokens);
  print(found_text(talk.model, talk.src, found, o, 0));
}

// The number of ":beam 5", from 1; 0 after what is wrong has been said: it is no number, or none
// up to `most`. `word`, if there is one, stands for `otherwise`.
int number_of(const Tokens& words, int most, int now, const char* word = nullptr) {
  const std::string typed = words.size() == 2 ? words[1] : "";
  int n = 0;
  const char* end = typed.data() + typed.size();
  const auto read = std::from_chars(typed.data(), end, n);
  if (read.ec == std::errc() && read.ptr == end && n >= 1 && n <= most) return n;
  say(join(words[0], " needs a number from 1 to ", most, word ? join(", or ", word) : "",
           "; it is ", now > 0 || !word ? text(now) : word));
  return 0;
}

void set_beam(Talk& talk, const Tokens& words) {
  TranslateOptions& o = talk.options;
  if (const int beam = number_of(words, widest_beam, o.beam)) {
    o.beam = beam;
    say(join("beam ", beam, beam == 1 ? ": greedy, the likeliest word each time"
                                      : join(": ", beam, " translations are followed at a time; "
                                             ":best ", std::min(beam, 3), " shows several")));
  }
}

void set_best(Talk& talk, const Tokens& words) {
  TranslateOptions& o = talk.options;
  const int best = number_of(words, widest_beam, o.n_best);
  if (best == 0) return;
  o.n_best = best, o.beam = std::max(o.beam, best);
  say(join("the best ", best, " of a beam of ", o.beam));
  if (!talk.src.empty()) say_it(talk);
}

// :layer or :head. What is shown of the last sentence is shown anew.
void set_view(Talk& talk, const Tokens& words, int Talk::*which, int most, const char* word) {
  if (most == 0) return say("this model has no attention");
  const bool named = words.size() == 2 && words[1] == word;
  const int n = named ? 0 : number_of(words, most, talk.*which, word);
  if (n == 0 && !named) return;
  talk.*which = n;
  if (talk.tgt.empty()) say("attention: " + view_of(talk).name_in(talk.model));
  else show_alignment(talk);
}

void prompt_help() {
  const std::pair<const char*, const char*> commands[] = {
      {":align", "where the last translation looked"},
      {":layer N", "of which layer; or last"},
      {":head N", "of which head; or mean, of all"},
      {":explain", "it, word by word, with what else was likely"},
      {":beam N", "follow N translations at a time; 1: greedy"},
      {":best N", "show the N best"},
      {":help", "this"},
      {":quit", "the end, as Ctrl-D is"}};
  const int width = reading_width(screen(2));
  std::string out;
  for (const auto& [command, what] : commands) out += entry(command, what, width);
  say(out + "All else is a sentence to be translated.");
}

// False: the talk is over.
bool obey(Talk& talk, const Tokens& words) {
  Translator& model = talk.model;
  const int layers = attention_layers(model), heads = layers > 0 ? attention_heads(model) : 0;
  if (words[0] == ":quit") return false;
  if (words[0] == ":beam") set_beam(talk, words);
  else if (words[0] == ":best") set_best(talk, words);
  else if (words[0] == ":layer") set_view(talk, words, &Talk::layer, layers, "last");
  else if (words[0] == ":head") set_view(talk, words, &Talk::head, heads, "mean");
  else if (words[0] == ":align") show_alignment(talk);
  else if (words[0] == ":explain") show_steps(talk);
  else if (words[0] == ":help") prompt_help();
  else say(join("there is no ", clipped(words[0]),
                ", only :align :layer :head :explain :beam :best :help :quit"));
  return true;
}

void answer(Talk& talk, const std::string& line) {
  check_utf8(line, "prompt", 1);
  const Tokens src = source_words(talk.model, line, talk.options);
  if (src.empty()) return;
  talk.src = src, talk.tgt = {};
  UnknownWords().note(talk.model, talk.src);
  say_it(talk);
}

// What goes wrong with one line is said, and the next may be typed.
void translate_at_prompt(Translator& model, TranslateOptions options) {
  Talk talk{model, options};
  say("Type a sentence, or :help. Ctrl-D ends.");
  Lines lines = lines_of_input(0, [](auto, auto, Index) {});
  const auto next = [&](std::string& line) {
    std::fputs("> ", stderr);
    const bool more = lines.next(line);
    if (!more) say("");                         // the shell's own prompt begins a line
    return more;
  };
  for (std::string line; next(line); flush_output()) {
    try {
      const Tokens words = split(line);
      if (words.empty() || !words[0].starts_with(':')) answer(talk, line);
      else if (!obey(talk, words)) break;
    } catch (const Error& error) { say(join("error: ", error.what())); }
  }
}

// --- the command

void declare_translate(Args& args, TranslateOptions& o) {
  args.about("Reads sentences from stdin, a line each, and writes their translations, a line each. "
             "At a terminal it is a prompt: type a sentence, or :help. A model opens in a blink; "
             "on one core some hundred short sentences take a second.");
  declare_run(args, o.run, o.like);
  args.reads_stdin("text");
  args.group("Search");
  args.integer("beam", &o.beam, 1, widest_beam, "hypotheses kept at every step; 1: greedy");
  args.integer("n-best", &o.n_best, 1, 1000, "translations of each sentence, best first: "
               "each as its line's number ||| text ||| score");
  args.number("alpha", &o.alpha, 0, 10, "length normalisation of the beam: log P / length^alpha");
  args.choice("ended", &o.ended, {"narrow", "replaced"},
              "hypotheses that have ended: their places are gone; or, as in CTranslate2, go to the "
              "next best, and <eos> counts in the length");
  args.number("temperature", &o.temperature, 0, 100,
              "draw each word by chance; below 1 likely ones even more; 0: the likeliest, always");
  args.integer("top-k", &o.top_k, 0, 1000000,
               "draw among this many of the likeliest words; 0: all");
  args.integer("seed", &o.seed, 0, UINT64_MAX, "same seed, same draws");
  args.integer("max-len", &o.max_len, 0, 100000,
               "longest translation in tokens, <eos> included; 0: twice the source's and twelve");
  args.integer("max-source", &o.max_source, 1, 1000000,
               "tokens of a line that are read; memory grows with their square");
  args.flag("no-unk", &o.no_unk, "never say <unk>, but the likeliest of all other words");
  args.flag("replace-unk", &o.replace_unk,
            "for <unk> the source word to which most attention is given");
  args.flag("int8", &o.int8,
            "weights as bytes: faster on processors with AVX2, more so with VNNI; about as good");
  args.group("What is written");
  args.flag("tokens", &o.tokens, "tokens with spaces between, instead of plain text");
  args.flag("capitals", &o.capitals, "begin each with a capital letter");
  args.flag("json", &o.json, "one JSON object per line");
  args.threads();
}

}  // namespace

int translate_command(int argc, const char* const* argv) {
  TranslateOptions o;
  Args args("translate", "babelgrad translate run/\n"
                         "echo \"the dog sleeps .\" | babelgrad translate run/ --beam 5");
  declare_translate(args, o);
  args.parse(argc, argv);
  if (o.n_best > o.beam)
    usage_error("translate: --n-best ", o.n_best, " needs a --beam of at least that, not ", o.beam);
  if (o.no_unk && o.replace_unk)
    usage_error("translate: --no-unk leaves nothing to --replace-unk; choose one of them");
  if (o.capitals && o.tokens)
    usage_error("translate: --capitals is for plain text, and --tokens writes none; ",
                "choose one of them");
  const bool prompt = stdin_is_terminal();
  args.refuse({{{"alpha", "ended"}, o.beam == 1 && !prompt,             // there :beam may follow
                "is for beam search; it needs --beam 2 or more"},
               {{"top-k", "seed"}, o.temperature == 0, "is for sampling; it needs --temperature"},
               {{"beam", "n-best", "alpha", "ended"}, o.temperature > 0,
                "looks for the likeliest, and --temperature draws by chance; choose one of them"}});
  auto model = load_model(o.run, o.like);
  check(!o.replace_unk || attention_layers(*model) > 0,
        "translate: --replace-unk needs attention, and this model has none; --no-unk does not");
  if (o.no_unk) never_say_unknown(*model);
  if (o.int8) decode_in_int8(model->module());
  if (prompt) translate_at_prompt(*model, o);
  else translate_stdin(*model, o);
  return 0;
}

}  // namespace babelgrad
