#include "data/tsv.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "data/lines.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

// Every line in brackets.
std::string lines_in(Lines lines) {
  std::string out;
  for (std::string line; lines.next(line);) out += "[" + line + "]";
  return out;
}

std::string lines_in(std::string_view text) { return lines_in(Lines::of_text(text, "t")); }

// The same, but so many bytes come at a time.
std::string lines_in_parts(std::string text, Index size) {
  return lines_in(Lines("t", [=](char* to, Index most) mutable {
    const Index n = std::min({size, most, Index(text.size())});
    std::copy_n(text.begin(), n, to);
    text.erase(0, std::size_t(n));
    return n;
  }));
}

struct TempFile {                               // a file with these bytes, as long as this lives
  explicit TempFile(std::string_view bytes) {
    path = (std::filesystem::temp_directory_path() / join("babelgrad_tsv_", getpid())).string();
    std::ofstream(path, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
  }
  ~TempFile() { std::filesystem::remove(path); }
  std::string path;
};

TsvCorpus read(std::string_view bytes, const TsvOptions& options = {}) {
  return read_tsv(TempFile(bytes).path, options);
}

std::string shown(const TsvCorpus& corpus) {    // "src|tgt/src|tgt"
  std::string out;
  for (const Pair& pair : corpus.pairs)
    out += join(out.empty() ? "" : "/", join(pair.src), "|", join(pair.tgt));
  return out;
}

// The message without the path, or "" when the bytes are read.
std::string complaint(std::string_view bytes, const TsvOptions& options = {}) {
  TempFile file(bytes);
  const std::string message = error_of([&] { read_tsv(file.path, options); });
  if (message.empty()) return "";
  CHECK(message.starts_with(file.path));
  return message.substr(file.path.size());
}

using Links = std::vector<Link>;

}  // namespace

TEST_CASE("Lines: LF, CR LF and CR end a line, and nothing else does") {
  CHECK(lines_in("") == "");
  CHECK(lines_in("a\nb\r\nc\rd") == "[a][b][c][d]");
  CHECK(lines_in("a\n\nb\r\r\n\n") == "[a][][b][][]");
  CHECK(lines_in("\r") == "[]");
  CHECK(lines_in("a\u2028b\u0085c\vd\fe\x1C") == "[a\u2028b\u0085c\vd\fe\x1C]");
  CHECK(lines_in(Lines::of_text("a\rb\r\nc\n", "t", check_text, false)) == "[a\rb\r][c]");
  for (Index size : {1, 2, 3})
    CHECK(lines_in_parts("a\r\n\r\n\rb\n\r\xEF\xBB\xBF" "c", size) == "[a][][][b][][c]");
}

TEST_CASE("Lines: a line that ended in CR is there before more has come") {
  int asked = 0;
  Lines lines("t", [&](char* to, Index) { return *to = "a\r\nb"[asked], Index(asked++ < 4); });
  std::string line;
  CHECK((lines.next(line) && line == "a"));
  CHECK(asked == 2);
  CHECK((lines.next(line) && line == "b" && lines.number() == 2));
}

TEST_CASE("Lines: a byte order mark begins no line") {
  const std::string mark = "\xEF\xBB\xBF";
  CHECK(lines_in(mark + "a\n" + mark + "b\r" + mark + "\n" + mark) == "[a][b][][]");
  CHECK(lines_in("a" + mark + "b\n") == "[a" + mark + "b]");
  CHECK(lines_in(mark + mark + "a") == "[" + mark + "a]");
}

TEST_CASE("Lines: what is wrong is told with its place") {
  auto wrong = [](std::string_view text, Lines::Check check = check_text) {
    return error_of([&] { lines_in(Lines::of_text(text, "t\33", check)); });
  };
  CHECK(wrong("a\rb\xFF") == "t\\x1B:2:2: this byte is not UTF-8; save the file as UTF-8");
  CHECK(wrong(std::string_view("a\r\n\0", 4)) == "t\\x1B:2:1: a NUL byte; text has none");
  CHECK(lines_in(Lines::of_text(std::string_view("a\0b", 3), "t", check_utf8)) ==
        std::string("[a\0b]", 5));
  const std::string longest(1 << 20, 'x');
  CHECK(wrong(longest + "\r" + longest) == "");
  CHECK(wrong("\n" + longest + "x") == "t\\x1B:2: a line of more than 1048576 bytes");
  CHECK(error_of([] { lines_in(Lines("t", [](char*, Index) { return Index(-1); })); }) ==
        "t: reading fails after line 0");
}

TEST_CASE("read_tsv: pairs, tokenised") {
  TsvCorpus corpus = read("Go.\tVa !\nI lost.\tJ'ai perdu.\n");
  CHECK(shown(corpus) == "go .|va !/i lost .|j' ai perdu .");
  CHECK(corpus.lines == 2);
  CHECK(corpus.dropped_empty == 0);
  CHECK(corpus.dropped_long == 0);
  CHECK(shown(read("I lost.\tJ'ai perdu.\n", {.tokenizer = Tokenizer::book})) ==
        "i lost .|j'ai perdu .");
}

TEST_CASE("read_tsv: byte order mark, line ends, no final newline, odd blanks make no difference") {
  const std::string expected = shown(read("a b\tc d\ne\tf\n")), mark = "\xEF\xBB\xBF";
  for (const std::string& same : std::vector<std::string>{
           mark + "a b\tc d\n" + mark + "e\t" + mark + "f\n", "a b\tc d\r\ne\tf\r",
           "a b\tc d\re\tf", "  a\u00A0b \t c\u202F d\n e \tf  \n",
           "\n  \na b\tc d\n\r\n\u3000\ne\tf\n\n"})
    CHECK(shown(read(same)) == expected);
  CHECK(read("\n  \na b\tc d\n\r\n\u3000\ne\tf\n\n").lines == 7);
  CHECK(shown(read("a\u2028b\tc\vd\u0085e\ff g\n")) == "a b|c d e f g");     // these end no line
  CHECK(complaint("a\tb\rc\r") == ":2: no tab in 'c'; a line is source TAB target");
  CHECK(read(mark + "a\tb\t" + "0-0\n" + mark + "\n").pairs[0].gold == Links{{0, 0}});
}

TEST_CASE("(D6) read_tsv: a third column is links or passed over") {
  TsvCorpus corpus = read("a b\tc d e\t1-0 0-1 0?2\na\tb\tCC-BY 2.0 #12 (x)\na\tb\t0-1\na\tb\t\n");
  CHECK(corpus.pairs[0].gold == Links{{0, 1}, {0, 2, false}, {1, 0}});
  for (int i : {1, 2, 3}) CHECK(corpus.pairs[i].gold.empty());
  CHECK(complaint("a\tb\t0-0\tc\n") ==
        ":1: 4 columns; a line is source TAB target, or these TAB links or attribution");
}

TEST_CASE("read_tsv: a third column that is not wholly links between its tokens is none") {
  auto gold = [](const std::string& column) {
    return read("a b c\td e\t" + column + "\n").pairs[0].gold;
  };
  CHECK(gold("2-1 0-0 0-0") == Links{{0, 0}, {2, 1}});
  CHECK(gold("0-0\u00A02?1") == Links{{0, 0}, {2, 1, false}});
  for (std::string bad : {"", "0", "0-a", "3-0", "0-2", "0-0 x"}) CHECK(gold(bad).empty());
}

TEST_CASE("read_tsv: third columns that are passed over are counted, of pairs alone") {
  const auto passed_over = [](std::string_view bytes, const TsvOptions& options = {}) {
    return read(bytes, options).passed_over;
  };
  CHECK(passed_over("a\tb\n") == 0);
  CHECK(passed_over("a\tb\tc\n") == 1);          // a tab in a sentence
  CHECK(passed_over("a\tb\tCC-BY\nc\td\t0-1\n") == 2);    // c d have no second word
  CHECK(passed_over("a\tb\t0-0\nc\td\t\n") == 0);          // nothing is lost
  CHECK(passed_over("a\tb\t0-0 1?1\n", {.swap = true}) == 1);
  CHECK(passed_over("a\tb\n\tb\tc\na b\tc\td\n", {.max_tokens = 1}) == 0);
  CHECK(read("a\tb\tc\n\n\tb\tc\n").counts() ==
        "1 pairs of 3 lines (1 empty, 0 too long, 1 third column passed over)");
  CHECK(read("a\tb\tc\nd\te\tf g\n").counts() ==
        "2 pairs of 2 lines (0 empty, 0 too long, 2 third columns passed over)");
  CHECK(read("a\tb\n").counts() == "1 pairs of 1 lines (0 empty, 0 too long)");
}

TEST_CASE("(D5) read_tsv: a limit of n is n pairs") {
  CHECK(read("a\tb\nc\td\ne\tf\ng\th\n", {.limit = 3}).pairs.size() == 3);
  CHECK(read("a\tb\n\tx\nc\td\ne\tf\n", {.limit = 2}).pairs.size() == 2);
}

TEST_CASE("read_tsv: limit, max_tokens and swap") {
  std::string bytes = "a\tb\nc d e\tf\n\tg\nh\t \ni\tj k l m\nn\to p\n";
  TsvCorpus corpus = read(bytes, {.max_tokens = 2});
  CHECK(shown(corpus) == "a|b/n|o p");
  CHECK(corpus.lines == 6);
  CHECK(corpus.dropped_empty == 2);
  CHECK(corpus.dropped_long == 2);
  CHECK(shown(read(bytes, {.limit = 2})) == "a|b/c d e|f");
  CHECK(read(bytes, {.limit = 2}).lines == 2);
  CHECK(shown(read("a\tb\nno tab", {.limit = 1})) == "a|b");
  TsvCorpus swapped = read("a b\tc d e\t1-0 0-1 0?2\n", {.swap = true});
  CHECK(shown(swapped) == "c d e|a b");
  CHECK(swapped.pairs[0].gold == Links{{0, 1}, {1, 0}, {2, 0, false}});
  CHECK(complaint(bytes, {.swap = true}) == "");
}

TEST_CASE("read_tsv: special tokens in a text are words of it") {
  CHECK(shown(read("<pad> a\t<eos> b\n")) == "<pad> a|<eos> b");
}

TEST_CASE("read_tsv: a bad line is named") {
  CHECK(complaint("a\tb\nhello\n") == ":2: no tab in 'hello'; a line is source TAB target");
  CHECK(complaint("a\x1B[2J\n") == ":1: no tab in 'a\\x1B[2J'; a line is source TAB target");
  std::string not_utf8 = ": this byte is not UTF-8; save the file as UTF-8";
  CHECK(complaint("a\tb\nc\td\xE9" "e\n") == ":2:4" + not_utf8);
  CHECK(complaint("a\tb\xC3") == ":1:4" + not_utf8);                     // cut
  CHECK(complaint(std::string_view("\xFF\xFE" "a\0\t\0b\0\n\0", 10)) == ":1:1" + not_utf8);
  CHECK(complaint("\xEF\xBB\xBF" "a\xFF\tb\n") == ":1:5" + not_utf8);     // the mark counts
  CHECK(complaint(std::string_view("a\tb\na\0\tb\n", 9)) == ":2:2: a NUL byte; text has none");
  const std::string long_side((1 << 19) + 1, 'x');
  CHECK(complaint("a\tb\n" + long_side + "\t" + long_side) ==
        ":2: a line of more than 1048576 bytes");
}

TEST_CASE("read_tsv: a file that gives no pair is refused with the counts") {
  auto none = [](int lines, int empty, int too_long, int max_tokens) {
    return join(": no pairs in ", lines, " lines; dropped ", empty, " with an empty side",
                max_tokens == 0 ? "" : join(" and ", too_long, " with more than ", max_tokens,
                                            " tokens on one"),
                "; a line is source TAB target");
  };
  CHECK(complaint("") == none(0, 0, 0, 0));
  CHECK(complaint("\xEF\xBB\xBF") == none(1, 0, 0, 0));
  CHECK(complaint("\n\n \n") == none(3, 0, 0, 0));
  CHECK(complaint("\tb\na\t\n\t\n") == none(3, 3, 0, 0));
  CHECK(complaint("a b\tc\na\t\n", {.max_tokens = 1}) == none(2, 1, 1, 1));
}

TEST_CASE("read_tsv: what is no readable file is refused") {
  CHECK_THROWS_WITH(read_tsv("no/such\x1B[2J.tsv"),
    "no/such\\x1B[2J.tsv: cannot be opened; is the path right, and may it be read?");
  CHECK_THROWS_WITH(read_tsv("."), ".: is a directory; a text file is needed");
  CHECK_THROWS_AS(read_tsv(""), Error);
  CHECK_THROWS_WITH(read_tsv("x", {.limit = -1}),
                    "read_tsv: limit must be 0 (all) or more, got -1");
  CHECK_THROWS_WITH(read_tsv("x", {.max_tokens = -1}),
                    "read_tsv: max_tokens must be 0 (all) or more, got -1");
  if (std::filesystem::exists("/proc/self/mem"))
    CHECK_THROWS_WITH(read_tsv("/proc/self/mem"), "/proc/self/mem: reading fails after line 0");
}

TEST_CASE("read_tsv: any bytes are read or refused") {
  const std::vector<std::string> pieces = {"a", "\t", "\n", "\r\n", "é", "'", ".", "0-0", " ",
                                           "\xFF", "\xEF\xBB\xBF", "\u2028",
                                           std::string(1, '\0'), "<pad>"};
  Random random(9);
  int accepted = 0;
  for (int i = 0; i < 1000; i++) {
    std::string bytes;
    for (int n = random.below(10); n > 0; n--) bytes += pieces[random.below(int(pieces.size()))];
    accepted += complaint(bytes).empty();
  }
  CHECK(accepted > 0);
  CHECK(accepted < 1000);
}
