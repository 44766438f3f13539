// The one reader of lines: how they end, what may begin them, what is wrong with one.
#include "data/lines.h"

#include "tensor/check.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

// Every line in brackets.
std::string read(Lines lines) {
  std::string out;
  for (std::string line; lines.next(line);) out += "[" + line + "]";
  return out;
}

std::string read(std::string_view text) { return read(Lines::of_text(text, "t")); }

// The same, but so many bytes come at a time.
std::string read_in_parts(std::string text, Index size) {
  return read(Lines("t", [=](char* to, Index most) mutable {
    const Index n = std::min({size, most, Index(text.size())});
    std::copy_n(text.begin(), n, to);
    text.erase(0, std::size_t(n));
    return n;
  }));
}

}  // namespace

TEST_CASE("Lines: LF, CR LF and CR end a line, and nothing else does") {
  CHECK(read("") == "");
  CHECK(read("a\nb\r\nc\rd") == "[a][b][c][d]");
  CHECK(read("a\n\nb\r\r\n\n") == "[a][][b][][]");
  CHECK(read("\r") == "[]");
  CHECK(read("a\u2028b\u0085c\vd\fe\x1C") == "[a\u2028b\u0085c\vd\fe\x1C]");
  CHECK(read(Lines::of_text("a\rb\r\nc\n", "t", check_text, false)) == "[a\rb\r][c]");
  for (Index size : {1, 2, 3})
    CHECK(read_in_parts("a\r\n\r\n\rb\n\r\xEF\xBB\xBF" "c", size) == "[a][][][b][][c]");
}

TEST_CASE("Lines: a line that ended in CR is there before more has come") {
  int asked = 0;
  Lines lines("t", [&](char* to, Index) { return *to = "a\r\nb"[asked], Index(asked++ < 4); });
  std::string line;
  CHECK((lines.next(line) && line == "a"));
  CHECK(asked == 2);
  CHECK((lines.next(line) && line == "b" && lines.number() == 2));
}

TEST_CASE("Lines: a byte order mark begins no line") {
  const std::string mark = "\xEF\xBB\xBF";
  CHECK(read(mark + "a\n" + mark + "b\r" + mark + "\n" + mark) == "[a][b][][]");
  CHECK(read("a" + mark + "b\n") == "[a" + mark + "b]");
  CHECK(read(mark + mark + "a") == "[" + mark + "a]");
}

TEST_CASE("Lines: what is wrong is told with its place") {
  auto wrong = [](std::string_view text, Lines::Check check = check_text) {
    return error_of([&] { read(Lines::of_text(text, "t\33", check)); });
  };
  CHECK(wrong("a\rb\xFF") == "t\\x1B:2:2: this byte is not UTF-8; save the file as UTF-8");
  CHECK(wrong(std::string_view("a\r\n\0", 4)) == "t\\x1B:2:1: a NUL byte; text has none");
  CHECK(read(Lines::of_text(std::string_view("a\0b", 3), "t", check_utf8)) ==
        std::string("[a\0b]", 5));
  const std::string longest(1 << 20, 'x');
  CHECK(wrong(longest + "\r" + longest) == "");
  CHECK(wrong("\n" + longest + "x") == "t\\x1B:2: a line of more than 1048576 bytes");
  CHECK(error_of([] { read(Lines("t", [](char*, Index) { return Index(-1); })); }) ==
        "t: reading fails after line 0");
}
