#include "tools/app/cli/line_editor.h"

#include <doctest/doctest.h>

#include "data/utf8.h"
#include "tensor/random.h"

using namespace babelgrad;

namespace {

const std::string up = "\33[A", down = "\33[B", right_key = "\33[C", left_key = "\33[D",
                  home = "\33[H", end = "\33[F", erase_key = "\33[3~", backspace = "\x7F";

std::string ctrl(char letter) { return std::string(1, char(letter & 0x1F)); }

// The line after the keys, its cursor shown as |.
std::string typed(std::string_view keys, LineEditor& editor) {
  for (char key : keys)
    if (editor.take(key) != Typed::nothing) return "ended";
  std::string line = editor.line();
  editor.take('|');
  return editor.line();
}
std::string typed(std::string_view keys, std::vector<std::string> history = {}) {
  LineEditor editor(history);
  return typed(keys, editor);
}

struct Row {                                    // one row of a terminal, old text on it
  std::vector<std::string> cells = std::vector<std::string>(80, "#");
  int cursor = 5;

  explicit Row(std::string_view bytes) {
    for (CodePoint c; !bytes.empty(); bytes.remove_prefix(c.bytes)) {
      c = first_code_point(bytes);
      if (c.value == '\r') cursor = 0;
      else if (c.value == '\33') bytes = escape(bytes), c.bytes = 0;
      else put(std::string(bytes.substr(0, c.bytes)));
    }
  }
  std::string_view escape(std::string_view bytes) {     // ESC [ K, ESC [ number C
    REQUIRE(bytes.starts_with("\33["));
    std::size_t last = bytes.find_first_of("KC");
    REQUIRE(last != bytes.npos);
    if (bytes[last] == 'K') for (std::size_t i = cursor; i < cells.size(); i++) cells[i] = "";
    else cursor += std::stoi(std::string(bytes.substr(2, last - 2)));
    return bytes.substr(last + 1);
  }
  void put(const std::string& character) {
    int width = display_width(character);
    if (width == 0) { cells[cursor - 1] += character; return; }
    cells[cursor] = character;
    if (width == 2) cells[cursor + 1] = "";
    cursor += width;
  }
  std::string text() const {
    std::string all;
    for (const std::string& cell : cells) all += cell;
    return all;
  }
};

Row drawn(std::string_view keys, int width, std::string_view mark = "> ") {
  LineEditor editor;
  for (char key : keys) editor.take(key);
  return Row(editor.drawing(mark, width));
}

}  // namespace

TEST_CASE("LineEditor: typing and moving") {
  CHECK(typed("") == "|");
  CHECK(typed("abc") == "abc|");
  CHECK(typed("abc" + left_key + left_key) == "a|bc");
  CHECK(typed("abc" + left_key + right_key + right_key) == "abc|");
  CHECK(typed("abc" + home + "x") == "x|abc");
  CHECK(typed("abc" + home + end + "x") == "abcx|");
  CHECK(typed("abc" + ctrl('A') + "x" + ctrl('E') + "y") == "xabcy|");
  CHECK(typed("abc" + ctrl('B') + ctrl('B') + ctrl('F')) == "ab|c");
  for (std::string key : {"\33OH", "\33[1~", "\33[7~", "\33[1;5H"})
    CHECK(typed("ab" + key) == "|ab");
  for (std::string key : {"\33OF", "\33[4~", "\33[8~"}) CHECK(typed("ab" + home + key) == "ab|");
  CHECK(typed("ab\tc") == "ab c|");
  CHECK(typed(left_key + right_key + backspace + erase_key + ctrl('W')) == "|");
}

TEST_CASE("LineEditor: deleting") {
  CHECK(typed("abc" + backspace) == "ab|");
  CHECK(typed("abc" + left_key + ctrl('H')) == "a|c");
  CHECK(typed("abc" + home + erase_key) == "|bc");
  CHECK(typed("abc" + home + ctrl('D')) == "|bc");
  CHECK(typed("abc" + left_key + ctrl('U')) == "|c");
  CHECK(typed("abc" + left_key + ctrl('K')) == "ab|");
  CHECK(typed("the old  dog " + ctrl('W')) == "the old  |");
  CHECK(typed("the old  dog" + ctrl('W') + ctrl('W')) == "the |");
  CHECK(typed("été noël" + left_key + ctrl('W')) == "été |l");
}

TEST_CASE("LineEditor: characters of several bytes and code points") {
  CHECK(typed("日本é" + left_key + left_key + backspace) == "|本é");
  CHECK(typed("ae\u0301o" + left_key + left_key) == "a|e\u0301o");
  CHECK(typed("ae\u0301o" + left_key + backspace) == "a|o");
  CHECK(typed("ae\u0301o" + home + right_key + erase_key) == "a|o");
  CHECK(typed("\u0301" + left_key) == "|\u0301");
  CHECK(typed("a\xC3" "b\xA9\xFF\xE2\x82" "c\xF0\x9F\x98\x80") == "abc😀|");
  CHECK(typed("\xC0\x80\xED\xA0\x80\xC2\x9Bx") == "x|");
  CHECK(typed("\xE2\x82" + left_key + "\xAC") == "|");
}

TEST_CASE("LineEditor: unknown keys leave the line alone") {
  for (std::string key : {"\33[5~", "\33[200~", "\33[[A", "\33OP", "\33[15;2~", "\33x", "\33[Z",
                          "\33[999999999999999999999999999~", "\7", "\x1C"})
    CHECK(typed("ab" + left_key + key + "c") == "ac|b");
  CHECK(typed("ab\33[1" + left_key) == "a|b");
  CHECK(typed("ab\33[é") == "abé|");
}

TEST_CASE("LineEditor: how a line ends") {
  LineEditor editor;
  for (char key : std::string_view("ab")) CHECK(editor.take(key) == Typed::nothing);
  CHECK(editor.take('\r') == Typed::line);
  CHECK(editor.line() == "ab");
  editor.begin();
  CHECK(editor.line() == "");
  CHECK(editor.take('\n') == Typed::line);
  CHECK(editor.take(ctrl('Z')[0]) == Typed::suspend);
  CHECK(editor.take(ctrl('D')[0]) == Typed::end);
  CHECK(typed("abc" + ctrl('C') + "d", editor) == "d|");
  CHECK(editor.take(ctrl('C')[0]) == Typed::nothing);
  CHECK(editor.line() == "");
  CHECK(editor.take(ctrl('C')[0]) == Typed::end);
  CHECK(typed("x" + left_key + ctrl('D') + ctrl('D')) == "ended");
}

TEST_CASE("LineEditor: the history") {
  std::vector<std::string> two = {"old", "new"};
  CHECK(typed(up, two) == "new|");
  CHECK(typed(up + up + up, two) == "old|");
  CHECK(typed("draft" + up + down, two) == "draft|");
  CHECK(typed("draft" + up + up + down, two) == "new|");
  CHECK(typed("draft" + down, two) == "draft|");
  CHECK(typed(up + "er" + up + down, two) == "new|");
  CHECK(typed(ctrl('P') + ctrl('P') + ctrl('N'), two) == "new|");
  CHECK(typed(up + up) == "|");
  LineEditor editor({"a", "a", "", " \u00A0", "b", "a"});
  CHECK(editor.history() == std::vector<std::string>{"a", "b", "a"});
  editor.remember("a");
  editor.remember("c");
  CHECK(editor.history().back() == "c");
  for (int i = 0; i < 2000; i++) editor.remember(std::to_string(i));
  CHECK(editor.history().size() == 1000);
  CHECK(editor.history().front() == "1000");
}

TEST_CASE("LineEditor: a line has an end") {
  LineEditor editor;
  for (int i = 0; i < (1 << 20) + 5; i++) editor.take('a');
  CHECK(editor.line().size() == 1 << 20);
  editor.take(backspace[0]);
  for (char byte : std::string_view("é")) editor.take(byte);
  CHECK(editor.line().size() == (1 << 20) - 1);
}

TEST_CASE("LineEditor: drawn in one row, the cursor in its place") {
  CHECK(drawn("", 20).text() == "> ");
  CHECK(drawn("", 20).cursor == 2);
  CHECK(drawn("dog" + left_key, 20).text() == "> dog");
  CHECK(drawn("dog" + left_key, 20).cursor == 4);
  CHECK(drawn("日本e\u0301" + left_key, 20).text() == "> 日本e\u0301");
  CHECK(drawn("日本e\u0301" + left_key, 20).cursor == 6);
  CHECK(drawn("a\u202Eb", 20).text() == "> a\\xE2\\x80\\xAEb");
  CHECK(drawn("abcdefghijkl", 10).text() == "> fghijkl");
  CHECK(drawn("abcdefghijkl", 10).cursor == 9);
  CHECK(drawn("abcdefghijkl" + home, 10).text() == "> abcdefg");
  CHECK(drawn("abcdefghijkl" + home, 10).cursor == 2);
  CHECK(drawn("日本語日本語", 8).text() == "> 本語");
  CHECK(drawn("abc", 9, "long mark > ").text() == "longabc");
  CHECK(drawn("", 0, "").cursor == 0);
}

TEST_CASE("LineEditor: whatever is typed, the row holds it") {
  const std::vector<std::string> keys = {"a", "é", "日", "e\u0301", "😀", " ", left_key, left_key,
    home, end, backspace, erase_key, ctrl('W'), "\xFF", "\u202E", "\33", "[", up, ctrl('K'), "~"};
  Random random(14);
  for (int i = 0; i < 3000; i++) {
    LineEditor editor({"a history 日本語日本語日本語日本語"});
    for (int n = random.below(40); n > 0; n--)
      for (char key : keys[random.below(int(keys.size()))]) editor.take(key);
    CHECK(invalid_utf8(editor.line()) < 0);
    int width = 1 + random.below(40);
    Row row(editor.drawing("> ", width));
    CHECK(row.cursor < std::max(2, width));
    CHECK(display_width(row.text()) < std::max(2, width));
  }
}
