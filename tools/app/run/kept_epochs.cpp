#include "tools/app/run/kept_epochs.h"

#include <algorithm>

#include "data/file.h"
#include "nn/weights.h"

namespace babelgrad {
namespace {

std::string path_of(const std::string& folder, int epoch) {
  return join(folder, "/epoch-", epoch, ".safetensors");
}

}  // namespace

void KeptEpochs::add(Translator& model, KeptEpoch epoch) {
  if (most == 0) return;
  save_model(model, path_of(folder, epoch.epoch));
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
    const auto is_it = [&](const KeptEpoch& it) { return path_of(folder, it.epoch) == path; };
    if (ours && std::ranges::none_of(all, is_it)) remove_file(path);
  }
}

void KeptEpochs::leave_out_gone(const std::function<void(const std::string&)>& say) {
  std::erase_if(all, [&](const KeptEpoch& it) {
    const std::string path = path_of(folder, it.epoch);
    if (exists(path)) return false;
    say(join("note: ", printable(path), ": is gone; the mean of --average is without it"));
    return true;
  });
}

// Sums are in double and in the order of epochs.
std::unique_ptr<Translator> KeptEpochs::mean() const {
  check(!all.empty(), "average: no epoch was kept");
  std::unique_ptr<Translator> model = load_model(path_of(folder, all.front().epoch));
  std::vector<Parameter> params = named_parameters(model->module());
  std::vector<std::vector<double>> sums;
  for (const Parameter& p : params)
    sums.emplace_back(p.tensor.data(), p.tensor.data() + p.tensor.numel());
  for (std::size_t k = 1; k < all.size(); k++) {
    load(params, read_safetensors(path_of(folder, all[k].epoch), Checksum::required));
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
