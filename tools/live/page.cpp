// The module's face to the page: bytes in, bytes out. All memory that changes hands is the
// module's; it may grow in any call, so the page looks anew for where things are after each.
#include <cstdlib>
#include <cstring>

#include "tools/live/session.h"

namespace {

using namespace babelgrad;

live::Session& session() {
  static live::Session* one = new live::Session;
  return *one;
}

std::string& result() {
  static std::string* one = new std::string;
  return *one;
}

}  // namespace

extern "C" {

// For `count` bytes that the page writes; the call that reads them gives them back.
__attribute__((export_name("room"))) char* room(int count) {
  return static_cast<char*>(std::malloc(std::size_t(count)));
}

// Where the last result is, and its length.
__attribute__((export_name("where"))) const char* where() { return result().data(); }
__attribute__((export_name("length"))) int length() { return int(result().size()); }

// A request in JSON; the result is the answer.
__attribute__((export_name("ask"))) void ask(char* bytes, int count) {
  const Json request = parse_json({bytes, std::size_t(count)}, "request");
  std::free(bytes);
  result() = write_json(live::answer(session(), request), Json::unlimited);
}

// A model takes a seat: as the page carries it, or as `babelgrad train` and save() write it.
__attribute__((export_name("load"))) void load(int seat, char* bytes, int count, int packed) {
  const std::string_view given{bytes, std::size_t(count)};
  std::string file = packed ? live::unpacked(given) : std::string(given);
  std::free(bytes);
  session().put(std::size_t(seat), model_from_bytes(std::move(file), "model"));
}

// The result is a model file.
__attribute__((export_name("save"))) void save(int seat) {
  result() = model_bytes(session().model(Json::object({{"model", seat}})));
}

// Uses so many KiB of the stack: the tests see that it has its room, and what happens beyond.
__attribute__((export_name("dig"), noinline)) int dig(int deep) {
  volatile char here[1024];
  std::memset(const_cast<char*>(here), deep, sizeof here);
  const int rest = deep <= 1 ? 0 : dig(deep - 1);
  return rest + here[deep % 1024];              // needed once more, so each call has its own
}

}  // extern "C"
