// The state that a cell starts from: zeros, by the sizes of its parts.
#pragma once
#include <initializer_list>
#include <unspool/autograd/tape/tape.hpp>
#include <unspool/nn/recurrence/state.hpp>

namespace unspool::core::states {

/// ShapeError unless there is a size for each part, or one for all.
void require_sizes(std::size_t sizes, std::size_t parts, Where);

/// Zeros [batch,...] of these sizes, one for each part of the state in their order, or one for all; members that are no
/// Vars are as they are made.  ShapeError for another number of sizes.
///
///     State zeros(Tape& tape, Index batch) const { return states::zeros<State>(tape, batch, {{in, units}, {units}}); }
template <StateOfVars S>
S zeros(Tape& tape, Index batch, std::initializer_list<Shape> sizes, Where where = Where::here()) {
    std::array<Var, size<S>()> parts;
    require_sizes(sizes.size(), parts.size(), where);
    for (std::size_t k = 0; k < parts.size(); ++k) {
        Shape shape = sizes.begin()[sizes.size() == 1 ? 0 : k];
        shape.insert(0, batch, where);
        parts[k] = tape.zeros(shape, where);
    }
    return with_parts(S{}, parts.data());
}

}  // namespace unspool::core::states
