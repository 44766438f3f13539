// A model's forward pass for one sentence, watched while it is computed, with every number kept: a
// list of steps, to be printed for a reader with the book open, or followed backwards.
#pragma once

#include <string>
#include <vector>

#include "data/json.h"
#include "data/pair.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/run/model.h"
#include "tools/app/view/places.h"

namespace babelgrad::explain {

// --- walk.cpp: the steps
enum class Side { encoder, decoder };

struct Where {                                  // all from 1; 0: not of one layer, head or word
  Side side = Side::encoder;
  int layer = 0, head = 0, time = 0;
  bool operator==(const Where&) const = default;
};

enum class Kind { embedding, position, input, gate, query, key, value, score, weight, context,
                  inner, output, logit, probability };
std::string text(Kind kind);

inline constexpr const char *source_axis = "source tokens", *target_axis = "target tokens",
                            *heads_axis = "heads";
struct Axis {
  std::string name;                             // one of these, "units", "words"
  Tokens labels = {};                           // of its entries; none: they are numbered
};

struct Mention { std::string words, place; };   // "in one pass", one_pass.weights

// What is always the same about a step. Places are keys of tools/app/view/places.h.
struct Caption {
  std::string name;                             // "reset gate r"
  Kind kind;
  std::string equation;                         // r = σ(W_ir x + b_ir + W_hr h + b_hr)
  std::string meaning;                          // one sentence for a reader
  std::vector<Mention> also = {};               // where else it is written
  std::string place = {};                       // not where it is called, but in an operation
};

struct Step {
  Caption caption;
  Where where;
  Place at;                                     // the line that computes it
  std::vector<Axis> axes;                       // as many as the value has
  Tensor value;
  Tensor made;                                  // of any shape, by a recorded walk: its gradient's
};

struct Candidate { int id; double probability; };

struct Word {                                   // one target word
  std::string reads, word;                      // the token before it, and the word itself
  int id;
  double probability;
  std::vector<Candidate> best;                  // the likeliest words, at most five
};

struct Walk {
  Tokens src;                                   // with <eos>, as it was written
  std::vector<int> src_ids;                     // as the model reads it: perhaps <unk>
  std::vector<Word> words;
  bool forced = false;                          // these words were given, not chosen
  bool finished = false;                        // the last word is <eos>
  std::vector<Step> steps;
  struct WrittenOut { Tensor y, cells; };       // a recurrence, and the same in plain operations
  std::vector<WrittenOut> written_out;
  Tensor logits;                                // (target words, vocabulary)
  Ints labels;                                  // (target words)
};

// A longer sentence has too many steps to be told.
inline constexpr int most_source_words = 100, most_target_words = 250;

// Greedy, as Translator::translate; or teacher forced along `target`. Dropout is off, and stays so.
// Unless a NoGrad lives, everything is recorded and each step keeps its gradient.
// Error: no words, or more than most_source_words.
Walk walk_through(Translator& model, const Tokens& src, const Tokens* target = nullptr);

Tokens words_of(const Walk& walk);              // the target without <eos>

// --- captions.cpp: what is said of a step, by the operation that makes it and where it stands.
// `where`: the name of the operation's parameter, or if it has none, of the step told last.
// Null: nothing is said of it.
const Caption* caption_of(const std::string& model, const std::string& operation,
                          const std::string& where);

// --- text.cpp: numbers for a reader, few of many, with names at both sides. Each line has its end.
std::string number(double x);                   // 0.123, 12.34, 123.4, 1.2e+08
std::string small_number(double x);             // below 0.01 rather 1.2e-05 than 0.000
std::string summary(const std::vector<Real>& values, const Screen& screen);  // mean ± std, range

// What a terminal without UTF-8 shows of an equation: sigma for σ, and so on.
std::string written(const std::string& equation, const Screen& screen);

// values (rows, columns) with the names of both; too many: the first ones and the last. No names:
// the columns are numbered from 1, in the header.
std::string matrix(const std::vector<Real>& values, const Tokens& rows, const Tokens& columns,
                   int column_count, const Screen& screen, bool headed = true);

struct Bar { std::string name; double value; };
// One line each: name, number, bar; `full` is the value of a whole bar, 0: the largest one. More
// than `most`: the largest, and how many were left out.
std::string bars(const std::vector<Bar>& items, std::size_t most, double full,
                 const Screen& screen, std::string (*write)(double) = number);

std::string line(const std::string& words);
std::string heading(const std::string& words, const Screen& screen);     // an empty line, then bold
std::string place_text(const Place& at);        // models/bahdanau.h:60, and the book's section

// One step. full: what it is, its shape, its equation, what it is for, its places, its numbers.
// outline: of rows of units only the first and the last. brief: a name, its line, these numbers.
enum class Detail { full, outline, brief };
std::string block(const Step& step, Detail detail, const Screen& screen);
// The same for the ends of the walk, which are about words: the likeliest ones are shown.
std::string logits_block(const Step& step, const Word& word, const Vocab& vocab,
                         const Screen& screen);
std::string probability_block(const Step& step, const Word& word, bool forced, const Vocab& vocab,
                              const Screen& screen);

// --- tour.cpp: a walk block by block, or as one JSON object. A tour is short: each kind of step in
// words once, further layers by their weights, further words in a line.
struct View {
  int word = 0, layer = 0, head = 0;            // which ones, from 1; 0: a tour
};
Step one_head(Step step, int head);             // from 1; a step that has none is as it was
// Only the steps of that word and layer (and those of no layer); of a head, its numbers alone.
std::vector<Step> chosen_steps(const Walk& walk, const View& view);
// The steps of one name, layer and side, word by word, as one: (words, units).
std::vector<Step> gathered(const std::vector<Step>& steps);
// What happened, before how: the tokens, and each word with its rivals and where it looked.
std::string in_brief(const Walk& walk, const Translator& model, const View& view,
                     const Screen& screen);
// The same, then the steps. The last line has no line end, as in the text of the backward pass.
std::string tour(const Walk& walk, const Translator& model, const View& view,
                 const Screen& screen);
Json to_json(const Walk& walk, const Translator& model, const View& view);

// --- way_back.cpp: how much of the loss's gradient arrives at each word, layer and module
struct Profile {                                // the norms of dL/dx
  std::string name;                             // "encoder, layer 1: dL/dh"
  Tokens labels;
  std::vector<double> norms;
  std::string place = {};                       // of x, as place_text() has it
};

inline constexpr const char *loss_place = "loss", *backward_place = "loss.backward";

struct WayBack {
  double loss;                                  // mean per target word: the training loss
  int word, words;                              // of this word alone, or 0: of all of them
  std::vector<Profile> source, target, layers, modules;
};
// `walk` is used up: it was recorded (no NoGrad), and its graph is gone afterwards. The gradients
// of the parameters are those of this loss alone, and stay. `word`: from 1, or 0 for all.
WayBack way_back(Translator& model, const Walk& walk, int word = 0);
std::string text(const WayBack& back, const Translator& model, const Screen& screen);
Json to_json(const WayBack& back);

}  // namespace babelgrad::explain
