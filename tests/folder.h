// A folder of a test's own, gone when the test is.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "tensor/check.h"

namespace babelgrad {

struct Folder {
  std::string path;

  Folder() : path((std::filesystem::temp_directory_path() / "babelgrad-XXXXXX").string()) {
    check(::mkdtemp(path.data()) != nullptr, "Folder: cannot make ", path);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
};

}  // namespace babelgrad
