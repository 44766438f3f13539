// The experiments of the lab: name, claims of tools/lab/claims.tsv, question.
#include "tools/lab/lab.h"

namespace babelgrad::lab {

const std::vector<Experiment>& experiments() {
  static const std::vector<Experiment> all{
      {"signal", "S1", "How much of a word k steps back reaches a layer's output?", signal},
      {"steps", "S2", "How many products have to wait for one another?", steps, true},
      {"cost", "S3", "What does a layer cost as sentences grow, and as it widens?", cost, true},
      {"scaling", "S5", "Why are scores divided by the square root of d?", scaling}};
  return all;
}

const Experiment* find_experiment(const std::string& name) {
  for (const Experiment& it : experiments())
    if (name == it.name) return &it;
  return nullptr;
}

}  // namespace babelgrad::lab
