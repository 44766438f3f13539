#include "tensor/gemm_int8.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "tensor/check.h"
#include "tensor/parallel.h"
#include "tensor/simd.h"

namespace babelgrad {
namespace {

// A panel has 16 columns. Four numbers of a column, one below the other, lie side by side, then the
// same four of the next column: byte p / 4 * 64 + j * 4 + p % 4 is 128 + b[p, j], since x86 only
// multiplies unsigned bytes by signed ones. What the 128 adds to a sum, 128 Σₚ a[p], comes off in
// the end.
constexpr Index panel_columns = 16, together = 4, most_depth = 65536;
constexpr int excess = 128;

Index panels_of(Index n) { return (n + panel_columns - 1) / panel_columns; }
Index whole_depth(Index k) { return (k + together - 1) / together * together; }

// ---- The sums: a form adds the products of four numbers of A and 16 x 4 bytes of a panel --------

struct Plain8 {                                 // the definition
  static constexpr int rows = 1, panels = 1;    // of a tile
  struct Sum { std::int32_t at[panel_columns]; };
  using Weights = const std::uint8_t*;
  using Four = const std::int8_t*;
  static Weights weights(const std::uint8_t* b) { return b; }
  static Four four(const std::int8_t* a) { return a; }
  static void add(Sum& sum, Four a, Weights b) {
    for (Index j = 0; j < panel_columns; j++)
      for (Index p = 0; p < together; p++) sum.at[j] += a[p] * b[j * together + p];
  }
};

#ifdef __AVX2__
// Words of 16 bits hold two bytes: the even ones alone, and the odd ones alone, are words whose
// products are added in pairs to 32 bits. (AVX2's product of bytes, vpmaddubsw, adds to 16 bits,
// where two of 255 * 127 do not fit.)
struct Avx2 {
  static constexpr int rows = 2, panels = 2;
  typedef std::uint16_t Pairs __attribute__((vector_size(32)));
  typedef std::int16_t Words __attribute__((vector_size(32)));
  typedef std::int32_t Numbers __attribute__((vector_size(32)));
  struct Sum { Numbers at[2]; };                // of columns 0 .. 7 and 8 .. 15
  struct Weights { Words even[2], odd[2]; };
  struct Four { Words even, odd; };
  static Weights weights(const std::uint8_t* b) {
    Pairs half[2];
    std::memcpy(half, b, sizeof half);
    return {{Words(half[0] & 255), Words(half[1] & 255)},
            {Words(half[0] >> 8), Words(half[1] >> 8)}};
  }
  static Four four(const std::int8_t* a) {
    std::int32_t bits;
    std::memcpy(&bits, a, sizeof bits);
    const Words both = Words(bits - Numbers{});
    return {Words(Pairs(both) << 8) >> 8, both >> 8};
  }
  static void add(Sum& sum, const Four& a, const Weights& b) {
    for (int i = 0; i < 2; i++) {
      sum.at[i] += __builtin_ia32_pmaddwd256(a.even, b.even[i]) +
                   __builtin_ia32_pmaddwd256(a.odd, b.odd[i]);
    }
  }
};
#endif

#ifdef __AVX512VNNI__
struct Vnni {                                   // one instruction for all 64 products and sums
  static constexpr int rows = 4, panels = 4;
  typedef int Sum __attribute__((vector_size(64)));
  using Weights = Sum;
  using Four = Sum;
  static Weights weights(const std::uint8_t* b) {
    Weights out;
    std::memcpy(&out, b, sizeof out);
    return out;
  }
  static Four four(const std::int8_t* a) {
    std::int32_t bits;
    std::memcpy(&bits, a, sizeof bits);
    return bits - Four{};
  }
  static void add(Sum& sum, Four a, Weights b) {
#ifdef __clang__
    sum = __builtin_ia32_vpdpbusd512(sum, b, a);
#else
    sum = __builtin_ia32_vpdpbusd_v16si(sum, b, a);
#endif
  }
};
#endif

// Some rows of A times some panels, in registers: the sums of each row and panel.
template <class Form, int rows, int panels>
void sum_tile(const std::int8_t* a, Index a_row, const std::uint8_t* b, Index panel, Index depth,
              std::int32_t* to) {
  typename Form::Sum sum[rows][panels] = {};
  for (Index p = 0; p < depth; p += together) {
    typename Form::Four four[rows];
    for (int i = 0; i < rows; i++) four[i] = Form::four(a + i * a_row + p);
    for (int j = 0; j < panels; j++) {
      const auto weights = Form::weights(b + j * panel + p * panel_columns);
      for (int i = 0; i < rows; i++) Form::add(sum[i][j], four[i], weights);
    }
  }
  for (auto& row : sum)
    for (auto& one : row) std::memcpy(to, &one, sizeof one), to += panel_columns;
}

struct Kernels {
  int rows, panels;
  void (*kernel[2][2])(const std::int8_t* a, Index a_row, const std::uint8_t* b, Index panel,
                       Index depth, std::int32_t* to);    // [one row or all][one panel or all]
};
template <class Form>
constexpr Kernels kernels_of = {
    Form::rows, Form::panels,
    {{sum_tile<Form, 1, 1>, sum_tile<Form, 1, Form::panels>},
     {sum_tile<Form, Form::rows, 1>, sum_tile<Form, Form::rows, Form::panels>}}};

const Kernels& kernels(Int8 form) {
  check(form <= fastest_int8, "int8: this program was built without form ", int(form));
#ifdef __AVX512VNNI__
  if (form == Int8::vnni) return kernels_of<Vnni>;
#endif
#ifdef __AVX2__
  if (form == Int8::avx2) return kernels_of<Avx2>;
#endif
  return kernels_of<Plain8>;
}

// ---- What comes before the sums, and after ------------------------------------------------------

struct Int8Rows {                               // the rows of A
  Index depth;                                  // with the zeros behind
  std::vector<std::int8_t> at;
  std::vector<Real> scales;
  std::vector<std::int32_t> over;               // what the excess adds to each sum

  Int8Rows(Index m, Index k, Matrix A)
      : depth(whole_depth(k)), at(m * depth), scales(m), over(m) {
    parallel_for(m, 100000 / (k + 1) + 1, [&](Index begin, Index end) {
      for (Index i = begin; i < end; i++) {
        std::int8_t* q = at.data() + i * depth;
        scales[i] = quantize(A.at + i * A.row, A.column, k, q);
        std::int32_t sum = 0;
        for (Index p = 0; p < k; p++) sum += q[p];
        over[i] = excess * sum;
      }
    });
  }
};

// Up to 16 elements of a row of C from their sums, by the same compiled lines for every form.
void finish(const std::int32_t* sums, std::int32_t over, Real a_scale, const Real* scales,
            Real* c, Index n, bool accumulate, const Real* bias) {
  for (Index j = 0; j < n; j += lanes) {
    Vec exact{};
    for (int l = 0; l < lanes; l++) set_lane(exact, l, Real(sums[j + l] - over));
    Vec y = exact * (load(scales + j) * splat(a_scale));
    if (accumulate) y += load_some(c + j, n - j);
    if (bias) y += load_some(bias + j, n - j);
    store_some(c + j, y, n - j);
  }
}

}  // namespace

Real quantize(const Real* at, Index step, Index k, std::int8_t* q) {
  constexpr Word sign = Word(1) << (8 * sizeof(Word) - 1);
  Word top = 0;                                 // bits of absolute values are ordered as they are
  for (Index p = 0; p < k; p++) top = std::max(top, std::bit_cast<Word>(at[p * step]) & ~sign);
  const Real most = std::bit_cast<Real>(top), inverse = 127 / most;
  if (!(most <= std::numeric_limits<Real>::max() &&
        inverse <= std::numeric_limits<Real>::max())) {
    std::fill_n(q, k, std::int8_t(0));
    return most < 1 ? 0 : std::numeric_limits<Real>::quiet_NaN();
  }
  for (Index p = 0; p < k; p++) q[p] = std::int8_t(std::nearbyint(at[p * step] * inverse));
  return most / 127;
}

Int8Panels::Int8Panels(Index n, Index k, Matrix B)
    : bytes_(panels_of(n) * panel_columns * whole_depth(k) / Index(sizeof(Real)) + 1),
      scales_(panels_of(n) * panel_columns), columns_(n), depth_(k) {
  check(k <= most_depth, "int8: a sum of ", k, " products may not fit in 32 bits; at most ",
        most_depth, " do");
  parallel_for(panels_of(n), 100000 / (panel_columns * k + 1) + 1, [&](Index begin, Index end) {
    std::vector<std::int8_t> q(k);
    for (Index j = begin * panel_columns; j < end * panel_columns; j++) {
      auto* out = const_cast<std::uint8_t*>(panel(j / panel_columns));
      if (j % panel_columns == 0)
        std::fill_n(out, panel_columns * whole_depth(k), std::uint8_t(excess));
      if (j < n) scales_.data()[j] = quantize(B.at + j * B.column, B.row, k, q.data());
      else scales_.data()[j] = 0;
      out += j % panel_columns * together;
      for (Index p = 0; p < k && j < n; p++)
        out[p / together * together * panel_columns + p % together] = std::uint8_t(q[p] + excess);
    }
  });
}

const std::uint8_t* Int8Panels::panel(Index j) const {
  return reinterpret_cast<const std::uint8_t*>(bytes_.data()) +
         j * panel_columns * whole_depth(depth_);
}

const Real* Int8Panels::scales(Index j) const { return scales_.data() + j * panel_columns; }

// Threads take stretches of panels; a few panels stay in the first-level cache while all rows pass.
void gemm_int8(Index m, Matrix A, const Int8Panels& B, Real* C, Index c_row, bool accumulate,
               const Real* bias, Int8 form) {
  constexpr Index worth = 500000, most_sums = 16 * panel_columns;        // worth: as in gemm.cpp
  const Kernels& way = kernels(form);
  const Int8Rows rows(m, B.depth(), A);
  const Index n = B.columns(), panel = panel_columns * rows.depth;
  const Index grain = (worth / (m * panel + 1) / way.panels + 1) * way.panels;
  parallel_for(panels_of(n), grain, [&](Index begin, Index end) {
    std::int32_t sums[most_sums];
    for (Index j = begin, wide; j < end; j += wide) {
      wide = end - j < way.panels ? 1 : way.panels;
      for (Index i = 0, high; i < m; i += high) {
        high = m - i < way.rows ? 1 : way.rows;
        way.kernel[high > 1][wide > 1](rows.at.data() + i * rows.depth, rows.depth, B.panel(j),
                                       panel, rows.depth, sums);
        for (Index s = 0; s < high * wide; s++) {
          const Index row = i + s / wide, column = j + s % wide, first = column * panel_columns;
          finish(sums + s * panel_columns, rows.over[row], rows.scales[row], B.scales(column),
                 C + row * c_row + first, std::min(panel_columns, n - first), accumulate,
                 bias ? bias + first : nullptr);
        }
      }
    }
  });
}

}  // namespace babelgrad
