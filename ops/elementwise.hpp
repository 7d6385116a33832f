// The elementwise operations: each is its struct and its one-line spelling, and stands in a list.
#pragma once
#include <unspool/ops/activations.hpp>
#include <unspool/ops/arithmetic.hpp>
#include <unspool/ops/comparison.hpp>
#include <unspool/ops/functions.hpp>

namespace unspool {

using UnaryOps   = decltype(UnaryArithmetic{} + UnaryFunctions{} + UnaryActivations{} + UnarySteps{});
using BinaryOps  = decltype(BinaryArithmetic{} + BinaryFunctions{} + BinaryActivations{} + BinaryChoices{});
using TernaryOps = decltype(TernaryArithmetic{} + TernaryActivations{} + TernaryChoices{});

}  // namespace unspool
