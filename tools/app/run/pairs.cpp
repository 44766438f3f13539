#include "tools/app/run/pairs.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "data/grammar.h"
#include "data/safetensors.h"
#include "data/text.h"
#include "data/tsv.h"
#include "tools/app/cli/output.h"

namespace babelgrad {
namespace {

using Tell = std::function<void(const std::string&)>;

TrainingCorpus built_in(const PairSource& s, const Tell& tell) {
  std::vector<Pair> pairs = built_in_corpus(s.built_in), test;
  const auto is_test = [](const Pair& pair) { return split_of(pair.src) == Split::test; };
  std::ranges::copy_if(pairs, std::back_inserter(test), is_test);
  std::erase_if(pairs, is_test);
  if (!s.keep_out.empty()) tell(keep_out(s.keep_out, pairs));
  auto [train, validation, none] = splits_of(std::move(pairs));
  TrainingCorpus corpus{std::move(train), std::move(validation), std::move(test)};
  if (s.most_valid > 0 && int(corpus.validation.size()) > s.most_valid)
    corpus.validation.resize(s.most_valid);
  return corpus;
}

// By hash, source after source as long as its pairs fit in.
void hold_out(TrainingCorpus& corpus, double share) {
  std::map<std::uint64_t, std::size_t> pairs_of;
  for (const Pair& pair : corpus.train) pairs_of[hash_of(pair.src)]++;
  std::size_t left = std::size_t(share * double(corpus.train.size()));
  std::set<std::uint64_t> held;
  for (const auto& [hash, count] : pairs_of)
    if (count <= left) left -= count, held.insert(hash);
  std::vector<Pair> train;
  for (Pair& pair : corpus.train)
    (held.contains(hash_of(pair.src)) ? corpus.validation : train).push_back(std::move(pair));
  corpus.train = std::move(train);
}

// What was learnt by heart says little of what was understood.
void tell_of_trained(const PairSource& s, const TrainingCorpus& corpus, const Tell& tell) {
  std::set<std::pair<Tokens, Tokens>> trained;
  for (const Pair& pair : corpus.train) trained.emplace(pair.src, pair.tgt);
  const auto known = std::ranges::count_if(corpus.validation, [&](const Pair& pair) {
    return trained.contains({pair.src, pair.tgt});
  });
  const auto all = std::ssize(corpus.validation);
  if (2 * known < all || all == 0) return;
  tell(join("note: ", printable(s.val), ": ", known, " of ", all, " validation pairs are training ",
            "pairs, too, so they do not tell how it translates what it has not seen"));
}

TrainingCorpus of_files(const PairSource& s, Tokenizer tokenizer, const Tell& tell) {
  TsvCorpus read = read_tsv(s.data, {s.limit, tokenizer, s.max_tokens, s.swap});
  tell(join(printable(s.data), ": ", read.counts()));
  if (mostly_left_out(read)) tell(join("note: most pairs of ", printable(s.data), " are left out"));
  for (auto [side, name] : {std::pair{&Pair::src, "source"}, {&Pair::tgt, "target"}}) {
    std::vector<Tokens> sentences;
    for (const Pair& pair : read.pairs) sentences.push_back(pair.*side);
    const std::string note = unspaced_note(join(printable(s.data), ": its ", name), sentences);
    if (!note.empty()) tell(note);
  }
  TrainingCorpus corpus;
  corpus.train = std::move(read.pairs);
  if (!s.val.empty()) {
    TsvCorpus validation = read_tsv(s.val, {0, tokenizer, 0, s.swap});
    const std::string lost = left_out(validation);
    if (!lost.empty()) tell(join("note: ", printable(s.val), ": ", lost));
    corpus.validation = std::move(validation.pairs);
    tell_of_trained(s, corpus, tell);
  } else if (s.num_train > 0 && s.num_train < int(corpus.train.size())) {
    corpus.validation.assign(corpus.train.begin() + s.num_train, corpus.train.end());
    corpus.train.resize(s.num_train);
  } else if (s.num_train == 0) {
    hold_out(corpus, s.hold_out);
  }
  return corpus;
}

}  // namespace

void declare_files(Args& args, PairSource& s) {
  args.string("data", &s.data, "FILE",
              "training pairs, source TAB target; none: the built-in corpus");
  args.string("val", &s.val, "FILE",
              "validation pairs: each epoch is scored on them, and with --average 0 the best is "
              "kept");
  args.flag("swap", &s.swap, "the second column is the source");
  args.integer("limit", &s.limit, 0, 1000000000, "read only this many training pairs; 0: all");
  args.integer("num-train", &s.num_train, 0, 1000000000,
               "without --val: this many pairs train, the rest validate");
  args.number("hold-out", &s.hold_out, 0, 0.9,
              "without these two: the share of the pairs kept for validation");
  args.integer("max-tokens", &s.max_tokens, 0, 100000,
               "leave out pairs with a longer side; 0: none");
}

TrainingCorpus read_pairs(const PairSource& s, Tokenizer tokenizer,
                          const std::function<void(const std::string&)>& said) {
  const Tell tell = said ? said : [](const std::string&) {};
  return s.data.empty() ? built_in(s, tell) : of_files(s, tokenizer, tell);
}

std::uint32_t corpus_checksum(const TrainingCorpus& corpus) {
  std::uint32_t sum = 0;
  for (const auto* pairs : {&corpus.train, &corpus.validation}) {
    sum = crc32(join(pairs->size(), '\n'), sum);      // where the one ends and the other begins
    for (const Pair& pair : *pairs)
      sum = crc32(join(join(pair.src), '\t', join(pair.tgt), '\n'), sum);
  }
  return sum;
}

}  // namespace babelgrad
