// A line of text being typed: bytes of the keyboard in, what to draw out. It knows no terminal; see
// prompt.h.
//   left right home end, Ctrl-A B E F            move
//   backspace delete, Ctrl-H D U K W             delete: a character, all before, all after, a word
//   up down, Ctrl-P N                            older and newer lines
//   Ctrl-C                                       clears the line, twice: ends; so Ctrl-D if empty
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace babelgrad {

enum class Typed { nothing, line, end, suspend };   // suspend: Ctrl-Z

class LineEditor {
 public:
  explicit LineEditor(std::vector<std::string> history = {});   // oldest first

  void begin();                                 // an empty line

  // One byte of the keyboard: UTF-8, control codes, the sequences of ECMA-48 and xterm. Malformed
  // UTF-8, unknown keys and what would make the line longer than 1 MiB are ignored.
  Typed take(char byte);
  std::string line() const { return before_ + after_; }

  // Bytes that draw mark and line anew in one row of `width` columns, the last one free, and put
  // the cursor where it is; of a long line the part around it. The mark has no escapes.
  std::string drawing(std::string_view mark, int width) const;

  // For up and down, from the next line on. Blank lines and repeats are not kept; 1000 are.
  void remember(const std::string& line);
  const std::vector<std::string>& history() const { return history_; }

  static constexpr int most_remembered = 1000;

 private:
  Typed control(char byte);
  void in_sequence(char byte);
  void sequence(std::string_view parameters, char last);
  void text(char byte);
  void left();
  void right();
  void home();
  void end();
  void erase_before();
  void erase_word();
  void recall(std::size_t at);

  std::string before_, after_;                  // the line's parts around the cursor
  std::string partial_, sequence_;              // of a character, of ESC [ 3 ~ and its like
  std::vector<std::string> history_;
  std::size_t at_ = 0;                          // in history; its size: the line typed here
  std::string draft_;                           // that line, while an older one is shown
  bool cleared_ = false;                        // the last key was Ctrl-C
};

}  // namespace babelgrad
