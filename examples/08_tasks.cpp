// Four tasks from the literature that need a memory.  Exits with 1 unless every figure is reached.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fmt/format.h>

#include "tasks/tasks.hpp"

using namespace tasks;

namespace {

struct Task {
    char const* name;
    Figure (*learn)(std::uint64_t seed);
};
constexpr Task all[]{{"adding", adding}, {"copying", copying}, {"reber", reber}, {"order", order}};

bool learned(Task const& task, std::uint64_t seed) {
    auto const begin                            = std::chrono::steady_clock::now();
    Figure const f                              = task.learn(seed);
    std::chrono::duration<double> const seconds = std::chrono::steady_clock::now() - begin;
    fmt::print("{:8} {}: {} {:.5f}, wanted at {} {:.5f}{}{} ({:.0f} s){}\n", task.name, f.model, f.what, f.value,
               f.most ? "most" : "least", f.wanted, f.also.empty() ? "" : "; ", f.also, seconds.count(),
               f.reached() ? "" : "  MISSED");
    std::fflush(stdout);
    return f.reached();
}

}  // namespace

int main(int argc, char** argv) try {
    std::string name   = "all";
    std::uint64_t seed = 1;
    CLI::App app("Networks learn tasks that need a memory.");
    app.add_option("--task", name, "which (default: all)")
        ->check(CLI::IsMember({"all", "adding", "copying", "reber", "order"}));
    app.add_option("--seed", seed, "of weights and sequences (default: 1)");
    CLI11_PARSE(app, argc, argv);
    bool reached = true;
    for (Task const& task : all)
        if (name == task.name || name == "all") reached &= learned(task, seed);
    return reached ? 0 : 1;
} catch (std::exception const& e) {
    fmt::print(stderr, "08_tasks: {}\n", e.what());
    return 2;
}
