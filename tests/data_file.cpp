#include "data/file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "tests/close.h"
#include "tests/folder.h"

using namespace babelgrad;

namespace {

struct TestFolder : Folder {
  std::string operator/(const std::string& name) const { return path + "/" + name; }
  int count() const {
    std::filesystem::directory_iterator first(path), last;
    return int(std::distance(first, last));
  }
};

// Files of this process may grow to `bytes` and no further, as on a full disk.
struct FileSizeLimit {
  rlimit old;
  void (*handler)(int) = ::signal(SIGXFSZ, SIG_IGN);
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &old);
    rlimit limit{bytes, old.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old);
    ::signal(SIGXFSZ, handler);
  }
};

int mode_of(const std::string& path) {
  struct stat info;
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777;
}

}  // namespace

TEST_CASE("file: what is written is read back") {
  TestFolder folder;
  for (int size : {0, 1, 65535, 65536, 65537, 300'000}) {
    std::string bytes(size, 'x');
    for (int i = 0; i < size; i++) bytes[i] = char(i * 7);
    write_file_atomically(folder / "f", bytes);
    CHECK(read_file(folder / "f") == bytes);
  }
  CHECK(folder.count() == 1);
}

TEST_CASE("file: read_file names the path and the reason") {
  TestFolder folder;
  write_file_atomically(folder / "f", "12345");
  CHECK(read_file(folder / "f", 5) == "12345");
  CHECK(error_of([&] { read_file(folder / "f", 4); }) == folder / "f" + ": larger than 4 bytes");
  CHECK(error_of([] { read_file("/dev/zero", 10'000); }) == "/dev/zero: larger than 10000 bytes");
  CHECK(error_of([&] { read_file(folder / "no"); }) ==
        folder / "no" + ": cannot open: No such file or directory");
  CHECK(error_of([&] { read_file(folder.path); }) == folder.path + ": is a folder, not a file");
  CHECK(error_of([&] { read_file(folder / "f/x"); }) ==
        folder / "f/x" + ": cannot open: Not a directory");
  CHECK(error_of([] { read_file(""); }) == "(no name): cannot open: No such file or directory");
  CHECK(error_of([] { read_file("a\x1b[31m\n"); }) ==
        "a\\x1B[31m\\x0A: cannot open: No such file or directory");
}

TEST_CASE("file: a pipe is read to its end") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  CHECK(::write(ends[1], "through", 7) == 7);
  ::close(ends[1]);
  CHECK(read_file("/dev/fd/" + text(ends[0])) == "through");
  ::close(ends[0]);
}

TEST_CASE("StoredFile: what is no file is refused at once, and read_file still takes pipes") {
  TestFolder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);     // nobody will ever write to it
  const std::string what = ": is a pipe or a device, not a file";
  for (const std::string& path : {folder / "pipe", std::string("/dev/zero")}) {
    CHECK(error_of([&] { StoredFile file(path); }) == path + what);
    CHECK(error_of([&] { read_stored_file(path); }) == path + what);
  }
  CHECK(error_of([&] { StoredFile(folder.path); }) == folder.path + ": is a folder, not a file");
  write_file_atomically(folder / "f", "12345");
  StoredFile file(folder / "f");
  CHECK(file.size() == 5);
  std::string bytes = "0";
  file.read(2, bytes), file.read(0, bytes), file.read(3, bytes);
  CHECK(bytes == "012345");
  CHECK(error_of([&] { file.read(1, bytes); }).ends_with("/f: became shorter while it was read"));
  CHECK(read_stored_file(folder / "f", 5) == "12345");
  CHECK(error_of([&] { read_stored_file(folder / "f", 4); }).ends_with("larger than 4 bytes"));
}

TEST_CASE("remove_leftovers: temporary files of processes that are gone, and nothing else") {
  TestFolder folder;
  const pid_t gone = ::fork();
  if (gone == 0) ::_exit(0);
  ::waitpid(gone, nullptr, 0);
  const std::string dead = text(gone), living = text(::getpid());
  const std::vector<std::string> stay = {
      ".babelgrad-" + dead + "-.tmp",     ".babelgrad-" + dead + ".tmp",
      ".babelgrad-" + dead + "-0.tmp.gz", ".babelgrad-" + living + "-0.tmp",
      ".babelgrad--" + dead + "-0.tmp",   ".babelgrad-0-0.tmp",
      ".babelgrad-1-0.tmp",               "babelgrad-" + dead + "-0.tmp",
      "model.safetensors"};
  for (const std::string& name : stay) write_file_atomically(folder / name, "");
  for (const char* count : {"-0.tmp", "-12.tmp"})
    write_file_atomically(folder / ".babelgrad-" + dead + count, "half");
  remove_leftovers(folder.path);
  std::vector<std::string> sorted = stay;
  std::ranges::sort(sorted);
  CHECK(names_in(folder.path) == sorted);
  remove_leftovers(folder / "no");
  CHECK(names_in(folder / "no").empty());
  CHECK(error_of([&] { names_in(folder / "model.safetensors"); }) ==
        folder / "model.safetensors" + ": cannot list it: Not a directory");
}

TEST_CASE("file: what cannot be looked at is not taken for what is not there") {
  TestFolder folder;
  REQUIRE(::symlink("loop", (folder / "loop").c_str()) == 0);
  const std::string loop = folder / "loop", why = loop + ": cannot look at it: Too many levels of ";
  CHECK(error_of([&] { exists(loop); }).starts_with(why));
  CHECK(error_of([&] { is_folder(loop); }).starts_with(why));
  write_file_atomically(folder / "f", "");
  CHECK(!exists(folder / "f/below"));
}

TEST_CASE("file: a full disk leaves the old file and nothing else") {
  TestFolder folder;
  write_file_atomically(folder / "f", "old");
  {
    FileSizeLimit limit(1000);
    CHECK(error_of([&] { write_file_atomically(folder / "f", std::string(5000, 'x')); }) ==
          folder / "f" + ": cannot write: File too large");
  }
  CHECK(read_file(folder / "f") == "old");
  CHECK(folder.count() == 1);
}

TEST_CASE("file: a path that cannot be written is named, and nothing is left") {
  TestFolder folder;
  make_folder(folder / "d");
  CHECK(error_of([&] { write_file_atomically(folder / "no/f", "x"); }) ==
        folder / "no" + ": cannot open the folder: No such file or directory");
  CHECK(error_of([&] { write_file_atomically(folder / "d", "x"); }) ==
        folder / "d" + ": is there and is not a file");
  CHECK(error_of([&] { write_file_atomically("/dev/full", "x"); }) ==
        "/dev/full: is there and is not a file");
  CHECK(error_of([&] { write_file_atomically(folder / "new/", "x"); }) ==
        folder / "new" + ": cannot open the folder: No such file or directory");
  std::string long_name = folder / std::string(300, 'n');
  CHECK(error_of([&] { write_file_atomically(long_name, "x"); }).find("File name too long") !=
        std::string::npos);
  CHECK(folder.count() == 1);
  write_file_atomically(folder / std::string(255, 'n'), "x");
  CHECK(folder.count() == 2);
}

TEST_CASE("file: permissions are those of an ordinary file, and an old file's stay") {
  TestFolder folder;
  mode_t umask = ::umask(027);
  write_file_atomically(folder / "f", "x");
  CHECK(mode_of(folder / "f") == 0640);
  REQUIRE(::chmod((folder / "f").c_str(), 0604) == 0);
  write_file_atomically(folder / "f", "y");
  CHECK(mode_of(folder / "f") == 0604);
  ::umask(umask);
}

TEST_CASE("file: a symbolic link stays one, and its file is replaced") {
  TestFolder folder;
  write_file_atomically(folder / "real", "1");
  REQUIRE(::symlink("real", (folder / "link").c_str()) == 0);
  write_file_atomically(folder / "link", "2");
  CHECK(read_file(folder / "real") == "2");
  CHECK(std::filesystem::is_symlink(folder / "link"));
  REQUIRE(::symlink("nowhere", (folder / "broken").c_str()) == 0);
  CHECK(error_of([&] { write_file_atomically(folder / "broken", "3"); }) ==
        folder / "broken" + ": cannot follow the link: No such file or directory");
}

TEST_CASE("file: another file with a temporary's name is stepped over") {
  TestFolder folder;
  for (int i = 0; i < 1000; i++) {
    std::string name = folder / join(".babelgrad-", ::getpid(), "-", i, ".tmp");
    ::close(::open(name.c_str(), O_CREAT | O_WRONLY, 0666));
  }
  write_file_atomically(folder / "f", "x");
  CHECK(read_file(folder / "f") == "x");
  CHECK(folder.count() == 1001);
}

TEST_CASE("append_line: adds lines, and mends the half line of a crash") {
  TestFolder folder;
  append_line(folder / "log", "one");
  append_line(folder / "log", "");
  CHECK(read_file(folder / "log") == "one\n\n");
  write_file_atomically(folder / "log", "one\nhal");
  append_line(folder / "log", "two");
  CHECK(read_file(folder / "log") == "one\nhal\ntwo\n");
}

TEST_CASE("append_line: errors are reported and leave the file as it was") {
  TestFolder folder;
  append_line(folder / "log", std::string(900, 'a'));
  {
    FileSizeLimit limit(1000);
    CHECK(error_of([&] { append_line(folder / "log", std::string(500, 'b')); }) ==
          folder / "log" + ": cannot write: File too large");
  }
  CHECK(read_file(folder / "log") == std::string(900, 'a') + "\n");
  CHECK(error_of([] { append_line("/dev/full", "x"); }) ==
        "/dev/full: cannot write: No space left on device");
  CHECK(error_of([&] { append_line(folder.path, "x"); }) ==
        folder.path + ": cannot open: Is a directory");
  CHECK(error_of([&] { append_line(folder / "log", "x\ny"); }) ==
        "append_line: the text contains a line break");
}

TEST_CASE("make_folder: makes parents, accepts what is there, refuses a file in the way") {
  TestFolder folder;
  make_folder(folder / "a/b/c/");
  make_folder(folder / "a/b");
  make_folder("/");
  CHECK(is_folder(folder / "a/b/c"));
  write_file_atomically(folder / "a/f", "");
  CHECK(exists(folder / "a/f"));
  CHECK_FALSE(is_folder(folder / "a/f"));
  CHECK_FALSE(exists(folder / "a/g"));
  CHECK(error_of([&] { make_folder(folder / "a/f/g"); }) ==
        folder / "a/f" + ": is a file where a folder is needed");
  CHECK(error_of([&] { make_folder("/proc/nothing/here"); })
            .starts_with("/proc/nothing: cannot make the folder: "));
}

TEST_CASE("FolderLock: a second one is refused with the process id") {
  TestFolder folder;
  std::optional<FolderLock> lock(std::in_place, folder.path);
  CHECK(error_of([&] { FolderLock second(folder.path); }) ==
        join(folder.path, ": in use by process ", ::getpid()));
  lock.reset();
  CHECK(error_of([&] { FolderLock second(folder.path); }) == "");
  CHECK(error_of([&] { FolderLock second(folder / "no"); }) ==
        folder / "no/lock" + ": cannot open: No such file or directory");
}

TEST_CASE("FolderLock: a killed holder leaves no lock") {
  TestFolder folder;
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  pid_t child = ::fork();
  if (child == 0) {
    FolderLock lock(folder.path);
    if (::write(ready[1], "x", 1) == 1) ::pause();
    ::_exit(0);
  }
  char x;
  REQUIRE(::read(ready[0], &x, 1) == 1);
  CHECK(error_of([&] { FolderLock lock(folder.path); }) ==
        join(folder.path, ": in use by process ", child));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(error_of([&] { FolderLock lock(folder.path); }) == "");
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("FolderLock: a lock file with nonsense in it is no obstacle") {
  TestFolder folder;
  write_file_atomically(folder / "lock", std::string(1000, 'z'));
  FolderLock lock(folder.path);
  CHECK(read_file(folder / "lock") == join(::getpid(), "\n"));
  write_file_atomically(folder / "other", "");
  int other = ::open((folder / "lock").c_str(), O_WRONLY | O_TRUNC);
  ::close(other);
  CHECK(error_of([&] { FolderLock second(folder.path); }) ==
        folder.path + ": in use by another process");
}
