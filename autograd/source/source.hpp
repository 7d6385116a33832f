// Reads C++ source lines, so that a value can be called what its user's variable is called.  It understands as much of
// the language as assignments need: comments, strings, brackets, statements over several lines and several on one.
#pragma once
#include <string>
#include <string_view>
#include <unspool/autograd/array/where.hpp>
#include <vector>

namespace unspool::core {

/// One statement of a program, as `names = right-hand side`.
struct Assignment {
    std::vector<std::string> names;  // one; those of `auto [a, b] = …`; none for `return …`
    std::string right;               // comments and strings blanked
    std::string head;                // what the right-hand side is at its outermost: see head_of
    bool once    = false;            // the head occurs once in it, so that nothing inside can be mistaken for it
    bool plain   = false;            // a call whose arguments compute nothing: `cell(x, h)`
    bool perhaps = false;            // a branch: it may not have been taken
    std::string arguments{};         // of a call, what is between its brackets
};

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
