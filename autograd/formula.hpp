// Prints a formula with as few parentheses as it needs.
#pragma once
#include <span>
#include <string>
#include <unspool/autograd/statement.hpp>

namespace unspool {

std::string print(std::span<Token const>, std::span<std::string const> leaves, std::span<double const> numbers);

/// In parentheses, unless it is a name or a call: as it stands beside a product's dot.
std::string as_factor(std::string const& leaf);

}  // namespace unspool
