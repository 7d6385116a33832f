// What a reader of the table of operations wants to know of one, declared with the operation itself.
#pragma once

namespace unspool::core {

/// Lines of text; those that an operation has no need of are empty.
struct About {
    char const* formula;      // the result, in terms of the operands
    char const* derivative;   // of the result by each operand; for an array operation, the adjoints
    char const* example;      // one line of C++, of operands x, a, b …, as a user writes it
    char const* domain = "";  // where it is defined, and what it is at the edges and beyond them
    char const* kinks  = "";  // where there is no derivative, and the value that is taken
};

}  // namespace unspool::core

namespace unspool {

using core::About;

}  // namespace unspool
