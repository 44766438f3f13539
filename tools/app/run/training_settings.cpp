// How a run is told: in its model's file, and in its checkpoint, which is no other run's.
#include "data/safetensors.h"
#include "tools/app/run/training.h"

namespace babelgrad {

Json to_json(const TrainSettings& s) {
  static const char* kinds[] = {"constant", "inverse_sqrt", "cosine"};
  Json json = to_json(s.model);
  json["batching"] = s.batching, json["batch_size"] = s.batch_size;
  json["optimizer"] = s.optimizer, json["weight_decay"] = s.weight_decay,
  json["momentum"] = s.momentum;
  json["schedule"] = kinds[s.schedule.kind], json["lr"] = s.schedule.peak;
  json["warmup"] = s.schedule.warmup, json["decay_steps"] = s.schedule.total, json["clip"] = s.clip;
  json["min_freq"] = s.min_freq, json["vocab_size"] = s.vocab_size, json["seed"] = s.seed;
  if (!s.src_codes.empty())
    json["codes_checksum"] = crc32(s.src_codes.file() + s.tgt_codes.file());
  json["bpe_dropout"] = s.bpe_dropout, json["accumulate"] = s.accumulate;
  json["valid_by"] = s.valid_by, json["patience"] = s.patience, json["ema"] = s.ema;
  json["average"] = s.average, json["average_of"] = s.average_of;
  return json;
}

Json training_of(const TrainSettings& s) {
  Json json = to_json(s);
  json["epochs"] = s.epochs;
  if (!s.options.empty()) json["options"] = Json::object({});
  for (const auto& [name, value] : s.options) json["options"][name] = value;
  return json;
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
