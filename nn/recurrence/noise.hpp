// Noise on the state of a recurrent network, which would forget what it holds if each step drew noise of its own.
#pragma once
#include <unspool/nn/recurrence/state.hpp>
#include <unspool/nn/recurrence/state_dropout.hpp>

namespace unspool::core {

/// What a scan does to the state when it trains, and, for zoneout, when it does not.
struct StateNoise {
    /// Of h where it meets a weight, with one mask for the whole sequence, and not where it is carried on: the variational dropout of
    /// Gal and Ghahramani, "A theoretically grounded application of dropout in recurrent neural networks" (2016), equation 7:
    ///     (i f o g) = (σ σ σ tanh)((x ⊙ z_x, h ⊙ z_h) · W), of which this is z_h.  See StateDropout and `dropped`.
    double dropout = 0;
    /// Units of h keep their value with this probability: Krueger et al., "Zoneout: regularizing RNNs by randomly preserving hidden
    /// activations" (2017).  Without a source of randomness each takes the mean of both.
    double zoneout        = 0;
    double zoneout_memory = 0;        ///< the same for the other parts of the state
    bool one_mask         = false;    ///< zoneout keeps the same units in all steps
    Random* random        = nullptr;  ///< none: evaluation
};

/// Noise for one sequence.
class NoiseOnState {
public:
    /// ValueError unless all probabilities are in [0, 1].
    NoiseOnState(StateNoise const&, Where);

    void draw_from(Random* random) { noise_.random = random, dropout_.draw_from(random); }  ///< from here on
    bool active() const { return noise_.zoneout > 0 || noise_.zoneout_memory > 0 || dropout_.active(); }
    Var before(Var h) { return dropout_.active() ? dropout_.begin_step(h) : h; }  ///< h as the step has it
    Var after(std::size_t part, bool is_h, Var next, Var last);                   ///< what a part of the state becomes

    /// f(mask) of each that was drawn for all steps.
    template <class F> void each_mask(F f) {
        if (!dropout_.mask().empty()) f(dropout_.mask());
        for (Var& zone : zones_)
            if (!zone.empty()) f(zone);
    }

    /// After the last step.  ValueError if there is dropout that did nothing.
    void end() const {
        if (dropout_.active()) dropout_.require_met();
    }

    StateDropout& dropout() { return dropout_; }
    StateDropout const& dropout() const { return dropout_; }

private:
    Var mask(Var& kept, Var like, double p);

    StateNoise noise_;
    Where where_;
    StateDropout dropout_;
    std::vector<Var> zones_;
};

/// One mask for all steps of xs [T,...], of which elements are 0 with probability p and else divided by 1 − p.
Var variational_dropout(Var xs, double p, Random&, Where = Where::here());

}  // namespace unspool::core

namespace unspool {

using core::StateNoise;

}  // namespace unspool
