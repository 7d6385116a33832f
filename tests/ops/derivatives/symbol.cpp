// A derivative may call all that xsimd has of a register: recorded, it is worth what it was on registers, and is differentiated again, or is
// an error of its name.
#include <boost/test/unit_test.hpp>
#include <ops/derivatives/checks.hpp>
#include <unspool/autograd/tape/site.hpp>

using namespace unspool;
using namespace unspool::core;
using namespace checks;

namespace {

/// An operation whose derivative is F.
template <class F> struct Integral {
    static constexpr auto name = "integral";
    template <class V> static V f(V x) { return x; }
    template <class V> static V df(V x, V) { return F{}(x); }
};

/// xsimd's own are less exact, and rsqrt does not compile for every processor.
template <class V> V exact_reciprocal(V x) {
    if constexpr (is_symbol<V>) return reciprocal(x);
    else return V(1) / x;
}
template <class V> V exact_rsqrt(V x) {
    if constexpr (is_symbol<V>) return rsqrt(x);
    else return V(1) / sqrt(x);
}

template <class F> double on_registers(double x) { return F{}(xsimd::batch<double>(x)).get(0); }

/// NaN is like NaN.
bool alike(double a, double b, double by) {
    return a == b || (a != a && b != b) || std::abs(a - b) <= by * (1 + std::abs(b));
}

template <class F> void agrees(char const* what, F) {
    Doubles const places{-2.3, -0.85, -0.4, 0.15, 0.6, 0.9, 1.7, 3.2};
    Tape tape{float64};
    Var const x = tape.input(places), first = gradient(sum(Var(apply<Integral<F>>(x))), x);
    Doubles const values = first.value<double>();
    for (std::size_t i = 0; i < places.size(); ++i)
        BOOST_TEST(alike(values.flat(i), on_registers<F>(places.flat(i)), 1e-14), what << " of " << places.flat(i));
    Doubles const slopes = gradient(sum(first), x).value<double>();
    for (std::size_t i = 0; i < places.size(); ++i) {
        double const at = places.flat(i), h = 1e-5;
        double const slope = (on_registers<F>(at + h) - on_registers<F>(at - h)) / (2 * h);
        if (slope == slope)  // else it is outside of its domain
            BOOST_TEST(alike(slopes.flat(i), slope, 1e-8), what << "' of " << at << " for " << slope);
    }
}

template <class F> void has_no_formula(char const* what, F) {
    Tape tape{float64};
    Var const x = tape.input(Doubles{0.5, 2}), y = sum(Var(apply<Integral<F>>(x)));
    BOOST_CHECK_EXCEPTION(gradient(y, x), TypeError, [&](TypeError const& e) {
        std::string const text = e.what();
        return text.find("symbol.cpp:") == 0 && text.find("integral") != std::string::npos;
    });
    BOOST_TEST(alike(backward(y)[x].value<double>().flat(0), on_registers<F>(0.5), 0), what);
}

}  // namespace

#define OF(...) #__VA_ARGS__, [] < class V>(V x) -> V { return __VA_ARGS__; }

BOOST_AUTO_TEST_SUITE(symbol)

BOOST_AUTO_TEST_CASE(functions) {
    agrees(OF(exp2(x))), agrees(OF(exp10(x))), agrees(OF(exp(x))), agrees(OF(expm1(x)));
    agrees(OF(log2(x))), agrees(OF(log10(x))), agrees(OF(log(x))), agrees(OF(log1p(x)));
    agrees(OF(sin(x))), agrees(OF(cos(x))), agrees(OF(tan(x))), agrees(OF(asin(x))), agrees(OF(acos(x)));
    agrees(OF(atan(x))), agrees(OF(sinh(x))), agrees(OF(cosh(x))), agrees(OF(tanh(x))), agrees(OF(erf(x))),
        agrees(OF(erfc(x)));
    agrees(OF(sqrt(x))), agrees(OF(exact_rsqrt(x))), agrees(OF(exact_reciprocal(x))), agrees(OF(abs(x))),
        agrees(OF(fabs(x)));
    agrees(OF(sign(x) * x)), agrees(OF(floor(x) * x)), agrees(OF(ceil(x) * x)), agrees(OF(trunc(x) * x));
    agrees(OF(rint(x) * x)), agrees(OF(nearbyint(x) * x));
    agrees(OF(pow(x, V(3)))), agrees(OF(pow(V(2), x))), agrees(OF(hypot(x, V(2)))), agrees(OF(atan2(x, V(2))));
    agrees(OF(copysign(x * x, x))), agrees(OF(max(x, V(0.5)))), agrees(OF(min(x * x, x + V(2))));
    agrees(OF(clip(x, V(-1), V(1)))), agrees(OF(fma(x, x, V(2)))), agrees(OF(fms(x, x, V(2))));
    agrees(OF(fnma(x, x, V(2)))), agrees(OF(fnms(x, x, x)));
}

BOOST_AUTO_TEST_CASE(conditions) {
    agrees(OF(select((x < V(-1)) | (x > V(1)), x * x, V(2) * x)));
    agrees(OF(select((x < V(-1)) || (x > V(1)) || (x == V(2)), x * x, V(2) * x)));
    agrees(OF(select((x > V(-1)) && (x < V(1)), x * x, V(2) * x)));
    agrees(OF(select((x > V(-1)) != (x < V(1)), x * x, V(2) * x)));
    agrees(OF(select((x > V(-1)) == (x < V(1)), x * x, V(2) * x)));
    agrees(OF(select(~(x < V(0)), x * x, V(2) * x))), agrees(OF(select((!(x < V(0))) & (x < V(1)), x * x, V(2) * x)));
    agrees(OF(select(isnan(log(x)), x * x, V(2) * x))), agrees(OF(select(isfinite(sqrt(x)), x * x, V(2) * x)));
    agrees(OF(select(isinf(V(1) / floor(x)), x * x, V(2) * x)));
}

BOOST_AUTO_TEST_CASE(assignments) {
    agrees(OF([](V v) {
        V y = +v;
        y += v * v, y *= V(3), y -= V(1), y /= V(2);
        return y;
    }(x)));
}

BOOST_AUTO_TEST_CASE(what_no_operation_is) {
    has_no_formula(OF(cbrt(x))), has_no_formula(OF(tgamma(x)));
    has_no_formula(OF(lgamma(x))), has_no_formula(OF(asinh(x))), has_no_formula(OF(acosh(x + V(1))));
    has_no_formula(OF(atanh(x / V(4)))), has_no_formula(OF(round(x))), has_no_formula(OF(fmod(x, V(2))));
    has_no_formula(OF(remainder(x, V(2))));
}

BOOST_AUTO_TEST_SUITE_END()
