// A file of merges that is read is written as one that is read as the same, and takes apart words
// that come together again.
#include "data/subwords.h"

#include "data/text.h"
#include "tests/fuzz/fuzz.h"

namespace babelgrad::fuzz {

std::vector<std::string> seeds() {
  return {"#version: 0.2\nl o\nlo w</w>\nn e\nne w</w>\n", "l o\nlo w\nlow e\nlowe r</w>\n",
          "#version: 0.1\r\na b\r\n", "#version: 0.2\n\xC3\xA9 t</w>\n@ @\n</w> <\n",
          "#version: 0.2\n\xEF\xBB\xBFt e</w>\n",
          Subwords::learn({{"lower", "lowest", "newer", "wider", "new"}}, 12).file()};
}

void read(std::string_view input) {
  const auto codes = accepted([&] { return Subwords::read(input, "fuzz"); });
  if (!codes) return;
  holds(Subwords::read(codes->file(), "again") == *codes, "the same merges");
  Tokens words{"lower", "newest", "a", "\xC3\xA9t\xC3\xA9", "\xE7\x8C\xAB"};
  for (const std::string& symbol : split(input.substr(0, 100)))          // as the merges have them
    if (symbol.find('@') == symbol.npos && invalid_utf8(symbol) < 0) words.push_back(symbol);
  Random dice(input.size());
  holds(join_pieces(codes->encode(words)) == words, "pieces come together");
  holds(join_pieces(codes->encode(words, 0.3, dice)) == words, "with dropout, too");
  const auto nothing_known = [](const std::string&) { return false; };
  holds(join_pieces(codes->encode(words, nothing_known)) == words, "and letter by letter");
}

}  // namespace babelgrad::fuzz
