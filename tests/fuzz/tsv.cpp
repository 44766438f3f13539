// A file of pairs that is read: every line is accounted for, and every pair is made of words.
#include "data/tsv.h"

#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

namespace babelgrad::fuzz {
namespace {

// A file in memory, with a path.
class File {
 public:
  File() : fd_(memfd_create("fuzz.tsv", 0)) {}
  std::string holding(std::string_view bytes) {
    const bool written = ftruncate(fd_, 0) == 0 &&
                         pwrite(fd_, bytes.data(), bytes.size(), 0) == ssize_t(bytes.size());
    holds(written, "the file is written");
    return "/proc/self/fd/" + std::to_string(fd_);
  }

 private:
  int fd_;
};

// The first byte says how; the rest is the file.
TsvOptions options_of(std::uint8_t byte) {
  static const Tokenizer tokenizers[] = {Tokenizer::standard, Tokenizer::book, Tokenizer::moses,
                                         Tokenizer::standard};
  return {.limit = byte & 4 ? 2 : 0,
          .tokenizer = tokenizers[byte & 3],
          .max_tokens = byte & 8 ? 3 : 0,
          .swap = (byte & 16) != 0};
}

void check_sentence(const Tokens& sentence, int longest) {
  holds(!sentence.empty(), "no side is empty");
  holds(longest == 0 || int(sentence.size()) <= longest, "no side is too long");
  for (const std::string& word : sentence)
    holds(!word.empty() && invalid_utf8(word) < 0 &&
              word.find_first_of(std::string_view(" \t\n\r\0", 5)) == word.npos,
          "a word is text without blanks");
}

void check_pair(const Pair& pair, int longest) {
  check_sentence(pair.src, longest);
  check_sentence(pair.tgt, longest);
  for (const Link& link : pair.gold)
    holds(link.src >= 0 && link.src < int(pair.src.size()) && link.tgt >= 0 &&
              link.tgt < int(pair.tgt.size()),
          "a link is between words");
}

}  // namespace

std::vector<std::string> seeds() {
  const std::string plain = "Go.\tVa !\nRun away!\tCours !\t0-0 1?1\n\n\xEF\xBB\xBFL'eau\tit's\tCC";
  std::vector<std::string> all;
  for (char options : {0, 1, 2, 20, 8}) all.push_back(options + plain);
  all.push_back(std::string(1, '\0') + "a\r\nb\tc\r\n\xE2\x80\x8B\t\xC2\xA0\nd\te\tf\tg\n");
  return all;
}

void read(std::string_view input) {
  if (input.empty()) return;
  static File file;
  const TsvOptions options = options_of(std::uint8_t(input[0]));
  const std::string path = file.holding(input.substr(1));
  const auto corpus = accepted([&] { return read_tsv(path, options); });
  if (!corpus) return;
  holds(Index(corpus->pairs.size()) + corpus->dropped_empty + corpus->dropped_long <= corpus->lines,
        "a line is at most one pair");
  holds(options.limit == 0 || int(corpus->pairs.size()) <= options.limit, "within the limit");
  for (const Pair& pair : corpus->pairs) check_pair(pair, options.max_tokens);
}

}  // namespace babelgrad::fuzz
