// Between parameters and a weight file.
#pragma once

#include "data/safetensors.h"
#include "nn/module.h"

namespace babelgrad {

// The numbers of all parameters. Views: the parameters must outlive them.
std::vector<StoredTensor> stored(const std::vector<Parameter>& params);

// Fills the parameters from the file's tensors of their names. All or nothing: an Error lists, up
// to five, what is missing, of another shape or type, or in the file without a place here.
void load(const std::vector<Parameter>& params, const SafeTensors& file);

// The parameters of a model as such a file, under their names in fields(); the file holds numbers,
// so the program that loads it makes the same model first. Errors as of files and of load().
void save(Module& model, const std::string& path);
void load(Module& model, const std::string& path);

bool all_finite(const std::vector<Parameter>& params);

}  // namespace babelgrad
