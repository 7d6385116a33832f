// Cells as streams and as C, step by step beside the tape: test_plans [random cells] [seed] [steps] [compiler]…  The shipped cells and those
// of examples/cells go first.
#include <cstdio>
#include <fmt/format.h>
#include <plans/bits.hpp>
#include <plans/edges.hpp>
#include <plans/twin.hpp>

namespace {

using namespace unspool;
using namespace plans;

struct Bounds {
    double in_c, stream;
    double by_itself,
        by_itself_normalised;  // what a step is off by goes on into the next ones, and normalisation makes it larger
};
template <class T> constexpr Bounds bounds  = {1e-6, 1e-5, 1e-6, 1e-5};
template <> constexpr Bounds bounds<double> = {1e-13, 1e-13, 1e-13, 1e-12};

int failures = 0;

void require(double worst, double bound, std::string const& what) {
    if (worst <= bound) return;
    fmt::print("{}: {:.2e} from the tape, and at most {:.0e} is allowed\n", what, worst, bound);
    ++failures;
}

template <class T> void check(Library const& library, Trial const& trial, int steps, bool free) {
    Twin<T> twin(library, trial);
    Worst const worst = twin.of_steps(steps);
    require(worst.in_c, bounds<T>.in_c, trial.name() + " in C");
    require(worst.stream, bounds<T>.stream, trial.name() + " as a stream");
    bool const normalised = trial.cell.name == "layer_norm_lstm";
    if (free)
        require(twin.by_itself(steps), normalised ? bounds<T>.by_itself_normalised : bounds<T>.by_itself,
                trial.name() + " in C by itself");
}

void check(std::vector<Trial> const& trials, int steps, std::string const& compiler, bool free) {
    Library const library(trials, compiler);
    for (Trial const& t : trials)
        t.dtype == float32 ? check<float>(library, t, steps, free) : check<double>(library, t, steps, free);
}

/// Sums of products add up in the tape's order where those are by libxsmm.
void check_bits(std::vector<NamedCell> const& cells, double units) {
    bool const packed = build_info().products.starts_with("libxsmm");
    for (auto const& cell : cells) {
        Units const off = units_of(cell);
        if (off.first <= 64 && off.later <= (packed ? units : 64)) continue;
        fmt::print("{}: a stream is {} units in the last place from the tape, at first {}\n", cell.name, off.later,
                   off.first);
        ++failures;
    }
}

std::vector<Trial> both_types(std::vector<NamedCell> const& cells, Index batch) {
    std::vector<Trial> out;
    for (auto const& c : cells)
        for (Dtype dtype : {float32, float64}) out.push_back({c, dtype, batch});
    return out;
}

void check_random(std::uint64_t number, std::uint64_t seed, int steps, std::string const& compiler) {
    constexpr std::uint64_t at_once = 50;
    for (std::uint64_t begin = seed; begin < seed + number; begin += at_once) {
        std::vector<Trial> trials;
        for (std::uint64_t s = begin; s < std::min(begin + at_once, seed + number); ++s)
            trials.push_back({random_cell(s), s % 2 == 0 ? float32 : float64, s % 5 == 0 ? 3 : 1});
        check(trials, steps, compiler, false);
    }
}

}  // namespace

int main(int argc, char** argv) try {
    auto const number = [&](int k, int otherwise) { return argc > k ? std::atoi(argv[k]) : otherwise; };
    int const random = number(1, 50), seed = number(2, 1), steps = number(3, 500);
    std::vector<std::string> const compilers =
        argc > 4 ? std::vector<std::string>(argv + 4, argv + argc) : std::vector<std::string>{"gcc -O1"};
    auto const shipped = shipped_cells(Params(3)), of_papers = example_cells(Params(4));
    check_bits(shipped, 0), check_bits(of_papers, 2);
    for (std::string const& compiler : compilers) {
        for (std::string const& line : wrong_at_edges(compiler)) fmt::print("{}\n", line), ++failures;
        check(both_types(shipped, 1), steps, compiler, true);
        check(both_types(of_papers, 1), steps, compiler, false);
        check_random(static_cast<std::uint64_t>(random), static_cast<std::uint64_t>(seed), steps, compiler);
    }
    return failures == 0 ? 0 : 1;
} catch (std::exception const& e) {
    fmt::print(stderr, "test_plans: {}\n", e.what());
    return 2;
}
