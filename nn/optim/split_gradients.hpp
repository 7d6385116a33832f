// The gradients of each sequence of a batch where a parameter is no factor of a product: gains, peepholes, tables,
// initial states.  What is passed back to it is linear in the adjoint of the node that reads it: that of one sequence
// is what the rows of this sequence pass back.
#pragma once
#include <unspool/nn/optim/rows.hpp>

namespace unspool::core {

class SplitGradients {
public:
    /// Of what a sweep found.  ShapeError where a parameter is read by what has no axis of so many sequences;
    /// ValueError where by what is the same for all of them, here and for products.
    SplitGradients(Tape const&, GradientRows const&, Index sequences, Where);

    /// Of one parameter, [sequences, …], as far as products are not concerned.
    struct Of {
        Param const* param;
        Values all;

        template <Real T> T const* of(Index b) const {
            return static_cast<T const*>(all.data()) + b * all.strides()[0];
        }
    };
    std::span<Of const> all() const { return all_; }
    Of const* find(Param const&) const;  ///< null if there is none

private:
    class Aside;
    void add(Aside&, Tape const&, GradientRows::Direct const&, std::span<Node const* const> leaves, std::size_t axis,
             Index sequences);
    void make_room(Node const& leaf, Dtype, Index sequences);

    Arena memory_;
    std::vector<Of> all_;
};

}  // namespace unspool::core
