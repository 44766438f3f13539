// What the library calls and a page has not: files, and the unwinding of exceptions. An exception
// is a message for the page, and the end of this instance of the module.
#include <cstdlib>
#include <exception>
#include <typeinfo>

#include "data/file.h"
#include "tensor/check.h"

namespace babelgrad {

std::string read_file(const std::string& path, Index) { fail(path, ": a page has no files"); }
std::string read_stored_file(const std::string& path, Index) { return read_file(path); }
void write_file_atomically(const std::string& path, std::string_view) { read_file(path); }
bool exists(const std::string&) { return false; }
bool is_folder(const std::string&) { return false; }
std::vector<std::string> names_in(const std::string&) { return {}; }
StoredFile::StoredFile(const std::string& path) : path_(path), descriptor_(-1), size_(0) {
  read_file(path);
}
StoredFile::~StoredFile() {}
void StoredFile::read(Index, std::string&) {}

}  // namespace babelgrad

extern "C" {

__attribute__((import_module("page"), import_name("fail"))) void tell_page(const char* words,
                                                                           int count);
int madvise(void*, std::size_t, int) { return 0; }

// The first thing in an exception of ours is what every std::exception begins with.
void* __cxa_allocate_exception(std::size_t count) { return std::malloc(count); }
void __cxa_free_exception(void* exception) { std::free(exception); }
void __cxa_throw(void* exception, std::type_info*, void (*)(void*)) {
  const char* words = static_cast<std::exception*>(exception)->what();
  tell_page(words, int(__builtin_strlen(words)));
  __builtin_trap();
}
void* __cxa_begin_catch(void* exception) noexcept { return exception; }
void __cxa_end_catch() {}
void __cxa_rethrow() { __builtin_trap(); }
int __cxa_thread_atexit(void (*)(void*), void*, void*) { return 0; }

}  // extern "C"
