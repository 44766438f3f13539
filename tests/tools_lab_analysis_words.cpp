// Which words are wrong and where, against counts made by hand.
#include "tools/app/run/analysis_words.h"

#include "tests/tools_lab_analysis.h"

using namespace babelgrad;
using namespace babelgrad::analysis;

namespace {

// r right, x replaced, m missing; + for each extra word.
std::string fates(const char* reference, const char* said) {
  Edits e = edits(split(reference), split(said));
  std::string out;
  for (Fate fate : e.words) out += fate == Fate::right ? 'r' : fate == Fate::missing ? 'm' : 'x';
  return out + std::string(std::size_t(e.extra), '+');
}

const PositionRow& row(const std::vector<PositionRow>& rows, const std::string& name) {
  for (const PositionRow& r : rows)
    if (r.name == name) return r;
  FAIL("no row ", name);
  return rows[0];
}

Study study_of_pairs(std::vector<Scored> pairs) {
  Study study;
  study.pairs = std::move(pairs);
  return study;
}

}  // namespace

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
    }
  }
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
  CHECK(p.wrong_pairs == 1);
  CHECK(p.extra == 1);
  REQUIRE(p.target.size() == 5);
  for (const PositionRow& r : p.target) {
    CHECK(r.pairs == 1);
    CHECK(r.words == (r.name != "the end"));
    CHECK(r.wrong == (r.name == "2"));
    CHECK(r.first == (r.name == "2"));
    CHECK(r.reached == (r.name == "1" || r.name == "2"));
  }
  REQUIRE(p.source.size() == 4);                           // what is wrong translates c, the third
  for (const PositionRow& r : p.source) CHECK(r.wrong == (r.name == "3"));
}

TEST_CASE("positions: empty, shorter and longer translations, by hand") {
  Positions p = positions_of(study_of_pairs({scored("s", "a b c d e f g", ""),
                                             scored("s", "a b c", "a b"),
                                             scored("s", "a b c", "a b c d e"),
                                             scored("s", "a b c", "a b c")}));
  CHECK(p.wrong_pairs == 3);
  CHECK(p.extra == 2);
  CHECK(row(p.target, "1").pairs == 4);
  CHECK(row(p.target, "1").wrong == 1);
  CHECK(row(p.target, "1").first == 1);
  CHECK(row(p.target, "3").wrong == 2);
  CHECK(row(p.target, "3").reached == 3);
  CHECK(row(p.target, "3").first == 1);
  CHECK(row(p.target, "6-10").pairs == 1);
  CHECK(row(p.target, "6-10").words == 2);
  CHECK(row(p.target, "6-10").reached == 0);
  CHECK(row(p.target, "the end").pairs == 4);
  CHECK(row(p.target, "the end").reached == 2);
  CHECK(row(p.target, "the end").first == 1);
  CHECK(p.source.empty());                                 // no gold links
  CHECK(row(p.target_fifths, "first fifth").words == 2 + 1 + 1 + 1);
  CHECK(row(p.target_fifths, "last fifth").pairs == 1);    // three words fill three fifths
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
  Positions p = positions_of(four_pairs());
  // she, does: the third pair says nothing; the second lacks la, which her (the fifth) gave.
  CHECK(row(p.source, "1").words == 3);
  CHECK(row(p.source, "1").wrong == 1);
  CHECK(row(p.source, "2").words == 1);                    // does has no sure link
  CHECK(row(p.source, "2").wrong == 0);
  CHECK(row(p.source, "3").words == 3);
  CHECK(row(p.source, "3").wrong == 1);                    // not: ne and pas
  CHECK(row(p.source, "5").words == 2);
  CHECK(row(p.source, "5").wrong == 2);
  CHECK(row(p.source, "1").first == 0);
  CHECK(row(p.source, "1").reached == 0);
}

TEST_CASE("positions: the lexicon's wrong words stand beside, if there is one") {
  Study study = four_pairs();
  CHECK(row(positions_of(study).target, "2").floor_wrong == 1);          // il voit la: la missing
  study.lexicon = false;
  for (const PositionRow& r : positions_of(study).target) CHECK(r.floor_wrong == 0);
}
