// Which definition a name in the code means, as far as that can be told without a compiler: by the
// folders a file may see, and by whether a header declares it. Where that leaves doubt, none.
#pragma once

#include <map>

#include "tools/page/house.h"

namespace babelgrad::page {

struct NamedDefinition {
  Place place;                                  // its first line
  const Definition* definition;
  bool visible;                                 // from other files: in a header, or declared in one

  std::string full_name() const;                // "AddNorm::operator()"
};

class Names {
 public:
  explicit Names(const House& house);

  // qualifier: "raw" of raw::name, "" for none; call: a ( follows, functions are meant.
  Place find(const std::string& name, const std::string& qualifier, bool call,
             const std::string& from) const;
  // Those worth a place in an index: no constructors, no test's own.
  const std::vector<NamedDefinition>& all() const { return all_; }
  std::vector<const NamedDefinition*> in(const std::string& path) const;   // in order of lines

 private:
  std::vector<NamedDefinition> all_;
  std::multimap<std::string, std::size_t> by_name_;
};

bool has_word(const std::string& text, const std::string& word);

}  // namespace babelgrad::page
