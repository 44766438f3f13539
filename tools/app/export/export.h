// A Transformer of ours as the files of another engine, and back: what is called how there, and
// what stands in another order. The weights of our own file are PyTorch's and need none of
// this.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "data/safetensors.h"
#include "tools/app/run/model.h"

namespace babelgrad {

// The files of a folder: names, which may have one folder in them, and bytes.
using FolderFiles = std::vector<std::pair<std::string, std::string>>;

// What a position may be at most, there: 1,024 tokens of a sentence.
constexpr int exported_positions = 1024;

// Error: a model that is no whole Transformer. `name` is what the message calls it, `engine` whom
// the files are for.
void check_exportable(const Translator& model, const std::string& name, const std::string& engine);

// CTranslate2 4: model.bin, config.json and one vocabulary or two.
FolderFiles ctranslate2_files(Translator& model);

// Hugging Face: a MarianMTModel, or with its norms first PegasusForConditionalGeneration; with a
// tokenizer that reads tokens with blanks between, and the target's in target/ if it is another.
FolderFiles huggingface_files(Translator& model);

// Fills the model with what such a file holds, perhaps after more training there. Error, before
// anything is changed: a tensor that is missing, extra, of another shape or type, or was trained
// and has no place here.
void load_huggingface(Translator& model, const SafeTensors& file);
// Error: a config.json that is not the one huggingface_files() would write, where that matters.
void check_huggingface_config(const Translator& model, const std::string& json,
                              const std::string& path);

// tokenizer.json of one side, for text of tokens with blanks between. Merges that made no entry of
// the vocabulary need ids all the same: those from vocab.size() on.
struct TokenizerFile {
  std::string json;
  int size;                                     // ids in all
};
TokenizerFile tokenizer_file(const Vocab& vocab, const Subwords& subwords);
std::string tokenizer_config(const Vocab& vocab);

// What fill(FOLDER) writes, or nothing: FOLDER stands beside the new one, and then takes its name.
// Error: something has that name already, or whatever goes wrong. False: a signal came.
bool write_folder(const std::string& path, const std::function<void(const std::string&)>& fill);

}  // namespace babelgrad
