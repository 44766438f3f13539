#include "tensor/gemm_bf16.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstring>

#include "tensor/parallel.h"
#include "tensor/simd.h"

namespace babelgrad {
namespace {

std::atomic<Precision>& chosen() {
  static std::atomic<Precision> value = Precision::full;
  return value;
}

// --- 1. The definition

constexpr Index pair_block = 32;                // numbers of a row that one instruction adds up

// A sum or product of the instruction as it rounds it. In double, one of floats, or of the product
// of two bf16 and a float, is never so near to the middle of two floats that it rounds twice.
float rounded(double x) {
  constexpr double normal = 0x1p-126, least = normal - 0x1p-151;         // rounds to a normal one
  double size = std::abs(x);
  if (size < normal) x = std::copysign(size < least ? 0 : normal, x);
  return float(x);
}

}  // namespace

Precision precision() { return chosen(); }
WithPrecision::WithPrecision(Precision now) : before_(chosen().exchange(now)) {}
WithPrecision::~WithPrecision() { chosen() = before_; }

float to_bf16(float x) {
  if (std::abs(x) < 0x1p-126) return std::copysign(float(0), x);
  auto bits = std::bit_cast<std::uint32_t>(x);
  bits = x == x ? bits + 0x7fff + (bits >> 16 & 1) : bits | 0x400000;    // else NaN might be ∞
  return std::bit_cast<float>(bits & 0xffff0000);
}

void gemm_bf16_plain(Index m, Index n, Index k, Matrix A, Matrix B, Real* C, Index c_row,
                     bool accumulate, const Real* bias) {
  const Index depth = (k + pair_block - 1) / pair_block * pair_block;    // zeros fill up
  Storage room(depth * n);
  for (Index p = 0; p < depth; p++)
    for (Index j = 0; j < n; j++)
      room.data()[p * n + j] = p < k ? to_bf16(float(B.at[p * B.row + j * B.column])) : 0;
  parallel_for(m, 1, [&](Index begin, Index end) {
    Storage sums(2 * n);
    Real *even = sums.data(), *odd = even + n;
    for (Index i = begin; i < end; i++) {
      Real* c = C + i * c_row;
      for (Index j = 0; j < n; j++) c[j] = !accumulate ? 0 : k > 0 ? rounded(c[j]) : c[j];
      for (Index p0 = 0; p0 < depth; p0 += pair_block) {
        std::fill_n(even, 2 * n, Real(0));
        for (Index p = p0; p < p0 + pair_block; p++) {
          double a = p < k ? to_bf16(float(A.at[i * A.row + p * A.column])) : 0;
          const Real* b = room.data() + p * n;
          Real* sum = p % 2 ? odd : even;
          for (Index j = 0; j < n; j++) sum[j] = rounded(a * double(b[j]) + double(sum[j]));
        }
        for (Index j = 0; j < n; j++) {
          double both = rounded(double(even[j]) + double(odd[j]));
          c[j] = rounded(double(c[j]) + both);
        }
      }
      for (Index j = 0; j < n && bias; j++) c[j] += bias[j];
    }
  });
}

#if !defined(__AMX_BF16__) || !defined(__AVX512BF16__) || !defined(__linux__) || \
    (defined(BABELGRAD_SIMD) && !BABELGRAD_SIMD)

bool has_amx() { return false; }

void gemm_bf16(Index m, Index n, Index k, Matrix A, Matrix B, Real* C, Index c_row,
               bool accumulate, const Real* bias) {
  gemm_bf16_plain(m, n, k, A, B, C, c_row, accumulate, bias);
}

#else

namespace {

// --- 2. The processor's tiles: eight registers of 16 rows of 64 bytes

constexpr Index side = 16, strip = 2 * side;    // lines of a tile; of A's or B's that go together
constexpr Index words = side * side;            // of a tile: 4 bytes, a float or a pair of bf16
using Pair = std::uint32_t;

struct alignas(64) Shapes {                     // as ldtilecfg reads them: all tiles are full
  std::uint8_t palette = 1, start = 0, reserved[14] = {};
  std::uint16_t bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

template <int t>
void zero_tile() { asm volatile("tilezero %%tmm%c0" : : "i"(t)); }
template <int t>
void load_tile(const void* at, Index row_bytes) {
  asm volatile("tileloadd (%0,%1), %%tmm%c2" : : "r"(at), "r"(row_bytes), "i"(t) : "memory");
}
template <int t>
void store_tile(void* at, Index row_bytes) {
  asm volatile("tilestored %%tmm%c2, (%0,%1)" : : "r"(at), "r"(row_bytes), "i"(t) : "memory");
}
template <int c, int a, int b>
void add_product_of_tiles() {
  asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(c), "i"(a), "i"(b));
}

// down x across tiles of C, which stay in registers: 0 and 1 side by side, 2 and 3 below them. For
// each 32 numbers of depth, the tiles 4 and 5 of A times 6 and 7 of B.
template <int down, int across>
void tiles_of_C(Index depth, const Pair* a, const Pair* b, Real* c, Index c_row, bool accumulate) {
  const Index row_bytes = c_row * Index(sizeof(Real));
  Real* below = c + side * c_row;
  if (accumulate) {
    load_tile<0>(c, row_bytes);
    if (across > 1) load_tile<1>(c + side, row_bytes);
    if (down > 1) load_tile<2>(below, row_bytes);
    if (down * across > 2) load_tile<3>(below + side, row_bytes);
  } else {
    zero_tile<0>(), zero_tile<1>(), zero_tile<2>(), zero_tile<3>();
  }
  for (Index p = 0; p < depth; p += pair_block, a += 2 * words, b += 2 * words) {
    for (Index i = p / 8; i < p / 8 + 4; i++) {    // what is to the right comes next
      __builtin_prefetch(c + i * c_row + strip, 1);
      __builtin_prefetch(c + i * c_row + strip + side, 1);
    }
    load_tile<4>(a, 64), load_tile<6>(b, 64), add_product_of_tiles<0, 4, 6>();
    if (across > 1) load_tile<7>(b + words, 64), add_product_of_tiles<1, 4, 7>();
    if (down > 1) load_tile<5>(a + words, 64), add_product_of_tiles<2, 5, 6>();
    if (down * across > 2) add_product_of_tiles<3, 5, 7>();
  }
  store_tile<0>(c, row_bytes);
  if (across > 1) store_tile<1>(c + side, row_bytes);
  if (down > 1) store_tile<2>(below, row_bytes);
  if (down * across > 2) store_tile<3>(below + side, row_bytes);
}

// --- 3. Packing: A and B as tiles of bf16, which lie in the order in which they are read

// The lines of A are its rows, those of B its columns; number p of line i is at[i line + p step].
struct Lines {
  const Real* at;
  Index line, step, count, depth;
};

typedef float Floats __attribute__((vector_size(64)));
typedef std::uint16_t Halves __attribute__((vector_size(64)));

Floats load_floats(const void* at) {
  Floats x;
  std::memcpy(&x, at, sizeof x);
  return x;
}

// 32 numbers as to_bf16 rounds them, one after another.
Floats to_bf16(const void* first, const void* second) {
  Floats x;
  asm("vcvtne2ps2bf16 %2, %1, %0" : "=v"(x) : "v"(load_floats(second)), "v"(load_floats(first)));
  return x;
}

// a0 a1 ... b0 b1 ... as a0 b0 a1 b1 ...
Floats paired(Floats x) {
  auto half = std::bit_cast<Halves>(x);
  return std::bit_cast<Floats>(shuffle(half, half, [](int l) { return l / 2 + l % 2 * int(side); },
                                       std::make_integer_sequence<int, 32>()));
}

constexpr Index page = 1024;                    // numbers; a processor reads ahead within one

// 16 lines, 32 numbers deep. A tile of A has a row for each line, with 16 pairs of neighbours; one
// of B a row for each pair, of all lines. Either is read as it lies, and turned if that is not so.
void pack_tile(const Lines& x, Index i, Index p, bool pair_rows, Pair* out) {
  const Real* from = x.at + i * x.line + p * x.step;
  Index line = x.line, step = x.step;
  Real copy[side * pair_block];
  if (i + side > x.count || p + pair_block > x.depth || (line != 1 && step != 1)) {
    std::fill_n(copy, side * pair_block, Real(0));
    for (Index r = 0; r < std::min(side, x.count - i); r++)
      for (Index q = 0; q < std::min(pair_block, x.depth - p); q++)
        copy[r * pair_block + q] = from[r * line + q * step];
    from = copy, line = pair_block, step = 1;
  }
  Floats row[side];
#pragma GCC unroll 16
  for (int r = 0; r < side; r++)
    row[r] = step == 1 ? to_bf16(from + r * line, from + r * line + side)
                       : paired(to_bf16(from + 2 * r * step, from + (2 * r + 1) * step));
  for (Index r = 0; r < pair_block && step > page; r++)   // of other pages, nobody else asks
    __builtin_prefetch(from + (pair_block + r) * step);
  if ((step == 1) == pair_rows) transpose(row);
  std::memcpy(out, row, sizeof row);
}

// Lines i .. end - 1, from number p on: strip by strip, in each 32 numbers deep after 32.
void pack(const Lines& x, Index begin, Index end, Index p, Index depth, bool pair_rows, Pair* out) {
  for (Index d = 0; d < depth; d += pair_block)
    for (Index i = begin; i < end; i += side) {
      Index tiles = (i - begin) / strip * depth / side + d / side + (i - begin) / side % 2;
      pack_tile(x, i, p + d, pair_rows, out + tiles * words);
    }
}

// --- 4. Blocks

struct Result {                                 // C, and what is asked of it
  Real* at;
  Index row;
  const Real* bias;
};

// Up to strip x strip numbers of C; those at its edges are computed beside it.
void block_of_C(Index depth, const Pair* a, const Pair* b, Index height, Index width, Result C,
                bool accumulate) {
  auto tiles = height > side ? (width > side ? tiles_of_C<2, 2> : tiles_of_C<2, 1>)
                             : (width > side ? tiles_of_C<1, 2> : tiles_of_C<1, 1>);
  if (height % side == 0 && width % side == 0) {
    tiles(depth, a, b, C.at, C.row, accumulate);
  } else {
    Real beside[strip * strip] = {};
    for (Index i = 0; i < height && accumulate; i++)
      std::copy_n(C.at + i * C.row, width, beside + i * strip);
    tiles(depth, a, b, beside, strip, accumulate);
    for (Index i = 0; i < height; i++) std::copy_n(beside + i * strip, width, C.at + i * C.row);
  }
  for (Index i = 0; i < height && C.bias; i++)
    for (Index j = 0; j < width; j++) C.at[i * C.row + j] += C.bias[j];
}

constexpr Index block_depth = 1024, block_of_B = 512 * 1024;             // as bf16, half of L2
constexpr Index block_rows = 128, slice_depth = 512;     // of A; a strip of such depth stays in L1

Index whole(Index n, Index unit) { return (n + unit - 1) / unit * unit; }

// Rows i .. i_end-1 and columns j .. j_end-1 of C, from the outside in: a block of B, which is
// packed once; a few strips of A; a slice of both, while C stays near.
void rectangle(const Lines& A, const Lines& B, Index i_begin, Index i_end, Index j_begin,
               Index j_end, Result C, bool accumulate) {
  const Index deep = std::min(block_depth, whole(A.depth, pair_block));
  const Index most = block_of_B / std::max(deep, pair_block) / strip * strip;
  const Index wide = std::min(most, j_end - j_begin);
  Storage room(whole(wide, strip) * deep / 2 + block_rows * slice_depth / 2);
  auto *a = reinterpret_cast<Pair*>(room.data()), *b = a + block_rows * slice_depth / 2;
  const Shapes shapes;
  asm volatile("ldtilecfg %0" : : "m"(shapes));
  for (Index p0 = 0; p0 < std::max<Index>(A.depth, 1); p0 += block_depth) {
    const Index depth = whole(std::min(block_depth, A.depth - p0), pair_block);
    for (Index j0 = j_begin; j0 < j_end; j0 += wide) {
      const Index j1 = std::min(j_end, j0 + wide);
      pack(B, j0, j1, p0, depth, true, b);
      for (Index i0 = i_begin; i0 < i_end; i0 += block_rows) {
        const Index i1 = std::min(i_end, i0 + block_rows);
        Index p = 0;
        do {
          const Index slice = std::min(slice_depth, depth - p);
          const bool last = p0 + p + slice >= A.depth;
          pack(A, i0, i1, p0 + p, slice, false, a);
          for (Index i = i0; i < i1; i += strip)
            for (Index j = j0; j < j1; j += strip)
              block_of_C(slice, a + (i - i0) * slice / 2, b + (j - j0) * depth / 2 + p * side,
                         std::min(strip, i1 - i), std::min(strip, j1 - j),
                         {C.at + i * C.row + j, C.row, last && C.bias ? C.bias + j : nullptr},
                         accumulate || p0 + p > 0);
        } while ((p += slice_depth) < depth);
      }
    }
  }
  asm volatile("tilerelease");
}

constexpr Index worth = 2500000;                // products that a thread is woken for, about 10 µs

}  // namespace

// Leaf 7 of cpuid names AMX's tiles and their bf16; Linux is asked for the room to keep them in.
bool has_amx() {
  static const bool there = [] {
    constexpr unsigned tile_and_bf16 = 1u << 24 | 1u << 22;
    constexpr long arch_prctl = 158, request_permission = 0x1023, tile_data = 18;
    unsigned a = 7, b, c = 0, d;
    asm("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return (d & tile_and_bf16) == tile_and_bf16 &&
           syscall(arch_prctl, request_permission, tile_data) == 0;
  }();
  return there;
}

// Threads take rows or columns, of which there are more.
void gemm_bf16(Index m, Index n, Index k, Matrix A, Matrix B, Real* C, Index c_row,
               bool accumulate, const Real* bias) {
  if (is_double || !has_amx())
    return gemm_bf16_plain(m, n, k, A, B, C, c_row, accumulate, bias);
  if (m <= 0 || n <= 0) return;
  const Lines rows{A.at, A.row, A.column, m, k}, columns{B.at, B.column, B.row, n, k};
  const Index longer = std::max(m, n);
  const Index grain = worth / (std::min(m, n) * std::max<Index>(k, 1) * strip) + 1;
  parallel_for(longer, grain * strip, [&](Index begin, Index end) {
    const Result result{C, c_row, bias};
    if (m >= n) rectangle(rows, columns, begin, end, 0, n, result, accumulate);
    else rectangle(rows, columns, 0, m, begin, end, result, accumulate);
  });
}

#endif

}  // namespace babelgrad
