// A recurrent cell whose state is a fixed point, differentiated by the implicit function theorem: against the
// gradient of all iterations, and at work.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "equilibrium/learning.hpp"

using namespace equilibrium;

int main(int argc, char** argv) try {
    std::uint64_t seed = 1;
    Index updates      = 400;
    CLI::App app("A deep equilibrium cell.");
    app.add_option("--seed", seed, "of the weights and the signs (default: 1)");
    app.add_option("--updates", updates, "default: 400")->check(CLI::NonNegativeNumber);
    CLI11_PARSE(app, argc, argv);
    double worst = 0;
    for (Index iterations : {10, 20, 40, 80}) {
        Comparison const c = compare(seed, 1e-13, iterations);
        fmt::print("{} iterations: the implicit gradient differs by {:.0e}; nodes {}, unrolled {}; MB {:.1f}, unrolled "
                   "{:.1f}\n",
                   iterations, c.apart, c.nodes, c.nodes_unrolled, c.bytes / 1e6, c.bytes_unrolled / 1e6);
        worst = c.apart;
    }
    Learned const l = learn(seed, updates);
    fmt::print("has the sign changed? {:.1f} % right; a step takes {:.0f} iterations forward and {:.0f} back\n",
               100 * l.right, l.forward, l.backward);
    return worst <= 1e-8 && l.right >= 0.99 ? 0 : 1;
} catch (std::exception const& e) {
    fmt::print(stderr, "21_equilibrium: {}\n", e.what());
    return 2;
}
