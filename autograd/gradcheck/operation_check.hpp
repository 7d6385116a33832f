// Tests the operations within statements one by one, at numbers that occur there: what a statement adds up, or multiplies
// by almost nothing, hides nothing from that.
#pragma once
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/gradcheck/node_check.hpp>

namespace unspool::core {

/// The operations among these nodes whose derivatives are wrong.  Each is looked at a few times, wherever it stands.
std::vector<GradReport::Culprit> wrong_operations(Tape const&, std::span<NodeId const> nodes, NodeCheckOptions const&);

/// Is what a statement passes back to a number, at this place in memory, what its operations come to, and each of them right wherever that
/// number has a part in it?  `seed` is the adjoint of its result.  False for what is no statement.
bool right_by_operations(Tape const&, Node const&, Numbers const& seed, double const* number, double passed,
                         NodeCheckOptions const&);

}  // namespace unspool::core
