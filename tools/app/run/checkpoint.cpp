#include "tools/app/run/checkpoint.h"

#include "data/file.h"
#include "nn/weights.h"

namespace babelgrad {
namespace {

void check_same_run(const Json& before, const Json& now, const std::string& path) {
  auto text_of = [](const Json* value) { return value ? write_json(*value) : "unset"; };
  auto compare = [&](const std::string& key) {
    const std::string old = text_of(before.find(key)), value = text_of(now.find(key));
    const bool same = old == value;             // as written: an infinity is null in both
    check(same || key != "corpus", printable(path), ": was trained on another corpus; resume with "
          "the same pairs to train and to validate, in the same order");
    check(same, printable(path), ": was trained with ", printable(key),
          " ", printable(old), ", not ", printable(value), "; resume with the same settings");
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

// A score that is not finite is written as null, and is the worst.
double score_at(const Json& json, const char* key) {
  const double score = json.at(key).as_real(key);
  return std::isfinite(score) ? score : INFINITY;
}

std::vector<KeptEpoch> kept_from(const Json& list) {
  std::vector<KeptEpoch> kept;
  for (const Json& it : list.as_array("kept"))
    kept.push_back({int(it.get_int("epoch", 1, INT32_MAX)), score_at(it, "score")});
  return kept;
}

// All numbers that training changes, as the file names them.
std::vector<Parameter> numbers_of(Learning& state) {
  std::vector<Parameter> all;
  auto add = [&](const std::string& prefix, const std::vector<Parameter>& params) {
    for (const Parameter& p : params) all.push_back({prefix + p.name, p.tensor});
  };
  add("param.", named_parameters(state.model->module()));
  add("optim.", state.optim->state());
  if (state.ema) add("ema.", state.ema->means);
  return all;
}

Metadata checkpoint_metadata(const Learning& state, const Json& identity) {
  const Position& at = state.at;
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
  return {{"format_version", "1"}, {"place", write_json(place)}, {"run", write_json(identity)}};
}

void take(Learning& state, const SafeTensors& file, const Json& identity, const std::string& path) {
  Position& at = state.at;
  std::string name = printable(path);
  check_same_run(parse_json(file.metadata_at("run"), name + ": run"), identity, path);
  load(numbers_of(state), file);
  Json place = parse_json(file.metadata_at("place"), name + ": place");
  at.epoch = int(place.get_int("epoch", 0, INT32_MAX));
  at.batch = int(place.get_int("batch", 0, INT32_MAX));
  at.step = place.get_int("step", 0);
  at.loss_sum = place.get_double("loss_sum");
  at.tokens = place.get_int("tokens", 0);
  state.best = score_at(place, "best");
  state.best_epoch = int(place.get_int("best_epoch", 0, INT32_MAX));
  state.kept.all = kept_from(place.at("kept"));
  state.epochs = place.find("epochs") ? int(place.get_int("epochs", 0, INT32_MAX)) : 0;
  state.optim->steps = place.get_int("updates", 0);
  generator() = Random(place.get_uint("random_seed"), place.get_uint("random_counter"));
}

}  // namespace

void Checkpoint::check_storable(Learning& state) const {
  std::vector<StoredTensor> tensors = stored(numbers_of(state));
  safetensors_header(tensors, checkpoint_metadata(state, identity));
}

void Checkpoint::save(Learning& state) const {
  write_safetensors(path, stored(numbers_of(state)), checkpoint_metadata(state, identity));
}

void Checkpoint::load(Learning& state) const {
  const SafeTensors file = read_safetensors(path, Checksum::wanted);
  check_use(file, [&] { take(state, file, identity, path); });
}

}  // namespace babelgrad
