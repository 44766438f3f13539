#include "data/file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>

#include "data/lines.h"
#include "data/utf8.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

[[noreturn]] void fail_with_errno(const std::string& path, std::string_view doing) {
  std::string reason = std::generic_category().message(errno);
  fail(path.empty() ? "(no name)" : printable(path), ": ", doing, ": ", reason);
}

// Calls until no signal interrupts; a result below 0 is an Error.
auto retrying(const std::string& path, std::string_view doing, auto call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  if (result < 0) fail_with_errno(path, doing);
  return result;
}

class Descriptor {                              // of an open file; closes it
 public:
  Descriptor(int number, std::string path) : number_(number), path_(std::move(path)) {}
  ~Descriptor() { if (number_ >= 0) ::close(number_); }
  Descriptor(const Descriptor&) = delete;

  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

  struct stat info() const {
    struct stat found;
    retrying(path_, "cannot look at it", [&] { return ::fstat(number_, &found); });
    return found;
  }

  std::size_t read(char* to, std::size_t count) {
    return retrying(path_, "cannot read", [&] { return ::read(number_, to, count); });
  }

  void write(std::string_view bytes) {          // all of them: one call may write fewer
    while (!bytes.empty()) {
      std::size_t count = std::min(bytes.size(), std::size_t(1) << 30);
      auto written = retrying(path_, "cannot write",
                              [&] { return ::write(number_, bytes.data(), count); });
      if (written == 0) fail(printable(path_), ": cannot write: no more bytes are taken");
      bytes.remove_prefix(written);
    }
  }

  void sync() {                                 // EINVAL: a file system that never syncs folders
    retrying(path_, "cannot sync", [&] {
      int result = ::fsync(number_);
      return result < 0 && errno == EINVAL ? 0 : result;
    });
  }

  void close() {                                // some errors show only here; never closed twice
    if (::close(release()) != 0 && errno != EINTR) fail_with_errno(path_, "cannot close");
  }

 private:
  int number_;
  std::string path_;                            // for messages
};

Descriptor open_file(const std::string& path, int flags, std::string_view doing = "cannot open") {
  auto open = [&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0666); };
  return {retrying(path, doing, open), path};
}

std::string folder_of(const std::string& path) {
  std::size_t slash = path.find_last_of('/');
  return slash == path.npos ? "." : path.substr(0, std::max(slash, std::size_t(1)));
}

Descriptor open_folder_of(const std::string& path) {
  return open_file(folder_of(path), O_RDONLY | O_DIRECTORY, "cannot open the folder");
}

// A new file beside `target`, which disappears again unless it is renamed. Its name is ours alone
// (process id and a count); one left by a killed process of the same id is stepped over.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& target) : target_(target), file_(create(), target) {}
  ~TemporaryFile() { if (!renamed_) ::unlink(path_.c_str()); }

  Descriptor& file() { return file_; }

  void take_name() {
    if (::rename(path_.c_str(), target_.c_str()) != 0) fail_with_errno(target_, "cannot replace");
    renamed_ = true;
  }

 private:
  int create() {
    static std::atomic<int> count = 0;
    for (;;) {
      path_ = join(folder_of(target_), "/.babelgrad-", ::getpid(), "-", count++, ".tmp");
      int number = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (number >= 0) return number;
      if (errno != EEXIST && errno != EINTR) fail_with_errno(target_, "cannot write beside it");
    }
  }

  std::string target_, path_;
  bool renamed_ = false;
  Descriptor file_;
};

// The process whose temporary file has this name; 0: no such name.
pid_t writer_of(const std::string& name) {
  int process = 0, end = 0;
  unsigned count = 0;
  std::sscanf(name.c_str(), ".babelgrad-%d-%u.tmp%n", &process, &count, &end);
  return end == int(name.size()) ? std::max(process, 0) : 0;
}

// False if nothing has this path.
bool look_up(const std::string& path, struct stat* found, auto look) {
  if (look(path.c_str(), found) == 0) return true;
  if (errno != ENOENT && errno != ENOTDIR) fail_with_errno(path, "cannot look at it");
  return false;
}

// The file that a symbolic link means, so that renaming replaces that and not the link.
std::string behind_links(const std::string& path) {
  struct stat found;
  if (!look_up(path, &found, ::lstat) || !S_ISLNK(found.st_mode)) return path;
  std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  if (!real) fail_with_errno(path, "cannot follow the link");
  return real.get();
}

}  // namespace

Lines Lines::of_file(const std::string& path) {
  const std::string name = printable(path);
  std::error_code ignored;
  check(!std::filesystem::is_directory(path, ignored), name,
        ": is a directory; a text file is needed");
  const auto file = std::make_shared<std::ifstream>(path, std::ios::binary);
  check(file->is_open(), name, ": cannot be opened; is the path right, and may it be read?");
  return {name, [file](char* to, Index most) {
            file->read(to, most);
            return file->bad() ? -1 : Index(file->gcount());
          }};
}

std::string read_file(const std::string& path, Index limit) {
  Descriptor file = open_file(path, O_RDONLY);
  struct stat info = file.info();
  if (S_ISDIR(info.st_mode)) fail(printable(path), ": is a folder, not a file");
  Index expected = S_ISREG(info.st_mode) ? info.st_size : 0, size = 0, got = 1;
  std::string bytes;
  for (; got > 0; size += got) {                // a pipe, or a file that grows, exceeds expectation
    if (std::max(expected, size) > limit) fail(printable(path), ": larger than ", limit, " bytes");
    if (size == Index(bytes.size())) bytes.resize(std::max(expected + 1, size + 65536));
    got = file.read(bytes.data() + size, bytes.size() - size);
  }
  bytes.resize(size);
  return bytes;
}

StoredFile::StoredFile(const std::string& path) : path_(path) {
  Descriptor file = open_file(path, O_RDONLY | O_NONBLOCK);    // a pipe without a writer, too
  struct stat info = file.info();
  if (S_ISDIR(info.st_mode)) fail(printable(path), ": is a folder, not a file");
  if (!S_ISREG(info.st_mode)) fail(printable(path), ": is a pipe or a device, not a file");
  size_ = info.st_size;
  descriptor_ = file.release();
}

StoredFile::~StoredFile() { ::close(descriptor_); }

void StoredFile::read(Index count, std::string& bytes) {
  std::size_t at = bytes.size();
  bytes.resize(at + std::size_t(count));
  while (at < bytes.size()) {
    auto got = retrying(path_, "cannot read", [&] {
      return ::read(descriptor_, bytes.data() + at, bytes.size() - at);
    });
    if (got == 0) fail(printable(path_), ": became shorter while it was read");
    at += std::size_t(got);
  }
}

std::string read_stored_file(const std::string& path, Index limit) {
  StoredFile file(path);
  if (file.size() > limit) fail(printable(path), ": larger than ", limit, " bytes");
  std::string bytes;
  file.read(file.size(), bytes);
  return bytes;
}

void write_file_atomically(const std::string& path, std::string_view bytes) {
  std::string target = behind_links(path);
  struct stat old;
  bool replaces = look_up(target, &old, ::stat);
  if (replaces && !S_ISREG(old.st_mode)) fail(printable(path), ": is there and is not a file");
  Descriptor folder = open_folder_of(target);
  TemporaryFile temporary(target);
  if (replaces && ::fchmod(temporary.file().number(), old.st_mode & 0777) != 0)
    fail_with_errno(path, "cannot keep its permissions");
  temporary.file().write(bytes);
  temporary.file().sync();                      // the bytes are on the disk before the name is
  temporary.file().close();
  temporary.take_name();
  folder.sync();                                // the name, too
}

void append_line(const std::string& path, std::string_view line) {
  check(line.find('\n') == line.npos, "append_line: the text contains a line break");
  Descriptor file = open_file(path, O_RDWR | O_CREAT | O_APPEND);
  struct stat before = file.info();
  char last = '\n';                             // unless a crash left half a line
  bool regular = S_ISREG(before.st_mode);
  if (regular && before.st_size > 0 && ::pread(file.number(), &last, 1, before.st_size - 1) != 1)
    fail_with_errno(path, "cannot read");
  try {
    file.write(join(last == '\n' ? "" : "\n", line, "\n"));
    file.sync();                                // a log never ends before its checkpoint does
    file.close();
  } catch (const Error&) {
    if (regular && ::truncate(path.c_str(), before.st_size) != 0) {}    // the Error says why
    throw;
  }
}

void make_folder(const std::string& path) {
  for (std::size_t end = 0; end != path.npos;) {
    end = path.find('/', end + 1);
    std::string folder = path.substr(0, end);
    if (is_folder(folder)) continue;
    if (exists(folder)) fail(printable(folder), ": is a file where a folder is needed");
    if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST)
      fail_with_errno(folder, "cannot make the folder");
    open_folder_of(folder).sync();
  }
}

void remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail_with_errno(path, "cannot remove");
}

void remove_leftovers(const std::string& folder) {
  for (const std::string& name : names_in(folder)) {
    const pid_t process = writer_of(name);
    if (process != 0 && ::kill(process, 0) != 0 && errno == ESRCH) remove_file(folder + "/" + name);
  }
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code problem;
  std::filesystem::directory_iterator it(folder, problem), end;
  for (; !problem && it != end; it.increment(problem))
    names.push_back(it->path().filename().string());
  if (problem && problem != std::errc::no_such_file_or_directory)
    fail(printable(folder), ": cannot list it: ", problem.message());
  std::ranges::sort(names);
  return names;
}

bool exists(const std::string& path) {
  struct stat info;
  return look_up(path, &info, ::stat);
}

bool is_folder(const std::string& path) {
  struct stat info;
  return look_up(path, &info, ::stat) && S_ISDIR(info.st_mode);
}

FolderLock::FolderLock(const std::string& folder) {
  Descriptor file = open_file(folder + "/lock", O_RDWR | O_CREAT);
  if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) fail_with_errno(folder, "cannot lock");
    char holder[16];
    std::string_view id(holder, file.read(holder, sizeof holder));
    id = id.substr(0, id.find_first_not_of("0123456789"));
    fail(printable(folder), ": in use by ", id.empty() ? "another process" : join("process ", id));
  }
  if (::ftruncate(file.number(), 0) != 0) fail_with_errno(folder, "cannot write the lock");
  file.write(join(::getpid(), "\n"));
  descriptor_ = file.release();
}

FolderLock::~FolderLock() { ::close(descriptor_); }

}  // namespace babelgrad
