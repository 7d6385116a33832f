// What is refused where there is no parameter.
#pragma once
#include <string_view>
#include <unspool/autograd/array/where.hpp>

namespace unspool::core {

/// NameError if there is nothing to work on: "train.cpp:30: Adam has no parameter to change: …".  `what` is what would be done.
void require_any(bool any, std::string_view who, std::string_view what, Where);

}  // namespace unspool::core
