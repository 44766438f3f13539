#include "tools/app/run/record.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "data/file.h"
#include "data/safetensors.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad {
namespace {

constexpr Index most_logged = Index(1) << 28;   // bytes

bool same_file(const std::string& a, const std::string& b) {
  std::error_code missing;
  return a == b || std::filesystem::equivalent(a, b, missing);
}

std::string folder_of_file(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

NamedValues as_named_values(const Json& json) {
  NamedValues values;
  for (const auto& [name, value] : json.as_object()) values.emplace_back(name, value.as_string());
  return values;
}

// Of the last call of train that the log has, and from where it was made: see log_settings().
struct Call {
  NamedValues options = {};
  std::string from = {};
};
Call logged_call(const std::string& folder) {
  Call call;
  each_log_line(log_text(folder), [&](const Json& line) {
    try {
      const Json *config = line.find("config"), *from = line.find("called_from");
      if (config) call = {as_named_values(*config), from ? from->as_string() : ""};
    } catch (const Error&) {                    // no line of ours
    }
  });
  return call;
}

constexpr const char* file_options[] = {"data", "val", "codes", "tgt-codes", "from"};
bool names_file(const std::string& option) {
  return std::ranges::find(file_options, option) != std::end(file_options);
}

// A file by the name that a call of train had for it, as it is called from here. A run that was
// moved, or does not say from where, has it where the name leads from here, or from beside the run.
std::string called_here(const std::string& name, const std::string& folder,
                        const std::string& from) {
  using std::filesystem::path;
  if (name.empty() || path(name).is_absolute()) return name;
  for (const path& base : {from.empty() ? path() : path(folder) / from, path(),
                           path(folder) / ".."}) {
    const path file = base / name;
    const std::string plain = file.lexically_normal().string();      // the folder may be gone
    const std::string found = exists(file.string()) ? file.string() : plain;
    if (!exists(found)) continue;
    if (same_file(found, name)) return name;
    return same_file(found, plain) ? plain : found;
  }
  return name;
}

// Beside the weights; the file may be damaged, or of another program.
NamedValues stored_options(const std::string& model_file) {
  try {
    const SafeTensors file = read_safetensors(model_file, Checksum::wanted);
    const Json training = parse_json(file.metadata_at("training"), "training");
    return as_named_values(training.at("options"));
  } catch (const Error&) {
    return {};
  }
}

// Of the built-in corpus, what the user asked for. Another task has lengths of its own.
NamedValues asked_for(const Args& own) {
  NamedValues asked;
  for (const auto& [name, value] : own.values()) {
    const bool is_its = name == "task" || std::ranges::count(corpus_options(), name);
    if (is_its && (own.given("task") || own.given(name))) asked.emplace_back(name, value);
  }
  return asked;
}

// Checked as train checks them. An option that the record lacks has its default, but --hold-out:
// programs that did not know of it held nothing out.
PairSource source_of(const NamedValues& options, const NamedValues& asked) {
  PairSource s;
  Args args("log.jsonl", "");
  declare_files(args, s);
  args.integer("seed", &s.built_in.seed, 0, UINT64_MAX, "");
  declare_corpus(args, s.built_in, 1);
  declare_keep_out(args, s.keep_out);
  args.integer("most-valid", &s.most_valid, 0, 1000000000, "");
  if (!options.empty()) s.hold_out = 0;
  const std::vector<std::pair<std::string, std::string>> known = args.values();
  const auto take = [&](const NamedValues& values) {
    for (const auto& [name, value] : values)
      if (std::ranges::count(known, name, &NamedValues::value_type::first))
        args.preset(name, value);
  };
  take(options);
  if (!asked.empty() && !s.data.empty()) s = {};
  take(asked);
  return s;
}

// Of a run, or of a model in its folder: what is there, and what it was made of.
std::vector<std::string> files_behind(const std::string& run) {
  const std::string folder = is_folder(run) ? run : folder_of_file(run);
  std::vector<std::string> files;
  if (is_folder(run) || exists(folder + "/log.jsonl")) files = files_of_run(folder);
  for (const auto& [name, value] : recorded_options(run)) {
    if (value.empty() || !names_file(name)) continue;
    files.push_back(value);
    if (name == "from")
      for (const std::string& file : files_of_run(value)) files.push_back(file);
  }
  return files;
}

// What is there already gives way to a newer one of its kind. Translations have no TAB, by which
// pairs are known.
bool is_of_kind(const std::string& path, const FileKind& kind) {
  if (!std::filesystem::is_regular_file(path)) return true;
  StoredFile file(path);
  std::string begin;
  file.read(std::min<Index>(file.size(), *kind.mark ? 2048 : 1 << 16), begin);
  if (begin.empty() || *kind.mark) return begin.empty() || begin.find(kind.mark) != begin.npos;
  return begin.find_first_of(std::string_view("\t\0", 2)) == begin.npos;
}

SamePairs compare(const Stored& stored, const TrainingCorpus& corpus) {
  const Json* sum = stored.problem.empty() ? stored.run.find("corpus") : nullptr;
  if (!sum) return SamePairs::unknown;
  return *sum == Json(std::int64_t(corpus_checksum(corpus))) ? SamePairs::yes : SamePairs::no;
}

}  // namespace

bool same_value(const std::string& a, const std::string& b) {
  double x = 0, y = 0;
  auto read = [](const std::string& s, double& number) {
    const char* end = s.data() + s.size();
    const auto [stop, problem] = std::from_chars(s.data(), end, number);
    return problem == std::errc() && stop == end;
  };
  return a == b || (read(a, x) && read(b, y) && x == y);
}

std::string log_text(const std::string& folder) {
  const std::string path = folder + "/log.jsonl";
  return exists(path) ? read_stored_file(path, most_logged) : "";
}

void each_log_line(std::string_view text, const std::function<void(const Json&)>& take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    Json line;
    try {
      line = parse_json(text.substr(0, end), "log");
    } catch (const Error&) {
    }
    take(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::vector<std::string> files_of_run(const std::string& folder) {
  std::vector<std::string> files;
  for (const std::string& name : names_in(folder))
    if (name.ends_with(".safetensors") || name == "log.jsonl" || name == "lock" ||
        name == "report.html")
      files.push_back(folder + "/" + name);
  return files;
}

void note_on_others(const std::string& folder) {
  std::vector<std::string> others = names_in(folder);
  std::erase(others, "lock");                   // of a run that did not begin
  if (others.empty()) return;
  const std::size_t more = others.size() - 1;
  say(join("note: --out ", in_quotes(folder), " is not empty; what is there stays: ",
           in_quotes(others[0]), more > 0 ? join(" and ", more, " more") : ""));
}

void check_not_read(std::string_view command, const char* option, const std::string& out,
                    const std::vector<std::string>& read, const FileKind& kind,
                    const std::string& may_renew) {
  if (out.empty()) return;
  const auto is_one_of = [&](const std::vector<std::string>& files) {
    return std::ranges::any_of(files, [&](const auto& file) { return same_file(out, file); });
  };
  const std::string folder = folder_of_file(out);
  if (may_renew.empty() || !same_file(out, may_renew)) {
    for (const std::string& in : read)
      if (!in.empty() && (same_file(out, in) || is_one_of(files_behind(in))))
        usage_error(command, ": ", option, " ", in_quotes(out), " is a file to be read");
    check(!exists(folder + "/log.jsonl") || !is_one_of(files_behind(folder)), printable(out),
          ": is a file of the run in ", in_quotes(folder), "; choose another name");
  }
  check_writable(out);
  check(is_of_kind(out, kind), printable(out), ": is there already, and is no ", kind.name,
        "; choose another name");
}

NamedValues recorded_options(const std::string& run) {
  const std::string folder = is_folder(run) ? run : folder_of_file(run);
  Call call = logged_call(folder);
  if (!is_folder(run) || call.options.empty())
    call.options = stored_options(is_folder(run) ? run + "/model.safetensors" : run);
  for (auto& [name, value] : call.options)
    if (names_file(name)) value = called_here(value, folder, call.from);
  return call.options;
}

Stored stored_of(const std::string& folder) {
  const std::string path = folder + "/trainer.safetensors";
  if (!exists(path)) return {{}, {}, "There is no trainer.safetensors beside the model."};
  try {
    const SafeTensors file = read_safetensors(path, Checksum::required);
    const Json run = parse_json(file.metadata_at("run"), "run");
    const Json place = parse_json(file.metadata_at("place"), "place");
    run.as_object(), place.get_int("step", 0);
    return {run, place};
  } catch (const Error& error) {
    return {{}, {}, join("The trainer's settings cannot be read. ", error.what(), ".")};
  }
}

std::string RunPairs::validated_on() const {
  const PairSource& s = source;
  const std::string swapped = s.swap ? ", columns swapped" : "";
  if (built_in()) return "the built-in corpus";
  if (!s.val.empty()) return s.val + swapped;
  if (s.num_train > 0) return join(s.data, swapped, ", after the first ", s.num_train, " pairs");
  return join(s.data, swapped, same == SamePairs::no ? ", no longer the pairs of the training"
                                                     : ", held out of the training");
}

std::string RunPairs::scored_on() const {
  if (!built_in()) return validated_on();
  const CorpusOptions& o = source.built_in;
  return join("the built-in corpus, its test pairs with sources of ", o.min_length, " to ",
              o.max_length, " tokens");
}

int RunPairs::longest_source() const {
  std::size_t longest = 0;
  for (const Pair& pair : corpus.train) longest = std::max(longest, pair.src.size());
  return int(longest);
}

RunPairs pairs_of_run(const std::string& run, Tokenizer tokenizer, const Args* own,
                      const std::uint64_t* seed) {
  const NamedValues options = recorded_options(run), asked = own ? asked_for(*own) : NamedValues();
  const Stored stored = stored_of(is_folder(run) ? run : folder_of_file(run));
  RunPairs pairs{{}, source_of(options, asked), !(options.empty() && asked.empty())};
  const Json* its = stored.problem.empty() ? stored.run.find("seed") : nullptr;
  if (options.empty() && its) pairs.source.built_in.seed = its->as_uint("seed");
  if (seed) pairs.source.built_in.seed = *seed;
  pairs.corpus = read_pairs(pairs.source, tokenizer);
  pairs.same = compare(stored, pairs.corpus);
  return pairs;
}

RunPairs scored_pairs_of_run(const std::string& run, Tokenizer tokenizer, const Args& own,
                             const std::uint64_t* seed) {
  try {
    RunPairs pairs = pairs_of_run(run, tokenizer, &own, seed);
    check(!pairs.scored().empty(), pairs.built_in() ? "none of its pairs is for testing"
                                                    : "the training held none out");
    if (pairs.same == SamePairs::no && !pairs.built_in())
      say(join("note: ", printable(run), ": its pairs are no longer those of the training; was ",
               printable(pairs.source.data), " changed?"));
    return pairs;
  } catch (const Error& error) {
    fail(printable(run), ": the pairs to score it on are not available (", error.what(),
         "); give --data");
  }
}

}  // namespace babelgrad
