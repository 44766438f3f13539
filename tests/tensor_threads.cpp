// Threads split outputs, never a sum: the bits of every verb are those of one thread. Errors come
// out of loops as they went in, and every thread flushes subnormal results to 0.
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <limits>
#include <thread>

#include "tensor/map.h"
#include "tensor/matmul.h"
#include "tensor/parallel.h"
#include "tensor/reduce.h"
#include "tensor/subnormals.h"
#include "tensor/views.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

using Verb = std::function<Tensor(const Tensor&, const Tensor&)>;

// Of the shapes' random numbers.
void verb_on_threads(const std::string& name, const Shape& a_shape, const Shape& b_shape,
                     const Verb& verb) {
  Random random(1);
  Tensor a = random_tensor(a_shape, random), b = random_tensor(b_shape, random);
  same_for_all_threads(name + text(a_shape), [&] { return std::vector<Tensor>{verb(a, b)}; });
}

}  // namespace

TEST_CASE("threads: sum and max over every set of axes") {
  for (const Shape& shape : {Shape{61, 37, 53},
                             {2, 3, 40000},
                             {40000, 3, 2},
                             {3, 50000, 2},
                             {200001, 1, 1},
                             {1000, 300}}) {
    for (int axes = 1; axes < 1 << shape.rank(); axes++) {
      raw::Axes list;
      for (int axis = 0; axis < shape.rank(); axis++) if (axes >> axis & 1) list.push_back(axis);
      verb_on_threads("sum", shape, {1}, [=](auto& x, auto&) { return raw::sum(x, list); });
      verb_on_threads("max", shape, {1}, [=](auto& x, auto&) { return raw::max(x, list); });
    }
    verb_on_threads("sum of a transposed", shape, {1},
                         [](auto& x, auto&) { return raw::sum(raw::transpose(x, 0, -1), {0}); });
  }
}

TEST_CASE("threads: matmul of several sizes and stacks") {
  auto product = [](auto& a, auto& b) { return raw::matmul(a, b); };
  const std::pair<Shape, Shape> sizes[] = {{{7, 9}, {9, 5}},
                                           {{64, 64}, {64, 64}},
                                           {{513, 300}, {300, 257}},
                                           {{1, 4096}, {4096, 300}},
                                           {{2000, 33}, {33, 2}},
                                           {{100, 600}, {600, 2100}},
                                           {{8, 65, 66}, {8, 66, 67}},
                                           {{64, 10, 32}, {64, 32, 10}},
                                           {{3, 200, 150}, {150, 170}},
                                           {{2, 1, 300, 250}, {3, 250, 240}},
                                           {{500}, {500, 400}}};
  for (auto& [a, b] : sizes) verb_on_threads("matmul", a, b, product);
  verb_on_threads("matmul of transposed", {300, 513}, {257, 300}, [](auto& a, auto& b) {
    return raw::matmul(raw::transpose(a), raw::transpose(b));
  });
}

TEST_CASE("threads: map, zip, add_into, copies and cumsum") {
  auto curve = [](Real v) { return std::exp(v) * v + Real(1) / (2 + v * v); };
  auto plane = [](Real v, Real w) { return v * w + v; };
  for (const Shape& shape : {Shape{100003}, {333, 301}, {50, 60, 70}}) {
    Shape row{shape[shape.rank() - 1]};
    verb_on_threads("map", shape, {1}, [=](auto& x, auto&) { return raw::map(x, curve); });
    verb_on_threads("map of a flipped", shape, {1},
                         [=](auto& x, auto&) { return raw::map(raw::flip(x, 0), curve); });
    verb_on_threads("zip", shape, row,
                         [=](auto& x, auto& y) { return raw::zip(x, y, plane); });
    verb_on_threads("zip of a number", shape, {},
                         [=](auto& x, auto& y) { return raw::zip(y, x, plane); });
    verb_on_threads("copy", shape, {1},
                         [](auto& x, auto&) { return raw::contiguous(raw::transpose(x, 0, -1)); });
    verb_on_threads("cumsum", shape, {1}, [](auto& x, auto&) { return raw::cumsum(x, 0); });
    verb_on_threads("add_into", shape, row, [](auto& x, auto& y) {
      Tensor sum(x.shape());
      for (int i = 0; i < 3; i++) raw::add_into(sum, i == 1 ? raw::expand(y, x.shape()) : x);
      return sum;
    });
  }
}

TEST_CASE(
    "parallel_for: covers every number once, in pieces that begin at multiples of the grain") {
  int before = threads();
  for (int count : {1, 2, 3, 4, 7}) {
    set_threads(count);
    for (Index n : {0, 1, 99, 100, 101, 1000, 12345}) {
      std::vector<int> seen(n);
      parallel_for(n, 100, [&](Index begin, Index end) {
        for (Index i = begin; i < end; i++) seen[i] += begin % 100 == 0 ? 1 : 100;
      });
      CHECK(seen == std::vector<int>(n, 1));
    }
  }
  set_threads(before);
}

TEST_CASE("parallel_for: what a piece throws comes out of the loop, and the next loop runs") {
  const int before = threads();
  for (int count : {1, 2, 3, 4, 7}) {
    set_threads(count);
    for (Index bad : {0, 450, 999}) {
      auto body = [=](Index begin, Index end) {
        check(begin > bad || bad >= end, "body: number ", bad, " is bad");
      };
      CHECK(error_of([&] { parallel_for(1000, 10, body); }) ==
            "body: number " + text(bad) + " is bad");
    }
    auto all_bad = [](Index begin, Index) { fail("piece at ", begin); };
    CHECK(error_of([&] { parallel_for(1000, 10, all_bad); }) == "piece at 0");  // always the first
    CHECK_THROWS_AS(parallel_for(99, 1, [](Index, Index) { throw std::bad_alloc(); }),
                    std::bad_alloc);
    Index sum = 0;
    auto inner = [&](Index begin, Index end) { if (begin == 0) sum = end; };
    parallel_for(1, 1, [&](Index, Index) { parallel_for(10, 1, inner); });
    CHECK(sum > 0);
  }
  set_threads(before);
}

// A piece that takes long is what a thread looks like that waits for a core.
TEST_CASE("parallel_for: after a long wait for another thread the caller does all pieces itself") {
  const int before = threads();
  set_threads(2);
  std::vector<std::thread::id> by(2);
  bool alone = false;
  for (int attempt = 0; attempt < 20 && !alone; attempt++) {            // a pause may be over
    parallel_for(2, 1, [](Index begin, Index) {
      if (begin == 1) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    });
    parallel_for(2, 1, [&](Index begin, Index) { by[begin] = std::this_thread::get_id(); });
    alone = by == std::vector(2, std::this_thread::get_id());
  }
  CHECK(alone);
  set_threads(before);
}

#ifndef BABELGRAD_NO_POOL  // sanitizers need memory of their own
TEST_CASE("threads: too little memory is an error in every thread, and nothing is lost by it") {
  const int before = threads();
  set_threads(2);
  auto large = [](Index, Index) { Tensor::empty({1 << 28}); };
  parallel_for(2, 1, [](Index, Index) {});      // the threads have their stacks
  rlimit old;
  std::size_t pages = 0;
  REQUIRE(getrlimit(RLIMIT_AS, &old) == 0);
  std::ifstream("/proc/self/statm") >> pages;
  REQUIRE(pages > 0);
  rlimit tight = old;
  tight.rlim_cur = pages * std::size_t(sysconf(_SC_PAGESIZE)) + (64 << 10);
  REQUIRE(setrlimit(RLIMIT_AS, &tight) == 0);
  const Index live = memory_use().live;
  const std::string error = error_of([&] { parallel_for(2, 1, large); });
  setrlimit(RLIMIT_AS, &old);
  CHECK(error.rfind("out of memory: a tensor of ", 0) == 0);
  CHECK(memory_use().live == live);
  parallel_for(2, 1, large);
  set_threads(before);
}
#endif

#if defined(__SSE__) || defined(__aarch64__)
namespace {

const Real smallest = std::numeric_limits<Real>::min();

void keep_subnormals() {                        // the mode in which a program begins
#ifdef __SSE__
  _mm_setcsr(_mm_getcsr() & ~(1u << 15));
#else
  std::uint64_t mode;
  asm volatile("mrs %0, fpcr" : "=r"(mode));
  asm volatile("msr fpcr, %0" : : "r"(mode & ~(std::uint64_t(1) << 24)));
#endif
}

// A product of two normal numbers that is subnormal, as this thread computes it.
bool flushes() {
  volatile Real tiny = smallest, half = Real(0.5);
  return tiny * half == 0;
}

bool all_zero(const Tensor& x) {
  const std::vector<Real> values = x.values();
  return std::count(values.begin(), values.end(), Real(0)) == x.numel();
}

}  // namespace

TEST_CASE("subnormals: every verb gives 0 for them, in one thread and in many") {
  const int before = threads();
  for (int count : {1, 2, 4}) {
    set_threads(count);
    for (const Shape& shape : {Shape{3}, {257, 300}, {100003}}) {
      Tensor tiny(shape, smallest), half(shape, Real(0.5));
      CHECK(all_zero(raw::map(tiny, [](Real v) { return v * Real(0.25); })));
      CHECK(all_zero(raw::zip(tiny, half, [](Real a, Real b) { return a * b; })));
      CHECK(all_zero(raw::zip(tiny, half, [](Vec a, Vec b) { return a * b; })));
    }
    CHECK(all_zero(raw::matmul(Tensor({300, 1}, smallest), Tensor({1, 300}, Real(0.5)))));
  }
  set_threads(before);
}

TEST_CASE("subnormals: flushed inside a parallel loop, outside, and on a thread of the user's") {
  const int before = threads();
  set_threads(4);
  std::vector<int> kept(4), flushed(4);
  parallel_for(4, 1, [&](Index begin, Index) {
    keep_subnormals();
    kept[begin] = !flushes();
  });
  CHECK(kept == std::vector<int>(4, 1));
  parallel_for(4, 1, [&](Index begin, Index) { flushed[begin] = flushes(); });
  CHECK(flushed == std::vector<int>(4, 1));
  CHECK(flushes());
  bool before_tensor = true, by_tensor = false, by_loop = false;
  std::thread([&] {
    keep_subnormals();
    before_tensor = flushes();
    Tensor first({1});
    by_tensor = flushes();
    keep_subnormals();
    parallel_for(1, 1, [&](Index, Index) { by_loop = flushes(); });
  }).join();
  CHECK(!before_tensor);
  CHECK(by_tensor);
  CHECK(by_loop);
  set_threads(before);
}
#endif

TEST_CASE("set_threads: 1 to 256, else an error") {
  for (int bad : {0, -1, 257}) {
    CHECK(error_of([=] { set_threads(bad); }) == "threads: " + text(bad) + " is outside 1 .. 256");
  }
}
