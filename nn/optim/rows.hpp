// What the gradients of weights are made of.  A weight's gradient is a sum, over all rows that it was multiplied with,
// of what went in times the adjoint of what came out: Σ x δᵀ.  A sweep multiplies these rows in large products; here
// they are handed out.
#pragma once
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/backward/row_sink.hpp>

namespace unspool::core {

/// The rows of a part of a parameter, as a rule all of it, as a matrix [m,n]: leftᵀ right is its gradient.  A vector is
/// a matrix of one column, which is multiplied by 1.  Rows are in the order in which the program computed: where values
/// are [B,…] or [T,B,…], row t B + b is of step t and sequence b.
struct WeightRows {
    Param const* param;
    NodeId leaf;           // that the parameter is on the tape
    Index begin;           // of the matrix in the parameter,
    Index m, n;            // its size,
    Strides strides;       // and how it goes on
    bool adjoint_is_left;  // as in linear(x, W); it is right in matmul(x, W)
    Dtype dtype;
    Index rows = 0, capacity = 0;
    std::byte *left_begin = nullptr, *right_begin = nullptr;

    Values left() const { return {left_begin, dtype, {rows, m}, {m, 1}}; }    ///< [rows,m]
    Values right() const { return {right_begin, dtype, {rows, n}, {n, 1}}; }  ///< [rows,n]
    Values input() const { return adjoint_is_left ? right() : left(); }       ///< what went in
    Values adjoint() const { return adjoint_is_left ? left() : right(); }     ///< of what came out
    bool whole() const;                                                       ///< is the matrix all of the parameter?
    /// The same matrix of an array like the parameter.
    template <Real T> Array<T> part_of(T* array) const { return {array + begin, {m, n}, strides}; }
};

/// Rows as a matrix to compute with.
template <Real T> Array<T const> typed(Values const& v) {
    return {static_cast<T const*>(v.data()), v.shape(), v.strides()};
}

/// The rows of one sweep; the next one begins anew, in the same memory.  They outlive the tape's next rewind.
class GradientRows final : public RowSink {
public:
    /// Of each parameter that products were taken with, and for each way in which they were.
    std::span<WeightRows const> all() const { return weights_; }
    /// Of one; ValueError unless products were taken with it, and in one way.
    WeightRows const& operator[](Asked<Param>) const;

    /// A product: as many rows of all()[weight].  The last one comes first.
    struct Block {
        NodeId node;
        std::size_t weight;
        Index rows;
    };
    std::span<Block const> blocks() const { return blocks_; }
    /// A node that reads parameters in another way, and its adjoint, contiguous.  The last one comes first.
    struct Direct {
        NodeId node;
        void const* adjoint;
    };
    std::span<Direct const> direct() const { return direct_; }

    void clear();
    void add_products(Gradients&) const;  ///< adds leftᵀ right of each

    void pull_back(Node const&, Adjoints&) override;
    void take(Adjoints& s, Array<float const> const& a, Increment<float> const& i) override { put<float>(s, a, i); }
    void take(Adjoints& s, Array<double const> const& a, Increment<double> const& i) override { put<double>(s, a, i); }

private:
    template <Real T> void put(Adjoints&, Array<T const> const& a, Increment<T> const&);
    template <Real T> WeightRows& like(Adjoints&, NodeId leaf, Array<T> const& part, bool adjoint_is_left);
    void make_room(WeightRows&, Index more);

    NodeId node_         = no_node;  // that is being pulled back
    void const* adjoint_ = nullptr;  // of it
    Arena memory_;
    std::vector<WeightRows> weights_;
    std::vector<Block> blocks_;
    std::vector<Direct> direct_;
};

/// The gradients of a scalar, as without `rows`, and what those of weights are made of.
Gradients backward(Var const& loss, GradientRows& rows, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::GradientRows, core::WeightRows;

}  // namespace unspool
