// A cell of one's own is checked, and drawn.
#include <iostream>
#include <unspool.hpp>
#include <xtensor/xrandom.hpp>

#include "mgu.hpp"

int main() try {
    Params params(1);
    Mgu const mgu(params / "mgu", 3, 4);

    GradReport const report = gradcheck(mgu);  // several steps, from random inputs and states
    std::cout << report << "\n";

    xt::xarray<double> const xs = xt::random::randn<double>({5, 2, 3});  // 5 steps, 2 sequences, 3 features
    xt::xarray<double> const h0 = xt::random::randn<double>({2, 4});

    auto const last_step = [&](Tape&, auto in) -> Var { return scan(mgu, in[0], in[1]).state; };
    std::cout << gradcheck(last_step, {{"xs", xs}, {"h0", h0}}) << "\n";

    Tape tape;
    Var x = tape.input(xt::view(xs, 0), "x");
    Var h = mgu(x, tape.input(h0, "h0"));
    Graph(h).write("mgu.svg");
    std::cout << "mgu.svg shows a step of the cell\n";

    return report ? 0 : 1;
} catch (std::exception const& e) {
    std::cerr << "02_gradcheck: " << e.what() << "\n";
    return 2;
}
