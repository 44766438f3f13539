// Found by running the book's own code (release 1.0.3, PyTorch).
#include "tools/checks/book_traps.h"

namespace babelgrad::checks {

const std::vector<Trap>& book_traps() {
  static const std::vector<Trap> traps = {
      {"D1", "In prediction the Transformer's decoder sees one token a call and counts positions "
             "from 0 each time: every generated word has position 0."},
      {"D2", "The decoder's causal mask is made in training mode only: validation sees the words "
             "to come."},
      {"D3", "Masked scores are -1e6, not minus infinity: a row without a valid key attends "
             "evenly to padding."},
      {"D4", "The recurrent encoder runs over padding: the context is the state behind it, and "
             "depends on how long the batch is."},
      {"D5", "Reading `max_examples` lines reads one more."},
      {"D6", "A line counts only if it has exactly two columns: today's three-column files give "
             "no pair."},
      {"D7", "The vocabulary is counted on training and validation sentences, padding included, "
             "and ids move with the data."},
      {"D8", "The first lines of the file are the shortest, with few sources; demo sentences are "
             "training sentences."},
      {"D9", "BLEU of one sentence, with k = 2 and weights 1/2^n, compares with no published "
             "number."},
      {"D10", "Prediction always takes num_steps steps, and targets are cut to num_steps, which "
              "may lose their <eos>."},
      {"D11", "The text's GRU resets the state before the product, the library's after it: "
              "weights of one are none of the other's."},
      {"D12", "The Bahdanau decoder asks with the state before the step, concatenates context and "
              "embedding, and has a one-way encoder; the paper has none of this."},
      {"D13", "The source's <eos> is a key like any word, and the heat map shows it among the "
              "words."},
      {"D14", "The Transformer is trained without warm-up, decay or label smoothing."}};
  return traps;
}

}  // namespace babelgrad::checks
