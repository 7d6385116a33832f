// How the end of an ordinary differential equation depends on its beginning and its parameters, and parameters from
// what was seen of it.
#pragma once
#include <string>
#include <unspool.hpp>
#include <vector>

namespace sensitivity {

using namespace unspool;

/// The Jacobian of a neural equation's last state, found in three ways.
struct Agreement {
    Index rows, columns;
    double largest;              ///< of its elements
    double reverse, difference;  ///< by how much these are off the forward one at most, as a part of that
};

/// By the first state, and by all parameters: one forward direction a column (`jvp` of a scan), one reverse sweep a
/// row (`jacobian`), and two runs a column (central differences).
Agreement by_first_state(std::uint64_t seed);
Agreement by_parameters(std::uint64_t seed);

/// Rates of prey and predators, and the loss that they have, from step to step.
struct Fit {
    std::vector<double> truth;
    std::vector<std::vector<double>> rates;
    std::vector<double> losses;

    double error() const;  ///< of the last rates, each as a part of the true one: the root of the sum of squares
};

/// Gauss and Newton's method, damped as Levenberg and Marquardt say, from rates that are wrong by up to 30 %.  What
/// was seen was computed by steps an eighth as long.
Fit fit(Index steps);

}  // namespace sensitivity
