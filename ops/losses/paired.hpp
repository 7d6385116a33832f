// A loss as a formula of operands that belong together.
#pragma once
#include <array>
#include <unspool/ops/losses/over.hpp>

namespace unspool::core {

/// The targets that `Op` has an opinion on are recorded, so that they can be looked at.
template <class Op, class X> decltype(auto) looked_at([[maybe_unused]] Tape& tape, X const& target,
                                                      [[maybe_unused]] LossOptions const& how,
                                                      [[maybe_unused]] Where where) {
    constexpr TargetsAre are = targets_of<Op>();
    if constexpr (are == TargetsAre::numbers || std::same_as<X, Param>) {
        return (target);
    } else if constexpr (Scalar<X>) {
        require_target(Op::name, are, target, where);
        return (target);
    } else {
        Var const x = record_as_var(tape, target, where.inside());
        require_targets(Op::name, are, x, how.mask, where);
        return x;
    }
}

/// Classes [...] of predictions [...,1] are [...,1], too.
template <class Op> Var classes_for(std::optional<Shape> const& predictions, Var classes, Where where) {
    constexpr TargetsAre are = targets_of<Op>();
    if constexpr (are == TargetsAre::probabilities || are == TargetsAre::signs)
        return like_column(predictions, classes, where);
    else return classes;
}

/// How many operands have to have the same shape.
template <class Op> constexpr std::size_t pairs_of() {
    if constexpr (requires { Op::pairs; }) return Op::pairs;
    else return 2;
}

/// The tape that one of the operands knows.
template <class... X> Tape& tape_of_operands(Where where, X const&... x) {
    static_assert((knows_tape<X> || ...), "parameters alone know no tape: write tape.lift(W) for one of them");
    return tape_of(first_on_tape(x...), where);
}

template <class Op> inline constexpr auto applying = [](auto const&... x) { return apply<Op>(x...); };

/// A loss of operands that belong together, in the order of `Op::operands`: the prediction, its target, and what describes it.
template <class Op, class F, class A, class B, class... More>
Var paired(LossOptions const& how, Where where, F formula, A const& prediction, B const& target, More const&... more) {
    Tape& tape = tape_of_operands(where, prediction, target, more...);
    Attempt const attempt(tape);
    auto&& a = settled(tape, prediction);
    auto&& b = [&]() -> decltype(auto) {
        if constexpr (IntegerArray<B>) return classes_for<Op>(shape_of(a, where), settled(tape, target), where);
        else return settled(tape, target);
    }();
    return [&](auto&&... c) {
        std::size_t k = 0;
        std::array const all{sized(Op::operands[k++], a, where), sized(Op::operands[k++], b, where),
                             sized(Op::operands[k++], c, where)...};
        require_pairs(Op::name, all, pairs_of<Op>(), where);
        return over_of(Op::name, formula(a, looked_at<Op>(tape, b, how, where), c...), how, where);
    }(settled(tape, more)...);
}

}  // namespace unspool::core
