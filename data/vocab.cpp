#include "data/vocab.h"

#include <algorithm>

#include "data/text.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

using WordCounts = std::map<std::string, Index>;

bool is_special_spelling(std::string_view word) {
  return word == unk_token || word == pad_token || word == bos_token || word == eos_token;
}

// Frequencies in the first `num_words` words of each sentence; special spellings are not counted.
WordCounts count_words(const std::vector<Tokens>& sentences, std::size_t num_words) {
  WordCounts counts;
  for (const Tokens& sentence : sentences)
    for (std::size_t i = 0; i < std::min(num_words, sentence.size()); i++)
      if (!is_special_spelling(sentence[i])) counts[sentence[i]]++;
  return counts;
}

Tokens at_least(const WordCounts& counts, int min_freq) {
  Tokens out;
  for (const auto& [word, count] : counts)
    if (count >= min_freq) out.push_back(word);
  return out;
}

void check_entry(const std::string& word, std::size_t id) {
  auto name = [&] { return join("Vocab: entry ", id, " '", printable(word, 40), "' "); };
  check(!word.empty(), "Vocab: entry ", id, " is empty; each entry is one word");
  check(invalid_utf8(word) < 0, name(), "is not UTF-8");
  check(split(word) == Tokens{word}, name(), "has a blank in it; each entry is one word");
}

Tokens most_frequent(const std::vector<Tokens>& sentences, VocabOptions options) {
  check(options.min_freq >= 0, "Vocab: min_freq must be 0 or more, got ", options.min_freq);
  check(options.max_size == 0 || options.max_size >= 4,
        "Vocab: max_size must be 0 (no limit) or leave room for 4 special tokens, got ",
        options.max_size);
  WordCounts counts = count_words(sentences, std::size_t(-1));
  Tokens frequent = at_least(counts, options.min_freq);
  std::ranges::stable_sort(frequent, std::greater(), [&](auto& word) { return counts[word]; });
  Tokens words = {text(unk_token), text(pad_token), text(bos_token), text(eos_token)};
  words.insert(words.end(), frequent.begin(), frequent.end());
  auto most = std::size_t(options.max_size);
  if (most && words.size() > most) words.resize(most);
  return words;
}

}  // namespace

Vocab::Vocab(const std::vector<Tokens>& sentences, VocabOptions options)
    : Vocab(most_frequent(sentences, options), Listed()) {}

Vocab Vocab::from_words(Tokens words) { return Vocab(std::move(words), Listed()); }

Vocab Vocab::book(const std::vector<Tokens>& sentences, int num_steps, bool target, int min_freq) {
  check(num_steps > 0, "Vocab::book: num_steps must be 1 or more, got ", num_steps);
  Tokens words = at_least(count_words(sentences, num_steps), min_freq);
  for (auto special : {unk_token, pad_token, eos_token}) words.emplace_back(special);
  if (target) words.emplace_back(bos_token);
  std::ranges::sort(words);
  return Vocab(std::move(words), Listed());
}

Vocab::Vocab(Tokens words, Listed) : words_(std::move(words)) {
  for (std::size_t id = 0; id < words_.size(); id++) {
    check_entry(words_[id], id);
    auto [found, is_new] = index_.emplace(words_[id], int(id));
    check(is_new, "Vocab: entry ", id, " '", printable(words_[id], 40), "' is also entry ",
          found->second, "; each word has one id");
  }
  unk_ = special(unk_token), pad_ = special(pad_token), bos_ = special(bos_token);
  eos_ = special(eos_token);
  for (auto token : {unk_token, pad_token, eos_token})
    check(special(token) >= 0, "Vocab: ", token, " is missing; none of ", size(), " entries is it");
  std::erase_if(index_, [](const auto& entry) { return is_special_spelling(entry.first); });
}

int Vocab::special(std::string_view token) const {
  auto found = index_.find(token);
  return found == index_.end() ? -1 : found->second;
}

int Vocab::bos() const {
  check(bos_ >= 0, "Vocab: no <bos> among ", size(), " entries; a target vocabulary needs it");
  return bos_;
}

std::vector<int> Vocab::never_said() const {
  return bos_ < 0 ? std::vector<int>{pad_} : std::vector<int>{pad_, bos_};
}

int Vocab::operator[](std::string_view word) const {
  auto found = index_.find(word);
  return found == index_.end() ? unk_ : found->second;
}

bool Vocab::contains(std::string_view word) const { return index_.contains(word); }

std::vector<int> Vocab::ids(const Tokens& tokens) const {
  std::vector<int> out;
  for (const std::string& token : tokens) out.push_back((*this)[token]);
  return out;
}

const std::string& Vocab::word(int id) const {
  check(id >= 0 && id < size(), "Vocab: no word has id ", id, "; ids are 0 to ", size() - 1);
  return words_[id];
}

Tokens Vocab::words(const std::vector<int>& ids) const {
  Tokens out;
  for (int id : ids) out.push_back(word(id));
  return out;
}

}  // namespace babelgrad
