// A recurrent cell whose state is a fixed point: deep equilibrium models (Bai, Kolter and Koltun 2019), here at every
// step of a sequence:
//     h* = tanh(W h* + U x + V h₀ + b)
// The fixed point is found without recording.  Its adjoint is one too, w = g + Jᵀ w, J = ∂/∂h tanh(W h + …) at h*,
// and is found by vector–Jacobian products on a tape of the cell's own.  So the tape holds one step, however many
// iterations there were.
#pragma once
#include <memory>
#include <unspool.hpp>

namespace equilibrium {

using namespace unspool;

/// How a fixed point is found: by iteration until no element changes by more than this, of an adjoint as a part of
/// g's largest, at most so often.
struct Search {
    double tolerance = 1e-6;
    Index most       = 500;
};

/// What searches took, since it was looked at.
struct Spent {
    Index forward = 0, backward = 0;
};

class Cell {
public:
    using State = Var;

    Cell(Params p, Index in, Index hidden, Search = {});

    Var operator()(Var x, Var h0) const;
    Var zeros(Tape& tape, Index batch) const { return tape.zeros({batch, W.out()}); }

    /// The same by iterations that are recorded.
    struct Unrolled {
        using State = Var;
        Cell const& cell;
        Index iterations;

        Var operator()(Var x, Var h0) const;
    };

    nn::Linear W, U, V;
    Spent& spent() const { return *spent_; }

private:
    struct Implicit;
    Var drive(Var x, Var h0) const { return U(x) + V(h0); }
    Var step(Var drive, Var h) const { return tanh(drive + W(h)); }
    xt::xarray<double> fixed_point(Var drive) const;
    xt::xarray<double> adjoint(xt::xarray<double> const& drive, xt::xarray<double> const& h,
                               xt::xarray<double> const& g) const;

    Search search_;
    std::shared_ptr<Tape> aside_;
    std::shared_ptr<Spent> spent_;
};

}  // namespace equilibrium
