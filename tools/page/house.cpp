#include "tools/page/house.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "data/file.h"
#include "tensor/check.h"
#include "tools/page/markdown_lines.h"

namespace babelgrad::page {
namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string> read_documents(const std::string& root) {
  std::map<std::string, std::string> documents;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator();
       ++it) {
    const std::string name = it->path().filename().string();
    if (it->is_directory() && (name[0] == '.' || name == "build" || name == "runs"))
      it.disable_recursion_pending();
    if (it->is_regular_file() && name[0] != '.' && it->path().extension() == ".md")
      documents[fs::relative(it->path(), root).generic_string()] = read_file(it->path().string());
  }
  return documents;
}

// Where the text first names the file, as base.h or as room/base.h, and not as part of a longer
// name; npos: nowhere.
std::size_t first_mention(const std::string& text, const std::string& name) {
  const std::string inside = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
    std::size_t end = at + name.size();
    bool before = at > 0 && inside.find(text[at - 1]) != inside.npos;
    if (!before && (end >= text.size() || inside.find(text[end]) == inside.npos)) return at;
  }
  return text.npos;
}

// The section on the order of reading: from a heading that has the word to the next one.
std::string order_section(const std::string& text) {
  bool inside = false;
  std::string out;
  for (const MarkdownLine& line : markdown_lines(text)) {
    if (line.text.starts_with("#")) inside = line.text.find("order") != std::string::npos;
    if (inside) out += line.text + "\n";
  }
  return out;
}

// A rank to sort by: the mention of the file or, after it, of its header or source.
struct Rank {
  int document;                                 // which of three named it first; 3: none
  std::size_t at;
  bool deep;                                    // in a folder of the room
  std::string stem;
  bool source;                                  // after its header
  auto operator<=>(const Rank&) const = default;
};

Rank rank_of(const House& house, const std::string& path) {
  const std::string room = room_of(path), stem = stem_of(path);
  const bool deep = path.find('/', room.size() + 1) != path.npos;
  const std::string from_room = stem.substr(room.empty() ? 0 : room.size() + 1);
  const std::string* chapter = house.document(room + "/README.md");
  const std::string* front = house.document("README.md");
  const std::string texts[] = {chapter ? order_section(*chapter) : "", chapter ? *chapter : "",
                               front ? *front : ""};
  Rank rank{3, 0, deep, stem, path.ends_with(".cpp")};
  for (int document = 0; document < 3 && rank.document == 3; document++) {
    const std::string& text = texts[document];
    std::size_t at =
        std::min(first_mention(text, from_room + ".h"), first_mention(text, from_room + ".cpp"));
    if (at != text.npos) rank = {document, at, false, stem, rank.source};
  }
  return rank;
}

}  // namespace

const Source* House::source(const std::string& path) const {
  auto it = std::lower_bound(sources.begin(), sources.end(), path,
                             [](const Source& a, const std::string& b) { return a.path < b; });
  return it != sources.end() && it->path == path ? &*it : nullptr;
}

const std::string* House::document(const std::string& path) const {
  auto it = documents.find(path);
  return it == documents.end() ? nullptr : &it->second;
}

bool House::has_file(const std::string& path) const {
  const std::string clean = fs::path(path).lexically_normal().generic_string();
  if (path.empty() || clean.starts_with("..") || clean.starts_with("/")) return false;
  const std::string full = root + "/" + clean;
  return exists(full) && !is_folder(full);
}

House read_house(const std::string& root) {
  House house{root, checks::read_sources(root), read_documents(root)};
  check(house.document("README.md") != nullptr, "page: ", root, " has no README.md to begin with");
  std::sort(house.sources.begin(), house.sources.end(),
            [](const Source& a, const Source& b) { return a.path < b.path; });
  return house;
}

std::string room_of(const std::string& path) {
  std::size_t slash = path.find('/');
  return slash == path.npos ? "" : path.substr(0, slash);
}

std::string base_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

std::string stem_of(const std::string& path) {
  std::size_t dot = path.find_last_of('.');
  return dot == path.npos || path.find('/', dot) != path.npos ? path : path.substr(0, dot);
}

std::vector<std::string> rooms(const House& house) {
  const std::vector<std::string> order = {"tensor", "autograd", "nn",   "models",
                                          "data",   "tools",    "tests"};
  std::set<std::string> there;
  for (const Source& source : house.sources) there.insert(room_of(source.path));
  std::vector<std::string> out;
  for (const auto& room : order)
    if (there.erase(room)) out.push_back(room);
  there.erase("");
  out.insert(out.end(), there.begin(), there.end());
  return out;
}

std::vector<std::string> reading_order(const House& house, const std::string& room) {
  std::vector<std::pair<Rank, std::string>> files;
  for (const Source& source : house.sources)
    if (room_of(source.path) == room) files.push_back({rank_of(house, source.path), source.path});
  std::sort(files.begin(), files.end());
  std::vector<std::string> paths;
  for (const auto& file : files) paths.push_back(file.second);
  return paths;
}

std::vector<TestCase> test_cases(const Source& source) {
  std::vector<TestCase> cases;
  const int count = int(source.lines.size());
  for (int i = 1; i <= count; i++) {
    if (!source.line(i).plain.starts_with("TEST_CASE")) continue;
    int at = i;
    while (at < count && source.line(at).code.find('"') == std::string::npos) at++;
    const SourceLine& line = source.line(at);
    std::size_t begin = line.plain.find('"'), end = line.plain.find('"', begin + 1);
    if (end == std::string::npos) continue;
    if (!cases.empty()) cases.back().end = i - 1;
    cases.push_back({{source.path, i}, line.code.substr(begin + 1, end - begin - 1), count});
  }
  return cases;
}

}  // namespace babelgrad::page
