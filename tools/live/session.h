// What the page asks of the library: one JSON object in, one out. `do` names a request of the table
// in session.cpp; an Error is its message, and the page starts the module again.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/json.h"
#include "tools/app/run/alignment_view.h"
#include "tools/app/run/model.h"

namespace babelgrad::live {

constexpr int most_words = 60;                  // of a sentence that is typed

struct Seat {                                   // a model and how its alignment is read
  std::unique_ptr<Translator> model;
  AttentionView view;                           // of one without attention: not used
};

struct Lesson;                                  // lesson.cpp: a training under way

struct Session {
  std::vector<Seat> seats;
  std::map<std::string, Pair> known;            // by its source: what the grammar has drawn here
  std::shared_ptr<Lesson> lesson;

  Translator& model(const Json& request);       // of its "model": Error if that seat is empty
  Seat& seat(const Json& request);
  void put(std::size_t number, std::unique_ptr<Translator> model);
};

Json answer(Session& session, const Json& request);

// --- packed.cpp: weights as the page carries them, a byte a number A model file's bytes of: a
// length (32 bits), that many bytes of JSON {"metadata", "tensors": a list of {"name", "shape",
// "rows", "width"}}, then every tensor: scales (float) of its rows, and levels of "width" bytes,
// which they multiply; of "rows" 0 plain floats. Error if it ends too early or too late, or does
// not fit together.
std::string unpacked(std::string_view bytes);

// --- translate.cpp
Tokens words_of(const Json& request, const Translator& model);           // of its "source"
Json translate(Session& session, const Json& request);
Json draw(Session& session, const Json& request);
Json make_known(Session& session, const Json& request);
Json held_out(Session& session, const Json& request);
Json choose_view(Session& session, const Json& request);
Json vocabulary(Session& session, const Json& request);
Json said_words(Session& session, const Json& request);

// --- search.cpp
Json beam(Session& session, const Json& request);
Json draw_words(Session& session, const Json& request);

// --- broken.cpp
Json break_model(Session& session, const Json& request);

// --- lesson.cpp
Json begin_lesson(Session& session, const Json& request);
Json go_on(Session& session, const Json& request);
Json end_lesson(Session& session, const Json& request);

}  // namespace babelgrad::live
