// Sequences of the adding problem: Hochreiter and Schmidhuber (1997).
#pragma once
#include <unspool.hpp>

namespace tasks {

using namespace unspool;

struct Sums {
    xt::xtensor<float, 3> numbers;  ///< [T,B,2]: numbers in [0, 1), and marks
    xt::xtensor<float, 2> sums;     ///< [B,1]: of the two that are marked, one in each half
};
Sums sums(std::size_t steps, std::size_t batch, Random&);

}  // namespace tasks
