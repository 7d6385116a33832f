// Recorded derivatives at the ends of the numbers: the first beside those of kernels, on random bits and at scales whose squares are no
// numbers; the second by one operand, of which none may be NaN where the first is a number.
#include <bit>
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <ops/derivatives/checks.hpp>
#include <ops/elementwise/table.hpp>
#include <random>
#include <set>
#include <unspool/ops/all_ops.hpp>
#include <xtensor/xadapt.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace checks;
using table::Row;
using Types = boost::mpl::list<float, double>;

namespace recorded_ends {

namespace {

template <Real T> using Numbers = xt::xarray<T>;

/// Of three numbers, two of any bits and one of an ordinary size.
template <Real T> Numbers<T> random_bits(std::size_t n, std::uint64_t seed) {
    std::mt19937_64 bits(seed);
    Numbers<T> out = Numbers<T>::from_shape({n});
    for (std::size_t i = 0; i < n; ++i)
        out(i) = i % 3 == 2 ? std::normal_distribution<T>()(bits) * std::pow(T(10), static_cast<T>(i % 5) - 2)
                            : std::bit_cast<T>(static_cast<xsimd::as_unsigned_integer_t<T>>(bits()));
    for (std::size_t i = 0; i < 64; ++i) {  // and 64 ends, of each operand beside others of the next
        std::size_t const e = (2 * seed + 1) * i % 64;
        T const size        = e < 8 ? std::numeric_limits<T>::infinity() : std::pow(T(10), static_cast<T>(e) - 24);
        out(i)              = e % 2 ? -size : size;
    }
    return out;
}

template <Real T> std::vector<Var> random_operands(Tape& tape, std::size_t arity, std::size_t n) {
    std::vector<Var> out;
    for (std::size_t k = 0; k < arity; ++k) out.push_back(tape.input(random_bits<T>(n, 7 + k)));
    return out;
}

/// Relative to the number, or to where numbers lose digits.
template <Real T> bool near(T got, T want) {
    using Limits = std::numeric_limits<T>;
    if (got == want || (std::isnan(got) && std::isnan(want))) return true;
    return std::abs(got - want) <= 1024 * std::max(Limits::epsilon() * std::abs(want), Limits::min());
}

/// By its base, a power may be of one less that is no number, or not known to be odd.
template <Real T> bool hopeless(Row const& r, std::size_t k, std::vector<Var> const& xs, std::size_t i) {
    if (r.name != std::string_view("pow") || k > 0) return false;
    T const x = xs[0].value<T>()(i), y = xs[1].value<T>()(i);
    return std::abs(y) > 1e7 || !std::isfinite(std::pow(x, y - 1));
}

/// A derivative that passes through 0 near -1 has the errors of 1 there.
template <Real T> bool near_root(Row const& r, T x, T got, T want) {
    return std::set<std::string_view>{"silu", "gelu", "gelu_tanh"}.contains(r.name) && std::abs(x + 1) < T(0.4) &&
           std::abs(got - want) <= 4 * std::numeric_limits<T>::epsilon();
}

std::vector<Row> const& rows(std::size_t arity) {
    static std::vector<Row> const of[] = {table::unary(), table::binary(), table::ternary()};
    return of[arity - 1];
}

template <Real T> void compare(Row const& r, std::size_t arity) {
    Tape tape(dtype_of<T>);
    std::vector<Var> const xs = random_operands<T>(tape, arity, 20'000);
    Var const y               = sum(r.call(xs));
    Gradients const want      = backward(y);
    std::vector<Var> const g  = gradient(y, xs);
    for (std::size_t k = 0; k < arity; ++k)
        for (std::size_t i = 0; i < 20'000; ++i) {
            T const a = g[k].value<T>()(i), b = want[xs[k]].template value<T>()(i);
            if (!near(a, b) && !near_root(r, xs[0].value<T>()(i), a, b) && !hopeless<T>(r, k, xs, i))
                BOOST_ERROR(fmt::format("{}, by operand {} at {}: {}, not {}", r.name, k, xs[0].value<T>()(i), a, b));
        }
}

/// NaN in the second derivatives of one operand, where value and first derivative are numbers.
template <Real T> void look_for_nan(Row const& r) {
    Tape tape(dtype_of<T>);
    Var const x = random_operands<T>(tape, 1, 20'000)[0];
    Var const y = r.call(std::vector{x}), first = gradient(sum(y), x);
    auto const second =
        backward(sum(first) + sum(where(x > x, x, 0)))[x].template value<T>();  // x is reached, if `first` is constant
    for (std::size_t i = 0; i < 20'000; ++i)
        if (std::isfinite(first.value<T>()(i)) && std::isnan(second(i)))
            BOOST_ERROR(fmt::format("{}\" ({}) is NaN", r.name, x.value<T>()(i)));
}

/// What is recorded of an example whose operands are so many times as large, beside the kernels.
template <Real T> void compare_at(Example const& e, std::string const& what, double scale) {
    Tape tape(dtype_of<T>);
    std::vector<Var> xs;
    for (std::size_t k = 0; k < e.shapes.size(); ++k)
        xs.push_back(tape.input(Numbers<T>(xt::cast<T>(ordinary(e.shapes[k], 31 * k + 7) * scale))));
    Var const y              = weighed(tape, e.call(tape, xs), 5);
    std::vector<Var> const g = gradient(y, xs);
    Gradients const want     = backward(y);
    for (std::size_t k = 0; k < xs.size(); ++k) {
        Doubles const a = g[k].value<T>(), b = want[xs[k]].template value<T>();
        auto const in_kernels = xt::isfinite(b);
        double const size = largest(xt::where(in_kernels, b, 0.)), least = std::numeric_limits<T>::min();
        double const apart = largest(xt::where(in_kernels, a - b, 0.));
        BOOST_TEST(apart <= (std::same_as<T, float> ? 1e-3 : 1e-9) * std::max(size, least),
                   what << " of " << text(dtype_of<T>) << ", times " << scale);
    }
}

template <class Ops> void compare_at_scales() {
    each_op(Ops{}, []<class Op>() {
        if constexpr (std::same_as<Op, Ctc>) return;
        else
            for (Example const& e : Op::examples()) {
                std::string const what = fmt::format("{}, {}", Op::name, e.what);
                for (double s : {0., 1e-30, 1e-20, 1e-5, 1e3, 1e10, 1e20, 1e30}) compare_at<float>(e, what, s);
                for (double s : {0., 1e-250, 1e-160, 1e-10, 1e6, 1e140, 1e160, 1e250}) compare_at<double>(e, what, s);
            }
    });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(recorded_ends_of_numbers)

BOOST_AUTO_TEST_CASE_TEMPLATE(beside_kernels, T, Types) {
    for (std::size_t arity : {1, 2, 3})
        for (Row const& r : rows(arity)) compare<T>(r, arity);
}
BOOST_AUTO_TEST_CASE_TEMPLATE(second_derivatives_are_numbers, T, Types) {
    for (Row const& r : rows(1)) look_for_nan<T>(r);
}
BOOST_AUTO_TEST_CASE(reductions_at_scales) { compare_at_scales<ReduceOps>(); }
BOOST_AUTO_TEST_CASE(lists_at_scales) { compare_at_scales<ListOps>(); }
BOOST_AUTO_TEST_CASE(losses_at_scales) { compare_at_scales<LossOps>(); }

BOOST_AUTO_TEST_CASE_TEMPLATE(norms_without_eps, T, Types) {
    Example const layer{"eps 0", {{3, 19}}, [](Tape&, Inputs x) { return layer_norm(x[0], -1, 0); }};
    Example const rms{"eps 0", {{3, 19}}, [](Tape&, Inputs x) { return rms_norm(x[0], -1, 0); }};
    for (double s : {1e-30, 1e-25, 1e-10, 1., 1e10, 1e20, 1e30})
        compare_at<T>(layer, "layer_norm", s), compare_at<T>(rms, "rms_norm", s);
}
BOOST_AUTO_TEST_CASE(norms_of_nothing) {
    Tape tape;
    Var const x = tape.input(xt::xarray<float>(xt::zeros<float>({3, 0})));
    BOOST_TEST(gradient(sum(layer_norm(x)) + sum(rms_norm(x)), x).shape() == x.shape());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace recorded_ends
