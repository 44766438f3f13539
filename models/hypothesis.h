// What a search for the likeliest sentence is asked for, and what it finds.
#pragma once

#include <vector>

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
};

}  // namespace babelgrad
