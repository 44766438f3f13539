// Numbers for a reader: few of many, with names at both sides.
#pragma once

#include <string>
#include <vector>

#include "data/pair.h"
#include "tensor/real.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad::explain {

std::string number(double x);                   // 0.123, 12.34, 123.4, 1.2e+08
std::string small_number(double x);             // below 0.01 rather 1.2e-05 than 0.000
std::string summary(const std::vector<Real>& values, const Screen& screen);  // mean ± std, range

// What a terminal without UTF-8 shows of an equation: sigma for σ, and so on.
std::string written(const std::string& equation, const Screen& screen);

// A bar as long as value / full, `width` columns at most.
std::string bar(double value, double full, int width, const Screen& screen);

// values (rows, columns) with the names of both; too many: the first ones and the last. Each line
// ends in a line end. No names: the columns are numbered from 1, in the header.
enum class Header { shown, none };
std::string matrix(const std::vector<Real>& values, const Tokens& rows, const Tokens& columns,
                   int column_count, const Screen& screen, Header header = Header::shown);

struct Bar { std::string name; double value; };
// One line each: name, number, bar; `full` is the value of a whole bar, 0: the largest one. More
// than `most`: the largest, and how many were left out.
std::string bars(const std::vector<Bar>& items, std::size_t most, double full,
                 const Screen& screen, std::string (*write)(double) = number);

}  // namespace babelgrad::explain
