// The one place through which derivatives pass on their way from an operation to the sweep.  Here they pass unchanged, at no
// cost; tests/mutation has another file of this name, which makes one of them wrong, to see whether the tests notice.
#pragma once
#include <span>
#include <string_view>
#include <unspool/autograd/array/window.hpp>
#include <unspool/autograd/statement/term.hpp>

namespace unspool::core {

/// What an elementwise operation's `df` says.
template <class Op, class... V> [[gnu::always_inline]] inline auto derivative(V const&... v) { return Op::df(v...); }

/// What its `pull` says, for the adjoint g.
template <class Op, class V, class... More> [[gnu::always_inline]] inline auto pulled(V const& g, More const&... v) {
    return Op::pull(g, v...);
}

/// The rules of an operation on arrays: one an operand.
template <Real T, class Op, class... X>
auto rules_of(Op const& op, Array<T const> const& g, Array<T const> const& y, X const&... x) {
    return op.template adjoints<T>(g, y, x...);
}
/// The increment to operand k of one that takes any number.
template <Real T, class Op> auto increment_of(Op const& op, std::size_t k, Array<T const> const& g,
                                              Array<T const> const& y, std::span<Array<T const> const> xs) {
    return op.template adjoint<T>(k, g, y, xs);
}
/// All of them in one go.
template <Real T, class Op, class To, class... X>
void pull_together(Op const& op, To const& to, Array<T const> const& g, Array<T const> const& y, X const&... x) {
    op.template together<T>(to, g, y, x...);
}

/// What "sum" and "mean" multiply the adjoint with.
inline double factor_of(std::string_view, double scale) { return scale; }

/// What operand k of a product with a bias is to make of the adjoint.
template <class Op, class T> Array<T> const& adjoint_for(std::size_t, Array<T> const& g) { return g; }
/// The derivatives of a product: each factor is that by the other.
template <class Op> Pair<Window const*> derivatives_of_product(Window const& a, Window const& b) { return {&b, &a}; }

}  // namespace unspool::core
