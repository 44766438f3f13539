// What explain says of a step: found by the operation that makes it, and by where it stands.
#pragma once

#include "tools/app/explain/walk.h"

namespace babelgrad::explain {

// `where`: the name of the operation's parameter, or if it has none, of the step told last.
// Null: nothing is said of it.
const Caption* caption_of(const std::string& model, const std::string& operation,
                          const std::string& where);

}  // namespace babelgrad::explain
