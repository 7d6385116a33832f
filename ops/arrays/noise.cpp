// What is drawn.
#include <fmt/format.h>
#include <unspool/ops/arrays/noise.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

namespace {

void require(bool fits, std::string_view op, std::string const& what, Where where) {
    if (!fits) throw ValueError(describe(where, op, what, "", {}));
}
void require_probability(double p, std::string_view op, Where where) {
    require(p >= 0 && p <= 1, op, fmt::format("{} is not a probability", p), where);
}

/// Calls `f(offset, kept)` for each element, in the order of the array's shape.
template <class F> void each_kept(Dropout const& d, Shape const& shape, Strides const& strides, F f) {
    Random random(d.seed);
    each_index(shape, [&](Index const* at) {
        Index offset = 0;
        for (std::size_t i = 0; i < shape.size(); ++i) offset += at[i] * strides[i];
        f(offset, random.uniform() >= d.p);
    });
}

template <class Draw> Var drawn(Tape& tape, Shape const& shape, Where where, Draw draw) {
    return tape.filled(shape, where, [&]<class T>(std::span<T> out) {
        for (T& x : out) x = static_cast<T>(draw());
    });
}

}  // namespace

template <Real T> void Dropout::f(Array<T> y, Array<T const> x) const {
    T const scale = static_cast<T>(1 / (1 - p));
    each_kept(*this, x.shape, x.strides,
              [&](Index offset, bool kept) { *y.data++ = kept ? x.data[offset] * scale : T(0); });
}
template <Real T> void Dropout::add_adjoint(Array<T> dx, Array<T const> g) const {
    T const scale = static_cast<T>(1 / (1 - p));
    T const* next = g.data;
    each_kept(*this, dx.shape, dx.strides, [&](Index offset, bool kept) {
        if (kept) dx.data[offset] += *next * scale;
        ++next;
    });
}
std::vector<Equation> Dropout::arguments() const { return {Equation::number(p)}; }

Var dropout(Argument x, double p, std::uint64_t seed, Where where) {
    require_probability(p, Dropout::name, where);
    return call(Dropout{p, seed}, where, x);
}
Var dropout(Argument x, double p, Random& random, Where where) {
    require_probability(p, Dropout::name, where);
    draws_from(random);
    return dropout(x, p, random.below(std::numeric_limits<std::uint64_t>::max()), where);
}

Var bernoulli(Tape& tape, Shape const& shape, double p, Random& random, Where where) {
    require_probability(p, Bernoulli::name, where);
    draws_from(random);
    return drawn(tape, shape, where, [&] { return random.uniform() < p ? 1.0 : 0.0; });
}
Var normal(Tape& tape, Shape const& shape, double mean, double deviation, Random& random, Where where) {
    require(deviation >= 0, Normal::name, fmt::format("{} is not a standard deviation", deviation), where);
    draws_from(random);
    return drawn(tape, shape, where, [&] { return mean + deviation * random.normal(); });
}
Var uniform(Tape& tape, Shape const& shape, double low, double high, Random& random, Where where) {
    require(low <= high, Uniform::name, fmt::format("[{}, {}) is not an interval", low, high), where);
    draws_from(random);
    return drawn(tape, shape, where, [&] { return random.uniform(low, high); });
}

std::vector<Example> Dropout::examples() {
    return {{"a half", {{4, 5}}, [](Tape&, std::span<Var const> x) { return dropout(x[0], 0.5, 7); }},
            {"none", {{3}}, [](Tape&, std::span<Var const> x) { return dropout(x[0], 0, 7); }}};
}

namespace {

template <auto draw> Var times_noise(Tape& tape, std::span<Var const> x) {
    Random random(3);
    return x[0] * draw(tape, x[0].shape(), random);
}

}  // namespace

std::vector<Example> Bernoulli::examples() {
    return {
        {"a mask", {{4, 5}}, times_noise<[](Tape& t, Shape const& s, Random& r) { return bernoulli(t, s, 0.7, r); }>}};
}
std::vector<Example> Normal::examples() {
    return {
        {"a factor", {{4, 5}}, times_noise<[](Tape& t, Shape const& s, Random& r) { return normal(t, s, 1, 2, r); }>}};
}
std::vector<Example> Uniform::examples() {
    return {{"a factor",
             {{4, 5}},
             times_noise<[](Tape& t, Shape const& s, Random& r) { return uniform(t, s, -1, 1, r); }>}};
}

Var Dropout::gradient(std::size_t, Var g, Var, std::span<Var const>) const { return dropout(g, p, seed); }

}  // namespace unspool::core
