// A small call of an operation: what a test can check, and a table show, without knowing the operation.
#pragma once
#include <concepts>
#include <span>
#include <string>
#include <unspool/autograd/tape/tape.hpp>
#include <vector>

namespace unspool::core {

struct Example {
    std::string what;                                   // in words, what it is an example of
    std::vector<Shape> shapes;                          // of the operands
    Var (*call)(Tape&, std::span<Var const> operands);  ///< f of the operands
};

/// An operation that shows itself.
template <class Op> concept Exemplified = requires {
    { Op::examples() } -> std::same_as<std::vector<Example>>;
};

}  // namespace unspool::core

namespace unspool {

using core::Example;

}  // namespace unspool
