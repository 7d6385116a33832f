// Holds a contest: compares the contenders' results, times them by Google Benchmark, and measures what else is asked for.
#include "contest.hpp"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <stdexcept>
#include <thread>

#include "memory.hpp"

namespace bench {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double median(std::vector<double> x) {
    if (x.empty()) return nan;
    auto const middle = x.begin() + static_cast<std::ptrdiff_t>(x.size() / 2);
    std::nth_element(x.begin(), middle, x.end());
    return *middle;
}

class Collector : public benchmark::BenchmarkReporter {
public:
    bool ReportContext(Context const&) override { return true; }
    void ReportRuns(std::vector<Run> const& runs) override {
        for (Run const& r : runs)
            if (r.run_type == Run::RT_Iteration) times_[r.run_name.function_name].push_back(r.GetAdjustedRealTime());
    }
    double median_of(std::string const& who) { return median(times_[who]); }

private:
    std::map<std::string, std::vector<double>> times_;
};

/// Threads that the last contender left behind may still be waiting for work in a loop.
void let_threads_fall_asleep(int threads) {
    if (threads > 1) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

void enter(std::string const& who, Ready const& contender, int threads) {
    benchmark::RegisterBenchmark(who.c_str(),
                                 [&contender, threads](benchmark::State& state) {
                                     let_threads_fall_asleep(threads);
                                     for (auto _ : state) contender.run();
                                 })
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
}

void initialize(Effort const& effort) {
    std::vector<std::string> words{"benchmark", fmt::format("--benchmark_repetitions={}", effort.repetitions),
                                   fmt::format("--benchmark_min_time={}", effort.seconds),
                                   "--benchmark_enable_random_interleaving=true"};
    std::vector<char*> argv;
    for (std::string& w : words) argv.push_back(w.data());
    int argc = static_cast<int>(argv.size());
    benchmark::Initialize(&argc, argv.data());
}

std::vector<double> time(Contest const& c, std::vector<Ready> const& contenders, Effort const& effort) {
    initialize(effort);
    benchmark::ClearRegisteredBenchmarks();
    for (std::size_t i = 0; i < contenders.size(); ++i) enter(c.contenders[i].who, contenders[i], c.threads);
    Collector times;
    benchmark::RunSpecifiedBenchmarks(&times, ".*");
    std::vector<double> out;
    for (Contender const& who : c.contenders) out.push_back(times.median_of(who.who));
    return out;
}

/// The worst difference, relative to 1 + |a|; infinite if there are not as many of both.
double difference(std::vector<float> const& a, std::vector<float> const& b) {
    if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
    double worst = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        double const d = static_cast<double>(std::abs(a[i] - b[i]) / (1 + std::abs(a[i])));
        if (!(d <= worst)) worst = d;  // NaN is the worst
    }
    return worst;
}

/// Throws unless a peer's result is ours but for rounding.
void compare(Contest const& c, std::string const& peer, std::vector<float> const& ours,
             std::vector<float> const& theirs) {
    double const d = difference(ours, theirs);
    if (!(d <= 1e-4))
        throw std::runtime_error(fmt::format("{}, {}, threads {}: {} computes something else: results differ by {:.2g}",
                                             c.name, c.shape, c.threads, peer, d));
}

/// Sets all up, runs each once, and makes sure that they do the same work.
std::vector<Ready> ready(Contest const& c) {
    std::vector<Ready> out;
    std::vector<float> ours;
    for (Contender const& contender : c.contenders) {
        out.push_back(contender.make());
        out.back().run();
        std::vector<float> const result = out.back().result();
        if (out.size() == 1) ours = result;
        compare(c, contender.who, ours, result);
    }
    return out;
}

/// The worst distance from the exact result, in units of the last place of a float.
double worst_error(std::vector<float> const& result, std::vector<double> const& exact) {
    double worst = 0;
    for (std::size_t i = 0; i < result.size(); ++i) {
        float const y = std::abs(static_cast<float>(exact[i]));
        double const ulp =
            static_cast<double>(std::nextafter(y, std::numeric_limits<float>::infinity())) - static_cast<double>(y);
        worst = std::max(worst, std::abs(static_cast<double>(result[i]) - exact[i]) / ulp);
    }
    return worst;
}

/// What `of` gives for each.
template <class X, class F> Figure figure(std::string const& name, std::vector<X> const& each, F of) {
    Figure out{name, {}};
    for (X const& x : each) out.values.push_back(of(x));
    return out;
}

std::vector<Figure> figures(Contest const& c, std::vector<Ready> const& contenders,
                            std::vector<double> const& milliseconds) {
    std::vector<Figure> out;
    if (c.speed) out.push_back(figure(c.speed->name, milliseconds, c.speed->of));
    if (c.memory)  // of another one, so that it is not what the first of a kind sets up for all
        out.push_back(figure(c.memory->name, c.contenders,
                             [&](Contender const& x) { return c.memory->of(peak_growth([&] { x.make().run(); })); }));
    if (c.exact)
        out.push_back(
            figure("ulp", contenders, [exact = c.exact()](Ready const& x) { return worst_error(x.result(), exact); }));
    return out;
}

}  // namespace

std::vector<Contender> unspool_and(std::vector<Contender> peers, std::function<Ready()> ours) {
    peers.insert(peers.begin(), {"unspool", std::move(ours)});
    return peers;
}

Unit nanoseconds_per(std::string const& item, double items) {
    return {"ns per " + item, [items](double milliseconds) { return milliseconds * 1e6 / items; }};
}
Unit items_per_second(std::string const& items, double count) {
    return {items + " per second", [count](double milliseconds) { return count * 1e3 / milliseconds; }};
}
Unit bytes_per(std::string const& item, double items) {
    return {"bytes per " + item, [items](double bytes) { return bytes / items; }};
}

std::size_t Result::best_peer() const {
    if (milliseconds.size() < 2) return 0;
    return static_cast<std::size_t>(std::min_element(milliseconds.begin() + 1, milliseconds.end()) -
                                    milliseconds.begin());
}

double Result::ratio() const { return best_peer() == 0 ? nan : milliseconds[0] / milliseconds[best_peer()]; }

Result hold(Contest const& c, Effort const& effort) {
    Result out{c.name, c.shape, c.threads, {}, {}, {}};
    for (Contender const& who : c.contenders) out.contenders.push_back(who.who);
    auto const contenders = ready(c);
    out.milliseconds      = time(c, contenders, effort);
    out.figures           = figures(c, contenders, out.milliseconds);
    return out;
}

}  // namespace bench
