// The order of the rooms: who may know whom.
#include <map>
#include <set>

#include "tensor/check.h"
#include "tools/checks/style_rules.h"

namespace babelgrad::checks {
namespace {

// What a room may include. checks is tools/checks and tools/page.
const std::map<std::string, std::set<std::string>> below = {
    {"tensor", {"tensor"}},
    {"autograd", {"tensor", "autograd"}},
    {"data", {"tensor", "data"}},
    {"nn", {"tensor", "autograd", "data", "nn"}},
    {"models", {"tensor", "autograd", "data", "nn", "models"}},
    {"tools", {"tensor", "autograd", "nn", "models", "data", "tools"}},
    {"checks", {"tensor", "autograd", "nn", "models", "data", "tools", "checks"}}};

std::string room_of(const std::string& path) {
  bool checks = path.starts_with("tools/checks/") || path.starts_with("tools/page/");
  return checks ? "checks" : path.substr(0, path.find('/'));
}

// The room a file belongs to: of a test, the room it tests. "" for what tests share.
std::string home(const File& file) {
  if (file.folder() != "tests") return room_of(file.path);
  std::string name = file.path.substr(6), room = name.substr(0, name.find('_'));
  return file.is(".cpp") && below.count(room) ? room : "";
}

bool below_tools(const File& file) { return file.is_core() || file.folder() == "data"; }

template <class Function>
void each_include(const Files& files, const Function& call) {
  for (const File& file : files) {
    for (std::size_t i = 0; i < file.source.lines.size(); i++) {
      const std::string path = included(file.source.lines[i]);
      if (!path.empty()) call(file, int(i + 1), path.substr(1), path[0] == '"');
    }
  }
}

}  // namespace

bool is_room(const std::string& name) { return below.count(name) > 0; }

Complaints layers(const Files& files) {
  Complaints all;
  each_include(files, [&](const File& file, int line, const std::string& path, bool ours) {
    auto allowed = below.find(home(file));
    std::string room = room_of(path);
    if (ours && allowed != below.end() && is_room(room) && !allowed->second.count(room))
      all.push_back({file.path, line, join(path, " is above ", home(file), ", which may know only ",
                                           "what is below it")});
    if (ours && room == "tests" && file.folder() != "tests")
      all.push_back({file.path, line, join(path, ", nothing but tests may know the tests")});
  });
  return all;
}

Complaints missing_includes(const Files& files) {
  std::set<std::string> paths;
  for (const File& file : files) paths.insert(file.path);
  Complaints all;
  each_include(files, [&](const File& file, int line, const std::string& path, bool ours) {
    if (ours && !paths.count(path))
      all.push_back({file.path, line, join(path, " is not there, write the path from the root")});
  });
  return all;
}

Complaints heavy_headers(const Files& files) {
  const std::set<std::string> heavy = {"iostream", "regex", "random", "filesystem"};
  Complaints all;
  each_include(files, [&](const File& file, int line, const std::string& path, bool) {
    if (file.is(".h") && below_tools(file) && heavy.count(path))
      all.push_back({file.path, line, join("<", path, ">, include it in the .cpp")});
  });
  return all;
}

Complaints intrinsics(const Files& files) {
  Complaints all;
  each_include(files, [&](const File& file, int line, const std::string& path, bool) {
    bool machine = path.ends_with("intrin.h") || path == "arm_neon.h" || path == "arm_sve.h";
    if (machine && file.path != "tensor/simd.h" && file.path != "tensor/subnormals.h")
      all.push_back({file.path, line, join("<", path, ">, use the vectors of tensor/simd.h")});
  });
  return all;
}

Complaints raw_verbs(const Files& files) {
  Complaints all;
  for (const File& file : files) {
    const std::string in = file.folder();
    if (in == "tensor" || in == "autograd" || in == "tests" || in == "tools") continue;
    if (file.path.starts_with("nn/init") || file.path.starts_with("nn/optim")) continue;
    for (std::size_t i = 0; i < file.source.lines.size(); i++)
      if (has_word(file.source.lines[i].plain, "raw::"))
        all.push_back({file.path, int(i + 1), "raw:: records nothing, use the operation of ops.h"});
  }
  return all;
}

}  // namespace babelgrad::checks
