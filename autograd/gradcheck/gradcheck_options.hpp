// What a check can be asked for.
#pragma once
#include <unspool/autograd/gradcheck/gradcheck.hpp>

namespace unspool::core {

/// ValueError for what compares nothing.
void require_comparable(GradcheckOptions const&, Where);

}  // namespace unspool::core
