// Elements by number.
#include <algorithm>
#include <fmt/format.h>
#include <unspool/autograd/tape/label.hpp>
#include <unspool/ops/arrays/gather.hpp>
#include <unspool/ops/arrays/joins.hpp>
#include <unspool/ops/arrays/lists.hpp>
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/arrays/views.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>

namespace unspool::core {

Shape GatherRows::result(std::span<Window const* const> xs) const {
    Shape out = rows.shape;
    out.push_back(xs[0]->shape[1]);
    return out;
}

namespace {

/// Calls `put(a, b)` for each element of row i of a, and of the row of b that number i names, where rows have n elements.
template <class N, class A, class B, class Put>
void each_element(std::span<Index const> rows, N n, Array<A> const& a, Array<B> const& b, Put put) {
    Index const step = b.strides[1], a_next = a.strides[0], b_next = b.strides[0];
    A* from = a.data;
    for (Index const row : rows) {
        B* const to = b.data + row * b_next;
        if (step == 1)  // apart, so that the compiler vectorises it
            for (Index j = 0; j < n; ++j) put(from[j], to[j]);
        else
            for (Index j = 0; j < n; ++j) put(from[j], to[j * step]);
        from += a_next;
    }
}

/// The same; of short rows the compiler knows the length.
template <Index n = 1, class A, class B, class Put>
void each_element(std::span<Index const> rows, Array<A> const& a, Array<B> const& b, Put put) {
    if constexpr (n > 8) each_element(rows, b.shape[1], a, b, put);
    else if (b.shape[1] == n) each_element(rows, std::integral_constant<Index, n>{}, a, b, put);
    else each_element<n + 1>(rows, a, b, put);
}

}  // namespace

template <Real T> void GatherRows::f(Array<T> y, Array<T const> table) const {
    each_element(rows.numbers, as_matrix(y), table, [](T& to, T from) { to = from; });
}

template <Real T> void GatherRows::scatter(Array<T> dtable, Array<T const> g) const {
    each_element(rows.numbers, as_matrix(g), dtable, [](T from, T& to) { to += from; });
}

Var embedding(Tape& tape, Argument table, Indices const& rows, Where where) {
    Attempt const attempt(tape);
    require_alive(rows, tape, GatherRows::name, where);
    Shape(rows.shape).push_back(1, where);  // or there is one axis too many
    Var const all   = table.on(tape, where);
    Window const& w = tape.window(all, where);
    Index const v   = w.shape.rank() == 2 ? w.shape[0] : 0;
    auto const bad  = std::find_if(rows.numbers.begin(), rows.numbers.end(), [&](Index i) { return i < 0 || i >= v; });
    if (w.shape.rank() == 2 && bad != rows.numbers.end())
        throw IndexError(describe(where, "embedding",
                                  fmt::format("number {}, at place {}, is not that of a row of {}", *bad,
                                              bad - rows.numbers.begin(), label(tape, w)),
                                  "", std::array{Shown{label(tape, w), w.shape}}));
    return call(GatherRows{rows}, where, all);
}

template <class F> void GatherElements::each_source(Strides const& strides, F f) const {
    Index const* number = at.numbers.data();
    each_index(at.shape, [&](Index const* place) {
        Index offset = *number++ * strides[axis];
        for (std::size_t i = 0; i < strides.size(); ++i) offset += i == axis ? 0 : place[i] * strides[i];
        f(offset);
    });
}

template <Real T> void GatherElements::f(Array<T> y, Array<T const> x) const {
    each_source(x.strides, [&](Index offset) { *y.data++ = x.data[offset]; });
}
template <Real T> void GatherElements::scatter(Array<T> dx, Array<T const> g) const {
    each_source(dx.strides, [&](Index offset) { dx.data[offset] += *g.data++; });
}

namespace {

/// IndexError unless all numbers are in [0, n).
void require_within(std::span<Index const> numbers, Index n, std::string_view op, std::string const& what,
                    Where where) {
    auto const bad = std::find_if(numbers.begin(), numbers.end(), [&](Index i) { return i < 0 || i >= n; });
    if (bad != numbers.end())
        throw IndexError(describe(
            where, op, fmt::format("number {}, at place {}, is not {}", *bad, bad - numbers.begin(), what), "", {}));
}

}  // namespace

Var gather(Argument x, Indices const& numbers, Index axis, Where where) {
    return call_on(x, GatherElements::name, where, [&](Var const& v) {
        require_alive(numbers, v.tape(where), GatherElements::name, where);
        AxisSet const along = axis_set(v, GatherElements::name, axis, where);
        auto const a        = static_cast<std::size_t>(normalized_axis(axis, v.shape(where).rank()));
        GatherElements op{numbers, a, numbers.shape};
        if (numbers.shape.rank() + 1 == v.shape(where).rank()) op.at.shape.insert(a, 1);
        Shape expected = v.shape(where);
        if (op.at.shape.rank() == expected.rank()) expected[a] = op.at.shape[a];
        if (!(op.at.shape == expected))
            throw ShapeError(describe(where, GatherElements::name, "the numbers do not fit",
                                      fmt::format("numbers {}, or any size at axis {} of {}",
                                                  text(reduced_shape(v.shape(where), along, Reduced::drop)), a,
                                                  text(v.shape(where))),
                                      std::array{Shown{label(v), v.shape(where)}, Shown{"numbers", numbers.shape}}));
        require_within(numbers.numbers, v.shape(where)[a], GatherElements::name,
                       fmt::format("within axis {} of {}, of size {}", a, label(v), v.shape(where)[a]), where);
        return op;
    });
}

Var one_hot(Tape& tape, Indices const& numbers, Index classes, Where where) {
    require_alive(numbers, tape, OneHot::name, where);
    require_within(numbers.numbers, classes, OneHot::name, fmt::format("one of {} classes", classes), where);
    Shape shape = numbers.shape;
    shape.push_back(classes, where);
    return tape.filled(shape, where, [&]<class T>(std::span<T> out) {
        std::fill(out.begin(), out.end(), T(0));
        for (std::size_t i = 0; i < numbers.numbers.size(); ++i)
            out[i * static_cast<std::size_t>(classes) + static_cast<std::size_t>(numbers.numbers[i])] = 1;
    });
}

std::vector<Example> GatherRows::examples() {
    return {{"one row",
             {{4, 3}},
             [](Tape& tape, std::span<Var const> x) { return embedding(tape, x[0], xt::xarray<int>(2)); }},
            {"a row twice",
             {{4, 3}},
             [](Tape& tape, std::span<Var const> x) {
                 return embedding(tape, x[0], std::array{2, 0, 2});
             }},
            {"two axes", {{4, 3}}, [](Tape& tape, std::span<Var const> x) {
                 return embedding(tape, x[0], xt::xarray<int>{{3, 1}, {1, 0}, {3, 3}});
             }}};
}

std::vector<Example> GatherElements::examples() {
    return {{"one of each row",
             {{3, 4}},
             [](Tape&, std::span<Var const> x) {
                 return gather(x[0], std::array{3, 0, 3});
             }},
            {"several of each column, one twice",
             {{3, 2}},
             [](Tape&, std::span<Var const> x) {
                 return gather(x[0], xt::xarray<int>{{2, 0}, {1, 0}, {2, 0}, {0, 1}}, 0);
             }},
            {"the middle axis", {{2, 3, 2}}, [](Tape&, std::span<Var const> x) {
                 return gather(x[0], xt::xarray<int>{{0, 2}, {1, 1}}, 1);
             }}};
}

std::vector<Example> OneHot::examples() {
    return {{"a row by number", {{3, 2}}, [](Tape& tape, std::span<Var const> x) -> Var {
                 return sum(unsqueeze(one_hot(tape, std::array{2, 0}, 3), -1) * x[0], -2);
             }}};
}

namespace {

/// dx += g, gathered.
template <Real T> void add_gathered(GatherRows const& op, Array<T> dx, Array<T const> g) {
    each_element(op.rows.numbers, as_matrix(dx), g, [](T& to, T from) { to += from; });
}
template <Real T> void add_gathered(GatherElements const& op, Array<T> dx, Array<T const> g) {
    std::vector<T> taken(static_cast<std::size_t>(count(dx.shape)));
    op.f<T>({taken.data(), dx.shape, row_major(dx.shape)}, g);
    copy<T>(dx, {taken.data(), dx.shape, row_major(dx.shape)}, WriteMode::add);
}

/// What embedding or gather does, backwards: added to an array of zeros.
template <class G> struct Scatter {
    G gather;
    Shape whole;

    static constexpr auto name           = std::same_as<G, GatherRows> ? "scatter_rows" : "scatter";
    static constexpr Signature signature = "[?] -> [?]";
    Shape result(std::span<Window const* const>) const { return whole; }
    template <Real T> void f(Array<T> y, Array<T const> x) const {
        std::fill_n(y.data, count(y.shape), T(0));
        gather.template scatter<T>(y, x);
    }
    template <Real T> auto adjoints(Array<T const> g, Array<T const>, Array<T const>) const {
        return std::tuple{[=, this](Array<T> dx) { add_gathered<T>(gather, dx, g); }};
    }
    Var gradient(std::size_t, Var g, Var, std::span<Var const>) const { return call(gather, {}, g); }
};

}  // namespace

Var GatherRows::gradient(std::size_t, Var g, Var, std::span<Var const> x) const {
    return call(Scatter<GatherRows>{*this, x[0].shape()}, {}, contiguous(g));
}
Var GatherElements::gradient(std::size_t, Var g, Var, std::span<Var const> x) const {
    return call(Scatter<GatherElements>{*this, x[0].shape()}, {}, contiguous(g));
}

}  // namespace unspool::core
