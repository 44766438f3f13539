// The command line as a table: a command names each option once (type, range, one line of help);
// parsing, --help, every complaint and the list of effective values come from that table.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tools/app/cli/named.h"

namespace babelgrad {

struct UsageError : Error {                     // wrong use: exit status 2
  using Error::Error;
};

// What a command's options say of themselves: from it come --help, manual pages, completions.
struct Help {
  struct Argument { std::string name, help; bool needed, many; };
  struct Option { std::string name, kind, help, group = {}; char letter = 0; };  // kind: of a value
  std::string command, about, examples;         // a line each
  std::vector<Argument> arguments;
  std::vector<Option> options;

  std::string synopsis() const;                 // train RUN [NAME] [--flags]
  // --help, in lines of `width` columns, the last without a line end.
  std::string usage(int width = 80) const;
};

struct HelpWanted { Help help; };               // -h or --help: print it, exit status 0

template <class... Parts>
[[noreturn]] void usage_error(const Parts&... parts) {
  throw UsageError(join(parts...));
}

// The candidate a few slips of the finger away from the word; "" if none is near.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);
// " (did you mean PREFIXcandidate?)", which is the nearest, or begins with the word; or nothing.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates,
                         const std::string& prefix = "");

// Options that come to nothing beside what else was given.
struct Idle {
  std::vector<std::string> names;
  bool now;                                     // in this call
  std::string why;
};

class Args {
 public:
  // examples: a line each.
  Args(std::string command, std::string examples) : command_(command), examples_(examples) {}
  Args(const Args&) = delete;                   // the options know where this table lives

  // --- for --help: what the command is for, and the heading of the options declared from here on
  void about(std::string words) { about_ = std::move(words); }
  void group(std::string heading) { group_ = std::move(heading); }

  // An option is bound to a variable; what the variable holds at that moment is the default.
  void flag(std::string name, bool* value, std::string help);
  template <std::integral Number>               // int, std::int64_t or std::uint64_t
  void integer(std::string name, Number* value, std::type_identity_t<Number> low,
               std::type_identity_t<Number> high, std::string help) {
    add_number(name, "whole number", value, low, high, help);
  }
  void number(std::string name, double* value, double low, double high, std::string help) {
    add_number(name, "number", value, low, high, help);
  }
  // Counted from 1, or one of the words, each with the value that it stands for: "mean", say.
  void counted(std::string name, int* value, int high,
               std::vector<std::pair<std::string, int>> words, std::string help);
  void choice(std::string name, std::string* value, std::vector<std::string> words,
              std::string help);
  // Of an enum's words: all, in its order, or in that of --help.
  template <class E>
  void choice(std::string name, Named<E>* value, std::vector<std::string> words,
              std::string help) {
    add_choice(name, std::move(words), help, [=](const std::string& word) { value->read(word); },
               [=] { return value->word(); });
  }
  template <class E>
  void choice(std::string name, Named<E>* value, std::string help) {
    choice(name, value, Named<E>::words(), help);
  }
  void string(std::string name, std::string* value, std::string kind,  // kind: FILE, say
              std::string help);
  // The command reads lines of this from stdin: who gives one as an argument is told.
  void reads_stdin(std::string what) { stdin_has_ = std::move(what); }
  void threads();                               // --threads: parse() sets how many there are

  // Arguments without a name, in order: needed ones, then optional ones, then any number more.
  void positional(std::string name, std::string* value, std::string help);
  void optional(std::string name, std::string* value, std::string help);
  void rest(std::string name, std::vector<std::string>* values, std::string help);

  // Reads argv[1] .. argv[argc-1]; argv[0] is the command. Throws UsageError or HelpWanted. Of an
  // option that comes twice the last value counts, and a note on stderr says so.
  void parse(int argc, const char* const* argv);
  void parse(const std::vector<std::string>& words);

  // A value from elsewhere (a preset, a stored run): checked alike, never over one the user gave.
  void preset(const std::string& name, const std::string& value);

  // What --help says in the place of a default that depends on other options.
  void tell_default(const std::string& name, const std::string& words);

  bool given(const std::string& name) const;    // by the user; error if it is no option
  void need(const std::string& name) const;     // UsageError if the user did not give it
  // Of what the user gave, what is idle: a UsageError `COMMAND: --NAME WHY`, where something else
  // must have been meant; or one note, `note: --NAME, --NAME: WHY; --NAME: WHY`, "" if there is
  // none. Names that are no options of this command are passed over.
  void refuse(const std::vector<Idle>& table) const;
  std::string note_on(const std::vector<Idle>& table) const;
  std::vector<std::pair<std::string, std::string>> values() const;  // effective, in order
  Help help() const;
  std::string usage(int width = 80) const { return help().usage(width); }

 private:
  using Set = std::function<void(const std::string&)>;
  using Get = std::function<std::string()>;
  struct Option {
    std::string name, kind, range, help;        // kind: the value's name in --help; "" for a flag
    Set set;                                    // range: as --help has it, or ""
    Get get;
    std::string group = {};
    std::string standard = {};                  // the default, as text
    bool given = false;
  };
  struct Positional {
    std::string name, help;
    std::string* value;
    std::vector<std::string>* rest;
    bool needed;
  };

  template <class Number>
  void add_number(std::string name, const char* what, Number* value, Number low, Number high,
                  std::string help);
  void add_choice(std::string name, std::vector<std::string> words, std::string help, Set set,
                  Get get);
  void add(Option option);
  std::vector<std::string> idle_names(const Idle& row) const;
  const Option& find(const std::string& name) const;
  Option& find(const std::string& name);
  std::string long_name(const std::string& word) const;
  [[noreturn]] void unknown(const std::string& word) const;
  int take_option(const std::vector<std::string>& words, std::size_t i);
  void take_arguments(const std::vector<std::string>& arguments);

  std::string command_, examples_, about_, group_, stdin_has_;
  int threads_ = 0;
  std::set<std::string> repeated_;              // options given more than once
  std::vector<Option> options_;
  std::vector<Positional> positionals_;
};

}  // namespace babelgrad
