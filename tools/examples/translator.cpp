// A translator from a file of pairs, source TAB target: it learns from all but every tenth, says
// how well it does on those, and translates what it reads.
//     build/float/examples/translator pairs.tsv < sentences
#include <iostream>

#include "data/batches.h"
#include "data/tsv.h"
#include "models/beam_search.h"
#include "models/seq2seq.h"
#include "models/transformer.h"
#include "nn/trainer.h"

using namespace babelgrad;

using Model = Seq2Seq<TransformerEncoder<>, TransformerDecoder<>>;

// What Trainer::fit asks for: the order of an epoch, and the batch of some rows.
struct Training {
  std::vector<Pair> pairs;
  Vocab src_vocab, tgt_vocab;

  explicit Training(const std::vector<Pair>& given) : pairs(given) {
    std::vector<Tokens> sources, targets;
    for (const Pair& pair : pairs) sources.push_back(pair.src), targets.push_back(pair.tgt);
    src_vocab = Vocab(sources), tgt_vocab = Vocab(targets);
  }
  Epoch epoch(int e) const {
    Random random(std::uint64_t(e) + 1);
    return bucketed_batches(pairs, 64, random);
  }
  Batch batch(const std::vector<int>& rows) const {
    return make_batch(pairs, rows, src_vocab, tgt_vocab);
  }
};

Tokens translate(Model& model, const Training& data, const Tokens& source) {
  std::vector<int> ids = data.src_vocab.ids(source);
  ids.push_back(data.src_vocab.eos());
  const int length = int(ids.size());
  const Ints src(Shape{1, length}, ids), lens{length}, longest{2 * length + 5};
  NoGrad guard;
  auto state = model.decoder.init_state(model.encoder(src, lens), lens);
  const auto found = beam_search(model.decoder, std::move(state), longest, data.tgt_vocab.bos(),
                                 data.tgt_vocab.eos(),
                                 {.beam_size = 4, .never = data.tgt_vocab.never_said()});
  return data.tgt_vocab.words(found[0][0].tokens);
}

int main(int argc, char** argv) try {
  check(argc == 2, "translator: give one file of pairs, source TAB target");
  std::vector<Pair> learnt, held_out;
  const std::vector<Pair> pairs = read_tsv(argv[1]).pairs;
  for (std::size_t i = 0; i < pairs.size(); i++)
    (i % 10 == 9 ? held_out : learnt).push_back(pairs[i]);
  Training data(learnt);

  manual_seed(1);
  const int src_words = data.src_vocab.size(), tgt_words = data.tgt_vocab.size();
  Model model({src_words, 64, 128, 4, 1, Real(0.1)}, {tgt_words, 64, 128, 4, 1, Real(0.1)},
              data.tgt_vocab.pad());
  Adam adam(named_parameters(model), Real(0.003));
  Trainer trainer{.max_epochs = 20, .gradient_clip_val = 1,
                  .schedule = {Schedule::inverse_sqrt, 0.003, 100}};
  trainer.on_epoch = [](const Position& at) {
    std::cerr << "epoch " << at.epoch + 1 << ", loss " << fixed(at.mean_loss(), 3) << "\n";
    return true;
  };
  Position at;
  trainer.fit(model, data, adam, at);

  eval(model);
  int right = 0;
  for (const Pair& pair : held_out) right += translate(model, data, pair.src) == pair.tgt;
  std::cerr << right << " of " << held_out.size() << " held-out sentences exactly right\n";
  for (std::string line; std::getline(std::cin, line);) {
    const Tokens source = tokenize(line, Tokenizer::standard);
    std::cout << (source.empty() ? "" : join(translate(model, data, source))) << "\n";
  }
} catch (const Error& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
