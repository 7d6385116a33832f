// How the end of a differential equation depends on its beginning and its parameters, forwards and backwards; and
// rates of prey and predators from what was seen of them, by Gauss and Newton's method.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sensitivity/sensitivity.hpp"

using namespace sensitivity;

namespace {

void print(char const* what, Agreement const& a) {
    fmt::print(
        "{}: {} x {} derivatives, up to {:.2f}; reverse sweeps differ by {:.0e} of that, differences by {:.0e}\n", what,
        a.rows, a.columns, a.largest, a.reverse, a.difference);
}

void print(Fit const& found) {
    for (std::size_t k = 0; k < found.rates.size(); ++k) {
        auto const& r = found.rates[k];
        fmt::print("step {}: alpha {:.7f}, beta {:.7f}, gamma {:.7f}, delta {:.7f}, loss {:.1e}\n", k, r[0], r[1], r[2],
                   r[3], found.losses[k]);
    }
    fmt::print("the rates are within {:.0e} of the true ones\n", found.error());
}

}  // namespace

int main(int argc, char** argv) try {
    std::uint64_t seed = 1;
    Index steps        = 8;
    CLI::App app("Derivatives through a differential equation, and a fit of its rates.");
    app.add_option("--seed", seed, "of the neural equation (default: 1)");
    app.add_option("--steps", steps, "of Gauss and Newton (default: 8)")->check(CLI::NonNegativeNumber);
    CLI11_PARSE(app, argc, argv);
    print("by the first state", by_first_state(seed));
    print("by the parameters", by_parameters(seed));
    Fit const found = fit(steps);
    print(found);
    return found.error() <= 1e-6 ? 0 : 1;
} catch (std::exception const& e) {
    fmt::print(stderr, "22_sensitivity: {}\n", e.what());
    return 2;
}
