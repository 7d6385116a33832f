// An operation of one's own: two rules in xtensor's language, and it is recorded, named, drawn and checked like any other.
#include <iostream>
#include <unspool.hpp>
#include <xtensor/xio.hpp>
#include <xtensor/xmath.hpp>

using namespace unspool;

/// x + sin²(a x) / a, of Ziyin, Hartwig and Ueda, "Neural networks fail to learn periodic functions" (2020).
struct Snake {
    static constexpr auto name           = "snake";
    static constexpr Signature signature = "[...] [...] -> [...]";

    auto forward(auto const& x, auto const& a) const { return x + xt::square(xt::sin(a * x)) / a; }
    auto adjoints(auto const& g, auto const& y, auto const& x, auto const& a) const {
        return std::tuple(g * (1 + xt::sin(2 * a * x)), g * (x * xt::sin(2 * a * x) - (y - x)) / a);
    }
};

int main() {
    xt::xarray<double> const xs{{-1, 0.5, 2}, {0.1, -0.7, 1.3}}, as{{1, 2, 3}, {0.5, 1.5, 2.5}};

    Tape tape;
    Var x = tape.input(xs), a = tape.input(as);
    Var y = custom(Snake{}, x, a);
    std::cout << "y = " << y.value<float>() << "\n";

    GradReport const report =
        gradcheck([](Tape&, auto v) { return custom(Snake{}, v[0], v[1]); }, {{"x", xs}, {"a", as}});
    std::cout << report << "\n";
    return report ? 0 : 1;
}
