// Random constants, and dropout.  What is drawn depends on the seed alone: it is the same in both element types (but for
// rounding), with every compiler, and each time that it is asked for.
#pragma once
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/call/about.hpp>
#include <unspool/ops/arrays/draws.hpp>
#include <unspool/ops/arrays/lists.hpp>

namespace unspool::core {

/// Hinton et al., "Improving neural networks by preventing co-adaptation of feature detectors" (2012), inverted.  The mask
/// is not kept: the seed gives it again.
struct Dropout {
    double p;
    std::uint64_t seed;

    static constexpr auto name           = "dropout";
    static constexpr Signature signature = "[...] -> [...]";
    static constexpr About about{"x / (1 − p) with probability 1 − p, else 0", "g where x was kept, / (1 − p)",
                                 "Var y = dropout(x, 0.5, 7);",
                                 "p in [0, 1], else ValueError; what is dropped depends on the seed alone"};
    static std::vector<Example> examples();
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Real T> void f(Array<T> y, Array<T const> x) const;
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
        return std::tuple{[=, this](Array<T> dx) { add_adjoint<T>(dx, g); }};
    }
    template <Real T> void add_adjoint(Array<T> dx, Array<T const> g) const;
    std::vector<Equation> arguments() const;
};
Var dropout(Argument x, double p, std::uint64_t seed, Where = Where::here());
/// With a seed that is drawn.
Var dropout(Argument x, double p, Random&, Where = Where::here());

struct Bernoulli {
    static constexpr auto name = "bernoulli";
    static constexpr About about{"1 with probability p, else 0: a constant", "none",
                                 "Var y = bernoulli(tape, {2, 3}, 0.5, random);", "p in [0, 1], else ValueError"};
    static std::vector<Example> examples();
};
Var bernoulli(Tape&, Shape const&, double p, Random&, Where = Where::here());

struct Normal {
    static constexpr auto name = "normal";
    static constexpr About about{"normally distributed numbers of this mean and deviation: a constant", "none",
                                 "Var y = normal(tape, {2, 3}, 0, 1, random);", "ValueError for a negative deviation"};
    static std::vector<Example> examples();
};
Var normal(Tape&, Shape const&, double mean, double deviation, Random&, Where = Where::here());

struct Uniform {
    static constexpr auto name = "uniform";
    static constexpr About about{"uniformly distributed numbers of [low, high): a constant", "none",
                                 "Var y = uniform(tape, {2, 3}, -1, 1, random);", "ValueError unless low ≤ high"};
    static std::vector<Example> examples();
};
Var uniform(Tape&, Shape const&, double low, double high, Random&, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::bernoulli, core::dropout, core::normal, core::uniform;

}  // namespace unspool
