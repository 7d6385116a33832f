// What becomes of the losses of single elements: weighed, masked, and summed or averaged.
#pragma once
#include <unspool/ops/arrays/reduce.hpp>
#include <unspool/ops/elementwise/elementwise.hpp>
#include <unspool/ops/losses/cross_entropy.hpp>
#include <unspool/ops/losses/pairing.hpp>

namespace unspool::core {

/// What is made of the losses of the single elements.
struct LossOptions {
    Over over = Over::mean;  ///< what becomes of the losses
    Var weight;              ///< times each loss, if there is one; repeats where there are more losses
    Var mask;  ///< where it is 0, a loss does not count, not even in the mean, and may be NaN; repeats as well

    /// Of single losses; weights and a mask where there are any.
    LossOptions(Over o = Over::mean, Var w = {}, Var m = {}) : over(o), weight(w), mask(m) {}
    bool plain() const { return weight.empty() && mask.empty(); }  ///< neither weighed nor masked
};

/// How many losses of this shape a mask lets count.
double counted(Var const& mask, Shape const& losses);
/// Sums or averages the losses, which are 0 where the mask is.
Var over_counted(Var losses, Var mask, Over, Where);

/// The same for an operation, which errors name.
template <Term E> Var over_of(std::string_view op, E const& losses, LossOptions const& how, Where where) {
    if (how.plain() && how.over == Over::none) return record(losses, {}, where);
    if (how.plain())
        return record(losses, {how.over == Over::mean ? Reduction::mean : Reduction::sum, {}, Reduced::drop}, where);
    Tape& tape = tape_of(losses, where);
    Attempt const attempt(tape);
    auto const known = settled(tape, losses);
    auto or_one      = [&](std::string_view role, Var const& x) {
        if (x.empty()) return tape.constant(1);
        require_repeats(op, shape_of(known, where), {role, x.shape(where), x}, where);
        return x;
    };
    Var const mask = or_one("mask", how.mask), weight = or_one("weight", how.weight);
    Var const each(core::where(mask, weight * known, 0), how.over == Over::none ? where : where.inside());
    return over_counted(each, mask, how.over, where);
}

/// Losses of single elements, or of single predictions, weighed, masked, and summed or averaged:
/// `over(cross_entropy(x, targets, Over::none), {Over::mean, weight, mask})`.
template <Term E> Var over(E const& losses, LossOptions const& how, Where where = Where::here()) {
    return over_of("over", losses, how, where);
}

}  // namespace unspool::core

namespace unspool {

using core::LossOptions;

}  // namespace unspool
