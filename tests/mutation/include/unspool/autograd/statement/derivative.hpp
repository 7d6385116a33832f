// Takes the place of autograd/statement/derivative.hpp, and makes the derivative wrong that UNSPOOL_MUTANT names.
#pragma once
#include <mutation/mutant.hpp>
#include <span>
#include <tuple>
#include <unspool/autograd/cpu/product.hpp>
#include <unspool/autograd/statement/term.hpp>
#include <vector>

namespace mutation {

using unspool::core::Array, unspool::core::Pair, unspool::core::Real, unspool::core::Triple;

template <class V> std::array<V, 1> listed(V const& d) { return {d}; }
template <class V> std::array<V, 2> listed(Pair<V> const& d) { return {d.da, d.db}; }
template <class V> std::array<V, 3> listed(Triple<V> const& d) { return {d.da, d.db, d.dc}; }

template <class V> V unlisted(std::array<V, 1> const& d) { return d[0]; }
template <class V> Pair<V> unlisted(std::array<V, 2> const& d) { return {d[0], d[1]}; }
template <class V> Triple<V> unlisted(std::array<V, 3> const& d) { return {d[0], d[1], d[2]}; }

/// The adjoint times a number, in memory that stays until the next one is made.
template <Real T> Array<T const> times(Array<T const> const& g, double factor) {
    thread_local std::vector<T> memory;
    memory.resize(static_cast<std::size_t>(count(g.shape)));
    Array<T> const out{memory.data(), g.shape, row_major(g.shape)};
    unspool::core::copy<T>(out, g);
    for (T& v : memory) v *= static_cast<T>(factor);
    return out;
}

/// The rules with each other's operands, where those have the same shape.
template <Real T, class Op, class... X>
auto exchanged(Op const& op, Array<T const> const& g, Array<T const> const& y, X const&... x) {
    return op.template adjoints<T>(g, y, x...);
}
template <Real T, class Op> auto exchanged(Op const& op, Array<T const> const& g, Array<T const> const& y,
                                           Array<T const> const& a, Array<T const> const& b) {
    return a.shape == b.shape ? op.template adjoints<T>(g, y, b, a) : op.template adjoints<T>(g, y, a, b);
}
template <Real T, class Op> auto exchanged(Op const& op, Array<T const> const& g, Array<T const> const& y,
                                           Array<T const> const& a, Array<T const> const& b, Array<T const> const& c) {
    bool const first = mutant<Op, 3>.operand == 0;
    if (first && a.shape == b.shape) return op.template adjoints<T>(g, y, b, a, c);
    if (!first && b.shape == c.shape) return op.template adjoints<T>(g, y, a, c, b);
    return op.template adjoints<T>(g, y, a, b, c);
}

}  // namespace mutation

namespace unspool::core {

template <class Op, class V, class... More> auto derivative(V const& a, More const&... more) {
    return mutation::unlisted(
        mutation::mutated(mutation::mutant<Op, sizeof...(More)>, mutation::listed(Op::df(a, more...)), V(1)));
}
template <class Op, class V, class... More> auto pulled(V const& g, More const&... more) {
    return mutation::unlisted(
        mutation::mutated(mutation::mutant<Op, sizeof...(More) - 1>, mutation::listed(Op::pull(g, more...)), g));
}

template <Real T, class Op, class... X>
auto rules_of(Op const& op, Array<T const> const& g, Array<T const> const& y, X const&... x) {
    mutation::Mutant const m = mutation::mutant<Op, sizeof...(X)>;
    auto const right         = m.swaps() ? mutation::exchanged<T>(op, g, y, x...) : op.template adjoints<T>(g, y, x...);
    if (m.kind == mutation::Kind::none || m.swaps()) return right;
    auto const wrong = op.template adjoints<T>(mutation::times<T>(g, mutation::wrong_factor(m)), y, x...);
    return [&]<std::size_t... K>(std::index_sequence<K...>) {
        return std::tuple{(m.hits(K) ? std::get<K>(wrong) : std::get<K>(right))...};
    }
    (std::index_sequence_for<X...>{});
}
template <Real T, class Op> auto increment_of(Op const& op, std::size_t k, Array<T const> const& g,
                                              Array<T const> const& y, std::span<Array<T const> const> xs) {
    mutation::Mutant const m = mutation::mutant<Op, 2>;  // the first two stand for all
    std::size_t const next   = (k + 1) % xs.size();
    if (m.swaps() && xs[k].shape == xs[next].shape) return op.template adjoint<T>(next, g, y, xs);
    return op.template adjoint<T>(k, m.hits(k) ? mutation::times<T>(g, mutation::wrong_factor(m)) : g, y, xs);
}
/// What the mutant hits is made of a wrong adjoint, apart from the others; operands that it exchanges get what belongs to each other.
template <Real T, class Op, class To, class... X>
void pull_together(Op const& op, To const& to, Array<T const> const& g, Array<T const> const& y, X const&... x) {
    mutation::Mutant const m = mutation::mutant<Op, sizeof...(X)>;
    To right = to, wrong = to;
    for (std::size_t k = 0; k < to.size(); ++k) (m.hits(k) ? right : wrong)[k].fill = WriteMode::none;
    if (std::size_t const k = m.operand, next = (k + 1) % to.size(); m.swaps() && to[k].dx.shape == to[next].dx.shape)
        std::swap(right[k], right[next]);
    op.template together<T>(right, g, y, x...);
    if (m.kind != mutation::Kind::none && !m.swaps())
        op.template together<T>(wrong, mutation::times<T>(g, mutation::wrong_factor(m)), y, x...);
}

inline double factor_of(std::string_view reduction, double scale) {
    static mutation::Mutant const sum = mutation::mutant_of("sum", 1), mean = mutation::mutant_of("mean", 1);
    return mutation::mutated(reduction == "sum"    ? sum
                             : reduction == "mean" ? mean
                                                   : mutation::Mutant{},
                             std::array{scale}, 1.0)[0];
}

template <class Op, class T> Array<T> adjoint_for(std::size_t k, Array<T> const& g) {
    mutation::Mutant const m = mutation::mutant<Op, 3>;
    return m.hits(k) ? mutation::times<std::remove_const_t<T>>(g, mutation::wrong_factor(m)) : g;
}
template <class Op> Pair<Window const*> derivatives_of_product(Window const& a, Window const& b) {
    bool const exchange = mutation::mutant<Op, 3>.swaps() && a.shape == b.shape;
    return exchange ? Pair<Window const*>{&a, &b} : Pair<Window const*>{&b, &a};
}

}  // namespace unspool::core
