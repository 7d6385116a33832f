// Averages of the parameters over the steps of training.
#pragma once
#include <unspool/autograd/tape/params.hpp>
#include <unspool/nn/files/fields.hpp>
#include <unspool/nn/optim/param_set.hpp>

namespace unspool::core {

/// Remembers an average of a model's parameters, also of those that are made later, which often predicts better than the last of
/// them.
///
///     auto average = Averaging::exponential(params, 0.999);
///     for (…) adam.step(gradients), average.update();
///     { auto const in_place = average.in_place(); validate(model); }
class Averaging {
public:
    /// a ← decay · a + (1 - decay) · θ, and a ← θ at the first update.  ValueError unless decay is in [0, 1).
    static Averaging exponential(Params const&, double decay, Where = Where::here());
    /// The mean of θ over all updates: that of Polyak and Juditsky (1992), and of stochastic weight averaging (Izmailov et al., 2018).
    static Averaging equal(Params const&);

    Averaging(Averaging&&)            = default;
    Averaging& operator=(Averaging&&) = default;

    /// After each step of the optimiser.  ValueError while the average is in the model, NameError where it has no
    /// parameter yet.
    void update(Where = Where::here());
    Index updates() const { return updates_; }  ///< so far

    /// Exchanges the average and the model's parameters; once more, and they are back.  Nothing before the first update.
    void swap();
    bool swapped() const { return swapped_ != 0; }  ///< are the averages in place?

    /// The model's parameters are the average while this lives.
    class InPlace {
    public:
        explicit InPlace(Averaging& a) : average_(a) { average_.swap(); }  ///< exchanges them, and again at its end
        ~InPlace() { average_.swap(); }
        InPlace(InPlace const&)            = delete;
        InPlace& operator=(InPlace const&) = delete;

    private:
        Averaging& average_;
    };
    [[nodiscard]] InPlace in_place(Where = Where::here());  ///< ValueError if it is already

    void fields(Fields);

private:
    struct Pair {
        Param *param, *average;
    };
    Averaging(Params const&, double decay);
    void follow();

    ParamSet params_;
    Params averages_;
    std::vector<Pair> pairs_;
    double decay_;  // 1 for the equal average
    Index updates_ = 0, swapped_ = 0;
};

}  // namespace unspool::core

namespace unspool {

using core::Averaging;

}  // namespace unspool
