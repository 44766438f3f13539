// make book and make maps as they are called: a folder in, lines and an exit status out.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>

#include "nn/file.h"
#include "tests/checks_book_small.h"
#include "tests/folder.h"
#include "tools/args.h"
#include "tools/checks/commands.h"

using namespace babelgrad;
using namespace babelgrad::checks;

namespace {

struct Outcome {
  int status;
  std::string out;
};

// The command with these words on a folder; what it prints goes to a file while it runs.
Outcome book(const Folder& root, std::vector<const char*> words) {
  Folder folder;
  const std::string path = folder.path + "/out";
  words.insert(words.begin(), {"book", "--root", root.path.c_str()});
  std::fflush(stdout);
  const int screen = ::dup(1);
  std::FILE* file = std::fopen(path.c_str(), "w");
  ::dup2(::fileno(file), 1);
  const int status = book_command(int(words.size()), words.data());
  std::fflush(stdout);
  ::dup2(screen, 1);
  ::close(screen);
  std::fclose(file);
  return {status, read_file(path)};
}

struct Built : Folder {
  Built() {
    const SmallHouse small;
    put("tools/book.tsv", small.facts);
    put("tools/left_out.tsv", small.left_out);
    put("models/tower.h", small.tower);
    put("nn/roof.cpp", small.roof);
    put("data/traps.h", small.traps);
    put("tests/models_tower.cpp", small.tests);
  }
  void put(const std::string& file, const std::string& text) const {
    make_folder(path + "/" + file.substr(0, file.find('/')));
    write_file_atomically(path + "/" + file, text);
  }
};

}  // namespace

TEST_CASE("book command: stale until the maps are written, and again after an edit") {
  const Built root;
  const std::string stale = ":1: stale: run make maps\n";
  const std::string sum = "book: 3 of 4 definitions, 1 left out, 5 of 5 lines matched, "
                          "1 equations, 14 departures, ";
  Outcome before = book(root, {});
  CHECK(before.status == 1);
  CHECK(before.out == "BOOK.md" + stale + "DEPARTURES.md" + stale + "tools/places.cpp" + stale +
                          sum + "3 breaches\n");
  Outcome write = book(root, {"--write"});
  CHECK(write.status == 0);
  CHECK(write.out == "BOOK.md\nDEPARTURES.md\ntools/places.cpp\n");
  Outcome after = book(root, {});
  CHECK(after.status == 0);
  CHECK(after.out == sum + "0 breaches\n");
  root.put("nn/roof.cpp", "\n" + SmallHouse().roof);
  CHECK(book(root, {}).out ==
        "BOOK.md" + stale + "tools/places.cpp" + stale + sum + "2 breaches\n");
}

TEST_CASE("book command: --lines shows, and breaks nothing") {
  const Built root;
  Outcome lines = book(root, {"--lines", "roof"});
  CHECK(lines.status == 0);
  CHECK(lines.out.starts_with("11.7.2 roof: nn/roof.cpp:4, 1 of 1 lines\n"));
  CHECK_FALSE(exists(root.path + "/BOOK.md"));
}

TEST_CASE("book command: a checkout that is none leaves the facts as they are") {
  const Built root;
  const char* words[] = {"book", "--root", root.path.c_str(), "--facts", root.path.c_str()};
  CHECK_THROWS_AS(book_command(5, words), Error);
  CHECK(read_file(root.path + "/tools/book.tsv") == SmallHouse().facts);
}

TEST_CASE("book command: wrong use is said") {
  const char* words[] = {"book", "--wirte"};
  CHECK_THROWS_AS(book_command(2, words), UsageError);
}
