// Every operation, with the shapes of its operands and of its result by the sizes of some axes.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "autograd/ops.h"

namespace babelgrad::every {

using Dims = std::vector<int>;
using Inputs = std::vector<Tensor>;

// `inputs` says the shapes of the operands, `y` that of the result, by the sizes of some axes.
struct Operation {
  const char* name;
  Dims dims;
  std::vector<Shape> (*inputs)(const Dims& d);
  Tensor (*f)(const Inputs& x, const Dims& d);
  Shape (*y)(const Dims& d);
};

inline std::vector<Shape> table(const Dims& d) { return {{d[0], d[1]}}; }
inline std::vector<Shape> two_tables(const Dims& d) { return {{d[0], d[1]}, {d[0], d[1]}}; }
inline std::vector<Shape> norm_inputs(const Dims& d) { return {{d[0], d[1]}, {d[1]}, {d[1]}}; }
inline Shape same(const Dims& d) { return {d[0], d[1]}; }
inline Shape number(const Dims&) { return {}; }
inline Shape rows_left(const Dims& d) { return {d[0]}; }
inline Shape columns_left(const Dims& d) { return {d[1]}; }

inline Tensor minus(const Tensor& a, const Tensor& b) { return a - b; }
inline Tensor negative(const Tensor& x) { return -x; }

template <Tensor (*f)(const Tensor&)>
Operation pointwise(const char* name) {
  return {name, {2, 3}, table, [](const Inputs& x, const Dims&) { return f(x[0]); }, same};
}

template <Tensor (*f)(const Tensor&, const Tensor&)>
Operation of_two(const char* name) {
  return {name, {2, 3}, two_tables, [](const Inputs& x, const Dims&) { return f(x[0], x[1]); },
          same};
}

inline Ints zeros(int n) { return Ints(Shape{n}); }
inline Ints filled(int n, int value) { return Ints(Shape{n}, value); }

// d: batch, steps, width; the result's parts on top of each other.
inline std::vector<Shape> layer(int gates, const Dims& d) {
  return {{d[0] * d[1], gates * d[2]}, {gates * d[2], d[2]}, {gates * d[2]}, {d[0], d[2]},
          {d[0], d[2]}};
}
template <Cell cell>
Tensor run(const Inputs& x, const Dims& d) {
  Tensor C = cell == Cell::lstm ? x[4] : Tensor();
  Recurrence r = recurrence(cell, x[0], x[1], x[2], x[3], C, packed_sequence(filled(d[0], d[1])));
  return r.C ? cat({r.outputs, r.H, r.C}, 0) : cat({r.outputs, r.H}, 0);
}

inline const std::vector<Operation> elementwise = {
  of_two<operator+>("add"), of_two<minus>("sub"), of_two<operator*>("mul"),
    of_two<operator/>("div"), of_two<pow>("pow"), of_two<maximum>("maximum"),
    of_two<minimum>("minimum"), pointwise<negative>("neg"), pointwise<abs>("abs"),
    pointwise<square>("square"), pointwise<sqrt>("sqrt"), pointwise<rsqrt>("rsqrt"),
    pointwise<reciprocal>("reciprocal"), pointwise<exp>("exp"), pointwise<expm1>("expm1"),
    pointwise<log>("log"), pointwise<log1p>("log1p"), pointwise<sin>("sin"),
    pointwise<cos>("cos"), pointwise<erf>("erf"), pointwise<tanh>("tanh"),
    pointwise<sigmoid>("sigmoid"), pointwise<log_sigmoid>("log_sigmoid"),
    pointwise<softplus>("softplus"), pointwise<relu>("relu"), pointwise<elu>("elu"),
    pointwise<silu>("silu"), pointwise<gelu>("gelu"), pointwise<gelu_tanh>("gelu_tanh"),
    {"where", {2, 3}, [](const Dims& d) { return std::vector<Shape>{same(d), same(d), same(d)}; },
     [](const Inputs& x, const Dims&) { return where(x[0], x[1], x[2]); }, same},
    {"masked_fill", {2, 3}, two_tables,
     [](const Inputs& x, const Dims&) { return masked_fill(x[0], x[1], 7); }, same},
    {"add", {2, 3}, table, [](const Inputs& x, const Dims&) { return x[0] + Real(1); }, same},
    {"mul", {2, 3}, table, [](const Inputs& x, const Dims&) { return Real(2) * x[0]; }, same},
    {"pow", {2, 3}, table, [](const Inputs& x, const Dims&) { return pow(x[0], Real(2)); }, same},
    {"leaky_relu", {2, 3}, table, [](const Inputs& x, const Dims&) { return leaky_relu(x[0]); },
     same},
    {"clamp", {2, 3}, table, [](const Inputs& x, const Dims&) { return clamp(x[0], -1, 1); }, same},
    {"cumsum", {2, 3}, table, [](const Inputs& x, const Dims&) { return cumsum(x[0], 0); }, same},
    {"logsumexp", {2, 3}, table, [](const Inputs& x, const Dims&) { return logsumexp(x[0], 0); },
     columns_left}};

inline const std::vector<Operation> views = {
  {"reshape", {2, 3}, table,
     [](const Inputs& x, const Dims& d) { return reshape(x[0], {d[1], d[0]}); },
     [](const Dims& d) { return Shape{d[1], d[0]}; }},
    {"permute", {2, 3}, table, [](const Inputs& x, const Dims&) { return permute(x[0], {1, 0}); },
     [](const Dims& d) { return Shape{d[1], d[0]}; }},
    {"transpose", {2, 3}, table, [](const Inputs& x, const Dims&) { return transpose(x[0]); },
     [](const Dims& d) { return Shape{d[1], d[0]}; }},
    {"expand", {2, 3, 4}, [](const Dims& d) { return std::vector<Shape>{{d[0], 1, d[1]}}; },
     [](const Inputs& x, const Dims& d) { return expand(x[0], {d[0], d[2], d[1]}); },
     [](const Dims& d) { return Shape{d[0], d[2], d[1]}; }},
    {"slice", {2, 3}, table, [](const Inputs& x, const Dims&) { return slice(x[0], 1, 0, 1); },
     [](const Dims& d) { return Shape{d[0], std::min(d[1], 1)}; }},
    {"select", {2, 3}, table, [](const Inputs& x, const Dims&) { return select(x[0], 1, -1); },
     rows_left},
    {"unsqueeze", {2, 3}, table, [](const Inputs& x, const Dims&) { return unsqueeze(x[0], 1); },
     [](const Dims& d) { return Shape{d[0], 1, d[1]}; }},
    {"squeeze", {2, 3}, [](const Dims& d) { return std::vector<Shape>{{d[0], 1, d[1]}}; },
     [](const Inputs& x, const Dims&) { return squeeze(x[0], 1); }, same},
    {"flip", {2, 3}, table, [](const Inputs& x, const Dims&) { return flip(x[0], 1); }, same},
    {"cat", {2, 3, 4},
     [](const Dims& d) { return std::vector<Shape>{{d[0], d[1]}, {d[0], d[2]}}; },
     [](const Inputs& x, const Dims&) { return cat(x, 1); },
     [](const Dims& d) { return Shape{d[0], d[1] + d[2]}; }},
    {"stack", {2, 3}, two_tables, [](const Inputs& x, const Dims&) { return stack(x, -1); },
     [](const Dims& d) { return Shape{d[0], d[1], 2}; }},
    {"repeat", {2, 3, 4, 5}, table,
     [](const Inputs& x, const Dims& d) { return repeat(x[0], {2, d[2], d[3]}); },
     [](const Dims& d) { return Shape{2, d[0] * d[2], d[1] * d[3]}; }},
    {"repeat_interleave", {2, 3, 4}, table,
     [](const Inputs& x, const Dims& d) { return repeat_interleave(x[0], d[2], 1); },
     [](const Dims& d) { return Shape{d[0], d[1] * d[2]}; }},
    {"unbind", {2, 3}, table,
     [](const Inputs& x, const Dims& d) {
       std::vector<Tensor> parts = unbind(x[0], 1);
       return parts.empty() ? Tensor({d[0], 0}) : stack(parts, 1);
     },
     same}};

inline const std::vector<Operation> sums = {
  {"sum", {2, 3}, table, [](const Inputs& x, const Dims&) { return sum(x[0]); },
   number},
  {"sum", {2, 3}, table,
   [](const Inputs& x, const Dims&) { return sum(x[0], {1}); }, rows_left},
  {"mean", {2, 3}, table, [](const Inputs& x, const Dims&) { return mean(x[0]); },
   number},
  {"mean", {2, 3}, table,
   [](const Inputs& x, const Dims&) { return mean(x[0], {1}); }, rows_left},
  {"max", {2, 3}, table, [](const Inputs& x, const Dims&) { return max(x[0]); },
   number},
  {"max", {2, 3}, table,
   [](const Inputs& x, const Dims&) { return max(x[0], {1}); }, rows_left},
  {"min", {2, 3}, table, [](const Inputs& x, const Dims&) { return min(x[0]); },
   number},
  {"min", {2, 3}, table,
   [](const Inputs& x, const Dims&) { return min(x[0], {1}); }, rows_left},
  {"var", {2, 3}, table, [](const Inputs& x, const Dims&) { return var(x[0]); },
   number},
  {"var", {2, 3}, table,
   [](const Inputs& x, const Dims&) { return var(x[0], {1}); }, rows_left},
  {"std_dev", {2, 3}, table, [](const Inputs& x, const Dims&) { return std_dev(x[0]); },
   number},
  {"std_dev", {2, 3}, table,
   [](const Inputs& x, const Dims&) { return std_dev(x[0], {1}); }, rows_left},
  {"topk", {2, 3}, table,
     [](const Inputs& x, const Dims&) { return sum(raw::topk(x[0], 1).values); },
   number},
  {"topk", {2, 3}, table,
   [](const Inputs& x, const Dims&) { return squeeze(raw::topk(x[0], 1).values, 1); }, rows_left},
  {"argmax", {2, 3}, table,
     [](const Inputs& x, const Dims&) { return sum(Tensor(argmax(x[0]).shape())); },
   number},
  {"argmax", {2, 3}, table,
   [](const Inputs& x, const Dims&) { return Tensor(argmax(x[0]).shape()); }, rows_left}};

inline const std::vector<Operation> products = {
  {"matmul", {2, 3, 4, 5},
     [](const Dims& d) { return std::vector<Shape>{{d[3], d[0], d[1]}, {d[3], d[1], d[2]}}; },
     [](const Inputs& x, const Dims&) { return matmul(x[0], x[1]); },
     [](const Dims& d) { return Shape{d[3], d[0], d[2]}; }},
    {"matmul", {2, 3, 4, 5},
     [](const Dims& d) { return std::vector<Shape>{{d[3], d[0], d[1]}, {d[1], d[2]}}; },
     [](const Inputs& x, const Dims&) { return matmul(x[0], x[1]); },
     [](const Dims& d) { return Shape{d[3], d[0], d[2]}; }},
    {"matmul", {2, 3}, [](const Dims& d) { return std::vector<Shape>{{d[0]}, {d[0], d[1]}}; },
     [](const Inputs& x, const Dims&) { return matmul(x[0], x[1]); }, columns_left},
    {"matmul", {3}, [](const Dims& d) { return std::vector<Shape>{{d[0]}, {d[0]}}; },
     [](const Inputs& x, const Dims&) { return matmul(x[0], x[1]); }, number},
    {"linear", {2, 3, 4, 5},
     [](const Dims& d) { return std::vector<Shape>{{d[3], d[0], d[1]}, {d[2], d[1]}, {d[2]}}; },
     [](const Inputs& x, const Dims&) { return linear(x[0], x[1], x[2]); },
     [](const Dims& d) { return Shape{d[3], d[0], d[2]}; }}};

inline const std::vector<Operation> rows = {
  {"softmax", {2, 3}, table, [](const Inputs& x, const Dims&) { return softmax(x[0]); }, same},
    {"softmax", {2, 3}, table, [](const Inputs& x, const Dims&) { return softmax(x[0], 0); }, same},
    {"log_softmax", {2, 3}, table, [](const Inputs& x, const Dims&) { return log_softmax(x[0]); },
     same},
    {"masked_softmax", {2, 3, 4},
     [](const Dims& d) { return std::vector<Shape>{{d[0], d[1], d[2]}}; },
     [](const Inputs& x, const Dims& d) {
       return masked_softmax(x[0], filled(d[0], std::min(d[2], 1)));
     },
     [](const Dims& d) { return Shape{d[0], d[1], d[2]}; }},
    {"cross_entropy", {2, 3}, table,
     [](const Inputs& x, const Dims& d) { return cross_entropy(x[0], zeros(d[0])); }, number},
    {"cross_entropy", {2, 3}, table,
     [](const Inputs& x, const Dims& d) {
       return cross_entropy(x[0], filled(d[0], -100), {.label_smoothing = Real(0.1)});
     },
     number},
    {"layer_norm", {2, 3}, norm_inputs,
     [](const Inputs& x, const Dims&) { return layer_norm(x[0], x[1], x[2]); }, same},
    {"embedding", {2, 3, 4, 5}, table,
     [](const Inputs& x, const Dims& d) { return embedding(x[0], Ints(Shape{d[2], d[3]})); },
     [](const Dims& d) { return Shape{d[2], d[3], d[1]}; }},
    {"index_select", {2, 3, 4}, table,
     [](const Inputs& x, const Dims& d) { return index_select(x[0], 1, zeros(d[2])); },
     [](const Dims& d) { return Shape{d[0], d[2]}; }},
    {"gather", {2, 3, 4}, table,
     [](const Inputs& x, const Dims& d) { return gather(x[0], Ints(Shape{d[0], d[2]})); },
     [](const Dims& d) { return Shape{d[0], d[2]}; }},
    {"dropout", {2, 3}, table,
     [](const Inputs& x, const Dims&) { return dropout(x[0], Real(0.5)); }, same}};

inline const std::vector<Operation> layers = {
  {"dot_attention", {2, 3, 4, 5, 6},       // heads, queries, keys, d, v
     [](const Dims& d) {
       return std::vector<Shape>{{d[0], d[1], d[3]}, {d[0], d[2], d[3]}, {d[0], d[2], d[4]}};
     },
     [](const Inputs& x, const Dims& d) {
       Segments all = padded_segments({}, 1, d[1], d[2]);
       return dot_attention(x[0], x[1], x[2], all, 1, Real(0.5)).output;
     },
     [](const Dims& d) { return Shape{d[0], d[1], d[4]}; }},
    {"additive_attention", {2, 3, 4, 5},     // queries, keys, h, v
     [](const Dims& d) {
       return std::vector<Shape>{{1, d[0], d[2]}, {1, d[1], d[2]}, {d[2]}, {1, d[1], d[3]}};
     },
     [](const Inputs& x, const Dims& d) {
       Segments all = padded_segments({}, 1, d[0], d[1]);
       return additive_attention(x[0], x[1], x[2], x[3], all, 0).output;
     },
     [](const Dims& d) { return Shape{1, d[0], d[3]}; }},
    {"recurrence", {2, 3, 4},
     [](const Dims& d) {
       std::vector<Shape> shapes = layer(1, d);
       shapes.pop_back();
       return shapes;
     },
     run<Cell::rnn>, [](const Dims& d) { return Shape{d[0] * d[1] + d[0], d[2]}; }},
    {"recurrence", {2, 3, 4},
     [](const Dims& d) {
       std::vector<Shape> shapes = layer(3, d);
       shapes.pop_back();
       return shapes;
     },
     run<Cell::gru>, [](const Dims& d) { return Shape{d[0] * d[1] + d[0], d[2]}; }},
    {"recurrence", {2, 3, 4}, [](const Dims& d) { return layer(4, d); }, run<Cell::lstm>,
     [](const Dims& d) { return Shape{d[0] * d[1] + 2 * d[0], d[2]}; }}};

inline std::vector<Operation> operations() {
  std::vector<Operation> all;
  for (const auto& some : {elementwise, views, sums, products, rows, layers})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

}  // namespace babelgrad::every
