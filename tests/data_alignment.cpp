#include "data/alignment.h"

#include <doctest/doctest.h>

#include "tensor/check.h"

using namespace babelgrad;

TEST_CASE("pharaoh: written and read back, sure and possible") {
  std::vector<Link> links = {{0, 0}, {1, 2}, {3, 4, false}};
  CHECK(pharaoh(links) == "0-0 1-2 3?4");
  CHECK(parse_pharaoh("0-0 1-2 3?4", 4, 5) == links);
  CHECK(parse_pharaoh(" \t3?4  1-2 0-0\r\n", 4, 5) == links);
  CHECK(pharaoh({}) == "");
  CHECK(parse_pharaoh("", 0, 0).empty());
}

TEST_CASE("pharaoh: a link given twice counts once, and is sure if said so once") {
  CHECK(parse_pharaoh("0?0 0-0 0?0 1?0 1?0", 2, 1) == std::vector<Link>{{0, 0}, {1, 0, false}});
}

TEST_CASE("pharaoh: hostile lines are refused") {
  for (const char* line : {"0", "-", "0-", "-0", "0--1", "-1-0", "0-0x", "x-0", "0-0-0", "0 - 0",
                           "4-0", "0-5", "99999999999999999999-0", "0-2147483648", "0:0", "+1-0",
                           "0-0,1-1", "0x1-0", "1e0-0", "é-0", "0+0", "0.0-0", "a-0",
                           "0-a", "0-0 x"})
    CHECK_THROWS_AS(parse_pharaoh(line, 4, 5), Error);
  CHECK_THROWS_WITH(parse_pharaoh("4-0", 4, 5),
                    "pharaoh: link \"4-0\" points past a sentence of 4 words");
  CHECK_THROWS_WITH(parse_pharaoh("0-0 zwei", 4, 5),
                    "pharaoh: \"zwei\" is no link such as 0-2 or 0?2");
}

TEST_CASE("aer: by hand") {
  std::vector<Link> gold = {{0, 0}, {1, 1}, {2, 2}, {2, 3, false}};
  CHECK(aer({{0, 0}, {1, 1}, {2, 2}}, gold) == 0);
  CHECK(aer({{0, 0}, {1, 1}, {2, 2}, {2, 3}}, gold) == 0);         // a possible link costs nothing
  CHECK(aer({{0, 1}, {1, 0}}, gold) == 1);
  CHECK(aer({}, gold) == 1);
  // A n S = {0-0}, A n P = {0-0, 2-3}, |A| = 3, |S| = 3
  CHECK(aer({{0, 0}, {2, 3}, {1, 2}}, gold) == doctest::Approx(1 - 3.0 / 6).epsilon(1e-12));
  CHECK(aer({}, {}) == 0);
}

TEST_CASE("aer: a link proposed twice counts once, and a corpus sums its counts") {
  AerCount count;
  count.add({{0, 0}, {0, 0}}, {{0, 0}});
  CHECK(count.proposed == 1);
  count.add({{0, 1}}, {{0, 0}, {1, 1}});
  CHECK(count.in_sure == 1);
  CHECK(count.in_possible == 1);
  CHECK(count.sure == 3);
  CHECK(count.aer() == doctest::Approx(1 - 2.0 / 5).epsilon(1e-12));
}

TEST_CASE("diagonal: one link per target word, first to first and last to last") {
  CHECK(diagonal(3, 3) == std::vector<Link>{{0, 0}, {1, 1}, {2, 2}});
  CHECK(diagonal(3, 5) == std::vector<Link>{{0, 0}, {1, 1}, {1, 2}, {2, 3}, {2, 4}});
  CHECK(diagonal(5, 2) == std::vector<Link>{{0, 0}, {4, 1}});
  CHECK(diagonal(4, 1) == std::vector<Link>{{0, 0}});
  CHECK(diagonal(1, 2) == std::vector<Link>{{0, 0}, {0, 1}});
  CHECK(diagonal(0, 3).empty());
  CHECK(diagonal(3, 0).empty());
}

TEST_CASE("links_from_attention: the largest weight of each row, the first of equals") {
  CHECK(links_from_attention({{0.1, 0.7, 0.2}, {0.5, 0.2, 0.5}, {0, 0, 1}}) ==
        std::vector<Link>{{0, 1}, {1, 0}, {2, 2}});
  CHECK(links_from_attention({}).empty());
  CHECK_THROWS_WITH(links_from_attention({{1, 0}, {1}}),
                    "links_from_attention: row 1 has 1 weights, the first has 2");
  CHECK_THROWS_AS(links_from_attention({{}}), Error);
}

TEST_CASE("LexiconFloor: the commonest translation of each word, in source order") {
  LexiconFloor floor;
  Pair red = {{"the", "red", "cat"}, {"le", "chat", "rouge"}, {{0, 0}, {1, 2}, {2, 1}}, {}};
  Pair door = {{"the", "door"}, {"la", "porte"}, {{0, 0}, {1, 1}}, {}};
  Pair because = {{"because"}, {"parce", "que"}, {{0, 0}, {0, 1}}, {}};
  Pair does = {{"does"}, {"est-ce", "que"}, {{0, 0, false}, {0, 1, false}}, {}};
  for (const Pair& pair : {red, red, door, because, does}) floor.learn(pair);
  CHECK(floor.translate({"because", "the", "red", "door"}) ==
        Tokens{"parce", "que", "le", "rouge", "porte"});
  CHECK(floor.translate({"does", "unicorn"}) == Tokens{"unicorn"});      // no sure link; never seen
  CHECK(floor.translate({}).empty());
}
