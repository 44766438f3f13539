// babelgrad translate: plain sentences in, plain sentences out.
#include <algorithm>
#include <new>

#include "tensor/parallel.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/cli/unknown.h"
#include "tools/app/translate.h"
#include "tools/app/view/alignment_view.h"

namespace babelgrad {
namespace {

std::string as_text(Translator& model, const Tokens& src, const Tokens& said,
                    const TranslateOptions& o) {
  const Tokens words = o.replace_unk ? replace_unknown(model, src, said) : said;
  if (o.tokens) return on_screen(join(words), screen(1));
  const std::string text = model.target_text(words);
  return on_screen(o.capitals ? capitalized(text) : text, screen(1));
}

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
    const auto found = model.search(some, {o.beam, o.alpha, o.max_len});
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

void declare_translate(Args& args, TranslateOptions& o) {
  args.positional("run", &o.run, "the folder train wrote, or a model file");
  args.integer("beam", &o.beam, 1, 1000, "hypotheses kept at every step; 1: greedy");
  args.integer("n-best", &o.n_best, 1, 1000, "translations of each sentence, best first");
  args.number("alpha", &o.alpha, 0, 10, "length normalisation of the beam: log P / length^alpha");
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
  args.integer("threads", &o.threads, 0, 256, "0: as many as there are cores");
}

}  // namespace

// A word of letters without end is of as many pieces, and slow to take apart: it is cut, too.
Tokens source_words(const Translator& model, const std::string& sentence,
                    const TranslateOptions& options, const std::string& where) {
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

// In the Moses form when several are asked for.
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
  args.refuse({{{"alpha"}, o.beam == 1 && !prompt,             // there :beam may follow
                "is of the beam; it needs --beam 2 or more"}});
  if (o.threads > 0) set_threads(o.threads);
  auto model = load_model(o.run);
  check(!o.replace_unk || attention_layers(*model) > 0,
        "translate: --replace-unk needs attention, and this model has none; --no-unk does not");
  if (o.no_unk) never_say_unknown(*model);
  if (prompt) translate_at_prompt(*model, o);
  else translate_stdin(*model, o);
  return 0;
}

}  // namespace babelgrad
