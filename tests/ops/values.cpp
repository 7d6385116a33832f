// What operations compute: against xtensor and naive loops, in float32 and float64, and at the extremes.
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fmt/format.h>
#include <golden.hpp>
#include <limits>
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/tape/params.hpp>
#include <unspool/ops/ops.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xsort.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;
using Types = boost::mpl::list<float, double>;

namespace {

template <Real T>
xt::xarray<T> spread(std::vector<std::size_t> const& shape, double low, double high, std::uint64_t seed) {
    Random random(seed);
    xt::xarray<T> out = xt::xarray<T>::from_shape(shape);
    for (T& x : out) x = static_cast<T>(random.uniform(low, high));
    return out;
}
/// The value of `f` at one number, in a register among others.
template <Real T, class F> T at(F f, double x) {
    Tape tape(dtype_of<T>);
    xt::xarray<T> xs = xt::xarray<T>::from_shape({21});
    xs.fill(T(0.5));
    xs(13)      = static_cast<T>(x);
    Var const y = f(tape.input(xs));
    return y.value<T>()(13);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(values)

BOOST_AUTO_TEST_CASE_TEMPLATE(saturation_is_exact, T, Types) {
    for (double x : {100.0, 1000.0, 1e4}) {
        BOOST_TEST(at<T>([](Var v) -> Var { return tanh(v); }, x) == T(1));
        BOOST_TEST(at<T>([](Var v) -> Var { return tanh(v); }, -x) == T(-1));
        BOOST_TEST(at<T>([](Var v) -> Var { return sigmoid(v); }, x) == T(1));
    }
    BOOST_TEST(at<T>([](Var v) -> Var { return sigmoid(v); }, -1000) == T(0));
    BOOST_TEST(at<T>([](Var v) -> Var { return exp(v); }, 1000) == std::numeric_limits<T>::infinity());
    BOOST_TEST(at<T>([](Var v) -> Var { return exp(v); }, -1000) == T(0));
    BOOST_TEST(at<T>([](Var v) -> Var { return log(v); }, 0) == -std::numeric_limits<T>::infinity());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_where_functions_saturate_are_zero_not_nan, T, Types) {
    Tape tape(dtype_of<T>);
    Var x        = tape.input(xt::xarray<T>{-1000, -100, 100, 1000});
    auto const g = backward(sum(tanh(x) + sigmoid(x) + relu(x)));
    BOOST_TEST(golden::near(g[x].template value<T>(), xt::xarray<T>{0, 0, 1, 1}, 1e-40));  // sigmoid'(-100) is 4e-44
}

BOOST_AUTO_TEST_CASE_TEMPLATE(every_rank_and_empty_arrays, T, Types) {
    for (std::vector<std::size_t> shape :
         std::vector<std::vector<std::size_t>>{{}, {0}, {3, 0, 2}, {1, 1, 1, 1, 1, 1}, {2, 1, 3, 1, 2, 2}}) {
        Tape tape(dtype_of<T>);
        auto const xs = spread<T>(shape, -2, 2, 8);
        Var const y   = 2 * tape.input(xs) + 1;
        BOOST_TEST(golden::near(y.value<T>(), xt::xarray<T>(2 * xs + 1), 1e-6));
    }
    Tape tape(dtype_of<T>);
    BOOST_TEST((Var(tape.input(xt::xarray<T>::from_shape({0})) * 2.0).shape() == Shape{0}));
    BOOST_CHECK_THROW(tape.input(xt::xarray<T>::from_shape({1, 1, 1, 1, 1, 1, 1})), ShapeError);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(sums_and_means, T, Types) {
    auto const xs = spread<T>({3, 5, 19}, -2, 3, 5);
    Tape tape(dtype_of<T>);
    Var x      = tape.input(xs);
    double tol = std::same_as<T, float> ? 1e-5 : 1e-13;
    BOOST_TEST(golden::near(sum(x).template value<T>(), xt::xarray<T>(xt::sum(xs)), tol));
    BOOST_TEST(golden::near(mean(x).template value<T>(), xt::xarray<T>(xt::mean(xs)), tol));
    BOOST_TEST(golden::near(sum(x, 0).template value<T>(), xt::xarray<T>(xt::sum(xs, {0})), tol));
    BOOST_TEST(golden::near(sum(x, {-1, 0}).template value<T>(), xt::xarray<T>(xt::sum(xs, {0, 2})), tol));
    BOOST_TEST(golden::near(mean(x, 1).template value<T>(), xt::xarray<T>(xt::mean(xs, {1})), tol));
    BOOST_TEST(golden::near(mean(x * x, -1, Reduced::keep).template value<T>(),
                            xt::xarray<T>(xt::mean(xs * xs, {2}, xt::keep_dims)), tol));
    BOOST_TEST((sum(x, {0, 1, 2}, Reduced::keep).shape() == Shape{1, 1, 1}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(sums_and_means_of_nothing, T, Types) {
    Tape tape(dtype_of<T>);
    Var x = tape.input(xt::xarray<T>::from_shape({0, 3}));
    BOOST_TEST(sum(x).item() == 0);
    BOOST_TEST(std::isnan(mean(x).item()));
    BOOST_TEST(sum(x, 0).template value<T>() == (xt::xarray<T>{0, 0, 0}));
    BOOST_TEST((sum(x, 1).shape() == Shape{0}));
    BOOST_TEST((mean(x, 1).shape() == Shape{0}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nan_reaches_sums_and_losses, T, Types) {
    T const nan = std::numeric_limits<T>::quiet_NaN();
    for (std::size_t i : {0u, 5u, 36u}) {
        Tape tape(dtype_of<T>);
        xt::xarray<T> xs = spread<T>({37}, -1, 1, 2);
        xs(i)            = nan;
        Var x            = tape.input(xs);
        BOOST_TEST(std::isnan(sum(x).item()));
        BOOST_TEST(std::isnan(mean(relu(x)).item()));
        BOOST_TEST(std::isnan(cross_entropy(x, xt::xarray<int>(7)).item()));
        BOOST_TEST(xt::all(xt::isnan(log_softmax(x).template value<T>())));
    }
}

/// a b as three loops.
template <Real T> xt::xarray<T> product(xt::xarray<T> const& a, xt::xarray<T> const& b) {
    xt::xarray<T> out = xt::zeros<T>({a.shape(0), b.shape(1)});
    for (std::size_t i = 0; i < a.shape(0); ++i)
        for (std::size_t j = 0; j < b.shape(1); ++j)
            for (std::size_t k = 0; k < a.shape(1); ++k) out(i, j) += a(i, k) * b(k, j);
    return out;
}

BOOST_AUTO_TEST_CASE_TEMPLATE(products_of_all_small_sizes, T, Types) {
    double const tol = std::same_as<T, float> ? 1e-5 : 1e-13;
    for (std::size_t m : {0u, 1u, 2u, 17u})
        for (std::size_t k : {0u, 1u, 3u, 20u})
            for (std::size_t n : {0u, 1u, 5u, 18u}) {
                Tape tape(dtype_of<T>);
                auto const as = spread<T>({m, k}, -1, 1, 1), bs = spread<T>({k, n}, -1, 1, 2);
                auto const want = product<T>(as, bs);
                Var a = tape.input(as), b = tape.input(bs), at = tape.input(xt::xarray<T>(xt::transpose(as))),
                    bt          = tape.input(xt::xarray<T>(xt::transpose(bs)));
                auto const what = fmt::format("{} x {} x {}", m, k, n);
                BOOST_TEST(golden::near(matmul(a, b).template value<T>(), want, tol), what);
                BOOST_TEST(golden::near(matmul(transpose(at), b).template value<T>(), want, tol), what);
                BOOST_TEST(golden::near(matmul(a, transpose(bt)).template value<T>(), want, tol), what);
                BOOST_TEST(golden::near(matmul(transpose(at), transpose(bt)).template value<T>(), want, tol), what);
                BOOST_TEST(golden::near(Var(linear(a, bt)).template value<T>(), want, tol), what);
            }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(products_of_strided_parts, T, Types) {
    double const tol = std::same_as<T, float> ? 1e-5 : 1e-13;
    Tape tape(dtype_of<T>);
    auto const as = spread<T>({4, 5, 6}, -1, 1, 1), bs = spread<T>({6, 7, 3}, -1, 1, 2);
    Var a = tape.input(as), b = tape.input(bs);
    xt::xarray<T> const am = xt::view(as, xt::all(), 2, xt::range(1, 5)),
                        bm = xt::view(bs, xt::range(0, 4), xt::all(), 1);
    Var av = slice(index(a, 1, 2), 1, 1, 5), bv = slice(index(b, 2, 1), 0, 0, 4);  // rows apart, and no stride is 1
    BOOST_TEST(golden::near(matmul(av, bv).template value<T>(), product<T>(am, bm), tol));
    BOOST_TEST(golden::near(matmul(transpose(bv), transpose(av)).template value<T>(),
                            xt::xarray<T>(xt::transpose(product<T>(am, bm))), tol));
    BOOST_TEST(golden::near(Var(linear(index(a, 0, 1), index(transpose(b), 0, 1))).template value<T>(),
                            product<T>(xt::view(as, 1), xt::view(bs, xt::all(), xt::all(), 1)), tol));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_parameter_keeps_its_value_however_often_it_is_multiplied, T, Types) {
    double const tol = std::same_as<T, float> ? 1e-5 : 1e-13;  // from the second product on, its transpose is kept
    Params params(2, dtype_of<T>);
    Param& w               = params.uniform("w", {6, 4}, -1, 1);
    xt::xarray<T> const ws = w.value<T>(), wide = xt::reshape_view(ws, {4, 6}), thin = xt::reshape_view(ws, {3, 8});
    auto const xs = spread<T>({5, 4}, -1, 1, 1), zs = spread<T>({5, 6}, -1, 1, 2), us = spread<T>({5, 8}, -1, 1, 3);
    Tape tape(dtype_of<T>);
    for (int turn = 0; turn < 3; ++turn, turn == 2 ? tape.rewind() : void()) {
        Var x = tape.input(xs), z = tape.input(zs), u = tape.input(us), lifted = tape.lift(w);
        for (int use = 0; use < 3; ++use) {
            BOOST_TEST(golden::near(Var(linear(x, w)).template value<T>(), product<T>(xs, xt::transpose(ws)), tol));
            BOOST_TEST(golden::near(matmul(z, w).template value<T>(), product<T>(zs, ws), tol));
            BOOST_TEST(golden::near(Var(linear(z, transpose(lifted))).template value<T>(), product<T>(zs, ws), tol));
            BOOST_TEST(golden::near(Var(linear(z, reshape(lifted, {4, 6}))).template value<T>(),
                                    product<T>(zs, xt::transpose(wide)), tol));
            BOOST_TEST(golden::near(Var(linear(u, reshape(lifted, {3, 8}))).template value<T>(),
                                    product<T>(us, xt::transpose(thin)), tol));
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(joins_and_copies, T, Types) {
    Tape tape(dtype_of<T>);
    xt::xarray<T> const as = spread<T>({2, 3}, -1, 1, 1), bs = spread<T>({2, 3}, -1, 1, 2),
                        cs = spread<T>({2, 1}, -1, 1, 3);
    Var a = tape.input(as), b = tape.input(bs), c = tape.input(cs);
    BOOST_TEST(golden::near(stack({a, b}).template value<T>(), xt::xarray<T>(xt::stack(xt::xtuple(as, bs))), 0));
    BOOST_TEST(golden::near(stack({a, b}, -1).template value<T>(), xt::xarray<T>(xt::stack(xt::xtuple(as, bs), 2)), 0));
    BOOST_TEST(golden::near(concat({a, b}).template value<T>(), xt::xarray<T>(xt::concatenate(xt::xtuple(as, bs))), 0));
    BOOST_TEST(golden::near(concat({c, a, c}, 1).template value<T>(),
                            xt::xarray<T>(xt::concatenate(xt::xtuple(cs, as, cs), 1)), 0));
    BOOST_TEST(golden::near(contiguous(transpose(a)).template value<T>(), xt::xarray<T>(xt::transpose(as)), 0));
    BOOST_TEST(golden::near(embedding(tape, a, std::array{1, 0, 1}).template value<T>(),
                            xt::xarray<T>(xt::view(as, xt::keep(1, 0, 1))), 0));
}

BOOST_AUTO_TEST_CASE(a_weight_used_by_many_rows_has_the_right_gradient) {
    // gathered products: more rows than are kept, wide and narrow, in several calls
    for (auto [k, n] : {std::pair{3u, 2u}, {1100u, 1000u}}) {
        Params params(2, float64);
        Param& w = params.uniform("w", {Index{n}, Index{k}}, -1, 1);
        Tape tape(float64);
        xt::xarray<double> want = xt::zeros<double>({n, k});
        Var total               = tape.constant(0.0);
        for (std::size_t call = 0; call < 9; ++call) {
            auto const xs = spread<double>({200, k}, -1, 1, call);
            want += xt::sum(xs, {0}) * (1.0 + static_cast<double>(call));
            total = total + sum(linear(tape.constant(xs), w)) * (1.0 + static_cast<double>(call));
        }
        BOOST_TEST(golden::near(backward(total)[w].value<double>(), want, 1e-11));
    }
}

BOOST_AUTO_TEST_SUITE_END()
