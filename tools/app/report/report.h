// A training run on one page that needs nothing else: how it went, what the model says, where it
// looks, what it was made of. No scripts, every word escaped; the same files give the same bytes.
#pragma once

#include "data/pair.h"
#include "tools/app/report/run_log.h"
#include "tools/app/run/analysis.h"
#include "tools/app/run/model.h"
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

// For train, before its first step: appends its options (Args::values()) and this machine to the
// run's log, so that a page made later has them, too.
void log_settings(const std::string& folder, const report::NamedValues& options);

namespace report {

// --- parts, each for itself to be tested
std::vector<Chart> curves(const RunLog& log);   // those that have a point
std::vector<std::string> log_remarks(const RunLog& log);       // what is odd about it

// What is right of the words said, and what is not in the reference: as analysis::edits() aligns
// the two, so that the words right are equally many on both sides. One mark for each word said.
std::vector<bool> marks_said(const Tokens& reference, const Tokens& said);
std::string words_html(const Tokens& words);    // with spaces between
std::string sample_html(const analysis::Scored& scored, std::size_t number);   // number: from 1

struct Choice {
  std::string rule;                             // "Every 20th pair"
  std::vector<std::size_t> pairs = {};          // none that an earlier choice has
};
std::vector<Choice> chosen_samples(const std::vector<analysis::Scored>& pairs);
std::string samples_html(const std::vector<analysis::Scored>& pairs);
// BLEU and exact match within bands of source length, as bars and as a table.
Exhibit lengths(const analysis::Study& study);
// Cross-attention of the first few short pairs, from `shortest` to `longest` source words.
constexpr std::size_t shortest = 4, longest = 8, most_maps = 3;
std::string attention_html(Translator& model, const std::vector<analysis::Scored>& pairs);

// What the trainer stored; without the file, or if it cannot be believed, only why.
struct Stored {
  Json run = {}, place = {};                    // as tools/app/run/checkpoint.h has them
  std::string problem = {};
};
Stored stored_of(const std::string& folder);
NamedValues this_machine();           // compiler, precision, vectors, threads; processor, system
// A row for each name and value that the log, the checkpoint or the model's file has, a second one
// where a later of these says otherwise.
PageTable settings_table(const Translator& model, const Stored& stored, const RunLog& log);

// For the terminal: that table, and the machine that the log names.
std::string settings_text(const Translator& model, const std::string& folder);

}  // namespace report
}  // namespace babelgrad
