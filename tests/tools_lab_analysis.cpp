// Counts of the error analysis against counts made by hand.
#include "tools/app/run/analysis.h"

#include <cmath>

#include "data/bleu.h"
#include "tests/tools_lab_analysis.h"
#include "tools/app/run/splits.h"

using namespace babelgrad;
using namespace babelgrad::analysis;

TEST_CASE("analysis: exact match, BLEU, length and counts of a group, by hand") {
  Study study = four_pairs();
  Row all = row_of(study, everything(study.pairs));
  CHECK(all.pairs == 4);
  CHECK(all.with_gold == 3);
  CHECK(all.length == doctest::Approx((4 + 6 + 5 + 2) / 4.0).epsilon(1e-12));
  CHECK(all.exact == 0.5);
  CHECK(all.floor_exact == 0.25);
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
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].name == "clitic");
  CHECK(rows[0].pairs == 2);
  CHECK(rows[0].exact == 0.5);
  CHECK(rows[1].name == "negation");
  CHECK(rows[1].pairs == 2);
  CHECK(rows[1].exact == 0);
  CHECK(rows[1].aer == doctest::Approx(1 - 2 * (5 + 1) / 22.0).epsilon(1e-12));
  CHECK(rows[2].name == "none of them");
  CHECK(rows[2].exact == 1);
}

TEST_CASE("analysis: what is not known is not a number, and a group of none has no scores") {
  Study study = four_pairs();
  CHECK(std::isnan(row_of(study, {"no target of four words", {3}}).bleu));
  CHECK(row_of(study, {"one of four", {0}}).bleu == doctest::Approx(100).epsilon(1e-12));
  CHECK(row_of(study, {"an empty translation", {2}}).bleu == 0);
  Row none = row_of(study, {"none"});
  CHECK(none.pairs == 0);
  CHECK(std::isnan(none.exact));
  study.lexicon = false;
  study.views.clear(), study.choosing.clear();
  Row bare = row_of(study, everything(study.pairs));
  CHECK(std::isnan(bare.floor_exact));
  CHECK(std::isnan(bare.floor_bleu));
  CHECK(std::isnan(bare.aer));
  CHECK(!std::isnan(bare.floor_aer));
  CHECK(heads_of(study, {everything(study.pairs)}).empty());
}

TEST_CASE("analysis: fewer than twenty pairs, or with gold links, are few") {
  CHECK(Row{.name = "", .pairs = 19}.few());
  CHECK(!Row{.name = "", .pairs = 20}.few());
  CHECK(!Row{.name = "", .pairs = 20, .with_gold = 20}.few());
  CHECK(Row{.name = "", .pairs = 20, .with_gold = 19}.few());
}

TEST_CASE("analysis: the view with the lowest error stands for the model, a shift for its head") {
  Study study = four_pairs();
  study.views = {{0, -1, 0}, {0, -1, 1}, {0, 0, 0}, {0, 0, 1}, {1, 0, 0}};
  study.choosing = {0.5, 0.4, 0.3, 0.6, 0.3};
  CHECK(study.chosen() == 2);
  CHECK(study.chosen(0, -1) == 1);
  CHECK(study.chosen(0, 0) == 2);
  CHECK(study.chosen(1, 0) == 4);
  CHECK(study.chosen(1, 1) == -1);
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
  CHECK(rows[0].pairs == 3);
  CHECK(rows[0].aer[0] == doctest::Approx(1 - 20 / 30.0).epsilon(1e-12));
  CHECK(rows[0].aer[1] == doctest::Approx(1 - 6 / 18.0).epsilon(1e-12));
  CHECK(rows[1].aer[0] == 0);
  CHECK(rows[1].aer[1] == doctest::Approx(1 - 2 / 5.0).epsilon(1e-12));
  CHECK(rows[2].pairs == 0);
  CHECK(std::isnan(rows[2].aer[1]));
}
