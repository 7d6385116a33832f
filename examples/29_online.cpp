// Learning while the stream goes on: by exact gradients at every step, by a part of them, and by truncated
// backpropagation.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "online/streams.hpp"

using namespace streams;

int main(int argc, char** argv) try {
    EchoOptions e;
    BalanceOptions b;
    CLI::App app("Online learning by RTRL, SnAp-1 and truncated backpropagation.");
    app.add_option("--seed", e.seed, "of the weights and the stream (default: 1)");
    app.add_option("--steps", e.steps, "of the stream whose rule changes (default: 24000)")
        ->check(CLI::Range(100, 1000000));
    app.add_option("--hidden", e.hidden, "default: 16")->check(CLI::PositiveNumber);
    app.add_option("--delay", e.delay, "of the answer (default: 5)")->check(CLI::Range(1, 50));
    app.add_option("--rate", e.rate, "of Adam (default: 0.005)")->check(CLI::PositiveNumber);
    app.add_option("--truncation", e.truncation, "steps back (default: 4)")->check(CLI::PositiveNumber);
    CLI11_PARSE(app, argc, argv);
    constexpr std::pair<char const*, Method> methods[] = {
        {"RTRL", Method::rtrl}, {"SnAp-1", Method::snap_1}, {"truncated", Method::truncated}};
    fmt::print("A stream whose rule changes in the middle, squared error before, behind the change, and at the end:\n");
    for (auto const& [name, how] : methods) {
        auto const [learned, surprised, again] = echo(how, e);
        fmt::print("{:<10} {:.3f}  {:.3f}  {:.3f}\n", name, learned, surprised, again);
        std::fflush(stdout);
    }
    fmt::print("Influences that balance, loss at the end:\n");
    for (auto const& [name, how] : methods) fmt::print("{:<10} {:.2g}\n", name, balance(how, b));
} catch (std::exception const& e) {
    fmt::print(stderr, "29_online: {}\n", e.what());
    return 2;
}
