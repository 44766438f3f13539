#include "tensor/map.h"
#include "tensor/matmul.h"
#include "tensor/reduce.h"
#include "tests/close.h"

using namespace babelgrad;

#if defined(__SANITIZE_ADDRESS__) || defined(BABELGRAD_NO_POOL)
constexpr bool pooled = false;                  // blocks come and go, so that the checker sees them
#else
constexpr bool pooled = true;
#endif

TEST_CASE("memory: the same work a second time asks the system for nothing" *
          doctest::skip(!pooled)) {
  auto work = [] {
    for (int n : {3, 50, 200, 333}) {
      Tensor a({n, n}, 1), b = raw::map(a, [](Real v) { return v + 1; }), c = raw::matmul(a, b);
      raw::add_into(c, raw::zip(raw::sum(c, {0}), a, [](Real v, Real w) { return v * w; }));
    }
  };
  work();
  MemoryUse warm = memory_use();
  for (int i = 0; i < 20; i++) work();
  CHECK(memory_use().system_calls == warm.system_calls);
  CHECK(memory_use().from_system == warm.from_system);
}

TEST_CASE("memory: a free block serves what needs half of it, and nothing smaller" *
          doctest::skip(!pooled)) {
  const Index size = Index(1) << 25;            // no other test gives back a block near this
  const auto calls = [](Index numbers) {
    const Index before = memory_use().system_calls;
    Storage block(numbers);
    return memory_use().system_calls - before;
  };
  CHECK(calls(size) == 1);
  CHECK(calls(size / 2) == 0);
  CHECK(calls(size / 2 - size / 16) == 1);
}

TEST_CASE("memory: live bytes follow the tensors, the peak stays until it is reset") {
  Index before = memory_use().live, bytes = 100000 * Index(sizeof(Real));
  reset_peak();
  {
    Tensor x({100000});
    Index live = memory_use().live - before;
    CHECK(live >= bytes);
    CHECK(live <= 2 * (bytes + bytes / 4 + 256));          // a free block may be twice as large
    Tensor view = x, other = x.view({10}, {{1}}, 5);
    CHECK(memory_use().live == before + live);
    x = view = Tensor();
    CHECK(memory_use().live == before + live);  // the last view holds it
    CHECK(memory_use().peak == before + live);
  }
  CHECK(memory_use().live == before);
  CHECK(memory_use().peak >= before + bytes);
  reset_peak();
  CHECK(memory_use().peak == before);
}

TEST_CASE("memory: every block is aligned to 64 bytes and large enough") {
  for (int n = 0; n < 3000; n += 1 + n / 7) {
    Tensor x = Tensor::empty({n});
    CHECK(reinterpret_cast<std::uintptr_t>(x.data()) % 64 == 0);
    std::fill_n(x.data(), n, Real(n));          // a sanitizer looks on
    Index live = memory_use().live;
    x = Tensor();
    CHECK(live - memory_use().live >= n * Index(sizeof(Real)));
  }
}

TEST_CASE("memory: a tensor that is too large is an error, and leaves the counts as they were" *
          doctest::skip(!pooled)) {
  MemoryUse before = memory_use();
  for (const Shape& shape : {Shape{1 << 30, 1 << 20}, {1 << 30, 1 << 29}, {INT32_MAX, 1 << 28}}) {
    CHECK(error_of([&] { (void)Tensor::empty(shape); }).starts_with("out of memory: a tensor of "));
  }
  MemoryUse after = memory_use();
  CHECK(after.live == before.live);
  CHECK(after.peak == before.peak);
  CHECK(after.from_system == before.from_system);
}

TEST_CASE("Storage: its version counts the writes that are marked, for all that share the block") {
  Storage none, a(10), b = a, other(10);
  const int before = a.version();
  b.mark_written(), b.mark_written(), none.mark_written();
  CHECK(a.version() == before + 2);
  CHECK(other.version() == before);
  CHECK(none.version() == 0);
}

TEST_CASE("Storage: copies share a block, and the last one gives it back") {
  Storage none, a(10), b = a;
  CHECK(!none);
  CHECK(none.size() == 0);
  CHECK(a.data() == b.data());
  CHECK(!a.unique());
  b = Storage();
  CHECK(a.unique());
  Storage c = std::move(a);
  CHECK(!a);
  CHECK(c.size() == 10);
  c = *&c;                                      // assigning a handle to itself keeps the block
  CHECK(c.unique());
}
