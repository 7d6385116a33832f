// The command line of the benchmark programs.
#include "program.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <regex>
#include <unistd.h>
#include <unspool/autograd/cpu/threads.hpp>

#include "report.hpp"

namespace bench {

namespace {

struct Options {
    std::string json, only = ".*";
    Effort effort{9, 0.1};
    bool quick = false, append = false;
};

void declare(CLI::App& app, Options& o) {
    app.add_option("--json", o.json, "write the results to this file as well");
    app.add_flag("--append", o.append, "keep the results that the file has");
    app.add_option("--only", o.only, "run only what matches this regular expression, such as 'LSTM.*B1 .*threads 2'")
        ->capture_default_str();
    app.add_option("--repetitions", o.effort.repetitions, "how often each is timed; the median counts")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    app.add_option("--seconds", o.effort.seconds, "for how long each time, at least")
        ->capture_default_str()
        ->check(CLI::Range(1e-3, 100.0));
    app.add_flag("--quick", o.quick, "3 repetitions of 0.01 s");
}

bool matches(Contest const& c, std::regex const& only) {
    return std::regex_search(fmt::format("{} {} threads {}", c.name, c.shape, c.threads), only);
}

void hold_and_report(std::vector<Contest> const& contests, Options const& o) {
    std::vector<Result> results;
    print_heading();
    for (Contest const& c : contests) {
        unspool::core::set_num_threads(c.threads);
        print(results.emplace_back(hold(c, o.effort)));
    }
    if (!o.json.empty()) write_json(results, o.json, o.append);
}

/// Idle threads of OpenMP and OpenBLAS, which peers use, wait in a loop for milliseconds and so slow each other down, and whoever
/// else has work.  Makes that half a millisecond, which is long enough between two products; they read it when a program begins.
void begin_again_with_short_waits(char** argv) {
    if (std::getenv("GOMP_SPINCOUNT")) return;
    setenv("GOMP_SPINCOUNT", "10000", 0);        // rounds
    setenv("OPENBLAS_THREAD_TIMEOUT", "20", 0);  // 2^20 cycles
    execv("/proc/self/exe", argv);
}

}  // namespace

int run_program(int argc, char** argv, std::vector<Contest> contests) try {
    begin_again_with_short_waits(argv);
    CLI::App app{"Times Unspool beside its peers, interleaved; a ratio below 1 means that Unspool is faster than the "
                 "best of them."};
    Options o;
    declare(app, o);
    CLI11_PARSE(app, argc, argv);
    if (o.quick) o.effort = {3, 0.01};

    std::regex const only(o.only);
    std::erase_if(contests, [&](Contest const& c) { return !matches(c, only); });
    if (contests.empty()) fmt::print(stderr, "{}: nothing matches {}\n", argv[0], o.only);
    else hold_and_report(contests, o);
    return 0;
} catch (std::exception const& e) {
    fmt::print(stderr, "{}: {}\n", argv[0], e.what());
    return 2;
}

}  // namespace bench
