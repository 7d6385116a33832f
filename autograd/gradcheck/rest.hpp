// What in a function does not change over a distance, though what it is computed from does.
#pragma once
#include <unspool/autograd/gradcheck/recorded_function.hpp>

namespace unspool::core {

/// Of the nodes that do not change over the first distance, but over the second: the one that looks least like rounding.
Rest rest(RecordedFunction&, Line const&, double still, double moved);

}  // namespace unspool::core
