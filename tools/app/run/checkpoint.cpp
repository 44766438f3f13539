#include "tools/app/run/checkpoint.h"

#include <algorithm>

#include "data/file.h"
#include "nn/weights.h"

namespace babelgrad {
namespace {

// As the option is called: "label_smoothing" is --label-smoothing.
std::string option_of(std::string key) {
  std::ranges::replace(key, '_', '-');
  return "--" + printable(key);
}

// How fast and how roughly it learns may change; what it learns may not.
void check_same_run(const Json& before, const Json& now, const std::string& path) {
  constexpr std::string_view may_change = "lr dropout attention_dropout";
  auto text_of = [](const Json* value) { return value ? write_json(*value) : "unset"; };
  auto compare = [&](const std::string& key) {
    const std::string old = text_of(before.find(key)), value = text_of(now.find(key));
    if (may_change.find(key) != may_change.npos) return;
    const bool same = old == value;             // as written: an infinity is null in both
    check(same || key != "corpus", printable(path), ": was trained on another corpus; resume with "
          "the same pairs to train and to validate, in the same order");
    check(same, printable(path), ": was trained with ", option_of(key),
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

void restore(Learning& state, const SafeTensors& file, const Json& identity,
             const std::string& path) {
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

std::string epoch_path(const std::string& folder, int epoch) {
  return join(folder, "/epoch-", epoch, ".safetensors");
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
  check_use(file, [&] { restore(state, file, identity, path); });
}

void KeptEpochs::add(Translator& model, KeptEpoch epoch) {
  if (most == 0) return;
  save_model(model, epoch_path(folder, epoch.epoch));
  all.push_back(epoch);
  if (int(all.size()) <= most) return;
  all.erase(best ? std::ranges::max_element(all, {}, &KeptEpoch::score) : all.begin());
}

void KeptEpochs::remove_others() const {
  for (const std::string& name : names_in(folder)) {
    const bool ours = name.starts_with("epoch-") && name.ends_with(".safetensors") &&
                      std::all_of(name.begin() + 6, name.end() - 12,
                                  [](char c) { return c >= '0' && c <= '9'; });
    const std::string path = folder + "/" + name;
    const auto is_it = [&](const KeptEpoch& it) { return epoch_path(folder, it.epoch) == path; };
    if (ours && std::ranges::none_of(all, is_it)) remove_file(path);
  }
}

void KeptEpochs::leave_out_gone(const std::function<void(const std::string&)>& say) {
  std::erase_if(all, [&](const KeptEpoch& it) {
    const std::string path = epoch_path(folder, it.epoch);
    if (exists(path)) return false;
    say(join("note: ", printable(path), ": is gone; the mean of --average leaves it out"));
    return true;
  });
}

// Sums are in double and in the order of epochs.
std::unique_ptr<Translator> KeptEpochs::mean() const {
  check(!all.empty(), "average: no epoch was kept");
  std::unique_ptr<Translator> model = load_model(epoch_path(folder, all.front().epoch));
  std::vector<Parameter> params = named_parameters(model->module());
  std::vector<std::vector<double>> sums;
  for (const Parameter& p : params)
    sums.emplace_back(p.tensor.data(), p.tensor.data() + p.tensor.numel());
  for (std::size_t k = 1; k < all.size(); k++) {
    load(params, read_safetensors(epoch_path(folder, all[k].epoch), Checksum::required));
    for (std::size_t i = 0; i < params.size(); i++)
      for (std::size_t j = 0; j < sums[i].size(); j++)
        sums[i][j] += double(params[i].tensor.data()[j]);
  }
  for (std::size_t i = 0; i < params.size(); i++) {
    Real* mean = overwrite(params[i].tensor, "average");
    for (std::size_t j = 0; j < sums[i].size(); j++)
      mean[j] = Real(sums[i][j] / double(all.size()));
  }
  return model;
}

}  // namespace babelgrad
