#include "tools/explain/blocks.h"

#include "autograd/ops.h"
#include "data/text.h"
#include "tools/explain/numbers.h"
#include "tools/places.h"

namespace babelgrad::explain {

std::string line(const std::string& words) { return words + "\n"; }

std::string heading(const std::string& words, const Screen& screen) {
  return "\n" + line(styled(words, "1", screen));
}

namespace {

// Broken at blanks, two columns in.
std::string paragraph(const std::string& text, const Screen& screen) {
  std::string out, now = " ";
  for (const std::string& word : split(text)) {
    if (now.size() > 1 && display_width(now) + 1 + display_width(word) > screen.width)
      out += line(now), now = " ";
    now += " " + word;
  }
  return out + line(now);
}

std::string shape_of(const Step& step) {
  std::string out;
  for (std::size_t i = 0; i < step.axes.size(); i++) {
    const int n = step.value.dim(int(i));
    std::string name = step.axes[i].name;
    if (n == 1) name.pop_back();                // one unit
    out += join(i == 0 ? "" : ", ", n, " ", name);
  }
  return "(" + out + ")";
}

// A line such as: models/seq2seq.h:87, and the section of the book with its title.
std::string place_of(const Step& step, const Screen& screen) {
  const std::string& key = step.caption.place;
  const Place* at = place(key);
  if (!at) return "";
  const bool equation = key[0] >= '0' && key[0] <= '9';
  return paragraph(join(at->file, ":", at->line, ", D2L ", at->section, " ", at->title,
                        equation ? ", Eq. (" + key + ")" : ""), screen);
}

// Rows of a (rows, columns) value have their words, or are numbered.
Tokens rows_of(const Step& step) {
  Tokens out = step.axes[0].labels;
  for (int i = int(out.size()); i < step.value.dim(0); i++) out.push_back(join(i + 1));
  return out;
}

std::string numbers_of(const Step& step, const Screen& screen) {
  const Axis& across = step.axes[1];
  const std::vector<Real> values = step.value.values();
  const bool a_row_of_words = step.value.dim(0) == 1 && !across.labels.empty();
  if (a_row_of_words && step.caption.kind == Kind::weight) {
    std::vector<Bar> items;
    for (std::size_t j = 0; j < values.size(); j++)
      items.push_back({across.labels[j], double(values[j])});
    return bars(items, 12, 1, screen);
  }
  return matrix(values, rows_of(step), across.labels, step.value.dim(1), screen);
}

std::string top(const Step& step, const Screen& screen) {
  const Caption& c = step.caption;
  return "\n" + line(styled(c.name, "1", screen) + "  " + shape_of(step)) +
         paragraph(c.meaning, screen) + line("  " + written(c.equation, screen)) +
         place_of(step, screen);
}

}  // namespace

std::string block(const Step& step, const Screen& screen) {
  std::string out = top(step, screen);
  if (step.where.head > 0) out += line(join("  head ", step.where.head, ":"));
  Step shown = step;
  if (step.value.rank() == 3) {                 // the first of all heads stands for them
    out += line(join("  head 1 of ", step.value.dim(0), ":"));
    shown.value = select(detach(step.value), 0, 0);
    shown.axes.erase(shown.axes.begin());
  }
  out += numbers_of(shown, screen);
  const bool sums_to_one = step.caption.kind == Kind::weight;
  return sums_to_one ? out : out + line("  " + summary(step.value.values(), screen));
}

std::string logits_block(const Step& step, const Word& word, const Vocab& vocab,
                         const Screen& screen) {
  std::vector<Real> values;
  Tokens columns;
  for (const Candidate& c : word.best) {
    values.push_back(step.value.at({0, c.id}));
    columns.push_back(vocab.word(c.id));
  }
  return top(step, screen) + matrix(values, {"likeliest"}, columns, int(columns.size()), screen) +
         line("  " + summary(step.value.values(), screen));
}

std::string probability_block(const Step& step, const Word& word, bool forced, const Vocab& vocab,
                              const Screen& screen) {
  std::vector<Bar> items;
  for (const Candidate& c : word.best) items.push_back({vocab.word(c.id), c.probability});
  std::string out = top(step, screen) + bars(items, items.size(), 1, screen);
  return out + line(join(forced ? "  given: " : "  chosen: ", cut(printable(word.word), 40),
                         ", with ", fixed(100 * word.probability, 1), " %"));
}

}  // namespace babelgrad::explain
