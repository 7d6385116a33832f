// Sums and means of terms against naive loops.
#include "naive.hpp"
#include <unspool/ops/ops.hpp>
#include <xtensor/xmath.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace unspool::test;

namespace {

Shape const shape{3, 2, 5, 4};

/// The result's index for an index of the loop, when the axes in `bits` are kept with size 1.
std::size_t kept_offset(Index const* at, unsigned bits) {
    Index out = 0;
    for (std::size_t a = 0; a < shape.rank(); ++a) out = bits >> a & 1 ? out : out * shape[a] + at[a];
    return static_cast<std::size_t>(out);
}

Axes axes_of(unsigned bits, bool negative) {
    Axes out;
    out.all = false;
    for (Index a = 0; a < 4; ++a)
        if (bits >> a & 1) out.list.push_back(negative ? a - 4 : a);
    return out;
}

Shape expected_shape(unsigned bits, Reduced how) {
    Shape out;
    for (std::size_t a = 0; a < 4; ++a)
        if (!(bits >> a & 1)) out.push_back(shape[a]);
        else if (how == Reduced::keep) out.push_back(1);
    return out;
}

template <Real T> void check(unsigned bits, bool average, Reduced how) {
    Tape tape(dtype_of<T>);
    Random random(11);
    Var const x = tape.input(numbers({3, 2, 5, 4}, random)), w = tape.input(numbers({5, 1}, random));
    Axes const axes = axes_of(bits, average);
    Var const y     = average ? mean(x * w, axes, how) : sum(x * w, axes, how);
    BOOST_TEST((y.shape() == expected_shape(bits, how)));

    auto const results = static_cast<std::size_t>(count(y.shape()));
    double const scale = average ? static_cast<double>(results) / 120 : 1;
    std::vector<double> value(results), dx(120), dw(5);
    xt::xarray<double> seed = numbers({results}, random);
    auto const* px          = static_cast<T const*>(x.window().data);
    auto const* pw          = static_cast<T const*>(w.window().data);
    std::size_t i           = 0;
    each_index(shape, [&](Index const* at) {
        std::size_t const to = kept_offset(at, bits), k = static_cast<std::size_t>(at[2]);
        value[to] += scale * static_cast<double>(px[i]) * static_cast<double>(pw[k]);
        dx[i] = scale * seed(to) * static_cast<double>(pw[k]);
        dw[k] += scale * seed(to) * static_cast<double>(px[i]);
        ++i;
    });
    Shape const s     = y.shape();
    Gradients const g = backward(y, seed.reshape(std::vector<std::size_t>(s.begin(), s.end())));
    auto const same   = [](void const* got, std::vector<double> const& expected) {
        auto const* p = static_cast<T const*>(got);
        return std::all_of(expected.begin(), expected.end(), [&](double e) { return close<T>(*p++, e); });
    };
    BOOST_TEST((same(y.window().data, value) && same(g[x].data(), dx) && same(g[w].data(), dw)),
               "axes " << bits << (average ? ", mean" : ", sum"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reduction)

BOOST_AUTO_TEST_CASE(every_subset_of_axes) {
    for (unsigned bits = 0; bits < 16; ++bits)
        for (bool average : {false, true})
            for (Reduced how : {Reduced::drop, Reduced::keep})
                check<float>(bits, average, how), check<double>(bits, average, how);
}

BOOST_AUTO_TEST_CASE(of_strided_terms) {
    Tape tape(float64);
    Random random(12);
    auto const a = numbers({4, 7}, random);
    Var const x = tape.input(a), rows = sum(transpose(x), 1), all = sum(index(x, 1, 2) * 3);
    BOOST_TEST(xt::allclose(rows.value<double>(), xt::xarray<double>(xt::sum(a, {0}))));
    BOOST_TEST(close<double>(all.item(), 3 * (a(0, 2) + a(1, 2) + a(2, 2) + a(3, 2))));
}

BOOST_AUTO_TEST_CASE(of_nothing) {
    Tape tape;
    Var const x = tape.input(xt::xarray<float>::from_shape({3, 0, 2}));
    BOOST_TEST(sum(x).item() == 0);
    BOOST_TEST(std::isnan(mean(x).item()));
    Var const over = mean(x, 1), zero = sum(x, 1), kept = mean(x, {0, 2});
    BOOST_TEST((over.shape() == Shape{3, 2} && kept.shape() == Shape{0}));
    for (float v : over.value<float>()) BOOST_TEST(std::isnan(v));
    for (float v : zero.value<float>()) BOOST_TEST(v == 0);
    BOOST_TEST((backward(sum(x))[x].shape() == Shape{3, 0, 2}));
}

BOOST_AUTO_TEST_CASE(of_a_scalar) {
    Tape tape(float64);
    Var const x = tape.input(3.0), y = mean(x * x);
    BOOST_TEST(y.item() == 9);
    BOOST_TEST(backward(y)[x].item() == 6);
}

// One number after another in float gives 100,958 for the first of these.
BOOST_AUTO_TEST_CASE(long_sums_are_accurate) {
    std::size_t const n = 1'000'000;
    Tape tape;
    double const exact = static_cast<double>(0.1f) * static_cast<double>(n);
    auto const near    = [&](double v) { return std::abs(v - exact) < 1e-6 * exact; };
    Var const x = tape.input(xt::xarray<float>(xt::ones<float>({n}) * 0.1f)), column = reshape(x, {-1, 1});
    Var const pairs = concat({column, column}, 1);
    BOOST_TEST(near(sum(x).item()));
    BOOST_TEST(near(sum(column, 0).item()));
    for (float v : sum(pairs, 0).value<float>()) BOOST_TEST(near(v));
    BOOST_TEST(near(sum(transpose(reshape(x, {1000, 1000}))).item()));
    for (float v : mean(pairs, 0).value<float>()) BOOST_TEST(std::abs(v - 0.1f) < 1e-7);
}

BOOST_AUTO_TEST_CASE(an_axis_that_is_not_there) {
    Tape tape;
    Var const x     = tape.input(xt::xarray<float>{{1, 2}, {3, 4}});
    auto const size = tape.size();
    BOOST_CHECK_THROW(sum(x, 2), IndexError);
    BOOST_CHECK_THROW(sum(x, -3), IndexError);
    BOOST_TEST(tape.size() == size);
}

BOOST_AUTO_TEST_SUITE_END()
