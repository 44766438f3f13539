// Memory for numbers: blocks aligned to 64 bytes, counted, and reused. A released block waits in a
// free list of its size, so a training step asks the system for nothing after the first. It never
// is returned to the system: a process keeps what it once needed, of each size, until it ends.
#pragma once

#include "tensor/real.h"
#include "tensor/shape.h"

namespace babelgrad {

class Storage {                                 // a counted handle to one block
 public:
  Storage() = default;                          // no block
  explicit Storage(Index count);                // room for `count` numbers, not initialised
  Storage(const Storage& other);
  Storage(Storage&& other) noexcept : block_(other.block_) { other.block_ = nullptr; }
  Storage& operator=(Storage other) noexcept;
  ~Storage();

  Real* data() const {
    if (!block_) return nullptr;
    return reinterpret_cast<Real*>(reinterpret_cast<char*>(block_) + header_bytes);
  }
  Index size() const;                           // in numbers
  bool unique() const;                          // nobody else holds this block
  int version() const;                          // how often mark_written() was called
  void mark_written();
  explicit operator bool() const { return block_ != nullptr; }

 private:
  static constexpr int header_bytes = 64;
  struct Block;
  Block* block_ = nullptr;
};

struct MemoryUse {
  Index live = 0, peak = 0;                     // bytes in tensors: now, at most since reset_peak()
  Index from_system = 0, system_calls = 0;      // bytes and blocks ever taken from the system
};
MemoryUse memory_use();
void reset_peak();

}  // namespace babelgrad
