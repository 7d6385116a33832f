// A plain recurrent network learns to add what it read long ago, by Hessian-free optimisation; and what Adam does in
// the same time.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "hessian_free/adding.hpp"

using namespace hessian_free;

namespace {

void declare(CLI::App& app, Training& o) {
    app.add_option("--seed", o.seed, "of the weights and the sequences (default: 1)");
    app.add_option("--steps", o.steps, "of a sequence (default: 20)")->check(CLI::Range(2, 100'000));
    app.add_option("--batch", o.batch, "default: 512")->check(CLI::PositiveNumber);
    app.add_option("--hidden", o.hidden, "default: 32")->check(CLI::PositiveNumber);
    app.add_option("--updates", o.updates, "at most (default: 60)");
    app.add_option("--enough", o.enough, "an error at which it ends (default: 0.01)");
    app.add_option("--damping", o.options.damping, "lambda at first");
    app.add_option("--structural", o.options.structural, "mu: that of the states, in lambdas");
    app.add_option("--products", o.options.products, "with the curvature, at most, an update");
    app.add_option("--decay", o.options.decay, "of the last direction, where the next search begins");
}

void report(Progress const& p, double error) {
    fmt::print("loss {:.4f}, then {:.4f}; damping {:.3f}, {} products, {} losses; unseen {:.4f}\n", p.before, p.after,
               p.damping, p.products, p.losses, error);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) try {
    Training o;
    bool verbose = false;
    CLI::App app("The adding problem by Hessian-free optimisation.");
    declare(app, o);
    app.add_flag("--verbose", verbose, "print every update");
    CLI11_PARSE(app, argc, argv);
    Result const ours = verbose ? by_hessian_free(o, report) : by_hessian_free(o);
    fmt::print("{} steps, Hessian-free: error {:.4f} after {} updates, {} products and {} losses, in {:.1f} s\n",
               o.steps, ours.error, ours.updates, ours.products, ours.losses, ours.seconds);
    std::fflush(stdout);
    for (double rate : {1e-3, 3e-3, 1e-2}) {
        Result const adam = by_adam(o, rate, ours.seconds);
        fmt::print("Adam at {}: error {:.4f} after {} updates, in the same time\n", rate, adam.error, adam.updates);
        std::fflush(stdout);
    }
    return ours.error <= o.enough ? 0 : 1;
} catch (std::exception const& e) {
    fmt::print(stderr, "19_hessian_free: {}\n", e.what());
    return 2;
}
