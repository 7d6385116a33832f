// Gathers and flushes.
#include <algorithm>
#include <unspool/autograd/adjoints.hpp>
#include <unspool/autograd/postponed.hpp>

namespace unspool {

namespace {

constexpr Index many_rows = 256;      // enough for a product to be bound by arithmetic
constexpr Index elements  = 1 << 18;  // of a gathering, at most, unless a few rows need more

Gathered& gathering(Adjoints& adjoints, std::vector<Gathered>& all, NodeId leaf, Index m, Index n, std::size_t element) {
    for (Gathered& g : all)
        if (g.leaf == leaf && g.m == m && g.n == n) return g;
    Index const capacity = std::clamp(elements / std::max(Index{1}, m + n), many_rows, 4 * many_rows);
    auto        take     = [&](Index width) { return adjoints.scratch().take(static_cast<std::size_t>(capacity * width) * element); };
    return all.emplace_back(Gathered{leaf, 0, capacity, m, n, take(m), take(n)});
}

template <Real T> void append(void* to, Index row, Array<T const> const& from) {
    Index const width = from.shape[1];
    copy<T>({static_cast<T*>(to) + row * width, from.shape, {width, 1}}, from);
}

}  // namespace

template <Real T> bool gather(Adjoints& adjoints, std::vector<Gathered>& all, Window const& operand, Product<T> const& p) {
    Index const rows  = p.b.shape[0];
    bool const  whole = operand.cover.kind == Cover::all && is_contiguous(operand);
    if (rows >= many_rows || !whole || !adjoints.tape()[operand.node].param) return false;
    Gathered& g = gathering(adjoints, all, operand.node, p.a.shape[0], p.b.shape[1], sizeof(T));
    if (g.rows + rows > g.capacity) flush(adjoints, g);
    append<T>(g.a, g.rows, transposed(p.a));
    append<T>(g.b, g.rows, p.b);
    g.rows += rows;
    return true;
}

void flush(Adjoints& adjoints, Gathered& g) {
    if (g.rows == 0) return;
    Target const t = adjoints.into(adjoints.tape()[g.leaf].value);
    dispatch(adjoints.tape().dtype(), [&](auto type) {
        using T = decltype(type);
        Array<T const> const a{static_cast<T const*>(g.a), {g.m, g.rows}, {1, g.m}}, b{static_cast<T const*>(g.b), {g.rows, g.n}, {g.n, 1}};
        multiply<T>({static_cast<T*>(t.data), {g.m, g.n}, {g.n, 1}}, {a, b}, t.fill);
    });
    g.rows = 0;
}

template bool gather(Adjoints&, std::vector<Gathered>&, Window const&, Product<float> const&);
template bool gather(Adjoints&, std::vector<Gathered>&, Window const&, Product<double> const&);

}  // namespace unspool
