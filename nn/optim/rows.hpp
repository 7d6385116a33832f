// What the gradients of weights are made of.  A weight's gradient is a sum, over all rows that it was multiplied with,
// of what went in times the adjoint of what came out: Σ x δᵀ.  A sweep multiplies these rows in large products; here
// they are handed out.
#pragma once
#include <deque>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/autograd/backward/row_sink.hpp>

namespace unspool::core {

/// Rows end to end, of which the last one came first.
struct RowStack {
    Index width, rows = 0, capacity = 0;
    std::byte* begin      = nullptr;
    std::ptrdiff_t shared = 1;  // by so many weights
};

/// The rows of a part of a parameter, as a rule all of it, as a matrix [m,n]: leftᵀ right is its gradient.  A vector is
/// a matrix of one column, which is multiplied by 1.  Rows are in the order in which the program computed: where values
/// are [B,…] or [T,B,…], row t B + b is of step t and sequence b.
struct WeightRows {
    Param const* param;  ///< whose part it is
    NodeId leaf;         // that the parameter is on the tape
    Index begin;         // of the matrix in the parameter,
    /// Its size.
    Index m, n;                    // its size,
    Strides strides;               // and how it goes on
    bool adjoint_is_left;          // as in linear(x, W); it is right in matmul(x, W)
    bool of_columns;               // as in matmul(W, x): the rows are columns of x and of the value
    Dtype dtype;                   ///< of the rows
    RowStack* inputs   = nullptr;  // none where all are 1
    RowStack* adjoints = nullptr;  // those of all weights that have met the same
    Index rows         = 0;        ///< how many

    Values left() const { return adjoint_is_left ? adjoint() : input(); }   ///< [rows,m]
    Values right() const { return adjoint_is_left ? input() : adjoint(); }  ///< [rows,n]
    Values input() const;                                                   ///< what went in
    Values adjoint() const;                                                 ///< of what came out
    bool added() const { return !inputs; }  ///< is it a bias, whose gradient is the sum of adjoints?
    bool whole() const;                     ///< is the matrix all of the parameter?
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
    GradientRows() = default;
    /// Rows that last as long as the gradients of the sweep, whose memory they are in.
    static GradientRows beside_gradients() { return GradientRows(true); }

    /// Of each parameter that products were taken with, and for each way in which they were.
    std::span<WeightRows const> all() const { return weights_; }
    /// Of one; ValueError unless products were taken with it, and in one way.
    WeightRows const& operator[](Asked<Param>) const;

    /// A product: as many rows of all()[weight].  The last one comes first.
    struct Block {
        NodeId node;         ///< the product
        std::size_t weight;  ///< its number in all()
        Index rows;          ///< how many
    };
    std::span<Block const> blocks() const { return blocks_; }
    /// A node that reads parameters in another way, and its adjoint, contiguous.  The last one comes first.
    struct Direct {
        NodeId node;          ///< what reads it
        void const* adjoint;  ///< of its value
    };
    std::span<Direct const> direct() const { return direct_; }

    void clear();                         ///< as before the first sweep
    void add_products(Gradients&) const;  ///< adds leftᵀ right of each

    void pull_back(Node const&, Adjoints&) override;
    void take(Adjoints&, Array<float const> const& a, std::span<Increment<float> const>) override;
    void take(Adjoints&, Array<double const> const& a, std::span<Increment<double> const>) override;

private:
    explicit GradientRows(bool beside) : beside_(beside) {}
    template <Real T> void put(Adjoints&, Array<T const> const& a, std::span<Increment<T> const>);
    template <Real T> std::size_t like(Adjoints&, Array<T const> const& a, Increment<T> const&);
    template <Real T> void share(Scratch&, std::vector<std::size_t>& weights, Array<T const> const& adjoint);
    Scratch& memory(Adjoints&);

    bool beside_ = false;
    Scratch own_;
    NodeId node_ = no_node;  // that is being pulled back
    std::vector<WeightRows> weights_;
    std::deque<RowStack> stacks_;
    std::vector<std::size_t> together_;  // weights that meet one adjoint; kept, so that a sweep does not allocate
    std::vector<Block> blocks_;
    std::vector<Direct> direct_;
};

/// The gradients of a scalar, as without `rows`, and what those of weights are made of.
Gradients backward(Var const& loss, GradientRows& rows, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::GradientRows, core::WeightRows;

}  // namespace unspool
