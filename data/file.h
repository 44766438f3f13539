// Files, so that nothing is ever lost: a new one is written beside the old and then takes its name.
// Every failure is one Error, `path: what`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tensor/shape.h"

namespace babelgrad {

// The whole file, or all that comes through a pipe. Error if it is missing, a folder, unreadable,
// or larger than `limit` bytes.
std::string read_file(const std::string& path, Index limit = Index(1) << 28);

// A file that a program stored, read piece by piece. Error, at once, if it is missing, a folder, or
// a pipe or device, which might keep one waiting for ever or never end.
class StoredFile {
 public:
  explicit StoredFile(const std::string& path);
  ~StoredFile();
  StoredFile(const StoredFile&) = delete;
  StoredFile& operator=(const StoredFile&) = delete;

  Index size() const { return size_; }
  void read(Index count, std::string& bytes);   // appends them; Error if there are fewer

 private:
  std::string path_;
  int descriptor_;
  Index size_;
};
// Such a file as a whole. Error if it is larger than `limit` bytes, too.
std::string read_stored_file(const std::string& path, Index limit = Index(1) << 28);

// Afterwards the file holds `bytes`, on the disk; after an Error what it held before, or `bytes` if
// only the folder could not be synced. A symbolic link and an old file's permissions stay.
void write_file_atomically(const std::string& path, std::string_view bytes);

// Adds line + '\n' (the line holds no '\n' itself), on the disk. After an Error the file is as long
// as before.
void append_line(const std::string& path, std::string_view line);

void make_folder(const std::string& path);      // its parents, too; fine if it is there already
void remove_file(const std::string& path);     // fine if it is not there
// Temporary files of write_file_atomically() whose process was killed and lives no more.
void remove_leftovers(const std::string& folder);
std::vector<std::string> names_in(const std::string& folder);  // sorted; none if it is not there
// Error if that cannot be known: a file that is there is never taken for one that is not.
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
