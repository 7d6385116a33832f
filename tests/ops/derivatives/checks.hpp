// What a function's derivatives are put through: gradient() against the kernels of backward(), and its own gradients against differences.
#pragma once
#include <ops/checks.hpp>
#include <unspool/ops/derivatives/gradient.hpp>

namespace checks {

/// A sum with weights, none of which is small.
inline Var weighed(Tape& tape, Var y, std::uint64_t seed) {
    return sum(y * tape.constant(numbers(y.shape(), {0.5, 2}, {}, seed)));
}

/// The derivative of a function, by all operands, with weights; and what depends on each of them, or nothing might.
inline Case differentiated(Case c) {
    c.what += ", differentiated";
    c.f = [f = c.f](Tape& tape, Inputs x) {
        std::vector<Var> const g = gradient(weighed(tape, f(tape, x), 5), x);
        Var out                  = tape.constant(0);
        for (std::size_t k = 0; k < x.size(); ++k) out = out + weighed(tape, g[k], 11 + k) + 0 * sum(x[k]);
        return out;
    };
    return c;
}

inline double largest(Doubles const& x) {
    double out = 0;
    for (double v : x) out = std::isnan(v) ? v : std::max(out, std::abs(v));
    return out;
}

inline void check_first_order(Case const& c) {
    Tape tape(float64);
    std::vector<Var> xs;
    for (Doubles const& x : c.inputs) xs.push_back(tape.input(x));
    Var const y                = weighed(tape, c.f(tape, xs), 5);
    std::vector<Var> const got = gradient(y, xs);
    Gradients const expected   = backward(y);
    for (std::size_t k = 0; k < xs.size(); ++k) {
        Doubles const a = got[k].value<double>(), b = expected[xs[k]].value<double>();
        BOOST_TEST(largest(a - b) <= 1e-12 * std::max(1.0, largest(b)), c.what << ", operand " << k);
    }
}

/// Differences of the first derivative, and of the second.
inline void check_second_order(Case const& c, double worst) {
    check_first_order(c);
    check_gradients(differentiated(c), worst);
}
inline void check_third_order(Case const& c, double worst) { check_second_order(differentiated(c), worst); }

}  // namespace checks
