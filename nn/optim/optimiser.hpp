// What all optimisers are.
#pragma once
#include <unspool/autograd/array/where.hpp>
#include <unspool/autograd/backward/gradients.hpp>
#include <unspool/nn/files/fields.hpp>

namespace unspool::core {

/// Changes parameters by their gradients.
class Optimiser {
public:
    virtual ~Optimiser() = default;

    /// Changes every parameter that the result depended on.  TypeError, and no change, if the gradients' element type is not
    /// that of the parameters.  NaN is let through.
    virtual void step(Gradients const&, Where = Where::here()) = 0;

    virtual double rate() const                              = 0;  ///< the learning rate
    virtual void rate(double r, Where where = Where::here()) = 0;  ///< ValueError unless it is finite and not negative

    /// What a checkpoint keeps: the rate, and all that is remembered from step to step.
    virtual void fields(Fields) = 0;

protected:
    Optimiser()                            = default;
    Optimiser(Optimiser&&)                 = default;
    Optimiser& operator=(Optimiser&&)      = default;
    Optimiser(Optimiser const&)            = delete;
    Optimiser& operator=(Optimiser const&) = delete;
};

}  // namespace unspool::core

namespace unspool {

using core::Optimiser;

}  // namespace unspool
