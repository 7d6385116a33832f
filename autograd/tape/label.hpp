// What a value is called: by its user, by the source line that recorded it, or by its place on the tape.
#pragma once
#include <span>
#include <string>
#include <unspool/autograd/tape/tape.hpp>
#include <vector>

namespace unspool::core {

/// The name given with `.named()`, the parameter's path, or the variable that the source line assigned to, where the
/// file is at hand: "h" for `Var h = …`, "i" for the first piece of `auto [i, f] = split<2>(z)`.  "" where there is none.
std::string given_name(Tape const&, Window const&);

/// The given name; for a view without one, its parent's and what was taken: "xs[3]"; else "%7", the place on the tape.  Short,
/// whatever it is: long names and long rows of views are without their middles.
std::string label(Tape const&, Window const&);
std::string label(Var const&);
/// The same, where it is to stand in an equation.
Equation equation_of(Tape const&, Window const&);
/// What a node computes: "f * c0 + i * g".  Short as well.
std::string formula_of(Tape const&, Node const&);
/// As source code would call that at its outermost: "tanh", "+", "matmul", "input".
std::string head(Node const&);

/// Operands as an error shows them: where there are many, the first ones, the last, and number `also`.
std::vector<Shown> shown_of(Tape const&, std::span<Window const* const>, std::size_t also = 0);
std::vector<Shown> shown_of(std::span<Var const>, std::size_t also = 0);

/// "xs[3]", for an element of what is called "xs".
Equation viewed(Equation of, Viewing const&);

}  // namespace unspool::core

namespace unspool {

using core::label;

}  // namespace unspool
