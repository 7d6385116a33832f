// How gradients are changed.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/ops/arrays/control.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

namespace {

/// dx += f(g), element by element; g is contiguous.
template <Real T, class F> void add_changed(Array<T> dx, Array<T const> g, F f) {
    thread_local std::vector<T> changed;
    changed.assign(g.data, g.data + count(g.shape));
    std::transform(changed.begin(), changed.end(), changed.begin(), f);
    copy<T>(dx, {changed.data(), g.shape, row_major(g.shape)}, WriteMode::add);
}

}  // namespace

template <Real T> void ScaleGradient::add_adjoint(Array<T> dx, Array<T const> g) const {
    add_changed<T>(dx, g, [k = static_cast<T>(factor)](T v) { return k * v; });
}
std::vector<Equation> ScaleGradient::arguments() const { return {Equation::number(factor)}; }

template <Real T> void ClipGradient::add_adjoint(Array<T> dx, Array<T const> g) const {
    add_changed<T>(dx, g, [c = static_cast<T>(limit)](T v) { return std::clamp(v, -c, c); });
}
std::vector<Equation> ClipGradient::arguments() const { return {Equation::number(limit)}; }

Var scale_gradient(Argument x, double factor, Where where) { return call(ScaleGradient{factor}, where, x); }

Var clip_gradient(Argument x, double limit, Where where) {
    if (!(limit >= 0))
        throw ValueError(
            describe(where, ClipGradient::name, fmt::format("{} is no limit: it is at least 0", limit), "", {}));
    return call(ClipGradient{limit}, where, x);
}

Var ScaleGradient::gradient(std::size_t, Var g, Var, std::span<Var const>) const { return g * factor; }
Var ClipGradient::gradient(std::size_t, Var g, Var, std::span<Var const>) const { return clamp(g, -limit, limit); }

}  // namespace unspool::core
