// Every elementwise operation at the ends of the numbers: its value and its derivatives beside formulas in long double, in
// units of the last place, subnormal results included.
#include <bit>
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <numbers>
#include <ops/elementwise/table.hpp>
#include <ops/elementwise/truths.hpp>
#include <random>
#include <unspool/autograd/backward/gradients.hpp>
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xview.hpp>

using namespace unspool;
using namespace unspool::core;
using table::Row;
using Types = boost::mpl::list<float, double>;

namespace at_the_ends {

namespace {

// ---- what comes out -------------------------------------------------------------------------------------------------

/// Units of the last place apart: 0 for two NaNs, infinite for NaN or infinity beside a number, less than half a unit beyond the
/// largest number apart.
template <Real T> R ulps(T got, R want, R scale) {
    T const w = static_cast<T>(want);
    if (got == w || (std::isnan(got) && std::isnan(want))) return 0;
    if (!std::isfinite(got) || std::isnan(want) || std::isinf(w)) return inf;
    T const size = std::max({std::abs(w), std::numeric_limits<T>::min(),
                             static_cast<T>(std::min(scale, R(std::numeric_limits<T>::max())))});
    return std::abs(got - want) / (size - std::nextafter(size, T(0)));
}

/// 0, and with both signs the smallest and largest numbers, those around 1, and those at which exponentials end.
template <Real T> std::vector<T> ends() {
    using Limits = std::numeric_limits<T>;
    std::vector<T> out{0, T(-0.0), Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()};
    for (T x : {Limits::denorm_min(),
                5 * Limits::denorm_min(),
                Limits::min() / 3,
                Limits::min(),
                T(1e-30),
                T(1e-10),
                T(0.5),
                T(1),
                T(2),
                T(5),
                T(10),
                T(17.3),
                T(26.4),
                T(13.1),
                T(37.5),
                T(38.2),
                T(50),
                T(87.2),
                T(88.4),
                T(89.1),
                T(95),
                T(101),
                T(103.5),
                T(104.2),
                T(130),
                T(354),
                T(600),
                T(700),
                T(708.1),
                T(709.4),
                T(710.3),
                T(720),
                T(740),
                T(744.9),
                T(746),
                T(800),
                T(1e10),
                T(1e30),
                std::sqrt(Limits::max()),
                Limits::max() / 5,
                Limits::max()})
        out.push_back(x), out.push_back(-x);
    return out;
}

/// Fewer of them, for pairs and triples.
template <Real T> std::vector<T> some_ends(bool few) {
    using Limits = std::numeric_limits<T>;
    std::vector<T> out{0, T(-0.0), Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()};
    for (T x : {T(1e-10), T(0.5), T(1), T(3), T(88.4), std::sqrt(Limits::max()), Limits::max() / 5})
        out.push_back(x), out.push_back(-x);
    if (few) return out;
    for (T x : {Limits::denorm_min(), 5 * Limits::denorm_min(), Limits::min(), T(1e-30), T(2), T(17.3), T(95), T(102),
                T(710.3), T(740), T(1e10)})
        out.push_back(x), out.push_back(-x);
    return out;
}

template <Real T> struct Computed {
    xt::xarray<T> value;
    std::vector<xt::xarray<T>> derivatives;
};
template <Real T> Computed<T> computed(Row const& r, std::vector<xt::xarray<T>> const& operands) {
    Tape tape(dtype_of<T>);
    std::vector<Var> xs;
    for (auto const& x : operands) xs.push_back(tape.input(x));
    Var const y = r.call(xs);
    Computed<T> out{y.value<T>(), {}};
    Gradients const g = backward(y, xt::xarray<T>(xt::ones<T>(out.value.shape())));
    for (Var const& x : xs) out.derivatives.push_back(g[x].template value<T>());
    return out;
}

/// One of the many, which is named only where it is wrong.
template <Real T> void compare(auto const& name, T found, R want, R most, R scale) {
    R const off = ulps(found, want, scale);
    if (!(off <= most)) BOOST_ERROR(fmt::format("{} = {}, not {}: {:.3g} units", name(), found, want, off));
}

template <Real T> void compare(std::vector<T> const& xs, R most) {
    for (OfOne const& e : unary) {
        auto const got = computed<T>(table::named(e.name, 1), {xt::adapt(xs)});
        for (std::size_t i = 0; i < xs.size(); ++i) {
            R const x = xs[i], scale = std::abs(x - e.root) < 1 ? 1 : x < 0 ? e.below : e.above;
            compare([&] { return fmt::format("{}({})", e.name, x); }, got.value(i), e.f(x), 2, 0);
            compare([&] { return fmt::format("{}'({})", e.name, x); }, got.derivatives[0](i), e.df(x), most, scale);
        }
    }
}

template <Real T> void compare(std::vector<T> const& as, std::vector<T> const& bs, R most) {
    for (OfTwo const& e : binary) {
        auto const got = computed<T>(table::named(e.name, 2), {xt::adapt(as), xt::adapt(bs)});
        for (std::size_t i = 0; i < as.size(); ++i) {
            R const a = as[i], b = bs[i];
            bool const slope_below_0  = e.name == std::string_view("spike") && b < 0;
            bool const parity_is_lost = e.name == std::string_view("pow") && std::signbit(a) && std::abs(b) > 1e9L;
            if (slope_below_0 || parity_is_lost) continue;
            auto const one = [&](char const* what, T found, R want, R limit) {
                compare([&] { return fmt::format("{}{}({}, {})", e.name, what, a, b); }, found, want, limit, 0);
            };
            one("", got.value(i), e.f(a, b), 2);
            one("'a", got.derivatives[0](i), e.da(a, b), most), one("'b", got.derivatives[1](i), e.db(a, b), most);
        }
    }
}

template <Real T> std::vector<T> random_bits(std::size_t n, std::uint64_t seed) {
    std::mt19937_64 bits(seed);
    std::vector<T> out(n);
    for (T& x : out) x = std::bit_cast<T>(static_cast<xsimd::as_unsigned_integer_t<T>>(bits()));
    return out;
}

/// Of each size from 2 to 2,000, one after the other.
template <Real T> std::vector<T> of_many_sizes(std::size_t n, std::uint64_t seed) {
    std::mt19937_64 bits(seed);
    std::vector<T> out(n);
    for (std::size_t i = 0; i < n; ++i)
        out[i] = std::uniform_real_distribution<T>(-2, 2)(bits) * std::pow(T(10), static_cast<T>(i % 4));
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ends_of_numbers)

BOOST_AUTO_TEST_CASE_TEMPLATE(of_one_operand, T, Types) {
    compare(ends<T>(), 4);
    BOOST_TEST(std::size(unary) == table::unary().size());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(of_two_operands, T, Types) {
    std::vector<T> as, bs;
    for (T a : some_ends<T>(false))
        for (T b : some_ends<T>(false)) as.push_back(a), bs.push_back(b);
    compare(as, bs, 4);
    BOOST_TEST(std::size(binary) == table::binary().size());
}

/// Of which each is of any size, subnormal and infinite, too, or no number at all.
BOOST_AUTO_TEST_CASE_TEMPLATE(of_random_bits, T, Types) {
    compare(random_bits<T>(20'000, 1), 5);
    compare(random_bits<T>(20'000, 2), random_bits<T>(20'000, 3), 5);
}

/// What is computed of an element does not depend on what stands beside it, or behind the end of its array.
BOOST_AUTO_TEST_CASE_TEMPLATE(elements_are_alone, T, Types) {
    auto const same = [](T a, T b) { return std::memcmp(&a, &b, sizeof(T)) == 0 || (std::isnan(a) && std::isnan(b)); };
    std::vector<T> xs = random_bits<T>(2'000, 4), more = of_many_sizes<T>(8'000, 5);
    xs.insert(xs.end(), more.begin(), more.end());
    xt::xarray<T> repeated = xt::xarray<T>::from_shape({xs.size(), 16});
    for (std::size_t i = 0; i < xs.size(); ++i) xt::row(repeated, static_cast<std::ptrdiff_t>(i)) = xs[i];
    for (OfOne const& e : unary) {
        Row const& r   = table::named(e.name, 1);
        auto const all = computed<T>(r, {xt::adapt(xs)}), alone = computed<T>(r, {repeated});
        for (std::size_t i = 0; i < xs.size(); ++i)
            if (!same(all.value(i), alone.value(i, 0)) || !same(all.derivatives[0](i), alone.derivatives[0](i, 0)))
                BOOST_ERROR(
                    fmt::format("{}({}) beside others: {}, alone {}", e.name, xs[i], all.value(i), alone.value(i, 0)));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(of_three_operands, T, Types) {
    std::vector<T> operands[3];
    auto const all = some_ends<T>(true);
    for (T a : all)
        for (T b : all)
            for (T c : all) operands[0].push_back(a), operands[1].push_back(b), operands[2].push_back(c);
    for (OfThree const& e : ternary) {
        auto const got = computed<T>(table::named(e.name, 3),
                                     {xt::adapt(operands[0]), xt::adapt(operands[1]), xt::adapt(operands[2])});
        for (std::size_t i = 0; i < operands[0].size(); ++i) {
            R const a = operands[0][i], b = operands[1][i], c = operands[2][i];
            if (e.name == std::string_view("scaled_tanh") && (std::isinf(b) || std::isinf(c))) continue;
            if (e.name == std::string_view("fma") && std::abs(a * b) > std::numeric_limits<T>::max())
                continue;  // without an instruction for it, the product is rounded first
            auto const name = [&](std::string const& what) {
                return fmt::format("{}{}({}, {}, {})", e.name, what, a, b, c);
            };
            compare([&] { return name(""); }, got.value(i), e.f(a, b, c), 2, e.scale(a, b, c));
            for (std::size_t k = 0; k < 3; ++k)
                compare([&] { return name(fmt::format("'{}", k)); }, got.derivatives[k](i), e.df[k](a, b, c), 4,
                        e.slope_scale[k](a, b, c));
        }
    }
    BOOST_TEST(std::size(ternary) == table::ternary().size());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace at_the_ends
