// What leaves values as they are and changes gradients.  They are not derivatives, and are meant not to be: a gradient
// check of what contains them fails.
#pragma once
#include <unspool/autograd/call/about.hpp>
#include <unspool/autograd/call/call.hpp>
#include <unspool/ops/arrays/lists.hpp>

namespace unspool::core {

struct ScaleGradient {
    double factor;

    static constexpr auto name           = "scale_gradient";
    static constexpr bool surrogate      = true;
    static constexpr Signature signature = "[...] -> [...]";
    static constexpr About about{"x", "dx = factor g", "Var y = scale_gradient(x, 0.1);",
                                 "reverse_gradient(x) is scale_gradient(x, -1)"};
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Real T> void f(Array<T> y, Array<T const> x) const { copy<T>(y, x); }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
        return std::tuple{[=, this](Array<T> dx) { add_adjoint<T>(dx, g); }};
    }
    template <Real T> void add_adjoint(Array<T> dx, Array<T const> g) const;
    std::vector<Equation> arguments() const;
};
Var scale_gradient(Argument x, double factor, Where = Where::here());
/// The value x, and −g comes back: `scale_gradient` by −1 (Ganin and Lempitsky, 2015).
inline Var reverse_gradient(Argument x, Where where = Where::here()) { return scale_gradient(x, -1, where); }

struct ClipGradient {
    double limit;

    static constexpr auto name           = "clip_gradient";
    static constexpr bool surrogate      = true;
    static constexpr Signature signature = "[...] -> [...]";
    static constexpr About about{"x", "dx = g, each element at most the limit in magnitude",
                                 "Var y = clip_gradient(x, 1);",
                                 "ValueError unless the limit is at least 0; NaN stays NaN"};
    Var gradient(std::size_t k, Var g, Var y, std::span<Var const> x) const;
    template <Real T> void f(Array<T> y, Array<T const> x) const { copy<T>(y, x); }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
        return std::tuple{[=, this](Array<T> dx) { add_adjoint<T>(dx, g); }};
    }
    template <Real T> void add_adjoint(Array<T> dx, Array<T const> g) const;
    std::vector<Equation> arguments() const;
};
Var clip_gradient(Argument x, double limit, Where = Where::here());

/// The same value as a constant: `x.detach()`.
struct Detach {
    static constexpr auto name = "detach";
    static constexpr About about{"x", "none: a constant", "Var y = x.detach();"};
};

}  // namespace unspool::core

namespace unspool {

using core::clip_gradient, core::reverse_gradient, core::scale_gradient;

}  // namespace unspool
