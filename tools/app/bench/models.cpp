// Training steps, greedy decoding and beam search of the three models on random sentences.
#include <sys/resource.h>

#include "models/encoder_decoder.h"
#include "nn/prepacked.h"
#include "nn/trainer.h"
#include "tensor/parallel.h"
#include "tools/app/bench/bench.h"

namespace babelgrad::bench {
namespace {

Vocab vocab_of(int size) {
  Tokens words{std::string(unk_token), std::string(pad_token), std::string(bos_token),
               std::string(eos_token)};
  for (int i = 4; i < size; i++) words.push_back("w" + text(i));
  return Vocab::from_words(words);
}

std::unique_ptr<Translator> model_of(const std::string& name, const Config& c) {
  manual_seed(0);
  ModelConfig config;
  config.model = name;
  config.embed = config.hidden = c.width;
  config.layers = c.layers, config.heads = c.heads, config.ffn = c.ffn;
  return make_translator(config, vocab_of(c.src_words), vocab_of(c.tgt_words));
}

// A model that never ends a sentence: every one takes all its steps.
std::unique_ptr<Translator> endless_model(const std::string& name, const Config& c) {
  auto model = model_of(name, c);
  for (Parameter& p : named_parameters(model->module()))
    if (p.name == "decoder.dense.bias")
      overwrite(p.tensor, "bench")[model->tgt_vocab.eos()] = Real(-1e9);
  eval(model->module());
  return model;
}

Ints random_lengths(int count, int longest, Random& random) {
  Ints lens(Shape{count});
  for (int i = 0; i < count; i++) lens[i] = 1 + random.below(longest);
  return lens;
}

// Words where there are words, <pad> after them.
Ints random_words(const Ints& lens, int steps, int words, int pad, Random& random) {
  Ints ids(Shape{lens.dim(0), steps}, pad);
  for (int i = 0; i < lens.dim(0); i++)
    for (int t = 0; t < lens[i]; t++) ids.at(i, t) = 4 + random.below(words - 4);
  return ids;
}

// With <eos> as long as those of a batch.
std::vector<Tokens> random_sentences(const Translator& model, const Config& c, std::size_t count) {
  Random random(7);
  std::vector<Tokens> sentences(count);
  for (Tokens& words : sentences) {
    words.resize(1 + random.below(c.steps - 1));
    for (auto& word : words) word = model.src_vocab.word(4 + random.below(c.src_words - 4));
  }
  return sentences;
}

double peak_rss_mib() {                         // of the process, since it began
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return double(usage.ru_maxrss) / (1 << 20);                            // bytes; KiB elsewhere
#else
  return double(usage.ru_maxrss) / (1 << 10);
#endif
}

Json head(const std::string& model, const Config& c) {
  return Json::object({{"model", model}, {"config", c.name}, {"threads", threads()}});
}

void add_cores(Json& row, const Spread& time) {
  if (threads() == 2) row["cores"] = time.near ? "near" : "apart";
}

void add(Json& row, const Spread& time, double tokens) {
  row["ms"] = 1e3 * time.median, row["p10"] = 1e3 * time.p10, row["p90"] = 1e3 * time.p90;
  row["samples"] = time.samples, row["tok_s"] = tokens / time.median;
  add_cores(row, time);
}

void add_rate(Json& row, const Spread& time, double sentences) {         // how many in a second
  row["sentences_s"] = sentences / time.median;
  row["p10"] = sentences / time.p90, row["p90"] = sentences / time.p10;
}

}  // namespace

// Lengths are uniform in 1 .. steps: 54 % of the positions are words. Every label is predicted from
// the label before it, the first from <bos>.
Batch random_batch(const Config& c, Random& random) {
  constexpr int pad = 1, bos = 2;
  Ints src_lens = random_lengths(c.batch, c.steps, random);
  Ints src = random_words(src_lens, c.steps, c.src_words, pad, random);
  Ints lens = random_lengths(c.batch, c.steps, random);
  Ints label = random_words(lens, c.steps, c.tgt_words, pad, random);
  Ints tgt(Shape{c.batch, c.steps}, bos);
  for (int i = 0; i < c.batch; i++)
    for (int t = 1; t < c.steps; t++) tgt.at(i, t) = label.at(i, t - 1);
  Batch b{pack(src, src_lens), pack(tgt, lens), {src_lens, lens}, pack(label, lens)};
  b.rows = positions({c.batch}).values();
  b.tokens = b.label.numel();
  return b;
}

Subject::Subject(const std::string& name, const Config& config)
    : model(model_of(name, config)), optim(named_parameters(model->module()), Real(1e-4)) {
  Random random(7);
  for (int i = 0; i < 8; i++) batches.push_back(random_batch(config, random));
}

// The Trainer's update.
Json train_row(const std::string& name, const Config& config, double seconds) {
  Subject s(name, config);
  long steps = 0;
  double tokens = 0;                            // of the target, without padding
  for (const Batch& b : s.batches) tokens += double(b.tokens);
  std::vector<Index> blocks;                    // from the system, after each step
  reset_peak();
  Spread time = measure([&] {
    learn(*s.model, std::vector{s.batch(steps++)}, s.optim, 1);
    blocks.push_back(memory_use().system_calls);
  }, seconds);
  Json row = head(name, config);
  row["parameters"] = parameter_count(s.model->module());
  add(row, time, tokens / double(s.batches.size()));
  row["peak_mib"] = double(memory_use().peak) / (1 << 20);
  row["rss_mib"] = peak_rss_mib();
  row["blocks_after_1"] = blocks.back() - blocks[0];
  if (blocks.size() > 8) row["blocks_after_8"] = blocks.back() - blocks[7];
  return row;
}

// One sentence at a time, in turn the first of each batch, `steps` words each; and again in int8.
Json decode_row(const std::string& name, const Config& config, double seconds) {
  auto model = endless_model(name, config);
  std::vector<std::pair<Ints, Ints>> sentences;
  Random random(7);
  for (int i = 0; i < 8; i++) {
    Batch b = padded(random_batch(config, random), Vocab(), Vocab(), config.steps);
    sentences.push_back({take(b.src, Ints{0}), take(b.lens.src, Ints{0})});
  }
  long turn = 0;
  auto one_by_one = [&] {
    auto& [src, lens] = sentences[turn++ % 8];
    model->greedy(src, lens, config.steps);
  };
  Spread time = measure(one_by_one, seconds);
  Json row = head(name, config);
  add(row, time, config.steps);
  decode_in_int8(model->module());
  Spread in_int8 = measure(one_by_one, seconds);
  row["int8_tok_s"] = config.steps / in_int8.median;
  row["int8_ratio"] = time.median / in_int8.median;
  row["rss_mib"] = peak_rss_mib();
  return row;
}

// 1,000 sentences at once, as `translate` reads a file, and each by itself, 25 to a measurement.
Json batched_row(const std::string& name, const Config& config, double seconds) {
  constexpr std::size_t count = 1000;
  auto model = endless_model(name, config);
  std::vector<Tokens> sentences = random_sentences(*model, config, count);
  Spread together = measure([&] { model->translate(sentences, config.steps); }, seconds);
  std::size_t turn = 0;
  Spread single = measure([&] {
    for (int i = 0; i < 25; i++) model->translate({sentences[turn++ % count]}, config.steps);
  }, seconds);
  Json row = head(name, config);
  add_rate(row, together, count);
  row["single_s"] = 25 / single.median;
  row["single_p10"] = 25 / single.p90, row["single_p90"] = 25 / single.p10;
  row["ratio"] = single.median / 25 * count / together.median;
  return row;
}

// Sentences at once, as `translate --beam` reads a file. Tokens are those of the best translations,
// not of all hypotheses, so that they compare with those of greedy decoding. There are at least
// beam_size words: else even the unlikely <eos> would be among the hypotheses.
Json beam_row(const std::string& name, const Config& config, int beam_size, double seconds) {
  constexpr std::size_t count = 100;
  auto model = endless_model(name, config);
  std::vector<Tokens> sentences = random_sentences(*model, config, count);
  std::vector<std::vector<Hypothesis>> found;
  Spread time = measure([&] {
    found = model->search(sentences, {.beam_size = beam_size, .max_len = config.steps});
  }, seconds);
  double tokens = 0, hypotheses = 0;
  for (const std::vector<Hypothesis>& ranked : found)
    tokens += double(ranked[0].tokens.size()), hypotheses += double(ranked.size());
  Json row = head(name, config);
  row["hypotheses"] = hypotheses / count;
  add_rate(row, time, count);
  row["tok_s"] = tokens / time.median;
  row["rss_mib"] = peak_rss_mib();
  add_cores(row, time);
  return row;
}

}  // namespace babelgrad::bench
