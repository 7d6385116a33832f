// linear(): the projection x Wᵀ + b, and sums of projections, which are one node.
#pragma once
#include <array>
#include <optional>
#include <span>
#include <unspool/autograd/call/about.hpp>
#include <unspool/autograd/call/call.hpp>
#include <unspool/autograd/call/example.hpp>
#include <unspool/autograd/statement/statement.hpp>

namespace unspool::core {

/// x Wᵀ, or x Wᵀ + b, that is not carried out yet.
struct Projection {
    static constexpr auto name = "linear";
    static constexpr About about{"x Wᵀ + b, of which b may be missing", "dx = g W, dW = gᵀ x, db = Σ g",
                                 "Var y = linear(x, W, c);",
                                 "x [..., k], W [n, k], b [n]; a sum of several is one node"};
    static std::vector<Example> examples();

    /// An argument that waits for no tape: as little as it takes, since terms are copied.
    struct Known {
        Var var;
        Param const* param;
        Tape::Mark const* before;

        Known(Argument const& a) : var(a.var()), param(a.param()), before(a.before()) {}
        Var on(Tape& tape, Where where) const { return param ? tape.lift(*param, where) : var; }
    };
    Known x, weight;
    std::optional<Known> bias;
    Where where;
};

Var record_projections(Tape&, std::span<Projection const>, Where);
Tape& tape_of(std::span<Projection const>, Where);

/// A sum of projections as a term.  Recorded, it is one node, where the shapes are the same.
template <std::size_t N> struct [[nodiscard("a term does nothing until it is assigned to a Var")]] Projections {
    std::array<Projection, N> parts;

    Var record(Tape & tape, Where w) const { return record_projections(tape, parts, w); }
    Where where() const { return parts[0].where; }
};
template <std::size_t N> struct is_formula<Projections<N>> : std::true_type {};
template <std::size_t N> inline constexpr bool knows_tape<Projections<N>> = true;
template <std::size_t N> Tape& tape_of(Projections<N> const& p, Where where) {
    return tape_of(std::span<Projection const>(p.parts), where);
}

template <std::size_t M, std::size_t N> Projections<M + N> joined(Projections<M> const& a, Projections<N> const& b) {
    return [&]<std::size_t... I, std::size_t... J>(std::index_sequence<I...>, std::index_sequence<J...>) {
        return Projections<M + N>{{a.parts[I]..., b.parts[J]...}};
    }
    (std::make_index_sequence<M>{}, std::make_index_sequence<N>{});
}

/// What a term can hold of an argument: of an array or a term that waits, a Var on the tape of the others.
template <class... A> Projection::Known kept(Argument const& a, Where where, A const&... all) {
    if (a.waits()) return Argument(a.on(common_tape(std::array{all...}, Projection::name, where), where));
    return a;
}

/// x Wᵀ, for x [...,k] and W [n,k]: a term, so that `Var z = linear(x, W) + linear(h, U);` is one node.
inline Projections<1> linear(Argument const& x, Argument const& weight, Where where = Where::here()) {
    return {{{{kept(x, where, x, weight), kept(weight, where, x, weight), {}, where}}}};
}

/// x Wᵀ + b, for x [...,k], W [n,k] and b [n]: a term.
inline Projections<1> linear(Argument const& x, Argument const& weight, Argument const& bias,
                             Where where = Where::here()) {
    return {{{{kept(x, where, x, weight, bias), kept(weight, where, x, weight, bias),
               kept(bias, where, x, weight, bias), where}}}};
}

}  // namespace unspool::core

namespace unspool {

using core::linear;

}  // namespace unspool
