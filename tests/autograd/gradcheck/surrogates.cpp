// Operations whose derivative is not their own: the check takes it as it is, and finds what is wrong around it.
#include <autograd/gradcheck/arrays.hpp>
#include <boost/test/unit_test.hpp>
#include <unspool.hpp>

using namespace unspool;
using namespace unspool::core;

namespace {

struct Threshold {
    static constexpr auto name      = "threshold";
    static constexpr bool surrogate = true;
    template <class V> static V f(V x) { return select(x > V(0), V(1), V(0)); }
    template <class V> static V df(V x, V) { return V(1) / (V(1) + x * x); }
};
/// Too steep by half, which is no surrogate, but a mistake.
struct Steep {
    static constexpr auto name = "steep";
    template <class V> static V f(V x) { return tanh(x); }
    template <class V> static V df(V, V y) { return V(1.5) * (V(1) - y * y); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(surrogates)

BOOST_AUTO_TEST_CASE(are_taken_as_they_are_and_said) {
    auto const f = [](Tape&, std::span<Var const> x) -> Var {
        Var s = apply<Threshold>(x[0] * x[1] - 0.1) * x[0] + 1;
        Var t = straight_through(s, round(3 * s)) * x[1];
        return sum(t * apply<Threshold>(s - 1), -1, Reduced::keep) + mean(apply<Threshold>(x[0]));
    };
    GradReport const r = gradcheck(f, {{"x", matrix(3, 5)}, {"w", vector(5)}});
    BOOST_TEST(r, text(r));
    BOOST_TEST(r.checked() == 20);
    BOOST_TEST(r.kinks() == 0);
    BOOST_TEST(r.surrogates.size() == 3U);
    BOOST_TEST(says(r, "around   threshold ("));
    BOOST_TEST(says(r, "its derivative is a surrogate"));
}

BOOST_AUTO_TEST_CASE(hide_no_mistake_around_them) {
    auto const wrong_before = [](Tape&, std::span<Var const> x) -> Var { return apply<Threshold>(apply<Steep>(x[0])); };
    auto const wrong_after  = [](Tape&, std::span<Var const> x) -> Var { return apply<Steep>(apply<Threshold>(x[0])); };
    auto const wrong_beside = [](Tape&, std::span<Var const> x) -> Var {
        return apply<Threshold>(x[0]) + apply<Steep>(x[0]);
    };
    auto const forgotten = [](Tape&, std::span<Var const> x) -> Var { return apply<Threshold>(x[0] * x[0].detach()); };
    for (Differentiable const& f : {Differentiable(wrong_before), Differentiable(wrong_after),
                                    Differentiable(wrong_beside), Differentiable(forgotten)}) {
        GradReport const r = gradcheck(f, {{"x", matrix(2, 3)}});
        BOOST_TEST(!r.passed(), text(r));
        BOOST_TEST(!r.culprits.empty());
    }
}

BOOST_AUTO_TEST_CASE(are_as_they_are_outside_of_a_check) {
    Tape tape(float64);
    Var x                  = tape.input(vector(4));
    [[maybe_unused]] Var y = apply<Threshold>(x) * x;
    BOOST_TEST(tape.size() == 2U);  // one node, as ever
}

BOOST_AUTO_TEST_CASE(without_any_nothing_is_said) {
    auto const f = [](Tape&, std::span<Var const> x) -> Var { return tanh(x[0]); };
    BOOST_TEST(gradcheck(f, {{"x", vector(3)}}).surrogates.empty());
}

BOOST_AUTO_TEST_SUITE_END()
