// All tuples of some numbers, for each operation.
#include <fmt/format.h>
#include <limits>
#include <plans/edges.hpp>
#include <plans/library.hpp>
#include <plans/random_cell.hpp>

namespace plans {

namespace {

/// What an operand may be: of three, fewer.
template <class T> std::vector<T> edges(Index arity) {
    constexpr double inf = std::numeric_limits<double>::infinity();
    std::vector<double> const all{0,   -0.0, 1e-40, 0.5, -0.5, 1,    -1,   1.5,   -1.5, 2.5, 3,    -3,          20,
                                  -20, 90,   -90,   750, -750, 1e10, 1e30, -1e30, 3e38, inf, -inf, std::nan("")};
    std::vector<double> const few{0, -0.0, 0.25, 1, -1, 3, -20, 1e30, inf, -inf, std::nan("")};
    std::vector<double> const& of = arity == 3 ? few : all;
    return {of.begin(), of.end()};
}
Index number_of_tuples(Index arity) {
    Index out = 1;
    for (Index k = 0; k < arity; ++k) out *= std::ssize(edges<double>(arity));
    return out;
}
/// One operand behind the other.
template <class T> std::vector<T> tuples(Index arity) {
    auto const of = edges<T>(arity);
    Index const n = number_of_tuples(arity);
    std::vector<T> out;
    for (Index k = 0, each = 1; k < arity; ++k, each *= std::ssize(of))
        for (Index i = 0; i < n; ++i) out.push_back(of[static_cast<std::size_t>(i / each % std::ssize(of))]);
    return out;
}

NamedCell of_operation(Elementwise const& op, std::size_t number) {
    Index const n      = number_of_tuples(op.arity);
    auto const of_part = [op, n](Var x) {
        std::vector<Var> parts;
        for (Index k = 0; k < op.arity; ++k) parts.push_back(slice(x, -1, k * n, (k + 1) * n));
        return op.f(parts);
    };
    return cell_of(fmt::format("op_{}", number), op.arity * n, of_part);
}

template <class T> bool agree(T got, T expected) {
    if (got == expected || (std::isnan(got) && std::isnan(expected))) return true;
    double const bound = std::same_as<T, float> ? 1e-5 : 1e-12, e = static_cast<double>(expected);
    return std::abs(static_cast<double>(got) - e) <= bound * std::max(1., std::abs(e));
}

template <class T>
void compare(Elementwise const& op, Trial const& trial, Library const& library, std::vector<std::string>& out) {
    auto const x = tuples<T>(op.arity);
    auto const n = static_cast<std::size_t>(number_of_tuples(op.arity));
    std::vector<T> state(n), y(n);
    library.function<void(T*, T const*, T*)>(trial.name() + "_step")(state.data(), x.data(), y.data());
    Tape tape(trial.dtype);
    Var const whole       = reshape(tape.constant(x), {1, std::ssize(x)});
    Var const expected_at = trial.cell.plannable(1).step(std::array{whole}, std::array{whole}).output;
    auto const view       = expected_at.value<T>();
    std::size_t i         = 0;
    for (T expected : view) {
        bool const once_or_twice = op.name == std::string_view("fma") && !std::isfinite(expected);  // rounded
        if (!agree(y[i], expected) && !once_or_twice)
            out.push_back(fmt::format("{} of {}{}: {} in C, {} on the tape", op.name, x[i],
                                      op.arity > 1 ? fmt::format(", {}", x[n + i]) : "", y[i], expected));
        ++i;
    }
}

}  // namespace

std::vector<std::string> wrong_at_edges(std::string const& compiler) {
    std::vector<std::string> out;
    auto const& ops = elementwise();
    std::vector<Trial> trials;
    for (Dtype dtype : {float32, float64})
        for (std::size_t k = 0; k < ops.size(); ++k) trials.push_back({of_operation(ops[k], k), dtype, 1});
    Library const library(trials, compiler);
    for (std::size_t k = 0; k < trials.size(); ++k) {
        Elementwise const& op = ops[k % ops.size()];
        if (trials[k].dtype == float32) compare<float>(op, trials[k], library, out);
        else compare<double>(op, trials[k], library, out);
    }
    return out;
}

}  // namespace plans
