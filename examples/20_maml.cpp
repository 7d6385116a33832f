// Learning to learn: weights from which one step of gradient descent leads to any sine wave, found by differentiating
// through that step.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "maml/waves.hpp"

using namespace maml;

int main(int argc, char** argv) try {
    std::uint64_t seed = 1;
    Options o;
    CLI::App app("Model-agnostic meta-learning of sine waves by an LSTM.");
    app.add_option("--seed", seed, "of the weights and the waves (default: 1)");
    app.add_option("--updates", o.updates, "default: 4000")->check(CLI::NonNegativeNumber);
    app.add_option("--tasks", o.tasks, "waves an update (default: 4)")->check(CLI::PositiveNumber);
    app.add_option("--hidden", o.hidden, "default: 32")->check(CLI::PositiveNumber);
    app.add_option("--inner-rate", o.inner_rate, "of the step that is differentiated (default: 0.1)");
    app.add_option("--rate", o.rate, "of Adam (default: 0.003)");
    CLI11_PARSE(app, argc, argv);
    auto const report = [&](char const* name, Preparation how) {
        Errors const e = prepare(how, seed, o);
        fmt::print("{}: error {:.2f}; after one step of {} {:.2f}, after five of {} {:.2f}\n", name, e.before, e.one_at,
                   e.one, e.five_at, e.five);
        std::fflush(stdout);
        return e;
    };
    Errors const ours = report("MAML", Preparation::maml);
    report("first order", Preparation::first_order);
    Errors const joint = report("joint", Preparation::joint);
    return ours.one <= joint.one / 3 && ours.five <= joint.five / 3 ? 0 : 1;
} catch (std::exception const& e) {
    fmt::print(stderr, "20_maml: {}\n", e.what());
    return 2;
}
