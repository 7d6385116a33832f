// Reads C++ source lines, so that a value can be called what its user's variable is called.  It understands as much of
// the language as assignments need: comments, strings, brackets, statements over several lines and several on one.
#pragma once
#include <string>
#include <string_view>
#include <unspool/autograd/array/where.hpp>
#include <unspool/autograd/source/assignment.hpp>
#include <vector>

namespace unspool::core {

/// The outermost operation of an expression: "tanh" of `tanh(a + b)`, "+" of `a * b + c`, "[]" of `xs[3]`, "" of a name.
std::string head_of(std::string_view expression);

/// The functions that an expression calls, and how often it names this function or operator.
std::vector<std::string> calls_in(std::string_view expression);
std::size_t times(std::string const& head, std::string_view expression);

/// The statements that lie on a line, at least in part.  None where the file is not at hand.
std::vector<Assignment> const& assignments(Where);

/// Do two lines belong to one statement?
bool same_statement(Where, Where);

}  // namespace unspool::core
