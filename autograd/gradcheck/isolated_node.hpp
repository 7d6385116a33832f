// One node's operands and value, in memory of their own, to be moved and computed again.
#pragma once
#include <unspool/autograd/gradcheck/recorded_function.hpp>

namespace unspool::core {

/// An element of an operand that a gradient is passed to.
struct Movable {
    std::size_t operand;
    NodeId node;        // whose value it is a part of
    std::size_t index;  // there
    Index place;        // in the operand
    double* now;
};

class IsolatedNode {
public:
    IsolatedNode(Tape const&, Node const&, Arena&);

    Node const& node() const { return node_; }
    std::vector<Movable> const& elements() const { return elements_; }  // none of them twice
    std::vector<NodeId> const& sources() const { return sources_; }     // the nodes they are parts of
    Numbers const& given() const { return given_; }                     // their values
    void set(NodeId source, Numbers const&);                            // all of a node's value
    Numbers const& compute();                                           // the node's value

private:
    double* copy_of(NodeId);
    void list_elements();

    Tape const& tape_;
    Node const& node_;
    Arena& memory_;
    std::vector<NodeId> sources_;
    std::vector<double*> copies_;  // of the sources' values
    std::vector<Window> windows_;
    std::vector<Window const*> operands_;
    Window value_;
    std::vector<Movable> elements_;
    Numbers given_, result_;
};

}  // namespace unspool::core
