#include "tools/app/run/training_notes.h"

#include <algorithm>

#include "tools/app/cli/unknown.h"

namespace babelgrad {
namespace {

std::string counted(long n, const char* what) { return join(n, " ", what, n == 1 ? "" : "s"); }

// Of the training pairs, what makes words unknown is an option.
std::string note_on_words(const TrainSettings& s, const TrainingCorpus& corpus,
                          const Translator& model) {
  const std::string line = note_on_known(model, corpus.train, "the training pairs");
  if (line.empty()) return "";
  return line + (s.vocab_size > 0 ? join("; --vocab-size is ", s.vocab_size)
                                  : join("; --min-freq is ", s.min_freq));
}

// Of merges from a file all are there.
std::string note_on_merges(const TrainSettings& s, const Translator& model) {
  const int least = std::min(model.src_subwords.merges(), model.tgt_subwords.merges());
  if (least >= s.model.merges || !s.src_codes.empty()) return "";
  return join("note: only ", least, " of --merges ", s.model.merges,
              " are learnt; no other pair of pieces occurs twice");
}

// Of sentences cut short the model never sees the end.
std::string note_on_cuts(const TrainSettings& s, const std::vector<Pair>& pairs) {
  const std::size_t most = std::size_t(s.model.num_steps);
  const auto cut = std::ranges::count_if(pairs, [&](const Pair& pair) {
    return std::max(pair.src.size(), pair.tgt.size()) >= most;           // <eos> counts
  });
  if (most == 0 || 2 * cut <= std::ssize(pairs)) return "";
  return join("note: --num-steps ", most, " cuts ", cut, " of ", pairs.size(), " pairs short");
}

// Where the schedule of a run of so many updates never comes to --lr, or is at 0 too early.
std::string note_on_schedule(const Schedule& schedule, long updates) {
  if (schedule.warmup > updates)
    return join("note: --warmup ", schedule.warmup, " is longer than the run, of ",
                counted(updates, "update"), "; the learning rate never comes to --lr ",
                schedule.peak);
  if (schedule.kind == Schedule::cosine && schedule.total < updates)
    return join("note: --decay-steps ", schedule.total, " is before the end of the run; nothing ",
                "is learnt in the last ", updates - schedule.total, " of its ",
                counted(updates, "update"));
  return "";
}

}  // namespace

std::vector<std::string> notes_on(const TrainSettings& s, const TrainingCorpus& corpus,
                                  const Translator& model, TrainingData& data,
                                  const Schedule& schedule) {
  const long pairs = long(corpus.train.size()), batches = long(data.epoch(0).size());
  const long updates = (batches + s.accumulate - 1) / s.accumulate * s.epochs;
  const bool tokens = s.batching == "tokens";
  std::vector<std::string> notes{note_on_merges(s, model), note_on_words(s, corpus, model),
                                 note_on_known(model, corpus.validation, "the validation pairs"),
                                 note_on_cuts(s, corpus.train),
                                 note_on_schedule(schedule, updates)};
  if (batches == 1 && (tokens || s.batch_size > pairs))
    notes.push_back(join("note: --batch-size ", s.batch_size, tokens ? " tokens" : "",
                         " is more than there is; an epoch is one batch of ",
                         counted(pairs, "pair")));
  if (s.accumulate > batches)
    notes.push_back(join("note: --accumulate ", s.accumulate,
                         " batches are more than an epoch has, ", batches));
  if (s.save_every > updates)
    notes.push_back(join("note: --save-every ", s.save_every, " is longer than the run, of ",
                         counted(updates, "update"), "; only whole epochs are saved"));
  std::erase(notes, "");
  return notes;
}

}  // namespace babelgrad
