// What we know of the book: numbers, titles, names, counts and hashes, nothing of its text or code.
// tools/book.tsv holds it, one fact a row; tools/left_out.tsv holds what we leave out, and why.
#pragma once

#include <string>
#include <vector>

namespace babelgrad::checks {

struct Section { std::string number, title; };  // 11.7.3 Residual Connection and ..
struct Equation { std::string number, section; };              // (11.3.6), in 11.3.3

struct BookLine {
  std::string section, method, hash;            // 11.7.3, AddNorm.forward, 8 digits
  std::string text = {};                        // only while a checkout is read, never stored
};

// A class with its methods, or a function. A method that another section adds to a class is a
// function of that section: EncoderDecoder.predict_step.
struct BookDefinition {
  std::string section, name;
  bool is_class = false;
  int count = 0;                                // lines of code, without comments and docstrings
  std::vector<BookLine> lines = {};
  int row = 0;                                  // in its file
};

struct Facts {
  std::vector<Section> sections;
  std::vector<Equation> equations;
  std::vector<BookDefinition> definitions;      // of one name at most one in a section
  const Section* section(const std::string& number) const;      // null: there is none
  const Equation* equation(const std::string& number) const;
  std::string titled(const std::string& number) const;          // "11.7.4 Encoder"
};

struct LeftOut {
  int line;                                     // in its file
  std::string section, name, reason;
};

// Error naming path and line if a row is none of ours.
Facts read_facts(const std::string& path, const std::string& text);
std::vector<LeftOut> read_left_out(const std::string& path, const std::string& text);
std::string facts_text(const Facts& facts);

// Adds a line to the definition it belongs to; false if there is none.
bool add_line(Facts& facts, const BookLine& line);

std::vector<std::string> split(const std::string& text, char at);
bool is_number(const std::string& word);        // 11.7.3: two numbers or more, with dots between
bool before(const std::string& a, const std::string& b);       // 9.5.2 before 10.1
bool within(const std::string& number, const std::string& outer);      // 11.7.3 lies within 11.7
std::string cut(const std::string& number, int levels);        // (11.7.3, 2) -> 11.7

}  // namespace babelgrad::checks
