// What the rule of one node passes back, and what all of them come to, each by itself.
#pragma once
#include <unspool/autograd/backward/adjoints.hpp>
#include <unspool/autograd/gradcheck/isolated_node.hpp>

namespace unspool::core {

/// What a node's rule passes back, node by node that it reads.
class PassedBack {
public:
    explicit PassedBack(Tape const& tape) : tape_(tape), adjoints_(tape, memory_) {}

    /// One array for each of the sources.
    std::vector<Numbers> operator()(IsolatedNode const&, Numbers const& seed);

private:
    void forget(NodeId);

    Tape const& tape_;
    SweepMemory memory_;
    Adjoints adjoints_;
};

/// The adjoint of each node, by rules one at a time that are added up in arrays of their own: what backward() does, with none of its
/// economies.  Empty where there is none.  No node may lie in the memory of another.
std::vector<Numbers> adjoints_one_by_one(Tape const&, Window const& result, Numbers const& seed);

}  // namespace unspool::core
