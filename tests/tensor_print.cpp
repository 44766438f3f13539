#include <iostream>
#include <sstream>
#include <stdexcept>

#include "tensor/compare.h"
#include "tensor/views.h"
#include "tests/child.h"
#include "tests/close.h"

using namespace babelgrad;

TEST_CASE("print: a number, a row, a matrix, a box") {
  CHECK(text(Tensor::scalar(Real(-1.5))) == "-1.5000");
  CHECK(text(Tensor({3}, {1, -2.5, 10})) == "[ 1.0000 -2.5000 10.0000]");
  CHECK(text(counted({2, 3})) == "[[0.0000 1.0000 2.0000]\n [3.0000 4.0000 5.0000]]");
  CHECK(text(counted({2, 2, 1})) == "[[[0.0000]\n  [1.0000]]\n\n [[2.0000]\n  [3.0000]]]");
}

TEST_CASE("print: the view is printed, not the storage") {
  CHECK(text(raw::transpose(counted({2, 2}))) == "[[0.0000 2.0000]\n [1.0000 3.0000]]");
  CHECK(text(raw::flip(counted({3}), 0)) == "[2.0000 1.0000 0.0000]");
  CHECK(text(raw::expand(Tensor({1}, 1), {3})) == "[1.0000 1.0000 1.0000]");
}

TEST_CASE("print: more than 1,000 numbers are cut to three at each end") {
  CHECK(text(counted({1001})) ==
        "[   0.0000    1.0000    2.0000 ...  998.0000  999.0000 1000.0000]");
  CHECK(text(Tensor({400, 3}, 1)) ==
        "[[1.0000 1.0000 1.0000]\n [1.0000 1.0000 1.0000]\n [1.0000 1.0000 1.0000]\n ...\n"
        " [1.0000 1.0000 1.0000]\n [1.0000 1.0000 1.0000]\n [1.0000 1.0000 1.0000]]");
  CHECK(text(Tensor({1000}, 1)).find("...") == std::string::npos);
  CHECK(text(Ints(Shape{200, 6}, 1)).starts_with("[[1 1 1 1 1 1]\n"));
  CHECK(text(Ints(Shape{200, 7}, 1)).starts_with("[[1 1 1 ... 1 1 1]\n"));
}

TEST_CASE("print: what is not a number, and what is none") {
  CHECK(text(Tensor({4}, {1, NAN, INFINITY, -INFINITY})) == "[1.0000    nan    inf   -inf]");
  CHECK(text(Tensor({2}, NAN)) == "[nan nan]");
  CHECK(text(Tensor({0})) == "[] of shape (0,)");
  CHECK(text(Tensor({2, 0, 3})) == "[] of shape (2, 0, 3)");
  CHECK(text(Tensor()) == "none");
}

TEST_CASE("print: very large and very small numbers go by powers of ten") {
  CHECK(text(Tensor({2}, {1000000, 1})) == "[1.0000e+06 1.0000e+00]");
  CHECK(text(Tensor({2}, {Real(-0.0005), Real(0.00025)})) == "[-5.0000e-04  2.5000e-04]");
  CHECK(text(Tensor({2}, {999999, Real(0.5)})) == "[999999.0000      0.5000]");
  CHECK(text(Tensor({2})) == "[0.0000 0.0000]");
}

TEST_CASE("print: no number that is not 0 looks like 0") {
  CHECK(text(Tensor({3}, {Real(1e-5), 1, 2})) == "[1.0000e-05 1.0000e+00 2.0000e+00]");
  CHECK(text(Tensor({2}, {-100, Real(-4e-5)})) == "[-1.0000e+02 -4.0000e-05]");
  CHECK(text(Tensor({2}, {Real(6e-5), 1})) == "[0.0001 1.0000]");
  CHECK(text(Tensor({3}, {0, Real(-0.0), 1})) == "[ 0.0000 -0.0000  1.0000]");
  CHECK(text(Tensor({3}, {NAN, Real(1e-6), INFINITY})) == "[       nan 1.0000e-06        inf]");
}

TEST_CASE("print: where powers of ten begin") {
  CHECK(by_powers_of_ten(1e6, 1));
  CHECK_FALSE(by_powers_of_ten(999999.9, 1));
  CHECK(by_powers_of_ten(9.9e-4, 9.9e-4));
  CHECK_FALSE(by_powers_of_ten(1e-3, 1e-3));
  CHECK(by_powers_of_ten(1, 4.9e-5));
  CHECK_FALSE(by_powers_of_ten(1, 5e-5));
  CHECK_FALSE(by_powers_of_ten(0, 1));          // of zeros alone
}

TEST_CASE("text, fixed: the largest and the least of numbers, and those that are none") {
  CHECK(fixed(1e300, 2).size() == 304);
  CHECK(fixed(-1.7976931348623157e308, 200).size() == 1 + 309 + 1 + 200);
  CHECK(fixed(0.5, 600).size() == 602);
  CHECK(fixed(5e-324, 3) == "0.000");
  CHECK(fixed(-0.0, 1) == "-0.0");
  CHECK(fixed(2.5, -3) == "2");
  CHECK(fixed(std::copysign(double(NAN), -1), 2) == "nan");
  CHECK(fixed(-double(INFINITY), 2) == "-inf");
  CHECK(text(std::copysign(double(NAN), -1)) == "nan");
  CHECK(text(std::copysign(float(NAN), float(-1))) == "nan");
  CHECK(text(1e300) == "1e+300");
}

TEST_CASE("text: numbers are written with a point, and fixed() with the digits asked for") {
  CHECK(text(0.125) == "0.125");
  CHECK(text(-7) == "-7");
  CHECK(text(true) == "true");
  CHECK(text('x') == "x");
  CHECK(fixed(1234567.891, 2) == "1234567.89");
  CHECK(fixed(-0.5, 0) == "-0");
  CHECK(join("a", 1, 2.5, Shape{2}) == "a12.5(2,)");
}

TEST_CASE("print: Ints as tensors are, in columns, and none") {
  CHECK(text(Ints{1, 20, -3}) == "[ 1 20 -3]");
  CHECK(text(Ints(Shape{2, 2}, {1, 2, 3, 40})) == "[[ 1  2]\n [ 3 40]]");
  CHECK(text(Ints(Shape{}, 7)) == "7");
  CHECK(text(Ints(Shape{1001}, 5)) == "[5 5 5 ... 5 5 5]");
  CHECK(text(Ints(Shape{0, 2})) == "[] of shape (0, 2)");
  CHECK(text(Ints()) == "none");
}

TEST_CASE("print: a number alone looks as in a tensor, a list stands in brackets") {
  CHECK(shown(0.5) == "0.5000");
  CHECK(shown(float(-2)) == "-2.0000");
  CHECK(shown(1e-7) == "1.0000e-07");
  CHECK(shown(1e300) == "1.0000e+300");
  CHECK(shown(0.0) == "0.0000");
  CHECK(shown(double(INFINITY)) == "inf");
  CHECK(shown(double(NAN)) == "nan");
  CHECK(shown(7) == "7");
  CHECK(shown("as it is") == "as it is");
  CHECK(shown(Ints{1, 2}) == "[1 2]");
  CHECK(shown(std::vector<double>{0.5, 1}) == "[0.5000 1.0000]");
  CHECK(shown(std::vector<std::vector<int>>{{1, 2}, {}}) == "[[1 2] []]");
  CHECK(shown(std::vector<Shape>{{1}, {}}) == "[(1,) ()]");
}

TEST_CASE("print: a stream gets what text() says") {
  std::ostringstream out;
  out << Tensor({2}, {1, 2}) << " " << Ints{3} << " " << Shape{4, 5} << " " << (Ints{3} == 3);
  CHECK(out.str() == "[1.0000 2.0000] [3] (4, 5) [1.0000]");
}

TEST_CASE("an uncaught exception: what was printed is kept, and an Error is one line") {
  Child error = in_a_child([] {
    print("step ", 1);
    std::cout << "step " << counted({2});
    fail("mul: shapes differ");
  });
  CHECK(error.out == "step 1\nstep [0.0000 1.0000]");
  CHECK(error.err == "error: mul: shapes differ\n");
  CHECK(error.signal == SIGABRT);
  Child other = in_a_child([] {
    print("step ", 2);
    throw std::out_of_range("far out");
  });
  CHECK(other.out == "step 2\n");
  CHECK(other.err.find("far out") != std::string::npos);  // as the compiler's library tells it
  CHECK(other.signal == SIGABRT);
}

TEST_CASE("print: nothing stands between its parts") {
  CHECK(in_a_child([] { print(counted({2}), 1, Tensor::scalar(2)); }).out ==
        "[0.0000 1.0000]12.0000\n");
}
