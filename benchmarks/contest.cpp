// Runs contests by Google Benchmark and reports the ratios.
#include "contest.hpp"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdio>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

namespace bench {

namespace {

std::string key(Contest const& c, std::string const& who) { return fmt::format("{} | {} | {} | {}", c.name, c.shape, c.threads, who); }

/// Collects medians, and says on the terminal how far it is.
class Collector : public benchmark::BenchmarkReporter {
public:
    bool ReportContext(Context const&) override { return true; }
    void ReportRuns(std::vector<Run> const& runs) override {
        for (Run const& r : runs)
            if (r.run_type == Run::RT_Iteration) times_[r.run_name.function_name].push_back(r.GetAdjustedRealTime());
        std::fprintf(stderr, "\r%zu benchmarks, %zu runs", times_.size(), ++runs_);
    }
    double median(std::string const& name) const {
        auto const found = times_.find(name);
        if (found == times_.end()) return std::numeric_limits<double>::quiet_NaN();
        std::vector<double> t = found->second;
        std::nth_element(t.begin(), t.begin() + static_cast<std::ptrdiff_t>(t.size() / 2), t.end());
        return t[t.size() / 2];
    }

private:
    std::map<std::string, std::vector<double>> times_;
    std::size_t                                runs_ = 0;
};

void enter(Contest const& c, Contender const& who) {
    auto const work = std::make_shared<std::function<void()>>();
    benchmark::RegisterBenchmark(key(c, who.who).c_str(),
                                 [work, make = who.make](benchmark::State& state) {
                                     if (!*work) *work = make(), (*work)();
                                     for (auto _ : state) (*work)();
                                 })
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
}

Result judge(Contest const& c, Collector const& times) {
    Result out{c.name, c.shape, c.threads, times.median(key(c, c.contenders[0].who)), "", std::numeric_limits<double>::infinity(), 0};
    for (std::size_t i = 1; i < c.contenders.size(); ++i)
        if (double const t = times.median(key(c, c.contenders[i].who)); t < out.milliseconds)
            out.peer = c.contenders[i].who, out.milliseconds = t;
    out.ratio = out.ours / out.milliseconds;
    return out;
}

void initialize(int repetitions, double seconds) {
    std::vector<std::string> words{"unspool_bench", fmt::format("--benchmark_repetitions={}", repetitions),
                                   fmt::format("--benchmark_min_time={}", seconds), "--benchmark_enable_random_interleaving=true"};
    std::vector<char*>       argv;
    for (std::string& w : words) argv.push_back(w.data());
    int argc = static_cast<int>(argv.size());
    benchmark::Initialize(&argc, argv.data());
}

}  // namespace

std::vector<Result> run(std::vector<Contest> const& contests, int repetitions, double seconds) {
    initialize(repetitions, seconds);
    for (Contest const& c : contests)
        for (Contender const& who : c.contenders) enter(c, who);
    Collector times;
    benchmark::RunSpecifiedBenchmarks(&times);
    std::fprintf(stderr, "\n");
    std::vector<Result> out;
    for (Contest const& c : contests) out.push_back(judge(c, times));
    return out;
}

void print_table(std::vector<Result> const& results) {
    fmt::print("{:<26} {:<20} {:>7} {:>10} {:>10} {:>6}  {}\n", "benchmark", "shape", "threads", "ours ms", "peer ms", "ratio", "peer");
    for (Result const& r : results)
        fmt::print("{:<26} {:<20} {:>7} {:>10.3f} {:>10.3f} {:>6.2f}  {}\n", r.name, r.shape, r.threads, r.ours, r.milliseconds, r.ratio,
                   r.peer);
}

std::string to_json(std::vector<Result> const& results) {
    nlohmann::ordered_json out = nlohmann::ordered_json::array();
    for (Result const& r : results)
        out.push_back({{"name", r.name},
                       {"shape", r.shape},
                       {"threads", r.threads},
                       {"ours", "unspool"},
                       {"peer", r.peer},
                       {"milliseconds", {{"ours", r.ours}, {"peer", r.milliseconds}}},
                       {"ratio", r.ratio}});
    return out.dump(2) + "\n";
}

}  // namespace bench
