// Compares the runs of a program with one another.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <programs/checks.hpp>
#include <programs/forms.hpp>
#include <programs/run.hpp>

namespace programs {

std::string running;

namespace {

double largest(xt::xarray<double> const& a) {
    double out = 0;
    for (double x : a) out = std::isfinite(x) ? std::max(out, std::abs(x)) : out;
    return out;
}

/// How far two outcomes may be apart: relative to an array's largest element, or to that of all.
struct Tolerance {
    double of_array, of_all;
};
constexpr Tolerance same_bits{0, 0}, rounding{1e-9, 1e-11}, rounding_of_float{2e-3, 2e-4};

bool differ(double a, double b, double by) {
    return a != b && !(std::isnan(a) && std::isnan(b)) && !(std::abs(a - b) <= by);
}

std::string what(std::size_t k, Outcome const& o) {
    return k < o.values ? fmt::format("v{}", k) : k == o.values ? "y" : fmt::format("gradient {}", k - o.values - 1);
}

std::string compare(char const* name, Outcome const& a, Outcome const& b, Tolerance t) {
    if (a.arrays.size() != b.arrays.size())
        return fmt::format("{}: {} arrays for {}", name, a.arrays.size(), b.arrays.size());
    double all = 0;
    for (auto& x : b.arrays) all = std::max(all, largest(x));
    bool const branches = t.of_all > rounding.of_all &&
                          (a.kinked || b.kinked);  // in float, equal numbers are not where they are in double
    for (std::size_t k = 0; k < (branches ? a.values : a.arrays.size()); ++k) {
        auto const &x = a.arrays[k], &y = b.arrays[k];
        if (x.shape() != y.shape()) return fmt::format("{}: the shape of {}", name, what(k, a));
        double const by = t.of_array * largest(y) + t.of_all * all;
        for (std::size_t i = 0; i < x.size(); ++i)
            if (differ(x.flat(i), y.flat(i), by))
                return fmt::format("{}: {}, element {}: {:.17g} for {:.17g}", name, what(k, a), i, x.flat(i),
                                   y.flat(i));
    }
    return "";
}

/// Tapes that have seen other programs, so that their memory is not zeros.
Tape& used_tape(Dtype dtype) {
    static Tape tapes[] = {Tape(float32), Tape(float64)};
    return tapes[dtype == float64];
}

Mechanisms some(unsigned bits) {
    return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0 ? nullptr : copied};
}

/// On a tape that records nothing, where steps of cells that repeat are computed without asking them.
std::string compare_paused(Program const& p, Store& store, Outcome recorded) {
    Outcome const paused = run(p, store, used_tape(float64), {.name = "paused", .paused = true});
    recorded.arrays.resize(std::min(paused.values, recorded.values));  // a result without a gradient gets an input
    return compare("paused", paused, recorded, same_bits);
}

/// Of scans that compute their steps again.  What multiplies a sequence and something else is summed in another order by blocks.
std::string compare_recomputed(Program const& p, Store& store, Outcome const& reference) {
    Index const every = 1 + p.seed % 5;
    Tape& used        = used_tape(float64);
    Tape plain(float64);
    Mechanisms step_by_step = some(p.seed + 3u);
    step_by_step.hoist      = false;
    Mode const again{.name = "recomputed", .mechanisms = step_by_step, .recompute_every = every},
        blocks{.name = "recomputed segments", .mechanisms = some(p.seed + 4u), .recompute_every = every},
        recorded{.name = "recorded gradients of recomputed scans", .recorded = true, .recompute_every = every};
    std::string out =
        compare(again.name, run(p, store, used, again), run(p, store, plain, {"", step_by_step}), same_bits);
    for (Mode const* m : {&blocks, &recorded})
        if (out.empty()) out = compare(m->name, run(p, store, used, *m), reference, rounding);
    return out;
}

std::string compare_in_double(Program const& p, Scaled& scaled, Outcome& reference) {
    Store store(float64, scaled);
    Tape fresh(float64), plain(float64);
    Tape& used = used_tape(float64);
    Mode const by_default{"mechanisms"}, none{"none", no_mechanisms()};
    reference          = run(p, store, plain, {.name = "none", .mechanisms = no_mechanisms(), .source = &running});
    Outcome const fast = run(p, store, fresh, by_default);
    std::string out    = compare("mechanisms", fast, reference, rounding);
    auto const then    = [&](auto check) {
        if (out.empty()) out = check();
    };
    auto const against = [&](Mode const& mode, Outcome const& other, Tolerance t) {
        then([&] { return compare(mode.name, run(p, store, used, mode), other, t); });
    };
    against({"some mechanisms", some(p.seed)}, reference, rounding);
    against({"a used tape"}, fast, same_bits);
    against({"two threads", {}, 2}, fast, same_bits);
    against({"all gradients kept", {}, 1, Keep::all}, fast, same_bits);
    against({"disturbed", {}, 1, Keep::leaves, true}, reference, rounding);
    against({.name = "rows", .mechanisms = some(p.seed), .rows = true}, reference, rounding);
    against({.name = "recorded gradients", .mechanisms = some(p.seed + 1u), .recorded = true}, reference, rounding);
    then([&] { return compare_recomputed(p, store, reference); });
    then([&] { return compare_paused(p, store, fast); });
    then([&] {
        Outcome const by_kernels = run(p, store, used, {.name = "", .mechanisms = some(p.seed + 2u), .twice = true});
        return compare("second derivatives", run(p, store, plain, {.name = "", .recorded = true, .twice = true}),
                       by_kernels, rounding);
    });
    then([&] {
        auto const [a, b]     = run_side_by_side(p, store, by_default);
        std::string const one = compare("the first of two tapes", a, fast, same_bits);
        return one.empty() ? compare("the second of two tapes", b, fast, same_bits) : one;
    });
    store.move(0.25);
    against({"parameters changed"}, run(p, store, plain, none), rounding);
    return out;
}

/// Is something else computed in double as well, from inputs that differ by a few roundings of float?
bool too_steep_for_float(Program const& p, Scaled& scaled, Outcome const& reference) {
    Store store(float64, scaled);
    Tape tape(float64);
    run(p, store, tape, {"moved"});  // after which the store knows its arrays
    return std::ranges::any_of(std::array{1e-6, -1e-6, 4e-6, -4e-6}, [&](double step) {
        store.move(step);
        return !compare("moved", run(p, store, tape, {"moved"}), reference, rounding_of_float).empty();
    });
}

std::string compare_in_float(Program const& p, Scaled& scaled, Outcome const& reference) {
    if (reference.kinked) return "";  // numbers that are equal in float need not be in double
    Store store(float32, scaled);
    Tape plain(float32);
    Outcome const slow = run(p, store, plain, {"", no_mechanisms()}),
                  fast = run(p, store, used_tape(float32), {"float"});
    std::string out    = compare("float", fast, slow, rounding_of_float);
    if (!out.empty()) return out;
    out = compare("float and double", fast, reference, rounding_of_float);
    return out.empty() || too_steep_for_float(p, scaled, reference) ? "" : out;
}

/// Of the result by all inputs and parameters along one direction.  Where no two steps agree, differences tell nothing.
std::string compare_with_differences(Program const& p, Scaled& scaled) {
    Store store(float64, scaled);
    Tape tape(float64);
    Mode const none{"", no_mechanisms()};
    store.freeze();
    Outcome const here = run(p, store, tape, none);
    if (here.kinked) return "";
    std::size_t const arrays = (here.arrays.size() - here.values - 1) / 2;  // those of two sweeps
    double slope = 0, size = 0;
    for (std::size_t k = 0; k < arrays; ++k) {
        double const part = store.along(k, here.arrays[here.values + 1 + k]);
        slope += part, size += std::abs(part);
    }
    double const most_apart = 1e-5 * (std::abs(slope) + 0.1 * size) + 1e-8;
    double last             = NAN;
    std::string out;
    for (double const h : {1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8}) {
        auto const at = [&](double step) {
            store.move(step);
            xt::xarray<double> const y = run(p, store, tape, none).arrays[here.values];
            return p.seeded ? xt::sum(y * numbers(Shape::of(y.shape()), 7))() : xt::sum(y)();
        };
        double const by_differences = (at(h) - at(-h)) / (2 * h);
        if (!std::isfinite(slope) || std::abs(by_differences - slope) <= most_apart) return "";
        if (std::abs(by_differences - last) <=
            10 * most_apart)  // else the function is too steep for one of the two steps
            out = fmt::format("differences: {:.12g} for {:.12g}, of parts that sum to {:.12g}", slope, by_differences,
                              size);
        last = by_differences;
    }
    return out;
}

/// A check by all parameters along one direction: what nodes pass back by themselves is right, whatever differences of
/// the whole see.
std::string compare_with_nodes(Program const& p, Scaled& scaled) {
    Store store(float64, scaled);
    Tape tape(float64);
    store.freeze();
    run(p, store, tape, {""});  // after which the store knows its parameters
    if (store.params.all().empty()) return "";
    GradcheckOptions options;
    options.directions = 1, options.max_results = 0, options.seed = p.seed;
    auto const program = [&](Tape& t, std::span<Var const>) {
        Session s(t, store);
        for (Instruction const& i : p.code) s.do_instruction(i);
        return s.result(p.seeded);
    };
    GradReport const r = gradcheck(program, {}, store.params, options);
    return r.problem.starts_with("all gradients agree") ? text(r) : "";
}

}  // namespace

std::string disagreement(Program const& p) {
    running.clear();
    Scaled scaled;
    Outcome reference;
    std::string out = compare_in_double(p, scaled, reference);
    if (out.empty()) out = compare_in_float(p, scaled, reference);
    if (out.empty()) out = compare_with_differences(p, scaled);
    if (out.empty()) out = compare_with_nodes(p, scaled);
    return out;
}

std::string source_of(Program const& p) {
    Scaled scaled;
    Store store(float64, scaled);
    Tape tape(float64);
    std::string lines;
    Session s(tape, store, &lines);
    for (Instruction const& i : p.code) s.do_instruction(i);
    Var const y = s.result(p.seeded);
    return fmt::format("// numbers(shape, seed): any, in [-1, 1]\n"
                       "int main() {{\n    Tape   tape(float64);\n    Params params(0, float64);\n{}"
                       "    Gradients g = backward(y{});\n}}\n",
                       lines, p.seeded ? fmt::format(", numbers({}, 7)", written(y.shape())) : "");
}

void showValue(Program const& p, std::ostream& out) { out << "seed " << int(p.seed) << "\n" << source_of(p); }

}  // namespace programs
