// tokenizer.json, as the Rust library of Hugging Face reads it. It splits at blanks, and of a model
// with subwords it makes the merges; what comes before, such as the Moses tokenizer, stays ours.
#include <map>
#include <set>

#include "tools/app/export/export.h"

namespace babelgrad {
namespace {

constexpr std::string_view end_of_word = "</w>";

// lo@@ is lo there, and wer, with which a word ends, is wer</w>.
std::string respelt(const std::string& piece) {
  const bool goes_on = piece.size() > piece_mark.size() && piece.ends_with(piece_mark);
  return goes_on ? piece.substr(0, piece.size() - piece_mark.size())
                 : piece + std::string(end_of_word);
}

// {name, token} of the special tokens that the vocabulary has.
std::vector<std::pair<std::string, std::string>> specials_of(const Vocab& vocab) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const char* name : {"unk", "pad", "bos", "eos"}) {
    const std::string token = join("<", name, ">");
    for (int id = 0; id < vocab.size(); id++)
      if (vocab.is_special(id) && vocab.word(id) == token) all.emplace_back(name, token);
  }
  return all;
}

int id_of_special(const Vocab& vocab, const std::string& token) {
  for (int id = 0;; id++)
    if (vocab.is_special(id) && vocab.word(id) == token) return id;
}

// The model's spelling -> id, in the order of ids.
struct Spelt {
  Json::Object entries;
  std::map<std::string, int> ids;

  void add(const std::string& spelling) {
    if (ids.try_emplace(spelling, int(ids.size())).second)
      entries.emplace_back(spelling, ids.at(spelling));
  }
};

// In their order. Of a pair that is there twice the first counts.
std::vector<std::pair<std::string, std::string>> merges_of(const Subwords& subwords) {
  std::vector<std::pair<std::string, std::string>> merges;
  std::set<std::string> known;
  const std::string file = subwords.file();
  std::size_t at = file.find('\n') + 1;         // behind the version
  for (std::size_t end; (end = file.find('\n', at)) != file.npos; at = end + 1) {
    const std::string line = file.substr(at, end - at);
    const std::size_t blank = line.find(' ');
    if (known.insert(line).second)
      merges.emplace_back(line.substr(0, blank), line.substr(blank + 1));
  }
  return merges;
}

Json byte_pairs(const Vocab& vocab, const Subwords& subwords, int& size) {
  Spelt spelt;
  for (int id = 0; id < vocab.size(); id++)
    spelt.add(vocab.is_special(id) ? vocab.word(id) : respelt(vocab.word(id)));
  check(int(spelt.ids.size()) == vocab.size(), "export: two pieces are spelt alike in Hugging ",
        "Face's way; a vocabulary of subwords has none that ends with ", end_of_word);
  Json merges = Json::array();
  for (const auto& [left, right] : merges_of(subwords)) {
    for (const std::string& piece : {left, right, left + right}) spelt.add(piece);
    merges.push_back(Json::array({left, right}));
  }
  size = int(spelt.ids.size());
  return Json::object({{"type", "BPE"},
                       {"dropout", nullptr},
                       {"unk_token", unk_token},
                       {"continuing_subword_prefix", nullptr},
                       {"end_of_word_suffix", end_of_word},
                       {"fuse_unk", false},
                       {"byte_fallback", false},
                       {"ignore_merges", false},
                       {"vocab", Json::object(std::move(spelt.entries))},
                       {"merges", std::move(merges)}});
}

Json whole_words(const Vocab& vocab) {
  Spelt spelt;
  for (const std::string& word : vocab.words()) spelt.add(word);
  return Json::object({{"type", "WordLevel"},
                       {"vocab", Json::object(std::move(spelt.entries))},
                       {"unk_token", unk_token}});
}

Json added_tokens(const Vocab& vocab) {
  Json added = Json::array();
  for (const auto& [name, token] : specials_of(vocab))
    added.push_back(Json::object({{"id", id_of_special(vocab, token)},
                                  {"content", token},
                                  {"single_word", false},
                                  {"lstrip", false},
                                  {"rstrip", false},
                                  {"normalized", false},
                                  {"special", true}}));
  return added;
}

// A sentence ends with <eos>.
Json with_end(const Vocab& vocab) {
  const std::string end{eos_token};
  const auto item = [](const char* kind, const std::string& id) {
    return Json::object({{kind, Json::object({{"id", id}, {"type_id", 0}})}});
  };
  return Json::object(
      {{"type", "TemplateProcessing"},
       {"single", Json::array({item("Sequence", "A"), item("SpecialToken", end)})},
       {"pair", Json::array()},
       {"special_tokens", Json::object({{end, Json::object({{"id", end},
                                                            {"ids", Json::array({vocab.eos()})},
                                                            {"tokens", Json::array({end})}})}})}});
}

}  // namespace

TokenizerFile tokenizer_file(const Vocab& vocab, const Subwords& subwords) {
  int size = vocab.size();
  const bool whole = subwords.empty();
  const Json model = whole ? whole_words(vocab) : byte_pairs(vocab, subwords, size);
  const Json decoder = whole ? Json()
                             : Json::object({{"type", "BPEDecoder"}, {"suffix", end_of_word}});
  const Json file = Json::object({{"version", "1.0"},
                                  {"truncation", nullptr},
                                  {"padding", nullptr},
                                  {"added_tokens", added_tokens(vocab)},
                                  {"normalizer", nullptr},
                                  {"pre_tokenizer", Json::object({{"type", "WhitespaceSplit"}})},
                                  {"post_processor", with_end(vocab)},
                                  {"decoder", decoder},
                                  {"model", model}});
  return {write_json(file, Json::unlimited), size};
}

// A special token that the vocabulary lacks would be added to it: only those it has are named.
std::string tokenizer_config(const Vocab& vocab) {
  Json config = Json::object({{"tokenizer_class", "PreTrainedTokenizerFast"},
                              {"model_max_length", exported_positions},
                              {"clean_up_tokenization_spaces", false}});
  for (const auto& [name, token] : specials_of(vocab)) config[name + "_token"] = token;
  return write_json(config);
}

}  // namespace babelgrad
