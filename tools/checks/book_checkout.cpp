// The files in scope, in the book's order, and what is taken from each.
#include "tools/checks/book_checkout.h"

#include "nn/file.h"
#include "tensor/check.h"
#include "tools/checks/book_lines.h"
#include "tools/checks/book_markdown.h"
#include "tools/checks/book_definitions.h"

namespace babelgrad::checks {
namespace {

const char* const rnn = "chapter_recurrent-neural-networks";
const char* const modern = "chapter_recurrent-modern";
const char* const attention = "chapter_attention-mechanisms-and-transformers";

// A class in the ## section of `section`, to which an added method belongs; null: it is elsewhere.
BookDefinition* class_near(Facts& facts, const std::string& section, const std::string& name) {
  for (auto& d : facts.definitions)
    if (d.is_class && d.name == name && cut(d.section, 3) == cut(section, 3)) return &d;
  return nullptr;
}

void add_definition(Facts& facts, const Cell& cell, const PythonDefinition& python) {
  BookDefinition* whole = class_near(facts, cell.section, python.owner);
  if (whole) whole->count += python.count;
  const std::string prefix = python.owner.empty() ? "" : python.owner + ".";
  if (!whole)
    facts.definitions.push_back(
        {cell.section, prefix + python.name, python.is_class, python.count});
  for (const PythonFunction& function : python.functions) {
    std::string method = (python.is_class ? python.name + "." : prefix) + function.name;
    for (const CanonicalLine& line : python_lines(function.code, cell.line + function.line))
      add_line(facts, {cell.section, method, line_hash(line.text), line.text});
  }
}

void check_count(const ScopeEntry& entry, const char* what, std::size_t found, int wanted) {
  check(found == std::size_t(wanted), entry.file, ": ", found, " ", what, ", release 1.0.3 has ",
        wanted, ": another edition, or not all of the file");
}

template <class Fact>
void append(std::vector<Fact>& to, const std::vector<Fact>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

const std::vector<ScopeEntry>& book_scope() {
  static const std::vector<ScopeEntry> scope = {
      {"9.4", rnn, "rnn.md", 6, 6, 0, 0},
      {"9.5", rnn, "rnn-scratch.md", 10, 3, 6, 70},
      {"9.6", rnn, "rnn-concise.md", 5, 0, 2, 12},
      {"9.7", rnn, "bptt.md", 9, 16, 0, 0},
      {"10.1", modern, "lstm.md", 13, 4, 2, 41},
      {"10.2", modern, "gru.md", 11, 3, 2, 31},
      {"10.3", modern, "deep-rnn.md", 5, 2, 2, 20},
      {"10.4", modern, "bi-rnn.md", 5, 2, 2, 20},
      {"10.5", modern, "machine-translation-and-dataset.md", 7, 0, 7, 64},
      {"10.6", modern, "encoder-decoder.md", 6, 0, 3, 21},
      {"10.7", modern, "seq2seq.md", 11, 4, 7, 78},
      {"10.8", modern, "beam-search.md", 6, 4, 0, 0},
      {"11.1", attention, "queries-keys-values.md", 4, 3, 1, 16},
      {"11.2", attention, "attention-pooling.md", 6, 3, 8, 33},
      {"11.3", attention, "attention-scoring-functions.md", 9, 7, 3, 40},
      {"11.4", attention, "bahdanau-attention.md", 6, 1, 2, 38},
      {"11.5", attention, "multihead-attention.md", 5, 2, 1, 27},
      {"11.6", attention, "self-attention-and-positional-encoding.md", 8, 3, 1, 13},
      {"11.7", attention, "transformer.md", 9, 0, 6, 104},
  };
  return scope;
}

Facts facts_of_page(const std::string& path, const std::string& markdown,
                    const std::string& number) {
  Page page = read_page(path, markdown, number);
  Facts facts{page.sections, page.equations, {}};
  for (const Cell& cell : page.cells)
    for (const PythonDefinition& python : python_definitions(cell.code))
      add_definition(facts, cell, python);
  return facts;
}

Facts facts_of_checkout(const std::string& folder, const std::vector<ScopeEntry>& scope) {
  check(is_folder(folder), folder, ": no folder; would be a checkout of github.com/d2l-ai/d2l-en");
  Facts all;
  for (const ScopeEntry& entry : scope) {
    const std::string path = join(folder, "/", entry.chapter, "/", entry.file);
    check(exists(path), path, ": missing; it is section ", entry.number);
    Facts facts = facts_of_page(path, read_file(path), entry.number);
    std::size_t lines = 0;
    for (const auto& d : facts.definitions) lines += d.count;
    check_count(entry, "headings", facts.sections.size(), entry.sections);
    check_count(entry, "equations", facts.equations.size(), entry.equations);
    check_count(entry, "definitions", facts.definitions.size(), entry.definitions);
    check_count(entry, "lines of definitions", lines, entry.lines);
    append(all.sections, facts.sections);
    append(all.equations, facts.equations);
    append(all.definitions, facts.definitions);
  }
  return all;
}

}  // namespace babelgrad::checks
