#include "tools/kept_epochs.h"

#include <algorithm>
#include <filesystem>

#include "nn/file.h"

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
  auto worst = best ? std::ranges::max_element(all, {}, &KeptEpoch::score) : all.begin();
  remove_file(path_of(folder, worst->epoch));
  all.erase(worst);
}

void KeptEpochs::check_there() const {
  for (const KeptEpoch& it : all)
    check(exists(path_of(folder, it.epoch)), printable(path_of(folder, it.epoch)),
          ": is gone, and the mean of --average needs it; begin anew with --overwrite");
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
    std::unique_ptr<Translator> other = load_model(path_of(folder, all[k].epoch));
    std::vector<Parameter> more = named_parameters(other->module());
    for (std::size_t i = 0; i < params.size(); i++)
      for (std::size_t j = 0; j < sums[i].size(); j++)
        sums[i][j] += double(more[i].tensor.data()[j]);
  }
  for (std::size_t i = 0; i < params.size(); i++) {
    Real* mean = overwrite(params[i].tensor, "average");
    for (std::size_t j = 0; j < sums[i].size(); j++)
      mean[j] = Real(sums[i][j] / double(all.size()));
  }
  return model;
}

void KeptEpochs::clear(const std::string& folder) {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    const bool ours = name.starts_with("epoch-") && name.ends_with(".safetensors") &&
                      std::all_of(name.begin() + 6, name.end() - 12,
                                  [](char c) { return c >= '0' && c <= '9'; });
    if (ours) remove_file(entry.path().string());
  }
}

}  // namespace babelgrad
