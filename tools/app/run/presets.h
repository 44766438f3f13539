// Recipes by name, a file each: what they change of the defaults of babelgrad train. They go
// through the table of options, so that what the user types stays, and --dump-config shows it all.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace babelgrad {

using PresetOptions = std::vector<std::pair<std::string, std::string>>;

struct Preset {
  const char *name, *says;
  // hidden: as the user has it. UsageError if the recipe is not for this model.
  PresetOptions (*options)(const std::string& model, int hidden);
};

const std::vector<Preset>& presets();           // the default first
const Preset& find_preset(const std::string& name);    // Error: there is none
std::vector<std::string> preset_names();
std::string preset_words();                     // "book, the book's recipe ...; demo, ..."

// --- a file each
PresetOptions default_options(const std::string& model, int hidden);
PresetOptions book_options(const std::string& model, int hidden);
PresetOptions demo_options(const std::string& model, int hidden);
PresetOptions multi30k_ladder_options(const std::string& model, int hidden);
PresetOptions multi30k_tiny_options(const std::string& model, int hidden);

}  // namespace babelgrad
