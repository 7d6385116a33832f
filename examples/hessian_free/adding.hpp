// The adding problem, at any length, by a plain recurrent network.
#pragma once
#include <tasks/sums.hpp>

#include "optimiser.hpp"

namespace hessian_free {

using tasks::Sums, tasks::sums;

/// h' = tanh(W x + U h + b), where U starts as a rotation, and a sum of its last state.
class Adder {
public:
    Adder(Params p, Index hidden);
    Run run(Tape&, Sums const&) const;

private:
    nn::RNNCell cell_;
    nn::Linear out_;
};

struct Training {
    Index steps = 20, batch = 512, hidden = 32, updates = 60;
    double enough      = 0.01;  ///< a mean squared error at which it ends
    Options options    = {};
    std::uint64_t seed = 1;
};

/// Of sequences that were not seen, and what it took.
struct Result {
    double error;
    Index updates, products, losses;
    double seconds;  ///< of the processor
};
/// After each update, `report` is told how it went and the error on sequences that were not seen.
Result by_hessian_free(Training const&, std::function<void(Progress const&, double error)> const& report = {});
/// With batches of 64, for as long as that.
Result by_adam(Training const&, double rate, double seconds);

}  // namespace hessian_free
