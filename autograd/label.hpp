// What a value is called: by its user, by the source line that recorded it, or by its place on the tape.
#pragma once
#include <string>
#include <unspool/autograd/tape.hpp>

namespace unspool {

/// The name given with `.named()`, the parameter's path, or the variable that the source line assigned to, where the
/// file is at hand: "h" for `Var h = …`, "i" for the first piece of `auto [i, f] = split<2>(z)`.  "" where there is none.
std::string given_name(Tape const&, Window const&);

/// The given name; for a view without one, its parent's and what was taken: "xs[3]"; else "%7", the place on the tape.
std::string label(Tape const&, Window const&);
std::string label(Var const&);

/// "xs[3]", for an element of what is called "xs".
std::string viewed(std::string const& of, Viewing const&);

}  // namespace unspool
