// A model's forward pass for one sentence, watched while it is computed, with every number kept: a
// list of steps, to be printed (tour.h) or followed backwards (way_back.h).
#pragma once

#include <string>
#include <vector>

#include "data/pair.h"
#include "tools/app/run/model.h"
#include "tools/app/view/places.h"

namespace babelgrad::explain {

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

}  // namespace babelgrad::explain
