// babelgrad translate: plain sentences in, plain sentences out. At a terminal it is a prompt:
// sentences, and commands that begin with a colon.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <new>

#include "data/lines.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/run/alignment_view.h"
#include "tools/app/run/unknown.h"
#include "tools/app/view/heatmap.h"

namespace babelgrad {
namespace {

constexpr int widest_beam = 1000;

struct TranslateOptions {
  std::string run;
  int beam = 1, n_best = 1, max_len = 0, max_source = 1000;
  double alpha = 0.75;
  std::string ended = "narrow";
  bool tokens = false, capitals = false, json = false, no_unk = false, replace_unk = false;
};

BeamOptions beam_options(const TranslateOptions& o) {
  return {.beam_size = o.beam, .alpha = o.alpha, .max_len = o.max_len,
          .replace_ended = o.ended == "replaced"};
}

// The sentence's words, up to max_source tokens of the model; a note, which begins with `where`,
// says that there were more. A word of letters without end is of as many pieces, and slow to take
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
      out += o.n_best > 1 ? join(line, " ||| ", words, " ||| ", fixed(found[i].score, 4)) : words;
    }
  }
  return out;
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
  if (o.beam > 1 || o.json) {                   // a beam of one is greedy, and counts chances
    const std::vector<Hypothesis> nothing{{.tokens = {}, .finished = true}};
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
                 "; an empty line stands for its translation"));
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
};

// Where the translation looked, in the last layer and the mean of its heads.
void show_alignment(Talk& talk) {
  const int layers = attention_layers(talk.model);
  if (talk.src.empty() || talk.tgt.empty()) return say("no sentence so far");
  if (layers == 0) return say("this model has no attention");
  const Weights weights = attention_matrix(talk.model, talk.src, talk.tgt, {layers - 1, -1});
  const Screen out = screen(1);
  const Tokens src = talk.model.as_written(talk.src), tgt = talk.model.as_written(talk.tgt);
  print(heatmap_text({weights, tgt, src, "", {}}, {out.utf8, out.width, out.safe}));
}

void set_beam(Talk& talk, const Tokens& words) {
  int beam = 0;
  const std::string number = words.size() == 2 ? words[1] : "";
  const char* end = number.data() + number.size();
  const auto read = std::from_chars(number.data(), end, beam);
  if (read.ec != std::errc() || read.ptr != end || beam < 1 || beam > widest_beam)
    return say(join(":beam needs a number from 1 to ", widest_beam, "; it is ",
                    talk.options.beam));
  talk.options.beam = beam;
}

void prompt_help() {
  say(":align   where the last translation looked\n"
      ":beam N  keep N hypotheses from now on; 1: greedy\n"
      ":help    this\n"
      ":quit    the end, as Ctrl-D is\n"
      "All else is a sentence to be translated.");
}

// False: the talk is over.
bool obey(Talk& talk, const Tokens& words) {
  if (words[0] == ":quit") return false;
  if (words[0] == ":beam") set_beam(talk, words);
  else if (words[0] == ":align") show_alignment(talk);
  else if (words[0] == ":help") prompt_help();
  else say(join("there is no ", clipped(words[0]), ", only :align :beam :help :quit"));
  return true;
}

void answer(Talk& talk, const std::string& line) {
  Translator& model = talk.model;
  check_utf8(line, "prompt", 1);
  TranslateOptions o = talk.options;
  o.n_best = std::min(o.n_best, o.beam);        // as many as there are, and again all with :beam
  const Tokens src = source_words(model, line, o);
  if (src.empty()) return;
  talk.src = src, talk.tgt = {};
  UnknownWords().note(model, talk.src);
  const auto found = model.search({talk.src}, beam_options(o));
  talk.tgt = model.target_words(found[0][0].tokens);
  print(found_text(model, talk.src, found[0], o, 1));
}

// What goes wrong with one line is said, and the next may be typed.
void translate_at_prompt(Translator& model, TranslateOptions options) {
  Talk talk{model, options};
  say("type a sentence, or :help; :align shows where its translation looked; Ctrl-D ends");
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
  args.positional("run", &o.run, "the folder train wrote, or a model file");
  args.integer("beam", &o.beam, 1, widest_beam, "hypotheses kept at every step; 1: greedy");
  args.integer("n-best", &o.n_best, 1, 1000, "translations of each sentence, best first");
  args.number("alpha", &o.alpha, 0, 10, "length normalisation of the beam: log P / length^alpha");
  args.choice("ended", &o.ended, {"narrow", "replaced"},
              "hypotheses that have ended: their places are gone; or, as in CTranslate2, go to the "
              "next best, and <eos> counts in the length");
  args.integer("max-len", &o.max_len, 0, 100000,
               "longest translation in tokens; 0: twice the source and ten");
  args.integer("max-source", &o.max_source, 1, 1000000,
               "tokens of a line that are read; memory grows with their square");
  args.flag("no-unk", &o.no_unk, "never say <unk>, but the likeliest of all other words");
  args.flag("replace-unk", &o.replace_unk,
            "for <unk> the source word to which most attention is given");
  args.flag("tokens", &o.tokens, "tokens with spaces between, instead of plain text");
  args.flag("capitals", &o.capitals, "begin each with a capital letter");
  args.flag("json", &o.json, "one JSON object per line");
  args.threads();
}

}  // namespace

int translate_command(int argc, const char* const* argv) {
  TranslateOptions o;
  Args args("translate", "echo \"the dog sleeps .\" | babelgrad translate run/");
  declare_translate(args, o);
  args.parse(argc, argv);
  if (o.n_best > o.beam)
    usage_error("translate: --n-best ", o.n_best, " needs a --beam of at least that, not ", o.beam);
  if (o.no_unk && o.replace_unk)
    usage_error("translate: --no-unk leaves nothing to --replace-unk; give one of them");
  if (o.capitals && o.tokens)
    usage_error("translate: --capitals is of text, and --tokens none; give one of them");
  const bool prompt = stdin_is_terminal();
  args.refuse({{{"alpha", "ended"}, o.beam == 1 && !prompt,             // there :beam may follow
                "is of the beam; it needs --beam 2 or more"}});
  auto model = load_model(o.run);
  check(!o.replace_unk || attention_layers(*model) > 0,
        "translate: --replace-unk needs attention, and this model has none; --no-unk does not");
  if (o.no_unk) never_say_unknown(*model);
  if (prompt) translate_at_prompt(*model, o);
  else translate_stdin(*model, o);
  return 0;
}

}  // namespace babelgrad
