// What a tape records: nodes, each with a rule that can pull an adjoint back and print itself.
#pragma once
#include <optional>
#include <span>
#include <string_view>
#include <unspool/autograd/array/window.hpp>
#include <unspool/autograd/formula/equation.hpp>

namespace unspool::core {

class Adjoints;
class Differentiation;
class Tape;
class Param;
struct Node;

/// What a mean is over: so much, of so many things.  They differ where a mask, an ignored target or weights say so.
struct Averaged {
    double over;
    Index of;

    bool all() const { return over == static_cast<double>(of); }
};

/// What the engine needs to know of a kind of node.  One constant object serves all nodes of the kind.
class Rule {
public:
    /// Adds the node's share to the adjoints of its operands, given that its own is complete.
    virtual void pull_back(Node const&, Adjoints&) const = 0;
    /// The same in terms of Vars, recorded.
    virtual void differentiate(Node const&, Differentiation&) const = 0;
    /// Computes the value of such a node again, into `value`, from operands that lie elsewhere and are otherwise its own:
    /// what a gradient check perturbs.
    virtual void recompute(Tape const&, Node const&, Window const& value,
                           std::span<Window const* const> operands) const = 0;
    /// The right-hand side, "sigmoid(x + b)", where this is what stands for the operands.
    virtual Equation equation(Node const&, std::span<Equation const> operands) const = 0;
    /// "statement", or the name of the array operation.
    virtual std::string_view name() const = 0;
    /// The axis along which such a node lays its operands side by side, as they are, each with an index of its own if they lack
    /// that axis; -1 if it does something else.  Pictures see through it.
    virtual int joins(Node const&) const { return -1; }
    /// What such a node is the mean of its operands over, if it is one.  Shards of a batch are weighed by it.
    virtual std::optional<Averaged> averages(Node const&) const { return {}; }
    /// Is what it passes back not the derivative, on purpose?
    virtual bool surrogate() const { return false; }
    /// Is it one more result of the node of its operand?  Paths from it may lead through that node.
    virtual bool is_result() const { return false; }

protected:
    ~Rule() = default;
};

/// A segment of the module path, or a time step.
struct ScopeRecord {
    ScopeRecord const* parent;
    std::string_view name;  // "" for a time step
    Index step = -1;        // -1 for a module
    bool ended = false;     // its Scope is gone
};

/// What a parameter's node keeps.
struct LeafOfParam {
    std::uint64_t const serial;
    std::uint64_t const version;  // of the parameter when it was read
    bool const substituted;       // not read at all
    Reusable mutable reusable;
    LeafOfParam const* const before;  // the one that was recorded before

    bool up_to_date(Param const&) const;  ///< would the parameter be read as the same now?
};

/// One recorded statement, call or leaf.  Immutable once recorded.
struct Node {
    Window value;                                       // all of it: contiguous
    Rule const* rule                        = nullptr;  // null for a leaf
    std::span<Window const* const> operands = {};
    void const* attributes                  = nullptr;  // what the rule stored at recording
    ScopeRecord const* scope                = nullptr;
    Param const* param                      = nullptr;  // null unless the leaf is a parameter
    bool requires_grad                      = false;
    Window const* host = nullptr;  // the part of an earlier node's value that this one was computed in
};

}  // namespace unspool::core
