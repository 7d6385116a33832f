// The reverse sweep, recorded.
#pragma once
#include <unordered_map>
#include <unspool/autograd/tape/differentiation.hpp>
#include <unspool/autograd/tape/tape.hpp>
#include <vector>

namespace unspool::core {

/// Goes from y back to the nodes that are asked for, and records what their adjoints are.
class RecordedSweep final : public Differentiation {
public:
    RecordedSweep(Tape&, std::span<Var const> wanted, Where);
    /// sum(seed * y), of each y, is what is differentiated.
    void seed(Var const& y, Var const& seed);
    /// Nodes before `from` are taken for leaves.
    void run(NodeId from = 0);
    /// The adjoint of one that was wanted; zeros where y does not depend on it.
    Var of(Var const& x);

    Var adjoint() const override { return g_; }
    Var value() const override;
    std::span<Var const> operands() const override { return operands_; }
    bool wants(std::size_t operand) const override;
    void add(std::size_t operand, Contribution) override;
    bool wants_value(Node const& n) const override { return kept_.contains(n.value.node); }
    void total(Node const& n, Var g) override { kept_[n.value.node] = g; }
    void add_to_host(Var) override;
    void statement(Statement const&) override;
    [[noreturn]] void refuse(std::string_view op) override;

private:
    struct Piece {
        Window const* where;
        Contribution what;
    };
    void require_differentiable(Var const&) const;
    void visit(NodeId, bool leaf);
    void name_after(Node const&);
    Var sum_of(Node const&, std::span<Piece const>);
    ScopeRecord const* scope_for(ScopeRecord const*);

    Tape& tape_;
    Where where_;
    std::vector<bool> needed_;  // does it depend on what is wanted?  One a node.
    std::unordered_map<NodeId, std::vector<Piece>> pieces_;
    std::unordered_map<NodeId, Var> kept_;
    std::unordered_map<ScopeRecord const*, ScopeRecord const*> scopes_;
    Node const* node_ = nullptr;
    Var g_;
    std::vector<Var> operands_;
    NodeId last_ = 0;  // that is seeded
};

}  // namespace unspool::core
