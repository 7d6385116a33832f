// Solving, inverting, and factors of matrices: where they can go wrong, of large and of empty ones, and beyond the domain.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <golden.hpp>
#include <limits>
#include <ops/checks.hpp>
#include <thread>
#include <xtensor/xbuilder.hpp>

using namespace unspool;
using namespace unspool::core;
using checks::Doubles;
using Types = boost::mpl::list<float, double>;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity(), not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr Where here{"models/mgu.cpp", 23};

template <Real T> constexpr double rounding = std::same_as<T, float> ? 1e-4 : 1e-12;

/// n × n numbers in [-1, 1], with more on the diagonal.
Doubles random_matrix(Index n, double diagonal, std::uint64_t seed = 3) {
    Doubles out = checks::numbers({n, n}, {-1, 1}, {}, seed);
    for (std::size_t i = 0; i < out.shape()[0]; ++i) out(i, i) += diagonal;
    return out;
}
Doubles identity(Index n) { return xt::eye<double>(static_cast<std::size_t>(n)); }

template <Real T> bool all_nan(Var const& x) {
    auto const v = x.value<T>();
    return std::all_of(v.begin(), v.end(), [](T e) { return std::isnan(e); });
}

/// Does `f` throw E with this message, and leave the tape as it was?
template <class E, class F> void refuses(Tape& tape, F f, std::string const& message) {
    NodeId const size = tape.size();
    BOOST_CHECK_EXCEPTION(f(), E, [&](E const& e) {
        BOOST_TEST(e.what() == message);
        return true;
    });
    BOOST_TEST(tape.size() == size);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decompositions)

// ---- values ----

BOOST_AUTO_TEST_CASE_TEMPLATE(by_hand, T, Types) {
    Tape tape(dtype_of<T>);
    Var a = tape.input(Doubles{{0, 2}, {4, 3}}), p = tape.input(Doubles{{4, 2}, {2, 10}});
    BOOST_TEST(golden::near(solve(a, Doubles{2, 11}).template value<T>(), Doubles{2, 1},
                            1e-6));  // the first pivot is not on the diagonal
    BOOST_TEST(golden::near(inverse(a).template value<T>(), Doubles{{-0.375, 0.25}, {0.5, 0}}, 1e-6));
    BOOST_TEST(golden::near(cholesky(p).template value<T>(), Doubles{{2, 0}, {1, 3}}, 1e-6));
    BOOST_TEST(logdet(a).item() == std::log(8), boost::test_tools::tolerance(1e-6));  // of a determinant of -8
}

// Beyond the sizes of LAPACK's blocks.
BOOST_AUTO_TEST_CASE_TEMPLATE(of_large_matrices, T, Types) {
    for (Index const n : {65, 200}) {
        Tape tape(dtype_of<T>);
        Doubles positive = random_matrix(n, 2.0 * static_cast<double>(n));
        Var a = tape.input(random_matrix(n, 10)), b = tape.input(checks::ordinary({n, 7}, 4)), p = tape.input(positive);
        Var l = cholesky(p);
        BOOST_TEST(golden::near(matmul(a, solve(a, b)).template value<T>(), b.template value<T>(), rounding<T>));
        BOOST_TEST(golden::near(matmul(inverse(a), a).template value<T>(), identity(n), rounding<T>));
        Doubles const both = (positive + xt::transpose(positive)) / 2;
        BOOST_TEST(golden::near_in_norm(matmul(l, transpose(l)).template value<T>(), both, rounding<T>));
        auto const v = l.template value<T>();
        double logs  = 0;
        for (std::size_t i = 0; i < v.shape()[0]; ++i) {
            logs += 2 * std::log(static_cast<double>(v(i, i)));
            for (std::size_t j = i + 1; j < v.shape()[1]; ++j) BOOST_REQUIRE(v(i, j) == 0);
        }
        BOOST_TEST(logdet(tape.input(both)).item() == logs, boost::test_tools::tolerance(rounding<T>));
    }
}

BOOST_AUTO_TEST_CASE(gradients_of_large_matrices) {
    Tape tape(float64);
    Var x = tape.input(random_matrix(70, 10)), b = tape.input(checks::ordinary({70, 3}, 8));
    auto const g = backward(logdet(x));
    BOOST_TEST(golden::near_in_norm(g[x].value<double>(), transpose(inverse(x)).value<double>(), 1e-12));
    Doubles const seed = checks::ordinary({70, 3}, 9);
    auto const s = backward(solve(x, b), seed), i = backward(matmul(inverse(x), b), seed);
    BOOST_TEST(golden::near_in_norm(s[x].value<double>(), i[x].value<double>(), 1e-12));
    BOOST_TEST(golden::near_in_norm(s[b].value<double>(), i[b].value<double>(), 1e-12));
}

BOOST_AUTO_TEST_CASE(cholesky_is_that_of_the_symmetric_part) {
    Tape tape(float64);
    Doubles const given = random_matrix(4, 5), seed = checks::ordinary({4, 4}, 6);
    Var x = tape.input(given), y = tape.input(Doubles((given + xt::transpose(given)) / 2));
    BOOST_TEST(cholesky(x).value<double>() == cholesky(y).value<double>());
    auto const g = backward(cholesky(x), seed);
    BOOST_TEST(golden::near(g[x].value<double>(), xt::transpose(g[x].value<double>()), 1e-15));
    Doubles other = seed;  // what is always 0 has no adjoint
    for (std::size_t k = 0; k < 3; ++k) other(k, 3) = 99;
    BOOST_TEST(golden::near(backward(cholesky(x), other)[x].value<double>(), g[x].value<double>(), 1e-14));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(far_from_one, T, Types) {
    double const huge = static_cast<double>(std::numeric_limits<T>::max()) / 4;
    Tape tape(dtype_of<T>);
    Var large = tape.input(Doubles(identity(50) * huge)), small = tape.input(Doubles(identity(50) / huge));
    // no determinant has an exponent like that
    BOOST_TEST(logdet(large).item() == 50 * std::log(huge), boost::test_tools::tolerance(1e-6));
    BOOST_TEST(logdet(small).item() == -50 * std::log(huge), boost::test_tools::tolerance(1e-6));
    BOOST_TEST(golden::near(Var(inverse(small) / huge).template value<T>(), identity(50), 1e-6));
    BOOST_TEST(golden::near(solve(large, large).template value<T>(), identity(50), 1e-6));
    BOOST_TEST(golden::near(Var(cholesky(large) / std::sqrt(huge)).template value<T>(), identity(50), 1e-6));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(of_nothing, T, Types) {
    Tape tape(dtype_of<T>);
    Var x = tape.input(xt::xarray<T>::from_shape({0, 0})), a = tape.input(random_matrix(3, 4));
    BOOST_TEST((inverse(x).shape() == Shape{0, 0}));
    BOOST_TEST((cholesky(x).shape() == Shape{0, 0}));
    BOOST_TEST((solve(x, xt::xarray<T>::from_shape({0})).shape() == Shape{0}));
    BOOST_TEST((solve(x, xt::xarray<T>::from_shape({0, 2})).shape() == Shape{0, 2}));
    BOOST_TEST((solve(a, xt::xarray<T>::from_shape({3, 0})).shape() == Shape{3, 0}));
    BOOST_TEST(logdet(x).item() == 0);
    BOOST_TEST((backward(logdet(x))[x].shape() == Shape{0, 0}));
    auto const none = xt::xarray<T>::from_shape({3, 0});
    BOOST_TEST(golden::near(backward(solve(a, none), none)[a].template value<T>(), xt::zeros<double>({3, 3}), 0));
}

// Threads of OpenBLAS would divide the work, and round otherwise.
BOOST_AUTO_TEST_CASE(on_several_threads_at_once) {
    auto const computed = [] {
        Tape tape(float64);
        Var x = tape.input(random_matrix(90, 10));
        Var y = matmul(solve(x, inverse(x)), cholesky(x + 200 * identity(90)));
        return Doubles(backward(sum(y) + logdet(x))[x].value<double>());
    };
    Doubles const one = computed();
    std::array<Doubles, 4> all;
    std::vector<std::thread> threads;
    for (Doubles& out : all)
        threads.emplace_back([&] {
            for (int k = 0; k < 5; ++k) out = computed();
        });
    for (std::thread& t : threads) t.join();
    for (Doubles const& out : all) BOOST_TEST(out == one);
}

// ---- beyond the domain ----

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_not_finite_makes_all_of_the_result_so, T, Types) {
    for (auto const& [bad, column] :
         {std::pair{not_a_number, 2u}, {inf, 2u}, {-inf, 0u}, {inf, 0u}}) {  // a pivot, or not
        Tape tape(dtype_of<T>);
        Doubles given    = random_matrix(3, 4);
        given(0, column) = bad;
        Var x = tape.input(given), b = tape.input(Doubles{1, 2, 3});
        for (Var const& y : {solve(x, b), inverse(x), cholesky(x), logdet(x)}) {
            BOOST_TEST(all_nan<T>(y));
            BOOST_TEST(all_nan<T>(tape.constant(backward(sum(y))[x].template value<T>())));
        }
    }
    Tape tape(dtype_of<T>);
    Doubles sides = xt::ones<double>({3, 2});
    sides(1, 1)   = not_a_number;
    Var const y   = solve(tape.input(random_matrix(3, 4)), sides);
    BOOST_TEST(all_nan<T>(y[Index(2)][1]));
    BOOST_TEST(std::isfinite(sum(index(y, 1, 0)).item()));  // each column is its own
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_determinant_of_a_singular_matrix, T, Types) {
    Tape tape(dtype_of<T>);
    for (Var x : {tape.input(Doubles{{1, 2}, {2, 4}}), tape.input(Doubles(xt::zeros<double>({1, 1}))),
                  tape.input(Doubles(xt::zeros<double>({3, 3})))}) {
        BOOST_TEST(logdet(x).item() == -inf);
        BOOST_TEST(all_nan<T>(tape.constant(backward(logdet(x))[x].template value<T>())));
    }
}

BOOST_AUTO_TEST_CASE(singular_matrices) {
    Tape tape(float64);
    Var x = tape.input(Doubles{{1, 2}, {2, 4}}, "x"), b = tape.input(Doubles{1, 2}, "b");
    refuses<ValueError>(
        tape, [&] { return inverse(x, here); }, "mgu.cpp:23: inverse: x is singular\n      x  [2,2]");
    refuses<ValueError>(
        tape, [&] { return solve(x, b, here); }, "mgu.cpp:23: solve: x is singular\n      x  [2,2]");
    refuses<ValueError>(
        tape, [&] { return inverse(x * 2, here); }, "mgu.cpp:23: inverse: x * 2 is singular\n      x * 2  [2,2]");
}

BOOST_AUTO_TEST_CASE(matrices_that_are_not_positive_definite) {
    Tape tape(float64);
    for (Doubles const& given :
         {Doubles{{1, 2}, {2, 1}}, Doubles{{0, 0}, {0, 1}}, Doubles{{1, 0}, {0, -1}}, Doubles{{1, 9}, {-3, 1}}}) {
        Var x = tape.input(given, "x");
        refuses<ValueError>(
            tape, [&] { return cholesky(x, here); },
            "mgu.cpp:23: cholesky: x is not positive definite\n      x  [2,2]");
    }
}

BOOST_AUTO_TEST_CASE(shapes_that_do_not_fit) {
    Tape tape(float64);
    Var x = tape.input(xt::ones<double>({2, 3}), "x"), a = tape.input(random_matrix(3, 4), "a"), v = x[0].named("v");
    auto const message = [](std::string const& op, std::string const& signature) {
        return "mgu.cpp:23: " + op + ": x is not a square matrix\n    expected  " + signature + "\n      x  [2,3]";
    };
    refuses<ShapeError>(
        tape, [&] { return inverse(x, here); }, message("inverse", "[n,n] -> [n,n]"));
    refuses<ShapeError>(
        tape, [&] { return cholesky(x, here); }, message("cholesky", "[n,n] -> [n,n]"));
    refuses<ShapeError>(
        tape, [&] { return logdet(x, here); }, message("logdet", "[n,n] -> []"));
    refuses<ShapeError>(
        tape, [&] { return solve(x, v, here); }, message("solve", "[n,n] [n,k] -> [n,k]"));
    refuses<ShapeError>(
        tape, [&] { return inverse(v, here); },
        "mgu.cpp:23: inverse: v is not a square matrix\n    expected  [n,n] -> [n,n]\n      v  [3]");
    refuses<ShapeError>(
        tape, [&] { return solve(a, x, here); },
        "mgu.cpp:23: solve: n is 3 in a but 2 in x\n    expected  [n,n] [n,k] -> [n,k]\n      a  [3,3]\n      x  "
        "[2,3]");
    refuses<ShapeError>(
        tape, [&] { return solve(a, index(x, 1, 0).named("w"), here); },
        "mgu.cpp:23: solve: n is 3 in a but 2 in w\n    expected  [n,n] [n] -> [n]\n      a  [3,3]\n      w  [2]");
    refuses<ShapeError>(
        tape, [&] { return solve(a, v[0].named("s"), here); },
        "mgu.cpp:23: solve: s must have 2 axes\n    expected  [n,n] [n,k] -> [n,k]\n      a  [3,3]\n      s  []");
}

BOOST_AUTO_TEST_SUITE_END()
