// Statements against naive loops: every way in which shapes, strides and lengths can meet.
#include "naive.hpp"
#include <unspool/ops/ops.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace unspool::test;

namespace {

using Sizes = std::vector<std::size_t>;

// a * b + a / 3: not symmetric, and one leaf occurs twice.
Naive const twice{[](auto& x) { return x[0] * x[1] + x[0] / 3; },
                  [](auto& x) {
                      return std::vector{x[1] + 1.0 / 3, x[0]};
                  }};
Var record_twice(Var a, Var b) { return a * b + a / 3; }

Naive const product{[](auto& x) { return x[0] * x[1]; }, [](auto& x) { return std::vector{x[1], x[0]}; }};

template <Real T> bool twice_agrees(Tape& tape, Sizes const& a, Sizes const& b) {
    tape.rewind();
    Random random(7);
    Var const x = tape.input(numbers(a, random)), y = tape.input(numbers(b, random));
    return agrees<T>(record_twice(x, y), {x, y}, {x, y}, twice);
}

/// Each axis is shared, or has size 1 on the left, on the right, or on both: digit `axis` of `pattern` in base 4.
std::pair<Sizes, Sizes> broadcast_pattern(std::size_t rank, int pattern) {
    std::pair<Sizes, Sizes> out;
    for (std::size_t axis = 0; axis < rank; ++axis, pattern /= 4) {
        std::size_t const n = axis % 2 == 0 ? 2 : 3;
        out.first.push_back(pattern % 4 == 1 || pattern % 4 == 3 ? 1 : n);
        out.second.push_back(pattern % 4 == 2 || pattern % 4 == 3 ? 1 : n);
    }
    return out;
}

/// Without its leading axes of size 1, which broadcasting supplies.
Sizes without_leading_ones(Sizes s) {
    s.erase(s.begin(), std::find_if(s.begin(), s.end(), [](std::size_t n) { return n != 1; }));
    return s;
}

template <Real T> void check_patterns(std::size_t rank) {
    Tape tape(dtype_of<T>);
    int patterns = 1;
    for (std::size_t i = 0; i < rank; ++i) patterns *= 4;
    for (int p = 0; p < patterns; ++p) {
        auto const [a, b] = broadcast_pattern(rank, p);
        BOOST_TEST(twice_agrees<T>(tape, a, b), "rank " << rank << ", pattern " << p);
        BOOST_TEST(twice_agrees<T>(tape, without_leading_ones(a), b),
                   "rank " << rank << ", pattern " << p << ", shorter left");
        BOOST_TEST(twice_agrees<T>(tape, a, without_leading_ones(b)),
                   "rank " << rank << ", pattern " << p << ", shorter right");
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(statement)

BOOST_AUTO_TEST_CASE(every_pattern_of_ones_up_to_rank_6) {
    for (std::size_t rank = 0; rank <= 6; ++rank) check_patterns<double>(rank);
    for (std::size_t rank = 0; rank <= 5; ++rank) check_patterns<float>(rank);
}

BOOST_AUTO_TEST_CASE(lengths_around_register_widths) {
    Tape single(float32), twofold(float64);
    for (std::size_t n = 1; n <= 67; ++n) {
        for (auto const& [a, b] : std::vector<std::pair<Sizes, Sizes>>{
                 {{n}, {n}}, {{n}, {}}, {{}, {n}}, {{3, n}, {n}}, {{3, n}, {3, 1}}, {{n, 3}, {n, 1}}}) {
            BOOST_TEST(twice_agrees<float>(single, a, b), "float, length " << n);
            BOOST_TEST(twice_agrees<double>(twofold, a, b), "double, length " << n);
        }
    }
}

BOOST_AUTO_TEST_CASE(axes_of_size_zero) {
    Tape tape(float64);
    for (auto const& [a, b] : std::vector<std::pair<Sizes, Sizes>>{{{0}, {0}},
                                                                   {{0}, {1}},
                                                                   {{1}, {0}},
                                                                   {{}, {0}},
                                                                   {{3, 0}, {3, 1}},
                                                                   {{0, 3}, {1, 3}},
                                                                   {{2, 0, 3}, {2, 1, 3}},
                                                                   {{1, 5}, {0, 1}}})
        BOOST_TEST(twice_agrees<double>(tape, a, b));
}

BOOST_AUTO_TEST_CASE(strided_leaves) {
    Tape tape(float64);
    Random random(3);
    Var const x = tape.input(numbers({4, 5, 6}, random)), y = tape.input(numbers({6, 5}, random)),
              z = tape.input(numbers({5, 4}, random));
    for (auto const& [a, b] : std::vector<std::pair<Var, Var>>{{x[2], transpose(y)},
                                                               {transpose(y), x[1]},
                                                               {transpose(z), x[0][0][2]},
                                                               {slice(x, 2, 1, 4)[3], slice(transpose(y), 1, 2, 5)},
                                                               {index(x, 1, 3), slice(index(x, 1, 2), 0, 0, 4)},
                                                               {transpose(x, {2, 0, 1}), transpose(x, {2, 0, 1})},
                                                               {index(x, 2, 5), transpose(z)},
                                                               {piece(x, 1, 3), piece(x, 2, 3)}})
        BOOST_TEST(agrees<double>(record_twice(a, b), {a, b}, {x, y, z}, twice));
}

BOOST_AUTO_TEST_CASE(long_strided_rows) {
    Tape tape;
    Random random(4);
    Var const x = tape.input(numbers({300, 2}, random)), y = tape.input(numbers({2, 300}, random));
    Var const a = transpose(x), b = index(x, 1, 1);
    BOOST_TEST(agrees<float>(record_twice(a, y), {a, y}, {x, y}, twice));
    BOOST_TEST(agrees<float>(record_twice(y, b), {y, b}, {x, y}, twice));
}

BOOST_AUTO_TEST_CASE(one_leaf_in_several_places) {
    Tape tape;
    Random random(5);
    Var const x = tape.input(numbers({2, 33}, random));
    BOOST_TEST(agrees<float>(x * x, {x, x}, {x}, product));
    Naive const cube{[](auto& v) { return v[0] * v[1] * v[2]; },
                     [](auto& v) {
                         return std::vector{v[1] * v[2], v[0] * v[2], v[0] * v[1]};
                     }};
    BOOST_TEST(agrees<float>(x * x * x, {x, x, x}, {x}, cube));
    BOOST_TEST(agrees<float>(x[0] * x[1] * x[0], {x[0], x[1], x[0]}, {x}, cube));
}

// Windows of one array that overlap: an element may be the end of one and the middle of the other.
BOOST_AUTO_TEST_CASE(overlapping_windows) {
    for (Index n : {2, 3, 8, 9, 16, 17, 40, 64, 129, 400}) {
        Tape tape;
        Random random(6);
        Var const x      = tape.input(numbers({static_cast<std::size_t>(n)}, random));
        auto const check = [&](Var a, Var b) {
            BOOST_TEST(agrees<float>(record_twice(a, b), {a, b}, {x}, twice), "of " << n << " elements");
        };
        check(slice(x, 0, 0, n - 1), slice(x, 0, 1, n));
        check(slice(x, 0, 1, n), slice(x, 0, 0, n - 1));
        check(x, slice(x, 0, n - 1, n));
        check(slice(x, 0, 0, 1), x);
        check(x[n - 1], x);
        check(x, x[n - 1]);
        check(slice(x, 0, 0, n / 2), slice(x, 0, 1, n / 2 + 1));
        check(slice(x, 0, 1, n / 2 + 1), slice(x, 0, 0, n / 2));
    }
}

// The first increment may overwrite a gradient only if no other leaf writes to the same array.
BOOST_AUTO_TEST_CASE(an_array_and_a_row_of_it) {
    Tape tape(float64);
    Random random(8);
    Var const x = tape.input(numbers({4, 9}, random)), square = tape.input(numbers({5, 5}, random));
    for (Index t = 0; t < 4; ++t) {
        BOOST_TEST(agrees<double>(record_twice(x, x[t]), {x, x[t]}, {x}, twice), "row " << t);
        BOOST_TEST(agrees<double>(record_twice(x[t], x), {x[t], x}, {x}, twice), "row " << t);
        BOOST_TEST(agrees<double>(record_twice(x, x[t][t]), {x, x[t][t]}, {x}, twice), "element " << t);
        Var const column = slice(x, 1, t, t + 1);
        BOOST_TEST(agrees<double>(record_twice(x, column), {x, column}, {x}, twice), "column " << t);
    }
    BOOST_TEST(agrees<double>(record_twice(square, transpose(square)), {square, transpose(square)}, {square}, twice));
    BOOST_TEST(agrees<double>(record_twice(transpose(square), square), {transpose(square), square}, {square}, twice));
    BOOST_TEST(
        agrees<double>(record_twice(reshape(x, {9, 4})[2], x[1][3]), {reshape(x, {9, 4})[2], x[1][3]}, {x}, twice));
}

BOOST_AUTO_TEST_CASE(gradients_of_several_statements_add_up) {
    Tape tape(float64);
    Random random(9);
    Var const x = tape.input(numbers({6, 4}, random));
    // Pieces along one axis and along another, rows twice, the rest never: dx is assembled from all of them.
    Var const loss =
        sum(x[1] * 2) + sum(slice(x, 0, 2, 4) * 3) + sum(piece(x, 1, 2) * 5) + sum(x[1] * 7) + sum(index(x, 1, 3) * 11);
    xt::xarray<double> expected = xt::zeros<double>({6, 4});
    xt::view(expected, 1, xt::all()) += 9;
    xt::view(expected, xt::range(2, 4), xt::all()) += 3;
    xt::view(expected, xt::all(), xt::range(2, 4)) += 5;
    xt::view(expected, xt::all(), 3) += 11;
    BOOST_TEST((backward(loss)[x].value<double>() == expected));
}

// Whatever stands behind the end of an array never reaches a result or a gradient.
BOOST_AUTO_TEST_CASE(padding_does_not_leak) {
    float const nan = std::nanf("");
    Tape tape;
    for (int pass = 0; pass < 3; ++pass) {
        for (std::size_t n = 1; n <= 40; ++n) {
            tape.rewind();
            Var const poison = tape.input(xt::xarray<float>(xt::ones<float>({2000}) * nan));
            static_cast<void>(backward(sum(poison * poison)));  // and the memory of sweeps
            tape.rewind();
            BOOST_TEST(twice_agrees<float>(tape, {n}, {n}));
            BOOST_TEST(twice_agrees<float>(tape, {n, 2}, {2}));
            BOOST_TEST(twice_agrees<float>(tape, {2, n}, {}));
            Var const x = tape.input(xt::xarray<float>(xt::ones<float>({n}) * 2)), total = sum(x * x);
            BOOST_TEST(total.item() == 4.0 * static_cast<double>(n));
            BOOST_TEST((backward(total)[x].value<float>() == xt::xarray<float>(xt::ones<float>({n}) * 4)));
        }
    }
}

BOOST_AUTO_TEST_CASE(nan_and_infinity_stay_where_they_are) {
    double const nan = std::nan(""), inf = INFINITY;
    Tape tape(float64);
    Var const x = tape.input(xt::xarray<double>{1, nan, 3, inf, 5, -inf, 7, 8, 9}), y = x * 2 + 1;
    auto const v = y.value<double>();
    BOOST_TEST((v(0) == 3 && std::isnan(v(1)) && v(2) == 7 && v(3) == inf && v(5) == -inf && v(8) == 19));
    Gradients const g = backward(y, xt::xarray<double>{1, 1, nan, 1, 1, 1, 1, 1, 1});
    auto const d      = g[x].value<double>();
    for (std::size_t i = 0; i < 9; ++i) BOOST_TEST((i == 2 ? std::isnan(d(i)) : d(i) == 2));
    BOOST_TEST(std::isnan(sum(x).item()));
    BOOST_TEST(sum(slice(x, 0, 2, 5)).item() == inf);
}

BOOST_AUTO_TEST_SUITE_END()
