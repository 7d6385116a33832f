// Gathers and flushes.
#include <algorithm>
#include <unspool/autograd/backward/adjoints.hpp>
#include <unspool/autograd/backward/batched_gemm.hpp>
#include <unspool/autograd/backward/row_sink.hpp>
#include <unspool/autograd/cpu/backend.hpp>
#include <unspool/autograd/cpu/threads.hpp>

namespace unspool::core {

namespace {

constexpr Index many_rows = 256;      // enough for a product to be bound by arithmetic
constexpr Index elements  = 1 << 18;  // of a gathering, at most, unless a few rows need more

template <class T> bool is_of(Gathered const& g, Index m, std::span<Increment<T> const> increments) {
    auto same = [](Gathered::Right const& r, Increment<T> const& i) {
        return r.weight == i.weight->node && r.n == i.b.shape[1];
    };
    return g.m == m && std::equal(g.b.begin(), g.b.begin() + g.n, increments.begin(), increments.end(), same);
}

template <class T>
Gathered& gathering(Adjoints& adjoints, std::vector<Gathered>& all, Index m, std::span<Increment<T> const> increments) {
    std::uint32_t& last = adjoints.gathering(increments[0].weight->node);
    for (std::uint32_t k = last; k > 0; k = all[k - 1].before)
        if (is_of(all[k - 1], m, increments)) return all[k - 1];
    Index width = m;
    for (auto& i : increments) width += i.b.shape[1];
    Index const capacity = std::clamp(elements / std::max(Index{1}, width), many_rows, 4 * many_rows);
    auto take   = [&](Index n) { return adjoints.scratch().take(static_cast<std::size_t>(capacity * n) * sizeof(T)); };
    Gathered& g = all.emplace_back(Gathered{0, capacity, m, take(m), 0, {}, last});
    last        = static_cast<std::uint32_t>(all.size());
    for (auto& i : increments) g.b[g.n++] = {i.weight->node, i.b.shape[1], take(i.b.shape[1])};
    return g;
}

/// Calls f(first column, how many, where they are) for each panel.
template <class T, class F> void each_panel(Gathered const& g, double operations, F&& f) {
    Index const width = backend::prefers_panels() ? backend::panel_width<T> : std::max(Index{1}, g.m);
    in_parts((g.m + width - 1) / width, operations, [&](Index begin, Index end) {
        for (Index j = begin * width; j < std::min(g.m, end * width); j += width)
            f(j, std::min(width, g.m - j), static_cast<T*>(g.a) + j * g.capacity);
    });
}

/// So many columns of all rows, end to end.  There are few: what plans a copy would take longer than the copy.
template <Real T> void append_columns(T* to, Array<T const> const& from, Index first, Index n) {
    Index const rows    = from.shape[0];
    T const* const data = from.data + first * from.strides[1];
    if (from.strides[1] != 1 && n > 1) return copy<T>({to, {rows, n}, {n, 1}}, {data, {rows, n}, from.strides});
    for (Index r = 0; r < rows; ++r) std::copy_n(data + r * from.strides[0], n, to + r * n);
}
template <Real T> void append(Gathered& g, Array<T const> const& a, std::span<Increment<T> const> increments) {
    each_panel<T>(g, 0, [&](Index first, Index n, T* panel) { append_columns(panel + g.rows * n, a, first, n); });
    for (std::size_t k = 0; k < g.n; ++k)
        append_columns(static_cast<T*>(g.b[k].rows) + g.rows * g.b[k].n, increments[k].b, 0, g.b[k].n);
    g.rows += a.shape[0];
}

template <Real T> void multiply(Gathered const& g, Gathered::Right const& right, Target const& t) {
    Array<T const> const b{static_cast<T const*>(right.rows), {g.rows, right.n}, {right.n, 1}};
    each_panel<T>(g, operations_in_product(g.m, right.n, g.rows), [&](Index first, Index m, T const* panel) {
        Array<T> const to{static_cast<T*>(t.data) + first * right.n, {m, right.n}, {right.n, 1}};
        multiply<T>(to, {{panel, {m, g.rows}, {1, m}}, b}, t.fill);
    });
}

}  // namespace

bool can_wait(Adjoints const& adjoints, Window const& weight, Index rows) {
    Tape const& tape = adjoints.tape();
    if (adjoints.rows()) return tape[weight.node].param;
    return tape.mechanisms.postpone && rows < many_rows && weight.cover.kind == Cover::all && is_contiguous(weight) &&
           tape[weight.node].param;
}

template <Real T> void gather(Adjoints& adjoints, std::vector<Gathered>& all, Array<T const> const& a,
                              std::span<Increment<T> const> increments) {
    if (RowSink* const rows = adjoints.rows()) return rows->take(adjoints, a, increments);
    Gathered& g = gathering(adjoints, all, a.shape[1], increments);
    if (g.rows + a.shape[0] > g.capacity) flush(adjoints, g);
    append<T>(g, a, increments);
}

void flush(Adjoints& adjoints, Gathered& g) {
    if (g.rows == 0) return;
    for (std::size_t k = 0; k < g.n; ++k) {
        Target const t = adjoints.into(adjoints.tape()[g.b[k].weight].value);
        dispatch(adjoints.tape().dtype(), [&](auto type) { multiply<decltype(type)>(g, g.b[k], t); });
    }
    g.rows = 0;
}

template void gather(Adjoints&, std::vector<Gathered>&, Array<float const> const&, std::span<Increment<float> const>);
template void gather(Adjoints&, std::vector<Gathered>&, Array<double const> const&, std::span<Increment<double> const>);

}  // namespace unspool::core
