// A step of training the demo's language model, end to end.
#pragma once
#include <custom_cell/training.hpp>
#include <mgu.hpp>
#include <vector>

#include "contest.hpp"

namespace bench {

/// The demo: its model, its text, and how it is trained.  The same at each making.
struct Demo {
    custom_cell::Text const& text;
    custom_cell::Recipe const recipe;
    Params params{1};
    custom_cell::Model<Mgu> const model;

    explicit Demo(int threads);
    custom_cell::Readers readers() const;  ///< all of them
};

/// Those against whom a step is timed.  To be compared, each gives the losses of the three updates after the first one.
using TrainingPeers = std::function<std::vector<Contender>(int threads)>;

std::vector<Contest> training_contests(TrainingPeers const&);

}  // namespace bench
