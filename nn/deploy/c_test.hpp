// A program in C that runs a step on numbers that were recorded.
#pragma once
#include <unspool/nn/deploy/c_file.hpp>

namespace unspool::core {

/// `trained` is the definition of the weights, where the step is given them.
std::string c_test(StepPlan const&, CFileOptions const&, std::string const& trained);

}  // namespace unspool::core
