// How far apart are two families of sequences?  A recurrent critic with a penalty on its gradient tells; one without
// cannot.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "gradient_penalty/critic.hpp"

using namespace gradient_penalty;

int main(int argc, char** argv) try {
    Options o;
    CLI::App app("A critic of sequences, with and without a gradient penalty.");
    app.add_option("--seed", o.seed, "of the weights and the waves (default: 1)");
    app.add_option("--updates", o.updates, "default: 500")->check(CLI::NonNegativeNumber);
    app.add_option("--penalty", o.penalty, "what it is multiplied by (default: 10)");
    app.add_option("--apart", o.apart, "the distance of the two families (default: 1)")->check(CLI::PositiveNumber);
    CLI11_PARSE(app, argc, argv);
    auto const report = [&](char const* name, double penalty) {
        Options with = o;
        with.penalty = penalty;
        auto const f = learn(with);
        fmt::print("{}: distance {:.2f}, where it is {}; gradients have the norm {:.2f}, and are off 1 by {:.2f}\n",
                   name, f.distance, o.apart, f.norm, f.deviation);
        std::fflush(stdout);
        return f;
    };
    auto const with = report("with a penalty", o.penalty);
    report("without", 0);
    bool const near = std::abs(with.distance / o.apart - 1) <= 0.1 && std::abs(with.norm - 1) <= 0.1;
    return near ? 0 : 1;
} catch (std::exception const& e) {
    fmt::print(stderr, "18_gradient_penalty: {}\n", e.what());
    return 2;
}
