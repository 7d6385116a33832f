// Model-agnostic meta-learning: Finn, Abbeel and Levine, "Model-agnostic meta-learning for fast adaptation of deep
// networks" (2017), of sine waves, by a recurrent network.
#pragma once
#include <unspool.hpp>
#include <vector>

namespace maml {

using namespace unspool;

/// What is learned from and what is asked, of one wave: times, and its values there, [T,B,1].
struct Stretches {
    xt::xtensor<float, 3> times, values;
};
struct Task {
    Stretches shown, asked;
};
/// y = a sin(x + φ), a in [0.1, 5], φ in [0, π], along stretches of 10 steps of 0.5 that begin anywhere in [−5, 0].
Task some_task(Random&);

/// An LSTM that is told the times of a stretch, and says the wave's values.  Which wave it is, only its weights can
/// know.
class Learner {
public:
    Learner(Params p, Index hidden);
    Var loss(Tape&, Stretches const&) const;

private:
    nn::LSTMCell cell_;
    nn::Linear out_;
};

/// How a network is prepared for waves that it has not seen.
enum class Preparation {
    maml,         ///< for its error after a step on what is shown
    first_order,  ///< the same, as if that step did not depend on the weights
    joint         ///< for its error on all waves at once, without a step
};

/// The loss on what is asked, after one step on what is shown, or none.
Var loss_behind_a_step(Tape&, Params const&, Learner const&, Task const&, Preparation, double rate);

struct Options {
    Index updates = 4000, tasks = 4, hidden = 32;
    double inner_rate = 0.1, rate = 3e-3;
};

/// The mean squared error on waves that were not seen, after no step, one step and five steps on what is shown of
/// each; these at the rate that is best for them, among some.
struct Errors {
    double before, one, five, one_at, five_at;
};
Errors prepare(Preparation, std::uint64_t seed, Options const& = {});

}  // namespace maml
