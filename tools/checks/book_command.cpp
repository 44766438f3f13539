// checks book: the code beside the book, the maps made from both, and the facts they rest on.
#include "nn/file.h"
#include "tensor/check.h"
#include "tools/args.h"
#include "tools/checks/book_checkout.h"
#include "tools/checks/book_house.h"
#include "tools/checks/book_show.h"
#include "tools/checks/commands.h"
#include "tools/output.h"

namespace babelgrad::checks {
namespace {

struct Wish {
  std::string root = ".", checkout = {}, name = {};
  bool write = false;
};

Wish read_wish(int argc, const char* const* argv) {
  Wish wish;
  Args args("checks book", "--lines AddNorm");
  args.flag("write", &wish.write, "write BOOK.md, DEPARTURES.md and tools/places.cpp");
  args.string("lines", &wish.name, "NAME", "show one definition's lines, or those of all");
  args.string("facts", &wish.checkout, "FOLDER",
              "write tools/book.tsv from a checkout of the book, or show its lines");
  args.string("root", &wish.root, "FOLDER", "where the house stands");
  args.parse(argc, argv);
  return wish;
}

Facts facts_for(const Wish& wish) {
  if (!wish.checkout.empty()) return facts_of_checkout(wish.checkout);
  return read_facts(facts_path, read_file(wish.root + "/" + facts_path));
}

int write_facts(const Wish& wish, const Facts& facts) {
  std::size_t lines = 0;
  for (const auto& definition : facts.definitions) lines += definition.lines.size();
  write_file_atomically(wish.root + "/" + facts_path, facts_text(facts));
  print(join(facts_path, ": ", facts.sections.size(), " sections, ", facts.equations.size(),
             " equations, ", facts.definitions.size(), " definitions, ", lines, " lines"));
  return 0;
}

int write_maps(const Wish& wish, const House& house) {
  for (const auto& [path, text] : maps_of(house)) {
    write_file_atomically(wish.root + "/" + path, text);
    print(path);
  }
  return 0;
}

int report(const House& house) {
  const auto all = breaches(house);
  for (const std::string& breach : all) print(breach);
  const Totals sum = totals(house);
  const std::string forms = sum.in_forms ? join(" + ", sum.in_forms) : "";
  print(join("book: ", sum.definitions, " of ", house.matches.size(), " definitions, ",
             house.left_out.size(), " left out, ", sum.matched, forms, " of ",
             sum.lines, " lines matched, ", house.marks.equations.size(), " equations, ",
             house.marks.departures.size(), " departures, ", all.size(), " breaches"));
  return all.empty() ? 0 : 1;
}

}  // namespace

int book_command(int argc, const char* const* argv) {
  const Wish wish = read_wish(argc, argv);
  Facts facts = facts_for(wish);
  if (!wish.checkout.empty() && wish.name.empty()) return write_facts(wish, facts);
  const House house = read_house(wish.root, std::move(facts));
  if (wish.name.empty()) return wish.write ? write_maps(wish, house) : report(house);
  print(lines_text(house.matches, wish.name));
  return 0;
}

}  // namespace babelgrad::checks
