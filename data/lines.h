// The one reader of lines that others wrote, wherever they come from: files, stdin, memory.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/shape.h"

namespace babelgrad {

// Is a line text? Error "name:number:column: ...", in bytes from 1: malformed UTF-8, and for
// check_text() a NUL. The name is printable.
void check_utf8(std::string_view line, std::string_view name, Index number);
void check_text(std::string_view line, std::string_view name, Index number);

// LF, CR LF or a CR alone ends a line. A byte order mark at its beginning is no part of it: files
// that have one may have been put together.
class Lines {
 public:
  using Bytes = std::function<Index(char* to, Index most)>;    // how many; 0: the end, -1: failure
  using Check = void (*)(std::string_view line, std::string_view name, Index number);

  Lines(std::string name, Bytes bytes, Check check = check_text);
  static Lines of_file(const std::string& path);       // error: a folder, none that may be read
  // With `cr` false only LF ends a line, and CR LF is two characters; with `marks` false a byte
  // order mark behind the first line is a character.
  static Lines of_text(std::string_view text, const std::string& name, Check check = check_text,
                       bool cr = true, bool marks = true);

  // False at the end. Error "name:number: ...": more than 1 MiB, what `check` says; "name: ..." if
  // reading fails.
  bool next(std::string& line);
  Index number() const { return number_; }      // of the last line, from 1
  const std::string& name() const { return name_; }
  std::string where() const;                    // "name:number: "

 private:
  int get();                                    // -1: the end

  std::string name_;
  Bytes bytes_;
  Check check_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, end_ = 0;
  Index number_ = 0;
  bool cr_ = true, marks_ = true, after_cr_ = false;
};

}  // namespace babelgrad
