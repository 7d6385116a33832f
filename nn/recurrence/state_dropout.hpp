// Dropout of a state where it meets a weight, and not where it is carried on: a unit that keeps its value would otherwise grow by
// 1 / (1 − p) a step.
#pragma once
#include <unspool/autograd/tape/at_weights.hpp>
#include <unspool/autograd/tape/params.hpp>

namespace unspool::core {

/// One mask m for all steps of a scan: 0 with probability p, else 1 / (1 − p).  What a step makes of its state h, element by element
/// or by laying it beside something else, is multiplied by m when a product multiplies it by a weight: U h becomes U (m ⊙ h),
/// U (r ⊙ h) becomes U (m ⊙ r ⊙ h), and W [x, h] becomes W [x, m ⊙ h].  What a product gives is none of it.
class StateDropout final : public AtWeights {
public:
    /// Of nothing where p is 0, or where there is nothing to draw from.
    StateDropout(double p, Random* random, Where where) : p_(p), random_(random), where_(where) {}

    bool active() const { return random_ && p_ > 0; }
    void draw_from(Random* random) { random_ = random; }  ///< from here on
    Var& mask() { return mask_; }                         ///< empty before the first step
    /// The state of the next step, as the step should have it.
    Var begin_step(Var const& h);
    /// ValueError unless the state has met a weight in some step.
    void require_met() const;

    Var meets(Var const& x, Where) override;
    bool carries(Window const& x) const override;
    void made(Node const&) override;

private:
    struct Carrier;  // of the state: h itself, or what was made of it

    Carrier* find(Window const& x) const;  // null where `x` does not carry the state
    Var mask_of(Carrier const&, Window const& x, Shape const&) const;
    Var joined_mask(Node const&, int axis) const;
    void add(Window const& value, Var const& mask);

    double p_;
    Random* random_;
    Where where_;
    Tape* tape_ = nullptr;
    Var mask_;
    Carrier* carriers_ = nullptr;  // of this step
    bool masking_ = false, met_ = false;
};

/// `x` as a weight sees it, for a cell that multiplies its state by a weight element by element, as in `u * dropped(h)`: with the
/// dropout of the scan that runs the cell, if it has one.  In products of matrices that is so without saying.
Var dropped(Var const& x, Where = Where::here());

}  // namespace unspool::core
