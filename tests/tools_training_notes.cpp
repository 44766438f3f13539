// What is said of a run, before it begins, that can come to little.
#include "tools/app/run/train.h"

#include <doctest/doctest.h>

#include "data/grammar.h"

using namespace babelgrad;

namespace {

// Twelve pairs, three of which validate; batches of four.
struct Small {
  TrainSettings settings;
  TrainingCorpus corpus;

  Small() {
    settings.model = {.model = "rnn", .embed = 4, .hidden = 4, .layers = 1};
    settings.batch_size = 4, settings.epochs = 5;
    corpus.train = make_corpus(12, 3, {3, 8});
    corpus.validation = {corpus.train.begin(), corpus.train.begin() + 3};
  }
  std::vector<std::string> notes() const {
    const Beginning begin = begin_training(settings, corpus);
    TrainingData data{settings, corpus.train, *begin.model};
    return notes_on(settings, corpus, *begin.model, data,
                    schedule_of(settings, data, settings.epochs));
  }
  std::string note() const {                    // the only one
    const std::vector<std::string> all = notes();
    REQUIRE(all.size() == 1);
    return all[0];
  }
};

using Notes = std::vector<std::string>;

}  // namespace

TEST_CASE("notes on a run: none, where something can come of all of it") {
  Small small;
  CHECK(small.notes() == Notes{});
  small.settings.schedule = {Schedule::inverse_sqrt, 0.01, 15, 0};       // as long as the run
  CHECK(small.notes() == Notes{});
  small.settings.schedule = {Schedule::cosine, 0.01, 3, 15};
  CHECK(small.notes() == Notes{});
  small.settings.batch_size = 12, small.settings.accumulate = 1, small.settings.save_every = 5;
  small.settings.schedule = {};
  CHECK(small.notes() == Notes{});
  small.corpus.validation.clear();
  CHECK(small.notes() == Notes{});
}

TEST_CASE("notes on a run: vocabularies that know few of the words, and what made them so") {
  Small small;
  small.settings.min_freq = 50;
  Notes notes = small.notes();
  REQUIRE(notes.size() == 2);
  CHECK(notes[0].starts_with("note: the training pairs: only 0 of "));
  CHECK(notes[0].ends_with("; --min-freq is 50"));
  CHECK(notes[1].starts_with("note: the validation pairs: only 0 of "));
  small.settings.min_freq = 1, small.settings.vocab_size = 5;
  CHECK(small.notes().at(0).ends_with("; --vocab-size is 5"));
}

TEST_CASE("notes on a run: fewer merges than were asked for, or none") {
  Small small;
  small.settings.model.merges = 5;
  CHECK(small.notes() == Notes{});
  small.settings.model.merges = 100000;
  CHECK(small.note().ends_with(
      " of --merges 100000 are learnt; no other pair of pieces occurs twice"));
  small.settings.src_codes = Subwords::read("#version: 0.2\nt h\n", "codes");
  small.settings.tgt_codes = small.settings.src_codes;
  CHECK(small.notes() == Notes{});
  Small bare;
  bare.settings.model.merges = 3;
  bare.corpus = {{{{"a"}, {"b"}}, {{"c"}, {"d"}}}, {}};
  bare.settings.batch_size = 2;
  CHECK(bare.note().starts_with("note: only 0 of --merges 3 are learnt"));
}

TEST_CASE("notes on a run: sentences of which most are cut short") {
  Small small;
  small.settings.model.num_steps = 20;
  CHECK(small.notes() == Notes{});
  small.settings.model.num_steps = 3;
  CHECK(small.note() == "note: --num-steps 3 cuts 12 of 12 pairs short");
  small.corpus.train = {{{"a", "b"}, {"c"}}, {{"a"}, {"b", "c"}}, {{"a"}, {"b"}}};
  small.corpus.validation.clear(), small.settings.batch_size = 3;
  CHECK(small.notes() == Notes{});              // two words and <eos>
  small.settings.model.num_steps = 2;
  CHECK(small.note() == "note: --num-steps 2 cuts 2 of 3 pairs short");
}

TEST_CASE("notes on a run: validation pairs in a language that the model does not read") {
  Small small;
  for (Pair& pair : small.corpus.validation) std::swap(pair.src, pair.tgt);
  CHECK(small.note().starts_with("note: the validation pairs: only "));
  CHECK(small.note().find("source words and ") != std::string::npos);
}

TEST_CASE("notes on a run: a schedule that the run is too short for, or ends before it") {
  Small small;
  for (Schedule::Kind kind : {Schedule::constant, Schedule::inverse_sqrt}) {
    small.settings.schedule = {kind, 0.01, 16, 0};
    CHECK(small.note() == "note: --warmup 16 is longer than the run, of 15 updates; the learning "
                          "rate never comes to --lr 0.01");
  }
  small.settings.schedule = {Schedule::cosine, 0.01, 3, 9};
  CHECK(small.note() == "note: --decay-steps 9 is before the end of the run; nothing is learnt in "
                        "the last 6 of its 15 updates");
  small.settings.accumulate = 3;                // an update an epoch
  CHECK(small.notes() == Notes{});
}

TEST_CASE("notes on a run: batches, updates and checkpoints larger than there are") {
  Small small;
  small.settings.batch_size = 13;
  CHECK(small.note() ==
        "note: --batch-size 13 is more than there is; an epoch is one batch of 12 pairs");
  small.settings.batching = "tokens", small.settings.batch_size = 10000;
  CHECK(small.note() ==
        "note: --batch-size 10000 tokens is more than there is; an epoch is one batch of 12 pairs");
  small = Small();
  small.settings.accumulate = 4;
  CHECK(small.note() == "note: --accumulate 4 batches are more than an epoch has, 3");
  small = Small();
  small.settings.save_every = 16;
  CHECK(small.note() ==
        "note: --save-every 16 is longer than the run, of 15 updates; only whole epochs are saved");
}
