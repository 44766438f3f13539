// A training run on one page that needs nothing else: how it went, what the model says, where it
// looks, what it was made of. No scripts, every word escaped; the same files give the same bytes.
#pragma once

#include <cmath>
#include <cstdint>

#include "data/pair.h"
#include "data/tasks.h"
#include "tools/app/run/analysis.h"
#include "tools/app/run/record.h"
#include "tools/app/view/page.h"

namespace babelgrad {

struct ReportedRun {
  std::string folder;                           // that train wrote
  std::vector<Pair> pairs = {};                 // to score and to show; best those of validation
  std::string pairs_from = {};                  // "val.tsv": what they are
  std::vector<std::string> remarks = {};        // about them
};

// The page. A log or checkpoint that is missing, cut off or damaged is said on it, and so is it if
// there are no pairs. Translations are greedy. Error if the log cannot be read as a file.
std::string report_page(Translator& model, const ReportedRun& run);
// Atomically, to `path`; "": report.html in the run's folder. Errors as above, or of the file.
void write_report(Translator& model, const ReportedRun& run, const std::string& path = "");

namespace report {

// --- what a training wrote of itself: log.jsonl, a JSON object to a line. Nothing of it is
// trusted: a line may be cut off, come twice or be something else altogether.

struct LogLine {                                // NaN: not in the line
  std::int64_t step = 0, epochs = 0;            // updates done; epochs in a mean
  double loss = NAN, lr = NAN, grad_norm = NAN; // loss: nats per target token, of one batch
  double epoch = NAN, train_loss = NAN, valid_loss = NAN, valid_bleu = NAN;     // BLEU of 100
  double tok_per_s = NAN, elapsed = NAN;        // the mean since the call of train began
};

struct RunLog {                                 // each by ascending step
  std::vector<LogLine> steps = {}, epochs = {}; // one in a hundred updates; each epoch
  std::vector<LogLine> means = {};              // of a model that is the mean of epochs' weights
  NamedValues options = {}, environment = {};   // of the last call of train, if it logged them
  Index lines = 0, skipped = 0, first_skipped = 0;             // lines are counted from 1
  Index replaced = 0;                           // lines of updates that a later call did again
  int calls = 0;                                // of train, as far as the log shows them
  double seconds = 0, tokens = 0;               // of all calls, to the last line of each

  double speed() const { return seconds > 0 ? tokens / seconds : NAN; }        // tokens per second
  // The first epoch of least validation loss, of highest validation BLEU; null if there is none.
  const LogLine* best_by_loss() const;
  const LogLine* best_by_bleu() const;
};

// No text makes an error. A line counts if it is an object with a whole "step" and a "loss", a
// "train_loss" or a whole "average", or with a "config", an object of names and values, and with
// numbers (or null) where numbers belong; all others are skipped. Where a step comes again, after a
// resumption from before it, the later lines hold.
RunLog read_log(std::string_view text);

// Of the run's log.jsonl; empty if there is none. Error if it cannot be read as a file.
RunLog log_of(const std::string& folder);

// The line that log_settings() appends.
std::string settings_line(const NamedValues& options, const NamedValues& environment,
                          const std::string& called_from = "");

std::vector<Chart> curves(const RunLog& log);   // those that have a point
std::vector<std::string> log_remarks(const RunLog& log);       // what is odd about it

// --- what it was made of

NamedValues this_machine();           // compiler, precision, vectors, threads; processor, system
// A row for each name and value that the log, the checkpoint or the model's file has, a second one
// where a later of these says otherwise.
PageTable settings_table(const Translator& model, const Stored& stored, const RunLog& log);

// For the terminal: that table, and the machine that the log names.
std::string settings_text(const Translator& model, const std::string& folder);

// --- which pairs it scores: the validation pairs of the training, found again

// The run's validation pairs, as its record names them: of its files, read as train read them, or
// of the built-in corpus. Of a run without a record, those of the default built-in corpus, if the
// checkpoint was made from it. Otherwise none, and a remark says why; another says so if the pairs
// are no longer those of the checkpoint. `own`: as in pairs_of_run(). No error but of memory.
void take_own_pairs(ReportedRun& run, Tokenizer tokenizer, const Args* own = nullptr);

// --- what the model says of them

// Source, reference and translation; what analysis::edits() finds lost or wrong is marked. The
// number is counted from 1.
std::string sample_html(const analysis::Scored& scored, std::size_t number);

struct Choice {
  std::string rule;                             // "Every 20th pair"
  std::vector<std::size_t> pairs = {};          // none that an earlier choice has
};
std::vector<Choice> chosen_samples(const std::vector<analysis::Scored>& pairs);
inline constexpr const char* samples_title = "What it says";
std::string samples_html(const std::vector<analysis::Scored>& pairs);
// BLEU and exact match within bands of source length, as bars and as a table.
Exhibit lengths(const analysis::Study& study);

}  // namespace report

// For train, before its first step: appends its options (Args::values()), this machine and the way
// from the run to the folder of the call to the run's log, so that a page made later has them, too,
// and finds the files that the options name from anywhere.
void log_settings(const std::string& folder, const NamedValues& options);

}  // namespace babelgrad
