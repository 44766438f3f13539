#include "data/bleu.h"

#include <cmath>
#include <map>

#include "data/file.h"
#include "data/json.h"
#include "data/text.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

Tokens strings(const Json& list) {
  Tokens all;
  for (const Json& it : list.as_array()) all.push_back(it.as_string());
  return all;
}

bool close_to(double a, double b) { return std::abs(a - b) <= 1e-12 * std::max(1.0, std::abs(b)); }

double f2(double precision, double recall) {
  return 500 * precision * recall / (4 * precision + recall);
}

// The definition, by maps and without a thought for time: counts of one sentence against one
// reference, and the score of summed counts.
using Rows = std::vector<std::array<double, 3>>;

Rows slow_counts(const std::string& hyp, const std::string& ref) {
  std::map<std::u32string, int> said, right;
  auto fill = [](std::map<std::u32string, int>& grams, std::string text) {
    std::erase(text, ' ');
    const std::u32string s = decode_utf8(text);
    for (std::size_t i = 0; i < s.size(); i++)
      for (std::size_t n = 1; n <= 6 && i + n <= s.size(); n++) grams[s.substr(i, n)]++;
  };
  fill(said, hyp), fill(right, ref);
  Rows rows(6);
  for (const auto& [gram, count] : right) rows[gram.size() - 1][1] += count;
  for (const auto& [gram, count] : said)
    if (rows[gram.size() - 1][1] > 0) rows[gram.size() - 1][0] += count;
  for (const auto& [gram, count] : said)
    if (right.count(gram)) rows[gram.size() - 1][2] += std::min(count, right[gram]);
  return rows;
}

double slow_score(const Rows& rows) {
  double precision = 0, recall = 0, n = 0;
  for (const auto& [hyp, ref, both] : rows)
    if (hyp > 0 && ref > 0) precision += both / hyp, recall += both / ref, n++;
  return precision > 0 ? f2(precision / n, recall / n) : 0;
}

double slow_chrf(const Tokens& hyps, const std::vector<Tokens>& refs) {
  Rows sums(6);
  for (std::size_t i = 0; i < hyps.size(); i++) {
    Rows best;
    for (const std::string& ref : refs[i]) {
      Rows rows = slow_counts(hyps[i], ref);
      if (best.empty() || slow_score(rows) > slow_score(best)) best = rows;
    }
    for (int n = 0; n < 6; n++)
      for (int k = 0; k < 3; k++) sums[n][k] += best[n][k];
  }
  return slow_score(sums);
}

}  // namespace

TEST_CASE("(D9) bleu: the book's sentence score, k = 1 to 4") {
  const Json scores = parse_json(read_file("tests/golden/bleu.json"), "bleu.json");
  CHECK(scores.as_array().size() > 40);
  for (const Json& c : scores.as_array()) {
    const std::string &pred = c.get_string("pred"), &label = c.get_string("label");
    const double score = bleu(pred, label, int(c.get_int("k")));
    CHECK_MESSAGE(close_to(score, c.get_double("score")), pred, " for ", label);
  }
}

TEST_CASE("bleu: examples of the book's text, and the edges") {
  CHECK(close_to(bleu("A B B C D", "A B C D E F", 2), 0.6814773296495302));
  CHECK(close_to(bleu("va", "va !", 2), std::exp(-1.0)));
  CHECK(bleu("", "", 2) == 1);                  // one empty word each, as in Python
  CHECK(close_to(bleu("a  b", "a  b", 4), 1));      // two spaces: an empty word between
  CHECK(close_to(bleu("a b", "a b", 1000000), 1));  // orders beyond the words: out
  CHECK_THROWS_WITH(bleu("a", "a", 0), "bleu: k must be 1 or more, got 0");
}

TEST_CASE("tokenize_13a: as mteval-v13a") {
  CHECK(tokenize_13a("Hello, world!") == "Hello , world !");
  CHECK(tokenize_13a("$3.14, or 1,000; 2-3 a-b l'eau") == "$ 3.14 , or 1,000 ; 2 - 3 a-b l'eau");
  CHECK(tokenize_13a("a.b .5 5. ...") == "a . b . 5 5 . . . .");
  CHECK(tokenize_13a("&quot;x&quot; &amp;lt; &lt;y&gt;") == "\" x \" < < y >");
  CHECK(tokenize_13a("a<skipped>b c-\nd e\nf") == "ab cd e f");
  CHECK(tokenize_13a("«é»\u00A0…\u3000z") == "«é» … z");
  CHECK(tokenize_13a("(a) [b] {c} ~d_e`") == "( a ) [ b ] { c } ~ d _ e `");
  CHECK(tokenize_13a(" \t ") == "");
  CHECK(tokenize_13a("a\xFF.\xC3") == "a\xFF . \xC3");
}

TEST_CASE("corpus_bleu: sacreBLEU's numbers") {
  const Json cases = parse_json(read_file("tests/golden/corpus_bleu.json"), "corpus_bleu.json");
  CHECK(cases.as_array().size() == 15);
  for (const Json& c : cases.as_array()) {
    const Tokens hyps = strings(c.at("hyps"));
    CAPTURE(hyps[0]);
    std::vector<Tokens> refs;
    for (const Json& of_one : c.get_array("refs")) refs.push_back(strings(of_one));
    const BleuScore s = corpus_bleu(hyps, refs);
    CHECK(s.score <= 100);                      // no rounding makes it more
    CHECK(close_to(s.score, c.get_double("score")));
    for (std::size_t n = 0; n < 4; n++)
      CHECK(close_to(s.precisions[n], c.get_array("precisions")[n].as_double()));
    CHECK(close_to(s.bp, c.get_double("bp")));
    CHECK(s.hyp_len == c.get_int("hyp_len"));
    CHECK(s.ref_len == c.get_int("ref_len"));
  }
}

TEST_CASE("corpus_bleu: counts are pooled over the sentences") {
  Tokens hyps = {"les oiseaux chantent dans le jardin", "je ne le vois pas", "oui"};
  Tokens refs = {"des oiseaux chantent dans ce jardin", "je ne les vois pas", "oui"};
  BleuScore s = corpus_bleu(hyps, refs);
  CHECK(s.counts == std::array<Index, 4>{9, 4, 1, 0});
  CHECK(s.totals == std::array<Index, 4>{12, 9, 7, 5});
  CHECK(s.verbose() == "75.0/44.4/14.3/10.0 (BP = 1.000 ratio = 1.000 hyp_len = 12 ref_len = 12)");
}

TEST_CASE("corpus_bleu: tok:none leaves the words as they are") {
  Tokens hyps = {"The cat, it sat."}, refs = {"The cat, it ran."};
  CHECK(close_to(corpus_bleu(hyps, refs).score, 53.7284965911771));
  BleuScore none = corpus_bleu(hyps, refs, BleuTokens::none);
  CHECK(close_to(none.score, 59.460355750136046));
  CHECK(none.hyp_len == 4);
}

TEST_CASE("corpus_bleu and corpus_chrf: the signature says how it was computed") {
  const Tokens one = {"a b c d"}, two = {"a", "b"};
  const std::vector<Tokens> three(2, {"a", "x", "y"}), vary = {{"a", "x", "y"}, {"b"}};
  const std::string bleu = "|case:mixed|eff:no|tok:13a|smooth:exp|version:babelgrad-0.1",
                    chrf = "|case:mixed|eff:yes|nc:6|nw:0|space:no|version:babelgrad-0.1";
  CHECK(corpus_bleu(one, one).signature() == "BLEU|nrefs:1" + bleu);
  CHECK(corpus_bleu(two, three).signature() == "BLEU|nrefs:3" + bleu);
  CHECK(corpus_bleu(two, vary).signature() == "BLEU|nrefs:var" + bleu);
  CHECK(corpus_bleu(one, one, BleuTokens::none).signature() ==
        "BLEU|nrefs:1|case:mixed|eff:no|tok:none|smooth:exp|version:babelgrad-0.1");
  CHECK(corpus_chrf(one, one).signature() == "chrF2|nrefs:1" + chrf);
  CHECK(corpus_chrf(two, three).signature() == "chrF2|nrefs:3" + chrf);
  CHECK(corpus_chrf(two, vary).signature() == "chrF2|nrefs:var" + chrf);
}

TEST_CASE("corpus_bleu: empty sentences") {
  CHECK(corpus_bleu({""}, Tokens{"a b"}).verbose() ==
        "0.0/0.0/0.0/0.0 (BP = 0.000 ratio = 0.000 hyp_len = 0 ref_len = 2)");
  CHECK(corpus_bleu({""}, Tokens{" "}).verbose() ==
        "0.0/0.0/0.0/0.0 (BP = 1.000 ratio = 0.000 hyp_len = 0 ref_len = 0)");
  CHECK(corpus_bleu({"a"}, std::vector<Tokens>{{"", "a", ""}}).num_refs == 1);
}

TEST_CASE("corpus_bleu, corpus_chrf and exact_match: a reference for every sentence") {
  const Tokens none, one = {"a"}, two = {"a", "b"}, half = {"a", ""};
  const auto refused = [&](const std::string& name, auto score) {
    CHECK(error_of([&] { score(none, none); }) == name + ": no sentences");
    CHECK(error_of([&] { score(one, two); }) ==
          name + ": 1 hypotheses and 2 references; one for each");
    return error_of([&] { score(two, half); });
  };
  const std::string missing = ": sentence 2 has no reference; it needs one";
  CHECK(refused("corpus_bleu", [](auto& a, auto& b) { corpus_bleu(a, b); }) ==
        "corpus_bleu" + missing);
  CHECK(refused("corpus_chrf", [](auto& a, auto& b) { corpus_chrf(a, b); }) ==
        "corpus_chrf" + missing);
  CHECK(refused("exact_match", [](auto& a, auto& b) { exact_match(a, b); }) == "");
}

TEST_CASE("exact_match: the share of sentences that are right to the byte") {
  CHECK(exact_match({"a b", "c", "d", ""}, {"a b", "C", "d ", ""}) == 0.5);
  CHECK(exact_match({"é"}, {"é"}) == 1);
}

TEST_CASE("corpus_chrf: by hand") {
  struct { const char* hyp; const char* ref; double score; } table[] = {
      {"abc", "abc", 100},
      {"a", "a", 100},
      {"abc", "abd", 100 * 7 / 18.},            // (2/3 + 1/2 + 0/1) / 3, both P and R
      {"ab", "abcd", 100 * 25 / 53.},           // P (2/2 + 1/1) / 2, R (2/4 + 1/3) / 2
      {"abcd", "ab", 100 * 25 / 32.},           // the other way round: recall weighs more
      {"aaa", "aa", 87.5},                      // P (2/3 + 1/2) / 2, R 1
      {"abc", "xyz", 0},
      {"", "abc", 0},
      {"abc", " ", 0},
  };
  for (const auto& row : table) {
    CAPTURE(row.hyp);
    CAPTURE(row.ref);
    CHECK(close_to(corpus_chrf({row.hyp}, Tokens{row.ref}).score, row.score));
  }
}

TEST_CASE("corpus_chrf: characters are code points, blanks none") {
  auto chrf = [](const char* hyp, const char* ref) {
    return corpus_chrf({hyp}, Tokens{ref}).score;
  };
  CHECK(chrf("a b\tc", " ab\u00A0c\u3000") == 100);
  CHECK(close_to(chrf("né", "ne"), 25));            // one letter of two, and not their pair
  CHECK(close_to(chrf("e\u0301", "é"), 0));         // alike only to the eye
  CHECK(chrf("Ab", "ab") == chrf("né", "ne"));  // capitals are other letters
  CHECK(chrf("a\xFF", "a\xFF") == 100);
  CHECK(close_to(chrf("a\xFF", "a\xFE"), 25));
}

TEST_CASE("corpus_chrf: counts are pooled, those without a counterpart left out") {
  ChrfScore s = corpus_chrf({"abcd", "abc"}, Tokens{"ab", "abc"});
  CHECK(s.hyp_counts == std::array<Index, 6>{7, 5, 1, 0, 0, 0});   // not the triples of "abcd"
  CHECK(s.ref_counts == std::array<Index, 6>{5, 3, 1, 0, 0, 0});
  CHECK(s.matches == std::array<Index, 6>{5, 3, 1, 0, 0, 0});
  CHECK(close_to(s.score, 100 * 135 / 143.));       // P (5/7 + 3/5 + 1) / 3 = 27/35, R 1
  CHECK(s.sentences.sentences() == 2);
  CHECK(s.sentences.score() == s.score);
}

TEST_CASE("corpus_chrf: of several references the best, of equals the first") {
  std::vector<Tokens> refs = {{"xyz", "abd", ""}};
  CHECK(close_to(corpus_chrf({"abc"}, refs).score, 100 * 7 / 18.));
  refs = {{"ab", "abcd"}, {"abc"}};
  const double recall = (3 / 5. + 2 / 3. + 1) / 3;        // "x" has neither; "ab" counts 2 and 1
  CHECK(close_to(corpus_chrf({"x", "abc"}, refs).score, f2((3 / 4. + 1 + 1) / 3, recall)));
  std::swap(refs[0][0], refs[0][1]);
  CHECK(corpus_chrf({"x", "abc"}, refs).ref_counts == std::array<Index, 6>{7, 5, 3, 1, 0, 0});
}

TEST_CASE("corpus_chrf: as by maps, on random texts") {
  Random random(3);
  const Tokens letters = {"a", "b", "é", "日", " "};
  auto text = [&](int least) {
    std::string out;
    for (int i = least + random.below(14); i > 0; i--) out += letters[random.below(5)];
    return out;
  };
  for (int round = 0; round < 200; round++) {
    Tokens hyps;
    std::vector<Tokens> refs;
    for (int i = 1 + random.below(3); i > 0; i--) {
      hyps.push_back(text(0));
      refs.push_back({text(1)});
      for (int more = random.below(3); more > 0; more--) refs.back().push_back(text(1));
    }
    REQUIRE(close_to(corpus_chrf(hyps, refs).score, slow_chrf(hyps, refs)));
  }
}
