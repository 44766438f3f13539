#include "tools/app/cli/args.h"

#include <algorithm>
#include <numeric>
#include <sstream>

#include "tensor/parallel.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad {
namespace {

// Levenshtein: the fewest letters inserted, removed or changed to turn a into b.
int edit_distance(const std::string& a, const std::string& b) {
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); i++) {
    int diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); j++) {
      const int changed = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string listed(const std::vector<std::string>& words) {  // a, b or c
  std::string out;
  for (std::size_t i = 0; i < words.size(); i++)
    out += (i == 0 ? "" : i + 1 < words.size() ? ", " : " or ") + words[i];
  return out;
}

std::string upper(std::string s) {
  for (char& c : s)
    if (c >= 'a' && c <= 'z') c += 'A' - 'a';
  return s;
}

// What has one letter besides its name, in every command that has it.
constexpr std::pair<char, const char*> letters[] = {
    {'b', "beam"}, {'d', "data"}, {'m', "model"}, {'o', "out"}, {'t', "threads"}};

// A bound that somebody may well come to: of a number without end --help says nothing.
template <class Number>
std::string told_range(Number low, Number high) {
  if (high <= (std::integral<Number> ? Number(999) : Number(1))) return join(low, " to ", high);
  return std::integral<Number> && low > 1 ? join("at least ", low) : "";
}

}  // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& candidates) {
  std::string best;
  int least = (int(std::min<std::size_t>(word.size(), 60)) + 2) / 3 + 1;
  for (const std::string& candidate : candidates) {
    if (word.size() > candidate.size() + 60) continue;
    const int distance = edit_distance(word, candidate);
    if (distance < least) least = distance, best = candidate;
  }
  return best;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates,
                         const std::string& prefix) {
  std::string near = nearest(word, candidates);
  const auto longer = std::ranges::find_if(
      candidates, [&](const std::string& it) { return word.size() > 2 && it.starts_with(word); });
  if (near.empty() && longer != candidates.end()) near = *longer;
  return near.empty() ? "" : " (did you mean " + prefix + near + "?)";
}

// --- the table

void Args::add(Option option) {
  for (const Option& other : options_)
    check(option.name != other.name, command_, ": two options are called --", option.name);
  option.standard = option.get(), option.group = group_;
  options_.push_back(std::move(option));
}

void Args::flag(std::string name, bool* value, std::string help) {
  add({name, "", "", help,
       [=, this](const std::string& word) {
         if (word != "true" && word != "false")
           usage_error(command_, ": --", name, " must be true or false, not ", in_quotes(word));
         *value = word == "true";
       },
       [=] { return text(*value); }});
}

template <class Number>
void Args::add_number(std::string name, const char* what, Number* value, Number low, Number high,
                      std::string help) {
  const std::string range = join(low, " to ", high);
  const auto set = [=, this](const std::string& word) {
    Number x{};
    const char* end = word.data() + word.size();
    const auto [stop, problem] = std::from_chars(word.data(), end, x);
    if (problem != std::errc() || stop != end || !(low <= x && x <= high))
      usage_error(command_, ": --", name, " must be a ", what, " from ", range, ", not ",
                  in_quotes(word));
    *value = x;
  };
  add({name, std::integral<Number> ? "N" : "X", told_range(low, high), help, set,
       [=] { return text(*value); }});
}

template void Args::add_number(std::string, const char*, int*, int, int, std::string);
template void Args::add_number(std::string, const char*, std::int64_t*, std::int64_t, std::int64_t,
                               std::string);
template void Args::add_number(std::string, const char*, std::uint64_t*, std::uint64_t,
                               std::uint64_t, std::string);
template void Args::add_number(std::string, const char*, double*, double, double, std::string);

void Args::counted(std::string name, int* value, int high,
                   std::vector<std::pair<std::string, int>> words, std::string help) {
  std::string kind = "N";
  std::vector<std::string> right{join("a whole number from 1 to ", high)};
  for (const auto& [word, _] : words) kind += "|" + word, right.push_back(word);
  const auto set = [=, this](const std::string& typed) {
    for (const auto& [word, meant] : words)
      if (typed == word) return void(*value = meant);
    int n = 0;
    const char* end = typed.data() + typed.size();
    const auto [stop, problem] = std::from_chars(typed.data(), end, n);
    if (problem != std::errc() || stop != end || n < 1 || n > high)
      usage_error(command_, ": --", name, " must be ", listed(right), ", not ", in_quotes(typed));
    *value = n;
  };
  const auto get = [=] {
    for (const auto& [word, meant] : words)
      if (*value == meant) return word;
    return *value > 0 ? text(*value) : "";
  };
  add({name, kind, "", help, set, get});
}

void Args::add_choice(std::string name, std::vector<std::string> words, std::string help, Set set,
                      Get get) {
  std::string kind;
  for (const std::string& word : words) kind += (kind.empty() ? "" : "|") + word;
  const auto checked = [=, this](const std::string& word) {
    if (std::ranges::find(words, word) == words.end())
      usage_error(command_, ": --", name, " must be ", listed(words), ", not ", in_quotes(word),
                  did_you_mean(word, words));
    set(word);
  };
  add({name, kind, "", help, checked, get});
}

void Args::choice(std::string name, std::string* value, std::vector<std::string> words,
                  std::string help) {
  add_choice(name, words, help, [=](const std::string& word) { *value = word; },
             [=] { return *value; });
}

void Args::string(std::string name, std::string* value, std::string kind, std::string help) {
  const auto set = [=](const std::string& word) { *value = word; };
  add({name, kind, "", help, set, [=] { return *value; }});
}

void Args::threads() {
  integer("threads", &threads_, 0, 256, "0: as many as there are cores");
}

void Args::positional(std::string name, std::string* value, std::string help) {
  positionals_.push_back({upper(name), help, value, nullptr, true});
}
void Args::optional(std::string name, std::string* value, std::string help) {
  positionals_.push_back({upper(name), help, value, nullptr, false});
}
void Args::rest(std::string name, std::vector<std::string>* values, std::string help) {
  positionals_.push_back({upper(name), help, nullptr, values, false});
}

// --- reading

void Args::parse(int argc, const char* const* argv) {
  parse(argc > 1 ? std::vector<std::string>(argv + 1, argv + argc) : std::vector<std::string>());
}

void Args::parse(const std::vector<std::string>& words) {
  std::vector<std::string> arguments;
  bool options = true;                          // until "--"
  for (std::size_t i = 0; i < words.size(); i++) {
    const std::string& word = words[i];
    if (!options || word == "-" || !word.starts_with('-')) arguments.push_back(word);
    else if (word == "--") options = false;
    else if (word == "-h" || word == "--help") throw HelpWanted{help()};
    else i += take_option(words, i);
  }
  take_arguments(arguments);
  for (const std::string& word : repeated_)
    say(join("note: ", word, " is given more than once; the last one counts: ",
             clipped(find(word.substr(2)).get())));
  if (threads_ > 0) set_threads(threads_);
}

// "--beam" of "-b", if there is such an option.
std::string Args::long_name(const std::string& word) const {
  for (const auto& [letter, name] : letters)
    for (const Option& option : options_)
      if (word == std::string{'-', letter} && option.name == name) return "--" + option.name;
  return word;
}

// --name=value, --name value or a bare --name; returns how many words after it were used.
int Args::take_option(const std::vector<std::string>& words, std::size_t i) {
  const std::string word = long_name(words[i].substr(0, words[i].find('=')));
  const bool has_equals = words[i].find('=') != std::string::npos;
  if (!word.starts_with("--")) unknown(word);
  Option& option = find(word.substr(2));
  if (option.given && !option.kind.empty()) repeated_.insert(word);
  option.given = true;
  if (option.kind.empty() && has_equals) usage_error(command_, ": ", word, " takes no value");
  if (option.kind.empty() || has_equals) {
    option.set(has_equals ? words[i].substr(words[i].find('=') + 1) : "true");
    return 0;
  }
  if (i + 1 == words.size() || words[i + 1].starts_with("--") || words[i + 1] == "-h")
    usage_error(command_, ": ", word, " needs a value: ", word, " ", option.kind);
  option.set(words[i + 1]);
  return 1;
}

void Args::take_arguments(const std::vector<std::string>& arguments) {
  std::size_t used = 0;
  for (Positional& p : positionals_) {
    if (p.rest) p.rest->assign(arguments.begin() + used, arguments.end()), used = arguments.size();
    else if (used < arguments.size()) *p.value = arguments[used++];
    else if (p.needed) usage_error(command_, ": ", p.name, " is missing: ", p.help);
  }
  if (used == arguments.size()) return;
  const std::string word = in_quotes(arguments[used]);
  const bool data = std::ranges::count(options_, "data", &Option::name) > 0;
  usage_error(command_, ": one argument too many: ", word,
              positionals_.size() > 1 ? "; put a sentence in quotes"
              : !stdin_has_.empty()   ? join("; ", stdin_has_, " is read from stdin: echo ", word,
                                             " | babelgrad ", command_, " ...")
              : data ? join(" (did you mean --data ", clipped(arguments[used]), "?)")
                     : "");
}

void Args::preset(const std::string& name, const std::string& value) {
  Option& option = find(name);
  if (!option.given) option.set(value);
}

void Args::tell_default(const std::string& name, const std::string& words) {
  find(name).standard = words;
}

void Args::unknown(const std::string& word) const {
  std::vector<std::string> names = {"help"};
  for (const Option& option : options_) names.push_back(option.name);
  const std::string name = word.substr(std::min(word.find_first_not_of('-'), word.size()));
  std::string hint = did_you_mean(name, names, "--");
  if (hint.empty() && !word.starts_with("--")) hint = " (a dash may begin an argument after --)";
  usage_error(command_, ": unknown flag ", clipped(word), hint);
}

const Args::Option& Args::find(const std::string& name) const {
  for (const Option& option : options_)
    if (option.name == name) return option;
  unknown("--" + name);
}
Args::Option& Args::find(const std::string& name) {
  return const_cast<Option&>(std::as_const(*this).find(name));
}

// --- asking

bool Args::given(const std::string& name) const { return find(name).given; }

void Args::need(const std::string& name) const {
  const Option& option = find(name);
  if (!option.given)
    usage_error(command_, ": --", name, " ", option.kind, " is missing: ", option.help);
}

std::vector<std::string> Args::idle_names(const Idle& row) const {
  std::vector<std::string> names;
  for (const std::string& name : row.names)
    for (const Option& option : options_)
      if (row.now && option.given && option.name == name) names.push_back("--" + name);
  return names;
}

void Args::refuse(const std::vector<Idle>& table) const {
  for (const Idle& row : table)
    for (const std::string& name : idle_names(row))
      usage_error(command_, ": ", name, " ", row.why);
}

std::string Args::note_on(const std::vector<Idle>& table) const {
  std::string line;
  for (const Idle& row : table) {
    std::string names;
    for (const std::string& name : idle_names(row)) names += (names.empty() ? "" : ", ") + name;
    if (!names.empty()) line += join(line.empty() ? "note: " : "; ", names, ": ", row.why);
  }
  return line;
}

std::vector<std::pair<std::string, std::string>> Args::values() const {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const Option& option : options_) pairs.emplace_back(option.name, option.get());
  return pairs;
}

Help Args::help() const {
  Help all{command_, about_, examples_, {}, {}};
  for (const Positional& p : positionals_)
    all.arguments.push_back({p.name, p.help, p.needed, p.rest != nullptr});
  for (const Option& option : options_) {
    std::string help = option.help, note = option.range;
    if (!option.kind.empty() && !option.standard.empty())
      note += (note.empty() ? "default " : ", default ") + option.standard;
    if (!note.empty()) help += " (" + note + ")";
    all.options.push_back({option.name, option.kind, help, option.group});
    for (const auto& [letter, name] : letters)
      if (option.name == name) all.options.back().letter = letter;
  }
  all.options.push_back({"help", "", "print this", "", 'h'});
  return all;
}

// --- Help

std::string Help::synopsis() const {
  std::string all = command;
  for (const Argument& it : arguments)
    all += it.needed ? " " + it.name : " [" + it.name + (it.many ? "...]" : "]");
  return all + " [--flags]";
}

std::string Help::usage(int width) const {
  std::string head = paragraph("Usage: babelgrad " + synopsis(), width), body, group;
  if (!about.empty()) head += "\n" + paragraph(about, width);
  std::istringstream lines(examples);
  std::string before = "\nExample: ";
  for (std::string line; std::getline(lines, line);)
    for (const std::string& part : wrapped(line, width - 9))
      head += before + part + "\n", before = "         ";
  for (const Argument& it : arguments) body += entry("  " + it.name, it.help, width);
  for (const Option& it : options) {
    if (it.group != group || &it == &options[0])
      body += "\n" + it.group + (it.group.empty() ? "" : "\n");
    group = it.group;
    const std::string dashes = it.letter ? std::string{'-', it.letter} + ", --" : "--";
    body += entry("  " + dashes + it.name + (it.kind.empty() ? "" : " " + it.kind), it.help, width);
  }
  if (!arguments.empty()) head += "\n";
  return head + body.substr(0, body.size() - 1);
}

}  // namespace babelgrad
