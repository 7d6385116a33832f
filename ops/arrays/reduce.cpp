// What reductions compute, and how they pass adjoints on.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/arrays/gather.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/registers.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

template <Real T> T Prod::value(std::span<T const> x) const {
    return std::accumulate(x.begin(), x.end(), T(1), std::multiplies<>());
}

// The products of what stands before and of what stands behind, so that nothing is divided by.
template <Real T> void Prod::pull(std::span<T> dx, T g, T, std::span<T const> x) const {
    T before = g, behind = 1;
    for (std::size_t j = 0; j < x.size(); ++j) dx[j] = before, before *= x[j];
    for (std::size_t j = x.size(); j-- > 0;) dx[j] *= behind, behind *= x[j];
}

namespace {

/// The mean of x, times a unit, and to that the mean distance from it, which mends its rounding: that of equal numbers is exact.
template <Real T> T average(std::span<T const> x, T unit) {
    auto const n = std::ssize(x);
    auto mean_of = [&](T from) {
        return summed<T>(n, [&](auto kind, Index j) { return load(kind, x.data() + j) * unit - from; }) /
               static_cast<double>(n);
    };
    T const rough = static_cast<T>(mean_of(0));
    return static_cast<T>(static_cast<double>(rough) + mean_of(rough));
}
template <Real T> double variance(std::span<T const> x, Index correction, T unit = 1) {
    auto const free = static_cast<double>(std::ssize(x) - correction);
    if (free <= 0) return std::numeric_limits<double>::quiet_NaN();
    T const middle = average(x, unit);
    return summed<T>(std::ssize(x),
                     [&](auto kind, Index j) {
                         auto const from = load(kind, x.data() + j) * unit - middle;
                         return from * from;
                     }) /
           free;
}
/// √variance, also where the variance itself would leave the range of numbers.
template <Real T> T deviation(std::span<T const> x, Index correction) {
    double const root = std::sqrt(variance(x, correction));
    if (std::isfinite(root) && root > static_cast<double>(root_of_least<T>)) return static_cast<T>(root);
    T const unit = unit_of(x);
    return static_cast<T>(std::sqrt(variance(x, correction, unit)) / static_cast<double>(unit));
}
/// dx = scale (x - mean) / by
template <Real T> void write_deviations(std::span<T> dx, std::span<T const> x, T scale, T by) {
    T middle = average(x, T(1));
    if (T const unit = std::isfinite(middle) ? T(1) : unit_of(x); unit != T(1)) middle = average(x, unit) / unit;
    std::transform(x.begin(), x.end(), dx.begin(), [&](T v) { return scale * ((v - middle) / by); });
}
template <Real T> T freedom(std::span<T const> x, Index correction) {
    return static_cast<T>(std::ssize(x) - correction);
}

}  // namespace

template <Real T> T Variance::value(std::span<T const> x) const { return static_cast<T>(variance(x, correction)); }
template <Real T> void Variance::pull(std::span<T> dx, T g, T, std::span<T const> x) const {
    write_deviations<T>(dx, x, 2 * g / freedom(x, correction), T(1));
}

template <Real T> T Deviation::value(std::span<T const> x) const { return deviation(x, correction); }
template <Real T> void Deviation::pull(std::span<T> dx, T g, T y, std::span<T const> x) const {
    write_deviations<T>(dx, x, y == 0 ? T(0) : g / freedom(x, correction), y == 0 ? T(1) : y);
}

namespace {

/// The first that no other precedes; a NaN precedes all.
template <Real T, class Precedes> std::size_t first_of(std::span<T const> x, Precedes precedes) {
    std::size_t best = 0;
    for (std::size_t j = 0; j < x.size() && !std::isnan(x[best]); ++j)
        if (precedes(x[j], x[best]) || std::isnan(x[j])) best = j;
    return best;
}
/// g, in equal shares, to those that are y.
template <Real T> void share(std::span<T> dx, T g, T y, std::span<T const> x) {
    auto const is_y = [&](T v) { return v == y || (std::isnan(v) && std::isnan(y)); };
    T const part    = g / static_cast<T>(std::count_if(x.begin(), x.end(), is_y));
    std::transform(x.begin(), x.end(), dx.begin(), [&](T v) { return is_y(v) ? part : T(0); });
}

void require_elements(Var const& x, AxisSet along, std::string_view op, Where where) {
    for (std::size_t i = 0; i < x.shape(where).rank(); ++i)
        if (along.has(i) && x.shape(where)[i] == 0)
            throw ValueError(describe(where, op, fmt::format("axis {} has no elements", i), "",
                                      std::array{Shown{label(x), x.shape(where)}}));
}
template <class Op> Var extreme(Argument const& x, Axes const& axes, Reduced reduced, Where where) {
    return call_on(x, Op::name, where, [&](Var const& v) {
        AxisSet const along = axis_set(v, Op::name, axes, where);
        require_elements(v, along, Op::name, where);
        return Op{{along, reduced}};
    });
}

}  // namespace

template <Real T> T Max::value(std::span<T const> x) const { return x[first_of(x, std::greater<>())]; }
template <Real T> void Max::pull(std::span<T> dx, T g, T y, std::span<T const> x) const { share(dx, g, y, x); }
template <Real T> T Min::value(std::span<T const> x) const { return x[first_of(x, std::less<>())]; }
template <Real T> void Min::pull(std::span<T> dx, T g, T y, std::span<T const> x) const { share(dx, g, y, x); }

Indices argmax(Argument x, Index axis, Where where) {
    return with_operands(std::array{x}, ArgMax::name, where, [&](Var v) {
        Tape& tape          = v.tape(where);
        AxisSet const along = axis_set(v, ArgMax::name, axis, where);
        require_elements(v, along, ArgMax::name, where);
        Shape const shape = reduced_shape(v.shape(where), along, Reduced::drop);
        auto const n      = static_cast<std::size_t>(count(shape));
        auto* const out   = static_cast<Index*>(tape.arena().allocate(n * sizeof(Index), alignof(Index)));
        dispatch(tape.dtype(), [&](auto t) {
            using T = decltype(t);
            std::vector<T> memory;
            Index* next    = out;
            auto const all = array_of<T const>(tape, v.window(where));
            each_list(v.shape(where), along, [&](Index const* at) {
                *next++ =
                    static_cast<Index>(first_of(numbers_of<T>(list_at(all, along, at), memory), std::greater<>()));
            });
        });
        return Indices{{out, n}, shape, &tape.presence(), tape.epoch()};
    });
}

namespace {

template <Real T> T largest_magnitude(std::span<T const> x) {
    T out = 0;
    for (T v : x) out = std::isnan(v) ? v : std::max(out, std::abs(v));
    return out;
}

}  // namespace

template <Real T> T Norm2::value(std::span<T const> x) const {
    T const unit = largest_magnitude(x);
    if (unit == 0 || !std::isfinite(unit)) return unit;
    return unit * static_cast<T>(std::sqrt(summed<T>(std::ssize(x), [&](auto kind, Index j) {
               return (load(kind, x.data() + j) / unit) * (load(kind, x.data() + j) / unit);
           })));
}
template <Real T> void Norm2::pull(std::span<T> dx, T g, T y, std::span<T const> x) const {
    std::transform(x.begin(), x.end(), dx.begin(), [&](T v) { return y == 0 ? T(0) : g * (v / y); });
}

Var prod(Argument x, Axes const& axes, Reduced reduced, Where where) {
    return call_reducing<Prod>(x, axes, reduced, where);
}
Var var(Argument x, Axes const& axes, Reduced reduced, Index correction, Where where) {
    return call_reducing<Variance>(x, axes, reduced, where, correction);
}
Var stddev(Argument x, Axes const& axes, Reduced reduced, Index correction, Where where) {
    return call_reducing<Deviation>(x, axes, reduced, where, correction);
}
Var max(Argument x, Axes const& axes, Reduced reduced, Where where) { return extreme<Max>(x, axes, reduced, where); }
Var min(Argument x, Axes const& axes, Reduced reduced, Where where) { return extreme<Min>(x, axes, reduced, where); }
Var norm2(Argument x, Axes const& axes, Reduced reduced, Where where) {
    return call_reducing<Norm2>(x, axes, reduced, where);
}

// ---- examples -------------------------------------------------------------------------------------------------------

namespace {

using Inputs = std::span<Var const>;

template <class Op> Var reduce(Argument const& x, Axes const& axes, Reduced reduced = Reduced::drop) {
    if constexpr (requires { Op::kind; })
        return record(x.on(x.tape(Where::here())), {Op::kind, axes, reduced}, Where::here());
    else if constexpr (requires { Op::correction; })
        return call_reducing<Op>(x, axes, reduced, Where::here(), Index{1});
    else return call_reducing<Op>(x, axes, reduced, Where::here());
}

template <class Op> std::vector<Example> reductions() {
    return {{"all", {{3, 7}}, [](Tape&, Inputs x) { return reduce<Op>(x[0], {}); }},
            {"the first axis", {{3, 5, 2}}, [](Tape&, Inputs x) { return reduce<Op>(x[0], 0); }},
            {"the last axis", {{3, 21}}, [](Tape&, Inputs x) { return reduce<Op>(x[0], -1, Reduced::keep); }},
            {"two of three axes",
             {{3, 5, 2}},
             [](Tape&, Inputs x) {
                 return reduce<Op>(x[0], Axes{2, 0});
             }},
            {"a term", {{3, 1}, {4}}, [](Tape&, Inputs x) { return reduce<Op>(x[0] * exp(x[1]) * x[0], 0); }},
            {"of nothing, at each of no places", {{0, 3}}, [](Tape&, Inputs x) { return reduce<Op>(x[0], 1); }}};
}
template <class Op> std::vector<Example> reductions_of_scalars_too() {
    auto out = reductions<Op>();
    out.push_back({"a scalar", {{}}, [](Tape&, Inputs x) { return reduce<Op>(x[0], {}); }});
    return out;
}

}  // namespace

std::vector<Example> Sum::examples() {
    auto out = reductions_of_scalars_too<Sum>();
    out.push_back({"a fused term", {{3, 1}, {4}}, [](Tape&, Inputs x) { return sum(x[0] * exp(x[1]) * x[0], 0); }});
    return out;
}
std::vector<Example> Mean::examples() {
    auto out = reductions_of_scalars_too<Mean>();
    out.push_back({"a fused term", {{3, 1}, {4}}, [](Tape&, Inputs x) { return mean(x[0] * exp(x[1]) * x[0], 0); }});
    return out;
}
std::vector<Example> Prod::examples() { return reductions_of_scalars_too<Prod>(); }
std::vector<Example> Variance::examples() { return reductions<Variance>(); }
std::vector<Example> Deviation::examples() { return reductions<Deviation>(); }
std::vector<Example> Max::examples() { return reductions_of_scalars_too<Max>(); }
std::vector<Example> Min::examples() { return reductions_of_scalars_too<Min>(); }
std::vector<Example> Norm2::examples() { return reductions_of_scalars_too<Norm2>(); }
std::vector<Example> ArgMax::examples() {
    return {{"the largest of each row", {{4, 3}}, [](Tape&, Inputs x) { return gather(x[0], argmax(x[0], -1), -1); }}};
}

}  // namespace unspool::core
