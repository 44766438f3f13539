// From a sentence to ids, through the model's own walk, to the words it chooses.
#include "tools/app/explain/walk.h"

#include <algorithm>
#include <numeric>

#include "autograd/ops.h"
#include "tools/app/explain/listener.h"

namespace babelgrad::explain {
namespace {

// The first row of a batch, without padding.
std::vector<int> row(const Ints& ids, int length) {
  return {ids.values().begin(), ids.values().begin() + length};
}

// The words as they were written, for as many ids as the model reads; <eos> ends them.
Tokens labels_of(const Tokens& words, std::size_t count) {
  Tokens out(words.begin(), words.begin() + std::min(count, words.size()));
  if (out.size() < count) out.emplace_back(eos_token);
  return out;
}

std::vector<Candidate> likeliest(const std::vector<Real>& p, const std::vector<int>& never) {
  std::vector<int> order(p.size());
  std::iota(order.begin(), order.end(), 0);
  std::erase_if(order, [&](int id) { return std::ranges::count(never, id) > 0; });
  const std::size_t n = std::min<std::size_t>(5, order.size());
  auto likelier = [&](int a, int b) { return p[a] > p[b] || (p[a] == p[b] && a < b); };
  std::partial_sort(order.begin(), order.begin() + n, order.end(), likelier);
  std::vector<Candidate> out;
  for (std::size_t i = 0; i < n; i++) out.push_back({order[i], double(p[order[i]])});
  return out;
}

// One target word: from its logits the likeliest word.
void choose_word(Listener& listener, Walk& walk, const Vocab& vocab, const Tensor& logits,
                 const std::string& reads) {
  const Tensor probabilities = softmax(logits);
  listener.add({"probabilities p", Kind::probability, "p = softmax(logits)",
                "positive, with sum 1; the likeliest word is chosen",
                {{"the softmax", "choice.softmax"}}, "choice.argmax"},
               {Side::decoder, 0, 0, int(walk.words.size()) + 1},
               listener.rows(1, false), {"words"}, probabilities);
  auto best = likeliest(probabilities.values(), vocab.never_said());
  const int chosen = best[0].id;
  walk.words.push_back({reads, vocab.word(chosen), chosen, best[0].probability, best});
}

// In the place of the word the model would have chosen.
void force(Word& word, int id, const std::string& written, const Walk& walk) {
  word.id = id, word.word = written;
  word.probability = double(walk.steps.back().value.at({0, id}));
}

void decode(Listener& listener, Walk& walk, Translator& model, int most,
            const std::vector<int>& forced_ids, const Tokens& forced) {
  const Vocab& vocab = model.tgt_vocab;
  Watch watch(&listener);                       // which has nothing to say of what is done here
  const Ints src(Shape{1, int(walk.src_ids.size())}, walk.src_ids);
  const auto next = model.word_by_word(src, [&] { listener.enter(Side::decoder); });
  int id = vocab.bos();
  std::string reads(bos_token);
  std::vector<Tensor> logits;
  std::vector<int> labels;
  for (int t = 0; t < most && !walk.finished; t++) {
    listener.enter(Side::decoder, t + 1, reads);
    logits.push_back(reshape(next(id), {1, -1}));
    choose_word(listener, walk, vocab, logits.back(), reads);
    Word& word = walk.words.back();
    if (walk.forced) force(word, forced_ids[t], forced[t], walk);
    id = word.id, reads = word.word;
    labels.push_back(id);
    walk.finished = id == vocab.eos();
  }
  walk.logits = cat(logits, 0);
  walk.labels = Ints(Shape{int(labels.size())}, labels);
}

// What comes before the first target word is told before it, and the last step of a block is what
// the block hands on.
void put_in_order(std::vector<Step>& steps, bool blocks) {
  const auto time = [](const Where& at) { return at.side == Side::decoder ? 1 + at.time : 0; };
  std::ranges::stable_sort(steps, {}, [&](const Step& step) { return time(step.where); });
  for (std::size_t i = 0; i < steps.size() && blocks; i++) {
    const Where& at = steps[i].where;
    const bool last = i + 1 == steps.size() || steps[i + 1].where != at;
    if (!last || at.layer == 0 || time(at) == 1) continue;
    steps[i].caption.name = "block output", steps[i].caption.kind = Kind::output;
    steps[i].caption.meaning = "what this layer hands on";
  }
}

}  // namespace

std::string text(Kind kind) {
  static const char* const names[] = {"embedding", "position", "input",  "gate",    "query",
                                      "key",       "value",    "score",  "weight",  "context",
                                      "inner",     "output",   "logit",  "probability"};
  return names[int(kind)];
}

Walk walk_through(Translator& model, const Tokens& sentence, const Tokens* target) {
  check(!sentence.empty(), "explain: the sentence has no words");
  check(!target || !target->empty(), "explain: the target has no words");
  const auto [src, tgt, _, __] = model.pieces({sentence, target ? *target : Tokens()});
  Batch batch = make_batch(model.config, {{src, tgt}}, {0}, model.src_vocab, model.tgt_vocab);
  Walk walk;
  walk.forced = target != nullptr;
  walk.src_ids = row(batch.src, batch.lens.src[0]);
  walk.src = labels_of(src, walk.src_ids.size());
  const int forced_count = batch.lens.tgt[0];
  const int most =
      walk.forced ? forced_count : std::min(model.longest(batch.src), most_target_words);
  check(int(walk.src.size()) <= most_source_words + 1, "explain: the sentence has ", src.size(),
        " words; at most ", most_source_words, " can be told step by step");
  check(!walk.forced || forced_count <= most_target_words + 1, "explain: the target has ",
        tgt.size(), " words; at most ", most_target_words, " can be told step by step");
  eval(model.module());
  Listener listener(model, walk);
  decode(listener, walk, model, most, row(batch.label, forced_count),
         labels_of(tgt, forced_count));
  put_in_order(walk.steps, model.config.model == "transformer");
  return walk;
}

Tokens words_of(const Walk& walk) {
  Tokens out;
  for (const Word& word : walk.words) out.push_back(word.word);
  if (walk.finished) out.pop_back();
  return out;
}

}  // namespace babelgrad::explain
