// The reverse sweep in terms of Vars: what a rule says its operands' adjoints are, recorded on the tape like anything else.
#pragma once
#include <span>
#include <string_view>
#include <unspool/autograd/tape/var.hpp>

namespace unspool::core {

struct Node;
struct Statement;

/// What a node adds to the adjoint of an operand: a Var of the operand's shape, or of a matrix the product aᵀ b, which may wait for others
/// of the same matrix.
struct Contribution {
    Var value;
    Var a = {}, b = {};

    Contribution(Var v) : value(v) {}
    template <Formula E> Contribution(E const& e) : value(e) {}
    static Contribution product(Var a, Var b) { return {a, b}; }
    bool is_product() const { return value.empty(); }

private:
    Contribution(Var left, Var right) : a(left), b(right) {}
};

/// One node's turn in it.
class Differentiation {
public:
    virtual Var adjoint() const                         = 0;  ///< of the node
    virtual Var value() const                           = 0;
    virtual std::span<Var const> operands() const       = 0;
    virtual bool wants(std::size_t operand) const       = 0;  ///< does what is asked for depend on it?
    virtual void add(std::size_t operand, Contribution) = 0;
    virtual bool wants_value(Node const&) const         = 0;  ///< is the gradient by its value asked for?
    virtual void total(Node const&, Var)     = 0;  ///< that it is, if paths that the tape does not show add to it
    virtual void add_to_host(Var)            = 0;  ///< what the part that the node was computed in receives
    virtual void statement(Statement const&) = 0;  ///< the node is one
    [[noreturn]] virtual void refuse(
        std::string_view op) = 0;  ///< TypeError: the operation has no derivative of this kind

protected:
    ~Differentiation() = default;
};

}  // namespace unspool::core
