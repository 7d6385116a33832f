// What a value is called by the line of the program that made it.  "" where that is not certain: a wrong name is worse than none.
#pragma once
#include <string>
#include <unspool/autograd/tape/tape.hpp>

namespace unspool::core {

/// Of a node: the variable that its statement assigns to.
std::string assigned_name(Tape const&, NodeId);
/// Of a view: `Var x = xs[t];`, `auto [i, f, g, o] = split<4>(z);`, `Var a = xs[0], b = xs[1];`.
std::string viewing_name(Window const&);

}  // namespace unspool::core
