// Looking for the likeliest sentence: greedy search takes the best word at every step, beam search
// keeps the best few beginnings. Of many sentences at once, all beginnings of all of them are the
// rows of one batch.
#pragma once

#include <algorithm>
#include <cmath>

#include "models/encoder_decoder.h"

namespace babelgrad {

struct Hypothesis {
  std::vector<int> tokens;                      // without <bos> and <eos>
  double log_prob = 0;                          // of all tokens, <eos> included
  double score = 0;                             // log_prob / L^alpha, L the number of tokens
  bool finished = false;                        // ended with <eos>; false: cut at max_len
};

struct BeamOptions {
  int beam_size = 4;
  double alpha = 0.75;                          // 0: no length normalisation, short sentences win
  int max_len = 100;                            // <eos> included
  std::vector<int> never = {};                  // ids that are no words: see silence()
  // The rule of CTranslate2: ended hypotheses make room for the next best, until there are
  // beam_size of them, <eos> counts in L, what is cut at max_len ranks with what has ended, and
  // probabilities are of what can be said, without `never`. Else each takes its place with it, the
  // beam gets narrower, <eos> does not count, and what has ended ranks first.
  bool replace_ended = false;
};

// The hypotheses of one sentence: those that continue, and those that have ended.
struct Beam {
  std::vector<Hypothesis> live{1}, ended;
  std::vector<int> parents;                     // of each live one, its row one step before

  // `live` are the rows first_row, first_row + 1, ... of `top`. They grow by one word each way, and
  // the best are kept; one that ends frees no place: the beam becomes narrower. Unless it is
  // replaced: then the beam is as wide to its end. Either way a beam of 1 is greedy search.
  void grow(const TopK& top, int first_row, int eos, const BeamOptions& options) {
    struct Step { int parent, token; double log_prob; };
    const int k = top.indices.dim(1);
    const int width = options.beam_size - (options.replace_ended ? 0 : int(ended.size()));
    std::vector<Step> steps;
    for (int i = 0; i < int(live.size()) * k; i++) {
      Index at = Index(first_row) * k + i;
      double log_prob = live[i / k].log_prob + double(top.values.data()[at]);
      if (log_prob != -std::numeric_limits<double>::infinity())
        steps.push_back({i / k, top.indices[at], log_prob});
    }
    if (steps.empty()) return cut(options);                  // there is nothing to say
    std::ranges::stable_sort(steps, std::greater(), &Step::log_prob);

    const std::vector<Hypothesis> before = std::move(live);
    live.clear(), parents.clear();
    for (int i = 0; i < int(steps.size()); i++) {
      const Step& step = steps[i];
      const bool among_best = i < width;
      if (!among_best && (!options.replace_ended || int(live.size()) == width)) break;
      if (!among_best && step.token == eos) continue;
      Hypothesis h = before[step.parent];
      h.log_prob = step.log_prob;
      if (step.token == eos) { end(std::move(h), true, options); continue; }
      h.tokens.push_back(step.token);
      live.push_back(std::move(h));
      parents.push_back(first_row + step.parent);
    }
  }
  void cut(const BeamOptions& options) {        // what still lives ends here
    for (const Hypothesis& h : live) end(h, false, options);
    stop();
  }
  void stop() { live.clear(), parents.clear(); }
  std::vector<Hypothesis> ranked(const BeamOptions& options) {           // best first
    std::ranges::stable_sort(ended, [&](const Hypothesis& a, const Hypothesis& b) {
      if (!options.replace_ended && a.finished != b.finished) return a.finished;
      return a.score > b.score;
    });
    return ended;
  }

 private:
  void end(Hypothesis h, bool finished, const BeamOptions& options) {
    h.finished = finished;
    const std::size_t length = h.tokens.size() + (finished && options.replace_ended ? 1 : 0);
    h.score = h.log_prob / std::pow(std::max<double>(double(length), 1), options.alpha);
    ended.push_back(std::move(h));
  }
};

// D2L 10.8.3 Beam Search: Eq. (10.8.4), over finished hypotheses. `state` is for a batch, max_lens
// (batch_size) the longest translation of each of its sentences, <eos> included; it counts instead
// of options.max_len. A sentence whose beam has ended leaves the batch. Returns up to beam_size
// hypotheses of each sentence, best first, finished ones before all others (unless ended ones are
// replaced): what it would have by itself, but for the rounding of a single row (tensor/gemm.h).
// Error: a beam_size or max_len that is not positive, an alpha that is no number.
template <class DecoderType>
std::vector<std::vector<Hypothesis>> beam_search(DecoderType& decoder,
                                                 typename DecoderType::State state,
                                                 const Ints& max_lens, int bos, int eos,
                                                 const BeamOptions& options = {}) {
  for (int max_len : max_lens.values())
    check(options.beam_size >= 1 && max_len >= 1, "beam_search: beam_size ", options.beam_size,
          " and max_len ", max_len, " must be positive");
  check(std::isfinite(options.alpha), "beam_search: alpha ", options.alpha, " is no number");
  NoGrad guard;
  std::vector<Beam> beams(max_lens.numel());
  Ints X(Shape{int(beams.size()), 1}, bos);     // the last word of each live hypothesis
  for (int t = 1; X.numel() > 0; t++) {
    Tensor logits;
    std::tie(logits, state) = decoder(X, std::move(state));
    Tensor scores = select(logits, 1, -1);                   // (live hypotheses, vocab_size)
    if (options.replace_ended) silence(scores, options.never);
    Tensor log_p = log_softmax(scores);
    if (!options.replace_ended) silence(log_p, options.never);
    const int most = options.beam_size + (options.replace_ended ? 1 : 0);    // one may be <eos>
    TopK top = topk(log_p, std::min(most, log_p.dim(1)));
    std::vector<int> parents, tokens;
    int row = 0;
    for (std::size_t i = 0; i < beams.size(); i++) {
      int rows = int(beams[i].live.size());
      beams[i].grow(top, row, eos, options);
      if (t == max_lens[i]) beams[i].cut(options);
      else if (Index(beams[i].ended.size()) >= options.beam_size) beams[i].stop();
      for (const Hypothesis& h : beams[i].live) tokens.push_back(h.tokens.back());
      parents.insert(parents.end(), beams[i].parents.begin(), beams[i].parents.end());
      row += rows;
    }
    Ints kept(Shape{int(parents.size())}, parents);
    if (kept != positions({row}) && !parents.empty()) state = state.take(kept);
    X = Ints(Shape{int(tokens.size()), 1}, tokens);
  }
  std::vector<std::vector<Hypothesis>> found;
  for (Beam& beam : beams) {
    found.push_back(beam.ranked(options));
    found.back().resize(std::min<std::size_t>(found.back().size(), options.beam_size));
  }
  return found;
}

}  // namespace babelgrad
