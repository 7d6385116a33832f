// The elementwise operations: each is its struct and its one-line spelling, and stands in a list.
#pragma once
#include <unspool/ops/elementwise/activations.hpp>
#include <unspool/ops/elementwise/arithmetic.hpp>
#include <unspool/ops/elementwise/comparison.hpp>
#include <unspool/ops/elementwise/error_functions.hpp>
#include <unspool/ops/elementwise/functions.hpp>

namespace unspool::core {

using UnaryOps  = decltype(UnaryArithmetic{} + UnaryFunctions{} + ErrorFunctions{} + UnaryActivations{} + UnarySteps{});
using BinaryOps = decltype(BinaryArithmetic{} + BinaryFunctions{} + BinaryActivations{} + BinaryChoices{});
using TernaryOps = decltype(TernaryArithmetic{} + TernaryActivations{} + TernaryChoices{});

}  // namespace unspool::core
