#include "tools/checkpoint.h"

#include "nn/file.h"
#include "nn/weights.h"

namespace babelgrad {
namespace {

void check_same_run(const Json& before, const Json& now, const std::string& path) {
  auto shown = [](const Json* value) { return value ? printable(write_json(*value)) : "unset"; };
  auto compare = [&](const std::string& key) {
    const Json *old = before.find(key), *value = now.find(key);
    const bool same = old && value && *old == *value;
    check(same || key != "corpus", printable(path), ": was trained on another corpus; resume with "
          "the same pairs to train and to validate, in the same order");
    check(same, printable(path), ": was trained with ", printable(key),
          " ", shown(old), ", not ", shown(value), "; resume with the same settings");
  };
  for (const auto& member : now.as_object()) compare(member.first);
  for (const auto& member : before.as_object()) compare(member.first);
}

Json to_json(const std::vector<KeptEpoch>& kept) {
  Json list = Json::array();
  for (const KeptEpoch& it : kept)
    list.push_back(Json::object({{"epoch", it.epoch}, {"score", it.score}}));
  return list;
}

std::vector<KeptEpoch> kept_from(const Json& list) {
  std::vector<KeptEpoch> kept;
  for (const Json& it : list.as_array("kept"))
    kept.push_back({int(it.get_int("epoch", 1, INT32_MAX)), it.get_double("score")});
  return kept;
}

}  // namespace

void Checkpoint::save(Learning& state) const {
  const Position& at = state.at;
  auto tensors = stored(named_parameters(state.model->module()), "param.");
  for (const StoredTensor& t : stored(state.optim->state(), "optim.")) tensors.push_back(t);
  if (state.ema)
    for (const StoredTensor& t : stored(state.ema->means, "ema.")) tensors.push_back(t);
  Json place = Json::object({{"epoch", at.epoch},
                             {"batch", at.batch},
                             {"step", at.step},
                             {"loss_sum", at.loss_sum},
                             {"tokens", at.tokens},
                             {"best", state.best},
                             {"best_epoch", state.best_epoch},
                             {"kept", to_json(state.kept.all)},
                             {"epochs", state.epochs},
                             {"updates", state.optim->steps},
                             {"random_seed", generator().seed()},
                             {"random_counter", generator().counter()}});
  write_safetensors(
      path, tensors,
      {{"format_version", "1"}, {"place", write_json(place)}, {"run", write_json(identity)}});
}

void Checkpoint::load(Learning& state) const {
  Position& at = state.at;
  SafeTensors file = read_safetensors(path, Checksum::required);
  std::string name = printable(path);
  check_same_run(parse_json(file.metadata_at("run"), name + ": run"), identity, path);
  babelgrad::load(named_parameters(state.model->module()), file, "param.");
  babelgrad::load(state.optim->state(), file, "optim.");
  if (state.ema) babelgrad::load(state.ema->means, file, "ema.");
  Json place = parse_json(file.metadata_at("place"), name + ": place");
  at.epoch = int(place.get_int("epoch", 0, INT32_MAX));
  at.batch = int(place.get_int("batch", 0, INT32_MAX));
  at.step = place.get_int("step", 0);
  at.loss_sum = place.get_double("loss_sum");
  at.tokens = place.get_int("tokens", 0);
  state.best = place.at("best").is_null() ? INFINITY : place.get_double("best");
  state.best_epoch = int(place.get_int("best_epoch", 0, INT32_MAX));
  state.kept.all = kept_from(place.at("kept"));
  state.kept.check_there();
  state.epochs = place.find("epochs") ? int(place.get_int("epochs", 0, INT32_MAX)) : 0;
  state.optim->steps = place.get_int("updates", 0);
  generator() = Random(place.get_uint("random_seed"), place.get_uint("random_counter"));
}

}  // namespace babelgrad
