// Files, so that nothing is ever lost: a new one is written beside the old and then takes its name.
// Every failure is one Error, `path: what`.
#pragma once

#include <string>
#include <string_view>

#include "tensor/shape.h"

namespace babelgrad {

// The whole file. Error if it is missing, a folder, unreadable, or larger than `limit` bytes.
std::string read_file(const std::string& path, Index limit = Index(4) << 30);

// Afterwards the file holds `bytes`, on the disk; after an Error it holds what it held before. A
// symbolic link stays one, and an old file's permissions stay.
void write_file_atomically(const std::string& path, std::string_view bytes);

// Adds line + '\n' (the line holds no '\n' itself). After an Error the file is as long as before.
void append_line(const std::string& path, std::string_view line);

void make_folder(const std::string& path);      // its parents, too; fine if it is there already
void remove_file(const std::string& path);     // fine if it is not there
bool exists(const std::string& path);
bool is_folder(const std::string& path);

// While it lives, no other process (or other FolderLock) gets the same folder; the Error says which
// process has it. The lock is the kernel's: it ends with the process, however that ends.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace babelgrad
