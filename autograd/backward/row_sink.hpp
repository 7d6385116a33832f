// Whoever asks a sweep for the rows that make the gradients of parameters, in place of their products.
#pragma once
#include <unspool/autograd/backward/batched_gemm.hpp>

namespace unspool::core {

class RowSink {
public:
    /// Pulls a node's adjoint back: what the sweep does by `node.rule->pull_back(node, adjoints)`.
    virtual void pull_back(Node const&, Adjoints&) = 0;
    /// Takes increments aᵀ b to the adjoints of parameters, or of parts of them.
    virtual void take(Adjoints&, Array<float const> const& a, std::span<Increment<float> const>)   = 0;
    virtual void take(Adjoints&, Array<double const> const& a, std::span<Increment<double> const>) = 0;

protected:
    ~RowSink() = default;
};

}  // namespace unspool::core
