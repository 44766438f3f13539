// The weights of some epochs, as model files beside the run's, and their mean: a model that lies
// in the middle of the last ones is often better than each (Vaswani et al. 2017, section 6.1).
// The files stay when the mean is made: should the run go on, the next mean has some of them in it.
#pragma once

#include <functional>

#include "tools/app/run/model.h"

namespace babelgrad {

struct KeptEpoch {
  int epoch;                                    // from 1
  double score;                                 // on validation; lower is better
};

struct KeptEpochs {
  std::string folder;
  int most = 0;                                 // 0: none is kept
  bool best = false;                            // those of lowest score, not the last
  std::vector<KeptEpoch> all = {};              // by epoch

  // Saves it; one too many leaves the list. Its file stays: until a checkpoint with this list is on
  // the disk, a resume from the one before wants it.
  void add(Translator& model, KeptEpoch epoch);
  void remove_others() const;                   // files of epochs that are not in the list
  // An epoch whose file is gone leaves the list, and `say` is told.
  void leave_out_gone(const std::function<void(const std::string&)>& say);
  std::unique_ptr<Translator> mean() const;     // of the weights of all there are; Error: none
};

}  // namespace babelgrad
