// What data sets consist of: sequences of features or of symbols, and what is to be learned of each.
#pragma once
#include <unspool/autograd/array/dtype.hpp>
#include <unspool/autograd/array/shape.hpp>
#include <unspool/autograd/array/where.hpp>
#include <vector>
#include <xtensor/xtensor.hpp>

namespace unspool::core {

template <Real T> using Features = xt::xtensor<T, 2>;   ///< a sequence [steps,features]
using Symbols                    = std::vector<Index>;  ///< a sequence of numbers: characters, words, classes
template <Real T> using Outcomes = xt::xtensor<T, 1>;   ///< numbers that a sequence as a whole has: what comes next

/// For sequences without targets.
struct NoTarget {};

/// Sequences, and a target for each: Index (the class of a sequence), Symbols (one a step, or a sequence of its own),
/// Features<T> (likewise), Outcomes<T> (numbers of the whole sequence), or NoTarget.
template <class X, class Y = NoTarget> struct Sequences {
    std::vector<X> inputs;        ///< one a sequence
    std::vector<Y> targets = {};  ///< as many; none for NoTarget

    Index size() const { return static_cast<Index>(inputs.size()); }  ///< how many there are
};

void require_number_of(Index example, Index examples, Where);  ///< IndexError unless it is in [0, examples)

/// Those of these numbers: `select(all, split.train)`.  IndexError where there is none of a number.
template <class X, class Y>
Sequences<X, Y> select(Sequences<X, Y> const& from, std::vector<Index> const& numbers, Where where = Where::here()) {
    Sequences<X, Y> out;
    for (Index n : numbers) {
        require_number_of(n, from.size(), where);
        out.inputs.push_back(from.inputs[static_cast<std::size_t>(n)]);
        if (!from.targets.empty()) out.targets.push_back(from.targets.at(static_cast<std::size_t>(n)));
    }
    return out;
}

}  // namespace unspool::core

namespace unspool {

using core::Features, core::NoTarget, core::Sequences, core::Symbols, core::Outcomes;

}  // namespace unspool
