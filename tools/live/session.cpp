#include "tools/live/session.h"

#include "tools/app/explain/explain.h"

namespace babelgrad::live {
namespace {

Json walk(Session& session, const Json& request) {
  Translator& model = session.model(request);
  NoGrad guard;
  const explain::Walk walk = explain::walk_through(model, words_of(request, model));
  return explain::to_json(walk, model, {});
}

struct Request {
  std::string_view name;
  Json (*answer)(Session&, const Json&);
};
constexpr Request requests[] = {
    {"vocabulary", vocabulary}, {"said words", said_words}, {"translate", translate},
    {"draw", draw},             {"know", make_known},       {"held out", held_out},
    {"view", choose_view},      {"beam", beam},             {"sample", draw_words},
    {"walk", walk},             {"break", break_model},     {"begin", begin_lesson},
    {"learn", go_on},           {"end", end_lesson}};

}  // namespace

Seat& Session::seat(const Json& request) {
  const auto number = std::size_t(request.get_int("model", 0, 15));
  check(number < seats.size() && seats[number].model, "page: no model in seat ", number);
  return seats[number];
}

Translator& Session::model(const Json& request) { return *seat(request).model; }

// Until a better view is chosen: the last layer, the mean of its heads.
void Session::put(std::size_t number, std::unique_ptr<Translator> model) {
  check(number < 16, "page: there is no seat ", number);
  if (seats.size() <= number) seats.resize(number + 1);
  const int layers = attention_layers(*model);
  seats[number] = {std::move(model), {layers - 1, -1}};
}

Json answer(Session& session, const Json& request) {
  const std::string& name = request.get_string("do");
  for (const Request& it : requests)
    if (it.name == name) return it.answer(session, request);
  fail("page: there is no request ", name);
}

}  // namespace babelgrad::live
