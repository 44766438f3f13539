// A run is never lost: killed at any call to the file system, or with any of them failing, it is
// resumed and ends with the bytes of a run that nothing disturbed.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <map>

#include "data/file.h"
#include "data/json.h"
#include "data/safetensors.h"
#include "tests/close.h"
#include "tests/folder.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/guarded.h"

using namespace babelgrad;

namespace {

struct Fault {                                  // of a child process that trains
  enum Kind { none, killed, fails } kind = none;
  long call = 0;                                // from 1
};
Fault fault;
long* calls = nullptr;                          // so far, for the parent to see; null: no child

// Each call to the file system comes here first: does it fail? Before it, the process may end.
bool comes_to_grief() {
  if (!calls || ++*calls != fault.call) return false;
  if (fault.kind == Fault::killed) ::raise(SIGKILL);
  errno = EIO;
  return fault.kind == Fault::fails;
}

template <class Function>
Function* system_s(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

template <class Result, class... Arguments>
Result passed(const char* name, Arguments... arguments) {
  return comes_to_grief() ? -1 : system_s<Result(Arguments...)>(name)(arguments...);
}

}  // namespace

// This program's own definitions stand before the system's. They promise what those do.
extern "C" {
ssize_t read(int file, void* to, size_t count) { return passed<ssize_t>("read", file, to, count); }
ssize_t pread(int file, void* to, size_t count, off_t at) {
  return passed<ssize_t>("pread", file, to, count, at);
}
int stat(const char* path, struct stat* found) noexcept(noexcept(::stat(path, found))) {
  return passed<int>("stat", path, found);
}
int lstat(const char* path, struct stat* found) noexcept(noexcept(::lstat(path, found))) {
  return passed<int>("lstat", path, found);
}
int fstat(int file, struct stat* found) noexcept(noexcept(::fstat(file, found))) {
  return passed<int>("fstat", file, found);
}
int fchmod(int file, mode_t mode) noexcept(noexcept(::fchmod(file, mode))) {
  return passed<int>("fchmod", file, mode);
}
int flock(int file, int operation) noexcept(noexcept(::flock(file, operation))) {
  return passed<int>("flock", file, operation);
}
int truncate(const char* path, off_t size) noexcept(noexcept(::truncate(path, size))) {
  return passed<int>("truncate", path, size);
}
int ftruncate(int file, off_t size) noexcept(noexcept(::ftruncate(file, size))) {
  return passed<int>("ftruncate", file, size);
}
int mkdir(const char* path, mode_t mode) noexcept(noexcept(::mkdir(path, mode))) {
  return passed<int>("mkdir", path, mode);
}
int rename(const char* from, const char* to) noexcept(noexcept(::rename(from, to))) {
  return passed<int>("rename", from, to);
}
int unlink(const char* path) noexcept(noexcept(::unlink(path))) {
  return passed<int>("unlink", path);
}
int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
  va_end(more);
  return comes_to_grief() ? -1 : system_s<int(const char*, int, ...)>("open")(path, flags, mode);
}
ssize_t write(int file, const void* from, size_t count) {      // half of it, as on a full disk
  if (calls && *calls + 1 == fault.call)
    system_s<ssize_t(int, const void*, size_t)>("write")(file, from, count / 2);
  return passed<ssize_t>("write", file, from, count);
}
int fsync(int file) {                           // what a killed process wrote stays without it
  return calls ? (comes_to_grief() ? -1 : 0) : passed<int>("fsync", file);
}
int close(int file) {                           // closed even if it fails
  const bool failed = comes_to_grief();
  const int result = system_s<int(int)>("close")(file);
  return failed ? (errno = EIO, -1) : result;
}
}  // extern "C"

namespace {

struct Trainings {
  Folder folder;
  std::string run = folder.path + "/run";
  long* counted = static_cast<long*>(::mmap(nullptr, sizeof(long), PROT_READ | PROT_WRITE,
                                            MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ~Trainings() { ::munmap(counted, sizeof(long)); }

  // The exit status of babelgrad train, or 128 + the signal that ended it.
  int train(std::vector<std::string> words, Fault with = {}) const {
    words.insert(words.begin(),
                 {"train", "--out", run, "--model", "rnn", "--pairs", "100", "--max-length", "5",
                  "--hidden", "4", "--embed", "4", "--layers", "1", "--epochs", "2", "--average",
                  "1", "--patience", "2", "--ema", "0.5", "--save-every", "1", "--batch-size",
                  "64", "--threads", "1"});
    *counted = 0;
    std::fflush(nullptr);                       // or the child says it again
    const pid_t child = ::fork();
    if (child == 0) {
      const int nowhere = ::open("/dev/null", O_WRONLY);
      ::dup2(nowhere, 2);
      std::vector<const char*> pointers;
      for (const std::string& word : words) pointers.push_back(word.c_str());
      fault = with, calls = counted;
      const int status =
          guarded([&] { return train_command(int(pointers.size()), pointers.data()); });
      ::_exit(status);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  // Is every file there that the checkpoint on the disk, if there is one, goes on from?
  bool can_go_on() const {
    const std::string path = run + "/trainer.safetensors";
    if (!exists(path)) return true;
    const SafeTensors file = read_safetensors(path, Checksum::required);
    const Json place = parse_json(file.metadata_at("place"), path);
    return std::ranges::all_of(place.get_array("kept"), [&](const Json& it) {
      return exists(join(run, "/epoch-", it.get_int("epoch"), ".safetensors"));
    });
  }

  // As its user would: from the checkpoint, or from the beginning if there is none yet.
  int go_on() const {
    return train({exists(run + "/trainer.safetensors") ? "--resume" : "--overwrite"});
  }

  // Names and, but for times, contents.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> all;
    for (const std::string& name : names_in(run))
      all[name] = name.ends_with(".safetensors") ? read_file(run + "/" + name) : "";
    return all;
  }
};

}  // namespace

TEST_CASE("faults: killed at any call to the file system, a run goes on as if it had not been") {
  const Trainings it;
  REQUIRE(it.train({}) == 0);
  const auto whole = it.files();
  const long count = *it.counted;
  CHECK(count > 150);
  CHECK(whole.contains("epoch-2.safetensors"));
  CHECK(!whole.contains("epoch-1.safetensors"));
  for (long call = 1; call <= count; call++) {
    std::filesystem::remove_all(it.run);
    CAPTURE(call);
    REQUIRE(it.train({}, {Fault::killed, call}) == 128 + SIGKILL);
    REQUIRE(it.can_go_on());
    REQUIRE(it.go_on() == 0);
    REQUIRE(it.files() == whole);
  }
}

TEST_CASE("faults: any call to the file system may fail, and no run ends with other files") {
  const Trainings it;
  REQUIRE(it.train({}) == 0);
  const auto whole = it.files();
  const long count = *it.counted;
  for (long call = 1; call <= count; call++) {
    std::filesystem::remove_all(it.run);
    CAPTURE(call);
    const int status = it.train({}, {Fault::fails, call});
    REQUIRE((status == 0 || status == 1));
    if (status == 0) REQUIRE(it.files() == whole);
    REQUIRE(it.can_go_on());
    if (exists(it.run))
      for (const std::string& name : names_in(it.run)) REQUIRE(!name.ends_with(".tmp"));
    REQUIRE(it.go_on() == 0);
    REQUIRE(it.files() == whole);
  }
}

TEST_CASE("faults: a file is as it was after an Error, or as it was to be") {
  const Folder folder;
  const std::string path = folder.path + "/f";
  const auto with_fault = [](long call, auto action) {
    long count = 0;
    fault = {Fault::fails, call}, calls = &count;
    const std::string why = error_of(action);
    calls = nullptr;
    CHECK((why.empty() || count >= call));
    return why;
  };
  for (long call = 1; call <= 20; call++) {
    CAPTURE(call);
    write_file_atomically(path, "one\n");
    const std::string added = with_fault(call, [&] { append_line(path, "two"); });
    CHECK(read_file(path) == (added.empty() ? "one\ntwo\n" : "one\n"));
    write_file_atomically(path, "one\n");
    const std::string put = with_fault(call, [&] { write_file_atomically(path, "two\n"); });
    const bool either = put.ends_with("cannot sync: Input/output error");     // of file or folder
    CHECK((either || read_file(path) == (put.empty() ? "two\n" : "one\n")));
    CHECK(names_in(folder.path) == std::vector<std::string>{"f"});
  }
}
