// Tests the operations within statements one by one, at numbers that occur there: what a statement adds up, or multiplies
// by almost nothing, hides nothing from that.
#pragma once
#include <unspool/autograd/array/random.hpp>
#include <unspool/autograd/gradcheck/node_check.hpp>

namespace unspool::core {

/// The operations among these nodes whose derivatives are wrong.  Each is looked at a few times, wherever it stands.
std::vector<GradReport::Culprit> wrong_operations(Tape const&, std::span<NodeId const> nodes, NodeCheckOptions const&);

}  // namespace unspool::core
