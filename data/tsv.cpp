#include "data/tsv.h"

#include <algorithm>

#include "data/alignment.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

std::vector<std::string_view> columns_of(std::string_view line) {
  std::vector<std::string_view> columns;
  for (std::size_t tab; (tab = line.find('\t')) != line.npos; line.remove_prefix(tab + 1))
    columns.push_back(line.substr(0, tab));
  columns.push_back(line);
  return columns;
}

struct Line {
  Pair pair;
  bool passed_over = false;                     // its third column
};

// A third column that is no alignment of these sentences is an attribution, or the rest of a
// sentence with a tab in it.
Line parse_line(const std::vector<std::string_view>& columns, const TsvOptions& options) {
  Line line{{tokenize(columns[0], options.tokenizer), tokenize(columns[1], options.tokenizer)}};
  Pair& pair = line.pair;
  try {
    if (columns.size() == 3)
      pair.gold = parse_pharaoh(columns[2], int(pair.src.size()), int(pair.tgt.size()));
  } catch (const Error&) {
    line.passed_over = true;
  }
  if (!options.swap) return line;
  std::swap(pair.src, pair.tgt);
  for (Link& link : pair.gold) std::swap(link.src, link.tgt);
  std::ranges::sort(pair.gold);
  return line;
}

void add_line(TsvCorpus& corpus, const std::string& line, const Lines& lines,
              const TsvOptions& options) {
  auto columns = columns_of(line);
  if (columns.size() == 1 && split(line).empty()) return;
  check(columns.size() >= 2, lines.where(), "no tab in '", printable(line, 40),
        "'; a line is source TAB target");
  check(columns.size() <= 3, lines.where(), columns.size(),
        " columns; a line is source TAB target, or these TAB links or attribution");
  auto [pair, passed_over] = parse_line(columns, options);
  auto [shorter, longer] = std::minmax({pair.src.size(), pair.tgt.size()});
  if (shorter == 0) corpus.dropped_empty++;
  else if (options.max_tokens && longer > std::size_t(options.max_tokens)) corpus.dropped_long++;
  else corpus.pairs.push_back(std::move(pair)), corpus.passed_over += passed_over;
}

}  // namespace

std::string TsvCorpus::counts() const {
  const std::string third =
      passed_over == 0 ? "" : join(", ", passed_over, passed_over == 1 ? " third column" :
                                   " third columns", " passed over");
  return join(pairs.size(), " pairs of ", lines, " lines (", dropped_empty, " empty, ",
              dropped_long, " too long", third, ")");
}

TsvCorpus read_tsv(const std::string& path, const TsvOptions& options) {
  check(options.limit >= 0, "read_tsv: limit must be 0 (all) or more, got ", options.limit);
  check(options.max_tokens >= 0, "read_tsv: max_tokens must be 0 (all) or more, got ",
        options.max_tokens);
  TsvCorpus corpus;
  Lines lines = Lines::of_file(path);
  std::string line;
  auto full = [&] { return options.limit && corpus.pairs.size() == std::size_t(options.limit); };
  while (!full() && lines.next(line)) add_line(corpus, line, lines, options);
  corpus.lines = lines.number();
  check(!corpus.pairs.empty(), lines.name(), ": no pairs in ", corpus.lines, " lines; dropped ",
        corpus.dropped_empty, " with an empty side",
        options.max_tokens == 0 ? "" : join(" and ", corpus.dropped_long, " with more than ",
                                            options.max_tokens, " tokens on one"),
        "; a line is source TAB target");
  return corpus;
}

}  // namespace babelgrad
