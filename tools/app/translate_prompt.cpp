// babelgrad translate at a terminal: sentences, and commands that begin with a colon.
#include <algorithm>
#include <charconv>

#include "data/file.h"
#include "data/lines.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/prompt.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/cli/unknown.h"
#include "tools/app/translate.h"
#include "tools/app/view/alignment_view.h"
#include "tools/app/view/heatmap.h"

namespace babelgrad {
namespace {

constexpr int widest_beam = 1000;

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
  const auto found = model.search({talk.src}, {o.beam, o.alpha, o.max_len});
  talk.tgt = model.target_words(found[0][0].tokens);
  print(found_text(model, talk.src, found[0], o, 1));
}

}  // namespace

// What goes wrong with one line is said, and the next may be typed.
void translate_at_prompt(Translator& model, TranslateOptions options) {
  Talk talk{model, options};
  say("type a sentence, or :help; :align shows where its translation looked; Ctrl-D ends");
  Prompt prompt("> ", is_folder(options.run) ? options.run + "/history.txt" : "");
  for (std::string line; prompt.read(line); flush_output()) {
    try {
      const Tokens words = split(line);
      if (words.empty() || !words[0].starts_with(':')) answer(talk, line);
      else if (!obey(talk, words)) break;
    } catch (const Error& error) { say(join("error: ", error.what())); }
  }
}

}  // namespace babelgrad
