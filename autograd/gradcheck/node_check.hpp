// Tests every node of a tape by itself: moves the operands of one node, computes that node alone again, and compares with
// what its own rule passes back.  Who is wrong is found whatever else is wrong.
#pragma once
#include <unspool/autograd/gradcheck/judgement.hpp>
#include <unspool/autograd/gradcheck/recorded_function.hpp>
#include <unspool/autograd/gradcheck/report.hpp>

namespace unspool::core {

struct NodeCheckOptions {
    double step;
    Tolerance tolerance;
    std::uint64_t seed;
    std::size_t few = 64;       ///< elements of an operand that are looked at one by one at once
    int many        = 4096;     ///< parts of an operand that are looked at before it is given up
    bool* proven    = nullptr;  ///< set to false where a node could not be judged
};

/// A node, and what is wrong with it.
GradReport::Culprit culprit(Tape const&, NodeId, std::string what);

/// The nodes among `which` whose rule passes back what it should not, or whose value is not what their operands give.  No
/// node on the tape may lie in the memory of another (those that do are left out), and nothing of it may have changed since.
std::vector<GradReport::Culprit> wrong_nodes(Tape const&, std::vector<bool> const& which, NodeCheckOptions const&);

/// Where the values went another way than along the tape: constants, operands that are no nodes, and nodes that depend on
/// more than their operands.  `here` and `moved` are snapshots of the tape, as it is and with its inputs moved.
std::vector<GradReport::Culprit> unrecorded(Tape const&, Snapshot const& here, Snapshot const& moved);

/// The same culprits, one a source line, operation and operand.
std::vector<GradReport::Culprit> merged(std::vector<GradReport::Culprit> const&);

}  // namespace unspool::core
