// An optimiser, as CONTRIBUTING.md adds one.
#include <boost/test/unit_test.hpp>
#include <unspool.hpp>

using namespace unspool;

namespace {

namespace added {

using namespace unspool::core;

struct SignumOptions {
    double rate         = 1e-3;
    double momentum     = 0.9;  ///< β
    double weight_decay = 0;    ///< λ
};

/// m ← β m + (1 − β) g,  θ ← θ − rate · (sign m + λ θ): of Bernstein et al., "signSGD: compressed optimisation for non-convex
/// problems" (2018).
class Signum : public FirstOrder {
public:
    explicit Signum(ParamSet params, SignumOptions o = {}, Where where = Where::here())
        : FirstOrder("Signum", std::move(params), o.rate, {"momentum"}, where), options_(o) {}

    void step(Gradients const& gradients, Where where = Where::here()) override {
        each(gradients, where, [&]<Real T>(Moments::Slot const& s, T* p, T const* g) {
            SignumOptions const o = of(s, options_);
            T* const m            = s.array<T>(0);
            for (Index i = 0; i < s.param->count(); ++i) {
                m[i]         = static_cast<T>(o.momentum) * m[i] + static_cast<T>(1 - o.momentum) * g[i];
                T const sign = static_cast<T>((m[i] > 0) - (m[i] < 0));
                p[i] -= static_cast<T>(o.rate) * (sign + static_cast<T>(o.weight_decay) * p[i]);
            }
        });
    }

private:
    SignumOptions options_;
};

}  // namespace added

}  // namespace

BOOST_AUTO_TEST_SUITE(contributed_optimiser)

BOOST_AUTO_TEST_CASE(two_steps_are_the_formula) {
    Params params(0, float64);
    Param& w = params.trained("w", xt::xarray<double>{1, -2, 0});
    added::Signum signum(params, {.rate = 0.1, .momentum = 0.5, .weight_decay = 0.2});
    Tape tape(float64);
    signum.step(backward(sum(square(tape.lift(w)))));               // m = w: signs + - 0
    tape.rewind(), signum.step(backward(sum(-10 * tape.lift(w))));  // m = w/2 - 5: negative
    double const once[] = {1 - 0.1 * (1 + 0.2), -2 - 0.1 * (-1 - 0.4), 0};
    for (std::size_t i = 0; i < 3; ++i)
        BOOST_TEST(w.value<double>()(i) == once[i] - 0.1 * (-1 + 0.2 * once[i]), boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_SUITE_END()
