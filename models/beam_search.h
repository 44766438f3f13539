// Looking for the likeliest sentence: greedy search takes the best word at every step, beam search
// keeps the best few beginnings.
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
  int max_len = 100;
};

// D2L 10.8.3 Beam Search: Eq. (10.8.4), over finished hypotheses. At every step the k beginnings
// grow by one word each way, and of all these the k best are kept; one that ends frees no place:
// the beam becomes narrower, so a beam of 1 is greedy search. Returns up to k hypotheses, finished
// ones first, best first. `state` is of a single sentence.
template <class DecoderType>
std::vector<Hypothesis> beam_search(DecoderType& decoder, typename DecoderType::State state,
                                    int bos, int eos, const BeamOptions& options = {}) {
  check(options.beam_size >= 1 && options.max_len >= 1, "beam_search: beam_size ",
        options.beam_size, " and max_len ", options.max_len, " must be positive");
  NoGrad guard;
  struct Step { int parent, token; double log_prob; };
  std::vector<Hypothesis> beam(1), ended;
  Ints X(Shape{1, 1}, bos);
  auto finish = [&](Hypothesis h, bool finished) {
    h.finished = finished;
    h.score = h.log_prob / std::pow(std::max<double>(double(h.tokens.size()), 1), options.alpha);
    ended.push_back(std::move(h));
  };
  for (int t = 0; t < options.max_len && !beam.empty(); t++) {
    Tensor logits;
    std::tie(logits, state) = decoder(X, std::move(state));
    Tensor log_p = log_softmax(select(logits, 1, -1));                   // (hypotheses, vocab_size)
    int width = options.beam_size - int(std::ranges::count_if(ended, &Hypothesis::finished));
    TopK top = topk(log_p, std::min(width, log_p.dim(1)));
    std::vector<Step> steps;
    for (Index i = 0; i < top.indices.numel(); i++) {
      int parent = int(i / top.indices.dim(1));
      double log_prob = beam[parent].log_prob + double(top.values.data()[i]);
      steps.push_back({parent, top.indices[i], log_prob});
    }
    std::ranges::stable_sort(steps, std::greater(), &Step::log_prob);
    steps.resize(std::min<std::size_t>(steps.size(), width));

    std::vector<Hypothesis> grown;
    std::vector<int> parents, tokens;
    for (const Step& step : steps) {
      Hypothesis h = beam[step.parent];
      h.log_prob = step.log_prob;
      if (step.token == eos) { finish(h, true); continue; }
      h.tokens.push_back(step.token);
      grown.push_back(h);
      parents.push_back(step.parent);
      tokens.push_back(step.token);
    }
    if ((beam = grown).empty()) break;
    state = state.take(Ints(Shape{int(parents.size())}, parents));
    X = Ints(Shape{int(tokens.size()), 1}, tokens);
  }
  for (const Hypothesis& h : beam) finish(h, false);
  std::ranges::stable_sort(ended, [](const Hypothesis& a, const Hypothesis& b) {
    return a.finished != b.finished ? a.finished : a.score > b.score;
  });
  return ended;
}

}  // namespace babelgrad
