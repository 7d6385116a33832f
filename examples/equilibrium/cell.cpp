#include "cell.hpp"
#include <fmt/format.h>

namespace equilibrium {

namespace {

using Array = xt::xarray<double>;

Array in_double(Var const& x) {
    if (x.dtype() == float64) return x.value<double>();
    return xt::cast<double>(x.value<float>());
}

/// x ← f(x) until no element changes by more than that.  ValueError if they do.
template <class F> Array iterated(Array x, double tolerance, Index most, Index& spent, F f) {
    for (Index k = 0; k < most; ++k) {
        Array next          = f(x);
        double const change = xt::amax(xt::abs(next - x))();
        x                   = std::move(next), ++spent;
        if (change <= tolerance) return x;
    }
    throw ValueError(fmt::format("no fixed point within {} iterations", most));
}

}  // namespace

/// The identity of one step at the fixed point, whose adjoint is the fixed point's.
struct Cell::Implicit {
    Cell const* cell;

    static constexpr auto name           = "equilibrium";
    static constexpr Signature signature = "[...] [...] -> [...]";

    auto forward(auto const& f, auto const&) const { return f + 0; }
    auto adjoints(auto const& g, auto const& h, auto const&, auto const& drive) const {
        return std::tuple(xt::eval(cell->adjoint(drive, h, g)), 0 * g);
    }
};

Cell::Cell(Params p, Index in, Index hidden, Search search)
    : W(p / "W", hidden, hidden, nn::no_bias)
    , U(p / "U", in, hidden)
    , V(p / "V", hidden, hidden, nn::no_bias)
    , search_(search)
    , aside_(std::make_shared<Tape>(p.dtype()))
    , spent_(std::make_shared<Spent>()) {
    nn::init::orthogonal(W.weight, p.random(), 0.5);  // a contraction, so that there is one fixed point
}

Var Cell::operator()(Var x, Var h0) const {
    Var const driven = drive(x, h0), h = x.tape().constant(fixed_point(driven));
    return custom(Implicit{this}, step(driven, h), driven.detach());
}

Var Cell::Unrolled::operator()(Var x, Var h0) const {
    Var const driven = cell.drive(x, h0);
    Var h            = x.tape().zeros(h0.shape());
    for (Index k = 0; k < iterations; ++k) h = cell.step(driven, h);
    return h;
}

Array Cell::fixed_point(Var drive) const {
    aside_->rewind();
    Pause const pause(*aside_);
    Var const driven       = aside_->constant(in_double(drive));
    Tape::Mark const begin = aside_->mark();
    auto const next        = [&](Array const& h) {
        aside_->rewind(begin);
        return in_double(step(driven, aside_->constant(h)));
    };
    return iterated(xt::zeros_like(in_double(drive)), search_.tolerance, search_.most, spent_->forward, next);
}

// w = g + Jᵀ w, from w = g on.
Array Cell::adjoint(Array const& drive, Array const& h, Array const& g) const {
    aside_->rewind();
    Var const at = aside_->input(h), f = step(aside_->constant(drive), at);
    Tape::Mark const begin = aside_->mark();
    auto const next        = [&](Array const& w) -> Array {
        aside_->rewind(begin);
        return g + in_double(vjp(f, at, aside_->constant(w)));
    };
    double const tolerance = search_.tolerance * xt::amax(xt::abs(g))();
    return iterated(g, tolerance, search_.most, spent_->backward, next);
}

}  // namespace equilibrium
