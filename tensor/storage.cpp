#include "tensor/storage.h"

#include <atomic>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mutex>
#include <new>
#include <utility>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#endif

#include "tensor/check.h"
#include "tensor/subnormals.h"

namespace babelgrad {

struct alignas(64) Storage::Block {             // a header; the numbers follow it
  std::atomic<int> owners, version;
  int size_class;
  Index count;
};

namespace {

// Four sizes to each doubling (256, 320, 384, 448, 512, ...): at most a quarter of a block is idle.
int class_of(std::size_t bytes) {
  if (bytes <= 256) return 0;
  int doubling = std::bit_width(bytes - 1) - 9;                         // 257..512 -> 0
  return 1 + doubling * 4 + int((bytes - 1) >> (doubling + 6)) - 4;
}

std::size_t bytes_of(int size_class) {          // the largest block of the class
  if (size_class == 0) return 256;
  int doubling = (size_class - 1) / 4, quarter = (size_class - 1) % 4 + 1;
  return (std::size_t(256) << doubling) + quarter * (std::size_t(64) << doubling);
}

// Free blocks of a size are a list that lies in them: each begins with the address of the next, so
// that giving one back needs no memory and cannot fail.
struct Pool {
  std::mutex lock;
  void* free[248] = {};
  MemoryUse use;
};

Pool& pool() {
  static Pool* one = new Pool;                  // outlives every tensor, static ones included
  return *one;
}

// Sanitizers and leak checkers only see blocks that really come and go, and that end with the last
// number.
#ifdef BABELGRAD_NO_POOL
constexpr bool pooled = false;
#else
constexpr bool pooled = true;
#endif

// Large blocks ask for pages of 2 MiB where the system has them: 512 times fewer addresses to look
// up for a matrix that is read row by row.
void* from_system(std::size_t bytes) {
  constexpr std::size_t page = std::size_t(1) << 21;
  void* block = nullptr;
  if (!pooled) return posix_memalign(&block, 64, bytes) ? nullptr : block;   // of any size
  if (bytes < page) return std::aligned_alloc(64, bytes);
  block = std::aligned_alloc(page, (bytes + page - 1) / page * page);
#ifdef MADV_HUGEPAGE
  if (block) madvise(block, bytes, MADV_HUGEPAGE);
#endif
  return block;
}

// A block of that size class: a free one, up to twice as large (it then says its class), or new.
void* take(int& size_class, std::size_t needed) {
  std::lock_guard guard(pool().lock);
  void* block = nullptr;
  for (int larger = size_class; larger <= size_class + 4 && !block; larger++) {
    void*& first = pool().free[larger];
    if (!first) continue;
    block = first;
    std::memcpy(&first, block, sizeof first);
    size_class = larger;
  }
  Index bytes = Index(bytes_of(size_class));
  if (!block) {
    block = from_system(pooled ? bytes_of(size_class) : needed);
    check(block, "out of memory: a tensor of ", bytes, " bytes on top of ", pool().use.live,
          " in use");
    pool().use.from_system += bytes;
    pool().use.system_calls++;
  }
  pool().use.live += bytes;
  pool().use.peak = std::max(pool().use.peak, pool().use.live);
  return block;
}

void give_back(void* block, int size_class) {
  std::lock_guard guard(pool().lock);
  pool().use.live -= Index(bytes_of(size_class));
  if (!pooled) return std::free(block);
  std::memcpy(block, &pool().free[size_class], sizeof block);
  pool().free[size_class] = block;
}

}  // namespace

// A thread that computes makes a place for its results first.
Storage::Storage(Index count) {
  flush_subnormals();
  const std::size_t needed = sizeof(Block) + std::size_t(count) * sizeof(Real);
  int size_class = class_of(needed);
  void* place = take(size_class, needed);
  static_assert(sizeof(Block) == header_bytes);
  block_ = new (place) Block{1, 0, size_class, count};
#ifdef BABELGRAD_POISON
  std::fill_n(data(), count, std::numeric_limits<Real>::quiet_NaN());
#endif
}

// As in every reference count: a new owner needs no order, the last to leave must see all writes.
Storage::Storage(const Storage& other) : block_(other.block_) {
  if (block_) block_->owners.fetch_add(1, std::memory_order_relaxed);
}

Storage& Storage::operator=(Storage other) noexcept {
  std::swap(block_, other.block_);
  return *this;
}

Storage::~Storage() {
  if (block_ && block_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    give_back(block_, block_->size_class);
  }
}

Index Storage::size() const { return block_ ? block_->count : 0; }
bool Storage::unique() const {
  return block_ && block_->owners.load(std::memory_order_acquire) == 1;
}

int Storage::version() const {
  return block_ ? block_->version.load(std::memory_order_relaxed) : 0;
}
void Storage::mark_written() {
  if (block_) block_->version.fetch_add(1, std::memory_order_relaxed);
}

MemoryUse memory_use() {
  std::lock_guard guard(pool().lock);
  return pool().use;
}

void reset_peak() {
  std::lock_guard guard(pool().lock);
  pool().use.peak = pool().use.live;
}

}  // namespace babelgrad
