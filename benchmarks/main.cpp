// unspool_bench: times this library beside its peers and prints the ratios.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <regex>

#include "contest.hpp"
#include "recurrent.hpp"

int main(int argc, char** argv) {
    CLI::App    app{"Times Unspool beside its peers, interleaved in one run; a ratio below 1 means that Unspool is faster."};
    std::string json, only = ".*";
    int         repetitions = 9;
    double      seconds     = 0.1;
    bool        quick       = false;
    app.add_option("--json", json, "write the results to this file as well");
    app.add_option("--only", only, "run only the benchmarks whose name and shape match this regular expression")->capture_default_str();
    app.add_option("--repetitions", repetitions, "how often each is timed; the median counts")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    app.add_option("--seconds", seconds, "for how long each time, at least")->capture_default_str()->check(CLI::Range(1e-3, 100.0));
    app.add_flag("--quick", quick, "3 repetitions of 0.05 s");
    CLI11_PARSE(app, argc, argv);
    if (quick) repetitions = 3, seconds = 0.05;

    std::vector<bench::Contest> contests = bench::recurrent_contests();
    std::erase_if(contests, [&](auto& c) { return !std::regex_search(c.name + " " + c.shape, std::regex(only)); });
    if (contests.empty()) return std::fprintf(stderr, "no benchmark matches %s\n", only.c_str()), 2;
    auto const results = bench::run(contests, repetitions, seconds);
    bench::print_table(results);
    if (json.empty()) return 0;
    std::ofstream file(json);
    if (!(file << bench::to_json(results))) return std::fprintf(stderr, "cannot write %s\n", json.c_str()), 2;
    return 0;
}
