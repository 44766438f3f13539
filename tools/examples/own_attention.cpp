// An attention of one's own. The book's decoder with attention (11.4) scores a key by a small
// network; here the score is how near the key is to the query, as in the book's Nadaraya-Watson
// regression (11.2), with a learnt width. The task is to write a sequence backwards, so the weights
// run from the upper right to the lower left.     build/float/examples/own_attention
#include <iostream>

#include "data/batches.h"
#include "data/tasks.h"
#include "models/bahdanau.h"
#include "nn/trainer.h"

using namespace babelgrad;

// weights = softmax(−|q − k|² w²), as |q − k|² = q·q − 2 q·k + k·k. Every row of scores has its own
// q·q, which a softmax takes away again: so it is left out.
struct DistanceAttention : Attention {
  Linear W_q, W_k;                              // into the space where distances are taken
  Tensor w;                                     // (1)

  DistanceAttention(int num_hiddens, Real dropout)
      : Attention(dropout), W_q(num_hiddens, num_hiddens, false),
        W_k(num_hiddens, num_hiddens, false),
        w(requires_grad(Tensor({1}, 1 / std::sqrt(Real(num_hiddens))))) {}

  // The keys do not change from step to step, so they are projected once.
  KeysValues project(Tensor keys, Tensor values) const override { return {W_k(keys), values}; }

  // queries (batch_size, num_queries, h), keys and values (batch_size, num_keys, h) -> the means of
  // the values (batch_size, num_queries, h), and the weights (batch_size, num_queries, num_keys).
  Attended attended(Tensor queries, const KeysValues& projected, const ValidLens& valid_lens,
                    Real p) const override {
    check(!valid_lens.packed(), "DistanceAttention: the batch must be padded");
    const auto& [keys, values] = projected;
    Tensor own = unsqueeze(sum(square(keys), {-1}), 1);                 // (batch_size, 1, num_keys)
    Tensor scores = (2 * matmul(W_q(queries), transpose(keys)) - own) * square(w);
    Tensor weights = masked_softmax(scores, valid_lens.lens);
    return {matmul(babelgrad::dropout(weights, p), values), weights};
  }
  void fields(Visitor& f) override {
    Attention::fields(f);
    f("W_q", W_q); f("W_k", W_k); f("w", w);
  }
};

int main() {
  const std::vector<Pair> pairs = built_in_corpus(
      {.task = "reverse", .pairs = 4000, .min_length = 3, .max_length = 8, .alphabet = 12});
  std::vector<Tokens> sentences;
  for (const Pair& pair : pairs) sentences.push_back(pair.src);
  const Vocab vocab(sentences);
  manual_seed(1);
  const int words = vocab.size(), width = 48;
  Seq2Seq<Seq2SeqEncoder, Seq2SeqAttentionDecoder> model({words, width, width, 1},
                                                         {words, width, width, 1}, vocab.pad());
  model.decoder.attention = std::make_shared<DistanceAttention>(width, 0);
  Adam adam(named_parameters(model), Real(0.003));

  const int held_out = 200;                     // the last pairs are not learnt from
  Random random(1);
  auto batch_of = [&](int first, int count) {
    std::vector<int> rows(count);
    for (int i = 0; i < count; i++) rows[i] = first + i;
    return padded(make_batch(pairs, rows, vocab, vocab), vocab, vocab);
  };
  for (int step = 1; step <= 800; step++) {
    const int first = random.below(int(pairs.size()) - held_out - 64);
    const Update update = learn(model, std::vector{batch_of(first, 64)}, adam, 1);
    if (step % 200 == 0) std::cout << "step " << step << ", loss " << fixed(update.loss, 3) << "\n";
  }

  eval(model);
  const Batch asked = batch_of(int(pairs.size()) - held_out, held_out);
  auto [written, weights] = model.predict_step(asked, 10, vocab.eos(), true, vocab.never_said());
  const auto said = before(written, vocab.eos());
  int right = 0;
  for (int i = 0; i < held_out; i++) right += vocab.words(said[i]) == pairs[asked.rows[i]].tgt;
  std::cout << right << " of " << held_out << " right\n";

  // The first of them: a row for each symbol that was written, and what it looked at.
  const Pair& first = pairs[asked.rows[0]];
  std::cout << " ";
  for (const std::string& symbol : first.src) std::cout << "     " << symbol;
  std::cout << " <eos>\n";
  for (std::size_t t = 0; t < said[0].size(); t++) {
    std::cout << vocab.word(said[0][t]);
    const Tensor to_keys = weights[t][0];                               // (1, 1, num_keys)
    for (int key = 0; key <= int(first.src.size()); key++)
      std::cout << "  " << fixed(double(to_keys.at({0, 0, key})), 2);
    std::cout << "\n";
  }
}
