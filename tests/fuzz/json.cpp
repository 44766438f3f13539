// JSON that is read is written, and read again as the same.
#include "data/json.h"

#include "tests/fuzz/fuzz.h"

namespace babelgrad::fuzz {

std::vector<std::string> seeds() {
  return {R"({"model":"rnn","sizes":[1,-2,18446744073709551615],"lr":2.5e-3,"x":null})",
          R"(["\u00e9\ud83d\ude00\n\"\\", true, false, {}, [], -0.0, 1E400])",
          std::string(64, '[') + std::string(64, ']'), "{\"a\":1,\"a\":2}"};
}

void read(std::string_view input) {
  const auto json = accepted([&] { return parse_json(input, "fuzz"); });
  if (!json) return;
  const std::string text = write_json(*json);
  const Json again = parse_json(text, "fuzz");
  holds(again == *json, "what was written is read as what it was");
  holds(write_json(again) == text, "the same value is the same text");
}

}  // namespace babelgrad::fuzz
