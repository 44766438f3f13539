// Which translations a report shows, what it marks of them, and how it counts them by length.
#include "data/text.h"
#include "tests/close.h"
#include "tests/xml.h"
#include "tools/app/report/report.h"
#include "tools/app/run/analysis_words.h"

using namespace babelgrad;
using namespace babelgrad::report;
using analysis::Scored;

namespace {

std::string marks(const std::string& reference, const std::string& said) {
  std::string out;
  for (bool wrong : marks_said(split(reference), split(said))) out += wrong ? 'x' : '.';
  return out;
}

Scored scored(const std::string& src, const std::string& tgt, const std::string& said) {
  return {.pair = {split(src), split(tgt)}, .said = split(said)};
}

std::vector<Scored> twenty() {
  std::vector<Scored> pairs;
  for (int i = 0; i < 20; i++) pairs.push_back(scored("a b", "c d", i % 5 ? "c" : "c d"));
  pairs[13].pair.src = {"a", "b", "c"};
  return pairs;
}

}  // namespace

TEST_CASE("marks_said: what was replaced or is too much, by hand") {
  CHECK(marks("a b c", "a b c") == "...");
  CHECK(marks("a b c", "a x c") == ".x.");
  CHECK(marks("a b c", "a c") == "..");
  CHECK(marks("a c", "a b c") == ".x.");
  CHECK(marks("a b", "b a") == ".x");           // a is missing, one too much
  CHECK(marks("", "a b") == "xx");
  CHECK(marks("a b", "") == "");
  CHECK(marks("a a a", "a") == ".");
}

TEST_CASE("marks_said: the words left unmarked are those of the reference, with room between") {
  Random random(3);
  for (int round = 0; round < 2000; round++) {
    Tokens reference, said;
    for (Tokens* side : {&reference, &said})
      for (int n = int(random.below(8)); n > 0; n--)
        side->push_back(std::string(1, char('a' + random.below(3))));
    const analysis::Edits edits = analysis::edits(reference, said);
    const std::vector<bool> wrong = marks_said(reference, said);
    REQUIRE(wrong.size() == said.size());
    // Walk both from right word to right word: so many replaced ones need as many marked ones.
    std::size_t j = 0;
    Index replaced = 0, marked = 0, extra = 0;
    auto close_gap = [&] {
      for (; j < said.size() && wrong[j]; j++) marked++;
      CHECK(marked >= replaced);
      extra += marked - replaced;
      replaced = marked = 0;
    };
    for (std::size_t i = 0; i < reference.size(); i++) {
      replaced += edits.words[i] == analysis::Fate::replaced;
      if (edits.words[i] != analysis::Fate::right) continue;
      close_gap();
      REQUIRE(j < said.size());
      CHECK(said[j++] == reference[i]);
    }
    close_gap();
    CHECK(j == said.size());
    CHECK(extra == edits.extra);
  }
}

TEST_CASE("sample_html: what is lost is struck out, what is said instead underlined") {
  const std::string html = sample_html(scored("un chat dort", "a cat sleeps .", "a dog runs . ."),
                                       1234);
  CHECK(html ==
        "<div class=\"sample\">\n"
        "<p class=\"side\">pair 1,234: ✗ 2 replaced, 1 too many</p>\n"
        "<div class=\"line\"><span class=\"side\">source</span><bdi>un chat dort</bdi></div>\n"
        "<div class=\"line\"><span class=\"side\">reference</span><bdi>a <del>cat sleeps</del> ."
        "</bdi></div>\n"
        "<div class=\"line\"><span class=\"side\">translation</span><bdi>a <ins>dog runs</ins> . "
        "<ins>.</ins></bdi></div>\n"
        "</div>\n");
  CHECK(count(sample_html(scored("a", "b", "b"), 1), "pair 1: ✓ right") == 1);
  CHECK(count(sample_html(scored("a", "b c", ""), 1), "✗ 2 missing") == 1);
  CHECK(count(sample_html(scored("a", "b c", ""), 1), "<bdi><em>no words</em></bdi>") == 1);
}

TEST_CASE("sample_html: a word is shown as it is, and safe") {
  const Scored it = scored("la dame 's", "woman 's r & b", "woman <b> &lt; r");
  const std::string html = sample_html(it, 1);
  CHECK(count(html, "<bdi>la dame &#39;s</bdi>") == 1);        // ' is &#39; in HTML
  CHECK(count(html, "<bdi>woman <del>&#39;s</del> r <del>&amp; b</del></bdi>") == 1);
  CHECK(count(html, "<ins>&lt;b&gt; &amp;lt;</ins>") == 1);
  CHECK(xml_problem(html) == "");
}

TEST_CASE("chosen_samples: by rule, each pair once") {
  const auto all = chosen_samples(twenty());
  REQUIRE(all.size() == 4);
  CHECK(all[0].rule == "Every 3rd pair, from the first");
  CHECK(all[0].pairs == std::vector<std::size_t>{0, 3, 6, 9, 12, 15, 18});
  CHECK(all[1].pairs == std::vector<std::size_t>{5, 10});      // right; 0 and 15 are above
  CHECK(all[2].pairs == std::vector<std::size_t>{1, 2, 4});
  CHECK(all[3].pairs == std::vector<std::size_t>{13, 7, 8});   // the longest, then the first ones
  CHECK(chosen_samples({}).empty());
  const auto few = chosen_samples({scored("a", "b", "b"), scored("a", "b", "c")});
  REQUIRE(few.size() == 1);
  CHECK(few[0].rule == "All pairs");
  CHECK(few[0].pairs == std::vector<std::size_t>{0, 1});
}

TEST_CASE("samples: hostile words stay words") {
  for (const char* word : {"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "\33[2J",
                           "\u202E", "\u2066", "\xFF", "</bdi>", "-->", "&lt;"}) {
    Scored one{.pair = {{word}, {word, "b"}}, .said = {"c", word}};
    const std::string html = samples_html({one, {.pair = {{word}, {word}}, .said = {word}}});
    CHECK(xml_problem(html) == "");
    CHECK(count(html, "<script") + count(html, "<img") + count(html, "\u202E") +
              count(html, "\u2066") + count(html, "\xFF") + count(html, "\33") == 0);
  }
}

TEST_CASE("lengths: bars and table of the bands that have pairs, by hand") {
  const std::string ten = "a b c d e f g h i j";
  const Exhibit e = lengths({{scored("a b", "v w x y", "v w x y"), scored("c", "v", "w"),
                              scored(ten, "v w x y", "v w x y")}});
  REQUIRE((e.charts.size() == 1 && e.charts[0].series.size() == 2));
  CHECK(e.charts[0].names == std::vector<std::string>{"1-5", "6-10"});
  CHECK(e.charts[0].series[1].y == std::vector<double>{50, 100});
  // Of the short ones 4 of 5 words, 3 of 3 pairs, 2 of 2 triples, 1 of 1 fours are right.
  CHECK(e.charts[0].series[0].y[0] == doctest::Approx(100 * std::pow(0.8, 0.25)));
  CHECK(e.tables.at(0).rows.at(1) == Tokens{"1-5 *", "2", "94.57", "50.0"});
  CHECK(e.tables[0].rows.at(2) == Tokens{"6-10 *", "1", "100.00", "100.0"});
  CHECK(e.remarks == Tokens{"* fewer than 20 pairs, which say little"});
}
