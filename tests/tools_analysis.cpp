// Counts of the error analysis against counts made by hand: groups of pairs, wrong words and their
// places, ways to part pairs, and who is in which group. Who is kept out of training.
#include "tools/app/run/analysis.h"

#include <cmath>
#include <numeric>

#include "data/alignment.h"
#include "data/grammar.h"
#include "data/tasks.h"
#include "data/text.h"
#include "tests/close.h"
#include "tools/app/analyse.h"
#include "tools/app/corpus.h"

using namespace babelgrad;
using namespace babelgrad::analysis;

namespace {

// gold as "0-0 1-1", tags as "clitic negation".
Scored scored(const char* src, const char* tgt, const char* said,
                               const char* gold = "", const char* tags = "") {
  Pair pair{split(src), split(tgt)};
  pair.gold = parse_pharaoh(gold, int(pair.src.size()), int(pair.tgt.size()));
  pair.tags = split(tags);
  return {pair, split(said)};
}

// Where one view of the model looked, and the lexicon's translation.
Scored with(Scored s, const char* looked, const char* floor) {
  s.looked = {parse_pharaoh(looked, int(s.pair.src.size()), int(s.pair.tgt.size()))};
  s.word_by_word = split(floor);
  return s;
}

// Four pairs, two of them right; two with a clitic, two with negation, one with neither.
Study four_pairs() {
  Study study;
  study.lexicon = true;
  study.views = {{0, 0, 0}};
  study.choosing = {0.25};
  study.pairs = {
      with(scored("he sees her .", "il la voit .", "il la voit .", "0-0 1-2 2-1 3-3", "clitic"),
           "0-0 1-2 2-1 3-3", "il voit la ."),
      with(scored("he does not see her .", "il ne la voit pas .", "il ne voit pas .",
                  "0-0 1?1 2-1 2-4 3-3 4-2 5-5", "clitic negation"),
           "0-0 2-1 3-2 3-3 2-4 5-5", "il ne pas voit la ."),
      with(scored("he does not sleep .", "il ne dort pas .", "", "0-0 1?1 2-1 2-3 3-2 4-4",
                  "negation"),
           "0-0 0-1 0-2 0-3 0-4", "il ne pas dort ."),
      with(scored("he sleeps", "il dort", "il dort"), "0-0 1-1", "il dort")};
  return study;
}

// r right, x replaced, m missing; + for each extra word.
std::string fates(const char* reference, const char* said) {
  Edits e = edits(split(reference), split(said));
  std::string out;
  for (Fate fate : e.words) out += fate == Fate::right ? 'r' : fate == Fate::missing ? 'm' : 'x';
  return out + std::string(std::size_t(e.extra), '+');
}

// Each row by its name: pairs, words, those wrong; pairs right before it, first wrong in it.
std::string told(const std::vector<PositionRow>& rows) {
  std::string out;
  for (const PositionRow& r : rows)
    out += join(out.empty() ? "" : "; ", r.name, ": ", r.pairs, " ", r.words, " ", r.wrong, ", ",
                r.reached, " ", r.first);
  return out;
}

Study study_of_pairs(std::vector<Scored> pairs) {
  Study study;
  study.pairs = std::move(pairs);
  return study;
}

std::vector<Scored> scored_corpus(const CorpusOptions& options) {
  std::vector<Scored> out;
  for (const Pair& pair : built_in_corpus(options)) out.push_back({pair});
  return out;
}

// Every pair in one group and no more; no group is empty.
void check_parted(const Grouping& grouping, std::size_t pairs) {
  INFO(grouping.key);
  std::vector<int> all;
  for (const Group& group : grouping.groups) {
    CHECK(!group.members.empty());
    all.insert(all.end(), group.members.begin(), group.members.end());
  }
  std::ranges::sort(all);
  std::vector<int> expected(pairs);
  std::iota(expected.begin(), expected.end(), 0);
  CHECK(all == expected);
}

std::string names(const Grouping& grouping) {
  std::string out;
  for (const Group& g : grouping.groups) out += join(g.name, " ", g.members.size(), "; ");
  return out;
}

}  // namespace

TEST_CASE("analysis: exact match, BLEU, length and counts of a group, by hand") {
  Study study = four_pairs();
  Row all = row_of(study, everything(study.pairs));
  CHECK((all.pairs == 4 && all.with_gold == 3));
  CHECK(all.length == doctest::Approx((4 + 6 + 5 + 2) / 4.0).epsilon(1e-12));
  CHECK((all.exact == 0.5 && all.floor_exact == 0.25));
  // For 17 words of the references 4 + 5 + 0 + 2 are said, all of them theirs; of 3 + 4 + 1 couples
  // not "ne voit", of 2 + 3 triples neither "il ne voit" nor "ne voit pas", of 1 + 2 quadruples
  // neither "il ne voit pas" nor "ne voit pas .".
  double precisions = (11 / 11.0) * (7 / 8.0) * (3 / 5.0) * (1 / 3.0);
  double bleu = 100 * std::exp(1 - 17 / 11.0) * std::pow(precisions, 0.25);
  CHECK(all.bleu == doctest::Approx(bleu).epsilon(1e-12));
}

TEST_CASE("analysis: alignment errors by hand; pairs without gold links do not count") {
  Study study = four_pairs();
  Row all = row_of(study, everything(study.pairs));
  // Proposed 4 + 6 + 5, sure 4 + 6 + 5; right 4, then 5 of 6 (3-2 is wrong), then 0-0 alone.
  CHECK(all.aer == doctest::Approx(1 - 2 * (4 + 5 + 1) / 30.0).epsilon(1e-12));
  // The diagonals of 4 to 4, 6 to 6 and 5 to 5 words: 0-0 and 3-3; 0-0, 1?1, 3-3 and 5-5 (only
  // three of them sure); 0-0, 1?1 and 4-4 (two).
  CHECK(all.floor_aer == doctest::Approx(1 - (2 + 2 + 3 + 4 + 2 + 3) / 30.0).epsilon(1e-12));
  Row unknown_links = row_of(study, {"without gold", {3}});
  CHECK(unknown_links.with_gold == 0);
  CHECK(std::isnan(unknown_links.aer));
  CHECK(std::isnan(unknown_links.floor_aer));
}

TEST_CASE("analysis: a pair with two phenomena counts in both") {
  Study study = four_pairs();
  Grouping tags = by_tag(study.pairs);
  std::vector<Row> rows = rows_of(study, tags.groups);
  std::string found;
  for (const Row& r : rows) found += join(r.name, ": ", r.pairs, " ", r.exact, "; ");
  CHECK(found == "clitic: 2 0.5; negation: 2 0; none of them: 1 1; ");
  CHECK(rows[1].aer == doctest::Approx(1 - 2 * (5 + 1) / 22.0).epsilon(1e-12));
}

TEST_CASE("analysis: what is not known is not a number, and a group of none has no scores") {
  Study study = four_pairs();
  CHECK(std::isnan(row_of(study, {"no target of four words", {3}}).bleu));
  CHECK(row_of(study, {"one of four", {0}}).bleu == doctest::Approx(100).epsilon(1e-12));
  CHECK(row_of(study, {"an empty translation", {2}}).bleu == 0);
  Row none = row_of(study, {"none"});
  CHECK((none.pairs == 0 && std::isnan(none.exact)));
  study.lexicon = false;
  study.views.clear(), study.choosing.clear();
  Row bare = row_of(study, everything(study.pairs));
  for (double score : {bare.floor_exact, bare.floor_bleu, bare.aer}) CHECK(std::isnan(score));
  CHECK(!std::isnan(bare.floor_aer));
  CHECK(heads_of(study, {everything(study.pairs)}).empty());
}

TEST_CASE("analysis: fewer than twenty pairs, or with gold links, are few") {
  CHECK((Row{.name = "", .pairs = 19}.few() && !Row{.name = "", .pairs = 20}.few()));
  CHECK(!Row{.name = "", .pairs = 20, .with_gold = 20}.few());
  CHECK(Row{.name = "", .pairs = 20, .with_gold = 19}.few());
}

TEST_CASE("analysis: the view with the lowest error stands for the model, a shift for its head") {
  Study study = four_pairs();
  study.views = {{0, -1, 0}, {0, -1, 1}, {0, 0, 0}, {0, 0, 1}, {1, 0, 0}};
  study.choosing = {0.5, 0.4, 0.3, 0.6, 0.3};
  CHECK((study.chosen() == 2 && study.chosen(0, -1) == 1 && study.chosen(0, 0) == 2));
  CHECK((study.chosen(1, 0) == 4 && study.chosen(1, 1) == -1));
  CHECK(error_of([&] { row_of(study, everything(study.pairs)); }) ==
        "analysis: links of 1 views, view 3 is asked for; each pair with gold links needs all of "
        "them");
}

TEST_CASE("analysis: the error rate of each view in each group") {
  Study study = four_pairs();
  study.views = {{0, 0, 0}, {0, 1, 0}};
  study.choosing = {0.1, 0.2};
  for (Scored& s : study.pairs) s.looked.push_back({{0, 0}});
  std::vector<HeadRow> rows =
      heads_of(study, {everything(study.pairs), {"first", {0}}, {"no gold", {3}}});
  REQUIRE(rows.size() == 3);
  CHECK((rows[0].pairs == 3 && rows[2].pairs == 0));
  const double wanted[2][2] = {{1 - 20 / 30.0, 1 - 6 / 18.0}, {0, 1 - 2 / 5.0}};
  for (int row : {0, 1})
    for (int view : {0, 1})
      CHECK(rows[row].aer[view] == doctest::Approx(wanted[row][view]).epsilon(1e-12));
  CHECK(std::isnan(rows[2].aer[1]));
}

TEST_CASE("edits: fewest, then most words right, by hand") {
  CHECK(fates("a b c", "a b c") == "rrr");
  CHECK(fates("a b c", "") == "mmm");
  CHECK(fates("", "a b") == "++");
  CHECK(fates("", "") == "");
  CHECK(fates("a b c", "a x c") == "rxr");
  CHECK(fates("a b c", "a c") == "rmr");
  CHECK(fates("a b c", "a x b c") == "rrr+");
  CHECK(fates("a b c d", "a c b d") == "rmrr+");           // not two replaced
  CHECK(fates("a b", "c d e") == "xx+");
  CHECK(fates("a a a", "a") == "rmm");
  CHECK(fates("a b c d e", "c d e") == "mmrrr");
}

TEST_CASE("edits: as many as the shortest way by another count, for all short sentences") {
  // Levenshtein by its recursion, on sentences of up to four of two words.
  auto distance_of = [](const auto& self, const Tokens& a, const Tokens& b) -> int {
    if (a.empty() || b.empty()) return int(a.size() + b.size());
    Tokens a_rest(a.begin() + 1, a.end()), b_rest(b.begin() + 1, b.end());
    return std::min({self(self, a_rest, b) + 1, self(self, a, b_rest) + 1,
                     self(self, a_rest, b_rest) + (a[0] != b[0])});
  };
  std::vector<Tokens> all{{}};
  for (std::size_t i = 0; all[i].size() < 4; i++)
    for (const char* next : {"a", "b"}) {
      all.push_back(all[i]);
      all.back().push_back(next);
    }
  CHECK(all.size() == 31);
  for (const Tokens& a : all) {
    for (const Tokens& b : all) {
      Edits e = edits(a, b);
      auto wrong = std::ranges::count_if(e.words, [](Fate f) { return f != Fate::right; });
      if (e.words.size() != a.size() || wrong + e.extra != distance_of(distance_of, a, b))
        FAIL_CHECK(join(a), " | ", join(b));
      Tokens right, kept;                       // the words right are the same on both sides
      for (std::size_t i = 0; i < a.size(); i++)
        if (e.words[i] == Fate::right) right.push_back(a[i]);
      for (std::size_t j = 0; j < b.size(); j++)
        if (!e.wrong.at(j)) kept.push_back(b[j]);
      const auto replaced = std::ranges::count(e.words, Fate::replaced);
      if (right != kept || std::ranges::count(e.wrong, true) != replaced + e.extra)
        FAIL_CHECK(join(a), " | ", join(b));
    }
  }
}

TEST_CASE("edits: which of the words said are wrong, by hand") {
  auto marks = [](const char* reference, const char* said) {
    std::string out;
    for (bool wrong : edits(split(reference), split(said)).wrong) out += wrong ? 'x' : '.';
    return out;
  };
  CHECK(marks("a b c", "a b c") == "...");
  CHECK(marks("a b c", "a x c") == ".x.");
  CHECK(marks("a b c", "a c") == "..");
  CHECK(marks("a c", "a b c") == ".x.");
  CHECK(marks("a b", "b a") == ".x");           // a is missing, one too much
  CHECK(marks("", "a b") == "xx");
  CHECK(marks("a b", "") == "");
}

TEST_CASE("first_wrong: where the two part") {
  auto at = [](const char* reference, const char* said) {
    return first_wrong(split(reference), split(said));
  };
  CHECK(at("a b c", "a b c") == -1);
  CHECK(at("a b c", "a x c") == 1);
  CHECK(at("a b c", "a b") == 2);                         // too short: its third word is missing
  CHECK(at("a b c", "") == 0);
  CHECK(at("a b c", "a b c d") == 3);                     // too long: at the end
}

TEST_CASE("positions: two words swapped are one missing where the first of them should be") {
  Positions p = positions_of(study_of_pairs({scored("a b c d", "a b c d", "a c b d",
                                                    "0-0 1-2 2-1 3-3")}));
  CHECK((p.wrong_pairs == 1 && p.extra == 1));
  CHECK(told(p.target) == "1: 1 1 0, 1 0; 2: 1 1 1, 1 1; 3: 1 1 0, 0 0; 4: 1 1 0, 0 0; "
                          "the end: 1 0 0, 0 0");
  // What is wrong translates c, the third.
  CHECK(told(p.source) == "1: 1 1 0, 0 0; 2: 1 1 0, 0 0; 3: 1 1 1, 0 0; 4: 1 1 0, 0 0");
}

TEST_CASE("positions: empty, shorter and longer translations, by hand") {
  Positions p = positions_of(study_of_pairs({scored("s", "a b c d e f g", ""),
                                             scored("s", "a b c", "a b"),
                                             scored("s", "a b c", "a b c d e"),
                                             scored("s", "a b c", "a b c")}));
  CHECK((p.wrong_pairs == 3 && p.extra == 2));
  CHECK(told(p.target) == "1: 4 4 1, 4 1; 2: 4 4 1, 3 0; 3: 4 4 2, 3 1; 4: 1 1 1, 0 0; "
                          "5: 1 1 1, 0 0; 6-10: 1 2 2, 0 0; the end: 4 0 0, 2 1");
  CHECK(p.source.empty());                                 // no gold links
  // Seven words fill all fifths, the first and the third twice; three words fill three.
  CHECK(told(p.target_fifths) ==
        "first fifth: 4 5 2, 4 1; second: 4 4 1, 3 0; third: 1 2 2, 0 0; fourth: 4 4 2, 3 1; "
        "last fifth: 1 1 1, 0 0; the end: 4 0 0, 2 1");
}

TEST_CASE("positions: each wrong translation is wrong first in one row") {
  Positions p = positions_of(four_pairs());
  for (const auto& rows : {p.target, p.target_fifths}) {
    int first = 0;
    Index words = 0;
    for (const PositionRow& r : rows) first += r.first, words += r.words;
    CHECK(first == p.wrong_pairs);
    CHECK(words == 4 + 6 + 5 + 2);
  }
}

TEST_CASE("positions: a source word is wrong if any word it is surely linked to is") {
  // she, does: the third pair says nothing; the second lacks la, which her (the fifth) gave; does
  // has no sure link.
  CHECK(told(positions_of(four_pairs()).source) ==
        "1: 3 3 1, 0 0; 2: 1 1 0, 0 0; 3: 3 3 1, 0 0; 4: 3 3 1, 0 0; 5: 2 2 2, 0 0; "
        "6-10: 1 1 0, 0 0");
}

TEST_CASE("positions: the lexicon's wrong words stand beside, if there is one") {
  Study study = four_pairs();
  CHECK(positions_of(study).target.at(1).floor_wrong == 1);    // il voit la: la missing
  study.lexicon = false;
  for (const PositionRow& r : positions_of(study).target) CHECK(r.floor_wrong == 0);
}

TEST_CASE("splits: disjoint and complete, on the grammar and on every task") {
  for (const std::string& task : task_names()) {
    auto [low, high] = lengths_of(task);
    auto pairs = scored_corpus({.task = task, .pairs = 600, .seed = 4, .min_length = low,
                                .max_length = std::min(high, 60)});
    Grouping length = by_length(pairs), order = by_order(pairs);
    for (const Grouping& g :
         {length, order, crossed(length, order), split_by_length(pairs, 12),
          split_by_combination(pairs), split_by_depth(pairs)})
      check_parted(g, pairs.size());
  }
}

TEST_CASE("splits: a group of a phenomenon has just the pairs with its tag") {
  auto pairs = scored_corpus({.pairs = 500});
  Grouping tags = by_tag(pairs);
  CHECK(tags.missing.empty());
  std::size_t tagged = 0;
  for (const Group& group : tags.groups) {
    for (int i : group.members) {
      const auto& own = pairs[i].pair.tags;
      bool has = group.name == "none of them" ? own.empty()
                                              : std::ranges::count(own, group.name) == 1;
      if (!has) FAIL_CHECK(group.name, " ", join(pairs[i].pair.src));
    }
    tagged += group.name == "none of them" ? 0 : group.members.size();
  }
  std::size_t expected = 0;
  for (const Scored& s : pairs) expected += s.pair.tags.size();
  CHECK(tagged == expected);
}

TEST_CASE("splits: reordered is what the grammar and the tasks tag so") {
  for (const char* task : {"grammar", "sort", "swap", "numbers"}) {
    auto pairs = scored_corpus({.task = task, .pairs = 500, .max_length = 14});
    for (const Scored& s : pairs) {
      bool tagged = std::ranges::count(s.pair.tags, "reordering") > 0;
      if (is_reordered(s.pair) != tagged) FAIL_CHECK(task, ": ", join(s.pair.src));
    }
  }
}

TEST_CASE("splits: reordered by hand; possible links and words of several do not cross") {
  auto reordered = [](const char* gold) {
    return is_reordered({split("a b c d"), split("w x y z"), parse_pharaoh(gold, 4, 4), {}});
  };
  CHECK(!reordered("0-0 1-1 2-2 3-3"));
  CHECK(reordered("0-1 1-0"));
  CHECK(!reordered("0-0 0-1 1-1 1-2"));
  CHECK(!reordered("0-3 1?0 2?1"));
  CHECK(reordered("0-0 0-3 1-1"));                         // 1 goes between what 0 became
  CHECK(!reordered("0-2 1-2"));
  CHECK(!reordered(""));
}

TEST_CASE("splits: lengths stand in their bands, the ends included") {
  std::vector<Scored> pairs;
  for (int n : {1, 5, 6, 20, 21, 40, 41, 300}) pairs.push_back({{Tokens(n, "a"), {"b"}}});
  CHECK(names(by_length(pairs)) ==
        "1-5 2; 6-10 1; 16-20 1; 21-30 1; 31-40 1; over 40 2; ");
  CHECK(names(split_by_length(pairs, 20)) == "up to 20 4; over 20 4; ");
  CHECK(split_by_length(pairs, 20).missing.empty());
  CHECK(split_by_length(pairs, 300).missing ==
        "no sources on both sides of 300 tokens: --trained-length, --max-length");
}

TEST_CASE("splits: combinations and nesting by the words of the source") {
  std::vector<Scored> pairs{scored("the dog sleeps .", "le chien dort .", ""),
                            scored("the old dog sleeps .", "le vieux chien dort .", ""),
                            scored("the king 's friend 's house .", "x", ""),
                            scored("the king 's house .", "x", "")};
  CHECK(names(split_by_depth(pairs)) == "depth 0 2; depth 1 1; depth 2 1; ");
  CHECK(!unseen_combination(pairs[1].pair));
  CHECK(names(split_by_combination(pairs)) == "none 3; combination 1; ");
  CHECK(split_by_combination(pairs).missing ==
        "no adjective stands with a noun that counts as unseen");
  auto drawn = scored_corpus({.pairs = 800});
  for (const Group& group : split_by_combination(drawn).groups)
    for (int i : group.members)
      CHECK(unseen_combination(drawn[i].pair) == (group.name == "unseen combination"));
}

TEST_CASE("splits: a note says which training has not seen what, if there is such a pair") {
  std::vector<Scored> pairs = scored_corpus({.pairs = 800});
  CHECK(split_by_length(pairs, 20).note ==
        "over 20: unseen only by a training up to there; --trained-length");
  CHECK(split_by_combination(pairs).note ==
        "unseen only by a training with --keep-out combinations");
  CHECK(split_by_depth(pairs).note ==
        "from depth 2: unseen only by a training with --keep-out depth");
  std::erase_if(pairs, [](const Scored& s) { return genitive_depth(s.pair) > 1; });
  CHECK(split_by_depth(pairs).note == "");
}

TEST_CASE("splits: after train --keep-out, what is unseen is in no training pair") {
  std::vector<Pair> trained = built_in_corpus({.pairs = 800});
  keep_out("combinations,depth", trained);
  std::vector<Scored> pairs;
  for (const Pair& pair : trained) pairs.push_back({pair});
  CHECK(split_by_combination(pairs).missing ==
        "no adjective stands with a noun that counts as unseen");
  CHECK(split_by_depth(pairs).groups.back().name == "depth 1");
}

TEST_CASE("keep out: what is named is left out, in its order, and counted") {
  const std::vector<Pair> all = built_in_corpus({.pairs = 2000});
  struct { const char* kinds; bool combinations, depth; } table[] = {
      {"combinations", true, false}, {"depth", false, true}, {"depth, combinations", true, true},
      {"depth,depth", false, true}};
  for (const auto& row : table) {
    std::vector<Pair> kept = all, expected;
    int combinations = 0, depth = 0;
    for (const Pair& pair : all) {
      const bool new_words = row.combinations && unseen_combination(pair);
      const bool deep = row.depth && genitive_depth(pair) > 1;
      combinations += new_words, depth += deep;
      if (!new_words && !deep) expected.push_back(pair);
    }
    const std::string line = keep_out(row.kinds, kept);
    CHECK(line.starts_with(join("kept out ", 2000 - expected.size(), " of 2000 pairs: ")));
    CHECK(says(line, join("combinations ", combinations)) == row.combinations);
    CHECK(says(line, join("depth ", depth)) == row.depth);
    CHECK(std::ranges::equal(kept, expected, {}, &Pair::src, &Pair::src));
    CHECK(combinations + depth > 50);
  }
}

TEST_CASE("splits: pairs of a file say what is missing") {
  std::vector<Scored> pairs{scored("go", "va", "va"), scored("run", "cours", "va")};
  CHECK(by_tag(pairs).groups.empty());
  CHECK(says(by_tag(pairs).missing, "only pairs of the built-in corpus have tags"));
  CHECK(by_order(pairs).missing.find("no gold links") == 0);
  CHECK(split_by_depth(pairs).missing == "no genitive: no depth of nesting");
}

TEST_CASE("report: only what was asked for; few pairs are marked; odd tags are made printable") {
  Study study = four_pairs();
  study.pairs[0].pair.tags = {"\x1b[31m<b>"};
  AnalysisReport report = report_on(study, "tag", 20);
  CHECK(report.tables.size() == 1);
  CHECK(!report.positions);
  CHECK(report.heads.empty());
  std::string shown = as_text(report, study);
  CHECK(says(shown, "4*"));
  CHECK(says(shown, "* fewer than 20 pairs"));
  CHECK(!says(shown, "\x1b"));
  CHECK(report_on(study, "order", 20).tables.size() == 2);
  CHECK(report_on(study, "position", 20).tables.empty());
  CHECK(report_on(study, "head", 20).heads.size() == 5);      // all, the odd one, two, none
  study.pairs.clear();
  CHECK(error_of([&] { report_on(study, "all", 20); }) == "analyse: no pairs");
}
