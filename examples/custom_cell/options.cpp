// Reads the command line.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <thread>
#include <unspool/autograd/array/error.hpp>

#include "options.hpp"

namespace custom_cell {

namespace {

constexpr double steps_a_minute = 1000;  // what two slow cores manage

/// Numbers in a range, with an error that says what to do.
template <class T> CLI::Validator between(T low, T high) {
    auto const hint  = fmt::format("{} to {}", low, high);
    auto const check = [=](std::string const& input) {
        T value{};
        bool const good =
            CLI::detail::lexical_cast(input, value) && low <= value && value <= high;  // and so not for NaN
        return good ? std::string() : fmt::format("{} is not a number from {}", input, hint);
    };
    return CLI::Validator(check, hint);
}

Index threads_here() { return std::clamp<Index>(static_cast<Index>(std::thread::hardware_concurrency()), 1, 4); }

void declare(CLI::App& app, Options& o) {
    app.add_option("--text", o.text,
                   "learn this file, whatever is in it (default: the project's own README, docs and sources)")
        ->type_name("FILE");
    app.add_option("--cell", o.cell, "recurrent cell (default: mgu)")
        ->check(CLI::IsMember({"mgu", "rnn", "lstm", "gru"}));
    app.add_option("--hidden", o.hidden, fmt::format("size of its state (default: {})", o.hidden))
        ->check(between<Index>(1, 4096));
    app.add_option("--minutes", o.minutes, fmt::format("stop training after this time (default: {})", o.minutes))
        ->check(between(0.001, 1e5));
    app.add_option("--steps", o.steps,
                   fmt::format("updates to make in that time (default: {} a minute)", steps_a_minute))
        ->check(between<Index>(1, 100'000'000));
    app.add_option("--threads", o.threads,
                   fmt::format("each computes a part of the batch (default here: {})", o.threads))
        ->check(between<Index>(1, 64));
    app.add_option("--rate", o.rate, fmt::format("learning rate at its highest (default: {})", o.rate))
        ->check(between(1e-6, 1.0));
    app.add_option("--seed", o.seed, fmt::format("of the initial weights and of the sample (default: {})", o.seed))
        ->check(between<Index>(0, 1'000'000'000'000'000'000));
    app.add_option("--temperature", o.temperature,
                   fmt::format("of the sample: the higher, the bolder (default: {})", o.temperature))
        ->check(between(0.01, 100.0));
    app.add_option("--out", o.folder,
                   "where the pictures and the losses go (default: build/demo, below the current folder)")
        ->type_name("FOLDER");
}

}  // namespace

Index Options::updates() const {
    return steps ? *steps : std::max<Index>(1, static_cast<Index>(minutes * steps_a_minute));
}

Options parse(int argc, char const* const* argv) {
    Options options;
    options.threads = threads_here();
    CLI::App app("Checks a recurrent cell, draws it, and trains it to write like a text.", "03_custom_cell");
    declare(app, options);
    try {
        app.parse(argc, argv);
    } catch (CLI::CallForHelp const&) {
        fmt::print("{}", app.help());
        throw Done{0};
    } catch (CLI::ParseError const& e) {
        throw unspool::ValueError(fmt::format("{} (--help lists the options)", e.what()));
    }
    return options;
}

}  // namespace custom_cell
