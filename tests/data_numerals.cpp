#include "data/tasks.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "data/alignment.h"
#include "data/text.h"
#include "tensor/random.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

// As they are written, for readers; the corpus leaves the hyphens out.
struct Written { int number; const char *english, *french; };
constexpr Written by_hand[] = {
    {0, "zero", "zéro"}, {1, "one", "un"}, {2, "two", "deux"}, {3, "three", "trois"},
    {4, "four", "quatre"}, {5, "five", "cinq"}, {6, "six", "six"}, {7, "seven", "sept"},
    {8, "eight", "huit"}, {9, "nine", "neuf"}, {10, "ten", "dix"}, {11, "eleven", "onze"},
    {12, "twelve", "douze"}, {13, "thirteen", "treize"}, {14, "fourteen", "quatorze"},
    {15, "fifteen", "quinze"}, {16, "sixteen", "seize"}, {17, "seventeen", "dix-sept"},
    {18, "eighteen", "dix-huit"}, {19, "nineteen", "dix-neuf"}, {20, "twenty", "vingt"},
    {21, "twenty-one", "vingt et un"}, {22, "twenty-two", "vingt-deux"}, {30, "thirty", "trente"},
    {31, "thirty-one", "trente et un"}, {40, "forty", "quarante"},
    {41, "forty-one", "quarante et un"}, {50, "fifty", "cinquante"},
    {51, "fifty-one", "cinquante et un"}, {60, "sixty", "soixante"},
    {61, "sixty-one", "soixante et un"}, {69, "sixty-nine", "soixante-neuf"},
    {70, "seventy", "soixante-dix"}, {71, "seventy-one", "soixante et onze"},
    {72, "seventy-two", "soixante-douze"}, {73, "seventy-three", "soixante-treize"},
    {74, "seventy-four", "soixante-quatorze"}, {75, "seventy-five", "soixante-quinze"},
    {76, "seventy-six", "soixante-seize"}, {77, "seventy-seven", "soixante-dix-sept"},
    {78, "seventy-eight", "soixante-dix-huit"}, {79, "seventy-nine", "soixante-dix-neuf"},
    {80, "eighty", "quatre-vingts"}, {81, "eighty-one", "quatre-vingt-un"},
    {82, "eighty-two", "quatre-vingt-deux"}, {89, "eighty-nine", "quatre-vingt-neuf"},
    {90, "ninety", "quatre-vingt-dix"}, {91, "ninety-one", "quatre-vingt-onze"},
    {92, "ninety-two", "quatre-vingt-douze"}, {93, "ninety-three", "quatre-vingt-treize"},
    {94, "ninety-four", "quatre-vingt-quatorze"}, {95, "ninety-five", "quatre-vingt-quinze"},
    {98, "ninety-eight", "quatre-vingt-dix-huit"},
    {96, "ninety-six", "quatre-vingt-seize"}, {97, "ninety-seven", "quatre-vingt-dix-sept"},
    {99, "ninety-nine", "quatre-vingt-dix-neuf"}, {100, "one hundred", "cent"},
    {101, "one hundred one", "cent un"}, {111, "one hundred eleven", "cent onze"},
    {171, "one hundred seventy-one", "cent soixante et onze"},
    {180, "one hundred eighty", "cent quatre-vingts"}, {200, "two hundred", "deux cents"},
    {201, "two hundred one", "deux cent un"},
    {280, "two hundred eighty", "deux cent quatre-vingts"},
    {999, "nine hundred ninety-nine", "neuf cent quatre-vingt-dix-neuf"},
    {1000, "one thousand", "mille"}, {1001, "one thousand one", "mille un"},
    {1100, "one thousand one hundred", "mille cent"}, {2000, "two thousand", "deux mille"},
    {2024, "two thousand twenty-four", "deux mille vingt-quatre"},
    {4020, "four thousand twenty", "quatre mille vingt"},
    {21000, "twenty-one thousand", "vingt et un mille"},
    {80000, "eighty thousand", "quatre-vingt mille"},
    {80080, "eighty thousand eighty", "quatre-vingt mille quatre-vingts"},
    {100000, "one hundred thousand", "cent mille"},
    {101000, "one hundred one thousand", "cent un mille"},
    {200000, "two hundred thousand", "deux cent mille"},
    {300300, "three hundred thousand three hundred", "trois cent mille trois cents"},
    {1000000, "one million", "un million"}, {1000001, "one million one", "un million un"},
    {1001000, "one million one thousand", "un million mille"},
    {2000000, "two million", "deux millions"},
    {80000000, "eighty million", "quatre-vingts millions"},
    {81000000, "eighty-one million", "quatre-vingt-un millions"},
    {100000000, "one hundred million", "cent millions"},
    {200000000, "two hundred million", "deux cents millions"},
    {280280280, "two hundred eighty million two hundred eighty thousand two hundred eighty",
     "deux cent quatre-vingts millions deux cent quatre-vingt mille deux cent quatre-vingts"},
    {777777777,
     "seven hundred seventy-seven million seven hundred seventy-seven thousand "
     "seven hundred seventy-seven",
     "sept cent soixante-dix-sept millions sept cent soixante-dix-sept mille "
     "sept cent soixante-dix-sept"},
    {999999999,
     "nine hundred ninety-nine million nine hundred ninety-nine thousand nine hundred ninety-nine",
     "neuf cent quatre-vingt-dix-neuf millions neuf cent quatre-vingt-dix-neuf mille "
     "neuf cent quatre-vingt-dix-neuf"},
};

std::string without_hyphens(std::string written) {
  std::ranges::replace(written, '-', ' ');
  return written;
}

// The number that French words mean, by adding and multiplying; plurals may or may not have an s.
int value_of(const Tokens& french) {
  const std::map<std::string, int> values = {
      {"zéro", 0},      {"un", 1},         {"deux", 2},      {"trois", 3},   {"quatre", 4},
      {"cinq", 5},      {"six", 6},        {"sept", 7},      {"huit", 8},    {"neuf", 9},
      {"dix", 10},      {"onze", 11},      {"douze", 12},    {"treize", 13}, {"quatorze", 14},
      {"quinze", 15},   {"seize", 16},     {"vingt", 20},    {"vingts", 20}, {"trente", 30},
      {"quarante", 40}, {"cinquante", 50}, {"soixante", 60}, {"et", 0}};
  int total = 0, group = 0;
  for (const std::string& w : french) {
    if (w == "mille") group = std::max(group, 1);
    if (w == "cent" || w == "cents") group = std::max(group, 1) * 100;
    else if (w == "mille") total += std::exchange(group, 0) * 1000;
    else if (w.starts_with("million")) total += std::exchange(group, 0) * 1000000;
    else if (w.starts_with("vingt") && group % 100 == 4) group += 76;      // quatre-vingt
    else group += values.at(w);
  }
  return total + group;
}

// All small numbers, and some of every length.
const std::vector<int>& numbers() {
  static const auto all = [] {
    std::vector<int> result(20000);
    for (int i = 0; i < 20000; i++) result[i] = i;
    Random random(1);
    for (int length = 1; length <= longest_number; length++)
      for (int i = 0; i < 1000; i++)
        result.push_back(number_of(length, random.below(count_numbers(length))));
    return result;
  }();
  return all;
}

std::string sides(int number) {
  Pair pair = number_pair(number);
  return join(pair.src) + " = " + join(pair.tgt);
}

}  // namespace

TEST_CASE("number_pair: as written by hand, every irregular word among them") {
  for (const Written& w : by_hand)
    CHECK(sides(w.number) == without_hyphens(join(w.english, " = ", w.french)));
}

TEST_CASE("number_pair: the French words mean the number") {
  for (int n : numbers())
    if (value_of(number_pair(n).tgt) != n) FAIL_CHECK(n << ": " << sides(n));
  CHECK(value_of(split("quatre vingt dix mille quatre cent vingt et un")) == 90421);
}

TEST_CASE("number_pair: no two numbers share their English or their French words") {
  std::set<Tokens> english, french;
  std::set<int> distinct(numbers().begin(), numbers().end());
  for (int n : distinct) {
    Pair pair = number_pair(n);
    english.insert(pair.src);
    french.insert(pair.tgt);
  }
  CHECK(english.size() == distinct.size());
  CHECK(french.size() == distinct.size());
}

TEST_CASE("number_pair: cent and vingt have an s when multiplied and no numeral follows") {
  for (int n : numbers()) {
    Tokens french = number_pair(n).tgt;
    french.push_back("");
    for (std::size_t i = 0; i + 1 < french.size(); i++) {
      const std::string &w = french[i], before = i == 0 ? "" : french[i - 1];
      bool last = french[i + 1].empty() || french[i + 1].starts_with("million");
      bool multiplied = i > 0 && before != "mille" && !before.starts_with("million");
      bool twenty = w.starts_with("vingt") && before == "quatre", hundred = w.starts_with("cent");
      bool has_s = w == "vingts" || w == "cents";
      if (has_s != (last && multiplied && (twenty || hundred))) FAIL_CHECK(sides(n));
    }
  }
}

TEST_CASE("number_pair: links by hand") {
  auto links = [](int n) { return pharaoh(number_pair(n).gold); };
  CHECK(links(17) == "0-0 0-1");
  CHECK(links(21) == "0-0 0?1 1?1 1-2");
  CHECK(links(71) == "0-0 0?1 0-2 1?1 1-2");
  CHECK(links(75) == "0-0 0-1 1-1");
  CHECK(links(77) == "0-0 0-1 1-2");
  CHECK(links(95) == "0-0 0-1 0-2 1-2");
  CHECK(links(102) == "0?0 1-0 2-1");
  CHECK(links(1000) == "0?0 1-0");
  CHECK(links(3000080) == "0-0 1-1 2-2 2-3");
}

TEST_CASE("number_pair: links are sorted, each once, sure ones never cross, no word is without") {
  for (int n : numbers()) {
    Pair pair = number_pair(n);
    std::set<int> english, french;
    int furthest = 0;
    for (const Link& link : pair.gold) {
      english.insert(link.src);
      french.insert(link.tgt);
      if (!link.sure) continue;
      if (link.tgt < furthest) FAIL_CHECK(sides(n));
      furthest = link.tgt;
    }
    if (english.size() != pair.src.size() || french.size() != pair.tgt.size())
      FAIL_CHECK(sides(n));
    if (parse_pharaoh(pharaoh(pair.gold), int(pair.src.size()), int(pair.tgt.size())) != pair.gold)
      FAIL_CHECK(sides(n));
  }
}

TEST_CASE("number_pair: tags by hand") {
  auto tags = [](int n) { return join(number_pair(n).tags); };
  CHECK(tags(45) == "");
  CHECK(tags(41) == "et");
  CHECK(tags(71) == "et fused vigesimal");
  CHECK(tags(78) == "vigesimal");
  CHECK(tags(80) == "plural vigesimal");
  CHECK(tags(1100) == "implied-one");
  CHECK(tags(1000000) == "");
  CHECK(tags(2000000) == "plural");
}

TEST_CASE("number_of: every number of a length once, and of all lengths together every number") {
  int all = 0;
  for (int length = 1; length <= longest_number; length++) all += count_numbers(length);
  CHECK(all == largest_number + 1);
  for (int length : {1, 2, 3, 4}) {
    std::set<int> found;
    for (int rank = 0; rank < count_numbers(length); rank++) {
      int n = number_of(length, rank);
      found.insert(n);
      if (int(number_pair(n).src.size()) != length) FAIL_CHECK(sides(n));
    }
    CHECK(int(found.size()) == count_numbers(length));
  }
  for (std::size_t i = 20000; i < numbers().size(); i++)
    if (number_pair(numbers()[i]).src.size() != 1 + (i - 20000) / 1000)
      FAIL_CHECK(sides(numbers()[i]));
}

TEST_CASE("number words: what cannot be is refused, with what can") {
  CHECK_THROWS_WITH(number_pair(-1), "number_pair: -1 is not in 0 to 999999999");
  CHECK_THROWS_WITH(number_pair(1000000000), "number_pair: 1000000000 is not in 0 to 999999999");
  CHECK_THROWS_WITH(count_numbers(15),
                    "number words: a length of 15; numbers have 1 to 14 English words");
  CHECK_THROWS_WITH(number_of(1, 28), "number_of: rank 28; there are 28 numbers of 1 words");
  CHECK_THROWS_AS(number_of(1, -1), Error);
}
