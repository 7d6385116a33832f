// What a model that was trained with ctc says, and how far that is from what was said.  Neither is on a tape.
#pragma once
#include <span>
#include <unspool/autograd/tape/tape.hpp>
#include <vector>

namespace unspool::core {

/// The classes on the best path of each sequence, of log-probabilities or logits [T,B,C]: the most probable one at each time, without
/// repetitions and blanks (Graves et al. 2006, section 3.2).  `lengths` are T each, if there are none.  ShapeError unless there are as
/// many as sequences; IndexError for a length beyond T, and for a blank that is not a class.
std::vector<std::vector<Index>> ctc_decode(Var const& log_probabilities, std::vector<Index> const& lengths = {},
                                           Index blank = 0, Where = Where::here());

/// How many insertions, deletions and substitutions lead from one sequence to the other at least: Levenshtein, "Binary codes capable of
/// correcting deletions, insertions, and reversals" (1966).  Divided by the size of what was said, it is an error rate.
Index edit_distance(std::span<Index const> a, std::span<Index const> b);

}  // namespace unspool::core

namespace unspool {

using core::ctc_decode, core::edit_distance;

}  // namespace unspool
