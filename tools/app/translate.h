// What babelgrad translate does with a sentence, be it of a file or of somebody at a prompt.
#pragma once

#include <string>
#include <vector>

#include "tools/app/run/model.h"

namespace babelgrad {

struct TranslateOptions {
  std::string run;
  int beam = 1, n_best = 1, max_len = 0, max_source = 1000, threads = 0;
  double alpha = 0.75;
  bool tokens = false, capitals = false, json = false, no_unk = false, replace_unk = false;
};

// The sentence's words, up to max_source tokens of the model; a note, which begins with `where`,
// says that there were more.
Tokens source_words(const Translator& model, const std::string& sentence,
                    const TranslateOptions& options, const std::string& where = "");

// Hypotheses as words, in as many lines as there are of them, n_best at most.
std::string found_text(Translator& model, const Tokens& src, const std::vector<Hypothesis>& found,
                       const TranslateOptions& options, Index line);

// Lines typed by somebody, with a history in the run's folder, until the end.
void translate_at_prompt(Translator& model, TranslateOptions options);

}  // namespace babelgrad
