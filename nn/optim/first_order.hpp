// What the optimisers here have in common: one formula, applied to each parameter by its own gradient.
#pragma once
#include <span>
#include <string_view>
#include <unspool/nn/optim/moments.hpp>
#include <unspool/nn/optim/optimiser.hpp>

namespace unspool::core {

/// Parameters may be treated differently in two ways.  Factors make some of them faster or slower, or spare them the decay:
///
///     AdamW adam(params);
///     adam.scale((params / "embed").all(), {.rate = 0.1});
///     adam.scale(params["out.bias"], {.decay = 0});
///
/// Or two optimisers share a model, each given its part: `Sgd slow(params / "encoder"); Adam fast(params / "decoder");`,
/// and both make a step with the same gradients.
class FirstOrder : public Optimiser {
public:
    double rate() const final { return rate_; }
    void rate(double, Where = Where::here()) final;

    /// From now on, multiplies the rate and the weight decay of a parameter.  ValueError unless both are finite and not
    /// negative; NameError for a parameter that is not the optimiser's.
    void scale(Param const&, Factors, Where = Where::here());
    void scale(std::span<Param* const>, Factors, Where = Where::here());

    void fields(Fields) override;

protected:
    /// `names`: of the arrays that are kept for each parameter, which are `start` at first.
    FirstOrder(std::string_view name, ParamSet, double rate, MomentNames const& names, Where, double start = 0);

    /// Calls f for each parameter that the gradients have reached, with what is kept for it.  TypeError where element
    /// types differ; NameError, before anything, for gradients of another model.
    template <class F> void each(Gradients const& g, Where where, F&& f) { moments_.each(name_, g, where, f); }

    /// The options as they hold for one parameter now.
    template <class Options> Options of(Moments::Slot const& s, Options o) const {
        o.rate = rate_ * s.factors.rate;
        o.weight_decay *= s.factors.decay;
        return o;
    }

private:
    Moments::Slot& slot(Param const&, Where);

    std::string_view name_;
    double rate_;
    Moments moments_;
};

}  // namespace unspool::core
