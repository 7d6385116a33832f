// Prints a formula with as few parentheses as it needs.
#pragma once
#include <span>
#include <string>
#include <unspool/autograd/statement.hpp>

namespace unspool {

std::string print(std::span<Token const>, std::span<std::string const> leaves, std::span<double const> numbers);

}  // namespace unspool
