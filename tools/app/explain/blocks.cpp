#include "tools/app/explain/blocks.h"

#include "autograd/ops.h"
#include "data/text.h"
#include "tools/app/explain/numbers.h"
#include "tools/app/view/places.h"

namespace babelgrad::explain {

std::string line(const std::string& words) { return words + "\n"; }

std::string heading(const std::string& words, const Screen& screen) {
  return "\n" + line(styled(words, "1", screen));
}

namespace {

// Broken at blanks, but not before the number of an equation or a line; two columns in.
std::string paragraph(const std::string& text, const Screen& screen) {
  std::string out, now = " ";
  const Tokens words = split(text);
  for (std::size_t i = 0; i < words.size(); i++) {
    std::string word = words[i];
    if ((word == "Eq." || word == "line") && i + 1 < words.size()) word += " " + words[++i];
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

std::string line_of(const Place& at) { return join(at.file, ":", at.line); }

// Its line and the book's section; an equation of the book that stands elsewhere, and other lines.
std::string places_of(const Step& step, const Screen& screen) {
  std::string out = place_text(step.at);
  for (const Mention& mention : step.caption.also) {
    const Place* other = place(mention.place);
    if (!other) continue;
    const bool same_file = other->file == step.at.file;
    const bool beside = same_file && mention.words.starts_with("Eq.");   // the book's number of it
    const std::string where = same_file ? join("line ", other->line) : line_of(*other);
    out += beside ? ", " + mention.words : join("; ", mention.words, " at ", where);
  }
  return paragraph(out, screen);
}

// Rows of a (rows, columns) value have their words, or are numbered.
Tokens rows_of(const Step& step) {
  Tokens out = step.axes[0].labels;
  for (int i = int(out.size()); i < step.value.dim(0); i++) out.push_back(join(i + 1));
  return out;
}

// Of rows of units the first and the last.
Step ends(const Step& step) {
  const int rows = step.value.dim(0);
  if (rows < 3 || !step.axes[1].labels.empty()) return step;
  Step out = step;
  out.value = index_select(step.value, 0, Ints{0, rows - 1});
  const Tokens names = rows_of(step);
  out.axes[0].labels = {names.front(), names.back()};
  return out;
}

// (rows, columns)
std::string numbers_of(const Step& step, bool numbered, const Screen& screen) {
  const Axis& across = step.axes[1];
  const std::vector<Real> values = step.value.values();
  const bool a_row_of_words = step.value.dim(0) == 1 && !across.labels.empty();
  if (a_row_of_words && step.caption.kind == Kind::weight) {
    std::vector<Bar> items;
    for (std::size_t j = 0; j < values.size(); j++)
      items.push_back({across.labels[j], double(values[j])});
    return bars(items, 12, 1, screen);
  }
  const bool words = across.labels.size() > 1;
  const Header header = words || numbered ? Header::shown : Header::none;
  return matrix(values, rows_of(step), across.labels, step.value.dim(1), screen, header);
}

// The first of all heads stands for them.
Step first_head(Step step) {
  if (step.value.rank() < 3) return step;
  step.value = select(step.value, 0, 0);
  step.axes.erase(step.axes.begin());
  return step;
}

// Equation and meaning, in one line if there is room.
std::string said_of(const Caption& caption, const Screen& screen) {
  const std::string formula = "  " + written(caption.equation, screen);
  const std::string both = formula + ": " + caption.meaning;
  if (display_width(both) <= screen.width) return line(both);
  return line(formula) + paragraph(caption.meaning, screen);
}

std::string top(const Step& step, const Screen& screen) {
  const Caption& c = step.caption;
  return "\n" + line(styled(c.name, "1", screen) + "  " + shape_of(step)) +
         said_of(c, screen) + places_of(step, screen);
}

std::string full_block(const Step& step, const Screen& screen) {
  std::string out = top(step, screen);
  if (step.where.head > 0) out += line(join("  head ", step.where.head, ":"));
  if (step.value.rank() == 3) out += line(join("  head 1 of ", step.value.dim(0), ":"));
  out += numbers_of(first_head(step), true, screen);
  const bool sums_to_one = step.caption.kind == Kind::weight;
  return sums_to_one ? out : out + line("  " + summary(step.value.values(), screen));
}

std::string brief_block(const Step& step, const Screen& screen) {
  const std::string head = step.where.head > 0 ? join(", head ", step.where.head) : "";
  const std::string name = join(step.caption.name, " ", step.value.shape(), head);
  const std::string where = line_of(step.at);
  const bool fits = display_width(name) + 2 + display_width(where) <= screen.width;
  return line(name + (fits ? "  " : "\n  ") + where) +
         numbers_of(ends(first_head(step)), false, screen);
}

}  // namespace

std::string place_text(const Place& at) {
  return line_of(at) + (at.section.empty() ? "" : join(", D2L ", at.section, " ", at.title));
}

std::string block(const Step& step, Detail detail, const Screen& screen) {
  if (detail == Detail::full) return full_block(step, screen);
  if (detail == Detail::brief) return brief_block(step, screen);
  return top(step, screen) + numbers_of(ends(first_head(step)), false, screen);
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
  const std::string chosen = cut(on_screen(word.word, screen), 40);
  return out + line(join(forced ? "  given: " : "  chosen: ", chosen, ", with ",
                         fixed(100 * word.probability, 1), " %"));
}

}  // namespace babelgrad::explain
