// What array operations call in C.
#pragma once
#include <string>

namespace unspool::core {

/// The definition of a function in C, by its name, with $ for the suffix of float.
std::string const& c_helper(std::string const& name);

}  // namespace unspool::core
