// A check that passed looks at some nodes by themselves: there, nothing is drowned by what a whole function adds, and no
// step is a whole number of its waves.
#pragma once
#include <unspool/autograd/gradcheck/recorded_function.hpp>
#include <unspool/autograd/gradcheck/report.hpp>

namespace unspool::core {

/// Lets the report fail if one of them is wrong.  The function was recorded apart, and nothing of its tape has changed
/// since.
void second_look(RecordedFunction const&, GradcheckOptions const&, GradReport&);

}  // namespace unspool::core
