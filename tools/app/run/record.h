// What a run's files record of how it was made, so that no user has to repeat it: the options of
// train, and the pairs that it was trained and validated on.
#pragma once

#include <functional>

#include "tools/app/run/model.h"
#include "tools/app/run/pairs.h"

namespace babelgrad {

using NamedValues = std::vector<std::pair<std::string, std::string>>;

bool same_value(const std::string& a, const std::string& b);    // 1e-3 and 0.001 are

// The text of the folder's log.jsonl, "" if there is none. Error if it cannot be read as a file.
std::string log_text(const std::string& folder);
// take(line) for each of them, null for what is no JSON: a line may be cut off, or something else.
void each_log_line(std::string_view text, const std::function<void(const Json&)>& take);

// The options of the last call of train, as the log of the run's folder has them, or without those
// the file of its model. `run` is the folder, or a model file. Empty if neither says. Files have
// the names by which they are found from here, wherever train was called.
NamedValues recorded_options(const std::string& run);

// What train keeps in a run's folder, and this program may make anew or read again: its model and
// checkpoint, epochs, log and page. None if there is no such folder.
std::vector<std::string> files_of_run(const std::string& folder);

// Before --out, which holds no run, is given one: a note on what else is there.
void note_on_others(const std::string& folder);

// What a command writes, and what tells it from all else, at its beginning.
struct FileKind { const char *name, *mark; };
inline constexpr FileKind svg_file{"SVG picture", "<svg "},
    graph_file{"graph", "digraph babelgrad"},
    page_file{"page of babelgrad", "name=\"generator\" content=\"babelgrad\""},
    ids_file{"file of ids", "\"src_pad\""}, manual_file{"page for man", ".TH "},
    lines_file{"file of translations", ""};
// Before any work: may a command write to `out`, the value of its `option`? UsageError if that is
// one of `read`: files, runs with all that train keeps there and all that they were made of, or
// models, each with its run. Error if it is of the run in its own folder, or a file of another
// kind, or if no file can be made there. `out` "": nothing is to be written. An `out` that
// `may_renew` names is not asked whether it is a run's.
void check_not_read(std::string_view command, const char* option, const std::string& out,
                    const std::vector<std::string>& read, const FileKind& kind,
                    const std::string& may_renew = "");

// What the trainer stored; without the file, or if it cannot be believed, only why.
struct Stored {
  Json run = {}, place = {};                    // as tools/app/run/checkpoint.h has them
  std::string problem = {};
};
Stored stored_of(const std::string& folder);

// Are these pairs those that the checkpoint was made from? `unknown`: it does not say.
enum class SamePairs { yes, no, unknown };

struct RunPairs {
  TrainingCorpus corpus;                        // its test pairs are those of a built-in corpus
  PairSource source = {};                       // where they come from
  bool known = true;                            // false: nothing says, and this is the default
  SamePairs same = SamePairs::unknown;

  bool built_in() const { return source.data.empty(); }
  // To be scored: of a built-in corpus the test pairs, of files those that validate.
  const std::vector<Pair>& scored() const { return built_in() ? corpus.test : corpus.validation; }
  std::string validated_on() const;             // "val.tsv, columns swapped", without their number
  std::string scored_on() const;                // the same of scored()
  int longest_source() const;                   // that was trained on, in tokens
};

// The one way in which a command comes to a run's own pairs. `own`: the command's options, of which
// those of a built-in corpus hold before the run's, if the user gave them; a run on files is then
// not asked. `seed`: of a built-in corpus, instead of the run's. Error of a file that is gone, of
// options that are none.
RunPairs pairs_of_run(const std::string& run, Tokenizer tokenizer, const Args* own = nullptr,
                      const std::uint64_t* seed = nullptr);
// The same for a command that needs pairs to score: Error `RUN: ...; give --data` if there are
// none, and a note on stderr if they are no longer those of the training.
RunPairs scored_pairs_of_run(const std::string& run, Tokenizer tokenizer, const Args& own,
                             const std::uint64_t* seed = nullptr);

}  // namespace babelgrad
