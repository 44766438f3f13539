// Hears every operation of a forward pass, and makes steps of those that have a caption.
#pragma once

#include <map>

#include "autograd/observer.h"
#include "autograd/ops.h"
#include "tools/app/explain/walk.h"

namespace babelgrad::explain {

class Listener : public Observer {
 public:
  Listener(Translator& model, Walk& walk);
  // What is heard from now on is of this side. Of the decoder: of the word that it reads at `time`,
  // or of what comes before the first.
  void enter(Side side, int time = 0, const std::string& reads = {});
  void forward(const char* operation, const Tensor& y, const std::vector<Tensor>& inputs) override;
  // `value` is shown, by head if it has three axes; `made`, if there is such, is the model's own
  // tensor, whose gradient is kept.
  void add(const Caption& caption, const Where& where, const Axis& rows, const Axis& columns,
           const Tensor& value, const Tensor& made = {});
  Axis rows(int count, bool of_source) const;   // the newest target word, or the last of the source

 private:
  std::string parameter_of(const std::string& operation, const std::vector<Tensor>& inputs);
  void go_to(const std::string& parameter);
  void tell(const Caption& caption, const Tensor& y);
  void tell_attention(const Tensor& weights);
  void tell_cells(const Tensor& y, const std::vector<Tensor>& inputs);
  const Caption* caption(const std::string& operation, const std::string& where) const;

  const ModelConfig& config_;
  Walk& walk_;
  std::map<const Real*, std::vector<std::string>> names_;  // of each parameter, perhaps several
  Where where_;
  std::string sublayer_;                        // "self-attention: "
  std::string told_;                            // the name of the step told last
  Tokens target_;                               // as far as it has been read
  std::vector<Tensor> looking_;                 // an attention's inputs and its result
};

}  // namespace babelgrad::explain
