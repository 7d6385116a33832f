// unspool_bench_short: random arrays with short axes, and how many times as long they take as long rows do; the worst of each kind.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <limits>
#include <map>

#include "short_cases.hpp"

namespace bench {

namespace {

using namespace unspool;

xt::xarray<float> normal_numbers(Dimensions const& shape, std::uint64_t seed) {
    auto out = xt::xarray<float>::from_shape(shape);
    Random random(seed);
    for (float& x : out) x = static_cast<float>(random.normal());
    return out;
}

/// A computation on a tape of its own.
class Running {
public:
    explicit Running(Computation const& c) : f_(c.f) {
        for (Dimensions const& shape : c.shapes) xs_.push_back(tape_.input(normal_numbers(shape, xs_.size() + 1)));
        begin_ = tape_.mark(), y_ = f_(xs_);
        seed_ = normal_numbers({y_.shape().begin(), y_.shape().end()}, 9);
    }
    void forward() { tape_.rewind(begin_), y_ = f_(xs_); }
    void backward() { core::backward(y_, seed_); }

private:
    Tape tape_;
    Function f_;
    std::vector<Var> xs_;
    Tape::Mark begin_ = tape_.mark();
    Var y_;
    xt::xarray<float> seed_;
};

template <class F> double microseconds(F f) {
    constexpr int times = 20;
    auto const begin    = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) f();
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count() / times;
}

/// The least that each of two took, by turns.
struct Duel {
    double ratio = 0, microseconds = 0;
    std::string text = {};
};
template <class F> Duel duel(Running& odd, Running& usual, int repetitions, F f) {
    double a = std::numeric_limits<double>::max(), b = a;
    for (int i = 0; i < repetitions; ++i) {
        a = std::min(a, microseconds([&] { f(odd); }));
        b = std::min(b, microseconds([&] { f(usual); }));
    }
    return {a / b, a};
}

void print_worst(std::string const& kind, std::vector<Duel> all, std::size_t shown) {
    std::sort(all.begin(), all.end(), [](Duel const& a, Duel const& b) { return a.ratio > b.ratio; });
    auto const over = std::count_if(all.begin(), all.end(), [](Duel const& d) { return d.ratio > 3; });
    fmt::print("{}: median {:.2f}, {} of {} above 3\n", kind, all[all.size() / 2].ratio, over, all.size());
    for (Duel const& d : std::span(all).first(std::min(shown, all.size())))
        fmt::print("    {:6.2f} {:8.2f} us  {}\n", d.ratio, d.microseconds, d.text);
}

void measure(std::vector<ShortCase> const& cases, int repetitions, std::size_t shown) {
    std::map<std::string, std::vector<Duel>> results;
    for (ShortCase const& c : cases) {
        Running odd(c.odd), usual(c.usual);
        auto const enter = [&](char const* way, Duel d) {
            d.text = c.odd.text();
            results[fmt::format("{}, {}", c.kind, way)].push_back(d);
        };
        enter("forward", duel(odd, usual, repetitions, [](Running& r) { r.forward(); }));
        enter("backward", duel(odd, usual, repetitions, [](Running& r) { r.backward(); }));
    }
    for (auto const& [kind, all] : results) print_worst(kind, all, shown);
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) {
    CLI::App app{"Times operations on arrays with short axes beside the same on long rows."};
    std::uint64_t seed = 1;
    int each = 40, repetitions = 60;
    std::size_t shown = 1;
    bool list         = false;
    app.add_option("--seed", seed, "of the random shapes")->capture_default_str();
    app.add_option("--each", each, "so many of each kind")->capture_default_str();
    app.add_option("--repetitions", repetitions, "how often each is timed; the least counts")->capture_default_str();
    app.add_option("--shown", shown, "how many of the worst are shown")->capture_default_str();
    app.add_flag("--list", list, "write the cases for torch/short_axes.py, and measure nothing");
    CLI11_PARSE(app, argc, argv);

    unspool::core::set_num_threads(1);
    auto const typical = bench::typical_cases(), random = bench::short_cases(seed, each);
    fmt::print("{}seed {}\n", list ? "# " : "", seed);
    if (!list) bench::measure(typical, repetitions, typical.size()), bench::measure(random, repetitions, shown);
    for (auto const* cases : {&typical, &random})
        for (bench::ShortCase const& c : *cases)
            if (list) fmt::print("{}\t{}\t{}\n", c.kind, c.odd.text(), c.usual.text());
}
