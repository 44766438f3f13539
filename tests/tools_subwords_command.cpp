// Byte-pair encoding as filters: lines in, lines out, the place of what is wrong.
#include "tools/app/subwords_command.h"

#include "data/file.h"
#include "tests/close.h"
#include "tests/folder.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"

using namespace babelgrad;

namespace {

using Lines = std::vector<std::string>;

NextLine from(const Lines& lines) {
  return [lines, i = std::size_t(0)](std::string& line, Index) mutable {
    return i < lines.size() ? (line = lines[i++], true) : false;
  };
}

// The paper's four words (Sennrich, Haddow and Birch 2016, section 3.2), a line for each time.
Lines paper() {
  Lines lines(5, "low");
  lines.insert(lines.end(), 2, "lowest");
  lines.insert(lines.end(), 6, "newer");
  lines.insert(lines.end(), 3, "wider");
  return lines;
}

Lines applied(const Lines& lines, double p = 0, std::uint64_t seed = 0) {
  const Subwords subwords = Subwords::read("#version: 0.2\nl o\nlo w</w>\n", "codes");
  Lines out;
  apply_to_lines(subwords, from(lines), splitter_of("none"), p, seed,
                 [&](std::string_view line) { out.emplace_back(line); });
  return out;
}

Lines joined(const Lines& lines) {
  Lines out;
  join_lines(from(lines), [&](std::string_view line) { out.emplace_back(line); });
  return out;
}

int run_subwords(std::vector<const char*> words) {
  words.insert(words.begin(), "subwords");
  return subwords_command(int(words.size()), words.data());
}

}  // namespace

TEST_CASE("subwords command: merges are learnt of lines, tokenised or not") {
  // "e r</w>" 9 times, "l o" 7; of those with 6, "w er</w>" is last in byte order, then "n e".
  CHECK(learn_from_lines(from(paper()), splitter_of("none"), 4, 2).file() ==
        "#version: 0.2\ne r</w>\nl o\nw er</w>\nn e\n");
  CHECK(learn_from_lines(from({"Ab!", "", "ab!"}), splitter_of("standard"), 9, 2).file() ==
        "#version: 0.2\na b</w>\n");
  CHECK(learn_from_lines(from({"ab!", "ab!"}), splitter_of("none"), 9, 2).merges() == 2);
  CHECK(error_of([] { learn_from_lines(from({"", " "}), splitter_of("none"), 9, 2); }) ==
        "stdin: no words to learn from; a line is a sentence");
}

TEST_CASE("subwords command: a line for a line, there and back") {
  CHECK(applied({"low  lot", "", "slow"}) == Lines{"low lo@@ t", "", "s@@ low"});
  CHECK(joined({"low lo@@ t", "", "s@@ low"}) == Lines{"low lot", "", "slow"});
  CHECK(applied({"low\tlow\u00A0low"}) == Lines{"lo@@ w@@ \t@@ lo@@ w@@ \u00A0@@ low"});
  CHECK(applied({"low"}, 1) == Lines{"l@@ o@@ w"});
  const Lines many(200, "low");
  CHECK(applied(many, 0.5, 1) == applied(many, 0.5, 1));
  CHECK(applied(many, 0.5, 1) != applied(many, 0.5, 2));
  CHECK(joined(applied(many, 0.5, 1)) == many);
}

TEST_CASE("subwords command: the mark in a text comes back, too") {
  const Lines text = {"low@@ a", "@@ low@@", "a@@b @@@"};
  CHECK(applied({"low@@"}) == Lines{"lo@@ w@@ @@@ @"});
  CHECK(joined(applied(text)) == text);
}

TEST_CASE("subwords command: what is wrong with a line names it, and lines before it are there") {
  Lines out;
  auto put = [&](std::string_view line) { out.emplace_back(line); };
  CHECK(error_of([&] { join_lines(from({"a@@ b", "ab\xFF"}), put); }) ==
        "stdin:2:3: this byte is not UTF-8; save the file as UTF-8");
  CHECK(out == Lines{"ab"});
  CHECK(error_of([&] { join_lines(from({std::string("a\0", 2)}), put); }) ==
        "stdin:1:2: a NUL byte; text has none");
}

TEST_CASE("subwords command: a model shows its merges, of either language") {
  ModelConfig config{.model = "attention", .embed = 4, .hidden = 4, .layers = 1};
  auto model = make_translator(config, Vocab(), Vocab());
  CHECK(error_of([&] { merges_of(*model, false, "run"); }) ==
        "run: this model reads whole words; it has no merges");
  const std::string one = "#version: 0.2\na b</w>", other = "#version: 0.2\nc d\ncd e</w>";
  model->src_subwords = Subwords::read(one + "\n", "one");
  model->tgt_subwords = Subwords::read(other + "\n", "other");
  CHECK(merges_of(*model, false, "run") == one);
  CHECK(merges_of(*model, true, "run") == other);
}

TEST_CASE("subwords command: wrong use is told before anything is read") {
  CHECK_THROWS_AS(run_subwords({}), UsageError);
  CHECK(error_of([] { run_subwords({"aply"}); }) ==
        "subwords: ACTION must be learn, apply, join or show, not \"aply\" (did you mean apply?)");
  CHECK(error_of([] { run_subwords({"learn"}); }).starts_with("subwords learn: --merges N is"));
  CHECK(error_of([] { run_subwords({"join", "--merges", "3"}); })
            .starts_with("subwords join: unknown flag --merges"));
  CHECK(error_of([] { run_subwords({"apply", "/nowhere/codes"}); }).starts_with("/nowhere/codes"));
  Folder folder;
  const std::string codes = folder.path + "/codes";
  write_file_atomically(codes, "#version: 0.2\na b\nabc\n");
  CHECK(error_of([&] { run_subwords({"apply", codes.c_str()}); }) ==
        codes + ":3: would be two symbols with a space between");
  CHECK_THROWS_AS(run_subwords({"learn", "--help"}), HelpWanted);
}
