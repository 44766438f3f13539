// A folder that is replaced as a whole. The list of what is ours in it lies beside the pages, so
// that pages of sources now gone go too, and what others put there stays.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>

#include "data/file.h"
#include "data/utf8.h"
#include "tensor/check.h"
#include "tools/page/site.h"

namespace babelgrad::page {
namespace {

namespace fs = std::filesystem;

const char* const list_name = ".pages";

std::set<std::string> listed(const std::string& folder) {
  std::set<std::string> paths;
  const std::string file = folder + "/" + list_name;
  if (!exists(file)) return paths;
  const std::string text = read_file(file);
  for (std::size_t at = 0, end; at < text.size(); at = end + 1) {
    end = std::min(text.find('\n', at), text.size());
    paths.insert(text.substr(at, end - at));
  }
  return paths;
}

void check_folder(const std::string& folder) {
  if (!exists(folder)) return;
  check(is_folder(folder), "page: ", printable(folder), " is a file, and a folder is wanted there");
  check(fs::is_empty(folder) || exists(folder + "/" + list_name), "page: ", printable(folder),
        " holds other files and no site; a new or empty folder would be right");
}

// What is in the folder and was not written by us, into the new one.
void keep_others(const std::string& folder, const std::string& fresh, const Files& files) {
  if (!exists(folder)) return;
  const auto ours = listed(folder);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string path = fs::relative(entry.path(), folder).generic_string();
    if (entry.is_directory() || path == list_name || ours.count(path) || files.count(path))
      continue;
    make_folder((fs::path(fresh) / path).parent_path().string());
    fs::copy(entry.path(), fs::path(fresh) / path, fs::copy_options::copy_symlinks);
  }
}

// Nobody sees the new folder before all of it is there, so that no file need be atomic by itself.
void write_plainly(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), std::streamsize(bytes.size()));
  file.close();
  check(file.good(), "page: cannot write ", printable(path));
}

void write_files(const std::string& folder, const Files& files) {
  std::string list;
  for (const auto& [path, bytes] : files) {
    make_folder((fs::path(folder) / path).parent_path().string());
    write_plainly(folder + "/" + path, bytes);
    list += path + "\n";
  }
  write_plainly(folder + "/" + list_name, list);
}

// The old folder steps aside, and comes back if the new one cannot take its place.
void take_place(const std::string& fresh, const std::string& folder, const std::string& aside) {
  const bool replaces = exists(folder);
  if (replaces) fs::rename(folder, aside);
  std::error_code error;
  fs::rename(fresh, folder, error);
  if (error && replaces) fs::rename(aside, folder);
  check(!error, "page: cannot write ", printable(folder), ": ", error.message());
  if (replaces) fs::remove_all(aside);
}

}  // namespace

void write_site(const std::string& folder, const Files& files) try {
  check(!folder.empty(), "page: no folder to write to");
  check_folder(folder);
  fs::path target = fs::absolute(folder).lexically_normal();
  if (target.filename().empty()) target = target.parent_path();
  const std::string place = target.string(), mark = join("-", ::getpid());
  const std::string beside = (target.parent_path() / ("." + target.filename().string())).string();
  const std::string fresh = beside + mark + ".tmp";
  make_folder(target.parent_path().string());
  try {
    write_files(fresh, files);
    keep_others(place, fresh, files);
    take_place(fresh, place, beside + mark + ".old");
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(fresh, ignored);
    throw;
  }
} catch (const fs::filesystem_error& error) { fail("page: ", printable(error.what())); }

}  // namespace babelgrad::page
