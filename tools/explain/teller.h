// What the walks through the three models share: how they tell a step, and the face each shows.
#pragma once

#include <memory>

#include "tools/explain/walk.h"

namespace babelgrad::explain {

// tell(caption, value, axes) adds a step at this place. With a gradient's node, it keeps it.
struct Teller {
  std::vector<Step>* steps;
  Where where;

  void operator()(const Caption& caption, const Tensor& value, const std::vector<Axis>& axes) const;
  Teller layer(int number) const;               // the same place, in this layer
};

// A model taken apart: first the source, then the target word by word.
struct Walker {
  virtual ~Walker() = default;
  virtual void encode(const std::vector<int>& ids, const Tokens& words, const Teller& tell) = 0;
  // Reads one token and tells how it comes to the logits of the next, (1, vocabulary).
  virtual Tensor decode(int id, const std::string& word, const Teller& tell) = 0;
};

std::unique_ptr<Walker> walker_of_rnn(Module& model);           // each null if it is not this one
std::unique_ptr<Walker> walker_of_attention(Module& model);
std::unique_ptr<Walker> walker_of_transformer(Module& model);

inline Axis units() { return {"units"}; }
inline constexpr const char* source_axis = "source tokens";
inline constexpr const char* heads_axis = "heads";
inline Axis source(const Tokens& words) { return {source_axis, words}; }
inline Axis target(const Tokens& words) { return {"target tokens", words}; }

}  // namespace babelgrad::explain
