// A language model of letters: it reads sentences, guesses each letter from all before it, and then
// writes sentences of its own.     build/float/examples/letters
#include <iostream>
#include <set>

#include "data/tasks.h"
#include "data/text.h"
#include "models/rnn.h"
#include "nn/optim.h"
#include "nn/trainer.h"

using namespace babelgrad;

// A letter is its place in this string, and a line end is a letter like any other.
struct Letters {
  std::string all;
  explicit Letters(const std::string& text) {
    const std::set<char> distinct(text.begin(), text.end());
    all.assign(distinct.begin(), distinct.end());
  }
  int operator[](char letter) const { return int(all.find(letter)); }
};

// One batch: rows of letters, and beside each letter the one that follows it.
struct Windows { Ints src, label; Index tokens; };

Windows windows_of(const std::string& text, const Letters& letters, int rows, int steps,
                   Random& random) {
  Windows batch{Ints(Shape{rows, steps}), Ints(Shape{rows, steps}), Index(rows) * steps};
  for (int row = 0; row < rows; row++) {
    const int begin = random.below(int(text.size()) - steps);
    for (int t = 0; t < steps; t++) {
      batch.src.at(row, t) = letters[text[begin + t]];
      batch.label.at(row, t) = letters[text[begin + t + 1]];
    }
  }
  return batch;
}

// The book's RNNLM (9.6) around a GRU; all it lacks is what learn() calls.
struct LetterModel : RNNLM<GRU> {
  using RNNLM::RNNLM;
  Tensor training_step(const Windows& batch) const { return loss((*this)(batch.src), batch.label); }
};

// One line, a letter at a time: each is drawn by its probability, sharpened by the temperature.
std::string write_line(const LetterModel& model, const Letters& letters, Real temperature,
                       Random& random) {
  NoGrad guard;
  std::string line = "\n";
  do {
    Ints X(Shape{1, int(line.size())});
    for (int t = 0; t < int(line.size()); t++) X[t] = letters[line[t]];
    const Tensor p = softmax(select(model(X), 1, -1) / temperature);     // (1, letters): the next
    Real rest = random.uniform();
    int next = 0;
    while (next + 1 < p.dim(1) && (rest -= p.at({0, next})) > 0) next++;
    line += letters.all[next];
  } while (line.back() != '\n' && line.size() < 100);
  return line.substr(1, line.size() - 2);
}

int main() {
  std::string text = "\n";
  std::set<std::string> known;                  // the words of the text
  for (const Pair& pair : built_in_corpus({.pairs = 2000, .max_length = 8})) {
    text += join(pair.src) + "\n";
    known.insert(pair.src.begin(), pair.src.end());
  }
  const Letters letters(text);
  manual_seed(1);
  Random random(2);
  const int n = int(letters.all.size());
  LetterModel model(GRU(n, 64), n);
  Adam adam(named_parameters(model), Real(0.01));
  std::cout << text.size() << " letters, " << n << " of them different\n";
  for (int step = 1; step <= 400; step++) {
    const Update update = learn(model, std::vector{windows_of(text, letters, 16, 32, random)},
                                adam, 1);
    if (step % 100 == 0) std::cout << "step " << step << ", loss " << fixed(update.loss, 2) << "\n";
  }

  int right = 0, written = 0;
  for (int i = 0; i < 8; i++) {
    const std::string line = write_line(model, letters, Real(0.5), random);
    std::cout << line << "\n";
    for (const std::string& word : split(line)) right += known.contains(word), written++;
  }
  std::cout << right << " of " << written << " words are English\n";
}
