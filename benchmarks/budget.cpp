// unspool_bench_budget: backpropagation through time in a byte budget, against the plain scan of the same run.
//     unspool_bench_budget [most steps] [seconds a row]
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <fmt/format.h>
#include <unspool.hpp>

using namespace unspool;

namespace {

constexpr Index features = 32, hidden = 32;

/// An LSTM that tells what comes next in a series that is made step by step: neither that nor the outputs are kept.
struct Forecaster {
    Params params{1};
    nn::LSTMCell lstm{params / "lstm", features, hidden};
    nn::Linear out{params / "out", hidden, features};
    Tape tape;
    std::size_t peak = 0;  // bytes of the tape

    static xt::xarray<float> series(Index t) {
        xt::xarray<float> x = xt::zeros<float>({Index{1}, features});
        for (Index k = 0; k < features; ++k) x(0, k) = std::sin(0.01f * static_cast<float>((t % 5000) * (k + 1)));
        return x;
    }

    Var loss_of(Index steps, ScanOptions const& options) {
        auto const next = [this](Index t) -> Var {
            peak = std::max(peak, tape.arena().bytes_used());
            return tape.constant(series(t));
        };
        auto const loss = [this](Index t, Var y) -> Var { return mean(square(out(y) - tape.constant(series(t + 1)))); };
        return unroll_sum(tape, lstm, steps, lstm.zeros(tape, 1), next, loss, options).loss;
    }

    /// Seconds that the processor spends on a forward and backward pass.
    double train(Index steps, ScanOptions const& options) {
        std::clock_t const begin = std::clock();
        tape.rewind();
        peak                  = 0;
        Gradients const g     = backward(loss_of(steps, options));
        double const duration = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
        if (!g.reached(lstm.gates.U.weight)) std::abort();
        return duration;
    }
};

struct Row {
    double fraction, seconds, plain;
    std::size_t peak, plain_peak;
    RecomputePlan plan;
};

/// The least of what fits in some seconds, of both in turns.
Row measured(Index steps, double fraction, double seconds) {
    Forecaster plain, budgeted;
    plain.train(steps, {});
    Row row{fraction, 1e9, 1e9, 0, plain.peak, {}};
    Bytes const memory{static_cast<std::size_t>(fraction * static_cast<double>(plain.peak))};
    for (double spent = 0; spent < seconds;) {
        double const b = budgeted.train(steps, {.memory = memory, .plan = &row.plan}), a = plain.train(steps, {});
        row.seconds = std::min(row.seconds, b), row.plain = std::min(row.plain, a);
        row.peak = budgeted.peak;
        spent += a + b;
    }
    return row;
}

void print(Index steps, double fraction, double seconds) try {
    Row const r = measured(steps, fraction, seconds);
    fmt::print(
        "{:>9} {:>6.1f} % {:>11.3f} of {:>8.1f} MB  {:>5} steps, {:>4} states  {:>5.2f} passes  {:>6.2f} of plain "
        "time, {:.2f} µs a step\n",
        steps, 100 * fraction, static_cast<double>(r.peak) / 1e6, static_cast<double>(r.plain_peak) / 1e6,
        r.plan.segment, r.plan.snapshots, r.plan.passes(), r.seconds / r.plain,
        1e6 * r.seconds / static_cast<double>(steps));
} catch (ValueError const& e) { fmt::print("{:>9} {:>6.1f} %  {}\n", steps, 100 * fraction, e.what()); }

}  // namespace

int main(int argc, char** argv) {
    Index const most     = argc > 1 ? std::atol(argv[1]) : 1'000'000;
    double const seconds = argc > 2 ? std::atof(argv[2]) : 3;
    fmt::print("LSTM, B1 I32 H32, loss of each step\n");
    for (Index steps : {1'000, 10'000, 100'000})
        for (double fraction : {0.1, 0.05, 0.03, 0.01, 0.001})
            if (steps <= most) print(steps, fraction, seconds);
    if (most < 1'000'000) return 0;
    Forecaster long_one;
    RecomputePlan plan;
    double const s = long_one.train(1'000'000, {.memory = 64_MB, .plan = &plan});
    fmt::print("{:>9} steps in 64 MB: {:.1f} MB of tape, {} steps, {} states, {:.2f} passes, {:.1f} s\n", 1'000'000,
               static_cast<double>(long_one.peak) / 1e6, plan.segment, plan.snapshots, plan.passes(), s);
}
